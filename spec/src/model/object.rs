//! Structs.

use serde_json::Value;

use super::{Source, TypeId};

/// A struct of the author's.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// In the author's order.
    pub fields: Vec<Field>,
    /// The type of all other properties, if there may be any.
    pub rest: Option<TypeId>,
    /// Where the fields are, by all of their names.
    pub(crate) names: Names,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the data.
    pub name: String,
    /// Other names under which it is accepted.
    pub aliases: Vec<String>,
    /// What it means, from the doc comment.
    pub doc: String,
    /// Values that the author shows, as callers write them.
    pub examples: Vec<Value>,
    /// Whether its author would rather not see it used any more.
    pub deprecated: bool,
    /// What its value may be.
    pub ty: TypeId,
    /// Where its author wants it to come from, if that is said.
    pub source: Option<Source>,
    /// What happens if it is not given.
    pub presence: Presence,
    /// Whether it is always there where it is written.
    pub always: bool,
    /// The name, encoded as MsgPack.
    pub(crate) key: Vec<u8>,
}

impl Field {
    /// Whether a text's name is its own or an alias, in whatever case.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.aliases.iter().chain([&self.name]).any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether it is a problem if it is not given.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required)
    }
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

impl Object {
    /// An object of these fields.
    pub(crate) fn new(fields: Vec<Field>, rest: Option<TypeId>) -> Self {
        let names = Names::new(&fields);
        Self { fields, rest, names }
    }
}

/// Fields by name, for however many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Vec<(Box<str>, u32)>);

impl Names {
    fn new(fields: &[Field]) -> Self {
        let mut names: Vec<_> = fields
            .iter()
            .zip(0..)
            .flat_map(|(field, index)| field.aliases.iter().chain([&field.name]).map(move |name| (name, index)))
            .map(|(name, index)| (name.as_str().into(), index))
            .collect();
        names.sort();
        Self(names)
    }

    /// The index of the field of that name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let at = self.0.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok()?;
        Some(self.0[at].1 as usize)
    }

    /// A name that two fields have.
    pub(crate) fn duplicate(&self) -> Option<&str> {
        self.0.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0.as_ref())
    }
}
