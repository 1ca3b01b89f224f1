//! One request while it is answered: who calls, and what becomes of their session. What the handler asks for on their behalf
//! is in [`services`](super::services).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Shared, WebError, WebHead, WebReply, identify};
use crate::auth::{Auth, Caller, CookieChange, Principal, Session};

/// A request that is being answered.
pub(super) struct Conversation {
    pub(super) shared: Arc<Shared>,
    pub(super) head: Arc<WebHead>,
    /// The command.
    pub(super) command: Box<str>,
    /// Who calls.
    pub(super) principal: Arc<Principal>,
    state: Mutex<State>,
}

/// What the handler may change.
pub(super) struct State {
    /// The caller's session, complete or not.
    pub(super) session: Option<Arc<Session>>,
    /// What the reply will say of its cookie.
    pub(super) cookie: Option<CookieChange>,
    /// When it is worth trying again, should the reply say that it is not now.
    pub(super) retry_after: Option<Duration>,
}

impl Conversation {
    pub(super) fn new(shared: Arc<Shared>, head: Arc<WebHead>, command: &str, caller: Caller) -> Arc<Self> {
        let Caller { principal, session, cookie } = caller;
        let state = Mutex::new(State { session, cookie, retry_after: None });
        Arc::new(Self { shared, head, command: command.into(), principal, state })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whatever was answered: first the session is written, then the reply says what has become of its cookie.
    pub(super) async fn end(&self, answer: Result<WebReply, WebError>) -> Result<WebReply, WebError> {
        let (session, cookie, retry_after) = {
            let mut state = self.state();
            (state.session.clone(), state.cookie.take(), state.retry_after.take())
        };
        let answer = match &session {
            Some(session) => match self.shared.auth.save(session).await {
                Ok(()) => answer,
                Err(e) => {
                    tracing::error!(request = %self.head.id, "the session could not be written: {e}");
                    Err(WebError::new(StatusCode::SERVICE_UNAVAILABLE, "your session could not be saved; try again"))
                }
            },
            None => answer,
        };
        match answer {
            Ok(mut reply) => {
                self.keep_session_cookie(&mut reply.headers);
                set_cookie(&self.shared.auth, &self.head, cookie.as_ref(), &mut reply.headers);
                Ok(reply)
            }
            Err(mut error) => {
                set_cookie(&self.shared.auth, &self.head, cookie.as_ref(), error.headers_mut());
                let late = error.status() == StatusCode::TOO_MANY_REQUESTS
                    || error.status() == StatusCode::SERVICE_UNAVAILABLE;
                if let Some(wait) = retry_after.filter(|_| late) {
                    error.headers_mut().insert(header::RETRY_AFTER, identify::seconds(wait));
                }
                Err(error)
            }
        }
    }

    /// What a handler says of the session cookie is not sent: it is the gateway's alone.
    fn keep_session_cookie(&self, headers: &mut HeaderMap) {
        let is_session = |value: &HeaderValue| self.shared.auth.is_session_cookie(value.as_bytes());
        if !headers.get_all(header::SET_COOKIE).iter().any(is_session) {
            return;
        }
        tracing::warn!(request = %self.head.id, "the handler set the session cookie, which is the gateway's own: it is left out");
        let others: Vec<_> =
            headers.get_all(header::SET_COOKIE).iter().filter(|value| !is_session(value)).cloned().collect();
        headers.remove(header::SET_COOKIE);
        others.into_iter().for_each(|value| {
            headers.append(header::SET_COOKIE, value);
        });
    }

    /// The session that the caller has now, if it is complete.
    pub(super) fn session(&self) -> Option<Arc<Session>> {
        self.state().session.clone().filter(|session| !session.is_pending())
    }
}

impl Drop for Conversation {
    /// What a stream, or a handler that nobody waits for any more, has put into the session after the reply.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = state.session.take() {
            self.shared.auth.save_later(session);
        }
    }
}

/// Says in a reply what becomes of the session cookie: with one, the reply is nobody else's.
pub(super) fn set_cookie(auth: &Auth, head: &WebHead, change: Option<&CookieChange>, headers: &mut HeaderMap) {
    if let Some(cookie) = change.and_then(|change| auth.set_cookie(change, head.presented.tls)) {
        headers.append(header::SET_COOKIE, cookie);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
