//! Connections that speak HTTP/1.1. Most requests are for files, and ask nothing that takes long to find out: these are
//! answered here, with as little as possible between the socket and the bytes. All others are pingora's: commands, other
//! servers, bodies, upgrades, and whatever is odd.
//!
//! 1. [`head`]: what has come is looked at.
//! 2. [`Server::send`]: a reply that is ready ([`files`]) is sent.
//! 3. [`Server::look`]: a file is found and sent, by the same functions as everywhere.
//! 4. [`Server::pass_on`]: pingora gets the request, and gives the connection back.

mod files;
mod head;
mod write;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pingora::{
    apps::HttpServerApp,
    protocols::{Stream, http::ServerSession},
    proxy::HttpProxy,
    server::ShutdownWatch,
};

use super::{
    Front,
    connections::{self, Answering},
    drain::InFlight,
    proxy::Proxy,
    static_files::Asset,
    wire::Wire,
};
use head::{Look, MOST_LINES, Plain};

/// What connections need.
pub(super) struct Server {
    pub(super) front: Arc<ArcSwap<Front>>,
    pub(super) proxy: Arc<HttpProxy<Proxy>>,
    pub(super) in_flight: Arc<InFlight>,
}

/// The other end of a connection.
#[derive(Clone, Copy)]
struct Client {
    ip: Option<IpAddr>,
    tls: bool,
}

/// What is to be done next.
enum Next {
    /// Wait for more of the request.
    Wait,
    /// Send what is ready.
    Send(Hit),
    /// Look whether it is for a file.
    Look(Box<Request>),
    /// Let pingora answer it: a head and a body of so many bytes, or whatever there is.
    PassOn(Option<(usize, u64)>),
}

/// A reply that is ready.
struct Hit {
    asset: Arc<Asset>,
    form: usize,
    /// Whether the client gets it, or learns that its copy is still good.
    is_whole: bool,
    /// How long the request is.
    length: usize,
    is_last: bool,
}

/// A GET or HEAD that may be for a file.
struct Request {
    length: usize,
    method: Method,
    path: String,
    query: Option<String>,
    host: String,
    headers: HeaderMap,
    is_last: bool,
}

impl Server {
    /// Answers the requests of a connection, one after the other, until there are no more.
    pub(super) async fn serve(&self, stream: Stream, shutdown: &ShutdownWatch) -> Option<()> {
        let mut wire = Box::new(Wire::new(stream));
        let client = Client { ip: wire.ip(), tls: wire.is_tls() };
        loop {
            wire = match self.next(&wire, client) {
                Next::Wait => {
                    if !wire.ahead().is_empty() {
                        connections::reading();
                    }
                    wire.wait().await?
                }
                Next::Send(hit) => self.send(wire, hit).await?,
                Next::Look(request) => self.look(wire, &request, client, shutdown).await?,
                Next::PassOn(request) => self.pass_on(wire, request, shutdown).await?,
            }
        }
    }

    fn next(&self, wire: &Wire, client: Client) -> Next {
        if wire.ahead().is_empty() {
            return Next::Wait;
        }
        let mut lines = [httparse::EMPTY_HEADER; MOST_LINES];
        let plain = match head::look(wire.ahead(), &mut lines) {
            Look::Partial => return Next::Wait,
            Look::Other(request) => return Next::PassOn(request),
            Look::Plain(plain) => plain,
        };
        let front = self.front.load();
        if let Some(hit) = front.ready(&plain, client) {
            return Next::Send(hit);
        }
        let length = plain.length;
        Request::of(plain).map_or(Next::PassOn(Some((length, 0))), |request| Next::Look(Box::new(request)))
    }

    /// Sends a reply that is ready.
    async fn send(&self, mut wire: Box<Wire>, hit: Hit) -> Option<Box<Wire>> {
        let (_counted, _answering) = (InFlight::enter(&self.in_flight), Answering::begin());
        let ready = hit.asset.ready[hit.form].get()?;
        let is_last = hit.is_last || self.in_flight.is_ending();
        wire.consume(hit.length);
        let (head, body) = if hit.is_whole { (&ready.whole, &ready.body[..]) } else { (&ready.not_modified, &[][..]) };
        write::ready(&mut wire, head, body, is_last).await.ok()?;
        wire.unless(is_last).await
    }

    /// Answers a request that may be for a file, or passes it on.
    async fn look(
        &self,
        mut wire: Box<Wire>,
        request: &Request,
        client: Client,
        shutdown: &ShutdownWatch,
    ) -> Option<Box<Wire>> {
        let front = self.front.load_full();
        let counted = (InFlight::enter(&self.in_flight), Answering::begin());
        // On the heap: a connection that rests should not carry room for it.
        let Some((reply, is_last)) = Box::pin(front.plain(request, client)).await else {
            drop(counted);
            return self.pass_on(wire, Some((request.length, 0)), shutdown).await;
        };
        let is_last = is_last || request.is_last || self.in_flight.is_ending();
        wire.consume(request.length);
        write::reply(&mut wire, reply, request.method == Method::HEAD, is_last).await.ok()?;
        wire.unless(is_last).await
    }

    /// Has pingora answer a request.
    async fn pass_on(
        &self,
        mut wire: Box<Wire>,
        request: Option<(usize, u64)>,
        shutdown: &ShutdownWatch,
    ) -> Option<Box<Wire>> {
        let given = wire.hand_over(request);
        let mut session = ServerSession::new_http1(wire);
        // What pingora calls on, until the application says how long.
        session.set_keepalive(Some(60));
        session.set_pipelined_prefix(given);
        let mut left = self.proxy.process_new_http(session, shutdown).await?;
        loop {
            let (stream, settings) = left.consume();
            let stream = match stream.into_any().downcast::<Wire>() {
                Ok(wire) if wire.is_in_step() => return Some(wire),
                Ok(wire) => wire,
                Err(_) => return None,
            };
            // It was not to be seen where the request ends: from here on, the connection is pingora's.
            let mut session = ServerSession::new_http1(stream);
            settings?.apply_to_session(&mut session);
            left = self.proxy.process_new_http(session, shutdown).await?;
        }
    }
}

impl Request {
    /// The request by itself; `None` if its header is one to be looked at more closely.
    fn of(plain: Plain<'_>) -> Option<Self> {
        let mut headers = HeaderMap::with_capacity(plain.all.len());
        for line in plain.all {
            let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
            headers.append(name, HeaderValue::from_bytes(line.value).ok()?);
        }
        Some(Self {
            length: plain.length,
            method: if plain.is_head { Method::HEAD } else { Method::GET },
            path: plain.path.to_owned(),
            query: plain.query.map(str::to_owned),
            host: plain.host.into_owned(),
            headers,
            is_last: plain.is_last,
        })
    }
}
