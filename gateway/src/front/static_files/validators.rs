//! What tells one version of a file from another, for us and for clients: ETag and Last-Modified (RFC 9110 §8.8).

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;
use rustix::fs::{FileType, Stat};

use crate::front::coding::Coding;

/// One version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    file: (u64, u64),
    mode: u32,
    pub(super) length: u64,
    modified: (i64, i64),
    /// Also of its mode and owner.
    changed: (i64, i64),
}

impl Version {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            mode: metadata.mode(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// The same of what stands under a name, links followed.
    pub(super) fn of_stat(found: &Stat) -> Self {
        Self {
            file: (found.st_dev, found.st_ino),
            mode: found.st_mode,
            length: u64::try_from(found.st_size).unwrap_or(0),
            modified: (found.st_mtime, found.st_mtime_nsec.cast_signed()),
            changed: (found.st_ctime, found.st_ctime_nsec.cast_signed()),
        }
    }

    /// Whether it is a regular file.
    pub(super) fn is_file(&self) -> bool {
        FileType::from_raw_mode(self.mode).is_file()
    }

    /// Whether it is older than the other.
    pub(super) fn is_older(&self, other: &Self) -> bool {
        self.modified < other.modified
    }

    /// Whether the file has not changed for so long that the next change will be seen: within a tick of the kernel's clock,
    /// two versions have the same time.
    pub(super) fn is_settled(&self) -> bool {
        const TICK: Duration = Duration::from_millis(20);
        let (seconds, nanoseconds) = self.changed;
        let since = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0));
        SystemTime::now().duration_since(UNIX_EPOCH + since).is_ok_and(|age| age > TICK)
    }

    /// The modification time, in nanoseconds since 1970. Files from before then share a time; their sizes tell them apart as
    /// well as they can.
    fn nanoseconds(&self) -> u128 {
        let (seconds, nanoseconds) = self.modified;
        let (seconds, nanoseconds) = (u128::try_from(seconds), u128::try_from(nanoseconds));
        seconds.map_or(0, |seconds| seconds * 1_000_000_000 + nanoseconds.unwrap_or(0))
    }

    /// The strong entity tag of the file as it is: modification time and size.
    pub(super) fn etag(&self) -> HeaderValue {
        self.tag("", "")
    }

    /// The tag of a coded form: strong if it is a file of its own, and weak if it is made here, since another version of
    /// the encoder may make other bytes.
    pub(super) fn coded_etag(&self, coding: Coding, is_made: bool) -> HeaderValue {
        self.tag(if is_made { "W/" } else { "" }, &format!("-{}", coding.name()))
    }

    fn tag(&self, before: &str, after: &str) -> HeaderValue {
        let tag = format!("{before}\"{:x}-{:x}{after}\"", self.nanoseconds(), self.length);
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// When it was modified, in whole seconds, as dates have them.
    pub(super) fn modified(&self) -> SystemTime {
        let seconds = u64::try_from(self.modified.0).unwrap_or(0);
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

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
