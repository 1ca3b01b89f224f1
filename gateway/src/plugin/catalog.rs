//! The plugins in a folder, known by their notes; none of them is loaded.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{PluginError, note, trust};

/// The plugins of a folder.
#[derive(Debug)]
pub struct Catalog(Vec<PluginFile>);

/// A plugin's file, trusted and read.
pub struct PluginFile {
    /// Where it is.
    pub path: PathBuf,
    /// The action's name.
    pub name: String,
    /// The plugin crate's version.
    pub version: String,
    /// Its content, to be loaded.
    pub(super) bytes: Vec<u8>,
}

/// Why a folder of plugins can't be used: one line for each.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// It can't be listed.
    #[error(
        "the plugins' folder {0} can't be read: {1}; make it (`make build` does so for the bundled plugins), or correct `plugins.dir`"
    )]
    Io(PathBuf, io::Error),
    /// Some of its files are no usable plugins.
    #[error("{}", lines(.0))]
    Refused(Vec<(PathBuf, PluginError)>),
    /// Two of its files are the same action.
    #[error("{0} and {1} are both the action `{2}`; remove one of them")]
    Duplicate(PathBuf, PathBuf, String),
}

impl Catalog {
    /// Reads the notes of all `*.so` files in `dir`.
    ///
    /// # Errors
    /// See [`CatalogError`]. A file that is refused is an error even if no action asks for it.
    pub fn read(dir: &Path) -> Result<Self, CatalogError> {
        let (catalog, error) = Self::survey(dir)?;
        error.map_or(Ok(catalog), Err)
    }

    /// The same, but with the usable plugins beside the error that the others are.
    ///
    /// # Errors
    /// If the folder can't be listed.
    pub fn survey(dir: &Path) -> Result<(Self, Option<CatalogError>), CatalogError> {
        let failed = |e| CatalogError::Io(dir.to_owned(), e);
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "so") {
                paths.push(path);
            }
        }
        paths.sort();
        let (mut plugins, mut refused): (Vec<PluginFile>, Vec<_>) = (Vec::new(), Vec::new());
        for path in paths {
            match PluginFile::read(&path) {
                Ok(plugin) => plugins.push(plugin),
                Err(error) => refused.push((path, error)),
            }
        }
        plugins.sort_by(|a, b| a.name.cmp(&b.name));
        let twice = plugins.windows(2).find(|pair| pair[0].name == pair[1].name);
        let error = match twice {
            _ if !refused.is_empty() => Some(CatalogError::Refused(refused)),
            Some([a, b]) => Some(CatalogError::Duplicate(a.path.clone(), b.path.clone(), a.name.clone())),
            _ => None,
        };
        Ok((Self(plugins), error))
    }

    /// The plugin of the action of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&PluginFile> {
        self.0.iter().find(|plugin| plugin.name == name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &PluginFile> {
        self.0.iter()
    }
}

impl PluginFile {
    /// The hash of its content.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    /// Reads one file.
    ///
    /// # Errors
    /// If it is not trusted, or no plugin for this gateway.
    pub fn read(path: &Path) -> Result<Self, PluginError> {
        let bytes = trust::read(path)?;
        let identity = note::read(&bytes)?;
        Ok(Self { path: path.to_owned(), name: identity.name, version: identity.version, bytes })
    }
}

impl std::fmt::Debug for PluginFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.name, self.version, self.path.display())
    }
}

fn lines(refused: &[(PathBuf, PluginError)]) -> String {
    let lines: Vec<_> =
        refused.iter().map(|(path, error)| format!("the plugin {} is refused: {error}", path.display())).collect();
    lines.join("\n")
}
