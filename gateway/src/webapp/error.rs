//! Errors as callers see them: `{"error": {"status", "info", "details", "requestId"}}`.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use wicketgate_spec::read::Rejected;

use super::{RequestId, WebReply, reply::dynamic_headers};
use crate::plugin::Format;

/// An error with a status and a text that the caller may see.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", .0.status, .0.info)]
pub struct WebError(Box<Content>);

/// On the heap, since requests without errors should not carry room for one.
#[derive(Debug)]
struct Content {
    status: StatusCode,
    info: Cow<'static, str>,
    details: Vec<Detail>,
    headers: HeaderMap,
}

/// One wrong thing in a request.
#[derive(Debug, Serialize)]
struct Detail {
    path: String,
    problem: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    status: u16,
    info: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [Detail],
    request_id: String,
}

/// A caller's text, cut to what an error should repeat of it.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 64;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl WebError {
    /// An error of that status; `info` says what is wrong, in words for the caller.
    pub fn new(status: StatusCode, info: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Content { status, info: info.into(), details: Vec::new(), headers: HeaderMap::new() }))
    }

    /// 400.
    pub fn bad_request(info: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, info)
    }

    /// 404.
    pub fn not_found(info: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, info)
    }

    /// 500. The caller learns nothing but the request id; the cause is for the log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error; the gateway's log has the cause")
    }

    /// 400 for what a command's spec does not allow.
    pub(super) fn rejected(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Malformed(problem) => Self::bad_request(format!("the parameters can't be read: {problem}")),
            Rejected::Problems { problems, more } => {
                let info = "the parameters do not fit the command";
                let mut error = match more {
                    0 => Self::bad_request(info),
                    more => Self::bad_request(format!("{info}; {more} more problems are not listed")),
                };
                let detail = |p: &wicketgate_spec::read::Problem| Detail { path: p.path(), problem: p.text.clone() };
                error.0.details = problems.iter().map(detail).collect();
                error
            }
        }
    }

    /// The error with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The reply to the request of that id.
    #[must_use]
    pub fn into_reply(self, format: Format, id: RequestId) -> WebReply {
        let Content { status, info, details, headers } = *self.0;
        let body = Body { status: status.as_u16(), info: &info, details: &details, request_id: id.to_string() };
        let envelope = Envelope { error: body };
        let written = match format {
            Format::Json => serde_json::to_vec(&envelope).ok(),
            Format::MsgPack => rmp_serde::to_vec_named(&envelope).ok(),
        };
        let mut all = dynamic_headers(Some(format));
        all.extend(headers);
        WebReply { status, headers: all, body: Bytes::from(written.unwrap_or_default()) }
    }
}
