//! The wire: what happens to a request, in the order of these steps.
//!
//! 1. [`guard`]: what is malformed is refused.
//! 2. [`site`]: the host names a site. A CORS preflight is answered here ([`cors`]).
//! 3. [`path`]: the path is split, decoded and normalised, once.
//! 4. [`rewrite`]: the first rule that matches gives it another path, or sends the client elsewhere.
//! 5. [`destiny`]: method and path decide: a mounted command, a command, the client folder, another server, a file, or nothing.
//! 6. [`body`]: for a command, the body is read within its limit; the [`Webapp`] answers.
//! 7. [`upstream`]: for another server, the request is passed on.
//! 8. [`static_files`]: for a file, it is opened beneath its folder.
//! 9. [`finish`]: the reply gets what all replies of the site have ([`dress`]).
//! 10. [`reply`]: it is written, by pingora.
//!
//! Files over HTTP/1.1 go the same way, by the same functions, without pingora: [`http1`] reads and writes for them. Either way
//! what is sent and received passes the [`wire`].

mod blocking;
mod body;
mod client;
mod clock;
mod coding;
mod connections;
mod cors;
mod destiny;
mod drain;
mod dress;
mod finish;
mod guard;
mod http1;
mod listen;
mod path;
mod proxy;
mod reply;
mod rewrite;
mod site;
mod static_files;
#[cfg(test)]
mod tests;
mod tls;
mod upstream;
mod wire;

use std::{borrow::Cow, sync::Arc};

use http::{StatusCode, header};
use ipnet::IpNet;
use pingora::{http::RequestHeader, proxy::Session};

pub use destiny::{Destiny, Head};
pub use guard::{check_headers, host_name};
pub use listen::{Bound, ListenError, bind, serve};
pub use path::RequestPath;
pub use site::{Site, Sites};
pub use static_files::Watch;

use crate::webapp::{ReplyBody, RequestBody, RequestId, WebError, WebHead, WebReply, WebRequest, Webapp};
use client::Peer;
use dress::Source;
use reply::{Body, Reply};
use static_files::{Place, Wish};
use upstream::Forward;

/// All that the wire needs, derived from a configuration and never changed. A request takes it once and keeps it.
pub struct Front {
    /// What is served, by host.
    pub sites: Sites,
    /// What answers commands.
    pub webapp: Arc<dyn Webapp>,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// The largest form with files, in bytes.
    pub upload_limit: usize,
    /// Whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What holds for connections.
    pub connections: crate::config::Connections,
}

/// What becomes of a request.
enum Answer {
    /// This is written.
    Reply(Reply),
    /// It is passed on.
    Forward(Box<Forward>),
    /// The client went away, and what it asked for was cancelled.
    Gone,
}

impl Front {
    /// The site that a request is for.
    fn site(&self, session: &Session, peer: &Peer) -> Result<&Arc<Site>, Refused> {
        let host = guard::check(session)?;
        let forwarded = peer.forwarded_host(&session.req_header().headers);
        Ok(self.sites.find(forwarded.as_deref().or(host.as_deref()), &mut ())?)
    }

    /// Answers one request for a site.
    async fn answer(&self, session: &mut Session, site: &Site, peer: Peer, id: RequestId) -> Result<Answer, Refused> {
        let request = session.req_header();
        match site.destiny(&head(request), &mut ()).map_err(Refused::of_path)? {
            Destiny::Preflight(headers) => {
                let reply = Reply::new(StatusCode::NO_CONTENT, headers, Body::Whole(Default::default()));
                Ok(Answer::Reply(Reply { source: Source::Preflight, ..reply }))
            }
            Destiny::Redirect(status, location) => Ok(Answer::Reply(Reply::redirect(status, location))),
            Destiny::Webapp(path, query) => {
                let head = self.web_head(request, site, peer, id, path, query);
                self.command(session, Arc::new(head)).await
            }
            Destiny::Mount(path, query, mount) => {
                let errors = mount.row.errors;
                let head = self.web_head(request, site, peer, id, path, query).mounted(Some(mount));
                let answered = self.command(session, Arc::new(head)).await;
                answered.map_err(|refused| Refused { error: refused.error.with_dialect(errors), ..refused })
            }
            Destiny::Upstream(upstream, target) => {
                let body_limit = self.body_limit as u64;
                body::pass_on(session, self.body_limit).await?;
                Ok(Answer::Forward(Box::new(Forward {
                    upstream,
                    target,
                    peer,
                    addresses: Vec::new(),
                    body: 0,
                    body_limit,
                })))
            }
            destiny => site.file(&head(request), &destiny).await.map(Answer::Reply).map_err(Refused::from),
        }
    }

