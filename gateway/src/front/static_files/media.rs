//! What a file is, by its name.

use http::HeaderValue;

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
