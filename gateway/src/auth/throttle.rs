//! How often somebody may fail to log in. Each limit is a bucket that empties evenly, so that what is written for a minute
//! holds for any minute (the generic cell rate algorithm).

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::unsync::Cache;

/// How many buckets are remembered. An attacker from more places than that is met by the others' limits.
const REMEMBERED: usize = 100_000;

const MINUTE: Duration = Duration::from_secs(60);

/// A limit: so many failures within so long.
struct Limit(u32, Duration);

/// Of one account from one address.
const PAIR: Limit = Limit(10, MINUTE);

/// Of all accounts from one address.
const ADDRESS: Limit = Limit(100, MINUTE);

/// Of one account from all addresses: slow, since it locks out its owner as well.
const ACCOUNT: Limit = Limit(100, Duration::from_secs(60 * 60));

/// Remembers failures.
pub(super) struct Throttle {
    /// When each bucket will be empty.
    buckets: Mutex<Cache<u64, Instant>>,
    /// Of an account from an address there is one attempt at a time, so that many at once are neither forgotten nor refused
    /// because of each other. Several share a turn.
    turns: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
}

/// How many turns there are.
const TURNS: usize = 256;

/// Somebody who tries to log in, and is counted as having failed until they have not.
pub(super) struct Attempt<'t> {
    throttle: &'t Throttle,
    buckets: [(u64, Limit); 3],
    _turn: tokio::sync::MutexGuard<'t, ()>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        let turns = std::iter::repeat_with(Default::default).take(TURNS).collect();
        Self { buckets: Mutex::new(Cache::new(REMEMBERED)), turns, hasher: RandomState::new() }
    }

    /// Counts an attempt, when it is its turn.
    ///
    /// # Errors
    /// How long to wait, if there were too many: then it is not counted.
    pub(super) async fn begin(&self, account: &str, address: Option<IpAddr>) -> Result<Attempt<'_>, Duration> {
        let (account, network) = (account.to_lowercase(), address.map(network));
        let buckets = [
            (self.hasher.hash_one((&account, network)), PAIR),
            (self.hasher.hash_one(network), ADDRESS),
            (self.hasher.hash_one(&account), ACCOUNT),
        ];
        let turn = self.turns[buckets[0].0 as usize % TURNS].lock().await;
        let now = Instant::now();
        let mut all = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |all: &Cache<u64, Instant>, key: &u64| all.get(key).copied().unwrap_or(now).max(now);
        let wait = |(key, Limit(count, period)): &(u64, Limit)| {
            (empty(&all, key) + *period / *count).saturating_duration_since(now + *period)
        };
        match buckets.iter().map(wait).max().filter(|wait| !wait.is_zero()) {
            Some(wait) => return Err(wait),
            None => buckets.iter().for_each(|(key, Limit(count, period))| {
                let filled = empty(&all, key) + *period / *count;
                all.insert(*key, filled);
            }),
        }
        drop(all);
        Ok(Attempt { throttle: self, buckets, _turn: turn })
    }
}

impl Attempt<'_> {
    /// It has not failed, or nobody can tell.
    pub(super) fn forgive(self) {
        let mut all = self.throttle.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, Limit(count, period)) in &self.buckets {
            if let Some(filled) = all.get(key).copied() {
                all.insert(*key, filled.checked_sub(*period / *count).unwrap_or(filled));
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
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(begun)
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
}
