//! Who is at the other end, and what a trusted proxy in between says of it (`X-Forwarded-*`; RFC 7239).

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority};
use ipnet::IpNet;
use pingora::{http::RequestHeader, proxy::Session};

use crate::{
    auth::Presented,
    config::{Cors, Origins},
};

/// `X-Forwarded-For`: the addresses on the way, the client's first.
pub(super) const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// `X-Forwarded-Host`: what the client asked for.
pub(super) const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// `X-Forwarded-Proto`: how the client spoke to the first proxy.
pub(super) const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether only a trusted proxy may set this header. `X_Forwarded_For` is the same to servers that hand headers on as
/// environment variables.
pub(super) fn is_told_by_proxies(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    name.starts_with("x-forwarded-") || matches!(name.as_str(), "forwarded" | "x-real-ip")
}

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
        Self::new(ip, tls, trusted)
    }

    pub(super) fn new(ip: Option<IpAddr>, tls: bool, trusted: &[IpNet]) -> Self {
        let trusted = ip.is_some_and(|ip| trusted.iter().any(|network| network.contains(&ip)));
        Self { ip, tls, trusted }
    }

    /// The host that the client asked the proxy for, in lower case and without port.
    pub(super) fn forwarded_host(&self, headers: &HeaderMap) -> Option<String> {
        super::guard::host_name(&self.forwarded_authority(headers)?)
    }

    /// The same with its port, if it is a host.
    pub(super) fn forwarded_authority(&self, headers: &HeaderMap) -> Option<String> {
        if !self.trusted {
            return None;
        }
        let told = last(headers, &HOST).or_else(|| parameter(headers, "host"))?;
        super::guard::host_name(&told).map(|_| told)
    }

    /// How the client spoke to the first proxy.
    pub(super) fn proto(&self, headers: &HeaderMap) -> &'static str {
        let told = if self.trusted { last(headers, &PROTO).or_else(|| parameter(headers, "proto")) } else { None };
        match told.as_deref() {
            Some("https" | "wss") => "https",
            Some("http" | "ws") => "http",
            _ if self.tls => "https",
            _ => "http",
        }
    }

    /// What tells who calls.
    pub(super) fn presented(&self, request: &RequestHeader, cors: Option<&Cors>, trusted: &[IpNet]) -> Presented {
        let headers = &request.headers;
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let forwarded = self.forwarded_authority(headers);
        let authority = forwarded.as_deref().or(host).or_else(|| request.uri.authority().map(Authority::as_str));
        // Origins that may act with the user's rights are named by the operator.
        let trusts = |origin: &HeaderValue| {
            let listed = |cors: &&Cors| matches!(&cors.origins, Origins::Listed(all) if all.contains(origin));
            cors.filter(|cors| cors.credentials).filter(listed).is_some()
        };
        Presented::new(headers, self.client(headers, trusted), self.proto(headers) == "https", authority, trusts)
    }

    /// The client's address: the last one on the way that is no trusted proxy's.
    fn client(&self, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
        if !self.trusted {
            return self.ip;
        }
        let told = told_addresses(headers);
        let mut known =
            told.iter().rev().map_while(|told| address_of(told).parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
        let is_proxy = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        known.find(|ip| !is_proxy(ip)).or(self.ip)
    }

    /// The addresses on the way to here, the client's first.
    pub(super) fn forwarded_for(&self, headers: &HeaderMap) -> String {
        let own = self.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let before = if self.trusted { told_addresses(headers) } else { Vec::new() };
        before.into_iter().chain([own]).collect::<Vec<_>>().join(", ")
    }
}

/// What proxies say of the way to them: `X-Forwarded-For`, or else the `for` of each element of `Forwarded`.
fn told_addresses(headers: &HeaderMap) -> Vec<String> {
    let items = |name: &HeaderName| -> Vec<String> {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(|item| item.trim().to_owned()).filter(|i| !i.is_empty()).collect()
    };
    let told = items(&FOR);
    if !told.is_empty() {
        return told;
    }
    let node = |element: &String| Some(address_of(&pair(element, "for")?));
    items(&header::FORWARDED).iter().filter_map(node).collect()
}

/// The address in a node of `Forwarded`, which may have a port, and brackets around IPv6 (RFC 7239 §6).
fn address_of(node: &str) -> String {
    let socket = node.parse::<SocketAddr>().map(|socket| socket.ip());
    let ip = socket.or_else(|_| node.trim_matches(['[', ']']).parse::<IpAddr>());
    ip.map_or_else(|_| node.to_owned(), |ip| ip.to_string())
}

/// The last item of a list header: what the nearest proxy has put there.
fn last(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let item = value.rsplit(',').next().unwrap_or_default().trim();
    (!item.is_empty()).then(|| item.to_ascii_lowercase())
}

/// A parameter of the last element of `Forwarded`.
fn parameter(headers: &HeaderMap, name: &str) -> Option<String> {
    pair(&last(headers, &header::FORWARDED)?, name)
}

/// A parameter of an element of `Forwarded`.
fn pair(element: &str, name: &str) -> Option<String> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"').to_owned())
}
