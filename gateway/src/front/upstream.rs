//! Passing requests on to another HTTP server, by pingora's own proxying.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use pingora::{
    Error, ErrorSource, ErrorType, OrErr, Result,
    http::{RequestHeader, ResponseHeader},
    protocols::TcpKeepalive,
    proxy::Session,
    upstreams::peer::HttpPeer,
};
use tokio::time::timeout;

use super::{
    client::{self, Peer},
    cors,
};
use crate::{
    config::{Cors, Scheme, Upstream},
    webapp::{RequestId, WebError},
};

/// How long another server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many addresses of its name are tried, one after the other.
const MOST_ADDRESSES: usize = 4;

/// How long an unused connection to it is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A request that is passed on.
pub(super) struct Forward {
    pub(super) upstream: Arc<Upstream>,
    /// Path and query there.
    pub(super) target: String,
    pub(super) peer: Peer,
    /// The server's addresses, the ones that are still to be tried last in first.
    pub(super) addresses: Vec<SocketAddr>,
    /// How many bytes of its body were passed on, and how many may be.
    pub(super) body: u64,
    pub(super) body_limit: u64,
}

/// `X-Request-Id`: the same in the reply, in the log and at the other server.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Forward {
    /// Where to connect to: the next of the server's addresses.
    pub(super) async fn connect(&mut self, session: &Session) -> Result<HttpPeer> {
        let Upstream { host, scheme, timeout: silence, .. } = &*self.upstream;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if self.addresses.is_empty() {
            self.addresses = self.look_up(bare).await.map_err(Error::into_up)?;
        }
        let none = || Error::explain(ErrorType::ConnectNoRoute, format!("{bare} has no address")).into_up();
        let address = self.addresses.pop().ok_or_else(none)?;
        let mut peer = HttpPeer::new(address, *scheme == Scheme::Https, bare.to_owned());
        let options = &mut peer.options;
        options.connection_timeout = Some(CONNECT_TIMEOUT);
        options.total_connection_timeout = Some(CONNECT_TIMEOUT * 2);
        // A WebSocket may be silent as long as it likes, as long as somebody is there.
        let limit = Some(*silence).filter(|_| !is_websocket(session));
        (options.read_timeout, options.write_timeout) = (limit, limit);
        options.idle_timeout = Some(IDLE_TIMEOUT);
        options.tcp_keepalive = Some(TcpKeepalive {
            idle: Duration::from_secs(60),
            interval: Duration::from_secs(10),
            count: 6,
            user_timeout: Duration::ZERO,
        });
        Ok(peer)
    }

    /// The addresses of its name, the first one last. It is looked up each time: the system's resolver is what caches.
    async fn look_up(&self, bare: &str) -> Result<Vec<SocketAddr>> {
        let port = self.upstream.port;
        if let Ok(ip) = bare.parse() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let found = timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((bare, port))).await;
        let late = |_| Error::explain(ErrorType::ConnectTimedout, format!("looking up {bare}"));
        let found = found.map_err(late)?.or_err_with(ErrorType::ConnectNoRoute, || format!("looking up {bare}"))?;
        let mut all: Vec<_> = found.take(MOST_ADDRESSES).collect();
        all.reverse();
        Ok(all)
    }

    /// Makes the client's header one for the other server. Hop-by-hop fields are gone already.
    pub(super) fn prepare(&self, request: &mut RequestHeader, id: RequestId) -> Result<()> {
        let uri = self.target.parse::<Uri>().or_err(ErrorType::InternalError, "the path for the other server")?;
        request.set_uri(uri);
        let client_host = request.headers.get(header::HOST).cloned();
        let host = self.peer.forwarded_authority(&request.headers).and_then(|host| HeaderValue::try_from(host).ok());
        let (ips, proto) = (self.peer.forwarded_for(&request.headers), self.peer.proto(&request.headers));
        // Whatever `Forwarded` says is said below.
        let stale = |name: &&HeaderName| {
            **name == header::FORWARDED || (!self.peer.trusted && client::is_told_by_proxies(name))
        };
        let stale: Vec<HeaderName> = request.headers.keys().filter(stale).cloned().collect();
        for name in &stale {
            request.remove_header(name);
        }
        request.insert_header(client::FOR, ips)?;
        request.insert_header(client::PROTO, proto)?;
        let has_host = client_host.is_some();
        if let Some(host) = host.or(client_host) {
            request.insert_header(client::HOST, host)?;
        }
        // Over TLS the server has to know itself by the name in its certificate; and HTTP/1.1 has to name some host.
        if self.upstream.scheme == Scheme::Https || !has_host {
            request.insert_header(header::HOST, self.upstream.authority())?;
        }
        request.insert_header(REQUEST_ID, id.header())?;
        // Answered here already.
        request.remove_header(&header::EXPECT);
        join_cookies(request)
    }

    /// Counts a part of the body.
    pub(super) fn count(&mut self, bytes: usize) -> Result<()> {
        self.body += bytes as u64;
        if self.body > self.body_limit {
            return Err(Error::explain(ErrorType::HTTPStatus(413), "the body is too large").into_down());
        }
        Ok(())
    }
}

