//! What problems say, put into words only when they are kept.

use std::fmt::{self, Display};

use crate::model::{Choice, Object};

/// A stranger's text, made fit to be shown: quoted, escaped, and cut to 40 characters.
pub(super) struct Quoted<'t>(pub(super) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(40) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
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
        // Long names are no misspellings, and comparing them is slow.
        let near = own().chain(self.common.iter().copied()).filter(|_| self.name.len() <= 64);
        let near = near.map(|known| (strsim::damerau_levenshtein(known, self.name), known)).min();
        match near {
            Some((distance, known)) if distance <= 1 + known.len() / 4 => {
                write!(f, "unknown property; did you mean `{known}`?")
            }
            _ if self.object.fields.is_empty() => f.write_str("unknown property; none is expected here"),
            _ => write!(f, "unknown property; expected `{}`", own().collect::<Vec<_>>().join("`, `")),
        }
    }
}

/// The values of an enum, in words.
pub(super) struct OneOf<'a>(pub(super) &'a [Choice]);

impl Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, choice) in self.0.iter().enumerate() {
            write!(f, "{}{:?}", if index == 0 { "" } else { ", " }, choice.value)?;
        }
        Ok(())
    }
}
