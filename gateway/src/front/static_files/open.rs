//! Opens a file beneath a site's root. Nothing outside it can be reached: not by `..`, which a path no longer has, and
//! not by a symbolic link, which the kernel follows only within the root (openat2 with `RESOLVE_BENEATH`, by cap-std).

use std::io;

use cap_std::fs::{Dir, File, Metadata, OpenOptions, OpenOptionsExt};
use http::StatusCode;
use rustix::{fs::OFlags, io::Errno};

use crate::{
    front::{RequestPath, Site},
    webapp::WebError,
};

/// The file that stands for a folder.
const INDEX: &str = "index.html";

/// A regular file, open for reading.
pub(super) struct OpenFile {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// The last part of its path.
    pub(super) name: String,
}

/// Opens what `path` names; `None` is a folder that was asked for without its slash.
pub(super) fn open(site: &Site, path: &RequestPath) -> Result<Option<OpenFile>, WebError> {
    let root = site.root.as_ref().ok_or_else(nothing)?;
    if !path.segments().iter().all(|segment| is_public(segment)) {
        return Err(nothing());
    }
    let mut relative = path.segments().join("/");
    if path.is_folder() {
        relative.push_str(if relative.is_empty() { "" } else { "/" });
        relative.push_str(INDEX);
    }
    let (file, metadata) = open_beneath(root, &relative).map_err(|e| problem(&e, &relative))?;
    if metadata.is_dir() && !path.is_folder() {
        return Ok(None);
    }
    if !metadata.is_file() {
        return Err(nothing());
    }
    let name = relative.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Some(OpenFile { file, metadata, name }))
}

/// Whether a segment can name something that is served: dotfiles are hidden, but `.well-known` (RFC 8615) is not; and an
/// encoded slash is part of no name.
fn is_public(segment: &str) -> bool {
    (!segment.starts_with('.') || segment == ".well-known") && !segment.contains('/')
}

fn open_beneath(root: &Dir, relative: &str) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    // Without NONBLOCK, opening a FIFO would wait for a writer.
    options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let file = root.open_with(relative, &options)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

fn nothing() -> WebError {
    WebError::not_found("there is no such file")
}

fn problem(error: &io::Error, relative: &str) -> WebError {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    match (error.kind(), errno) {
        // It is there, but the gateway may not read it. A link that leaves the root is refused without an error number.
        (io::ErrorKind::PermissionDenied, Some(Errno::ACCESS)) => {
            WebError::new(StatusCode::FORBIDDEN, "this file can't be read")
        }
        (_, Some(Errno::MFILE | Errno::NFILE)) => {
            tracing::error!("too many open files");
            WebError::new(StatusCode::SERVICE_UNAVAILABLE, "the server has too many open files; try again later")
        }
        (_, Some(Errno::IO)) => {
            tracing::error!(file = relative, "the file can't be read: {error}");
            WebError::internal()
        }
        _ => nothing(),
    }
}
