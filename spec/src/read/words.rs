//! What problems say, put into words only when they are kept.

use std::fmt::{self, Display};

use super::{Lookup, Origin};
use crate::model::{Graph, Object, Type};

/// A stranger's text, made fit to be shown: quoted, escaped, and cut to 40 characters.
pub(super) struct Quoted<'t>(pub(super) &'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(40) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// What a type takes.
pub(super) struct Expected<'a> {
    pub(super) graph: &'a Graph,
    pub(super) ty: &'a Type,
}

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            Type::Enum(choices) => {
                let values = choices.iter().map(|choice| choice.value.to_string());
                write!(
                    f,
                    "{}{}",
                    if choices.len() == 1 { "" } else { "one of " },
                    values.collect::<Vec<_>>().join(", ")
                )
            }
            Type::Union(union) => {
                let branches = union.branches.iter().map(|branch| self.graph.strip(*branch).0);
                for (index, ty) in branches.enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { " or " }, Expected { graph: self.graph, ty })?;
                }
                Ok(())
            }
            other => f.write_str(other.kind()),
        }
    }
}

/// What to say of a property that is not in the spec.
pub(super) struct Unknown<'a> {
    pub(super) object: &'a Object,
    pub(super) common: &'a [&'a str],
    pub(super) name: &'a str,
}

impl Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = || self.object.fields.iter().map(|field| field.name.as_str());
        match near(own().chain(self.common.iter().copied()), self.name) {
            Some(known) => write!(f, "unknown property; did you mean `{known}`?"),
            None if self.object.fields.is_empty() => f.write_str("unknown property; none is expected here"),
            None => write!(f, "unknown property; expected `{}`", own().collect::<Vec<_>>().join("`, `")),
        }
    }
}

/// What to say of a variant that there is not.
pub(super) struct UnknownVariant<'a> {
    pub(super) object: &'a Object,
    pub(super) name: &'a str,
}

impl Display for UnknownVariant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown variant")?;
        let known = self.object.fields.iter().map(|field| field.name.as_str());
        near(known, self.name).map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

/// The name that was probably meant.
pub fn near<'k>(known: impl Iterator<Item = &'k str>, name: &str) -> Option<&'k str> {
    // Long names are no misspellings, and comparing them is slow.
    let known = known.filter(|_| name.len() <= 64);
    // A name in another case is nearer than any other.
    let distance = |known: &str| {
        if known.eq_ignore_ascii_case(name) { 0 } else { strsim::damerau_levenshtein(known, name) }
    };
    let (distance, known) = known.map(|known| (distance(known), known)).min()?;
    (distance <= 1 + known.len() / 4).then_some(known)
}

/// A value stands in the body that has to be somewhere else.
pub(super) struct Misplaced<'l>(pub(super) &'l Lookup);

impl Display for Misplaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown property; it belongs to the {}", self.0.origin.what())
    }
}

/// A value is missing where it has to be.
pub(super) struct Missing<'l> {
    pub(super) lookup: &'l Lookup,
    pub(super) is_file: bool,
}

impl Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lookup.origin {
            _ if self.is_file => f.write_str("required file is missing"),
            Origin::Body => f.write_str("required property is missing"),
            _ => f.write_str("required parameter is missing"),
        }
    }
}
