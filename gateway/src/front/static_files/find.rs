//! The file that a path is for: the file itself, an index, the page with `.html`, or the site's fallback.

use http::StatusCode;

use super::{
    Folder, Place,
    open::{Opened, nothing},
};
use crate::{config::is_hidden, webapp::WebError};

/// What a path leads to.
pub(super) enum Found {
    /// This file.
    File(Opened),
    /// The file that answers for those that do not exist.
    Fallback(Opened),
    /// A folder that was asked for without its slash.
    Redirect,
    /// A folder without an index, by its path below the root.
    Listing(String),
}

/// Finds it, or else the fallback.
pub(super) fn find(place: &Place<'_>, folder: &Folder) -> Result<Found, WebError> {
    match (find_path(place, folder), place.fallback) {
        (Err(error), Some(fallback)) if error.status() == StatusCode::NOT_FOUND => {
            folder.file(&fallback.join("/")).map(Found::Fallback).map_err(|_| error)
        }
        (found, _) => found,
    }
}

fn find_path(place: &Place<'_>, folder: &Folder) -> Result<Found, WebError> {
    let path = place.path;
    if !path.segments().iter().all(|segment| is_public(segment)) {
        return Err(nothing());
    }
    let relative = path.segments().join("/");
    if path.is_folder() {
        return index(place, folder, relative);
    }
    if relative.is_empty() {
        // The folder itself.
        return Ok(Found::Redirect);
    }
    match folder.entry(&relative) {
        Ok(Some(opened)) => Ok(Found::File(opened)),
        Ok(None) => Ok(Found::Redirect),
        Err(error) if error.status() == StatusCode::NOT_FOUND && place.files.html_extension => {
            folder.file(&format!("{relative}.html")).map(Found::File)
        }
        Err(error) => Err(error),
    }
}

/// The file that stands for a folder, or its listing.
fn index(place: &Place<'_>, folder: &Folder, relative: String) -> Result<Found, WebError> {
    for name in &place.files.index {
        let name = if relative.is_empty() { name.clone() } else { format!("{relative}/{name}") };
        match folder.file(&name) {
            Err(error) if error.status() == StatusCode::NOT_FOUND => {}
            found => return found.map(Found::File),
        }
    }
    if place.files.listing && folder.entry(&relative)?.is_none() {
        return Ok(Found::Listing(relative));
    }
    Err(nothing())
}

/// Whether a segment can name something that is served: it is not hidden, and an encoded slash is part of no name.
pub(super) fn is_public(segment: &str) -> bool {
    !is_hidden(segment) && !segment.contains('/')
}

/// Whether a path is in its one form, so that nothing of it has to be decoded or resolved.
pub(in crate::front) fn is_plain(path: &str) -> bool {
    let odd = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'%' | b'#' | b'?');
    !path.bytes().any(odd) && !path.contains("//") && !path.contains("/.")
}
