//! Bytes that go out as they are.

use schemars::SchemaGenerator;
use wicketgate_abi::{Format, Kind};

use crate::{
    Answer, Error, Response,
    head::{Head, head_methods},
    output::ReplyInfo,
};

/// Bytes that go out as they are, such as an image or a page.
///
/// ```
/// # use wicketgate_action::Content;
/// let report = Content::new("text/csv; charset=utf-8", "a,b\n1,2\n").attachment("report.csv");
/// ```
pub struct Content {
    head: Head,
    body: Vec<u8>,
}

impl Content {
    /// Bytes of that media type, with status 200.
    pub fn new(content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { head: Head::new(200, content_type), body: body.into() }
    }

    /// Has the client save the content by this name instead of showing it. The name may be in any language.
    #[must_use]
    pub fn attachment(mut self, name: impl Into<String>) -> Self {
        self.head.attachment = Some(name.into());
        self
    }

    head_methods!();
}

impl Response for Content {
    fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        vec![ReplyInfo::of("content")]
    }

    fn into_answer(self, _: Format) -> Result<Answer, Error> {
        Ok(Answer::new(Kind::CONTENT, self.head, self.body))
    }
}
