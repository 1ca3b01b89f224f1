//! The parts of a file that are wanted (RFC 9110 §14).

use http::{HeaderValue, Method, header};

use super::{Wish, validators::Validators};

/// More ranges than this are no honest wish: such a header is ignored.
const MOST: usize = 100;

/// What a part of several costs beside its bytes, or more: boundary, `Content-Type` and `Content-Range`.
const OVERHEAD: u64 = 256;

/// What is wanted of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These parts, in the order in which they were asked for: first and last byte.
    Parts(Vec<(u64, u64)>),
    /// Bytes that it does not have.
    Unsatisfiable,
}

/// Reads `Range`, if the request has one and `If-Range` lets it count. Only GET knows ranges.
pub(super) fn wanted(wish: Wish<'_>, validators: &Validators, length: u64) -> Wanted {
    let mut ranges = wish.headers.get_all(header::RANGE).iter().filter(|_| *wish.method == Method::GET);
    // Said twice, it is no header that makes sense.
    let (Some(range), None) = (ranges.next(), ranges.next()) else { return Wanted::Whole };
    match wish.headers.get(header::IF_RANGE) {
        Some(condition) if !validators.is_same(condition) => Wanted::Whole,
        _ => range.to_str().ok().and_then(|range| parse(range, length)).unwrap_or(Wanted::Whole),
    }
}

/// Reads `bytes=a-b, c-, -n`; `None` for all that is to be ignored.
fn parse(range: &str, length: u64) -> Option<Wanted> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    // Empty items are allowed in any list (RFC 9110 §5.6.1).
    let items: Vec<_> = set.split(',').map(|item| item.trim_matches([' ', '\t'])).filter(|i| !i.is_empty()).collect();
    if items.is_empty() || items.len() > MOST {
        return None;
    }
    let parts: Vec<_> = items.into_iter().map(|item| part(item, length)).collect::<Option<_>>()?;
    let parts = merged(parts.into_iter().flatten().collect());
    if parts.is_empty() {
        return Some(Wanted::Unsatisfiable);
    }
    // Nobody gets more than the file by asking for it in parts.
    let sent: u64 = parts.iter().map(|(start, end)| end - start + 1 + OVERHEAD).sum();
    if parts.len() > 1 && sent >= length { None } else { Some(Wanted::Parts(parts)) }
}

/// One range: the outer `None` if it is malformed, the inner one if the file has nothing of it.
fn part(item: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = item.split_once('-')?;
    Some(match (number(first)?, number(last)?) {
        (None, None) => return None,
        (Some(start), Some(end)) if start > end => return None,
        (Some(start), _) if start >= length => None,
        (Some(start), end) => Some((start, end.unwrap_or(u64::MAX).min(length - 1))),
        (None, Some(size)) if size == 0 || length == 0 => None,
        (None, Some(size)) => Some((length.saturating_sub(size), length - 1)),
    })
}

/// A number, or nothing; `None` if it is neither. One that is too large is as large as can be.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

/// Parts that overlap or touch become one (RFC 9110 §15.3.7.2).
fn merged(parts: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (mut start, mut end) in parts {
        let mut place = merged.len();
        // What it joins may now reach what it did not reach before.
        while let Some(near) = merged.iter().position(|(s, e)| start <= *e + 1 && *s <= end + 1) {
            let (s, e) = merged.remove(near);
            (start, end) = (start.min(s), end.max(e));
            place = near;
        }
        merged.insert(place.min(merged.len()), (start, end));
    }
    merged
}

/// `Content-Range`: the part that is sent, or none.
pub(super) fn content_range(part: Option<(u64, u64)>, length: u64) -> HeaderValue {
    let text = match part {
        Some((start, end)) => format!("bytes {start}-{end}/{length}"),
        None => format!("bytes */{length}"),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("bytes */*"))
}
