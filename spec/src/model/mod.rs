//! The type graph: every type of an action in one arena, referring to each other by index, so that recursion is free.

mod format;
mod limits;
mod object;
mod scalar;
mod source;
mod variants;

pub use format::Format;
pub use limits::{Bounds, Length};
pub use object::{Field, Object, Presence};
pub use scalar::{Choice, Text};
pub use source::Source;
pub use variants::{Kind, Union, Variant, Variants};

/// A type's place in its [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(crate) u32);

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Type {
    /// Anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int {
        /// The smallest.
        min: i128,
        /// The largest.
        max: i128,
        /// What it must be a multiple of; 1 if of nothing.
        step: i128,
    },
    /// A floating-point number; an int will do.
    Float(Bounds),
    /// Text.
    Str(Text),
    /// Bytes: base64 where only text can be written.
    Bytes,
    /// A file of a posted form, which is no part of the value: that holds the name of the form's field.
    Upload {
        /// The most bytes that it may have.
        max: Option<usize>,
    },
    /// Items of one type.
    List {
        /// Their type.
        item: TypeId,
        /// How many there may be.
        length: Length,
        /// Whether no two may be the same.
        unique: bool,
    },
    /// Items, each of its own type.
    Tuple(Vec<TypeId>),
    /// Values of one type, each under a name of its own.
    Map {
        /// What the names may be: text, or whole numbers written as text.
        key: TypeId,
        /// The values' type.
        value: TypeId,
        /// How many there may be.
        length: Length,
    },
    /// The type, or null.
    Optional(TypeId),
    /// One of these values.
    Enum(Vec<Choice>),
    /// Named fields.
    Object(Object),
    /// Objects told apart by the text in one of their fields.
    Variants(Variants),
    /// An object with one field out of these, whose name says what it is.
    External(Object),
    /// One of several types, told apart by their kind.
    Union(Union),
}

/// A type of the author's that has a name.
#[derive(Clone, Debug)]
pub struct Named {
    /// The author's name for it.
    pub name: String,
    /// What it is, from the doc comment.
    pub doc: String,
}

/// The types of an action.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(crate) types: Vec<Type>,
    /// Of the types that have names.
    pub(crate) names: Vec<(TypeId, Named)>,
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

    /// Name and doc of the type at `id`, if it has a name.
    #[must_use]
    pub fn named(&self, id: TypeId) -> Option<&Named> {
        self.names.iter().find(|(named, _)| *named == id).map(|(_, named)| named)
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

    /// All types that `id` is made of and that have names, itself included, as they come up.
    #[must_use]
    pub fn named_within(&self, id: TypeId) -> Vec<TypeId> {
        let (mut pending, mut seen, mut named) = (vec![id], Vec::new(), Vec::new());
        while let Some(id) = pending.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            if self.named(id).is_some() {
                named.push(id);
            }
            pending.extend(self.parts(id).into_iter().rev());
        }
        named
    }

    /// Whether a value of the type can be written as a text, or as several with commas between them.
    #[must_use]
    pub fn is_textual(&self, id: TypeId) -> bool {
        match self.strip(id).0 {
            Type::List { item, .. } => self.is_scalar(*item),
            Type::Tuple(items) => items.iter().all(|item| self.is_scalar(*item)),
            _ => self.is_scalar(id),
        }
    }

    /// Whether a value of the type can be written as one text.
    #[must_use]
    pub fn is_scalar(&self, id: TypeId) -> bool {
        match self.strip(id).0 {
            Type::Any | Type::Bool | Type::Int { .. } | Type::Float(_) | Type::Str(_) | Type::Bytes | Type::Enum(_) => {
                true
            }
            Type::Union(union) => union.branches.iter().any(|branch| {
                let branch = self.strip(*branch).0;
                !matches!(branch, Type::List { .. } | Type::Tuple(_) | Type::Union(_)) && !branch.is_object()
            }),
            _ => false,
        }
    }

    /// The type of the files that a field of that type takes; `None` if it takes none.
    #[must_use]
    pub fn uploads(&self, id: TypeId) -> Option<&Type> {
        let is_upload = |ty: &Type| matches!(ty, Type::Upload { .. });
        match self.strip(id).0 {
            Type::List { item, .. } => Some(self.strip(*item).0).filter(|item| is_upload(item)),
            ty => Some(ty).filter(|ty| is_upload(ty)),
        }
    }

    /// Whether it is a list that may have no items.
    #[must_use]
    pub fn may_be_empty(&self, id: TypeId) -> bool {
        matches!(self.get(id), Type::List { length: Length { min: 0, .. }, .. })
    }

    /// The types that `id` is directly made of.
    #[must_use]
    pub fn parts(&self, id: TypeId) -> Vec<TypeId> {
        let of = |object: &Object| object.fields.iter().map(|field| field.ty).chain(object.rest).collect::<Vec<_>>();
        match self.get(id) {
            Type::Any | Type::Bool | Type::Int { .. } | Type::Float(_) | Type::Upload { .. } => Vec::new(),
            Type::Str(_) | Type::Bytes | Type::Enum(_) => Vec::new(),
            Type::List { item, .. } => vec![*item],
            Type::Tuple(items) => items.clone(),
            Type::Map { key, value, .. } => vec![*key, *value],
            Type::Optional(inner) => vec![*inner],
            Type::Object(object) | Type::External(object) => of(object),
            Type::Variants(variants) => variants.variants.iter().flat_map(|variant| of(&variant.object)).collect(),
            Type::Union(union) => union.branches.clone(),
        }
    }

    /// The type's name for people, such as `list of int`.
    #[must_use]
    pub fn describe(&self, id: TypeId) -> String {
        if let Some(named) = self.named(id).filter(|_| !matches!(self.get(id), Type::Enum(_))) {
            return named.name.clone();
        }
        match self.get(id) {
            Type::List { item, unique: false, .. } => format!("list of {}", self.describe(*item)),
            Type::List { item, .. } => format!("set of {}", self.describe(*item)),
            Type::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| self.describe(*item)).collect();
                format!("tuple of ({})", items.join(", "))
            }
            Type::Map { value, .. } => format!("map of {}", self.describe(*value)),
            Type::Optional(inner) => format!("{} or null", self.describe(*inner)),
            Type::Union(union) => {
                let branches: Vec<_> = union.branches.iter().map(|branch| self.describe(*branch)).collect();
                branches.join(" or ")
            }
            Type::Enum(choices) => {
                let values: Vec<_> = choices.iter().map(|choice| choice.value.to_string()).collect();
                values.join(" or ")
            }
            other => other.kind().to_owned(),
        }
    }
}

impl Type {
    /// Whether its values are objects.
    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Self::Map { .. } | Self::Object(_) | Self::Variants(_) | Self::External(_))
    }

    /// One word for the type, as problems name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Int { .. } => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Enum(choices) => Choice::kind(choices),
            Self::Bytes => "bytes",
            Self::Upload { .. } => "file",
            Self::List { .. } | Self::Tuple(_) => "list",
            Self::Optional(_) => "optional",
            Self::Map { .. } | Self::Object(_) | Self::Variants(_) | Self::External(_) => "object",
            Self::Union(_) => "one of several types",
        }
    }
}
