//! Who calls:
//!
//! 1. [`presented`]: what of a request tells it.
//! 2. `Authorization`: [`basic`] or [`token`]. What is not valid there is refused.
//! 3. The session cookie: [`web`]. What is not valid there is a guest's.
//! 4. Else: a guest.
//!
//! Passwords are checked in one place ([`check`]): [`throttle`], [`provider`], [`password`]. Whoever was right once is looked
//! up again from time to time ([`standing`]).

mod basic;
mod check;
mod database;
mod password;
mod presented;
mod provider;
mod refusal;
mod session;
mod standing;
mod throttle;
mod token;
mod user;
mod web;

use std::{
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::HeaderValue;
use quick_cache::sync::Cache;
use tokio::{task::JoinHandle, time::timeout};

pub use password::Password;
pub use presented::{Crossing, Presented};
pub use provider::find_user;
pub use refusal::Refusal;
pub use session::{NoRoom, Session, Sessions};
pub use user::{Principal, User};
pub use web::{CookieChange, LoggedIn};

use crate::{
    config,
    state::{Background, Embedded, SessionStore, StateError},
};
use password::Passwords;
use provider::Providers;
use throttle::Throttle;
use user::Listed;

/// How many valid passwords are remembered.
const REMEMBERED: usize = 10_000;

/// How long it may take to find out who calls.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a configuration says of callers.
pub struct Auth {
    providers: Providers,
    cookie: String,
    lifetime: Duration,
    sessions: usize,
    web: Option<config::Web>,
    basic: Option<config::Basic>,
    tokens: Vec<config::Token>,
    /// Another one for each configuration: what was true by one may not be by the next.
    generation: u64,
    known_tokens: token::Tokens,
    listed: Listed,
    /// None if nobody can show who they are.
    lasting: Option<Arc<Lasting>>,
}

/// What outlives a configuration.
pub struct Lasting {
    background: Arc<Background>,
    sessions: Arc<Sessions>,
    passwords: Passwords,
    throttle: Throttle,
    /// Passwords that were right with a name, until when they need not be checked again.
    right: Cache<[u8; 32], Arc<basic::Right>>,
    /// Random: a digest in memory is good for nothing elsewhere.
    salt: [u8; 32],
}

/// Who calls, and with what.
#[derive(Clone)]
pub struct Caller {
    /// Who it is.
    pub principal: Arc<Principal>,
    /// Their session, if they have one; if it is pending, they are a guest still.
    pub session: Option<Arc<Session>>,
    /// What the reply says of the session cookie.
    pub cookie: Option<CookieChange>,
}

impl Caller {
    fn guest() -> Self {
        Self { principal: Principal::guest(), session: None, cookie: None }
    }

    fn of_dead_cookie() -> Self {
        Self { cookie: Some(CookieChange::Clear), ..Self::guest() }
    }
}

impl Lasting {
    /// Begins what all configurations share.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn begin(data_dir: &Path, auth: &config::Auth) -> Result<Arc<Self>, String> {
        let background = Background::start().map_err(|e| e.to_string())?;
        let data_dir = data_dir.to_owned();
        let store = background.wait(async move { Embedded::open(&data_dir).await }).map_err(|e| e.to_string())?;
        let store = Arc::new(store.map_err(|e| e.to_string())?);
        let (asked, words) = (store.clone(), |e: StateError| e.to_string());
        let secret = background.wait(async move { asked.secret().await }).map_err(words)?.map_err(words)?;
        let sessions = Sessions::new(store, &background, auth.lifetime, auth.sessions, secret);
        let passwords = Passwords::start().map_err(|e| e.to_string())?;
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|e| e.to_string())?;
        let (throttle, right) = (Throttle::new(), Cache::new(REMEMBERED));
        Ok(Arc::new(Self { background, sessions, passwords, throttle, right, salt }))
    }
}

