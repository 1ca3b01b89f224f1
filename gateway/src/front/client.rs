//! Who is at the other end, and what a trusted proxy in between says of it (`X-Forwarded-*`; RFC 7239).

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use pingora::proxy::Session;

/// Headers that only a trusted proxy may set.
pub(super) const FORWARDED: [HeaderName; 5] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    http::header::FORWARDED,
];

/// The other end of the connection.
pub(super) struct Peer {
    /// Its address.
    pub(super) ip: Option<IpAddr>,
    /// Whether it speaks TLS.
    pub(super) tls: bool,
    /// Whether it is one of the trusted proxies.
    pub(super) trusted: bool,
}

impl Peer {
    pub(super) fn of(session: &Session, trusted: &[IpNet]) -> Self {
        let ip = session.client_addr().and_then(|address| address.as_inet()).map(|address| address.ip().to_canonical());
        let tls = session.digest().is_some_and(|digest| digest.ssl_digest.is_some());
        let trusted = ip.is_some_and(|ip| trusted.iter().any(|network| network.contains(&ip)));
        Self { ip, tls, trusted }
    }

    /// The host that the client asked the proxy for, in lower case and without port.
    pub(super) fn forwarded_host(&self, headers: &HeaderMap) -> Option<String> {
        if !self.trusted {
            return None;
        }
        let host = last(headers, &FORWARDED[1]).or_else(|| parameter(headers, "host"))?;
        super::guard::host_name(&host)
    }

    /// How the client spoke to the first proxy.
    pub(super) fn proto(&self, headers: &HeaderMap) -> &'static str {
        let told =
            if self.trusted { last(headers, &FORWARDED[2]).or_else(|| parameter(headers, "proto")) } else { None };
        match told.as_deref() {
            Some("https" | "wss") => "https",
            Some("http" | "ws") => "http",
            _ if self.tls => "https",
            _ => "http",
        }
    }

    /// The addresses on the way to here, the client's first.
    pub(super) fn forwarded_for(&self, headers: &HeaderMap) -> String {
        let own = self.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let before = headers.get_all(&FORWARDED[0]).iter().filter_map(|value| value.to_str().ok());
        let before: Vec<_> = before.filter(|value| self.trusted && !value.trim().is_empty()).collect();
        if before.is_empty() { own } else { format!("{}, {own}", before.join(", ")) }
    }
}

/// The last item of a list header: what the nearest proxy has put there.
fn last(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let item = value.rsplit(',').next().unwrap_or_default().trim();
    (!item.is_empty()).then(|| item.to_ascii_lowercase())
}

/// A parameter of the last element of `Forwarded`.
fn parameter(headers: &HeaderMap, name: &str) -> Option<String> {
    let element = last(headers, &FORWARDED[4])?;
    let pair = element.split(';').filter_map(|pair| pair.split_once('=')).find(|(key, _)| key.trim() == name)?;
    Some(pair.1.trim().trim_matches('"').to_owned())
}
