//! Passwords: argon2id, a few at a time, on threads of their own that give way to all others.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use arc_swap::ArcSwap;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use tokio::sync::oneshot;

use crate::config::hash_cost as cost;

/// How many may wait for their turn.
const WAITING: usize = 256;

/// How much more willing than others these threads are to wait.
const NICE: i32 = 10;

/// The longest password, in bytes.
pub(super) const LONGEST: usize = 1024;

/// A password, which is never shown.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What is kept instead of it: `$argon2id$…` with a salt of its own.
    ///
    /// # Errors
    /// If it is empty, or too long; in words for whoever chose it.
    pub fn hash(&self) -> Result<String, String> {
        if self.0.is_empty() || self.0.len() > LONGEST {
            return Err(format!("a password has 1 to {LONGEST} bytes"));
        }
        Argon2::default().hash_password(self.as_bytes()).map(|hash| hash.to_string()).map_err(|e| e.to_string())
    }
}

/// Those who check passwords.
pub(super) struct Passwords {
    jobs: SyncSender<Job>,
    /// What the passwords of unknown users are held against.
    nobody: ArcSwap<Nobody>,
}

struct Nobody {
    hash: Arc<String>,
    /// Whether it is one of the operator's: the costliest that was seen.
    is_real: bool,
}

struct Job {
    password: Password,
    hash: Arc<String>,
    answer: oneshot::Sender<bool>,
}

/// As many as may wait for their turn are waiting.
#[derive(Debug)]
pub(super) struct Busy;

impl Passwords {
    /// Starts the threads: one for two cores.
    pub(super) fn start() -> std::io::Result<Self> {
        let (jobs, receiver) = sync_channel(WAITING);
        let receiver = Arc::new(Mutex::new(receiver));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.div_ceil(2) {
            let receiver = receiver.clone();
            std::thread::Builder::new().name("password".into()).spawn(move || work(&receiver))?;
        }
        let nobody = Nobody { hash: Arc::new(usual()), is_real: false };
        Ok(Self { jobs, nobody: ArcSwap::from_pointee(nobody) })
    }

    /// Makes it as costly to be unknown as it is to have the costliest hash that was seen.
    pub(super) fn imitate(&self, hash: &str) {
        let nobody = self.nobody.load();
        if !nobody.is_real || cost(hash) > cost(&nobody.hash) {
            self.nobody.store(Arc::new(Nobody { hash: Arc::new(hash.to_owned()), is_real: true }));
        }
    }

    /// Whether the password is the one of that hash. Without one it is not, which takes as long.
    pub(super) async fn verify(&self, password: Password, hash: Option<&str>) -> Result<bool, Busy> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| self.nobody.load().hash.clone(), |hash| Arc::new(hash.to_owned()));
        let (answer, verified) = oneshot::channel();
        match self.jobs.try_send(Job { password, hash, answer }) {
            Ok(()) => Ok(verified.await.unwrap_or(false) && known),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }
}

/// A hash of the usual cost, of no password that anybody knows: what it is compared with does not count.
fn usual() -> String {
    let (memory, passes, lanes) = (Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST);
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}")
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // If it is refused, they are as important as all others.
    let _ = rustix::process::setpriority_process(None, NICE);
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { password, hash, answer }) = job else { return };
        // Whoever has gone away needs no answer.
        if !answer.is_closed() {
            let _ = answer.send(is_right(&password, &hash));
        }
    }
}

fn is_right(password: &Password, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check_hash;

    #[test]
    fn nobody_costs_what_a_new_user_costs() {
        let new = Password::new("x").hash().unwrap();
        assert_eq!((check_hash(&usual()), cost(&usual())), (Ok(()), cost(&new)));
        assert!(!is_right(&Password::new("x"), &usual()) && is_right(&Password::new("x"), &new));
    }
}
