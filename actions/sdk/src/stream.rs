//! A body that is made while it is sent.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use schemars::SchemaGenerator;
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};
use wicketgate_abi::{Buf, Chunks, Format, Kind, RawStream, Reply};

use crate::{
    Answer, Error, Response, Result,
    head::{Head, head_methods},
    output::{ReplyInfo, failure},
    panics::Caught,
};

/// How many chunks may wait for the caller.
const WAITING: usize = 2;

/// A body that is made while it is sent, at the speed of the caller who reads it.
///
/// ```
/// # use wicketgate_action::prelude::*;
/// async fn http_get_numbers() -> Result<Stream> {
///     Ok(Stream::new("text/plain", |out| async move {
///         for number in 0..1_000_000 {
///             out.send(format!("{number}\n")).await?;
///         }
///         Ok(())
///     }))
/// }
/// ```
pub struct Stream {
    head: Head,
    chunks: Receiver,
}

/// Where a stream's chunks go.
#[derive(Clone)]
pub struct StreamSender(mpsc::Sender<Chunk>);

enum Chunk {
    Bytes(Vec<u8>),
    /// Said aloud, so that a stream that just stops is not taken for a whole one.
    End,
    Failed(Error),
}

struct Receiver {
    chunks: mpsc::Receiver<Chunk>,
    producer: JoinHandle<()>,
}

impl Stream {
    /// A body of that media type, made by `produce` on this plugin's threads. When it returns, the body is complete; when it
    /// fails, or is silent for longer than a command's time limit, the connection is broken off, since the status has been
    /// sent. It is dropped when the caller goes away.
    ///
    /// # Panics
    /// Outside of a handler.
    pub fn new<P, F>(content_type: impl Into<String>, produce: P) -> Self
    where
        P: FnOnce(StreamSender) -> F,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (sender, chunks) = mpsc::channel(WAITING);
        let produced = Caught::new(produce(StreamSender(sender.clone())));
        let producer = Handle::current().spawn(async move {
            let last = match produced.await {
                Ok(Ok(())) => Chunk::End,
                Ok(Err(error)) => Chunk::Failed(error),
                Err(panic) => Chunk::Failed(Error::internal(panic)),
            };
            // Without anybody to hear it, nothing needs to be said.
            let _ = sender.send(last).await;
        });
        Self { head: Head::new(200, content_type), chunks: Receiver { chunks, producer } }
    }

    head_methods!();
}

impl StreamSender {
    /// Sends a chunk; waits while the caller has not read the ones before.
    ///
    /// # Errors
    /// If the caller has gone away.
    pub async fn send(&self, bytes: impl Into<Vec<u8>>) -> Result<()> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        let gone = |_| Error::internal("the caller has gone away");
        self.0.send(Chunk::Bytes(bytes)).await.map_err(gone)
    }
}

impl Chunks for Receiver {
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        // Whatever it was, the status has been sent.
        let broken = |error| failure(error, Format::Json);
        let content =
            |bytes| Reply { kind: Kind::CONTENT, status: 200, body: Buf::from_vec(bytes), ..Reply::UNWRITTEN };
        self.chunks.poll_recv(cx).map(|chunk| match chunk {
            Some(Chunk::Bytes(bytes)) => content(bytes),
            Some(Chunk::End) => content(Vec::new()),
            Some(Chunk::Failed(error)) if error.cause().is_empty() => broken(Error::internal(error.info().to_owned())),
            Some(Chunk::Failed(error)) => broken(error),
            None => broken(Error::internal("the stream was dropped")),
        })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.producer.abort();
    }
}

impl Response for Stream {
    fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        vec![ReplyInfo::of("stream")]
    }

    fn into_answer(self, _: Format) -> Result<Answer> {
        Ok(Answer::streaming(self.head, RawStream::new(self.chunks)))
    }
}
