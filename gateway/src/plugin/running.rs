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

    /// Counts one more, which has to [`leave`](Self::leave) in the end; false if there are too many.
    pub(super) fn enter(&self) -> bool {
        let before = self.running.fetch_add(1, Ordering::Relaxed);
        let entered = before < self.limit.load(Ordering::Relaxed);
        if !entered {
            self.leave();
        }
        entered
    }

    /// Counts one less.
    pub(super) fn leave(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}
