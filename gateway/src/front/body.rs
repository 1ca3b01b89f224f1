//! Request bodies: read whole, or handed over while they arrive; within a limit.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{StatusCode, Version, header};
use pingora::proxy::Session;
// Makes a timer only for what is not ready at once.
use pingora_timeout::timeout;
use tokio::sync::mpsc;

use super::{Refused, coding::Coding};
use crate::webapp::{Incoming, SILENCE, WebError};

/// How much of an unwanted body is read so that the client sees the reply instead of a reset connection.
const DRAIN_LIMIT: usize = 4 << 20;

/// How long that may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a body may take to arrive. pingora's own limit is for the time between two reads.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

/// How many bytes a second a body has to have that is handed over while it arrives, and how much longer it may take: whoever
/// sends one keeps a call waiting.
const SLOWEST: usize = 4 << 10;

/// See [`SLOWEST`].
const GRACE: Duration = Duration::from_secs(30);

/// The most that is reserved for a body on the strength of what it says of its length.
const RESERVED: usize = 64 << 10;

/// Reads the body in time, from an `expectant` client after `100 Continue`, and decodes it. Both what arrives and what it
/// becomes are within the limit.
pub(super) async fn read(session: &mut Session, limit: usize, expectant: bool) -> Result<Bytes, Refused> {
    let coding = Coding::of(&session.req_header().headers)?;
    let body = timeout(BODY_TIMEOUT, read_all(session, limit, expectant)).await.unwrap_or_else(|_| {
        let info = format!("the body did not arrive within {BODY_TIMEOUT:?}");
        Err(Refused::closing(WebError::new(StatusCode::REQUEST_TIMEOUT, info)))
    })?;
    match coding {
        Some(coding) if !body.is_empty() => Ok(coding.decode(body, limit).await?),
        _ => Ok(body),
    }
}

/// Lets the body of a request begin that is passed on, if its length is allowed.
pub(super) async fn pass_on(session: &mut Session, limit: usize) -> Result<(), Refused> {
    if begin(session, limit)?.is_none() && !session.is_body_empty() {
        close_after_chunks(session);
    }
    if !session.is_body_empty() && awaits_continue(session) {
        session.write_continue_response().await.map_err(|_| unreadable())?;
    }
    Ok(())
}

/// The length that the body says it has, if that is allowed.
fn begin(session: &Session, limit: usize) -> Result<Option<usize>, Refused> {
    let headers = &session.req_header().headers;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) { Err(Refused::closing(too_large(limit))) } else { Ok(declared) }
}

/// pingora takes a bare LF and an empty size for parts of a chunked body, where a server in front of it may see the end of
/// one: nothing that follows on this connection can be trusted to be a request.
fn close_after_chunks(session: &mut Session) {
    session.set_keepalive(None);
}

/// A length that is declared too large is refused before a byte is read.
async fn read_all(session: &mut Session, limit: usize, expectant: bool) -> Result<Bytes, Refused> {
    let declared = begin(session, limit)?;
    if session.is_body_empty() {
        return Ok(Bytes::new());
    }
    if declared.is_none() {
        close_after_chunks(session);
    }
    if expectant {
        session.write_continue_response().await.map_err(|_| unreadable())?;
    }
    let Some(first) = next(session).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(Refused::closing(too_large(limit)));
    }
    let Some(second) = next(session).await? else { return Ok(first) };
    let mut whole = BytesMut::with_capacity(declared.unwrap_or(0).min(RESERVED).max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut chunk = Some(second);
    while let Some(bytes) = chunk {
        if whole.len() + bytes.len() > limit {
            return Err(Refused::closing(too_large(limit)));
        }
        whole.extend_from_slice(&bytes);
        chunk = next(session).await?;
    }
    Ok(whole.freeze())
}

/// Reads a body that is handed over while it arrives.
pub(super) struct Pump {
    sender: mpsc::Sender<Result<Bytes, WebError>>,
    limit: usize,
}

