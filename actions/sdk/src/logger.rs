//! Hands the plugin's log lines to the gateway. A plugin has its own copy of the `log` crate, which nobody reads.

// Calls the gateway's function.
#![allow(unsafe_code)]

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use log::{LevelFilter, Log, Metadata, Record};
use wicketgate_abi::{HostApi, Slice};

static HOST: OnceLock<&'static HostApi> = OnceLock::new();

struct HostLog;

/// Sends what is logged from now on to `host`. The first call counts.
pub(crate) fn install(host: &'static HostApi) {
    if HOST.set(host).is_ok() && log::set_logger(&HostLog).is_ok() {
        // The gateway's level may change while it runs, so the test is made per line, in `enabled`.
        log::set_max_level(LevelFilter::Trace);
    }
}

/// The gateway, once it has made an instance.
pub(crate) fn host() -> Option<&'static HostApi> {
    HOST.get().copied()
}

impl Log for HostLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let max: &AtomicU32 = match HOST.get() {
            Some(host) => host.max_log_level,
            None => return false,
        };
        metadata.level() as u32 <= max.load(Ordering::Relaxed)
    }

    fn log(&self, record: &Record<'_>) {
        if let (true, Some(host)) = (self.enabled(record.metadata()), HOST.get()) {
            let message = record.args().to_string();
            let (target, message) = (Slice::new(record.target().as_bytes()), Slice::new(message.as_bytes()));
            // SAFETY: the host's function, with slices that live through the call.
            unsafe { (host.log)(record.level() as u32, target, message) }
        }
    }

    fn flush(&self) {}
}
