//! Sessions: those in use are in memory, all of them are in the store.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    time::timeout,
};

use super::standing::Standing;
use crate::state::{Background, Seconds, SessionKey, SessionStore, StateError, StoredSession, now};

/// How many are held in memory.
const HOT: usize = 20_000;

/// How long a session may rest before the store is told that it was used, in seconds; and how often the dead are purged.
const MINUTE: Seconds = 60;

/// How long somebody may take for the second factor, in seconds.
const SECOND_FACTOR_TIME: Seconds = 120;

/// How much actions may put into one session, in bytes.
const MOST_DATA: usize = 64 << 10;

/// A session.
pub struct Session {
    key: SessionKey,
    pub(super) standing: Standing,
    created: Seconds,
    used: AtomicU64,
    /// The time of use that the store was told of last.
    told: AtomicU64,
    content: Mutex<Content>,
    /// Whether the content is not what the store has.
    changed: AtomicBool,
}

struct Content {
    tries: Option<u32>,
    data: BTreeMap<String, Bytes>,
}

/// There is no room for that in a session.
#[derive(Debug, thiserror::Error)]
#[error("a session has room for {MOST_DATA} bytes")]
pub struct NoRoom;

impl Session {
    fn new(key: SessionKey, stored: StoredSession) -> Self {
        let StoredSession { login, mark, tries, created, used, data } = stored;
        let (used, told) = (used.into(), used.into());
        let content = Mutex::new(Content { tries, data });
        Self { key, standing: Standing::new(login, mark), created, used, told, content, changed: false.into() }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its second factor has not been shown yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.content().tries.is_some()
    }

    /// Uses up one of the tries that are left; false if that was the last.
    pub(super) fn try_failed(&self) -> bool {
        let mut content = self.content();
        let left = content.tries.unwrap_or_default().saturating_sub(1);
        content.tries = Some(left);
        self.changed.store(true, Ordering::Release);
        left > 0
    }

    /// Whether it is not what the store has.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
    }

    /// What an action has put there, in MsgPack.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Bytes> {
        self.content().data.get(name).cloned()
    }

    /// Puts a value there, in MsgPack.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn set(&self, name: &str, value: Bytes) -> Result<(), NoRoom> {
        let mut content = self.content();
        let others = content.data.iter().filter(|(other, _)| *other != name);
        let size: usize = others.map(|(name, value)| name.len() + value.len()).sum();
        if size + name.len() + value.len() > MOST_DATA {
            return Err(NoRoom);
        }
        if content.data.get(name) != Some(&value) {
            content.data.insert(name.to_owned(), value);
            self.changed.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Removes a value.
    pub fn delete(&self, name: &str) {
        if self.content().data.remove(name).is_some() {
            self.changed.store(true, Ordering::Release);
        }
    }

    fn stored(&self) -> StoredSession {
        let content = self.content();
        StoredSession {
            login: self.standing.login.clone(),
            mark: self.standing.mark.clone(),
            tries: content.tries,
            created: self.created,
            used: self.used.load(Ordering::Relaxed),
            data: content.data.clone(),
        }
    }
}

/// All sessions.
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    hot: Cache<SessionKey, Arc<Session>>,
    /// Held while a session gets into memory or out of it, so that none that is ended comes back.
    moving: tokio::sync::Mutex<()>,
    touched: UnboundedSender<(SessionKey, Seconds)>,
    lifetime: AtomicU64,
    limit: AtomicUsize,
    /// How many were begun since the dead were purged.
    begun: AtomicUsize,
    full: Notify,
}

impl Sessions {
    /// The sessions in a store, which is told in the background of what was used, and rid of what is dead.
    pub(super) fn new(
        store: Arc<dyn SessionStore>,
        background: &Background,
        lifetime: Duration,
        limit: usize,
    ) -> Arc<Self> {
        let (touched, used) = unbounded_channel();
        let sessions = Arc::new(Self {
            store: store.clone(),
            hot: Cache::new(HOT),
            moving: tokio::sync::Mutex::new(()),
            touched,
            lifetime: AtomicU64::default(),
            limit: AtomicUsize::default(),
            begun: AtomicUsize::default(),
            full: Notify::new(),
        });
        sessions.limit(lifetime, limit);
        background.spawn(write_uses(store, used));
        background.spawn(purge(Arc::downgrade(&sessions)));
        sessions
    }

