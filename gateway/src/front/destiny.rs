//! Whether a request is for a command, for a file, or for neither.

use http::{HeaderValue, Method, header};

use super::RequestPath;
use crate::webapp::WebError;

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destiny {
    /// GET, HEAD or POST below `/_`. A file never shadows it.
    Webapp,
    /// GET or HEAD anywhere else.
    File,
}

/// Decides by method and path. Anything that is neither is 400, as the GWS documentation says it.
pub(super) fn decide(method: &Method, path: &RequestPath) -> Result<Destiny, WebError> {
    match (method, path.is_command()) {
        (&Method::GET | &Method::HEAD | &Method::POST, true) => Ok(Destiny::Webapp),
        (&Method::GET | &Method::HEAD, false) => Ok(Destiny::File),
        _ => {
            let info = "this method is not for this path: files answer GET and HEAD, commands at /_ also POST";
            let allow = HeaderValue::from_static("GET, HEAD, POST");
            Err(WebError::bad_request(info).with_header(header::ALLOW, allow))
        }
    }
}
