//! Reads a file that will run with the gateway's rights: only if nobody else could have written it.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

/// Why a file is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It can't be read.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is a link, a folder, a device.
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    /// Somebody else owns it.
    #[error("{0} belongs to another user; it must be root's or the gateway's own")]
    Owner(PathBuf),
    /// Somebody else may write to it.
    #[error("{0} can be written by others; run `chmod go-w {0}`")]
    Writable(PathBuf),
}

/// The content of `path`, read once: the bytes that are checked are the bytes that are loaded.
///
/// # Errors
/// See [`TrustError`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TrustError> {
    let failed = |e| TrustError::Io(path.to_owned(), e);
    let folder = path.parent().unwrap_or(Path::new(".")).canonicalize().map_err(failed)?;
    for ancestor in folder.ancestors() {
        let metadata = fs::metadata(ancestor).map_err(|e| TrustError::Io(ancestor.to_owned(), e))?;
        check(ancestor, &metadata)?;
    }
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
    check(path, &metadata)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Owner and permissions. A sticky folder such as /tmp may be written by all, since nobody can replace another's files.
fn check(path: &Path, metadata: &Metadata) -> Result<(), TrustError> {
    const GROUP_OR_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != 0 && metadata.uid() != own {
        return Err(TrustError::Owner(path.to_owned()));
    }
    let sticky = metadata.is_dir() && metadata.mode() & STICKY != 0;
    if metadata.mode() & GROUP_OR_OTHERS != 0 && !sticky {
        return Err(TrustError::Writable(path.to_owned()));
    }
    Ok(())
}
