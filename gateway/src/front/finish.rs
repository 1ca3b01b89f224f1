//! What every reply gets in the end, wherever it comes from: the site's headers, CORS, and the request's id.

use http::{HeaderMap, header};

use super::{
    Refused, Site, cors,
    dress::{self, Source},
    reply::Reply,
    upstream::REQUEST_ID,
};
use crate::webapp::{RequestId, accept, error_format};

/// The request that is replied to.
pub(super) struct Request<'r> {
    pub(super) id: RequestId,
    /// `None`: there is no site for it.
    pub(super) site: Option<&'r Site>,
    pub(super) headers: &'r HeaderMap,
}

impl Request<'_> {
    /// The reply as it is written.
    pub(super) fn finish(&self, mut reply: Reply) -> Reply {
        match self.site {
            Some(site) => site.dress.put_on(&mut reply),
            None => dress::PLAIN.put_on(&mut reply),
        }
        // That to a preflight has said it all.
        let cors = self.site.and_then(|site| site.config.cors.as_ref());
        if let Some(cors) = cors.filter(|_| !matches!(reply.source, Source::Preflight)) {
            cors::apply(cors, self.headers.get(header::ORIGIN), &mut reply.headers);
        }
        reply.headers.insert(REQUEST_ID, self.id.header());
        reply
    }

    /// An error in the form that the client prefers.
    pub(super) fn refuse(&self, refused: Refused) -> Reply {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        let format = error_format(content_type, accept(self.headers).as_ref(), refused.error.dialect());
        let pages = self.site.map(|site| &site.config.error_pages);
        let page = pages.and_then(|pages| pages.get(&refused.error.status()).map(String::as_str));
        self.finish(Reply::of_error(refused.error, format, self.id, page))
    }
}
