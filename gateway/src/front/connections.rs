//! Connections: only so many at once, and none that takes for ever to say what it wants.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use pingora::{
    apps::ServerApp,
    protocols::{ALPN, Stream},
    server::ShutdownWatch,
};
use tokio::{task::coop::unconstrained, time::sleep};

use super::{http1::Server, wire::Wire};
use crate::config::Connections as Settings;

tokio::task_local! {
    /// What the connection of this task is doing. Streams of HTTP/2 have tasks of their own, and none of these.
    static DOING: Cell<Doing>;
}

#[derive(Clone, Copy)]
enum Doing {
    /// Resting between two requests, since then.
    Resting(Instant),
    /// Reading the head of a request, since then. A connection begins with that.
    Reading(Instant),
    /// Answering.
    Answering,
}

/// Some of a request's head has come, but not all of it.
pub(super) fn reading() {
    let _ = DOING.try_with(|now| {
        if let Doing::Resting(_) = now.get() {
            now.set(Doing::Reading(Instant::now()));
        }
    });
}

/// A request that is being answered, as long as it lives.
pub(super) struct Answering;

impl Answering {
    /// The head of a request has come.
    pub(super) fn begin() -> Self {
        set(Doing::Answering);
        Self
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        set(Doing::Resting(Instant::now()));
    }
}

fn set(doing: Doing) {
    // Elsewhere it is nobody's concern.
    let _ = DOING.try_with(|now| now.set(doing));
}

/// All connections, guarded.
pub(super) struct Connections {
    server: Server,
    open: Arc<AtomicUsize>,
    /// Whether the log has been told of too many.
    told: AtomicBool,
}

/// A connection among those that are counted.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Connections {
    pub(super) fn new(server: Server) -> Self {
        Self { server, open: Arc::default(), told: AtomicBool::new(false) }
    }

    /// Counts one more; `None` if there are too many, which is told once until there are fewer.
    fn enter(&self, limit: usize) -> Option<Place> {
        let before = self.open.fetch_add(1, Relaxed);
        let place = Place(self.open.clone());
        if before < limit {
            if before < limit / 2 {
                self.told.store(false, Relaxed);
            }
            return Some(place);
        }
        if !self.told.swap(true, Relaxed) {
            tracing::warn!(
                "there are {limit} connections, as many as `server.limits.connections` allows: more are closed"
            );
        }
        None
    }
}

#[async_trait]
impl ServerApp for Connections {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let settings = self.server.front.load().connections;
        let _place = self.enter(settings.limit)?;
        if matches!(stream.selected_alpn_proto(), Some(ALPN::H2)) {
            // Its own limits are those of the protocol's implementation.
            return self.server.proxy.process_new(Box::new(Wire::of_http2(stream)), shutdown).await;
        }
        let begun = Cell::new(Doing::Reading(Instant::now()));
        let served = pin!(self.server.serve(stream, shutdown));
        DOING.scope(begun, unless_overdue(served, settings)).await;
        None
    }

    async fn cleanup(&self) {
        self.server.proxy.cleanup().await;
    }
}

impl Doing {
    /// How long this may go on.
    fn left(self, settings: Settings) -> Duration {
        match self {
            Self::Resting(since) => settings.idle.saturating_sub(since.elapsed()),
            Self::Reading(since) => settings.header.saturating_sub(since.elapsed()),
            // To be looked at again.
            Self::Answering => settings.header,
        }
    }
}

/// Serves the connection until it has rested too long, or the head of a request should have come and has not: then it is
/// dropped. To limit the time between two reads would be no limit for a client that sends a byte now and then.
async fn unless_overdue<T>(mut served: Pin<&mut impl Future<Output = Option<T>>>, settings: Settings) -> Option<T> {
    // What it does may be something else by then, that may take less time.
    let longest = settings.header.min(settings.idle);
    let mut timer = pin!(sleep(longest));
    let mut is_set = false;
    poll_fn(|cx| {
        if let Poll::Ready(left) = served.as_mut().poll(cx) {
            return Poll::Ready(left);
        }
        // A timer that is set wakes this task in time: to poll it with each request would cost more than to ask. It is polled
        // unconstrained, since "pending" must mean that it is set, not that the task has done enough for this turn.
        while !is_set || timer.is_elapsed() {
            if pin!(unconstrained(timer.as_mut())).poll(cx).is_pending() {
                is_set = true;
                continue;
            }
            let left = DOING.with(Cell::get).left(settings);
            if left.is_zero() {
                return Poll::Ready(None);
            }
            timer.as_mut().reset(tokio::time::Instant::now() + left.min(longest));
            is_set = false;
        }
        Poll::Pending
    })
    .await
}
