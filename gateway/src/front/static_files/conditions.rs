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
    if headers.contains_key(header::IF_MATCH) {
        if !matches(headers, header::IF_MATCH, |tag| tag == validators.etag.as_bytes()) {
            return Outcome::Failed;
        }
    } else if headers.get(header::IF_UNMODIFIED_SINCE).is_some_and(|date| validators.modified_since(date) == Some(true))
    {
        return Outcome::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        let weak = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag) == validators.etag.as_bytes();
        if matches(headers, header::IF_NONE_MATCH, weak) {
            return Outcome::NotModified;
        }
    } else if headers.get(header::IF_MODIFIED_SINCE).is_some_and(|date| validators.modified_since(date) == Some(false))
    {
        return Outcome::NotModified;
    }
    Outcome::Fulfilled
}

/// Whether one of the entity tags in the header fits; `*` fits whatever there is.
fn matches(headers: &HeaderMap, name: HeaderName, fits: impl Fn(&[u8]) -> bool) -> bool {
    // Our own tags hold no comma, so that splitting there is enough to find them.
    let tags =
        |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::to_vec).collect::<Vec<_>>();
    headers.get_all(name).iter().flat_map(tags).any(|tag| tag.trim_ascii() == b"*" || fits(tag.trim_ascii()))
}
