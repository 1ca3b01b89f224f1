//! Sending the caller elsewhere.

use wicketgate_abi::{Format, Kind, Reply};

use crate::{
    Error, Response,
    head::{Head, head_methods},
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
    const REPLY: &'static str = "redirect";

    fn into_reply(self, _: Format) -> Result<Reply, Error> {
        self.head.into_reply(Kind::CONTENT, Vec::new())
    }
}
