//! A static file, in these steps:
//!
//! 1. [`open`]: the path is opened beneath a folder; a folder in it stands for its `index.html`. If there is nothing, the
//!    site's fallback is.
//! 2. [`validators`]: ETag and Last-Modified are derived.
//! 3. [`conditions`]: what the request makes its answer depend on.
//! 4. [`range`]: the part that is wanted.
//! 5. [`content`]: small files are read here; large ones are left to whoever writes the reply.

mod conditions;
mod content;
mod open;
mod range;
mod validators;

use std::{fs::File, io, path::Path};

use cap_std::fs::Dir;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

pub(super) use content::media_type;

use super::{
    RequestPath,
    reply::{Body, Reply},
};
use crate::webapp::WebError;
use conditions::Outcome;
use open::Opened;
use range::Wanted;
use validators::Validators;

/// What a request says of the file that it wants.
#[derive(Clone, Copy)]
pub(super) struct Wish<'r> {
    pub(super) method: &'r Method,
    pub(super) headers: &'r HeaderMap,
}

/// Where a file is to be found.
pub(super) struct Place<'s> {
    /// The folder; `None`: there is none.
    pub(super) root: Option<&'s Dir>,
    /// The path in it.
    pub(super) path: &'s RequestPath,
    /// The path by which the client knows it.
    pub(super) url: &'s RequestPath,
    /// What answers where there is nothing.
    pub(super) fallback: Option<&'s [String]>,
}

/// Answers a GET or HEAD for what is at that place.
pub(super) fn answer(place: &Place<'_>, query: Option<&str>, wish: Wish<'_>) -> Result<Reply, WebError> {
    match find(place)? {
        Some(Opened { file, relative }) => serve(file, media_type(&relative), HeaderMap::new(), wish),
        None => Ok(redirect(place.url, query)),
    }
}

/// The file at that place, or else the fallback; `None` is a folder that was asked for without its slash.
pub(super) fn find(place: &Place<'_>) -> Result<Option<Opened>, WebError> {
    let root = place.root.ok_or_else(open::nothing)?;
    match (open::open(root, place.path), place.fallback) {
        (Err(error), Some(fallback)) if error.status() == StatusCode::NOT_FOUND => {
            match open::open(root, &RequestPath::of_file(fallback)) {
                Ok(Some(opened)) => Ok(Some(opened)),
                _ => Err(error),
            }
        }
        (found, _) => found,
    }
}

/// Answers with a file of a plugin's choice: any regular file that the gateway may read.
pub(super) fn chosen(path: &Path, headers: HeaderMap, wish: Wish<'_>) -> Result<Reply, WebError> {
    let file = open::chosen(path)?;
    let media = match headers.get(header::CONTENT_TYPE) {
        Some(given) => given.clone(),
        None => media_type(&path.file_name().unwrap_or_default().to_string_lossy()),
    };
    serve(file, media, headers, wish)
}

/// Answers with the file, or with the part of it that is wanted, or with what the conditions make of it.
fn serve(file: File, media: HeaderValue, mut headers: HeaderMap, wish: Wish<'_>) -> Result<Reply, WebError> {
    let unreadable = |error: io::Error| {
        tracing::error!("a file can't be read: {error}");
        WebError::internal()
    };
    let metadata = file.metadata().map_err(unreadable)?;
    let (validators, length) = (Validators::of(&metadata), metadata.len());
    headers.insert(header::ETAG, validators.etag.clone());
    headers.insert(header::LAST_MODIFIED, validators.last_modified.clone());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A command by POST has been carried out already, whatever the request makes a GET depend on.
    let outcome =
        if *wish.method == Method::POST { Outcome::Fulfilled } else { conditions::check(wish.headers, &validators) };
    match outcome {
        Outcome::Fulfilled => {}
        Outcome::NotModified => return Ok(Reply::new(StatusCode::NOT_MODIFIED, headers, Body::None)),
        Outcome::Failed => {
            let info = "the file is not, or no longer, the one that the request is about";
            return Err(WebError::new(StatusCode::PRECONDITION_FAILED, info));
        }
    }
    let wanted = range::wanted(wish, &validators, length);
    let (status, start, size) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, length),
        Wanted::Part { start, end } => (StatusCode::PARTIAL_CONTENT, start, end - start + 1),
        Wanted::Unsatisfiable => {
            let info = format!("the file has {length} bytes, and the range is outside of them");
            return Err(WebError::new(StatusCode::RANGE_NOT_SATISFIABLE, info)
                .with_header(header::CONTENT_RANGE, content::range_of(None, length)));
        }
    };
    if let Wanted::Part { start, end } = wanted {
        headers.insert(header::CONTENT_RANGE, content::range_of(Some((start, end)), length));
    }
    headers.insert(header::CONTENT_TYPE, media);
    let body = content::body(file, start, size, *wish.method != Method::HEAD).map_err(unreadable)?;
    Ok(Reply::new(status, headers, body))
}

/// Sends a client that asked for a folder without its slash to the folder: relative links would lead astray otherwise.
fn redirect(path: &RequestPath, query: Option<&str>) -> Reply {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Reply::redirect(StatusCode::PERMANENT_REDIRECT, format!("{}/{query}", path.to_uri()))
}
