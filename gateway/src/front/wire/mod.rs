//! A connection between the client and whoever answers its requests: [`http1`](super::http1), or pingora. In HTTP/1.1 it
//! reads ahead no more than it has to, and lets pingora see one request and nothing of the next. What pingora writes it puts
//! together until it is told to send it. While it rests, it has but a small buffer.

mod transport;

use std::{
    io::{self, IoSlice},
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::BytesMut;
use pingora::protocols::Stream;
use pingora_timeout::fast_timeout::fast_timeout;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::front::proxy::WRITE_TIMEOUT;

/// So much is read at once.
const READ: usize = 2 << 10;

/// So much of later requests is read ahead while one is answered.
const AHEAD: usize = 64 << 10;

/// What pingora writes is put together up to this size, so that header and body are one packet if they fit.
const BUFFER: usize = 64 << 10;

/// How many bytes of a reply a client has to accept in a second, in the long run.
const SLOWEST: u64 = 1024;

/// A connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    /// What has been read, and from where on it has not been used.
    ahead: Vec<u8>,
    at: usize,
    /// How many bytes of the request pingora has not read yet; `None`: it may read whatever comes.
    left: Option<u64>,
    /// What pingora has written, and what of it has been sent.
    out: Vec<u8>,
    sent: usize,
    /// Whether it waits for what other streams of the same connection have to say before it is sent, and whether it has.
    gathers: bool,
    has_gathered: bool,
}

impl Wire {
    /// One of which pingora sees no more than it is given.
    pub(super) fn new(stream: Stream) -> Self {
        let (ahead, out) = (Vec::new(), Vec::new());
        Self { stream, ahead, at: 0, left: Some(0), out, sent: 0, gathers: false, has_gathered: false }
    }

    /// One that speaks HTTP/2, which is pingora's.
    pub(super) fn of_http2(stream: Stream) -> Self {
        Self { left: None, gathers: true, ..Self::new(stream) }
    }

    /// The client's address.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        let digest = self.stream.get_socket_digest()?;
        Some(digest.peer_addr()?.as_inet()?.ip().to_canonical())
    }

    /// Whether the client speaks TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.stream.get_ssl_digest().is_some()
    }

    /// What has been read and not been used.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.ahead[self.at..]
    }

    /// So much of it has been used.
    pub(super) fn consume(&mut self, length: usize) {
        self.at += length;
        if self.at >= self.ahead.len() {
            self.ahead.clear();
            self.at = 0;
        }
    }

    /// Reads more; `None`: there is no more to come.
    pub(super) async fn wait(mut self: Box<Self>) -> Option<Box<Self>> {
        if self.at > 0 {
            self.ahead.drain(..self.at);
            self.at = 0;
        }
        if self.ahead.is_empty() && self.ahead.capacity() > READ {
            self.ahead = Vec::new();
        }
        self.ahead.reserve_exact(READ);
        let this = &mut *self;
        let read = this.stream.read_buf(&mut this.ahead).await.ok()?;
        (read > 0).then_some(self)
    }

    /// Sends both, one after the other, unless the client takes too long to accept them.
    pub(super) async fn send(&mut self, first: &[u8], second: &[u8]) -> io::Result<()> {
        let total = (first.len() + second.len()) as u64;
        let limit = WRITE_TIMEOUT + Duration::from_secs(total / SLOWEST);
        fast_timeout(limit, self.send_all(first, second)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn send_all(&mut self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        while !first.is_empty() || !second.is_empty() {
            let slices = [IoSlice::new(first), IoSlice::new(second)];
            let slices = if first.is_empty() { &slices[1..] } else { &slices };
            let sent = fast_timeout(WRITE_TIMEOUT, self.stream.write_vectored(slices)).await;
            let sent = sent.map_err(|_| io::ErrorKind::TimedOut)??;
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            let of_first = sent.min(first.len());
            (first, second) = (&first[of_first..], &second[sent - of_first..]);
        }
        self.stream.flush().await
    }

    /// Goes on, unless that was all: then the connection is ended in good order.
    pub(super) async fn unless(mut self: Box<Self>, is_last: bool) -> Option<Box<Self>> {
        if !is_last {
            return Some(self);
        }
        // It may be gone already, here and below.
        let _ = self.stream.shutdown().await;
        None
    }

    /// What pingora begins with: the head of a request, of which it may read so many bytes more; or all that has come, if it
    /// may read whatever it likes.
    pub(super) fn hand_over(&mut self, request: Option<(usize, u64)>) -> BytesMut {
        let length = request.map_or(self.ahead().len(), |(head, _)| head);
        self.left = request.map(|(_, body)| body);
        let given = BytesMut::from(&self.ahead()[..length]);
        self.consume(length);
        given
    }

    /// Whether pingora has read the request, and nothing else.
    pub(super) fn is_in_step(&self) -> bool {
        self.left == Some(0)
    }

    /// Reads for a client that is waited for: what comes belongs to its next request; that nothing comes any more is news.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.ahead().len() < AHEAD {
            let mut buffer = [0; 1024];
            let mut part = ReadBuf::new(&mut buffer);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.ahead.extend_from_slice(part.filled());
        }
        Poll::Pending
    }

    fn poll_send_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.out.len() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.out[self.sent..]))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
        }
        (self.out, self.sent) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.left == Some(0) {
            return this.poll_rest(cx);
        }
        let most =
            this.left.map_or(buf.remaining(), |left| usize::try_from(left).unwrap_or(usize::MAX).min(buf.remaining()));
        let read = if this.ahead().is_empty() {
            let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut part))?;
            let read = part.filled().len();
            buf.advance(read);
            read
        } else {
            let read = most.min(this.ahead().len());
            buf.put_slice(&this.ahead()[..read]);
            this.consume(read);
            read
        };
        this.left = this.left.map(|left| left - read as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.out.len() + buf.len() > BUFFER {
            ready!(self.poll_send_out(cx))?;
        }
        if buf.len() >= BUFFER {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        }
        self.out.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gathers && !self.out.is_empty() && !self.has_gathered {
            // Those that are about to write have their turn first.
            self.has_gathered = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_gathered = false;
        ready!(self.poll_send_out(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send_out(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
