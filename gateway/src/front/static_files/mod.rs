//! A static file, in these steps:
//!
//! 1. [`open`]: the path is opened beneath the site's root; a folder stands for its `index.html`.
//! 2. [`validators`]: ETag and Last-Modified are derived, and the request's conditions checked.
//! 3. The headers are put together.
//! 4. [`content`]: small files are read here; large ones are left to whoever writes the reply.

mod content;
mod open;
mod validators;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use pingora::http::RequestHeader;

use super::{
    RequestPath, Site,
    reply::{Body, Reply},
};
use crate::webapp::WebError;
use validators::Validators;

/// Answers a GET or HEAD for a file.
pub(super) fn answer(site: &Site, request: &RequestHeader, path: &RequestPath) -> Result<Reply, WebError> {
    let Some(file) = open::open(site, path)? else { return redirect(path, request.uri.query()) };
    let validators = Validators::of(&file.metadata);
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::ETAG, validators.etag.clone());
    headers.insert(header::LAST_MODIFIED, validators.last_modified.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if validators.not_modified(&request.headers) {
        return Ok(Reply { status: StatusCode::NOT_MODIFIED, headers, body: Body::None });
    }
    headers.insert(header::CONTENT_TYPE, content::media_type(&file.name));
    let body = content::body(file, request.method != Method::HEAD)?;
    Ok(Reply { status: StatusCode::OK, headers, body })
}

/// Sends a client that asked for a folder without its slash to the folder: relative links would lead astray otherwise.
fn redirect(path: &RequestPath, query: Option<&str>) -> Result<Reply, WebError> {
    let mut location = String::new();
    for segment in path.segments() {
        location.push('/');
        location.extend(percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC));
    }
    location.push('/');
    if let Some(query) = query {
        location.push('?');
        location.push_str(query);
    }
    let location = HeaderValue::try_from(location).map_err(|_| WebError::bad_request("malformed path"))?;
    let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
    Ok(Reply { status: StatusCode::PERMANENT_REDIRECT, headers, body: Body::Whole(bytes::Bytes::new()) })
}
