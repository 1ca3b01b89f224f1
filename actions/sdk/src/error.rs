//! What a handler answers when it can't do what was asked.

use std::borrow::Cow;

/// The result of a handler or of `configure`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An HTTP status with a text for the caller. Any other error becomes one by `?`: status 500, and its text
/// goes to the gateway's log only.
#[derive(Debug)]
pub struct Error {
    status: u16,
    info: Cow<'static, str>,
    cause: String,
}

impl Error {
    /// An error of any status from 400 to 599 (others become 500), with a text that the caller may see.
    pub fn new(status: u16, info: impl Into<Cow<'static, str>>) -> Self {
        let status = if (400..600).contains(&status) { status } else { 500 };
        Self { status, info: info.into(), cause: String::new() }
    }

    /// 400: the request can't be answered as it stands.
    pub fn bad_request(info: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, info)
    }

    /// 403: this caller may not do that.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(403, "you have no permission to do this")
    }

    /// 404: what was asked for does not exist.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "there is no such thing here")
    }

    /// 409: the request conflicts with the state of things.
    pub fn conflict(info: impl Into<Cow<'static, str>>) -> Self {
        Self::new(409, info)
    }

    /// 501: that is not implemented.
    #[must_use]
    pub fn not_implemented() -> Self {
        Self::new(501, "not implemented")
    }

    /// 500 with a cause for the log; the caller is only told that something went wrong.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self { status: 500, info: Cow::Borrowed(""), cause: cause.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text for the caller; empty for an internal error.
    #[must_use]
    pub fn info(&self) -> &str {
        &self.info
    }

    /// The text for the log; empty if there is nothing to add.
    #[must_use]
    pub fn cause(&self) -> &str {
        &self.cause
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut cause = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            cause.push_str(": ");
            cause.push_str(&inner.to_string());
            source = inner.source();
        }
        Self::internal(cause)
    }
}
