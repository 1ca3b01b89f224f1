//! The plugin's own tokio runtime. The gateway's can't be used: tokio's state is per library.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::runtime::{Builder, Handle, Runtime};

/// One runtime for all instances of this plugin, alive as long as one of them is.
pub(crate) struct Shared {
    runtime: Option<Runtime>,
    handle: Handle,
}

static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

impl Drop for Shared {
    /// Without waiting: an instance that could not be made must not hide why behind what it has begun.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    /// The runtime that other instances already use, or a new one with a worker per core.
    ///
    /// # Errors
    /// If its threads can't be started.
    pub(crate) fn obtain(name: &str) -> std::io::Result<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(living) = shared.upgrade() {
            return Ok(living);
        }
        let runtime = Builder::new_multi_thread().enable_all().thread_name(name).build()?;
        let handle = runtime.handle().clone();
        let made = Arc::new(Self { runtime: Some(runtime), handle });
        *shared = Arc::downgrade(&made);
        Ok(made)
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Gives this instance's share up. The last one stops the runtime and waits at most `timeout` for its threads.
    pub(crate) fn release(self: Arc<Self>, timeout: Duration) {
        if let Some(runtime) = Arc::into_inner(self).and_then(|mut last| last.runtime.take()) {
            runtime.shutdown_timeout(timeout);
        }
    }
}
