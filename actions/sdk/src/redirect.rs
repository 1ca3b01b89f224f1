//! Sending the caller elsewhere.

use schemars::SchemaGenerator;
use wicketgate_abi::{Format, Kind};

use crate::{
    Answer, Error, Response,
    head::{Head, head_methods},
    output::ReplyInfo,
};

/// Sends the caller elsewhere: 302 Found, unless another status is set.
pub struct Redirect {
    head: Head,
}

impl Redirect {
    /// To that URL or path. Never make it of what a caller sent without looking at it.
    pub fn to(location: impl Into<String>) -> Self {
        Self { head: Head::new(302, "") }.header("Location", location)
    }

    head_methods!();
}

impl Response for Redirect {
    fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        vec![ReplyInfo::of("redirect")]
    }

    fn into_answer(self, _: Format) -> Result<Answer, Error> {
        Ok(Answer::new(Kind::CONTENT, self.head, Vec::new()))
    }
}
