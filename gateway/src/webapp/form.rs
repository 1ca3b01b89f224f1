//! Names and texts as URLs and forms have them: `name=text&…`, percent-encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use wicketgate_spec::read::SoftValue;

use super::WebError;

/// More of them are nobody's honest request, and take time to tell apart.
pub(super) const MOST: usize = 1000;

/// The pairs of a query or of a form, each name as it is written. `what` they are is for errors.
pub(super) fn pairs<'r>(text: &'r str, what: &str) -> Result<Vec<SoftValue<'r>>, WebError> {
    let mut values: Vec<SoftValue<'r>> = Vec::new();
    for (count, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        within_limit(count, what)?;
        let (name, text) = decoded_pair(pair, what)?;
        match values.iter_mut().find(|value| value.name == name) {
            Some(value) => value.texts.push(text),
            None => values.push(SoftValue { name, texts: vec![text] }),
        }
    }
    Ok(values)
}

/// Adds the pairs of a query, or of a form, to `values`, of which the first `settled` take no more. `what` they are is for
/// errors.
pub(super) fn add_pairs<'r>(
    values: &mut Vec<SoftValue<'r>>,
    settled: usize,
    text: &'r str,
    what: &str,
) -> Result<(), WebError> {
    for (count, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        within_limit(count, what)?;
        let (name, text) = decoded_pair(pair, what)?;
        add(values, settled, name, text);
    }
    Ok(())
}

fn decoded_pair<'r>(pair: &'r str, what: &str) -> Result<(Cow<'r, str>, Cow<'r, str>), WebError> {
    let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
    Ok((decoded(name, what)?, decoded(text, what)?))
}

/// Adds one.
pub(super) fn add<'r>(values: &mut Vec<SoftValue<'r>>, settled: usize, name: Cow<'r, str>, text: Cow<'r, str>) {
    match position(values, &name) {
        Some(index) if index < settled => {}
        Some(index) => values[index].texts.push(text),
        None => values.push(SoftValue { name, texts: vec![text] }),
    }
}

/// Where the value of that name is, in whatever case.
pub(super) fn position(values: &[SoftValue<'_>], name: &str) -> Option<usize> {
    values.iter().position(|value| value.name.eq_ignore_ascii_case(name))
}

/// So many there may be.
pub(super) fn within_limit(count: usize, what: &str) -> Result<(), WebError> {
    if count < MOST {
        return Ok(());
    }
    let remedy = if what == "form" { "send fewer" } else { "post them in a body" };
    Err(WebError::bad_request(format!("the {what} has more than {MOST} parameters; {remedy}")))
}

/// A name or a text: `+` is a space, and the rest is percent-encoded UTF-8.
fn decoded<'r>(text: &'r str, what: &str) -> Result<Cow<'r, str>, WebError> {
    let undecodable = |_| WebError::bad_request(format!("the {what} is not UTF-8"));
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced)
            .decode_utf8()
            .map(|text| Cow::Owned(text.into_owned()))
            .map_err(undecodable);
    }
    percent_decode_str(text).decode_utf8().map_err(undecodable)
}
