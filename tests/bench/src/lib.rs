//! What `make bench` measures with.

#![allow(clippy::unwrap_used)]

pub mod cases;
pub mod client;
pub mod instructions;
pub mod load;
pub mod mounted;
pub mod place;
pub mod reader;
pub mod request;
pub mod rivals;
pub mod running;
pub mod server;
mod setup;
pub mod table;
pub mod upload;
