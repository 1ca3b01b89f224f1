//! The CORS protocol (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use http::{HeaderMap, HeaderValue, Method, header};

use super::destiny::Head;
use crate::config::{Cors, Origins};

/// The headers of the answer to a preflight; `None` if the request is none. It is answered even if the origin may do
/// nothing: the browser is told by what is missing.
pub(super) fn preflight(cors: &Cors, head: &Head<'_>) -> Option<HeaderMap> {
    if *head.method != Method::OPTIONS {
        return None;
    }
    let (origin, method) =
        (head.headers.get(header::ORIGIN)?, head.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?);
    let mut headers = HeaderMap::new();
    let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    let listed = cors.methods.as_bytes().split(|byte| *byte == b',').any(|name| name.trim_ascii() == method.as_bytes());
    if !listed || !allow(cors, origin, &mut headers) {
        return Some(headers);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, cors.methods.clone());
    if let Some(names) = &cors.headers {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, cors.max_age.clone());
    Some(headers)
}

/// Adds what a reply says to pages of other origins, whatever its status.
pub(super) fn apply(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    if cors.origins != Origins::Any {
        vary_by_origin(headers);
    }
    if let Some(origin) = origin
        && allow(cors, origin, headers)
        && let Some(names) = &cors.expose_headers
    {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, names.clone());
    }
}

/// Lets the origin in, if it may come in.
fn allow(cors: &Cors, origin: &HeaderValue, headers: &mut HeaderMap) -> bool {
    let allowed = match &cors.origins {
        Origins::Any => HeaderValue::from_static("*"),
        Origins::Listed(listed) if listed.contains(origin) => origin.clone(),
        Origins::Listed(_) => return false,
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if cors.credentials {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    true
}

/// A cache must not give one origin what another was told.
fn vary_by_origin(headers: &mut HeaderMap) {
    let origin = HeaderValue::from_static("Origin");
    let all: Vec<_> = headers.get_all(header::VARY).iter().chain([&origin]).map(HeaderValue::as_bytes).collect();
    let all = HeaderValue::from_bytes(&all.join(&b", "[..]));
    headers.insert(header::VARY, all.unwrap_or(origin));
}
