//! Status and headers of replies that go out as they are.

use serde::Serialize;

use crate::Result;

/// What can be said of a reply beside its body. The gateway refuses what HTTP does not allow, with a 500 and a line in its
/// log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(skip)]
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) attachment: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn new(status: u16, content_type: impl Into<String>) -> Self {
        Self { status, content_type: content_type.into(), attachment: None, headers: Vec::new() }
    }

    /// Whether it says nothing but the status.
    pub(crate) fn is_plain(&self) -> bool {
        self.content_type.is_empty() && self.attachment.is_none() && self.headers.is_empty()
    }

    /// As it crosses the boundary.
    pub(crate) fn encoded(&self) -> Result<Vec<u8>> {
        Ok(rmp_serde::to_vec_named(self)?)
    }
}

/// The methods that all of these replies have, whose status is theirs to choose unless they are `no_status`.
macro_rules! head_methods {
    () => {
        crate::head::head_methods!(no_status);

        /// Another status than the usual one.
        #[must_use]
        pub fn status(mut self, status: u16) -> Self {
            self.head.status = status;
            self
        }
    };
    (no_status) => {
        /// A response header. It takes the place of the gateway's own, such as `Cache-Control: no-store`; one that is given
        /// twice is sent twice.
        #[must_use]
        pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.head.headers.push((name.into(), value.into()));
            self
        }

        /// Sets a cookie, or removes one.
        #[must_use]
        pub fn cookie(self, cookie: crate::Cookie) -> Self {
            self.header("Set-Cookie", cookie.to_string())
        }
    };
}
pub(crate) use head_methods;
