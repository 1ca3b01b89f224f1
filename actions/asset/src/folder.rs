//! A folder, and what may be found in it.

use std::path::{Component, Path, PathBuf};

use wicketgate_action::{Error, Result};

/// A folder that files are sent from.
pub(crate) struct Folder {
    /// Without links, to compare with.
    root: PathBuf,
}

impl Folder {
    /// The folder at that path, which must exist.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let wrong = |why: String| Error::internal(format!("dirs: there is no folder {}: {why}", path.display()));
        let root = path.canonicalize().map_err(|e| wrong(e.to_string()))?;
        if root.is_dir() { Ok(Self { root }) } else { Err(wrong("this is no folder".into())) }
    }

    /// The regular file that a caller means by `path`, if there is one in here.
    pub(crate) fn find(&self, path: &str) -> Option<PathBuf> {
        if !path.split('/').all(is_plain) {
            return None;
        }
        let file = self.root.join(path).canonicalize().ok()?;
        // Links may have led out of the folder, or to what is hidden in it.
        let inside = file.strip_prefix(&self.root).ok()?;
        let shown = inside.components().all(|part| matches!(part, Component::Normal(name) if !is_hidden(name)));
        (shown && file.is_file()).then_some(file)
    }
}

/// Whether a part of a path is a plain name. A dot at its start means hidden, here or further up; nothing at all is what stands
/// before the slash of an absolute path.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['\0', '\\'])
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
