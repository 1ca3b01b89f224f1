//! The head of a request, as far as it decides who answers it. Whatever is out of the ordinary is pingora's to read, and
//! [`guard`](crate::front::guard)'s to refuse.

use std::borrow::Cow;

use httparse::{Header, Status};

use crate::front::guard;

/// A head that is longer is pingora's to read on.
const LONGEST: usize = 32 << 10;

/// A head with more header lines is pingora's to read.
pub(super) const MOST_LINES: usize = 64;

/// What has come of a connection.
pub(super) enum Look<'b> {
    /// No whole head yet.
    Partial,
    /// A GET or HEAD that may be for a file.
    Plain(Plain<'b>),
    /// Any other request, its head and its body of so many bytes; `None`: this is not to be seen yet.
    Other(Option<(usize, u64)>),
}

/// An ordinary GET or HEAD without a body.
pub(super) struct Plain<'b> {
    /// How long its head is.
    pub(super) length: usize,
    pub(super) is_head: bool,
    pub(super) path: &'b str,
    pub(super) query: Option<&'b str>,
    /// In lower case, without port.
    pub(super) host: Cow<'b, str>,
    /// Whether the client will send no other request.
    pub(super) is_last: bool,
    pub(super) lines: Lines<'b>,
    /// All header lines.
    pub(super) all: &'b [Header<'b>],
}

/// The header lines that matter to files.
#[derive(Default)]
pub(super) struct Lines<'b> {
    pub(super) accept_encoding: Option<&'b [u8]>,
    pub(super) if_none_match: Option<&'b [u8]>,
    pub(super) if_modified_since: Option<&'b [u8]>,
    /// Only where CORS is configured.
    pub(super) has_origin: bool,
    /// Only from trusted proxies.
    pub(super) is_forwarded: bool,
    /// Others, or some of these more than once.
    pub(super) has_more: bool,
}

/// How a message is framed, and what else is not for everybody.
#[derive(Default)]
struct Frame<'b> {
    host: Option<&'b [u8]>,
    length: Option<u64>,
    connection: Option<&'b [u8]>,
    /// Not by its length alone, or not in a way that leaves no doubt.
    is_odd: bool,
}

/// Looks at what has come.
pub(super) fn look<'b>(bytes: &'b [u8], headers: &'b mut [Header<'b>; MOST_LINES]) -> Look<'b> {
    let mut request = httparse::Request::new(headers);
    let length = match request.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() < LONGEST => return Look::Partial,
        _ => return Look::Other(None),
    };
    let (mut frame, mut lines) = (Frame::default(), Lines::default());
    let (method, target, version) = (request.method, request.path, request.version);
    let all: &'b [Header<'b>] = request.headers;
    for header in all {
        sort(header, &mut frame, &mut lines);
    }
    if frame.is_odd || guard::line_ends(&bytes[..length]).is_err() {
        return Look::Other(None);
    }
    let is_head = match (version, method) {
        (Some(1), Some("GET")) => false,
        (Some(1), Some("HEAD")) => true,
        _ => return frame.other(length),
    };
    match plain(target, &frame) {
        Some((path, query, host, is_last)) => {
            Look::Plain(Plain { length, is_head, path, query, host, is_last, lines, all })
        }
        None => frame.other(length),
    }
}

impl Frame<'_> {
    fn other<'b>(&self, length: usize) -> Look<'b> {
        Look::Other(Some((length, self.length.unwrap_or(0))))
    }
}

/// Path, query, host, and whether it is the last request, of one that is ordinary.
fn plain<'b>(target: Option<&'b str>, frame: &Frame<'b>) -> Option<(&'b str, Option<&'b str>, Cow<'b, str>, bool)> {
    let target = target.filter(|target| frame.length.is_none() && is_ordinary(target))?;
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let is_last = match frame.connection {
        None => false,
        Some(value) if value.eq_ignore_ascii_case(b"keep-alive") => false,
        Some(value) if value.eq_ignore_ascii_case(b"close") => true,
        Some(_) => return None,
    };
    let host = guard::host_of(str::from_utf8(frame.host?).ok()?)?;
    Some((path, query, host, is_last))
}

/// Whether a target is a path, of characters that a URI may have there (RFC 3986 §3.3), and not a command's.
fn is_ordinary(target: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%?".contains(&byte);
    target.starts_with('/') && !target.starts_with("/_") && target.bytes().all(is_allowed)
}

fn sort<'b>(header: &Header<'b>, frame: &mut Frame<'b>, lines: &mut Lines<'b>) {
    let (name, value) = (header.name, header.value);
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    // By length first: most lines are none of these.
    match name.len() {
        4 if is("host") => frame.is_odd |= frame.host.replace(value).is_some(),
        5 if is("range") => lines.has_more = true,
        6 if is("expect") => frame.is_odd = true,
        6 if is("origin") => lines.has_origin = true,
        7 if is("upgrade") => frame.is_odd = true,
        8 if is("if-match") || is("if-range") => lines.has_more = true,
        9 if is("forwarded") => lines.is_forwarded = true,
        10 if is("connection") => frame.is_odd |= frame.connection.replace(value).is_some(),
        13 if is("if-none-match") => lines.has_more |= lines.if_none_match.replace(value).is_some(),
        14 if is("content-length") => match number(value) {
            Some(length) => frame.is_odd |= frame.length.replace(length).is_some(),
            None => frame.is_odd = true,
        },
        15 if is("accept-encoding") => lines.has_more |= lines.accept_encoding.replace(value).is_some(),
        16 if is("x-forwarded-host") => lines.is_forwarded = true,
        17 if is("if-modified-since") => lines.has_more |= lines.if_modified_since.replace(value).is_some(),
        17 if is("transfer-encoding") => frame.is_odd = true,
        19 if is("if-unmodified-since") => lines.has_more = true,
        _ => {}
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
