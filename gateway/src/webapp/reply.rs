//! What a handler returned, as a reply.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{RequestId, WebError, WebReply, format::media_type};
use crate::plugin::{Format, Kind, Reply};

/// Turns a plugin's reply into one for the caller; what only operators should know goes to the log.
pub(super) fn reply(reply: Reply, format: Format, id: RequestId, command: &str) -> Result<WebReply, WebError> {
    let cause = || String::from_utf8_lossy(reply.meta.as_ref()).into_owned();
    match reply.kind {
        Kind::VALUE => value(reply, format),
        Kind::ERROR => {
            if !reply.meta.as_ref().is_empty() {
                tracing::error!(request = %id, %command, "the handler failed: {}", cause());
            } else if reply.status == 500 && reply.body.as_ref().is_empty() {
                tracing::error!(request = %id, %command, "the handler failed without naming a cause");
            }
            Err(error(&reply))
        }
        Kind::PANIC => {
            tracing::error!(request = %id, %command, "the handler {}", cause());
            Err(WebError::internal())
        }
        other => {
            tracing::error!(request = %id, %command, "the plugin returned a reply of unknown kind {other}");
            Err(WebError::internal())
        }
    }
}

fn value(reply: Reply, format: Format) -> Result<WebReply, WebError> {
    let status = StatusCode::from_u16(reply.status).map_err(|_| WebError::internal())?;
    let headers = dynamic_headers((status != StatusCode::NO_CONTENT).then_some(format));
    Ok(WebReply { status, headers, body: Bytes::from_owner(reply.body) })
}

/// What every dynamic reply says of itself, in the format of its body if it has one.
pub(super) fn dynamic_headers(format: Option<Format>) -> HeaderMap {
    /// The three that there are: copying a map costs less than hashing its names once more.
    static PREPARED: LazyLock<[HeaderMap; 3]> =
        LazyLock::new(|| [None, Some(Format::Json), Some(Format::MsgPack)].map(prepare));
    PREPARED[format.map_or(0, |format| 1 + format as usize)].clone()
}

fn prepare(format: Option<Format>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    if let Some(format) = format {
        headers.insert(header::CONTENT_TYPE, media_type(format));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}

fn error(reply: &Reply) -> WebError {
    let info = String::from_utf8_lossy(reply.body.as_ref()).into_owned();
    match StatusCode::from_u16(reply.status) {
        Ok(status) if !info.is_empty() && (400..600).contains(&reply.status) => WebError::new(status, info),
        Ok(status) if (400..600).contains(&reply.status) && reply.status != 500 => {
            WebError::new(status, status.canonical_reason().unwrap_or("the action refused the request"))
        }
        _ => WebError::internal(),
    }
}
