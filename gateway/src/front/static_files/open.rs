//! Opens a file beneath a folder. Nothing outside it can be reached: not by `..`, which a path no longer has, and not by
//! a symbolic link, which the kernel follows only within it (openat2 with `RESOLVE_BENEATH`, by cap-std).

use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use http::StatusCode;
use rustix::{fs::OFlags, io::Errno};

use crate::{front::RequestPath, webapp::WebError};

/// The file that stands for a folder.
const INDEX: &str = "index.html";

/// Without this, opening a FIFO would wait for a writer.
const FLAGS: i32 = OFlags::NONBLOCK.bits().cast_signed();

/// A regular file, open for reading.
pub(in crate::front) struct Opened {
    pub(super) file: File,
    /// Its path below the folder.
    pub(in crate::front) relative: String,
}

/// Opens what `path` names below `root`; `None` is a folder that was asked for without its slash.
pub(super) fn open(root: &Dir, path: &RequestPath) -> Result<Option<Opened>, WebError> {
    if !path.segments().iter().all(|segment| is_public(segment)) {
        return Err(nothing());
    }
    let mut relative = path.segments().join("/");
    if relative.is_empty() && !path.is_folder() {
        // The folder itself.
        return Ok(None);
    }
    if path.is_folder() {
        relative.push_str(if relative.is_empty() { "" } else { "/" });
        relative.push_str(INDEX);
    }
    let (file, kind) = open_beneath(root, &relative).map_err(|e| problem(&e, &relative))?;
    if kind.is_dir() && !path.is_folder() {
        return Ok(None);
    }
    if !kind.is_file() {
        return Err(nothing());
    }
    Ok(Some(Opened { file, relative }))
}

/// Opens a file that a plugin names.
pub(super) fn chosen(path: &Path) -> Result<File, WebError> {
    let open = || {
        let file = fs::OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
        let kind = file.metadata()?.file_type();
        Ok((file, kind))
    };
    let (file, kind) = open().map_err(|e| problem(&e, &path.to_string_lossy()))?;
    if kind.is_file() { Ok(file) } else { Err(nothing()) }
}

/// Whether a segment can name something that is served: dotfiles are hidden, but `.well-known` (RFC 8615) is not; and an
/// encoded slash is part of no name.
fn is_public(segment: &str) -> bool {
    (!segment.starts_with('.') || segment == ".well-known") && !segment.contains('/')
}

fn open_beneath(root: &Dir, relative: &str) -> io::Result<(File, fs::FileType)> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(FLAGS);
    let file = root.open_with(relative, &options)?.into_std();
    let kind = file.metadata()?.file_type();
    Ok((file, kind))
}

pub(super) fn nothing() -> WebError {
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
