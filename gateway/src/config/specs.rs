//! What `make spec` wrote: the specs that plugins, requests and actions' configurations are held against.

use std::{fs, path::Path, sync::Arc};

use wicketgate_spec::{
    Action,
    write::{Index, IndexError},
};

/// The name of the file in `plugins.specs`.
pub const INDEX_FILE: &str = "spec.json";

/// All generated specs, by name of action.
pub struct Specs(Vec<ActionSpec>);

/// A generated spec.
#[derive(Clone)]
pub struct ActionSpec {
    /// Its types and commands.
    pub action: Arc<Action>,
    /// What a plugin's own spec must hash to.
    pub hash: String,
}

/// Why the specs can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecsError {
    /// The file can't be read.
    #[error("{0}; run `wicketgate spec`")]
    Io(#[from] std::io::Error),
    /// It is not what this gateway writes.
    #[error("{0}; run `wicketgate spec`")]
    Index(#[from] IndexError),
    /// It holds types that this gateway can't check.
    #[error("the spec of `{0}` can't be used: {1}; run `wicketgate spec`")]
    Schema(String, String),
}

impl Specs {
    /// Reads `spec.json` in `dir`.
    ///
    /// # Errors
    /// See [`SpecsError`].
    pub fn load(dir: &Path) -> Result<Self, SpecsError> {
        let index = Index::parse(&fs::read_to_string(dir.join(INDEX_FILE))?)?;
        let compiled = index.actions().map(|(name, hash, document)| {
            let action = Action::compile(document).map_err(|errors| {
                let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
                SpecsError::Schema(name.to_owned(), errors.join("; "))
            })?;
            Ok(ActionSpec { action: Arc::new(action), hash: hash.to_owned() })
        });
        compiled.collect::<Result<_, _>>().map(Self)
    }

    /// The spec of the action of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ActionSpec> {
        self.0.iter().find(|spec| spec.action.name == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &ActionSpec> {
        self.0.iter()
    }
}
