//! The bytes of a file, and what they are.

use std::{fs::File, io::Read};

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use tokio::sync::mpsc;

use super::{Body, open::OpenFile};
use crate::webapp::WebError;

/// Files up to this size are read where the request is: from the page cache that is faster than any other thread.
const SMALL: u64 = 64 << 10;

/// Larger files are sent in parts of this size, a few of which may wait for the client.
const PART: usize = 256 << 10;
const PARTS_AHEAD: usize = 2;

/// The content of an open file.
pub(super) fn read(opened: OpenFile) -> Result<Body, WebError> {
    let (length, mut file) = (opened.metadata.len(), opened.file.into_std());
    if length > SMALL {
        return Ok(large(file, length));
    }
    let mut content = Vec::with_capacity(length as usize);
    let read = Read::by_ref(&mut file).take(length).read_to_end(&mut content);
    read.map_err(|error| {
        tracing::error!("a static file can't be read: {error}");
        WebError::internal()
    })?;
    Ok(Body::Whole(Bytes::from(content)))
}

/// Reads on a thread that may block, no faster than the client takes it.
fn large(mut file: File, length: u64) -> Body {
    let (sender, receiver) = mpsc::channel(PARTS_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut left = length;
        while left > 0 {
            let size = usize::try_from(left).unwrap_or(PART).min(PART);
            let mut part = BytesMut::zeroed(size);
            // A short file ends the channel early, and the reply with it.
            if file.read_exact(&mut part).is_err() || sender.blocking_send(part.freeze()).is_err() {
                return;
            }
            left -= size as u64;
        }
    });
    Body::Parts(length, receiver)
}

/// The media type by the name's extension, texts with their charset.
pub(super) fn media_type(name: &str) -> HeaderValue {
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml");
    let text = if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
