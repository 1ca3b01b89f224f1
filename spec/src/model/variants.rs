//! Types that are one of several.

use super::{Graph, Object, Type, TypeId};

/// Objects told apart by the text in one of their fields.
#[derive(Clone, Debug)]
pub struct Variants {
    /// The field's name, mostly `type`.
    pub tag: String,
    /// In the author's order.
    pub variants: Vec<Variant>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What its tag says.
    pub value: String,
    /// What it may say as well.
    pub aliases: Vec<String>,
    /// What it is, from the doc comment.
    pub doc: String,
    /// Its fields, the tag among them.
    pub object: Object,
    /// The tag's place in the object.
    pub(crate) tag: usize,
}

/// One of several types, no two of which take values of the same kind.
#[derive(Clone, Debug)]
pub struct Union {
    /// In the author's order.
    pub branches: Vec<TypeId>,
    /// The branch for each [`Kind`].
    by_kind: [Option<TypeId>; 7],
}

/// What can be told of a value before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Any other number.
    Float,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Union {
    /// A union of types that may not all be complete yet.
    pub(crate) const fn new(branches: Vec<TypeId>) -> Self {
        Self { branches, by_kind: [None; 7] }
    }

    /// The same, now that they are complete. A float leaves whole numbers to an int, if there is one.
    ///
    /// # Errors
    /// The kind of values that two of them take.
    pub(crate) fn resolved(&self, graph: &Graph) -> Result<Self, Kind> {
        let mut by_kind = [None; 7];
        for branch in &self.branches {
            for kind in kinds(graph, *branch, &[]) {
                match by_kind[kind as usize].replace(*branch) {
                    Some(other) if other != *branch => return Err(kind),
                    _ => {}
                }
            }
        }
        let [_, int, float, ..] = &mut by_kind;
        *int = int.or(*float);
        Ok(Self { branches: self.branches.clone(), by_kind })
    }

    /// The type that takes values of that kind.
    pub(crate) fn branch(&self, kind: Kind) -> Option<TypeId> {
        self.by_kind[kind as usize]
    }
}

/// The kinds of values that a type takes.
fn kinds(graph: &Graph, id: TypeId, outer: &[TypeId]) -> Vec<Kind> {
    let all = [Kind::Bool, Kind::Int, Kind::Float, Kind::Str, Kind::Bytes, Kind::List, Kind::Object];
    match graph.get(id) {
        Type::Any => all.into(),
        Type::Bool => vec![Kind::Bool],
        Type::Int { .. } => vec![Kind::Int],
        Type::Float(_) => vec![Kind::Float],
        Type::Str(_) | Type::Upload { .. } => vec![Kind::Str],
        // In JSON bytes are text.
        Type::Bytes => vec![Kind::Str, Kind::Bytes],
        Type::List { .. } | Type::Tuple(_) => vec![Kind::List],
        Type::Map { .. } | Type::Object(_) | Type::Variants(_) | Type::External(_) => vec![Kind::Object],
        Type::Optional(inner) => kinds(graph, *inner, outer),
        Type::Enum(choices) => match super::Choice::kind(choices) {
            "str" => vec![Kind::Str],
            "int" => vec![Kind::Int],
            "bool" => vec![Kind::Bool],
            "null" => Vec::new(),
            _ => vec![Kind::Bool, Kind::Int, Kind::Str],
        },
        Type::Union(_) if outer.contains(&id) => all.into(),
        Type::Union(union) => {
            let outer = [outer, &[id]].concat();
            union.branches.iter().flat_map(|branch| kinds(graph, *branch, &outer)).collect()
        }
    }
}

impl Kind {
    /// The kind's name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Str => "str",
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Object => "object",
        }
    }
}
