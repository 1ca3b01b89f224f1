//! ETag and Last-Modified, and what a request makes of them (RFC 9110 §8.8, §13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::fs::Metadata;
use http::{HeaderMap, HeaderValue, header};

/// The validators of a file.
pub(super) struct Validators {
    /// Strong: modification time in nanoseconds, and size.
    pub(super) etag: HeaderValue,
    pub(super) last_modified: HeaderValue,
    modified: SystemTime,
}

impl Validators {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(UNIX_EPOCH, |time| time.into_std());
        // Files from before 1970 share a time; their sizes tell them apart as well as they can.
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let etag = format!("\"{:x}-{:x}\"", since.as_nanos(), metadata.len());
        let last_modified = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(since.as_secs()));
        let header = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self { etag: header(etag), last_modified: header(last_modified), modified: UNIX_EPOCH + since }
    }

    /// Whether the client's copy is still good: If-None-Match decides, and only without it If-Modified-Since.
    pub(super) fn not_modified(&self, headers: &HeaderMap) -> bool {
        let mut conditions = headers.get_all(header::IF_NONE_MATCH).iter().peekable();
        if conditions.peek().is_some() {
            return conditions.any(|condition| self.matches(condition));
        }
        let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
        let since = since.and_then(|text| httpdate::parse_http_date(text).ok());
        // Dates have whole seconds.
        since.is_some_and(|since| self.modified < since + Duration::from_secs(1))
    }

    /// Whether a list of entity tags has this one, by weak comparison.
    fn matches(&self, list: &HeaderValue) -> bool {
        let own = self.etag.as_bytes();
        let strong = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag) == own;
        // Our own tags hold no comma, so that splitting there is enough to find them.
        list.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|tag| tag == b"*" || strong(tag))
    }
}
