//! What of a request tells who calls.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Refusal;

/// What of a request tells who calls. Plugins never see it.
pub struct Presented {
    /// The client's address, as far as it is known.
    pub address: Option<IpAddr>,
    /// Whether the client speaks TLS, with the gateway or with a proxy that is trusted.
    pub tls: bool,
    /// `Authorization`.
    pub authorization: Option<HeaderValue>,
    /// `Cookie`.
    pub cookies: Option<HeaderValue>,
    /// Where it was made.
    pub crossing: Crossing,
}

/// Where a request was made, as far as browsers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// By the site's own pages, by an origin that is let in with credentials, by the user, or by no browser.
    Same,
    /// By another origin of the same site, such as a sibling subdomain.
    SameSite,
    /// By a link from another site that was followed.
    Navigation,
    /// By a page of another site.
    Cross,
}

impl Crossing {
    /// Whether a request is a guest's, whoever it names: a page of another site may read what a guest may.
    pub(super) fn makes_guest(self, safe: bool) -> bool {
        safe && self == Self::Cross
    }

    /// Whether a request may be made in the name of whoever has sent it.
    ///
    /// # Errors
    /// If it changes something, and another site has made it.
    pub(super) fn permits(self, safe: bool) -> Result<(), Refusal> {
        if safe || self == Self::Same { Ok(()) } else { Err(Refusal::CrossSite) }
    }
}

impl Presented {
    /// Whether a method can be used, which may work over TLS alone.
    pub(super) fn may_use(&self, tls_alone: bool) -> bool {
        self.tls || !tls_alone
    }

    /// What these headers tell. `authority` is what the client asked for, `trusts` says whether an origin may act with the
    /// user's rights.
    #[must_use]
    pub fn new(
        headers: &HeaderMap,
        address: Option<IpAddr>,
        tls: bool,
        authority: Option<&str>,
        trusts: impl Fn(&HeaderValue) -> bool,
    ) -> Self {
        Self {
            address,
            tls,
            authorization: joined(headers, header::AUTHORIZATION, b", "),
            // HTTP/2 may split it (RFC 9113 §8.2.3).
            cookies: joined(headers, header::COOKIE, b"; "),
            crossing: crossing(headers, authority, trusts),
        }
    }

    /// The values of the cookie of that name, as they were sent.
    pub fn cookie_bytes<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p [u8]> {
        let all = self.cookies.as_ref().map(HeaderValue::as_bytes).unwrap_or_default();
        let pairs = all.split(|byte| *byte == b';').filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
        });
        let name = name.as_bytes().to_vec();
        pairs.filter(move |(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The same as texts; what is none is no session, but a cookie all the same.
    pub(super) fn cookie<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.cookie_bytes(name).map(|value| std::str::from_utf8(value).unwrap_or_default())
    }
}

/// The only value, or all of them.
fn joined(headers: &HeaderMap, name: HeaderName, separator: &[u8]) -> Option<HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    let rest: Vec<_> = values.map(HeaderValue::as_bytes).collect();
    if rest.is_empty() {
        return Some(first.clone());
    }
    HeaderValue::from_bytes(&[&[first.as_bytes()], &rest[..]].concat().join(separator)).ok()
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// By `Sec-Fetch-Site`, which browsers set and pages can't (<https://www.w3.org/TR/fetch-metadata/>), else by `Origin`.
fn crossing(headers: &HeaderMap, authority: Option<&str>, trusts: impl Fn(&HeaderValue) -> bool) -> Crossing {
    let origin = headers.get(header::ORIGIN);
    let is = |name: HeaderName, value: &str| headers.get(name).is_some_and(|found| found == value);
    let found = match (headers.get(FETCH_SITE), origin) {
        (Some(site), _) => match site.as_bytes() {
            b"same-origin" | b"none" => Crossing::Same,
            b"same-site" => Crossing::SameSite,
            _ if is(FETCH_MODE, "navigate") && is(FETCH_DEST, "document") => Crossing::Navigation,
            _ => Crossing::Cross,
        },
        (None, None) => Crossing::Same,
        (None, Some(origin)) => {
            let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
            let same = own.zip(authority).is_some_and(|(own, authority)| own.eq_ignore_ascii_case(authority));
            if same { Crossing::Same } else { Crossing::Cross }
        }
    };
    if found != Crossing::Same && origin.is_some_and(trusts) { Crossing::Same } else { found }
}