/// Lets the body of a request arrive bit by bit, if its length is allowed: what is read from the first is what
/// [`Pump::run`] reads from the client.
pub(super) async fn arriving(
    session: &mut Session,
    limit: usize,
    expectant: bool,
) -> Result<(Incoming, Pump), Refused> {
    if Coding::of(&session.req_header().headers)?.is_some() {
        let info = "a form in parts can't be compressed: send it without Content-Encoding";
        return Err(Refused::closing(WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, info)));
    }
    if begin(session, limit)?.is_none() {
        close_after_chunks(session);
    }
    if expectant {
        session.write_continue_response().await.map_err(|_| unreadable())?;
    }
    let (sender, receiver) = mpsc::channel(1);
    Ok((Incoming(receiver), Pump { sender, limit }))
}

impl Pump {
    /// Reads as long as somebody wants more, and until there is no more.
    pub(super) async fn run(self, session: &mut Session) {
        let (mut read, mut waited) = (0, Duration::ZERO);
        // Without a place for it nothing is read: a handler that is slow makes for a slow client.
        while let Ok(place) = self.sender.reserve().await {
            let begin = Instant::now();
            let next = timeout(SILENCE, next(session)).await;
            // The handler's own time is not the client's.
            waited += begin.elapsed();
            let in_time = waited <= GRACE + Duration::from_secs((read / SLOWEST) as u64);
            let next = match next {
                Ok(Ok(Some(bytes))) if read + bytes.len() > self.limit => Err(too_large(self.limit)),
                Ok(Ok(Some(bytes))) if in_time => Ok(bytes),
                Ok(Ok(None)) => return,
                Ok(Err(refused)) => Err(refused.error),
                Ok(Ok(Some(_))) | Err(_) => {
                    let info = format!(
                        "the body arrives too slowly: nothing for {SILENCE:?}, or less than {SLOWEST} bytes a second"
                    );
                    Err(WebError::new(StatusCode::REQUEST_TIMEOUT, info))
                }
            };
            let failed = next.is_err();
            read += next.as_ref().map_or(0, Bytes::len);
            place.send(next);
            if failed {
                return;
            }
        }
    }
}

/// Waits until the client is gone, once the body has been read; for ever, if it has not.
pub(super) async fn client_gone_after(session: &mut Session) {
    if session.is_body_done() {
        client_gone(session).await;
    } else {
        std::future::pending().await
    }
}

/// Waits until the client closes the connection, or its half of it.
pub(super) async fn client_gone(session: &mut Session) {
    // Nothing of this request is left to come, so that the only news is an error.
    while session.read_body_or_idle(true).await.is_ok() {}
}

/// Reads on after a reply that did not wait for the body, for a bounded while: a client that is still sending would
/// otherwise see its connection reset, and not the reply.
pub(super) async fn drain(session: &mut Session) {
    if session.is_body_done() || awaits_continue(session) {
        return;
    }
    let drained = async {
        let mut left = DRAIN_LIMIT;
        while let Ok(Some(bytes)) = session.read_request_body().await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whatever came of it, the connection is closed next.
    let _ = timeout(DRAIN_TIMEOUT, drained).await;
}

async fn next(session: &mut Session) -> Result<Option<Bytes>, Refused> {
    session.read_request_body().await.map_err(|_| unreadable())
}

/// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
pub(super) fn awaits_continue(session: &Session) -> bool {
    let expect = session.req_header().headers.get(header::EXPECT);
    let unanswered =
        session.body_bytes_read() == 0 && session.response_written().is_none_or(|r| !r.status.is_informational());
    // HTTP/1.0 knows no interim replies.
    let knows = session.req_header().version >= Version::HTTP_11;
    unanswered && knows && expect.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// 413.
pub(super) fn too_large(limit: usize) -> WebError {
    let info = format!("the body is larger than the {limit} bytes that are allowed");
    WebError::new(StatusCode::PAYLOAD_TOO_LARGE, info)
}

fn unreadable() -> Refused {
    Refused::closing(WebError::bad_request("the body can't be read: it ends early, or its chunks are malformed"))
}
