//! Replies, what HEAD, 204 and 304 leave out of them, and how pingora writes them; [`http1`](super::http1) writes others.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version, header};
use pingora::{Error, ErrorType, Result, http::ResponseHeader, proxy::Session};

use super::{body, dress::Source, static_files::Parts};
use crate::webapp::{Chunks, ErrorFormat, RequestId, WebError};

/// A reply to be written.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// What it says by default depends on it.
    pub(super) source: Source,
    /// All other headers but `Content-Length`.
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// What a reply carries.
pub(super) enum Body {
    /// All of it, in memory.
    Whole(Bytes),
    /// Parts of a file, read while they are written, and so never for HEAD.
    File(Parts),
    /// As many bytes as come.
    Stream(Box<dyn Chunks>),
    /// Nothing, and no length either (304).
    None,
}

impl Reply {
    /// A reply of the front's own.
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Body) -> Self {
        Self { status, source: Source::Front, headers, body }
    }

    /// Tells the client what is wrong; `page` is the site's own for HTML.
    pub(super) fn of_error(error: WebError, format: ErrorFormat, id: RequestId, page: Option<&str>) -> Self {
        let (status, format, headers, body) = error.render(format, id, page);
        Self { status, source: Source::Webapp(format), headers, body: Body::Whole(body) }
    }

    /// Sends the client elsewhere.
    pub(super) fn redirect(status: StatusCode, location: String) -> Self {
        // Of a URI there is nothing left that a header could not hold.
        let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
        let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
        Self::new(status, headers, Body::Whole(Bytes::new()))
    }
}

/// How a reply is framed.
pub(super) struct Frame {
    /// What `Content-Length` says; `None`: it is not there.
    pub(super) length: Option<u64>,
    /// Whether nothing follows the header.
    pub(super) is_bodiless: bool,
    /// Whether nobody knows yet how much will come.
    pub(super) is_endless: bool,
}

impl Reply {
    /// Its frame; the reply to HEAD says what that to GET would say (RFC 9110 §9.3.2).
    pub(super) fn frame(&self, is_head: bool) -> Frame {
        let has_none = matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = match &self.body {
            Body::Whole(bytes) => Some(bytes.len() as u64),
            Body::File(parts) => Some(parts.length()),
            Body::Stream(_) | Body::None => None,
        };
        let is_endless = matches!(self.body, Body::Stream(_));
        let is_bodiless = is_head || has_none || length.map_or(!is_endless, |length| length == 0);
        Frame { length: length.filter(|_| !has_none), is_bodiless, is_endless }
    }
}

/// Writes a reply, and what is left to do for the connection to end well.
pub(super) async fn write(session: &mut Session, reply: Reply) -> Result<()> {
    let Frame { length, is_bodiless, is_endless } = reply.frame(session.req_header().method == Method::HEAD);
    let (mut head, ()) = Response::new(()).into_parts();
    (head.status, head.headers) = (reply.status, reply.headers);
    match length {
        Some(length) => head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length)),
        None => head.headers.remove(header::CONTENT_LENGTH),
    };
    if is_endless && !is_bodiless {
        match session.req_header().version {
            Version::HTTP_11 => {
                drop(head.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked")))
            }
            // The end of the connection is the end of the body.
            Version::HTTP_10 | Version::HTTP_09 => session.set_keepalive(None),
            _ => {}
        }
    }
    if !session.is_body_done() {
        // What is left of the request's body is not worth waiting for.
        session.set_keepalive(None);
    }
    session.write_response_header(Box::new(ResponseHeader::from(head)), is_bodiless).await?;
    if !is_bodiless {
        write_body(session, reply.body).await?;
    }
    body::drain(session).await;
    Ok(())
}

async fn write_body(session: &mut Session, body: Body) -> Result<()> {
    match body {
        Body::Whole(bytes) => write_slices(session, bytes, true).await,
        Body::File(parts) => write_parts(session, parts).await,
        Body::Stream(chunks) => write_stream(session, chunks).await,
        Body::None => Ok(()),
    }
}

/// Asks for a chunk when the one before is written: a slow client makes for a slow stream. If the stream fails, or the
/// client goes away, the connection is broken off, since the end of the body would be a lie.
async fn write_stream(session: &mut Session, mut chunks: Box<dyn Chunks>) -> Result<()> {
    loop {
        let next = tokio::select! {
            biased;
            next = chunks.next() => next,
            () = body::client_gone_after(session) => return Err(Error::new_down(ErrorType::ConnectionClosed)),
        };
        match next {
            Ok(Some(bytes)) => write_slices(session, bytes, false).await?,
            Ok(None) => return session.write_response_body(None, true).await,
            Err(_) => return Err(Error::explain(ErrorType::InternalError, "the stream failed")),
        }
    }
}

/// The length is promised, so that all that can be done about a file that has become shorter is to break off.
async fn write_parts(session: &mut Session, mut parts: Parts) -> Result<()> {
    let failed = |_| Error::explain(ErrorType::FileReadError, "the file became shorter while it was sent");
    while let Some(bytes) = parts.next().await.map_err(failed)? {
        write_slices(session, bytes, false).await?;
    }
    session.write_response_body(None, true).await
}

/// A client has the write timeout to accept so much, and not a whole body, however slow it is.
const SLICE: usize = 64 << 10;

async fn write_slices(session: &mut Session, mut bytes: Bytes, last: bool) -> Result<()> {
    while bytes.len() > SLICE {
        session.write_response_body(Some(bytes.split_to(SLICE)), false).await?;
    }
    session.write_response_body(Some(bytes), last).await
}
