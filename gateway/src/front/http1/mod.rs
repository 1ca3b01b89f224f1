//! Connections that speak HTTP/1.1. Most requests are for files, and ask nothing that takes long to find out: these are
//! answered here, with as little as possible between the socket and the bytes. All others are pingora's: commands, other
//! servers, bodies, upgrades, and whatever is odd.
//!
//! 1. [`head`]: what has come is looked at.
//! 2. [`Server::send`]: a reply that is ready is sent.
//! 3. [`Server::look`]: a file is found and sent, by the same functions as everywhere.
//! 4. [`Server::pass_on`]: pingora gets the request, and gives the connection back.

mod head;
mod wire;
mod write;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use pingora::{
    apps::HttpServerApp,
    protocols::{Stream, http::ServerSession},
    proxy::HttpProxy,
    server::ShutdownWatch,
};

use super::{
    Destiny, Front, Head, Refused, Site,
    client::Peer,
    connections::{self, Answering},
    drain::InFlight,
    finish,
    proxy::Proxy,
    reply::Reply,
    static_files::{self, Asset, Ready},
};
use crate::webapp::RequestId;
use head::{Look, MOST_LINES, Plain};
use wire::Wire;

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
        session.set_keepalive((!self.in_flight.is_ending()).then_some(60));
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

impl Front {
    /// The reply to a request that is ready.
    fn ready(&self, request: &Plain<'_>, client: Client) -> Option<Hit> {
        let Plain { path, host, lines, length, is_last, is_head, .. } = request;
        if *is_head || lines.has_more || (lines.is_forwarded && client.is_trusted(self)) {
            return None;
        }
        let site = self.sites.find(Some(host), &mut ()).ok()?;
        if lines.has_origin && site.config.cors.is_some() {
            return None;
        }
        let asset = site.shelf.fresh(path)?;
        let (form, ready) = site.make_ready(&asset, lines.accept_encoding)?;
        let is_whole = match (lines.if_none_match, lines.if_modified_since) {
            (Some(tags), _) => !static_files::is_among(tags, &ready.etag),
            (None, Some(date)) if ready.last_modified == date => false,
            // It is one to be compared.
            (None, Some(_)) => return None,
            (None, None) => true,
        };
        Some(Hit { asset, form, is_whole, length: *length, is_last: *is_last })
    }

    /// The reply to a request that is for a file, or for nothing at all, and whether the connection ends with it; `None` if
    /// it is for somebody else.
    async fn plain(&self, request: &Request, client: Client) -> Option<(Reply, bool)> {
        let peer = Peer::new(client.ip, client.tls, &self.trusted_proxies);
        let Request { method, path, query, host, headers, .. } = request;
        let forwarded = peer.forwarded_host(headers);
        let host = forwarded.as_deref().unwrap_or(host);
        let id = RequestId::next();
        let site = match self.sites.find(Some(host), &mut ()) {
            Ok(site) => site,
            Err(error) => {
                let request = finish::Request { id, site: None, headers };
                return Some((request.refuse(error.into()), false));
            }
        };
        let head = Head { method, path, query: query.as_deref(), headers };
        let answered = match site.destiny(&head, &mut ()) {
            Ok(Destiny::Redirect(status, location)) => Ok(Reply::redirect(status, location)),
            Ok(destiny @ (Destiny::File(_) | Destiny::Client(..))) => {
                site.file(&head, &destiny).await.map_err(Refused::from)
            }
            Ok(_) => return None,
            Err(error) => Err(Refused::of_path(error)),
        };
        let request = finish::Request { id, site: Some(site), headers };
        Some(match answered {
            Ok(reply) => (request.finish(reply), false),
            Err(refused) => {
                let close = refused.close;
                (request.refuse(refused), close)
            }
        })
    }
}

impl Site {
    /// A form of an asset that is ready, and its number; `None` if it is not at hand.
    fn make_ready<'a>(&self, asset: &'a Asset, accept_encoding: Option<&[u8]>) -> Option<(usize, &'a Ready)> {
        let coding = asset.choose_quickly(accept_encoding)?;
        let form = coding.map_or(0, |coding| coding as usize + 1);
        if let Some(ready) = asset.ready[form].get() {
            return Some((form, ready));
        }
        let body = asset.form(coding)?.clone();
        let headers = HeaderMap::new();
        // Its id is another one each time, and left out.
        let request = finish::Request { id: RequestId::next(), site: Some(self), headers: &headers };
        let [whole, not_modified] = [StatusCode::OK, StatusCode::NOT_MODIFIED].map(|status| {
            let reply = asset.plain_reply(coding, status)?;
            Some(request.finish(reply))
        });
        let ready = write::prepare(&whole?, &not_modified?, body);
        Some((form, asset.ready[form].get_or_init(|| ready)))
    }
}

impl Client {
    fn is_trusted(self, front: &Front) -> bool {
        Peer::new(self.ip, self.tls, &front.trusted_proxies).trusted
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
