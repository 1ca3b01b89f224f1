//! Connections: only so many at once, and none that takes for ever to say what it wants.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use pingora::{
    apps::ServerApp,
    protocols::{ALPN, Stream},
    proxy::HttpProxy,
    server::ShutdownWatch,
};
use tokio::{task::coop::unconstrained, time::sleep};

use super::{Front, proxy::Proxy};
use crate::config::Connections as Settings;

tokio::task_local! {
    /// What the connection of this task is doing. Streams of HTTP/2 have tasks of their own, and none of these.
    static DOING: Cell<Doing>;
}

#[derive(Clone, Copy)]
enum Doing {
    /// Waiting for the head of its first request, or of one more, since then.
    Waiting { since: Instant, first: bool },
    /// Answering.
    Answering,
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
        set(Doing::Waiting { since: Instant::now(), first: false });
    }
}

fn set(doing: Doing) {
    // Elsewhere it is nobody's concern.
    let _ = DOING.try_with(|now| now.set(doing));
}

/// The proxy, guarded.
pub(super) struct Connections {
    proxy: Arc<HttpProxy<Proxy>>,
    front: Arc<ArcSwap<Front>>,
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
    pub(super) fn new(proxy: HttpProxy<Proxy>, front: Arc<ArcSwap<Front>>) -> Self {
        Self { proxy: Arc::new(proxy), front, open: Arc::default(), told: AtomicBool::new(false) }
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
        let settings = self.front.load().connections;
        let _place = self.enter(settings.limit)?;
        if matches!(stream.selected_alpn_proto(), Some(ALPN::H2)) {
            // Its own limits are those of the protocol's implementation.
            return self.proxy.process_new(stream, shutdown).await;
        }
        let waiting = Doing::Waiting { since: Instant::now(), first: true };
        DOING.scope(Cell::new(waiting), unless_overdue(self.proxy.process_new(stream, shutdown), settings)).await
    }

    async fn cleanup(&self) {
        self.proxy.cleanup().await;
    }
}

impl Doing {
    /// How long this may go on. Before all requests but the first, a connection may rest.
    fn left(self, settings: Settings) -> Duration {
        match self {
            Self::Waiting { since, first: true } => settings.header.saturating_sub(since.elapsed()),
            Self::Waiting { since, .. } => (settings.idle + settings.header).saturating_sub(since.elapsed()),
            // To be looked at again.
            Self::Answering => settings.header,
        }
    }
}

/// Serves the connection until the head of a request should have come and has not: then it is dropped. pingora limits the
/// time between two reads, which is no limit for a client that sends a byte now and then.
async fn unless_overdue<T>(served: impl Future<Output = Option<T>> + Unpin, settings: Settings) -> Option<T> {
    let (mut served, mut timer) = (pin!(served), pin!(sleep(settings.header)));
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
            timer.as_mut().reset(tokio::time::Instant::now() + left);
            is_set = false;
        }
        Poll::Pending
    })
    .await
}
