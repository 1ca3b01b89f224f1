//! What a command accepts and returns: one type graph for validation, documents and configuration.
//!
//! 1. A plugin describes its types as JSON Schema ([`Action::compile`]).
//! 2. [`schema`] compiles that into a [`Graph`] and refuses what it can't check.
//! 3. [`read`] checks bytes against the graph and writes one canonical MsgPack value.
//! 4. [`mod@write`] makes the files in `spec/generated/`.

mod dialect;
mod document;
mod model;
pub mod read;
pub mod schema;
mod sources;
pub mod write;

pub use dialect::Dialect;
pub use document::{Action, Command, Reply, ReplyKind, Suggested, Verb, digest};
pub use model::{
    Bounds, Choice, Field, Format, Graph, Kind, Length, Named, Object, Presence, Source, Text, Type, TypeId, Union,
    Variant, Variants,
};
pub use sources::{Asked, COMMON, Mounting, is_private_header};
