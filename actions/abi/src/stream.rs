//! The body of a reply, or the files of a request, chunk by chunk.

use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{RawFuture, Reply};

/// A source of chunks.
pub trait Chunks: Send {
    /// The next chunk, as a [`Reply`] of kind [`CONTENT`](crate::Kind::CONTENT) without `meta`; one without `body` is the
    /// end, and one of another kind is an end that should not have been, but for
    /// [`FILE_BEGINS`](crate::Kind::FILE_BEGINS). Not called again after either end.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply>;
}

/// An owned source of chunks across the boundary: a future that is polled again after each chunk. Nothing is made before
/// it is asked for; dropping it cancels what is being made.
#[repr(transparent)]
pub struct RawStream(RawFuture);

impl RawStream {
    /// No stream: never gives a chunk.
    pub const NONE: Self = Self(RawFuture::NONE);

    /// Hands `chunks` to the other side. It must not panic, neither polled nor dropped: a panic would end the process.
    #[must_use]
    pub fn new<C: Chunks + 'static>(chunks: C) -> Self {
        Self(RawFuture::new(Next(chunks)))
    }

    /// The next chunk, see [`Chunks::poll_next`].
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Reply> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Polled as a future, gives one chunk each time.
struct Next<C>(C);

impl<C: Chunks> Future for Next<C> {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        // SAFETY: the only field is pinned as its owner is, and never moved out.
        unsafe { self.map_unchecked_mut(|next| &mut next.0) }.poll_next(cx)
    }
}
