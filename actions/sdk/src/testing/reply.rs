//! What a command answered.

use std::future::poll_fn;

use serde::Deserialize;
use serde_json::Value;
use wicketgate_abi::{Buf, Kind, Reply as RawReply};

/// What a command answered.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The text for the caller, if it is an error.
    pub info: String,
    /// What the gateway's log would say of it, if it is an error.
    pub cause: String,
    /// The media type, unless it is a value.
    pub content_type: String,
    /// Response headers that the handler has set.
    pub headers: Vec<(String, String)>,
    /// A value in JSON; content as it is, a stream to its end; the path of a file.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value that was returned; null for nothing.
    ///
    /// # Panics
    /// If it is no value.
    #[must_use]
    #[allow(clippy::panic)]
    pub fn value(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(_) if self.body.is_empty() => Value::Null,
            Err(_) => panic!("this is no value: {self:?}"),
        }
    }
}

/// A reply as tests look at it.
pub(super) async fn told(mut raw: RawReply) -> Reply {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Head {
        content_type: String,
        headers: Vec<(String, String)>,
    }
    let text = |bytes: &Buf| String::from_utf8_lossy(bytes.as_ref()).into_owned();
    let mut reply = Reply { status: raw.status, ..Reply::default() };
    match raw.kind {
        Kind::ERROR => (reply.info, reply.cause) = (text(&raw.body), text(&raw.meta)),
        Kind::PANIC => (reply.status, reply.cause) = (500, text(&raw.meta)),
        _ => {
            let head: Head = rmp_serde::from_slice(raw.meta.as_ref()).unwrap_or_default();
            (reply.content_type, reply.headers) = (head.content_type, head.headers);
            reply.body = raw.body.as_ref().to_vec();
        }
    }
    while raw.kind == Kind::STREAM {
        let chunk = poll_fn(|cx| raw.stream.poll_next(cx)).await;
        if chunk.kind != Kind::CONTENT {
            (reply.status, reply.cause) = (500, text(&chunk.meta));
            break;
        }
        if chunk.body.as_ref().is_empty() {
            break;
        }
        reply.body.extend_from_slice(chunk.body.as_ref());
    }
    reply
}
