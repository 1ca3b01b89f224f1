//! ETag and Last-Modified (RFC 9110 §8.8).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;

/// The validators of what is sent.
#[derive(Clone)]
pub(super) struct Validators {
    pub(super) etag: HeaderValue,
    pub(super) last_modified: HeaderValue,
    modified: SystemTime,
}

impl Validators {
    pub(super) fn new(etag: HeaderValue, modified: SystemTime) -> Self {
        // Dates end with the year 9999.
        let last = UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        let last_modified = HeaderValue::try_from(httpdate::fmt_http_date(modified.min(last)));
        Self { etag, last_modified: last_modified.unwrap_or(HeaderValue::from_static("")), modified }
    }

    /// Whether the file was changed after that date; `None` if it is no date.
    pub(super) fn modified_since(&self, date: &HeaderValue) -> Option<bool> {
        let date = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
        Some(self.modified > date)
    }

    /// Whether what a client has a part of is this: by strong comparison, or to the second, if it can't have changed twice
    /// within that second (RFC 9110 §13.1.5).
    pub(super) fn is_same(&self, condition: &HeaderValue) -> bool {
        if *condition == self.etag {
            return !self.etag.as_bytes().starts_with(b"W/");
        }
        let is_over = SystemTime::now().duration_since(self.modified).is_ok_and(|age| age > Duration::from_secs(1));
        *condition == self.last_modified && is_over
    }
}
