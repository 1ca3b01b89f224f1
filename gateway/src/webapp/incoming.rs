//! A body while it arrives.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;

use super::WebError;

/// How long a client may be silent in such a body.
pub const SILENCE: Duration = Duration::from_secs(30);

/// A request's body while it arrives, at the speed at which it is read; an error says why no more of it does.
pub struct Incoming(pub mpsc::Receiver<Result<Bytes, WebError>>);

impl Stream for Incoming {
    type Item = Result<Bytes, WebError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
