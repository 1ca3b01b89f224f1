//! The bytes of a file, and what they are.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use http::HeaderValue;

use super::Body;

/// Parts up to this size are read where the request is: from the page cache that is faster than any other thread.
const SMALL: u64 = 64 << 10;

/// So many bytes of an open file: read here if they are few and wanted, else left to the reply.
pub(super) fn body(mut file: File, start: u64, size: u64, wanted: bool) -> io::Result<Body> {
    if start > 0 && wanted {
        file.seek(SeekFrom::Start(start))?;
    }
    if size > SMALL || !wanted {
        return Ok(Body::File(file, size));
    }
    let mut content = Vec::with_capacity(size as usize);
    file.take(size).read_to_end(&mut content)?;
    Ok(Body::Whole(Bytes::from(content)))
}

/// The media type by the name's extension, texts with their charset.
pub(in crate::front) fn media_type(name: &str) -> HeaderValue {
    // What is a video by its extension is TypeScript on all sites that have it.
    let mime = match name.rsplit('.').next() {
        Some("ts" | "mts" | "cts") => mime_guess::mime::TEXT_PLAIN,
        _ => mime_guess::from_path(name).first_or_octet_stream(),
    };
    let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml");
    let text = if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// `Content-Range`: the part that is sent, or none.
pub(super) fn range_of(part: Option<(u64, u64)>, length: u64) -> HeaderValue {
    let text = match part {
        Some((start, end)) => format!("bytes {start}-{end}/{length}"),
        None => format!("bytes */{length}"),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("bytes */*"))
}
