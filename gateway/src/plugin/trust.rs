//! Reads a file that will run with the gateway's rights: only if nobody else could have written it.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{Access, OFlags};

/// Why a file is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It can't be read.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is a link, a folder, a device.
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    /// Others own these.
    #[error("{} belongs to another user; it must be root's or the gateway's own", names(.0))]
    Owner(Vec<PathBuf>),
    /// Others may write to these.
    #[error("{paths} can be written by others; run `chmod go-w {paths}`", paths = names(.0))]
    Writable(Vec<PathBuf>),
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// The content of `path`, read once: the bytes that are checked are the bytes that are loaded.
///
/// # Errors
/// See [`TrustError`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TrustError> {
    let failed = |e| TrustError::Io(path.to_owned(), e);
    folder(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    // A link could be pointed elsewhere after the check, so there is none: O_NOFOLLOW says ELOOP.
    let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK).bits();
    let opened = File::options().read(true).custom_flags(flags.cast_signed()).open(path);
    let mut file = match opened {
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(TrustError::NotAFile(path.to_owned()));
        }
        other => other.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(TrustError::NotAFile(path.to_owned()));
    }
    check([(path.to_owned(), metadata)])?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Whether a folder can hold what will run with the gateway's rights. One that is not there yet is made when it is needed:
/// then what it will be in counts.
///
/// # Errors
/// Why not, in words for the operator.
pub fn usable_folder(path: &Path) -> Result<(), String> {
    let mut present = path;
    while !present.exists() {
        present = match present.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
    }
    if !present.is_dir() {
        return Err(format!("{} is no folder", present.display()));
    }
    if rustix::fs::access(present, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Err(format!("this user can't write to {}", present.display()));
    }
    folder(present).map_err(|e| e.to_string())
}

/// Checks a folder and all that it is in.
///
/// # Errors
/// See [`TrustError`].
pub(super) fn folder(dir: &Path) -> Result<(), TrustError> {
    let absolute = dir.canonicalize().map_err(|e| TrustError::Io(dir.to_owned(), e))?;
    let metadata = |dir: &Path| {
        let metadata = fs::metadata(dir).map_err(|e| TrustError::Io(dir.to_owned(), e))?;
        Ok((dir.to_owned(), metadata))
    };
    check(absolute.ancestors().map(metadata).collect::<Result<Vec<_>, TrustError>>()?)
}

/// Owner and permissions. A sticky folder such as /tmp may be written by all, since nobody can replace another's files.
fn check(items: impl IntoIterator<Item = (PathBuf, Metadata)>) -> Result<(), TrustError> {
    const GROUP_OR_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let own = rustix::process::geteuid().as_raw();
    let (mut owned, mut writable) = (Vec::new(), Vec::new());
    for (path, metadata) in items {
        let sticky = metadata.is_dir() && metadata.mode() & STICKY != 0;
        if metadata.uid() != 0 && metadata.uid() != own {
            owned.push(path);
        } else if metadata.mode() & GROUP_OR_OTHERS != 0 && !sticky {
            writable.push(path);
        }
    }
    match (owned.is_empty(), writable.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(TrustError::Owner(owned)),
        (true, false) => Err(TrustError::Writable(writable)),
    }
}
