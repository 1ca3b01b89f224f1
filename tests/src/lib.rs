//! What the black-box tests stand on: the real gateway with real plugins on a free port, and a raw HTTP client.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod backend;
mod client;
mod coding;
mod database;
mod gateway;
mod node;
mod plugins;
mod python;
mod tls;
mod visitor;

pub use backend::{Backend, Exchange, Head};
pub use client::{Connection, Reply, request};
pub use coding::gzip;
pub use database::{Postgres, sqlite};
pub use gateway::{Gateway, Setup, wicketgate, with_stdin};
pub use node::{browser_dir, node, tsc};
pub use plugins::{BUNDLED, build_dir, bundled_plugins, generated_specs, shape_specs};
pub use python::{openapi_dir, python, python_tool};
pub use tls::TlsGateway;
pub use visitor::{PASSWORD, Visitor, basic, costly_hash, password_hash};
