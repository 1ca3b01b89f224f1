//! The bytes of a file, and what they are.

use std::io::Read;

use bytes::Bytes;
use http::HeaderValue;

use super::{Body, open::OpenFile};
use crate::webapp::WebError;

/// Files up to this size are read where the request is: from the page cache that is faster than any other thread.
const SMALL: u64 = 64 << 10;

/// The content of an open file: read here if it is small and wanted, else left to the reply.
pub(super) fn body(opened: OpenFile, wanted: bool) -> Result<Body, WebError> {
    let (length, file) = (opened.metadata.len(), opened.file.into_std());
    if length > SMALL || !wanted {
        return Ok(Body::File(file, length));
    }
    let mut content = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut content).map_err(|error| {
        tracing::error!("a static file can't be read: {error}");
        WebError::internal()
    })?;
    Ok(Body::Whole(Bytes::from(content)))
}

/// The media type by the name's extension, texts with their charset.
pub(super) fn media_type(name: &str) -> HeaderValue {
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml");
    let text = if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
