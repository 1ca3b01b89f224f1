//! The time as the kernel's tick has it: to read it costs next to nothing, and it is a few milliseconds late at most.

use std::{
    cell::Cell,
    time::{Duration, UNIX_EPOCH},
};

use rustix::time::{ClockId, clock_gettime};

/// The length of a date in HTTP (RFC 9110 §5.6.7).
pub(super) const DATE_LENGTH: usize = 29;

/// Milliseconds since some time or other; never fewer than before.
pub(super) fn ticks() -> u64 {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    now.tv_sec.cast_unsigned() * 1000 + now.tv_nsec.cast_unsigned() / 1_000_000
}

/// The time as a date, which each thread writes once a second.
pub(super) fn date() -> [u8; DATE_LENGTH] {
    thread_local! {
        static LAST: Cell<(u64, [u8; DATE_LENGTH])> = const { Cell::new((0, [b' '; DATE_LENGTH])) };
    }
    let second = clock_gettime(ClockId::RealtimeCoarse).tv_sec.cast_unsigned();
    LAST.with(|last| {
        if last.get().0 != second {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(second));
            // It has this length until the year 10000.
            last.set((second, text.as_bytes().try_into().unwrap_or([b' '; DATE_LENGTH])));
        }
        last.get().1
    })
}
