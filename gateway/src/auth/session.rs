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
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter, sync::Cache};
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

/// How many are held in memory, besides those that are in use.
const HOT: usize = 10_000;

/// How many one user may have: more end the user's own oldest, and nobody else's.
const MOST_OF_USER: usize = 100;

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
    /// Whether its second factor is awaited.
    pending: bool,
    used: AtomicU64,
    /// The time of use that the store was told of last.
    told: AtomicU64,
    content: Mutex<Content>,
    /// When the client was told how long its cookie lives.
    renewed: AtomicU64,
    /// Whether the content is not what the store has.
    changed: AtomicBool,
    /// Held while it is written: what is written last is what there is.
    writing: tokio::sync::Mutex<()>,
}

struct Content {
    /// How many codes may still be tried.
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
        Self {
            key,
            standing: Standing::new(login, mark),
            created,
            pending: tries.is_some(),
            used: used.into(),
            told: used.into(),
            renewed: used.into(),
            content: Mutex::new(Content { tries, data }),
            changed: false.into(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its second factor has not been shown yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending
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
    /// Marks ids that were given out here: to look for all others is not worth a read.
    secret: [u8; 32],
    hot: Cache<SessionKey, Arc<Session>, UnitWeighter, DefaultHashBuilder, InUse>,
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
        secret: [u8; 32],
    ) -> Arc<Self> {
        let (touched, used) = unbounded_channel();
        let sessions = Arc::new(Self {
            store: store.clone(),
            secret,
            hot: Cache::with(HOT, HOT as u64, UnitWeighter, DefaultHashBuilder::default(), InUse),
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
        let Some(key) = self.key_of(id) else { return Ok(None) };
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
        let (id, key) = self.random_id()?;
        let now = now();
        let stored =
            StoredSession { login: login.to_owned(), mark, tries, created: now, used: now, data: BTreeMap::new() };
        self.store.insert(&key, &stored).await?;
        self.trim(login).await?;
        let session = Arc::new(Session::new(key, stored));
        self.hot.insert(key, session.clone());
        // There are never many more than there may be.
        if self.begun.fetch_add(1, Ordering::Relaxed) >= self.limit.load(Ordering::Relaxed) / 16 {
            self.full.notify_one();
        }
        Ok((id, session))
    }

    /// Ends the oldest sessions of a user who has too many.
    async fn trim(&self, login: &str) -> Result<(), StateError> {
        let _moving = self.moving.lock().await;
        let ended = self.store.trim(login, MOST_OF_USER).await?;
        ended.iter().for_each(|key| drop(self.hot.remove(key)));
        Ok(())
    }

    /// Ends a session, now and for good.
    pub(super) async fn end(&self, session: &Session) -> Result<(), StateError> {
        let _moving = self.moving.lock().await;
        self.hot.remove(&session.key);
        self.store.remove(&session.key).await
    }

    /// Notes that a session is used. True if it is time to tell the client that its cookie lives on.
    pub(super) fn touch(&self, session: &Session) -> bool {
        let now = now();
        session.used.fetch_max(now, Ordering::Relaxed);
        if is_due(&session.told, now, MINUTE) {
            // The one who writes lives as long as this does.
            let _ = self.touched.send((session.key, now));
        }
        is_due(&session.renewed, now, MINUTE.min(self.lifetime.load(Ordering::Relaxed) / 4))
    }

    /// Writes what has changed.
    ///
    /// # Errors
    /// If the store does not take it: then it is tried again with the next change.
    pub(super) async fn save(self: Arc<Self>, session: Arc<Session>) -> Result<(), StateError> {
        let _writing = session.writing.lock().await;
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

impl Sessions {
    /// The key of an id: in base64url, random bytes and the mark of those that were given out here.
    fn key_of(&self, id: &str) -> Option<SessionKey> {
        let mut bytes = [0; RANDOM + MARK];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(id, &mut bytes).ok()?;
        let genuine = length == bytes.len() && bytes[RANDOM..] == self.mark(&bytes[..RANDOM]);
        genuine.then(|| Sha256::digest(bytes).into())
    }

    fn random_id(&self) -> Result<(String, SessionKey), StateError> {
        let mut bytes = [0; RANDOM + MARK];
        getrandom::fill(&mut bytes[..RANDOM]).map_err(|e| StateError::new(format!("there is no randomness: {e}")))?;
        let mark = self.mark(&bytes[..RANDOM]);
        bytes[RANDOM..].copy_from_slice(&mark);
        Ok((BASE64_URL_SAFE_NO_PAD.encode(bytes), Sha256::digest(bytes).into()))
    }

    /// It keeps nobody out who has an id, but those who guess from the store.
    fn mark(&self, random: &[u8]) -> [u8; MARK] {
        let digest = Sha256::new().chain_update(self.secret).chain_update(random).chain_update(self.secret).finalize();
        std::array::from_fn(|index| digest[index])
    }
}

/// Bytes of an id.
const RANDOM: usize = 24;
const MARK: usize = 8;

/// Whether something that was done at that time is to be done again; it is then taken to be done.
fn is_due(done: &AtomicU64, now: Seconds, interval: Seconds) -> bool {
    let (before, order) = (done.load(Ordering::Relaxed), Ordering::Relaxed);
    now >= before + interval && done.compare_exchange(before, now, order, order).is_ok()
}

/// A session that is in use stays in memory: there are never two of it.
#[derive(Clone)]
struct InUse;

impl Lifecycle<SessionKey, Arc<Session>> for InUse {
    type RequestState = ();

    fn is_pinned(&self, _: &SessionKey, session: &Arc<Session>) -> bool {
        Arc::strong_count(session) > 1
    }
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
