//! Replies with a status of their own.

use schemars::SchemaGenerator;
use wicketgate_abi::Format;

use crate::{Answer, Cookie, Error, Response, output::ReplyInfo};

/// Any answer with the status `CODE`. A status that has no name here gets one from its author:
///
/// ```
/// # use wicketgate_action::{Status, prelude::*};
/// /// 451 (RFC 7725)
/// type Unavailable = Status<451, String>;
///
/// # #[response] pub struct Article { id: u32 }
/// async fn api_create() -> Result<Created<Article>> {
///     Ok(Created::new(Article { id: 7 }).header("Location", "/articles/7"))
/// }
///
/// fn refuse() -> Result<()> {
///     Err(Unavailable::new("not in your country".into()).into()) // raised: it becomes the reply
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Status<const CODE: u16, T = ()> {
    value: T,
    headers: Vec<(String, String)>,
}

impl<const CODE: u16, T> Status<CODE, T> {
    /// This answer with that status. A 204, 205 or 304 has no body (RFC 9110 §6.4.1): it is one of `()`.
    pub fn new(value: T) -> Self {
        const { assert!(200 <= CODE && CODE < 600, "the status of a reply is between 200 and 599") };
        const { assert!(!matches!(CODE, 204 | 205 | 304) || size_of::<T>() == 0, "a reply of that status has no body") };
        Self { value, headers: Vec::new() }
    }

    /// A response header. It takes the place of the gateway's own, such as `Cache-Control: no-store`; one that is given
    /// twice is sent twice.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a cookie, or removes one.
    pub fn cookie(self, cookie: Cookie) -> Self {
        self.header("Set-Cookie", cookie.to_string())
    }
}

impl<const CODE: u16> Status<CODE> {
    /// That status without a body.
    pub fn empty() -> Self {
        Self::new(())
    }
}

impl<const CODE: u16, T: Response> Response for Status<CODE, T> {
    fn replies(generator: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        T::replies(generator).into_iter().map(|reply| reply.with(Some(CODE), "")).collect()
    }

    fn into_answer(self, format: Format) -> Result<Answer, Error> {
        let mut answer = self.value.into_answer(format)?.with_status(CODE);
        answer.head.headers.extend(self.headers);
        Ok(answer)
    }
}

impl<const CODE: u16, T: Response> From<Status<CODE, T>> for Error {
    fn from(reply: Status<CODE, T>) -> Self {
        Self::raise(reply)
    }
}

/// Names for the statuses that replies mostly have (RFC 9110 §15).
macro_rules! names {
    ($($name:ident $code:literal $text:literal)*) => {$(
        #[doc = concat!(stringify!($code), ": ", $text, ".")]
        pub type $name<T = ()> = Status<$code, T>;
    )*};
}

names! {
    Reply 200 "what was asked for"
    Created 201 "something new is there; say where by `Location`"
    Accepted 202 "it will be done"
    NoContent 204 "done, and there is nothing to tell"
    NotModified 304 "what the caller has is still right"
    BadRequest 400 "the request can't be answered as it stands"
    Unauthorized 401 "the caller has to say who they are; say how by `WWW-Authenticate`"
    Forbidden 403 "this caller may not do that"
    NotFound 404 "what was asked for does not exist"
    Conflict 409 "the request conflicts with the state of things"
    Gone 410 "what was asked for exists no more"
    PreconditionFailed 412 "a condition of the request does not hold"
    UnprocessableContent 422 "the request is well-formed and makes no sense"
    TooManyRequests 429 "too often; say by `Retry-After` when to come back"
    InternalServerError 500 "something went wrong here"
    NotImplemented 501 "there is no such thing yet"
    ServiceUnavailable 503 "not now"
}

/// The statuses that send the caller elsewhere.
macro_rules! elsewhere {
    ($($name:ident $code:literal $text:literal)*) => {$(
        #[doc = concat!(stringify!($code), ": ", $text, ".")]
        pub type $name<T = ()> = Status<$code, T>;

        impl Status<$code> {
            /// To that URL or path. Never make it of what a caller sent without looking at it.
            pub fn to(location: impl Into<String>) -> Self {
                Self::empty().header("Location", location)
            }
        }
    )*};
}

elsewhere! {
    MovedPermanently 301 "it is there for good, to be asked for by GET"
    Found 302 "it is there for now, to be asked for by GET"
    SeeOther 303 "what came of it is there, to be asked for by GET"
    TemporaryRedirect 307 "the same request, there"
    PermanentRedirect 308 "the same request, there, from now on"
}
