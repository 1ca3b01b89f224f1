//! The one place that writes replies: it knows what HEAD, 204 and 304 leave out.

use std::{fs::File, io, io::Read};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use pingora::{Error, ErrorType, Result, http::ResponseHeader, proxy::Session};
use tokio::task::spawn_blocking;

use super::body;
use crate::webapp::WebReply;

/// A reply to be written.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// All headers but `Content-Length`.
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// What a reply carries.
pub(super) enum Body {
    /// All of it, in memory.
    Whole(Bytes),
    /// So many bytes of a file, read while they are written, and so never for HEAD. It is an error if there are fewer.
    File(File, u64),
    /// Nothing, and no length either (304).
    None,
}

impl From<WebReply> for Reply {
    fn from(reply: WebReply) -> Self {
        Self { status: reply.status, headers: reply.headers, body: Body::Whole(reply.body) }
    }
}

/// Writes a reply, and what is left to do for the connection to end well.
pub(super) async fn write(session: &mut Session, reply: Reply) -> Result<()> {
    let head_only = session.req_header().method == Method::HEAD;
    let no_length = matches!(reply.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let length = match &reply.body {
        Body::Whole(bytes) => Some(bytes.len() as u64),
        Body::File(_, length) => Some(*length),
        Body::None => None,
    };
    let (mut head, ()) = Response::new(()).into_parts();
    (head.status, head.headers) = (reply.status, reply.headers);
    if let Some(length) = length.filter(|_| !no_length) {
        head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let bodiless = head_only || no_length || length.is_none_or(|length| length == 0);
    if !session.is_body_done() {
        // What is left of the request's body is not worth waiting for.
        session.set_keepalive(None);
    }
    session.write_response_header(Box::new(ResponseHeader::from(head)), bodiless).await?;
    if !bodiless {
        write_body(session, reply.body).await?;
    }
    body::drain(session).await;
    Ok(())
}

async fn write_body(session: &mut Session, body: Body) -> Result<()> {
    match body {
        Body::Whole(bytes) => session.write_response_body(Some(bytes), true).await,
        Body::File(file, length) => write_file(session, file, length).await,
        Body::None => Ok(()),
    }
}

/// Files are read in parts of this size.
const PART: u64 = 256 << 10;

/// Reads a part on a thread that may block, and writes it: no thread waits for the client.
async fn write_file(session: &mut Session, mut file: File, length: u64) -> Result<()> {
    let mut left = length;
    while left > 0 {
        let part = left.min(PART);
        let read = spawn_blocking(move || read_part(file, part)).await;
        // The length is promised, so that all that can be done about a shorter file is to break off.
        let failed = |_| Error::explain(ErrorType::FileReadError, "the file became shorter while it was sent");
        let (same, bytes) = read.map_err(io::Error::other).flatten().map_err(failed)?;
        (file, left) = (same, left - part);
        session.write_response_body(Some(bytes), left == 0).await?;
    }
    Ok(())
}

fn read_part(mut file: File, size: u64) -> io::Result<(File, Bytes)> {
    let mut part = BytesMut::zeroed(size as usize);
    file.read_exact(&mut part)?;
    Ok((file, part.freeze()))
}
