//! Conditions of a request, in the order of RFC 9110 §13.2.2.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::validators::Validators;

/// What the conditions come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The request goes on.
    Fulfilled,
    /// The client's copy is still good.
    NotModified,
    /// The client is about something else.
    Failed,
}

/// Evaluates them for a GET or HEAD. A condition with an entity tag makes the one with a date void.
pub(super) fn check(headers: &HeaderMap, validators: &Validators) -> Outcome {
    let etag = validators.etag.as_bytes();
    if headers.contains_key(header::IF_MATCH) {
        let strong = |tag: &[u8]| tag == etag && !tag.starts_with(b"W/");
        if !values(headers, header::IF_MATCH).any(|value| names(value, strong)) {
            return Outcome::Failed;
        }
    } else if headers.get(header::IF_UNMODIFIED_SINCE).is_some_and(|date| validators.modified_since(date) == Some(true))
    {
        return Outcome::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        if values(headers, header::IF_NONE_MATCH).any(|value| has_weakly(value, etag)) {
            return Outcome::NotModified;
        }
    } else if headers.get(header::IF_MODIFIED_SINCE).is_some_and(|date| validators.modified_since(date) == Some(false))
    {
        return Outcome::NotModified;
    }
    Outcome::Fulfilled
}

/// Whether a value of `If-None-Match` has a tag that is the same by weak comparison.
pub(super) fn has_weakly(value: &[u8], etag: &[u8]) -> bool {
    fn opaque(tag: &[u8]) -> &[u8] {
        tag.strip_prefix(b"W/").unwrap_or(tag)
    }
    names(value, |tag| opaque(tag) == opaque(etag))
}

fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
}

/// Whether one of the entity tags in a value fits; `*` fits whatever there is. Our own tags hold no comma, so that splitting
/// there is enough to find them.
fn names(value: &[u8], fits: impl Fn(&[u8]) -> bool) -> bool {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|tag| tag == b"*" || fits(tag))
}
