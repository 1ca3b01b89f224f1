//! Paths in a configuration.

use std::{
    borrow::Cow,
    ops::Deref,
    path::{Path, PathBuf},
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A path in a `#[config]`. The operator writes it relative to the TOML file that it stands in; the action gets it absolute.
/// It reads as a [`Path`].
///
/// ```
/// # use wicketgate_action::prelude::*;
/// /// Where the pictures are.
/// #[config]
/// pub struct Config {
///     /// folders that are looked through, one after the other
///     dirs: Vec<ConfigPath>,
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigPath(pub PathBuf);

impl Deref for ConfigPath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for ConfigPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl<P: Into<PathBuf>> From<P> for ConfigPath {
    fn from(path: P) -> Self {
        Self(path.into())
    }
}

impl JsonSchema for ConfigPath {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ConfigPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "path" })
    }
}
