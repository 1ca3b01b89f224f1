//! A file that the gateway sends.

use std::{os::unix::ffi::OsStringExt, path::PathBuf};

use schemars::SchemaGenerator;
use wicketgate_abi::{Format, Kind};

use crate::{
    Answer, Error, Response,
    head::{Head, head_methods},
    output::ReplyInfo,
};

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

    head_methods!(no_status);
}

impl Response for File {
    fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        vec![ReplyInfo::of("file")]
    }

    fn into_answer(self, _: Format) -> Result<Answer, Error> {
        Ok(Answer::new(Kind::FILE, self.head, self.path.into_os_string().into_vec()))
    }
}
