//! A file that the gateway sends.

use std::{os::unix::ffi::OsStringExt, path::PathBuf};

use wicketgate_abi::{Format, Kind, Reply};

use crate::{Error, Response, head::Head};

/// A file that the gateway sends, with `ETag`, `Last-Modified`, conditions and ranges. Any regular file that the gateway
/// can read: never make its path of what a caller sent without looking at it. One that does not exist is 404.
pub struct File {
    head: Head,
    path: PathBuf,
}

impl File {
    /// The file at that path; a relative one is below the gateway's working directory.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { head: Head::new(200, ""), path: path.into() }
    }

    /// Another media type than its name's extension says.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.head.content_type = content_type.into();
        self
    }

    /// Has the client save the file by this name instead of showing it. The name may be in any language.
    #[must_use]
    pub fn attachment(mut self, name: impl Into<String>) -> Self {
        self.head.attachment = Some(name.into());
        self
    }

    /// A response header. It takes the place of the gateway's own, such as `Cache-Control: no-store`; one that is given
    /// twice is sent twice.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.head.headers.push((name.into(), value.into()));
        self
    }
}

impl Response for File {
    const REPLY: &'static str = "file";

    fn into_reply(self, _: Format) -> Result<Reply, Error> {
        self.head.into_reply(Kind::FILE, self.path.into_os_string().into_vec())
    }
}
