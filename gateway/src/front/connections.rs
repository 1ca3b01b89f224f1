//! Connections: only so many at once, and none that takes for ever to say what it wants.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use pingora::{
    apps::ServerApp,
    protocols::{ALPN, Stream},
    proxy::HttpProxy,
    server::ShutdownWatch,
};
use tokio::time::sleep;

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
        let served = async {
            tokio::select! {
                biased;
                left = self.proxy.process_new(stream, shutdown) => left,
                () = overdue(settings) => None,
            }
        };
        DOING.scope(Cell::new(waiting), served).await
    }

    async fn cleanup(&self) {
        self.proxy.cleanup().await;
    }
}

/// Waits until the head of a request should have come. pingora limits the time between two reads, which is no limit for a
/// client that sends a byte now and then. Before all but the first, the connection may rest.
async fn overdue(settings: Settings) {
    loop {
        let left = match DOING.with(Cell::get) {
            Doing::Waiting { since, first } => {
                let allowed = if first { settings.header } else { settings.idle + settings.header };
                allowed.saturating_sub(since.elapsed())
            }
            Doing::Answering => settings.header,
        };
        if left.is_zero() {
            return;
        }
        sleep(left).await;
    }
}
