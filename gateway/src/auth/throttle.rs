//! How often somebody may fail to log in. Each limit is a bucket that empties evenly, so that what is written for a minute
//! holds for any minute (the generic cell rate algorithm).

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use quick_cache::unsync::Cache;

use super::Refusal;

/// How many buckets are remembered. An attacker from more places than that is met by the others' limits.
const REMEMBERED: usize = 100_000;

const MINUTE: Duration = Duration::from_secs(60);

/// A limit: so many failures within so long.
#[derive(Clone, Copy)]
struct Limit(u32, Duration);

/// Of one account from one address.
const PAIR: Limit = Limit(10, MINUTE);

/// Of all accounts from one address.
const ADDRESS: Limit = Limit(100, MINUTE);

/// Of one account from all addresses but those from which its owner has logged in: slow, since it locks out the owner
/// elsewhere.
const ACCOUNT: Limit = Limit(100, Duration::from_secs(60 * 60));

/// Of tokens from one address.
const TOKENS: Limit = Limit(100, MINUTE);

/// How many attempts may take turns, and how many may wait for one.
const TURNS: usize = 256;
const WAITING: usize = 256;
const WAITING_PER_TURN: usize = 32;

/// Remembers failures.
pub(super) struct Throttle {
    state: Mutex<State>,
    /// Of an account from an address there is one attempt at a time, so that many at once are neither forgotten nor refused
    /// because of each other. Several share a turn.
    turns: Vec<Turn>,
    waiting: AtomicUsize,
    hasher: RandomState,
}

struct State {
    /// When each bucket will be empty.
    buckets: Cache<u64, Instant>,
    /// Pairs of account and address of which an attempt has succeeded.
    friends: Cache<u64, ()>,
}

#[derive(Default)]
struct Turn {
    mutex: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
}

/// Somebody who tries to log in, and is counted as having failed until they have not.
pub(super) struct Attempt<'t> {
    throttle: &'t Throttle,
    buckets: Vec<(u64, Limit)>,
    /// Account and address.
    pair: Option<u64>,
    _turn: Option<tokio::sync::MutexGuard<'t, ()>>,
}

impl State {
    /// How long to wait until one more may fail.
    fn wait(&self, buckets: &[(u64, Limit)], now: Instant) -> Duration {
        let wait = |(key, Limit(count, period)): &(u64, Limit)| {
            (self.filled(key, now) + *period / *count).saturating_duration_since(now + *period)
        };
        buckets.iter().map(wait).max().unwrap_or_default()
    }

    fn filled(&self, key: &u64, now: Instant) -> Instant {
        self.buckets.get(key).copied().unwrap_or(now).max(now)
    }

    fn look(&self, buckets: &[(u64, Limit)], now: Instant) -> Result<(), Refusal> {
        let wait = self.wait(buckets, now);
        if wait.is_zero() { Ok(()) } else { Err(Refusal::Throttled(wait)) }
    }

    fn count(&mut self, buckets: &[(u64, Limit)]) -> Result<(), Refusal> {
        let now = Instant::now();
        self.look(buckets, now)?;
        for (key, Limit(count, period)) in buckets {
            let filled = self.filled(key, now) + *period / *count;
            self.buckets.insert(*key, filled);
        }
        Ok(())
    }
}

/// One waits more, as long as this lives.
struct Waiting<'t>(&'t AtomicUsize);

