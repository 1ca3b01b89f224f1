//! The type graph: every type of an action in one arena, referring to each other by index.

use serde_json::Value;

/// A type's place in its [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeId(pub(crate) u32);

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Type {
    /// Anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds, both included.
    Int {
        /// The smallest.
        min: i128,
        /// The largest.
        max: i128,
    },
    /// A floating-point number; an int will do.
    Float,
    /// Text.
    Str,
    /// Items of one type.
    List(TypeId),
    /// Values of one type, each under a name of its own.
    Map(TypeId),
    /// The type, or null.
    Optional(TypeId),
    /// One of these texts.
    Enum(Vec<Choice>),
    /// Named fields.
    Object(Object),
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What stands in the data.
    pub value: String,
    /// What it means, from the author's doc comment.
    pub doc: String,
}

/// A struct of the author's.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// The author's name for it.
    pub name: String,
    /// What it is, from the doc comment.
    pub doc: String,
    /// In the author's order.
    pub fields: Vec<Field>,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the data.
    pub name: String,
    /// What it means, from the doc comment.
    pub doc: String,
    /// What its value may be.
    pub ty: TypeId,
    /// What happens if it is not given.
    pub presence: Presence,
    /// The name, encoded as MsgPack.
    pub(crate) key: Vec<u8>,
}

/// What happens if a field is not given.
#[derive(Clone, Debug)]
pub enum Presence {
    /// It is a problem.
    Required,
    /// It is left out, and the author's type knows what that means.
    Optional,
    /// This stands in for it.
    Default {
        /// As in the schema.
        value: Value,
        /// As it is written.
        encoded: Vec<u8>,
    },
}

/// The types of an action.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(crate) types: Vec<Type>,
}

impl Graph {
    /// The type at `id`.
    ///
    /// # Panics
    /// If `id` belongs to another graph.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    pub(crate) fn add(&mut self, ty: Type) -> TypeId {
        self.types.push(ty);
        TypeId((self.types.len() - 1) as u32)
    }

    /// The type at `id` without its "or null", and whether it had one.
    pub(crate) fn strip(&self, mut id: TypeId) -> (&Type, bool) {
        let mut nullable = false;
        while let Type::Optional(inner) = self.get(id) {
            (id, nullable) = (*inner, true);
        }
        (self.get(id), nullable)
    }

    /// The type's name for people, such as `list of int`.
    #[must_use]
    pub fn describe(&self, id: TypeId) -> String {
        match self.get(id) {
            Type::List(item) => format!("list of {}", self.describe(*item)),
            Type::Map(value) => format!("map of {}", self.describe(*value)),
            Type::Optional(inner) => format!("{} or null", self.describe(*inner)),
            Type::Object(object) if !object.name.is_empty() => object.name.clone(),
            other => other.kind().to_owned(),
        }
    }
}

impl Type {
    /// One word for the type, as problems name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Int { .. } => "int",
            Self::Float => "float",
            Self::Str | Self::Enum(_) => "str",
            Self::List(_) => "list",
            Self::Optional(_) => "optional",
            Self::Map(_) | Self::Object(_) => "object",
        }
    }
}
