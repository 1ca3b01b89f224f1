//! What the gateway offers to plugins.

use std::{
    panic::catch_unwind,
    sync::atomic::{AtomicU32, Ordering},
};

use tracing::{Level, level_filters::LevelFilter};
use wicketgate_abi::{ABI_MINOR, HostApi, Slice};

use super::services::service;

static MAX_LOG_LEVEL: AtomicU32 = AtomicU32::new(3);

/// The one host that all plugins see.
pub(super) static HOST: HostApi = HostApi {
    size: size_of::<HostApi>() as u32,
    abi_minor: ABI_MINOR,
    reserved: 0,
    max_log_level: &MAX_LOG_LEVEL,
    log,
    service,
};

/// Tells plugins which lines are worth sending.
pub fn set_log_level(filter: LevelFilter) {
    let level = match filter.into_level() {
        None => 0,
        Some(Level::ERROR) => 1,
        Some(Level::WARN) => 2,
        Some(Level::INFO) => 3,
        Some(Level::DEBUG) => 4,
        Some(Level::TRACE) => 5,
    };
    MAX_LOG_LEVEL.store(level, Ordering::Relaxed);
}

/// # Safety
/// Both slices hold bytes that live through the call.
unsafe extern "C" fn log(level: u32, target: Slice, message: Slice) {
    // SAFETY: the caller's promise.
    let (target, message) = unsafe { (target.as_bytes(), message.as_bytes()) };
    // A panic of the logger must not reach the plugin: it would end the process.
    let _ = catch_unwind(|| write_line(level, target, message));
}

fn write_line(level: u32, target: &[u8], message: &[u8]) {
    let (plugin, message) = (String::from_utf8_lossy(target), String::from_utf8_lossy(message));
    match level {
        1 => tracing::error!(target: "plugin", %plugin, "{message}"),
        2 => tracing::warn!(target: "plugin", %plugin, "{message}"),
        3 => tracing::info!(target: "plugin", %plugin, "{message}"),
        4 => tracing::debug!(target: "plugin", %plugin, "{message}"),
        _ => tracing::trace!(target: "plugin", %plugin, "{message}"),
    }
}
