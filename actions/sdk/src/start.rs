//! Starts a handler: an `async fn` here until it first waits, a plain `fn` on a blocking thread.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use serde::de::DeserializeOwned;
use tokio::{runtime::Handle, task::JoinHandle};
use wicketgate_abi::{Buf, Format, Reply};

use crate::{
    Error, Params, Request, encoding,
    files::Files,
    output::{Output, failure, panicked, reply},
    panics::{Caught, caught},
};

/// A call, taken apart.
pub struct Call {
    pub(crate) request: Request,
    pub(crate) params: Buf,
    /// The files of a form.
    pub(crate) files: Option<Arc<Files>>,
    pub(crate) format: Format,
    pub(crate) runtime: Handle,
    /// Whether the handler has to start on the plugin's threads.
    pub(crate) hand_over: bool,
}

/// A handler that was started.
pub enum Started {
    /// It is done.
    Ready(Reply),
    /// It goes on, on the plugin's threads.
    Pending(Running),
}

/// A handler at work on the plugin's threads. Dropping it aborts an `async fn` at its next `.await`.
pub struct Running(JoinHandle<Reply>);

impl Future for Running {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        // Panics were caught inside; what is left is that the runtime was shut down underneath.
        let stopped = |_| failure(Error::new(503, "the action is shutting down"), Format::Json);
        Pin::new(&mut self.0).poll(cx).map(|joined| joined.unwrap_or_else(stopped))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts an `async fn`. Polled once where it was called, which is all that most handlers need; one that waits moves
/// to the plugin's runtime, whose timers and sockets it has used from the start. One that is known to hold its thread
/// starts there.
pub fn run_async<P, O, F>(call: Call, handler: impl FnOnce(Request, P) -> F + Send + 'static) -> Started
where
    P: Params,
    O: Output + 'static,
    F: Future<Output = O> + Send + 'static,
{
    let (request, format) = (call.request, call.format);
    let mut future = Caught::new(async move {
        match read_params(&call.params, call.files) {
            Ok(params) => reply(handler(request, params).await, format),
            Err(refused) => refused,
        }
    });
    let _entered = call.runtime.enter();
    if !call.hand_over
        && let Poll::Ready(done) = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()))
    {
        return Started::Ready(done.unwrap_or_else(panicked));
    }
    // The runtime polls once more, so the waker that was no waker loses nothing.
    Started::Pending(Running(call.runtime.spawn(async move { future.await.unwrap_or_else(panicked) })))
}

/// Starts a plain `fn`, which may block.
pub fn run_blocking<P, O>(call: Call, handler: impl FnOnce(Request, P) -> O + Send + 'static) -> Started
where
    P: Params,
    O: Output + 'static,
{
    let (request, format) = (call.request, call.format);
    let run = move || match read_params(&call.params, call.files) {
        Ok(params) => reply(handler(request, params), format),
        Err(refused) => refused,
    };
    Started::Pending(Running(call.runtime.spawn_blocking(move || caught(run).unwrap_or_else(panicked))))
}

/// The gateway has checked the parameters by this plugin's own spec. What is still refused breaks a rule that only the
/// author's `Deserialize` knows: one of `#[serde(try_from)]`, or the width of the numbers that are a map's names.
fn read_params<P: DeserializeOwned>(params: &Buf, files: Option<Arc<Files>>) -> Result<P, Reply> {
    Files::within(files, || encoding::read(params.as_ref()))
        .map_err(|e| failure(Error::bad_request(format!("the parameters do not fit: {e}")), Format::Json))
}
