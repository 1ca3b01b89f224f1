//! Requests for files: what is ready for them, and what is found.

use http::{HeaderMap, StatusCode};

use super::{Client, Hit, Request, head::Plain, write};
use crate::{
    front::{
        Destiny, Front, Head, Refused, Site,
        client::Peer,
        finish,
        reply::Reply,
        static_files::{self, Asset, Ready},
    },
    webapp::RequestId,
};

impl Front {
    /// The reply to a request that is ready.
    pub(super) fn ready(&self, request: &Plain<'_>, client: Client) -> Option<Hit> {
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
    pub(super) async fn plain(&self, request: &Request, client: Client) -> Option<(Reply, bool)> {
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
        let coding = asset.choose(accept_encoding)?;
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
        self.shelf.add(asset, ready.whole.len() + ready.not_modified.len());
        Some((form, asset.ready[form].get_or_init(|| ready)))
    }
}

impl Client {
    fn is_trusted(self, front: &Front) -> bool {
        Peer::new(self.ip, self.tls, &front.trusted_proxies).trusted
    }
}
