//! What `make bench` measures with.

#![allow(clippy::unwrap_used)]

pub mod reader;
pub mod server;
