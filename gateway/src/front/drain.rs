//! Ending without cutting anybody off: no new connections, then a wait for the requests in flight, but not for ever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use pingora::server::{ShutdownSignal, ShutdownSignalWatch};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::{sleep, timeout},
};

/// How long requests in flight may take to end after SIGTERM.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// How many requests are being answered, and whether there are to be no more.
#[derive(Default)]
pub(super) struct InFlight {
    count: AtomicUsize,
    ending: AtomicBool,
}

/// Counts a request as long as it lives.
pub(super) struct Counted(Arc<InFlight>);

impl InFlight {
    pub(super) fn enter(this: &Arc<Self>) -> Counted {
        this.count.fetch_add(1, Ordering::Relaxed);
        Counted(this.clone())
    }

    /// Whether the process is about to end: each connection gets its reply, and no other.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    async fn none_left(&self) {
        while self.count.load(Ordering::Relaxed) > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits for a signal, and drains before it tells pingora, which would sleep a fixed time instead.
pub(super) struct Drain {
    pub(super) in_flight: Arc<InFlight>,
    /// Closes the listeners when it turns true.
    pub(super) closing: watch::Sender<bool>,
    /// Called once signals are heard.
    pub(super) ready: Box<dyn Fn() + Send + Sync>,
}

#[async_trait]
impl ShutdownSignalWatch for Drain {
    async fn recv(&self) -> ShutdownSignal {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            // Without signals there is nothing to wait for but a kill.
            return std::future::pending().await;
        };
        (self.ready)();
        tokio::select! {
            _ = interrupt.recv() => {
                self.closing.send_replace(true);
                return ShutdownSignal::FastShutdown;
            }
            _ = terminate.recv() => {}
        }
        self.in_flight.ending.store(true, Ordering::Relaxed);
        tracing::info!("ending: no new connections, waiting for requests in flight");
        self.closing.send_replace(true);
        tokio::select! {
            _ = interrupt.recv() => {}
            drained = timeout(DRAIN_TIMEOUT, self.in_flight.none_left()) => if drained.is_err() {
                tracing::warn!("some requests did not end within {DRAIN_TIMEOUT:?} and are cut off");
            },
        }
        ShutdownSignal::FastShutdown
    }
}
