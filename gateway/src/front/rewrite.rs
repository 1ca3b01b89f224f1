//! Rewriting: the first rule that matches gives the request another path, or sends the client elsewhere.

use std::borrow::Cow;

use http::StatusCode;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::RequestPath;
use crate::{
    config::{Rewritten, Rule},
    notes::{Notes, Step},
    webapp::WebError,
};

/// Where a request goes on.
pub(super) enum Way<'r> {
    /// Here, with this path and query.
    On(RequestPath, Option<Cow<'r, str>>),
    /// Elsewhere: status and `Location`.
    Redirect(StatusCode, String),
}

/// What a `Location` can't hold as it is; escapes stay what they are.
const IN_LOCATION: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Whether a segment leads upwards, or stays: captures can be put together to one that no path of ours has. An empty segment
/// may mean something over there.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Applies the first of `rules` that matches; they are not run again.
pub(super) fn rewrite<'r>(
    rules: &[Rule],
    path: RequestPath,
    query: Option<&'r str>,
    notes: &mut impl Notes,
) -> Result<Way<'r>, WebError> {
    if rules.is_empty() {
        notes.note(Step::Rewrite, || "no rules".into());
        return Ok(Way::On(path, query.map(Cow::Borrowed)));
    }
    let text = path.to_text();
    let Some((rule, done)) = rules.iter().find_map(|rule| Some((rule, rule.apply(&text, query)?))) else {
        notes.note(Step::Rewrite, || format!("none of {} rules matches `{text}`", rules.len()));
        return Ok(Way::On(path, query.map(Cow::Borrowed)));
    };
    notes.note(Step::Rewrite, || {
        let origin = done.origin.as_deref().unwrap_or_default();
        let query = done.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("`{}` ({}) makes {origin}{}{query} of `{text}`", rule.pattern(), rule.place, done.path)
    });
    let Rewritten { origin, path, query, fragment, redirect } = done;
    let Some(status) = redirect else {
        return Ok(Way::On(RequestPath::parse(&path)?, query.map(Cow::Owned)));
    };
    // A path on this server is normalised, so that it can't start with `//` and name another one.
    let mut location = match origin {
        Some(origin) if !path.split('/').any(is_dots) => origin + &utf8_percent_encode(&path, IN_LOCATION).to_string(),
        Some(_) => return Err(WebError::bad_request("malformed path: it would lead out of where it is redirected to")),
        None => RequestPath::parse(&path)?.to_uri(),
    };
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            location.push(mark);
            location.extend(utf8_percent_encode(&part, IN_LOCATION));
        }
    }
    Ok(Way::Redirect(status, location))
}
