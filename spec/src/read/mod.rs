//! Bytes to checked values: one reader for JSON, MsgPack, TOML, and for the texts of paths and queries.
//!
//! It follows the type graph while a parser walks the input, and writes canonical MsgPack with the defaults filled in;
//! there is no value tree in between. A wrong value is noted and stepped over, so that all problems are told at once;
//! only broken syntax, or more than the limits allow, stops it.

pub mod envelope;
mod inputs;
mod key;
mod object;
mod problem;
pub(crate) mod put;
mod reader;
mod scalar;
mod soft;
mod sourced;
mod strict;
mod unique;
mod variants;
mod words;

use std::path::Path;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny},
};

pub use inputs::{Body, Inputs, Lookup, NoText, Origin, Texts};
pub use problem::{Problem, Segment};
pub use soft::SoftValue;
pub use words::near;

use crate::model::{Graph, TypeId};
use problem::Problems;
use reader::{Notation, Reader};

/// The deepest nesting of lists and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// How many problems of one input are put into words for a stranger.
pub const PROBLEMS: usize = 20;

/// How much one input may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Values in all: numbers, texts, lists, objects.
    pub values: usize,
    /// Bytes of one text.
    pub text: usize,
}

impl Limits {
    /// What is no stranger's has no limits.
    pub const NONE: Self = Self { values: usize::MAX, text: usize::MAX };
}

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
    /// How much the input may hold.
    pub limits: Limits,
    /// The folder that relative paths are relative to: that of the configuration's file. Without it they are left as they are.
    pub base: Option<&'a Path>,
}

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
    /// It can't be parsed, or holds too much; the text says what and where.
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

impl<'a> Target<'a> {
    /// A value of type `ty`, with paths from `root`, no common texts, no limits, no folder, and as many problems as
    /// strangers get.
    #[must_use]
    pub const fn new(graph: &'a Graph, ty: TypeId, root: &'a str) -> Self {
        Self { graph, ty, root, common: &[], problems: PROBLEMS, limits: Limits::NONE, base: None }
    }

    /// Reads JSON (RFC 8259), strictly.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn json(&self, input: &[u8]) -> Result<Checked, Rejected> {
        // Once for all: then no text has to be looked at by itself.
        let input = std::str::from_utf8(input).map_err(|e| Rejected::Malformed(format!("this is no UTF-8: {e}")))?;
        self.json_text(input)
    }

    /// The same, of what is known to be a text.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn json_text(&self, input: &str) -> Result<Checked, Rejected> {
        let mut deserializer = serde_json::Deserializer::from_str(input);
        let mut reader = Reader::new(self, Notation::Text, input.len());
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
        let mut reader = Reader::new(self, Notation::Binary, input.len());
        let read = reader.seed(self.ty).deserialize(&mut deserializer);
        read.map_err(|e| Rejected::Malformed(e.to_string()))?;
        // There is nothing that could begin another value.
        match IgnoredAny::deserialize(&mut deserializer) {
            Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => reader.finish(),
            _ => Err(Rejected::Malformed("there are bytes after the value".into())),
        }
    }

    /// Reads what a serde deserializer holds, strictly. It is no stranger's: there is no limit for what comes out.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn value<'de, D: Deserializer<'de>>(&self, input: D) -> Result<Checked, Rejected> {
        self.trusted(Notation::Text, input)
    }

    /// The same of the `toml` crate's: where a date or a time is asked for, TOML's own will do.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn toml<'de, D: Deserializer<'de>>(&self, input: D) -> Result<Checked, Rejected> {
        self.trusted(Notation::Toml, input)
    }

    fn trusted<'de, D: Deserializer<'de>>(&self, notation: Notation, input: D) -> Result<Checked, Rejected> {
        let mut reader = Reader::new(self, notation, 0);
        (reader.limit, reader.aside) = (usize::MAX, usize::MAX);
        reader.seed(self.ty).deserialize(input).map_err(|e| Rejected::Malformed(e.to_string()))?;
        reader.finish()
    }

    /// Reads an object whose fields come from several places of a request: softly, but for what comes from a body. `lookups`
    /// says of each of its fields where that is; problems in the body begin with [`Self::root`].
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn sourced<'i>(
        &self,
        lookups: &[Lookup],
        inputs: &'i Inputs<'i>,
        texts: &Texts<'i>,
    ) -> Result<Checked, Rejected> {
        let mut reader = Reader::new(self, inputs.body.notation(), inputs.len());
        reader.read_sourced(self.ty, lookups, inputs, texts).map_err(Rejected::Malformed)?;
        reader.finish()
    }

    /// Reads texts from a path or a query, softly: numeric texts are numbers, `1,2` is a list, `yes` is true.
    /// Names are compared without regard to case; unknown ones are ignored.
    ///
    /// # Errors
    /// See [`Rejected`]; never [`Rejected::Malformed`].
    pub fn soft(&self, values: &[SoftValue<'_>]) -> Result<Checked, Rejected> {
        let mut reader = Reader::new(self, Notation::Text, 0);
        reader.read_soft(self.ty, values);
        reader.finish()
    }
}
