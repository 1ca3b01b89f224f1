//! Bytes to checked values: one reader for JSON, MsgPack, TOML, and for the texts of paths and queries.
//!
//! It follows the type graph while a parser walks the input, and writes canonical MsgPack with the defaults filled in;
//! there is no value tree in between. A wrong value is noted and stepped over, so that all problems are told at once;
//! only broken syntax stops it.

mod key;
mod problem;
pub(crate) mod put;
mod reader;
mod soft;
mod strict;
mod words;

use serde::{Deserializer, de::DeserializeSeed};

pub use problem::{Problem, Segment};
pub use soft::SoftValue;

use crate::model::{Graph, TypeId};
use problem::Problems;
use reader::Reader;

/// The deepest nesting of lists and objects that is read.
const MAX_DEPTH: usize = 128;

/// What to read.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The types.
    pub graph: &'a Graph,
    /// The one that is expected.
    pub ty: TypeId,
    /// What paths start with, such as `params`.
    pub root: &'a str,
    /// Texts that the outermost object may hold beside its own fields. They are handed back, not written.
    pub common: &'a [&'a str],
    /// How many problems are told, at most: [`PROBLEMS`] for strangers.
    pub problems: usize,
}

/// How many problems of one input are put into words for a stranger.
pub const PROBLEMS: usize = 20;

/// A value that fits.
#[derive(Debug)]
pub struct Checked {
    /// The value in MsgPack, complete with defaults.
    pub value: Vec<u8>,
    /// Which of [`Target::common`] were given.
    pub common: Vec<(String, String)>,
}

/// A value that does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// It can't be parsed; the text says what and where.
    #[error("{0}")]
    Malformed(String),
    /// It can, but these things are wrong with it. Only so many as were asked for are kept; `more` counts the others.
    #[error("{}", problem::summary(problems, *more))]
    Problems {
        /// In the order of the input, missing properties last.
        problems: Vec<Problem>,
        /// How many were not kept.
        more: usize,
    },
}

impl Target<'_> {
    /// Reads JSON, strictly.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn json(&self, input: &[u8]) -> Result<Checked, Rejected> {
        let mut deserializer = serde_json::Deserializer::from_slice(input);
        let mut reader = Reader::new(self, input.len());
        let read = reader.seed(self.ty).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        read.map_err(|e| Rejected::Malformed(e.to_string()))?;
        reader.finish()
    }

    /// Reads MsgPack, strictly. Bytes after the value are an error.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn msgpack(&self, input: &[u8]) -> Result<Checked, Rejected> {
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(input);
        deserializer.set_max_depth(MAX_DEPTH);
        let mut reader = Reader::new(self, input.len());
        let read = reader.seed(self.ty).deserialize(&mut deserializer);
        read.map_err(|e| Rejected::Malformed(e.to_string()))?;
        reader.finish()
    }

    /// Reads what a serde deserializer holds, strictly. It is no stranger's: there is no limit for what comes out.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn value<'de, D: Deserializer<'de>>(&self, input: D) -> Result<Checked, Rejected> {
        let mut reader = Reader::new(self, 0);
        reader.limit = usize::MAX;
        reader.seed(self.ty).deserialize(input).map_err(|e| Rejected::Malformed(e.to_string()))?;
        reader.finish()
    }

    /// Reads texts from a path or a query, softly: numeric texts are numbers, `1,2` is a list, `yes` is true.
    /// Names are compared without regard to case; unknown ones are ignored.
    ///
    /// # Errors
    /// See [`Rejected`]; never [`Rejected::Malformed`].
    pub fn soft(&self, values: &[SoftValue<'_>]) -> Result<Checked, Rejected> {
        let mut reader = Reader::new(self, 0);
        reader.read_soft(self.ty, values);
        reader.finish()
    }
}
