//! Where what outlives a request is kept: sessions, for now. Embedded in this process ([`Embedded`], SQLite below `dataDir`);
//! a store that several nodes share has the same trait.

mod embedded;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{runtime::Runtime, task::JoinHandle};

pub use embedded::Embedded;

/// SHA-256 of a session's id: who reads the store learns no id.
pub type SessionKey = [u8; 32];

/// Seconds since 1970.
pub type Seconds = u64;

/// The time.
#[must_use]
pub fn now() -> Seconds {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// A session, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSession {
    /// Whose it is.
    pub login: String,
    /// What of the user must not have changed since: another password ends the session.
    pub mark: String,
    /// How many second factors may still be tried, if one is awaited.
    pub tries: Option<u32>,
    /// When it was begun.
    pub created: Seconds,
    /// When it was used last, to the minute.
    pub used: Seconds,
    /// What actions have put there: MsgPack, by name.
    pub data: BTreeMap<String, Bytes>,
}

/// The store does not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StateError(String);

impl StateError {
    /// What went wrong, in words for the log.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<sqlx::Error> for StateError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

/// Keeps sessions. None of it is asked for a session that is in use already.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// The session of that key, expired or not.
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StateError>;

    /// Adds a session.
    async fn insert(&self, key: &SessionKey, session: &StoredSession) -> Result<(), StateError>;

    /// Writes what may change of a session: tries and data. One that has been removed stays so.
    async fn update(&self, key: &SessionKey, session: &StoredSession) -> Result<(), StateError>;

    /// Writes when sessions were used.
    async fn touch(&self, used: &[(SessionKey, Seconds)]) -> Result<(), StateError>;

    /// Removes a session.
    async fn remove(&self, key: &SessionKey) -> Result<(), StateError>;

    /// Removes a user's sessions but for the `keep` that were used last. Returns what was removed.
    async fn trim(&self, login: &str, keep: usize) -> Result<Vec<SessionKey>, StateError>;

    /// Removes what was not used since `since`, and the ones that have rested for longest until `limit` are left. Returns
    /// what was removed.
    async fn purge(&self, since: Seconds, limit: usize) -> Result<Vec<SessionKey>, StateError>;

    /// Random bytes that all gateways of this store share.
    async fn secret(&self) -> Result<[u8; 32], StateError>;

    /// Whether a second factor's time step is later than all that the user has used: each is good once.
    async fn claim_step(&self, login: &str, step: u64) -> Result<bool, StateError>;
}

/// The thread on which databases are spoken to: their connections belong to no request, and outlive every configuration.
pub struct Background(Option<Runtime>);

impl Background {
    /// Starts it.
    ///
    /// # Errors
    /// If there can't be one more thread.
    pub fn start() -> std::io::Result<Arc<Self>> {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).thread_name("state").enable_all().build()?;
        Ok(Arc::new(Self(Some(runtime))))
    }

    /// Has it do something.
    ///
    /// # Panics
    /// Never: the runtime is there until this is dropped.
    #[allow(clippy::unwrap_used)]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.as_ref().unwrap().spawn(future)
    }

    /// Makes something that wants a runtime, such as a pool of connections, which then has this one.
    ///
    /// # Panics
    /// Never, as above.
    #[allow(clippy::unwrap_used)]
    pub fn within<T>(&self, make: impl FnOnce() -> T) -> T {
        let _entered = self.0.as_ref().unwrap().enter();
        make()
    }

    /// Has it do something, and waits for it, wherever this is: not for requests.
    ///
    /// # Errors
    /// If it panics.
    pub fn wait<F>(&self, future: F) -> Result<F::Output, StateError>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (sender, receiver) = std::sync::mpsc::channel();
        self.spawn(async move { sender.send(future.await) });
        receiver.recv().map_err(|e| StateError(e.to_string()))
    }
}

impl Drop for Background {
    /// Without waiting, so that it may be dropped anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
