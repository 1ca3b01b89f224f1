//! The front as a pingora application: pingora's hooks, each one step of ours.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use bytes::Bytes;
use http::{StatusCode, header};
use pingora::{
    Error, ErrorType, Result,
    http::{RequestHeader, ResponseHeader},
    modules::http::HttpModules,
    proxy::{FailToProxy, ProxyHttp, Session},
    upstreams::peer::HttpPeer,
};

use super::{
    Answer, Front, Refused, Site,
    client::Peer,
    connections::Answering,
    drain::{Counted, InFlight},
    finish, reply,
    upstream::{self, Forward, REQUEST_ID},
};
use crate::{config::Cors, webapp::RequestId};

/// How long a client may take to accept a part of a reply.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The application.
pub(super) struct Proxy {
    pub(super) front: Arc<ArcSwap<Front>>,
    pub(super) in_flight: Arc<InFlight>,
}

/// One request.
pub(super) struct Context {
    id: RequestId,
    site: Option<Arc<Site>>,
    /// On the heap, since pingora carries this struct through all of its steps.
    forward: Option<Box<Forward>>,
    _counted: Counted,
    _answering: Answering,
}

impl Context {
    fn request<'r>(&'r self, session: &'r Session) -> finish::Request<'r> {
        finish::Request { id: self.id, site: self.site.as_deref(), headers: &session.req_header().headers }
    }

    fn cors(&self) -> Option<&Cors> {
        self.site.as_ref()?.config.cors.as_ref()
    }
}

/// Writes an error in the form that the client prefers.
async fn refuse(session: &mut Session, context: &Context, refused: Refused) -> Result<()> {
    if refused.close {
        session.set_keepalive(None);
    }
    let reply = context.request(session).refuse(refused);
    reply::write(session, reply).await
}

/// Whether one of several `Connection` lines says that this is the last request: pingora reads the first one alone.
fn wants_close(session: &Session) -> bool {
    let lines = session.req_header().headers.get_all(header::CONNECTION);
    let closes =
        |line: &[u8]| line.split(|byte| *byte == b',').any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"));
    lines.iter().skip(1).any(|line| closes(line.as_bytes()))
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = Context;

    fn new_ctx(&self) -> Context {
        let counted = InFlight::enter(&self.in_flight);
        Context { id: RequestId::next(), site: None, forward: None, _counted: counted, _answering: Answering::begin() }
    }

    /// No modules: replies are written as they are.
    fn init_downstream_modules(&self, _: &mut HttpModules) {}

    /// Answers the request, or says (by `false`) that it is to be passed on.
    async fn request_filter(&self, session: &mut Session, context: &mut Context) -> Result<bool> {
        session.set_write_timeout(Some(WRITE_TIMEOUT));
        // Requests that are sent ahead wait for their turn (RFC 9112 §9.3.2).
        session.set_pipelining_enabled(true);
        let front = self.front.load_full();
        // Off stays off; what pingora calls on is without limit.
        if wants_close(session) {
            session.set_keepalive(None);
        } else if session.get_keepalive().is_some() {
            session.set_keepalive(Some(front.connections.idle.as_secs().max(1)));
        }
        let peer = Peer::of(session, &front.trusted_proxies);
        let answer = match front.site(session, &peer) {
            Ok(site) => {
                context.site = Some(site.clone());
                front.answer(session, site, peer, context.id).await
            }
            Err(refused) => Err(refused),
        };
        match answer {
            Ok(Answer::Reply(reply)) => {
                let reply = context.request(session).finish(reply);
                reply::write(session, reply).await?;
            }
            Ok(Answer::Gone) => session.set_keepalive(None),
            Ok(Answer::Forward(forward)) => {
                context.forward = Some(forward);
                return Ok(false);
            }
            Err(refused) => refuse(session, context, refused).await?,
        }
        Ok(true)
    }

    async fn upstream_peer(&self, session: &mut Session, context: &mut Context) -> Result<Box<HttpPeer>> {
        match &mut context.forward {
            Some(forward) => forward.connect(session).await.map(Box::new),
            None => Error::e_explain(ErrorType::InternalError, "this request is not to be passed on"),
        }
    }

    /// Tries the next address, if there is one: nothing of the request has been sent yet.
    fn fail_to_connect(&self, _: &mut Session, _: &HttpPeer, context: &mut Context, mut e: Box<Error>) -> Box<Error> {
        if context.forward.as_ref().is_some_and(|forward| !forward.addresses.is_empty()) {
            e.set_retry(true);
        }
        e
    }

    async fn upstream_request_filter(
        &self,
        _: &mut Session,
        request: &mut RequestHeader,
        context: &mut Context,
    ) -> Result<()> {
        context.forward.as_ref().map_or(Ok(()), |forward| forward.prepare(request, context.id))
    }

    async fn request_body_filter(
        &self,
        session: &mut Session,
        body: &mut Option<Bytes>,
        _: bool,
        context: &mut Context,
    ) -> Result<()> {
        match (&mut context.forward, body) {
            // What follows an upgrade is no body.
            (Some(forward), Some(bytes)) if !session.was_upgraded() => forward.count(bytes.len()),
            _ => Ok(()),
        }
    }

    /// The other server's reply stays as it is, but for what it says to pages of other origins.
    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        context: &mut Context,
    ) -> Result<()> {
        upstream::clean(session, response);
        if let Some(cors) = context.cors() {
            upstream::cross_origin(cors, session.req_header().headers.get(header::ORIGIN), response)?;
        }
        response.insert_header(REQUEST_ID, context.id.header())
    }

    /// Tells the client, if its reply has not begun.
    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, context: &mut Context) -> FailToProxy {
        // After 101 there is no reply to come.
        let is_final = |status: StatusCode| !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS;
        let begun = session.response_written().is_some_and(|response| is_final(response.status));
        let limit = context.forward.as_ref().map(|forward| forward.body_limit);
        let told = limit.filter(|_| !begun).and_then(|limit| upstream::failure(error, limit));
        let mut error_code = 0;
        if let Some(told) = told {
            error_code = told.status().as_u16();
            if error_code >= 500 {
                tracing::error!(request = %context.id, "the other server failed: {error}");
            }
            // Whoever can't be told is gone.
            let _ = refuse(session, context, Refused::closing(told)).await;
        }
        FailToProxy { error_code, can_reuse_downstream: false }
    }

    /// Clients come and go: that is no error of the server. The other server's errors are logged where they are told.
    fn suppress_error_log(&self, _: &Session, context: &Context, error: &Error) -> bool {
        use ErrorType::{ConnectionClosed, ReadError, ReadTimedout, WriteError, WriteTimedout};
        context.forward.is_some()
            || matches!(error.etype(), ConnectionClosed | ReadError | ReadTimedout | WriteError | WriteTimedout)
    }
}
