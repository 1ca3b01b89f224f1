//! Errors as callers see them: `{"error": {"status", "info", "details", "requestId"}}`.

use std::{borrow::Cow, collections::HashMap};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use wicketgate_spec::{
    Dialect,
    read::{Rejected, envelope::NoMessage},
};

use super::{ErrorFormat, RequestId, error_page};
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
    dialect: Dialect,
}

/// One wrong thing in a request.
#[derive(Debug, Serialize)]
struct Detail {
    path: String,
    problem: String,
}

/// The same for `application/problem+json` (RFC 9457 §3).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemDetail<'a>>,
    request_id: String,
}

#[derive(Serialize)]
struct ProblemDetail<'a> {
    detail: &'a str,
    pointer: String,
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

impl From<NoMessage> for WebError {
    fn from(error: NoMessage) -> Self {
        Self::bad_request(error.to_string())
    }
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
        let (details, headers, dialect) = (Vec::new(), HeaderMap::new(), Dialect::Gateway);
        Self(Box::new(Content { status, info: info.into(), details, headers, dialect }))
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

    /// The error as a mount has it told.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.0.dialect = dialect;
        self
    }

    /// How it is told.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// The headers that it sets.
    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What is wrong, in words for the caller.
    #[must_use]
    pub fn info(&self) -> &str {
        &self.0.info
    }

    /// All wrong things, as path and problem, where there may be several.
    pub fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.details.iter().map(|detail| (detail.path.as_str(), detail.problem.as_str()))
    }

    /// Whether the error sets that header.
    #[must_use]
    pub(crate) fn has_header(&self, name: HeaderName) -> bool {
        self.0.headers.contains_key(name)
    }

    /// A reply's status, format, own headers and body for the request of that id. `page` is the site's own for HTML.
    #[must_use]
    pub fn render(
        self,
        format: ErrorFormat,
        id: RequestId,
        page: Option<&str>,
    ) -> (StatusCode, Option<Format>, HeaderMap, Bytes) {
        let Content { status, info, details, mut headers, .. } = *self.0;
        let mut typed = |media| drop(headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media)));
        let body = match format {
            ErrorFormat::Value(format) => {
                let body = Body { status: status.as_u16(), info: &info, details: &details, request_id: id.to_string() };
                let envelope = Envelope { error: body };
                let written = match format {
                    Format::Json => serde_json::to_vec(&envelope).ok(),
                    Format::MsgPack => rmp_serde::to_vec_named(&envelope).ok(),
                };
                written.unwrap_or_default()
            }
            ErrorFormat::Member(name, format) => {
                let told = HashMap::from([(name, with_details(&info, &details))]);
                let written = match format {
                    Format::Json => serde_json::to_vec(&told).ok(),
                    Format::MsgPack => rmp_serde::to_vec_named(&told).ok(),
                };
                written.unwrap_or_default()
            }
            ErrorFormat::Text => {
                typed("text/plain; charset=utf-8");
                with_details(&info, &details).into_bytes()
            }
            ErrorFormat::Problem => {
                typed("application/problem+json");
                serde_json::to_vec(&problem(status, &info, &details, id)).unwrap_or_default()
            }
            ErrorFormat::Html => {
                let listed: Vec<_> = details.iter().map(|d| (d.path.as_str(), d.problem.as_str())).collect();
                typed("text/html; charset=utf-8");
                error_page::render(page, status, &info, &listed, id).into_bytes()
            }
        };
        let value = match format {
            ErrorFormat::Value(format) | ErrorFormat::Member(_, format) => Some(format),
            ErrorFormat::Problem | ErrorFormat::Html | ErrorFormat::Text => None,
        };
        (status, value, headers, Bytes::from(body))
    }
}

/// All in one text, where there is no room for more.
fn with_details(info: &str, details: &[Detail]) -> String {
    let details: Vec<_> = details.iter().map(|detail| format!("{}: {}", detail.path, detail.problem)).collect();
    if details.is_empty() { info.to_owned() } else { format!("{info}: {}", details.join("; ")) }
}

fn problem<'a>(status: StatusCode, info: &'a str, details: &'a [Detail], id: RequestId) -> Problem<'a> {
    let title = status.canonical_reason().unwrap_or("Error");
    let error = |detail: &'a Detail| ProblemDetail { detail: &detail.problem, pointer: pointer(&detail.path) };
    Problem {
        r#type: "about:blank",
        title,
        status: status.as_u16(),
        detail: info,
        errors: details.iter().map(error).collect(),
        request_id: id.to_string(),
    }
}

/// `params.bbox[2]` as a JSON Pointer fragment, `#/params/bbox/2` (RFC 9457 §3.2, RFC 6901 §6).
fn pointer(path: &str) -> String {
    path.split(['.', '['])
        .map(|part| format!("/{}", part.trim_end_matches(']')))
        .fold("#".to_owned(), |all, part| all + &part)
}
