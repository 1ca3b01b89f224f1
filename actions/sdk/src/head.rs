//! Status and headers of replies that go out as they are.

use serde::Serialize;
use wicketgate_abi::{Buf, Reply};

use crate::Error;

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

    /// The reply of that kind.
    pub(crate) fn into_reply(self, kind: u32, body: Vec<u8>) -> Result<Reply, Error> {
        let meta = Buf::from_vec(rmp_serde::to_vec_named(&self)?);
        Ok(Reply { kind, status: self.status, meta, body: Buf::from_vec(body), ..Reply::UNWRITTEN })
    }
}

/// The methods that all of these replies have.
macro_rules! head_methods {
    () => {
        /// Another status than the usual one.
        #[must_use]
        pub fn status(mut self, status: u16) -> Self {
            self.head.status = status;
            self
        }

        /// A response header. It takes the place of the gateway's own, such as `Cache-Control: no-store`; one that is given
        /// twice is sent twice.
        #[must_use]
        pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.head.headers.push((name.into(), value.into()));
            self
        }
    };
}
pub(crate) use head_methods;