/// Whether this is a request that pingora passes on as an upgrade.
fn is_websocket(session: &Session) -> bool {
    let upgrade = session.req_header().headers.get(header::UPGRADE);
    session.is_upgrade_req() && upgrade.is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Makes the other server's reply one of this connection: without what was meant for the one to that server (RFC 9110
/// §7.6.1), and without chunks for a client that does not know them.
pub(super) fn clean(session: &mut Session, response: &mut ResponseHeader) {
    if session.req_header().version == Version::HTTP_10 && response.headers.contains_key(header::TRANSFER_ENCODING) {
        response.remove_header(&header::TRANSFER_ENCODING);
        session.set_keepalive(None);
    }
    if response.status == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    let nominated = response.headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let nominated: Vec<HeaderName> =
        nominated.flat_map(|list| list.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    // How the body is framed is settled already.
    let framing = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    for name in nominated.iter().chain(&HOP_BY_HOP).filter(|name| !framing.contains(name)) {
        response.remove_header(name);
    }
}

/// Says what pages of other origins may do with the reply: what the site says, and nothing that the other server does.
pub(super) fn cross_origin(cors: &Cors, origin: Option<&HeaderValue>, response: &mut ResponseHeader) -> Result<()> {
    let of_cors = |name: &&HeaderName| name.as_str().starts_with("access-control-") || **name == header::VARY;
    let mut headers = HeaderMap::new();
    for value in response.headers.get_all(header::VARY) {
        headers.append(header::VARY, value.clone());
    }
    let foreign: Vec<HeaderName> = response.headers.keys().filter(of_cors).cloned().collect();
    for name in &foreign {
        response.remove_header(name);
    }
    cors::apply(cors, origin, &mut headers);
    for (name, value) in &headers {
        response.append_header(name, value)?;
    }
    Ok(())
}

/// What a reply says to the next server on its way alone.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// HTTP/2 may split them, HTTP/1.1 may not (RFC 9113 §8.2.3).
fn join_cookies(request: &mut RequestHeader) -> Result<()> {
    let cookies: Vec<_> = request.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() < 2 {
        return Ok(());
    }
    let joined = cookies.join(&b"; "[..]);
    request.insert_header(header::COOKIE, joined)
}

/// What to tell the client of a request that could not be passed on; `None` if there is nobody to tell.
pub(super) fn failure(error: &Error, body_limit: u64) -> Option<WebError> {
    use ErrorType::{
        ConnectTimedout, ConnectionClosed, HTTPStatus, ReadError, ReadTimedout, TLSHandshakeTimedout, WriteError,
        WriteTimedout,
    };
    Some(match (error.etype(), error.esource()) {
        (HTTPStatus(413), _) => {
            let info = format!("the body is larger than the {body_limit} bytes that are allowed");
            WebError::new(StatusCode::PAYLOAD_TOO_LARGE, info)
        }
        (HTTPStatus(status @ 400..500), ErrorSource::Downstream) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
            WebError::new(status, "the request can't be passed on")
        }
        (ConnectionClosed | ReadError | WriteError | WriteTimedout, ErrorSource::Downstream) => return None,
        (_, ErrorSource::Downstream) => WebError::bad_request("the request can't be passed on: it makes no sense"),
        (ConnectTimedout | ReadTimedout | WriteTimedout | TLSHandshakeTimedout, _) => {
            WebError::new(StatusCode::GATEWAY_TIMEOUT, "the server behind this path did not answer in time")
        }
        (_, ErrorSource::Upstream) => {
            WebError::new(StatusCode::BAD_GATEWAY, "the server behind this path can't be reached, or makes no sense")
        }
        _ => WebError::internal(),
    })
}
