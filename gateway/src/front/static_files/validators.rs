//! ETag and Last-Modified of a file (RFC 9110 §8.8).

use std::{
    fs::Metadata,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;

/// The validators of a file.
pub(super) struct Validators {
    /// Strong: modification time in nanoseconds, and size.
    pub(super) etag: HeaderValue,
    pub(super) last_modified: HeaderValue,
    modified: SystemTime,
}

impl Validators {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        // Files from before 1970 share a time; their sizes tell them apart as well as they can.
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let etag = format!("\"{:x}-{:x}\"", since.as_nanos(), metadata.len());
        // Dates have whole seconds.
        let modified = UNIX_EPOCH + Duration::from_secs(since.as_secs());
        let header = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self { etag: header(etag), last_modified: header(httpdate::fmt_http_date(modified)), modified }
    }

    /// Whether the file was changed after that date; `None` if it is no date.
    pub(super) fn modified_since(&self, date: &HeaderValue) -> Option<bool> {
        let date = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
        Some(self.modified > date)
    }
}
