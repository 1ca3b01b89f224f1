//! What a handler answers when it can't do what was asked.

use std::{
    borrow::Cow,
    fmt,
    sync::{Mutex, PoisonError},
};

use wicketgate_abi::Format;

use crate::{Answer, Response};

/// The result of a handler or of `configure`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An HTTP status with a text for the caller. Any other error becomes one by `?`: status 500, and its text
/// goes to the gateway's log only.
///
/// A reply with a [`Status`](crate::Status), or of an enum marked `#[replies]`, becomes one as well: it is raised, and goes
/// out as it is.
pub struct Error {
    status: u16,
    info: Cow<'static, str>,
    cause: String,
    raised: Option<Raised>,
}

/// A reply that was raised. In a lock that nobody needs, since errors are shared between threads, and replies are not.
type Raised = Box<Mutex<dyn Written>>;

/// A reply whose type is forgotten.
trait Written: Send {
    fn write(&mut self, format: Format) -> Result<Answer>;
}

struct Once<R>(Option<R>);

impl<R: Response> Written for Once<R> {
    fn write(&mut self, format: Format) -> Result<Answer> {
        self.0.take().ok_or_else(|| Error::internal("a raised reply was written twice"))?.into_answer(format)
    }
}

impl Error {
    /// An error of any status from 400 to 599 (others become 500), with a text that the caller may see.
    pub fn new(status: u16, info: impl Into<Cow<'static, str>>) -> Self {
        let status = if (400..600).contains(&status) { status } else { 500 };
        Self { status, info: info.into(), cause: String::new(), raised: None }
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
        Self { status: 500, info: Cow::Borrowed(""), cause: cause.into(), raised: None }
    }

    /// A reply that takes the place of the handler's own. The spec knows of it only if the handler may return it as well.
    pub fn raise(reply: impl Response) -> Self {
        let raised: Raised = Box::new(Mutex::new(Once(Some(reply))));
        Self { raised: Some(raised), ..Self::internal("a reply was raised where none can be sent") }
    }

    /// The reply that was raised, written; or the error itself.
    pub(crate) fn into_raised(mut self, format: Format) -> Result<Result<Answer>, Self> {
        match self.raised.take() {
            Some(raised) => Ok(raised.lock().unwrap_or_else(PoisonError::into_inner).write(format)),
            None => Err(self),
        }
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

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, info, cause, raised } = self;
        let is_raised = raised.is_some();
        f.debug_struct("Error")
            .field("status", status)
            .field("info", info)
            .field("cause", cause)
            .field("raised", &is_raised)
            .finish()
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
