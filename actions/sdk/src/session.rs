//! What the gateway keeps for a caller from one request to the next.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Bytes, Request, Result, encoding};

/// The caller's session: values by name, which live as long as the caller is logged in. All actions share it, so that a name
/// should begin with the action's own. Up to 64 KiB; it is written before the reply goes out.
///
/// Who is not logged in by a session (a guest, or whoever shows a token or a password with each request) has none: there is
/// nothing to get then, and [`set`](Self::set) is an error that the caller may see.
///
/// ```
/// # use wicketgate_action::prelude::*;
/// fn count(req: &Request) -> Result<u32> {
///     let count = req.session().get("shop.count")?.unwrap_or(0) + 1;
///     req.session().set("shop.count", &count)?;
///     Ok(count)
/// }
/// ```
pub struct Session<'r>(pub(crate) &'r Request);

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    value: Bytes,
}

impl Session<'_> {
    /// The value of that name, if there is one.
    ///
    /// # Errors
    /// If it is of another type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        self.0.gateway.ask_now("session.get", &Named { name })
    }

    /// Keeps a value under that name.
    ///
    /// # Errors
    /// 403 if the caller has no session, 507 if there is no room for it.
    pub fn set<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<()> {
        let value = Bytes::from(encoding::msgpack(value)?);
        self.0.gateway.ask_now("session.set", &Entry { name, value })
    }

    /// Forgets the value of that name.
    ///
    /// # Errors
    /// If the gateway fails.
    pub fn delete(&self, name: &str) -> Result<()> {
        self.0.gateway.ask_now("session.delete", &Named { name })
    }
}

/// What came of a login.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedIn {
    /// Who it is; `None` as long as the code of their second factor is awaited.
    pub user: Option<crate::User>,
}

#[derive(Serialize)]
struct Login<'a> {
    username: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
struct Code<'a> {
    code: &'a str,
}

/// Logging in and out: what the bundled action `auth` is made of.
impl Request {
    /// The caller's session.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        Session(self)
    }

    /// Logs the caller in: a new session, whose cookie goes out with the reply. [`user`](Self::user) stays who it was until
    /// the next request. If a second factor is needed, [`verify_code`](Self::verify_code) takes its code.
    ///
    /// # Errors
    /// 403 if name and password do not belong together, whichever is wrong; 429 after too many of these; 501 if the gateway
    /// has no login by session. All of them may be passed on to the caller.
    pub async fn log_in(&self, username: &str, password: &str) -> Result<LoggedIn> {
        self.gateway.ask("user.login", &Login { username, password }).await
    }

    /// Takes the code of a second factor from a caller who has shown their password within two minutes.
    ///
    /// # Errors
    /// 403 if it is wrong, or was used before; 429 as above.
    pub async fn verify_code(&self, code: &str) -> Result<LoggedIn> {
        self.gateway.ask("user.verify", &Code { code }).await
    }

    /// Ends the caller's session, if there is one, and has them forget its cookie.
    ///
    /// # Errors
    /// 503 if the gateway can't reach its sessions.
    pub async fn log_out(&self) -> Result<()> {
        self.gateway.ask("user.logout", &()).await
    }
}

impl crate::Host {
    /// Whether the caller may use a command, such as `exampleHello`; in a project, if one is named. False if there is no such
    /// command or project.
    ///
    /// # Errors
    /// If the gateway fails.
    pub fn permit(&self, req: &Request, command: &str, project: Option<&str>) -> Result<bool> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Permit<'a> {
            command: &'a str,
            project_uid: Option<&'a str>,
        }
        req.gateway.ask_now("user.permit", &Permit { command, project_uid: project })
    }
}
