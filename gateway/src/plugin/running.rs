//! How many calls of a plugin are running.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// The calls of a plugin that are running, over all of its instances.
pub struct Calls {
    running: AtomicU32,
    limit: AtomicU32,
}

/// Counts a call as long as it lives.
pub(super) struct CallGuard(Arc<Calls>);

impl Calls {
    /// Calls of which so many may run at once.
    #[must_use]
    pub fn new(limit: u32) -> Arc<Self> {
        Arc::new(Self { running: AtomicU32::new(0), limit: AtomicU32::new(limit) })
    }

    /// Sets another limit.
    pub fn limit(&self, limit: u32) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Counts one more; `None` if there are too many.
    pub(super) fn enter(this: &Arc<Self>) -> Option<CallGuard> {
        let guard = CallGuard(this.clone());
        let before = this.running.fetch_add(1, Ordering::Relaxed);
        // A guard that is not handed out takes its count back at once.
        (before < this.limit.load(Ordering::Relaxed)).then_some(guard)
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}
