//! Cookies among the headers of a reply.

use std::{fmt, time::Duration};

use cookie::{CookieBuilder, SameSite, time};

/// A cookie for the caller's browser (RFC 6265). Unless said otherwise it lasts as long as the browser runs, for all paths of
/// this host, over HTTPS alone, out of reach for scripts, and is not sent along by pages of other sites (`Path=/; Secure;
/// HttpOnly; SameSite=Lax`). Its value may be any text: what a cookie can't hold is percent-encoded, and decoded where it is
/// read as a parameter.
///
/// ```
/// # use std::time::Duration;
/// # use wicketgate_action::prelude::*;
/// # fn reply() -> NoContent {
/// NoContent::empty()
///     .cookie(Cookie::new("theme", "dark").max_age(Duration::from_secs(86_400)))
///     .cookie(Cookie::removal("draft"))
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Cookie(CookieBuilder<'static>);

impl Cookie {
    /// A cookie of that name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        let cookie = cookie::Cookie::build((name.into(), value.into()));
        Self(cookie.path("/").secure(true).http_only(true).same_site(SameSite::Lax))
    }

    /// Removes the cookie of that name. Path and domain have to be those that it was set with.
    pub fn removal(name: impl Into<String>) -> Self {
        Self(Self::new(name, "").0.removal())
    }

    /// How long it lasts.
    pub fn max_age(self, age: Duration) -> Self {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        Self(self.0.max_age(time::Duration::seconds(age)))
    }

    /// The path below which it is sent; `/` unless it is said.
    pub fn path(self, path: impl Into<String>) -> Self {
        Self(self.0.path(path.into()))
    }

    /// A domain, for which and below which it is sent; without one, to this host alone.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self(self.0.domain(domain.into()))
    }

    /// Lets scripts of the page read it.
    pub fn readable_by_scripts(self) -> Self {
        Self(self.0.http_only(false))
    }

    /// Has it sent over plain HTTP as well.
    pub fn insecure(self) -> Self {
        Self(self.0.secure(false))
    }

    /// Has it sent along by pages of this site alone, and not even by a link that leads here (`SameSite=Strict`).
    pub fn strict(self) -> Self {
        Self(self.0.same_site(SameSite::Strict))
    }

    /// Has it sent along by pages of all sites (`SameSite=None`), which browsers allow over HTTPS alone.
    pub fn cross_site(self) -> Self {
        Self(self.0.same_site(SameSite::None).secure(true))
    }
}

/// As in `Set-Cookie`.
impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.inner().encoded().fmt(f)
    }
}
