//! The session cookie: who has it, and how it is got and given up.

use std::sync::Arc;

use cookie::{Cookie, SameSite, time};
use http::HeaderValue;
use tokio::time::timeout;

use super::{
    Auth, Caller, Lasting, PATIENCE, Presented, Refusal, check::Then, password::Password, session::Session,
    standing::mark, user::User,
};
use crate::config::second_factor;

/// How many cookies of the session's name are looked at.
const SEVERAL: usize = 4;

/// How often the code of a second factor may be wrong before the password is asked for again.
const TRIES: u32 = 3;

/// What becomes of the session cookie.
#[derive(Clone)]
pub enum CookieChange {
    /// It has this value.
    Set(String),
    /// It is forgotten.
    Clear,
}

/// Somebody who has just logged in, or is about to.
pub struct LoggedIn {
    /// Who it is; nobody as long as the code of their second factor is awaited.
    pub user: Option<User>,
    /// Their new session.
    pub session: Arc<Session>,
    /// Its cookie.
    pub cookie: CookieChange,
}

impl Auth {
    /// Whoever has this cookie. A request that another site has made is a guest's if it is safe, and refused if it is not.
    pub(super) async fn by_cookie(&self, presented: &Presented, safe: bool) -> Result<Caller, Refusal> {
        let Some((lasting, web)) = self.lasting.as_ref().zip(self.web.as_ref()) else { return Ok(Caller::guest()) };
        let mut ids: Vec<&str> = presented.cookie(&self.cookie).collect();
        ids.dedup();
        let Some(id) = ids.first().copied() else { return Ok(Caller::guest()) };
        if !presented.may_use(web.tls) || presented.crossing.makes_guest(safe) {
            return Ok(Caller::guest());
        }
        if ids.len() > 1 {
            return self.by_several_cookies(lasting, &ids).await;
        }
        let Some(session) = lasting.sessions.find(id).await? else { return Ok(Caller::of_dead_cookie()) };
        presented.crossing.permits(safe)?;
        if session.is_pending() {
            return Ok(Caller { session: Some(session), ..Caller::guest() });
        }
        let Some(principal) = self.principal(&session.standing).await? else {
            lasting.sessions.end(&session).await?;
            return Ok(Caller::of_dead_cookie());
        };
        let cookie = lasting.sessions.touch(&session).then(|| CookieChange::Set(id.to_owned()));
        Ok(Caller { principal, session: Some(session), cookie })
    }

    /// Nobody knows which of them is the caller's own: somebody else may have put one there. If one is alive it stays, since
    /// to clear the caller's would leave the other.
    async fn by_several_cookies(&self, lasting: &Lasting, ids: &[&str]) -> Result<Caller, Refusal> {
        for id in ids.iter().take(SEVERAL) {
            if lasting.sessions.find(id).await?.is_some() {
                return Ok(Caller::guest());
            }
        }
        Ok(Caller::of_dead_cookie())
    }

    /// Logs somebody in: a new session, whatever there was before.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn log_in(
        &self,
        login: &str,
        password: Password,
        presented: &Presented,
        before: Option<&Session>,
    ) -> Result<LoggedIn, Refusal> {
        let lasting = self.web_login(presented)?;
        let checked =
            timeout(PATIENCE, self.check_password(login, password, presented.address, Then::SecondFactor)).await;
        let found = checked.unwrap_or_else(|_| {
            tracing::error!("it took longer than {PATIENCE:?} to check a password");
            Err(Refusal::Unavailable)
        })?;
        let tries = found.record.totp.as_ref().map(|_| TRIES);
        let (cookie, session) = renew(lasting, &found.record.login, mark(&found.record), tries, before).await?;
        let user = tries.is_none().then(|| self.listed.keep((&*found.record).into()));
        Ok(LoggedIn { user, session, cookie })
    }

    /// Takes the code of a second factor, each once, from somebody who has shown their password.
    ///
    /// # Errors
    /// See [`Refusal`]. After three wrong codes the password has to be shown again.
    pub async fn verify_code(
        &self,
        code: &str,
        presented: &Presented,
        session: Option<&Arc<Session>>,
    ) -> Result<LoggedIn, Refusal> {
        let lasting = self.web_login(presented)?;
        let session = session.filter(|session| session.is_pending()).ok_or(Refusal::Code)?;
        let login = &session.standing.login;
        let (found, attempt) = self.attempt(lasting, login, presented.address).await?;
        let found = found.filter(|found| mark(&found.record) == session.standing.mark).ok_or(Refusal::Code)?;
        let secret = found.record.totp.as_deref().unwrap_or_default();
        let factor = second_factor(secret, login).map_err(|problem| {
            tracing::error!(user = %login, "the secret of the second factor can't be used: {problem}");
            Refusal::Code
        })?;
        let right = match factor.check_current(code) {
            Some(step) => match lasting.sessions.claim_step(login, step).await {
                Ok(first) => first,
                Err(e) => {
                    attempt.forgive();
                    return Err(e.into());
                }
            },
            None => false,
        };
        if !right {
            if session.try_failed() {
                self.save(session).await?;
            } else {
                lasting.sessions.end(session).await?;
            }
            return Err(Refusal::Code);
        }
        attempt.succeeded();
        let (cookie, session) = renew(lasting, login, session.standing.mark.clone(), None, Some(session)).await?;
        Ok(LoggedIn { user: Some(self.listed.keep((&*found.record).into())), session, cookie })
    }

    /// Ends a session, if there is one.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn log_out(&self, session: Option<&Session>) -> Result<CookieChange, Refusal> {
        if let (Some(lasting), Some(session)) = (&self.lasting, session) {
            lasting.sessions.end(session).await?;
        }
        Ok(CookieChange::Clear)
    }

    /// Whether somebody may log in here: another site could log them in as somebody else.
    fn web_login(&self, presented: &Presented) -> Result<&Lasting, Refusal> {
        let (lasting, web) = self.lasting.as_ref().zip(self.web.as_ref()).ok_or(Refusal::NoWeb)?;
        presented.crossing.permits(false)?;
        if presented.may_use(web.tls) { Ok(lasting) } else { Err(Refusal::Tls) }
    }

    /// The name of the session cookie.
    #[must_use]
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Whether a `Set-Cookie` is about the session cookie.
    #[must_use]
    pub fn is_session_cookie(&self, set_cookie: &[u8]) -> bool {
        let name = set_cookie.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.trim_ascii() == self.cookie.as_bytes()
    }

    /// `Set-Cookie`. Over TLS the cookie stays there.
    #[must_use]
    pub fn set_cookie(&self, change: &CookieChange, tls: bool) -> Option<HeaderValue> {
        let (value, age) = match change {
            CookieChange::Set(id) => (id.as_str(), time::Duration::try_from(self.lifetime).ok()?),
            CookieChange::Clear => ("", time::Duration::ZERO),
        };
        let cookie = Cookie::build((self.cookie.as_str(), value)).http_only(true).same_site(SameSite::Lax).path("/");
        HeaderValue::try_from(cookie.secure(tls).max_age(age).to_string()).ok()
    }
}

/// A session of another id instead of the one before, so that nobody who knew that id is logged in by it.
async fn renew(
    lasting: &Lasting,
    login: &str,
    mark: String,
    tries: Option<u32>,
    before: Option<&Session>,
) -> Result<(CookieChange, Arc<Session>), Refusal> {
    if let Some(before) = before {
        lasting.sessions.end(before).await?;
    }
    let (id, session) = lasting.sessions.begin(login, mark, tries).await?;
    Ok((CookieChange::Set(id), session))
}
