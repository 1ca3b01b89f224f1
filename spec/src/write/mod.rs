//! The files in `spec/generated/`: deterministic, committed, compared by `make lint`.

mod client;
mod config_schema;
mod index;
mod json_schema;
mod names;
mod openapi;
mod reference;
mod typescript;
mod words;

pub use client::{client_d_ts, client_js};
pub use config_schema::config_schema;
pub use index::{Index, IndexError};
pub use openapi::{Mounted, openapi};
pub use reference::reference;
