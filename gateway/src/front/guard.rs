//! Refuses requests that two servers could understand differently (RFC 9112 §3.2, §6.3; RFC 9110 §7.2).
//! What pingora's parser refuses by itself never gets here.

use http::{Version, header, uri::Authority};
use memchr::memchr_iter;
use pingora::{http::RequestHeader, proxy::Session};

use super::Refused;
use crate::webapp::WebError;

/// Checks a request; returns its host in lower case without port, if it names one.
pub(super) fn check(session: &Session) -> Result<Option<String>, Refused> {
    if session.as_http1().is_some() {
        let raw = session.to_h1_raw();
        line_ends(&raw)?;
        body_length(session.req_header(), &raw)?;
    }
    host(session.req_header())
}

fn malformed(info: &'static str) -> Refused {
    Refused::closing(WebError::bad_request(info))
}

/// pingora takes a bare LF for a line's end; others may not.
fn line_ends(raw: &[u8]) -> Result<(), Refused> {
    let bare = |end: usize| end == 0 || raw[end - 1] != b'\r';
    if memchr_iter(b'\n', raw).any(bare) {
        return Err(malformed("malformed request: a header line ends with a bare LF instead of CR LF"));
    }
    Ok(())
}

/// One way to tell where the body ends, said once. pingora drops a Content-Length beside a Transfer-Encoding, so that one
/// is looked for among the raw lines.
fn body_length(request: &RequestHeader, raw: &[u8]) -> Result<(), Refused> {
    let mut lengths = request.headers.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next() {
        if lengths.next().is_some() || length.as_bytes().contains(&b',') {
            return Err(malformed("malformed request: Content-Length is given more than once"));
        }
    }
    if request.headers.contains_key(header::TRANSFER_ENCODING) {
        const NAME: &[u8] = b"content-length";
        let is_length = |line: &[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
        if raw.split(|byte| *byte == b'\n').any(is_length) {
            return Err(malformed("malformed request: both Content-Length and Transfer-Encoding are given"));
        }
    }
    Ok(())
}

/// The host: `:authority` in HTTP/2, else `Host`. Two of them, or one that differs from an absolute URI, is refused by
/// pingora.
fn host(request: &RequestHeader) -> Result<Option<String>, Refused> {
    let from_uri = request.uri.host().map(str::to_ascii_lowercase);
    let Some(value) = request.headers.get(header::HOST) else {
        return match from_uri {
            Some(host) => Ok(Some(host)),
            None if request.version <= Version::HTTP_10 => Ok(None),
            None => Err(malformed("malformed request: HTTP/1.1 needs a Host header")),
        };
    };
    let authority = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    let valid = authority.filter(|authority| !authority.as_str().contains('@'));
    let valid = valid.ok_or_else(|| malformed("malformed request: the Host header is no host name"))?;
    Ok(Some(valid.host().trim_end_matches('.').to_ascii_lowercase()))
}