    /// What the webapp is told of a request.
    fn web_head(
        &self,
        request: &RequestHeader,
        site: &Site,
        peer: Peer,
        id: RequestId,
        path: RequestPath,
        query: Option<Cow<'_, str>>,
    ) -> WebHead {
        let presented = peer.presented(request, site.config.cors.as_ref(), &self.trusted_proxies);
        let (headers, query) = (request.headers.clone(), query.map(Cow::into_owned));
        WebHead::new(id, &request.method, headers, path.into_segments(), query, presented)
    }

    /// Reads the body and waits for the webapp, unless the client goes away first.
    async fn command(&self, session: &mut Session, head: Arc<WebHead>) -> Result<Answer, Refused> {
        let expectant = body::awaits_continue(session);
        if expectant {
            // Before the client goes to the trouble of sending it.
            self.webapp.admit(&head).await?;
        }
        let reply = if head.takes_parts() && !session.is_body_empty() {
            let (body, pump) = body::arriving(session, self.upload_limit, expectant).await?;
            let request = WebRequest { head, body: RequestBody::Arriving(body) };
            let mut answer = self.webapp.answer(request);
            tokio::select! {
                biased;
                reply = &mut answer => reply?,
                () = pump.run(session) => {
                    tokio::select! {
                        biased;
                        reply = &mut answer => reply?,
                        () = body::client_gone_after(session) => return Ok(Answer::Gone),
                    }
                }
            }
        } else {
            let body = body::read(session, self.body_limit, expectant).await?;
            let request = WebRequest { head, body: RequestBody::Whole(body) };
            tokio::select! {
                biased;
                reply = self.webapp.answer(request) => reply?,
                () = body::client_gone(session) => return Ok(Answer::Gone),
            }
        };
        let WebReply { status, format, headers, body } = reply;
        let mut reply = match body {
            ReplyBody::Whole(bytes) => Reply::new(status, headers, Body::Whole(bytes)),
            ReplyBody::Stream(chunks) => Reply::new(status, headers, Body::Stream(chunks)),
            ReplyBody::File(path) => {
                let request = session.req_header();
                static_files::chosen(&path, headers, Wish { method: &request.method, headers: &request.headers })?
            }
        };
        reply.source = Source::Webapp(format);
        Ok(Answer::Reply(reply))
    }
}

/// What of a request decides where it goes.
fn head(request: &RequestHeader) -> Head<'_> {
    Head { method: &request.method, path: request.uri.path(), query: request.uri.query(), headers: &request.headers }
}

impl Site {
    /// Status and path of the file that a request is for, or the folder's URL; for `wicketgate explain`.
    ///
    /// # Errors
    /// 404 if there is none, 412 and 416 by the request's conditions.
    pub async fn find_file(&self, head: &Head<'_>, destiny: &Destiny<'_>) -> Result<(StatusCode, String), WebError> {
        let reply = self.file(head, destiny).await?;
        if let Some(location) = reply.headers.get(header::LOCATION) {
            return Ok((reply.status, String::from_utf8_lossy(location.as_bytes()).into_owned()));
        }
        let place = self.place(head, destiny)?;
        let found = static_files::relative(&place)?.unwrap_or_default();
        let folder = place.folder.map(|folder| folder.path().join(found)).unwrap_or_default();
        Ok((reply.status, folder.display().to_string()))
    }

    /// The static file that a request is for.
    async fn file(&self, head: &Head<'_>, destiny: &Destiny<'_>) -> Result<Reply, WebError> {
        let wish = Wish { method: head.method, headers: head.headers };
        static_files::answer(&self.place(head, destiny)?, head.query, wish).await
    }

    /// Where the file is to be found that a request is for.
    fn place<'s>(&'s self, head: &Head<'s>, destiny: &'s Destiny<'_>) -> Result<Place<'s>, WebError> {
        let Site { config, root, client, shelf, .. } = self;
        let (folder, path, url, fallback) = match destiny {
            Destiny::Client(url, path) => (client, path, url, None),
            Destiny::File(path) => (root, path, path, config.fallback.as_deref()),
            _ => return Err(WebError::internal()),
        };
        let sent = Some(head.path).filter(|path| static_files::is_plain(path));
        Ok(Place { folder: folder.as_ref(), files: &config.files, path, url, fallback, shelf, sent })
    }
}

/// A request that gets an error of the front's own.
pub(crate) struct Refused {
    error: WebError,
    /// Whether the connection can't be trusted any more.
    close: bool,
}

impl From<WebError> for Refused {
    fn from(error: WebError) -> Self {
        Self { error, close: false }
    }
}

impl Refused {
    /// The connection is closed after the reply.
    fn closing(error: WebError) -> Self {
        Self { error, close: true }
    }

    /// Whoever sends paths that make no sense is not worth a connection.
    fn of_path(error: WebError) -> Self {
        let close = error.status() == StatusCode::BAD_REQUEST && !error.has_header(header::ALLOW);
        Self { error, close }
    }
}
