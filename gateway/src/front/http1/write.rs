//! Writes replies in HTTP/1.1 (RFC 9112).

use std::io::{self, Write};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::{
    front::{
        clock,
        reply::{Body, Reply},
        static_files::Ready,
        upstream::REQUEST_ID,
        wire::Wire,
    },
    webapp::RequestId,
};

/// Replies up to this size are copied into one piece: that is cheaper than to have the kernel gather two.
const ONE_PIECE: usize = 16 << 10;

/// Writes a reply; `is_last`: the connection is closed afterwards, and the client is told.
pub(super) async fn reply(wire: &mut Wire, reply: Reply, is_head: bool, is_last: bool) -> io::Result<()> {
    let frame = reply.frame(is_head);
    let mut head = head(reply.status, &reply.headers, |name| !is_ours(name));
    if let Some(length) = frame.length {
        // Writing to memory does not fail, here and below.
        let _ = write!(head, "content-length: {length}\r\n");
    }
    if frame.is_endless && !frame.is_bodiless {
        head.extend_from_slice(b"transfer-encoding: chunked\r\n");
    }
    if is_last {
        head.extend_from_slice(b"connection: close\r\n");
    }
    date(&mut head);
    head.extend_from_slice(b"\r\n");
    if frame.is_bodiless {
        return wire.send(&head, b"").await;
    }
    match reply.body {
        Body::None => wire.send(&head, b"").await,
        Body::Whole(bytes) => together(wire, head, &bytes).await,
        Body::File(mut parts) => {
            while let Some(bytes) = parts.next().await? {
                wire.send(&std::mem::take(&mut head), &bytes).await?;
            }
            Ok(())
        }
        Body::Stream(mut chunks) => {
            while let Some(bytes) = chunks.next().await.map_err(io::Error::other)? {
                if bytes.is_empty() {
                    // It would be the end.
                    continue;
                }
                let _ = write!(head, "{:x}\r\n", bytes.len());
                wire.send(&std::mem::take(&mut head), &bytes).await?;
                head.extend_from_slice(b"\r\n");
            }
            head.extend_from_slice(b"0\r\n\r\n");
            wire.send(&head, b"").await
        }
    }
}

/// Writes a reply that is ready, or the 304 that it would be.
pub(super) async fn ready(wire: &mut Wire, head: &Bytes, body: &[u8], is_last: bool) -> io::Result<()> {
    let size = if body.len() <= ONE_PIECE { body.len() } else { 0 };
    let mut out = Vec::with_capacity(head.len() + size + 128);
    out.extend_from_slice(head);
    out.extend_from_slice(REQUEST_ID.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(RequestId::next().header().as_bytes());
    out.extend_from_slice(b"\r\n");
    if is_last {
        out.extend_from_slice(b"connection: close\r\n");
    }
    date(&mut out);
    out.extend_from_slice(b"\r\n");
    together(wire, out, body).await
}

async fn together(wire: &mut Wire, mut head: Vec<u8>, body: &[u8]) -> io::Result<()> {
    if head.len() + body.len() > ONE_PIECE {
        return wire.send(&head, body).await;
    }
    head.extend_from_slice(body);
    wire.send(&head, b"").await
}

/// Makes a reply ready.
pub(super) fn prepare(whole: &Reply, not_modified: &Reply, body: Bytes) -> Ready {
    let keep = |name: &HeaderName| !is_ours(name) && *name != REQUEST_ID;
    let mut head_of_whole = head(whole.status, &whole.headers, keep);
    let _ = write!(head_of_whole, "content-length: {}\r\n", body.len());
    let value = |name| whole.headers.get(name).cloned().unwrap_or(http::HeaderValue::from_static(""));
    Ready {
        whole: head_of_whole.into_boxed_slice().into(),
        not_modified: head(not_modified.status, &not_modified.headers, keep).into_boxed_slice().into(),
        etag: value(header::ETAG),
        last_modified: value(header::LAST_MODIFIED),
        body,
    }
}

/// What the writer says itself.
fn is_ours(name: &HeaderName) -> bool {
    matches!(*name, header::DATE | header::CONNECTION | header::CONTENT_LENGTH | header::TRANSFER_ENCODING)
}

/// Status line and header lines.
fn head(status: StatusCode, headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> Vec<u8> {
    let mut head = Vec::with_capacity(1024);
    let _ = write!(head, "HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    for (name, value) in headers.iter().filter(|(name, _)| keep(name)) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head
}

fn date(head: &mut Vec<u8>) {
    for part in [&b"date: "[..], &clock::date(), b"\r\n"] {
        head.extend_from_slice(part);
    }
}