impl<'t> Waiting<'t> {
    fn begin(waiting: &'t AtomicUsize, limit: usize) -> Result<Self, Refusal> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let begun = Self(waiting);
        if before < limit { Ok(begun) } else { Err(Refusal::Busy) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Throttle {
    pub(super) fn new() -> Self {
        let state = State { buckets: Cache::new(REMEMBERED), friends: Cache::new(REMEMBERED) };
        let turns = std::iter::repeat_with(Turn::default).take(TURNS).collect();
        Self { state: Mutex::new(state), turns, waiting: AtomicUsize::new(0), hasher: RandomState::new() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an attempt counts in; first the pair of account and address.
    fn buckets(&self, account: &str, address: Option<IpAddr>) -> Vec<(u64, Limit)> {
        let (account, network) = (account.to_lowercase(), address.map(network));
        let pair = self.hasher.hash_one((&account, network));
        let mut buckets = vec![(pair, PAIR), (self.hasher.hash_one(("address", network)), ADDRESS)];
        if self.state().friends.get(&pair).is_none() {
            buckets.push((self.hasher.hash_one(&account), ACCOUNT));
        }
        buckets
    }

    /// Whether an attempt may be made now; it is not counted.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn look(&self, account: &str, address: Option<IpAddr>) -> Result<(), Refusal> {
        let buckets = self.buckets(account, address);
        self.state().look(&buckets, Instant::now())
    }

    /// Counts an attempt, when it is its turn.
    ///
    /// # Errors
    /// How long to wait, if there were too many failures: then it is not counted. That too many wait for their turn.
    pub(super) async fn begin(&self, account: &str, address: Option<IpAddr>) -> Result<Attempt<'_>, Refusal> {
        let buckets = self.buckets(account, address);
        let pair = buckets[0].0;
        let turn = &self.turns[pair as usize % TURNS];
        let guard = {
            let _waiting = Waiting::begin(&self.waiting, WAITING)?;
            let _here = Waiting::begin(&turn.waiting, WAITING_PER_TURN)?;
            turn.mutex.lock().await
        };
        self.state().count(&buckets)?;
        Ok(Attempt { throttle: self, buckets, pair: Some(pair), _turn: Some(guard) })
    }

    /// Counts a token that nobody knows yet.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub(super) fn token(&self, address: Option<IpAddr>) -> Result<Attempt<'_>, Refusal> {
        let buckets = vec![(self.hasher.hash_one(("token", address.map(network))), TOKENS)];
        self.state().count(&buckets)?;
        Ok(Attempt { throttle: self, buckets, pair: None, _turn: None })
    }
}

impl Attempt<'_> {
    /// It has succeeded. From there, the account is its owner's.
    pub(super) fn succeeded(self) {
        if let Some(pair) = self.pair {
            self.throttle.state().friends.insert(pair, ());
        }
        self.forgive();
    }

    /// Nobody can tell whether it would have failed.
    pub(super) fn forgive(self) {
        let mut state = self.throttle.state();
        for (key, Limit(count, period)) in &self.buckets {
            if let Some(filled) = state.buckets.get(key).copied() {
                state.buckets.insert(*key, filled.checked_sub(*period / *count).unwrap_or(filled));
            }
        }
    }
}

/// One machine has many addresses of IPv6, but mostly those of one network (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether, or when, an attempt may be made.
    fn begin<'t>(throttle: &'t Throttle, account: &str, address: &str) -> Result<Attempt<'t>, Duration> {
        let begun = throttle.begin(account, Some(address.parse().unwrap()));
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(begun).map_err(
            |refusal| match refusal {
                Refusal::Throttled(wait) => wait,
                other => panic!("{other:?}"),
            },
        )
    }

    #[test]
    fn ten_of_an_account_from_an_address_and_a_hundred_from_it() {
        let throttle = Throttle::new();
        for _ in 0..10 {
            assert!(begin(&throttle, "ada", "10.0.0.1").is_ok());
        }
        let wait = begin(&throttle, "Ada", "10.0.0.1").err().unwrap();
        assert!(wait > Duration::from_secs(3) && wait <= Duration::from_secs(6), "{wait:?}");
        // From elsewhere the account can still be used, and from there others can.
        assert!(begin(&throttle, "ada", "10.0.0.2").is_ok());
        for number in 0..90 {
            assert!(begin(&throttle, &format!("user{number}"), "10.0.0.1").is_ok(), "{number}");
        }
        assert!(begin(&throttle, "one more", "10.0.0.1").is_err());
    }

    #[test]
    fn an_account_is_slow_from_everywhere() {
        let throttle = Throttle::new();
        for number in 0..100 {
            assert!(begin(&throttle, "ada", &format!("10.0.1.{number}")).is_ok(), "{number}");
        }
        assert!(begin(&throttle, "ada", "10.0.2.1").is_err_and(|wait| wait > Duration::from_secs(30)));
        assert!(begin(&throttle, "bob", "10.0.2.1").is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let throttle = Throttle::new();
        for number in 0..10 {
            assert!(begin(&throttle, "ada", &format!("2001:db8::{number:x}")).is_ok());
        }
        assert!(begin(&throttle, "ada", "2001:db8::ffff:1").is_err());
        assert!(begin(&throttle, "ada", "2001:db8:0:1::1").is_ok());
        // And an IPv4 address is the same however it is written.
        for number in 0..10 {
            let address = if number % 2 == 0 { "192.0.2.1" } else { "::ffff:192.0.2.1" };
            assert!(begin(&throttle, "eve", address).is_ok());
        }
        assert!(begin(&throttle, "eve", "192.0.2.1").is_err());
    }

    #[test]
    fn who_is_forgiven_is_not_counted() {
        let throttle = Throttle::new();
        for _ in 0..1000 {
            begin(&throttle, "ada", "10.0.0.1").ok().unwrap().forgive();
        }
        assert!(begin(&throttle, "ada", "10.0.0.1").is_ok());
    }

    #[test]
    fn where_its_owner_has_logged_in_an_account_is_slow_for_nobody_else_s_failures() {
        let throttle = Throttle::new();
        begin(&throttle, "ada", "10.0.9.1").ok().unwrap().succeeded();
        for number in 0..100 {
            assert!(begin(&throttle, "ada", &format!("10.0.1.{number}")).is_ok(), "{number}");
        }
        assert!(begin(&throttle, "ada", "10.0.2.1").is_err());
        assert!(begin(&throttle, "ada", "10.0.9.1").is_ok());
    }

    #[test]
    fn tokens_are_counted_by_address() {
        let throttle = Throttle::new();
        let from = |text: &str| throttle.token(Some(text.parse().unwrap()));
        (0..100).for_each(|_| drop(from("10.0.0.1").ok().unwrap()));
        assert!(from("10.0.0.1").is_err() && from("10.0.0.2").is_ok());
        assert!(begin(&throttle, "ada", "10.0.0.1").is_ok(), "logins are others");
    }
}
