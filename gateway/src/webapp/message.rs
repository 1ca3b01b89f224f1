//! What goes over the seam: a request in, a reply out.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{Format, Incoming, RequestId, accept, decode};
use crate::{
    auth::{Caller, Presented},
    config::{Row, Takes},
};

/// The head of a request for the webapp.
pub struct WebHead {
    /// Identifies it in logs and in error replies.
    pub id: RequestId,
    /// The method.
    pub method: Method,
    /// The normalised path, split and decoded; without a mount the first segment starts with `_`.
    pub segments: Vec<String>,
    /// The row of the table of mounts that it came by, if it did not come by `/_`.
    pub mount: Option<Mount>,
    /// What follows the `?`, as it was sent.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// `Content-Type`.
    pub content_type: Option<HeaderValue>,
    /// `Accept`.
    pub accept: Option<HeaderValue>,
    /// What tells who calls.
    pub presented: Presented,
    /// Who it is, once that is known.
    pub(super) caller: OnceLock<Caller>,
}

impl WebHead {
    /// The head of a request of that path and query.
    #[must_use]
    pub fn new(
        id: RequestId,
        method: &Method,
        headers: HeaderMap,
        segments: Vec<String>,
        query: Option<String>,
        presented: Presented,
    ) -> Self {
        Self {
            id,
            method: method.clone(),
            segments,
            mount: None,
            query,
            content_type: headers.get(header::CONTENT_TYPE).cloned(),
            accept: accept(&headers),
            headers,
            presented,
            caller: OnceLock::new(),
        }
    }

    /// Whether the body is a form in parts, of which the webapp wants to have each as it arrives: files may be of any size.
    #[must_use]
    pub fn takes_parts(&self) -> bool {
        let takes = match &self.mount {
            Some(mount) => mount.row.takes() == Takes::Form,
            None => self.method == Method::POST,
        };
        takes && self.content_type.as_ref().and_then(decode::Media::of) == Some(decode::Media::Parts)
    }

    /// The head of a request that came by a mount, if it did.
    #[must_use]
    pub fn mounted(self, mount: Option<Mount>) -> Self {
        Self { mount, ..self }
    }
}

/// How a request came by a mount.
pub struct Mount {
    /// The row.
    pub row: Arc<Row>,
    /// The values of its placeholders, in their order.
    pub values: Vec<String>,
}

/// A request for the webapp.
pub struct WebRequest {
    /// Its head, which whoever takes part in the answer shares.
    pub head: Arc<WebHead>,
    /// Its body.
    pub body: RequestBody,
}

/// What a request carries.
pub enum RequestBody {
    /// All of it.
    Whole(Bytes),
    /// A form in parts, while it arrives.
    Arriving(Incoming),
}

/// A reply to be written.
pub struct WebReply {
    /// The status.
    pub status: StatusCode,
    /// The format of the body, if it is a value.
    pub format: Option<Format>,
    /// What it says besides [`dynamic_headers`], or instead; nothing of the body's length.
    pub headers: HeaderMap,
    /// The body.
    pub body: ReplyBody,
}

/// What a reply carries.
pub enum ReplyBody {
    /// All of it.
    Whole(Bytes),
    /// The file at that path, with whatever the request wants of it.
    File(PathBuf),
    /// As many bytes as come.
    Stream(Box<dyn Chunks>),
}

/// The body of a reply, in chunks as they are asked for.
#[async_trait]
pub trait Chunks: Send {
    /// The next chunk, never empty; `None` at the end.
    ///
    /// # Errors
    /// If there will be no end; the cause is in the log.
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff>;
}

/// A stream that failed.
#[derive(Debug, thiserror::Error)]
#[error("the stream failed")]
pub struct BrokenOff;
