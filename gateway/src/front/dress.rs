//! What replies say unless they say otherwise, made ready: to copy a map costs a fraction of hashing its names.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, header};

use super::{reply::Reply, upstream::REQUEST_ID};
use crate::webapp::{Format, dynamic_headers};

/// Where a reply comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The front: files, redirects and the like.
    Front,
    /// The site's CORS policy, in answer to a preflight.
    Preflight,
    /// The webapp; its body is a value in that format, or none.
    Webapp(Option<Format>),
}

/// The headers of a site's replies, by their source.
pub(super) struct Dress {
    front: HeaderMap,
    other: HeaderMap,
    json: HeaderMap,
    msgpack: HeaderMap,
}

/// Of replies to requests for no site.
pub(super) static PLAIN: LazyLock<Dress> = LazyLock::new(|| Dress::new(&HeaderMap::new()));

impl Dress {
    /// The headers of a site that has its replies say `site`.
    pub(super) fn new(site: &HeaderMap) -> Self {
        let webapp = |format| prepare(site, dynamic_headers(format));
        Self {
            front: prepare(site, HeaderMap::new()),
            other: webapp(None),
            json: webapp(Some(Format::Json)),
            msgpack: webapp(Some(Format::MsgPack)),
        }
    }

    /// Adds to a reply what it does not say itself.
    pub(super) fn put_on(&self, reply: &mut Reply) {
        let prepared = match reply.source {
            Source::Front | Source::Preflight => &self.front,
            Source::Webapp(None) => &self.other,
            Source::Webapp(Some(Format::Json)) => &self.json,
            Source::Webapp(Some(Format::MsgPack)) => &self.msgpack,
        };
        let own = std::mem::replace(&mut reply.headers, prepared.clone());
        reply.headers.extend(own);
    }
}

/// The site's headers, those of the source before them.
fn prepare(site: &HeaderMap, source: HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(32);
    // A copy has no room for more, so what this module's users and pingora set in the end is in it from the start.
    for name in [header::DATE, header::CONNECTION, header::CONTENT_LENGTH, REQUEST_ID] {
        headers.insert(name, HeaderValue::from_static(""));
    }
    headers.extend(site.clone());
    headers.extend(source);
    headers
}
