//! The part of a file that is wanted (RFC 9110 §14). One range is served; several are answered with the whole, as the RFC
//! allows.

use http::{HeaderValue, Method, header};

use super::{Wish, validators::Validators};

/// What is wanted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, both ends included.
    Part {
        /// The first.
        start: u64,
        /// The last.
        end: u64,
    },
    /// Bytes that it does not have.
    Unsatisfiable,
}

/// Reads `Range`, if the request has one and `If-Range` lets it count. Only GET knows ranges.
pub(super) fn wanted(wish: Wish<'_>, validators: &Validators, length: u64) -> Wanted {
    let range = wish.headers.get(header::RANGE).filter(|_| *wish.method == Method::GET);
    let Some(range) = range.and_then(|range| range.to_str().ok()) else { return Wanted::Whole };
    match wish.headers.get(header::IF_RANGE) {
        Some(condition) if !unchanged(condition, validators) => Wanted::Whole,
        _ => parse(range, length).unwrap_or(Wanted::Whole),
    }
}

/// Whether what the client has a part of is what there is: by strong comparison, or to the second.
fn unchanged(condition: &HeaderValue, validators: &Validators) -> bool {
    *condition == validators.etag || *condition == validators.last_modified
}

/// Reads `bytes=a-b`, `bytes=a-` or `bytes=-n`; `None` for all that is to be ignored.
fn parse(range: &str, length: u64) -> Option<Wanted> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    match (number(first)?, number(last)?) {
        (Some(start), Some(end)) if start > end => None,
        (Some(start), _) if start >= length => Some(Wanted::Unsatisfiable),
        (Some(start), end) => Some(Wanted::Part { start, end: end.unwrap_or(u64::MAX).min(length - 1) }),
        (None, Some(0)) => Some(Wanted::Unsatisfiable),
        (None, Some(_)) if length == 0 => Some(Wanted::Unsatisfiable),
        (None, Some(size)) => Some(Wanted::Part { start: length.saturating_sub(size), end: length - 1 }),
        (None, None) => None,
    }
}

/// A number, or nothing; `None` if it is neither. One that is too large is as large as can be.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}
