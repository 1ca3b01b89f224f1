//! The wire: what happens to a request, in the order of these steps.
//!
//! 1. [`guard`]: what is malformed is refused.
//! 2. [`site`]: the host names a site.
//! 3. [`path`]: the path is split, decoded and normalised, once.
//! 4. [`destiny`]: method and path decide: a command, a file, or neither.
//! 5. [`body`]: for a command, the body is read within its limit; the [`Webapp`] answers.
//! 6. [`static_files`]: for a file, it is opened beneath the site's root.
//! 7. [`reply`]: the one place that writes.

mod body;
mod destiny;
mod drain;
mod guard;
mod listen;
mod path;
mod reply;
mod site;
mod static_files;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use http::header;
use pingora::{
    Error, ErrorType, Result,
    modules::http::HttpModules,
    proxy::{ProxyHttp, Session},
    upstreams::peer::HttpPeer,
};

pub use listen::{Bound, ListenError, bind, serve};
pub use path::RequestPath;
pub use site::{Site, Sites};

use crate::webapp::{RequestId, WebError, WebRequest, Webapp, format_of};
use destiny::Destiny;
use drain::InFlight;
use reply::Reply;

/// How long a connection may be idle between two requests.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// How long a client may take to accept a part of a reply.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// All that the wire needs, derived from a configuration and never changed. A request takes it once and keeps it.
pub struct Front {
    /// What is served, by host.
    pub sites: Sites,
    /// What answers commands.
    pub webapp: Arc<dyn Webapp>,
    /// The largest request body, in bytes.
    pub body_limit: usize,
}

impl Front {
    /// Answers one request. `None`: the client went away, and what it asked for was cancelled.
    async fn answer(&self, session: &mut Session, id: RequestId) -> Result<Option<Reply>, Refused> {
        let host = guard::check(session)?;
        let site = self.sites.find(host.as_deref())?;
        let request = session.req_header();
        let path = RequestPath::parse(request.uri.path()).map_err(Refused::closing)?;
        match destiny::decide(&request.method, &path)? {
            Destiny::File => static_files::answer(site, request, &path).map(Some).map_err(Refused::from),
            Destiny::Webapp => self.command(session, path, id).await,
        }
    }

    /// Reads the body and waits for the webapp, unless the client goes away first.
    async fn command(&self, session: &mut Session, path: RequestPath, id: RequestId) -> Result<Option<Reply>, Refused> {
        let body = body::read(session, self.body_limit).await?;
        let head = session.req_header();
        let request = WebRequest {
            id,
            method: head.method.clone(),
            segments: path.into_segments(),
            query: head.uri.query().map(str::to_owned),
            content_type: head.headers.get(header::CONTENT_TYPE).cloned(),
            accept: head.headers.get(header::ACCEPT).cloned(),
            body,
        };
        tokio::select! {
            biased;
            reply = self.webapp.answer(request) => Ok(Some(reply.into())),
            () = body::client_gone(session) => Ok(None),
        }
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
}

/// The front as a pingora application.
struct Proxy {
    front: Arc<ArcSwap<Front>>,
    in_flight: Arc<InFlight>,
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = ();

    fn new_ctx(&self) {}

    /// No modules: replies are written as they are.
    fn init_downstream_modules(&self, _: &mut HttpModules) {}

    async fn request_filter(&self, session: &mut Session, _: &mut ()) -> Result<bool> {
        let _counted = self.in_flight.enter();
        session.set_write_timeout(Some(WRITE_TIMEOUT));
        // Requests that are sent ahead wait for their turn (RFC 9112 §9.3.2).
        session.set_pipelining_enabled(true);
        // Off stays off; what pingora calls on is without limit.
        if session.get_keepalive().is_some() {
            session.set_keepalive(Some(IDLE_TIMEOUT.as_secs()));
        }
        let (front, id) = (self.front.load_full(), RequestId::next());
        match front.answer(session, id).await {
            Ok(Some(reply)) => reply::write(session, reply).await?,
            Ok(None) => session.set_keepalive(None),
            Err(Refused { error, close }) => {
                if close {
                    session.set_keepalive(None);
                }
                let headers = &session.req_header().headers;
                let format = format_of(headers.get(header::CONTENT_TYPE), headers.get(header::ACCEPT));
                reply::write(session, error.into_reply(format, id).into()).await?;
            }
        }
        Ok(true)
    }

    /// Clients come and go: that is no error of the server.
    fn suppress_error_log(&self, _: &Session, _: &(), error: &Error) -> bool {
        use ErrorType::{ConnectionClosed, ReadError, ReadTimedout, WriteError, WriteTimedout};
        matches!(error.etype(), ConnectionClosed | ReadError | ReadTimedout | WriteError | WriteTimedout)
    }

    /// Never asked: `request_filter` answers everything.
    async fn upstream_peer(&self, _: &mut Session, _: &mut ()) -> Result<Box<HttpPeer>> {
        Error::e_explain(ErrorType::InternalError, "this gateway has no upstream")
    }
}