impl Auth {
    /// What the configuration says. `lasting` is needed if anybody can show who they are.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn new(config: config::Auth, lasting: Option<Arc<Lasting>>) -> Result<Self, String> {
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        let config::Auth { cookie, lifetime, sessions, providers, web, basic, tokens, roles, .. } = config;
        let providers = match &lasting {
            Some(lasting) => {
                let providers = Providers::new(providers, &lasting.background).map_err(|e| e.to_string())?;
                providers.hashes().for_each(|hash| lasting.passwords.imitate(hash));
                providers
            }
            None => Providers::default(),
        };
        let listed = Listed::new(roles);
        let (generation, known_tokens) = (GENERATION.fetch_add(1, Ordering::Relaxed), token::Tokens::new());
        Ok(Self {
            providers,
            cookie,
            lifetime,
            sessions,
            web,
            basic,
            tokens,
            generation,
            known_tokens,
            listed,
            lasting,
        })
    }

    /// What outlives this configuration.
    pub fn lasting(&self) -> Option<&Arc<Lasting>> {
        self.lasting.as_ref()
    }

    /// Puts into force what holds for all sessions.
    pub fn commit(&self) {
        if let Some(lasting) = &self.lasting {
            lasting.sessions.limit(self.lifetime, self.sessions);
        }
    }

    /// Who calls. `safe` is a request that changes nothing (RFC 9110 §9.2.1).
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn identify(&self, presented: &Presented, safe: bool) -> Result<Caller, Refusal> {
        match &presented.authorization {
            Some(value) if self.basic.is_some() || !self.tokens.is_empty() => {
                // On the heap, since most requests have none of this.
                let named = Box::pin(self.by_authorization(value, presented, safe));
                let principal = timeout(PATIENCE, named).await.unwrap_or(Err(Refusal::Unavailable))?;
                Ok(Caller { principal, session: None, cookie: None })
            }
            _ if presented.cookies.is_some() && self.web.is_some() => Box::pin(self.by_cookie(presented, safe)).await,
            _ => Ok(Caller::guest()),
        }
    }

    async fn by_authorization(
        &self,
        value: &HeaderValue,
        presented: &Presented,
        safe: bool,
    ) -> Result<Arc<Principal>, Refusal> {
        let (scheme, rest) = value.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
        match &self.basic {
            Some(basic) if scheme.eq_ignore_ascii_case("basic") => {
                if !presented.may_use(basic.tls) {
                    return Err(Refusal::Tls);
                }
                // Browsers send it along like a cookie.
                if presented.crossing.makes_guest(safe) {
                    return Ok(Principal::guest());
                }
                presented.crossing.permits(safe)?;
                self.by_basic(rest, presented).await
            }
            _ if scheme.eq_ignore_ascii_case("bearer") && !self.tokens.is_empty() => {
                self.by_token(rest.trim_ascii(), presented).await
            }
            _ => Err(self.invalid()),
        }
    }

    /// 401, with what would be accepted.
    fn invalid(&self) -> Refusal {
        let basic = self.basic.as_ref().map(|basic| basic.realm.as_str());
        let realm = basic.unwrap_or("Wicketgate");
        let basic = basic.and_then(basic::challenge);
        let bearer = (!self.tokens.is_empty()).then(|| token::challenge(realm)).flatten();
        Refusal::Credentials(basic.into_iter().chain(bearer).collect())
    }

    /// Writes what has changed in a session, to the end even if nobody waits for it any more.
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn save(&self, session: &Arc<Session>) -> Result<(), StateError> {
        let Some(lasting) = self.lasting.as_ref().filter(|_| session.has_changed()) else { return Ok(()) };
        let saved = lasting.background.spawn(lasting.sessions.clone().save(session.clone()));
        saved.await.map_err(|e| StateError::new(e.to_string()))?
    }

    /// The same, when nobody waits for it at all.
    pub fn save_later(&self, session: Arc<Session>) {
        if let Some(lasting) = self.lasting.as_ref().filter(|_| session.has_changed()) {
            let saving = lasting.sessions.clone().save(session);
            lasting.background.spawn(async {
                let _ = saving.await.inspect_err(|e| tracing::error!("a session could not be written: {e}"));
            });
        }
    }

    /// Has something done on the gateway's own threads, as long as somebody waits for it. `None` if it panics.
    pub async fn on_own_threads<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        match &self.lasting {
            Some(lasting) => AbortOnDrop(lasting.background.spawn(work)).await,
            None => Some(work.await),
        }
    }
}

/// Ends what nobody waits for.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
