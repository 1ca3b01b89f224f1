//! Which commands hold the thread that calls them for too long, so that they are handed over to the plugin's threads.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// A call that takes longer before it first waits is a slow one: so long, nobody else is served by the thread.
const SLOW: Duration = Duration::from_millis(10);

/// Three slow calls within this time are too many …
const WINDOW: Duration = Duration::from_secs(60);

/// … if there were not more than so many calls since the first of them. A machine that is busy lets any thread wait now and
/// then: that makes no command a slow one.
const CALLS: u64 = 3000;

/// For how long a command is handed over then.
const HANDED_OVER: Duration = Duration::from_secs(600);

/// Of one command. Times are in milliseconds since the first of all calls; 0 is never.
#[derive(Default)]
pub(super) struct Pace {
    /// How many calls there were.
    calls: AtomicU64,
    /// The last two slow ones.
    slow: [Slow; 2],
    /// Until when it is handed over.
    until: AtomicU64,
}

/// A slow call: when it was, and which.
#[derive(Default)]
struct Slow {
    time: AtomicU64,
    call: AtomicU64,
}

/// A time as a number; never 0.
fn millis(now: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    1 + u64::try_from(now.saturating_duration_since(*START).as_millis()).unwrap_or(u64::MAX - 1)
}

impl Pace {
    /// Whether the command is to be handed over.
    pub(super) fn is_slow(&self, now: Instant) -> bool {
        let until = self.until.load(Relaxed);
        until > 0 && millis(now) < until
    }

    /// Takes note of how long a call has held its thread. Calls that end at the same moment may be counted as one: then it
    /// takes one more.
    pub(super) fn took(&self, time: Duration, command: &str) {
        let call = 1 + self.calls.fetch_add(1, Relaxed);
        if time <= SLOW {
            return;
        }
        let now = millis(Instant::now());
        let second = (self.slow[0].time.swap(now, Relaxed), self.slow[0].call.swap(call, Relaxed));
        let first = (self.slow[1].time.swap(second.0, Relaxed), self.slow[1].call.swap(second.1, Relaxed));
        let recent = first.0 > 0 && now.saturating_sub(first.0) <= WINDOW.as_millis() as u64;
        if !recent || call.saturating_sub(first.1) > CALLS {
            return;
        }
        let until = now + HANDED_OVER.as_millis() as u64;
        if self.until.swap(until, Relaxed) < now {
            tracing::warn!(
                %command,
                "held a thread of the gateway for {time:?}, the third time within a minute: for the next ten minutes it is \
                 started on the plugin's own threads. What blocks or computes belongs into a plain `fn`"
            );
        }
    }
}