    /// Sets how long a session lives after its last use, and how many there may be.
    pub(super) fn limit(&self, lifetime: Duration, limit: usize) {
        self.lifetime.store(lifetime.as_secs().max(1), Ordering::Relaxed);
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// The living session of an id, whoever made it up.
    pub(super) async fn find(&self, id: &str) -> Result<Option<Arc<Session>>, StateError> {
        let Some(key) = key_of(id) else { return Ok(None) };
        let found = match self.hot.get(&key) {
            Some(session) => Some(session),
            None => self.load(&key).await?,
        };
        Ok(found.filter(|session| self.lives(session, now())))
    }

    async fn load(&self, key: &SessionKey) -> Result<Option<Arc<Session>>, StateError> {
        let _moving = self.moving.lock().await;
        if let Some(session) = self.hot.get(key) {
            return Ok(Some(session));
        }
        let stored = self.store.load(key).await?;
        let session = stored.map(|stored| Arc::new(Session::new(*key, stored)));
        if let Some(session) = &session {
            self.hot.insert(*key, session.clone());
        }
        Ok(session)
    }

    fn lives(&self, session: &Session, now: Seconds) -> bool {
        let lifetime = self.lifetime.load(Ordering::Relaxed);
        let in_time = !session.is_pending() || now < session.created + SECOND_FACTOR_TIME;
        in_time && now < session.used.load(Ordering::Relaxed) + lifetime
    }

    /// Begins a session; returns its id, which is nowhere else. With `tries` it waits for a second factor.
    pub(super) async fn begin(
        &self,
        login: &str,
        mark: String,
        tries: Option<u32>,
    ) -> Result<(String, Arc<Session>), StateError> {
        let id = random_id()?;
        let key = key_of(&id).unwrap_or_default();
        let (created, used) = (now(), now());
        let stored = StoredSession { login: login.to_owned(), mark, tries, created, used, data: BTreeMap::new() };
        self.store.insert(&key, &stored).await?;
        let session = Arc::new(Session::new(key, stored));
        self.hot.insert(key, session.clone());
        // There are never many more than there may be.
        if self.begun.fetch_add(1, Ordering::Relaxed) >= self.limit.load(Ordering::Relaxed) / 16 {
            self.full.notify_one();
        }
        Ok((id, session))
    }

    /// Ends a session, now and for good.
    pub(super) async fn end(&self, session: &Session) -> Result<(), StateError> {
        let _moving = self.moving.lock().await;
        self.hot.remove(&session.key);
        self.store.remove(&session.key).await
    }

    /// Notes that a session is used; true about once a minute.
    pub(super) fn touch(&self, session: &Session) -> bool {
        let (now, told) = (now(), session.told.load(Ordering::Relaxed));
        session.used.fetch_max(now, Ordering::Relaxed);
        let (order, late) = (Ordering::Relaxed, now >= told + MINUTE);
        let first = late && session.told.compare_exchange(told, now, order, order).is_ok();
        if first {
            // The one who writes lives as long as this does.
            let _ = self.touched.send((session.key, now));
        }
        first
    }

    /// Writes what has changed.
    ///
    /// # Errors
    /// If the store does not take it: then it is tried again with the next change.
    pub async fn save(&self, session: &Session) -> Result<(), StateError> {
        if !session.changed.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let written = self.store.update(&session.key, &session.stored()).await;
        if written.is_err() {
            session.changed.store(true, Ordering::Release);
        }
        written
    }

    /// Removes the dead, and the oldest if there are too many.
    async fn purge(&self) {
        self.begun.store(0, Ordering::Relaxed);
        // The store may not know yet of the last minute.
        let since = now().saturating_sub(self.lifetime.load(Ordering::Relaxed) + 2 * MINUTE);
        let _moving = self.moving.lock().await;
        match self.store.purge(since, self.limit.load(Ordering::Relaxed)).await {
            Ok(purged) => purged.iter().for_each(|key| drop(self.hot.remove(key))),
            Err(e) => tracing::warn!("dead sessions were not removed: {e}"),
        }
    }

    /// Whether a second factor's time step was not used before.
    pub(super) async fn claim_step(&self, login: &str, step: u64) -> Result<bool, StateError> {
        self.store.claim_step(login, step).await
    }
}

/// The key of an id: 32 bytes in base64url, 43 characters.
fn key_of(id: &str) -> Option<SessionKey> {
    let mut bytes = [0; 32];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(id, &mut bytes).ok()?;
    (length == bytes.len()).then(|| Sha256::digest(bytes).into())
}

fn random_id() -> Result<String, StateError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| StateError::new(format!("there is no randomness: {e}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// As many at once as there are.
async fn write_uses(store: Arc<dyn SessionStore>, mut used: UnboundedReceiver<(SessionKey, Seconds)>) {
    let mut batch = Vec::new();
    while used.recv_many(&mut batch, 1000).await > 0 {
        if let Err(e) = store.touch(&batch).await {
            tracing::warn!("it was not written which sessions are in use, and they may end a minute early: {e}");
        }
        batch.clear();
    }
}

async fn purge(sessions: Weak<Sessions>) {
    loop {
        let Some(sessions) = sessions.upgrade() else { return };
        sessions.purge().await;
        // Should all others have gone, it ends within a minute.
        let _ = timeout(Duration::from_secs(MINUTE), sessions.full.notified()).await;
    }
}
