//! Plugins: shared libraries behind the C boundary. The only place of the gateway that is not safe Rust.
//!
//! 1. [`catalog`]: the files in `plugins.dir`, trusted or refused, with their notes, none of them loaded.
//! 2. [`library`]: one of them loaded, from a private copy, for good.
//! 3. [`instance`]: a configuration of it, ready to be called.
//!
//! [`scan`] asks a plugin for its spec in a child process.

#![allow(unsafe_code)]

mod catalog;
mod host;
mod instance;
mod library;
mod note;
mod pace;
mod running;
mod scan;
mod services;
mod signals;
mod trust;

pub use catalog::{Catalog, CatalogError, PluginFile};
pub use instance::{Answered, Call, Called, Instance, Running, Streaming, await_shutdowns};
pub use library::Library;
pub use running::Calls;
pub use scan::{describe, scan};
pub use services::{Served, ServiceError, Services};
pub use trust::usable_folder;
pub use wicketgate_abi::{Buf, Format, Kind, Reply};

pub use host::set_log_level;

/// Why a plugin can't be used. The text names the remedy; the file is named around it.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The file or a folder above it can't be trusted, or can't be read.
    #[error(transparent)]
    Trust(#[from] trust::TrustError),
    /// The file is no plugin that this gateway can load.
    #[error(transparent)]
    Note(#[from] note::NoteError),
    /// The private copy could not be made.
    #[error("the private copy could not be written to {0}: {1}")]
    Copy(std::path::PathBuf, std::io::Error),
    /// The dynamic linker refused it.
    #[error("it can't be loaded: {0}")]
    Load(#[from] libloading::Error),
    /// The exported descriptor contradicts the note.
    #[error("its descriptor does not fit its note: build it again")]
    Descriptor,
    /// It could not describe itself.
    #[error("it has no usable spec: {0}")]
    Spec(String),
    /// Its spec is not the generated one.
    #[error("its spec differs from the generated one in {0}; run `wicketgate spec`")]
    Stale(std::path::PathBuf),
    /// Its `configure` failed.
    #[error("it refused its configuration: {0}")]
    Configure(String),
    /// Its `configure` took too long.
    #[error("it did not finish `configure` within {0} seconds")]
    Slow(u64),
}
