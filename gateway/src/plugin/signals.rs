//! Which signals the process handles, to notice a library that meddles with them.

use std::fs;

/// Which signals are caught or ignored, not by whom: the masks of caught and of ignored signals, as the kernel writes them; empty if it does not tell.
pub(super) fn dispositions() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("SigCgt:") || line.starts_with("SigIgn:"))
        .map(str::to_owned)
        .collect()
}
