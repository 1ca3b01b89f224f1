//! Why somebody is not let in.

use std::time::Duration;

use http::HeaderValue;

/// Why somebody is not let in. What is said of it is the same for users that exist and for others.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// What is in `Authorization` is not valid; what would be asked for (`WWW-Authenticate`).
    #[error("the credentials in `Authorization` are not valid")]
    Credentials(Vec<HeaderValue>),
    /// Name and password do not belong together, whichever of them is wrong.
    #[error("the user name or the password is wrong")]
    Login,
    /// The code of the second factor is wrong, was used before, or nobody has asked for one.
    #[error("the code is wrong, or it is too late for it; log in again if this stays so")]
    Code,
    /// Another site has made the request.
    #[error("another site has made this request, so that it is not done in the user's name")]
    CrossSite,
    /// That method works over TLS alone.
    #[error("this way to log in works over https alone")]
    Tls,
    /// There were too many failures.
    #[error("too many attempts to log in have failed; try again later")]
    Throttled(Duration),
    /// Too many are logging in.
    #[error("too many are logging in; try again")]
    Busy,
    /// Users or sessions can't be looked up; the log knows why.
    #[error("it can't be told who you are; try again")]
    Unavailable,
    /// There is no session to log in to.
    #[error("this gateway has no login by session: there is no `[[auth.methods]]` of type `web`")]
    NoWeb,
}

impl From<super::password::Busy> for Refusal {
    fn from(_: super::password::Busy) -> Self {
        Self::Busy
    }
}

impl From<crate::state::StateError> for Refusal {
    /// The log gets to know why, and nobody else.
    fn from(error: crate::state::StateError) -> Self {
        tracing::error!("it can't be told who calls: {error}");
        Self::Unavailable
    }
}
