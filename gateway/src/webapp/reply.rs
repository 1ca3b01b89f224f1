//! What a handler returned, as a reply.

use std::{ffi::OsString, os::unix::ffi::OsStringExt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::time::timeout;

use super::{BrokenOff, Chunks, ReplyBody, RequestId, WebError, WebReply, format::media_type};
use crate::plugin::{Answered, Format, Kind, Reply, Streaming};

/// What a plugin says of a reply beside its status and its body.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    content_type: String,
    /// The name that the client shall save it by.
    attachment: Option<String>,
    headers: Vec<(String, String)>,
}

/// Turns a plugin's reply into one for the caller; what only operators should know goes to the log.
pub(super) fn reply(
    answered: Answered,
    format: Format,
    id: RequestId,
    command: &str,
    time_limit: Duration,
) -> Result<WebReply, WebError> {
    let Answered { reply, streaming } = answered;
    let cause = || String::from_utf8_lossy(reply.meta.as_ref()).into_owned();
    match (reply.kind, streaming) {
        (Kind::VALUE, _) => {
            let (status, headers) = head(&reply, id, command)?;
            let format = (!reply.body.as_ref().is_empty()).then_some(format);
            Ok(WebReply { status, format, headers, body: ReplyBody::Whole(Bytes::from_owner(reply.body)) })
        }
        (Kind::CONTENT, _) => {
            let (status, headers) = head(&reply, id, command)?;
            Ok(WebReply { status, format: None, headers, body: ReplyBody::Whole(Bytes::from_owner(reply.body)) })
        }
        (Kind::FILE, _) => {
            let (status, headers) = head(&reply, id, command)?;
            let path = PathBuf::from(OsString::from_vec(reply.body.as_ref().to_vec()));
            Ok(WebReply { status, format: None, headers, body: ReplyBody::File(path) })
        }
        (Kind::STREAM, Some(streaming)) => {
            let (status, headers) = head(&reply, id, command)?;
            let chunks = PluginChunks { streaming, time_limit, id, command: command.to_owned() };
            Ok(WebReply { status, format: None, headers, body: ReplyBody::Stream(Box::new(chunks)) })
        }
        (Kind::ERROR, _) => {
            if !reply.meta.as_ref().is_empty() {
                tracing::error!(request = %id, %command, "the handler failed: {}", cause());
            } else if reply.status == 500 && reply.body.as_ref().is_empty() {
                tracing::error!(request = %id, %command, "the handler failed without naming a cause");
            }
            Err(error(&reply))
        }
        (Kind::PANIC, _) => {
            tracing::error!(request = %id, %command, "the handler {}", cause());
            Err(WebError::internal())
        }
        (other, _) => {
            tracing::error!(request = %id, %command, "the plugin returned a reply of unknown kind {other}");
            Err(WebError::internal())
        }
    }
}

/// What every reply of the webapp says unless it says otherwise, in the format of its body if that is a value.
#[must_use]
pub fn dynamic_headers(format: Option<Format>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(format) = format {
        headers.insert(header::CONTENT_TYPE, media_type(format));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}

/// Status and headers of a reply.
fn head(reply: &Reply, id: RequestId, command: &str) -> Result<(StatusCode, HeaderMap), WebError> {
    read_head(reply).map_err(|problem| {
        tracing::error!(request = %id, %command, "the handler's reply can't be sent: {problem}");
        WebError::internal()
    })
}

fn read_head(reply: &Reply) -> Result<(StatusCode, HeaderMap), String> {
    let status = StatusCode::from_u16(reply.status).ok().filter(|status| !status.is_informational());
    let status = status.ok_or_else(|| format!("{} is no status of a final reply", reply.status))?;
    if reply.meta.as_ref().is_empty() {
        // That of most values.
        return Ok((status, HeaderMap::new()));
    }
    let meta: Meta = rmp_serde::from_slice(reply.meta.as_ref()).map_err(|e| e.to_string())?;
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::try_from(text).map_err(|_| format!("{text:?} is no header value"));
    if !meta.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, value(&meta.content_type)?);
    }
    if let Some(name) = &meta.attachment {
        headers.insert(header::CONTENT_DISPOSITION, value(&disposition(name))?);
    }
    let mut own: Vec<HeaderName> = Vec::new();
    for (name, text) in &meta.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| format!("{name:?} is no header name"))?;
        if matches!(name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING | header::CONNECTION | header::UPGRADE) {
            return Err(format!("the header `{name}` is the gateway's own to set"));
        }
        // What the handler says takes the place of what is said by default; what it says twice is said twice.
        if own.contains(&name) {
            headers.append(name, value(text)?);
        } else {
            headers.insert(&name, value(text)?);
            own.push(name);
        }
    }
    Ok((status, headers))
}

/// `Content-Disposition` (RFC 6266): the name as it is, or with a plain one beside it for old clients.
#[must_use]
pub fn disposition(name: &str) -> String {
    // A name is no path, whoever reads it.
    let name: String = name.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '%') || c == ' ';
    if name.chars().all(plain) {
        return format!("attachment; filename=\"{name}\"");
    }
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    /// RFC 8187's `attr-char`, without what no file name needs.
    const ENCODED: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ENCODED))
}

/// A plugin's stream. Each chunk has the time that a call has.
struct PluginChunks {
    streaming: Streaming,
    time_limit: Duration,
    id: RequestId,
    command: String,
}

#[async_trait]
impl Chunks for PluginChunks {
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
        let (id, command) = (self.id, &self.command);
        let Ok(reply) = timeout(self.time_limit, self.streaming.next()).await else {
            tracing::warn!(request = %id, %command, "the stream was silent for {:?} and is broken off", self.time_limit);
            return Err(BrokenOff);
        };
        if reply.kind != Kind::CONTENT {
            let cause = String::from_utf8_lossy(reply.meta.as_ref()).into_owned();
            tracing::error!(request = %id, %command, "the stream failed: {cause}");
            return Err(BrokenOff);
        }
        let bytes = Bytes::from_owner(reply.body);
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
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
