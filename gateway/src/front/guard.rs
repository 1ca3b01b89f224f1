//! Refuses requests that two servers could understand differently (RFC 9112 §3.2, §6.3; RFC 9110 §7.2).
//! What pingora's parser refuses by itself never gets here.

use std::borrow::Cow;

use http::{HeaderMap, Version, header};
use memchr::memchr_iter;
use pingora::{http::RequestHeader, proxy::Session};

use super::Refused;
use crate::webapp::WebError;

/// Checks a request; returns its host in lower case without port, if it names one.
pub(super) fn check(session: &Session) -> Result<Option<Cow<'_, str>>, Refused> {
    let request = session.req_header();
    let checked = match session.as_http1() {
        Some(_) => raw(&session.to_h1_raw(), request),
        None => Ok(()),
    };
    checked.and_then(|()| host(request)).map_err(Refused::closing)
}

fn raw(raw: &[u8], request: &RequestHeader) -> Result<(), WebError> {
    line_ends(raw)?;
    target_form(raw)?;
    framing(&request.headers, || {
        const NAME: &[u8] = b"content-length";
        let is_length = |line: &[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
        raw.split(|byte| *byte == b'\n').any(is_length)
    })
}

/// Checks the header of a request that was never sent, for `wicketgate explain`.
///
/// # Errors
/// 400, as the server would.
pub fn check_headers(headers: &HeaderMap) -> Result<(), WebError> {
    if headers.get_all(header::HOST).iter().count() > 1 {
        return Err(malformed("malformed request: Host is given more than once"));
    }
    framing(headers, || headers.contains_key(header::CONTENT_LENGTH))
}

fn malformed(info: &'static str) -> WebError {
    WebError::bad_request(info)
}

/// pingora takes a bare LF for a line's end; others may not.
pub(super) fn line_ends(raw: &[u8]) -> Result<(), WebError> {
    let bare = |end: usize| end == 0 || raw[end - 1] != b'\r';
    if memchr_iter(b'\n', raw).any(bare) {
        return Err(malformed("malformed request: a header line ends with a bare LF instead of CR LF"));
    }
    Ok(())
}

/// A path, a whole URI, or `*` (RFC 9112 §3.2). pingora reads anything else as some other path. Spaces in a target it has
/// encoded before anybody can see them.
fn target_form(raw: &[u8]) -> Result<(), WebError> {
    let target = raw.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let is_uri = |scheme: &[u8]| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if target.starts_with(b"/") || target == b"*" || is_uri(b"http://") || is_uri(b"https://") {
        return Ok(());
    }
    Err(malformed("malformed request: its target is neither a path nor a URI"))
}

/// One way to tell where the body ends, said once. pingora drops a Content-Length beside a Transfer-Encoding, so that
/// `has_length` looks for it elsewhere.
fn framing(headers: &HeaderMap, has_length: impl FnOnce() -> bool) -> Result<(), WebError> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next()
        && (lengths.next().is_some() || length.as_bytes().contains(&b','))
    {
        return Err(malformed("malformed request: Content-Length is given more than once"));
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next() {
        if codings.next().is_some() || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err(malformed(
                "malformed request: the one Transfer-Encoding that is understood is `chunked`, once",
            ));
        }
        if has_length() {
            return Err(malformed("malformed request: both Content-Length and Transfer-Encoding are given"));
        }
    }
    Ok(())
}

/// The host: `:authority` in HTTP/2, else `Host`. Two of them, or one that differs from an absolute URI, is refused by
/// pingora.
fn host(request: &RequestHeader) -> Result<Option<Cow<'_, str>>, WebError> {
    let Some(value) = request.headers.get(header::HOST) else {
        return match request.uri.host() {
            Some(host) => Ok(Some(name_of(host))),
            None if request.version <= Version::HTTP_10 => Ok(None),
            None => Err(malformed("malformed request: HTTP/1.1 needs a Host header")),
        };
    };
    let host = value.to_str().ok().and_then(host_of);
    host.map(Some).ok_or_else(|| malformed("malformed request: the Host header is no host name"))
}

/// The name in `host:port` that sites are compared with; `None` if it is no host name.
#[must_use]
pub fn host_name(text: &str) -> Option<String> {
    host_of(text).map(Cow::into_owned)
}

/// The same, borrowed if it is written so.
pub(super) fn host_of(text: &str) -> Option<Cow<'_, str>> {
    without_port(text).filter(|host| is_host(host)).map(name_of)
}

/// The host of `host:port`; `None` if the port is no number.
fn without_port(authority: &str) -> Option<&str> {
    // The colons of an IPv6 address stand in brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(host)
}

/// Whether it consists of what a registered name or an IP address may consist of (RFC 3986 §3.2.2), but no escapes.
fn is_host(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let (name, extra) = bracketed.map_or((host, "-_.~"), |address| (address, ":."));
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.as_bytes().contains(&byte))
}

/// The name that sites are compared with: lower case, without the dot of the root.
fn name_of(host: &str) -> Cow<'_, str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) { host.to_ascii_lowercase().into() } else { host.into() }
}
