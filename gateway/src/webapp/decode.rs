//! A request becomes a command's name and its parameters, still unread.

use std::borrow::Cow;

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use wicketgate_spec::{
    Verb,
    read::{SoftValue, envelope},
};

use super::{WebError, WebHead, error::shortened, format::by_media_type, project};
use crate::plugin::Format;

/// A command that was asked for.
pub(super) struct Command<'r> {
    pub(super) name: Cow<'r, str>,
    pub(super) verb: Verb,
    /// The project in which it was asked for.
    pub(super) project: Option<Cow<'r, str>>,
    pub(super) params: Params<'r>,
}

/// Parameters as they were sent.
pub(super) enum Params<'r> {
    Json(&'r str),
    MsgPack(&'r [u8]),
    Soft(Vec<SoftValue<'r>>),
}

/// More of them are nobody's honest request, and take time to tell apart.
const MAX_URL_PARAMS: usize = 1000;

/// Decodes a request.
pub(super) fn decode<'r>(head: &'r WebHead, body: &'r [u8]) -> Result<Command<'r>, WebError> {
    let (name, values) = url_command(head)?;
    let (name, verb, params) = if head.method == Method::POST {
        let (name, params) = posted(head, body, name)?;
        (name, Verb::Api, params)
    } else {
        (name.ok_or_else(no_command)?, Verb::Get, Params::Soft(values))
    };
    Ok(Command { name, verb, project: project::find(&params), params })
}

/// The command that the head of a POST names, if its body can be one's.
pub(super) fn announced(head: &WebHead) -> Result<Option<(Cow<'_, str>, Verb)>, WebError> {
    if head.method != Method::POST {
        return Ok(None);
    }
    head.content_type.as_ref().and_then(by_media_type).ok_or_else(unsupported)?;
    let (name, _) = url_command(head)?;
    Ok(name.map(|name| (name, Verb::Api)))
}

fn no_command() -> WebError {
    WebError::bad_request("no command: name one by `cmd`, in the body or as /_/cmd/NAME")
}

/// A command in the body, or named by the URL with its parameters in the body.
fn posted<'r>(
    head: &WebHead,
    body: &'r [u8],
    url_name: Option<Cow<'r, str>>,
) -> Result<(Cow<'r, str>, Params<'r>), WebError> {
    let format = match &head.content_type {
        // An empty body has no type, whatever the header says: `curl -d ''` calls it a form.
        _ if body.is_empty() => None,
        Some(value) => Some(by_media_type(value).ok_or_else(unsupported)?),
        None => return Err(unsupported()),
    };
    let (body_name, params) = match format {
        None => (None, Params::Json("{}")),
        Some(Format::Json) => envelope::json(body).map(|found| (found.cmd, Params::Json(found.params)))?,
        Some(Format::MsgPack) => envelope::msgpack(body).map(|found| (found.cmd, Params::MsgPack(found.params)))?,
    };
    match (body_name, url_name) {
        (Some(body), Some(url)) if body != url => Err(WebError::bad_request(format!(
            "the body asks for `{}`, but the URL for `{}`",
            shortened(&body),
            shortened(&url)
        ))),
        (Some(name), _) | (None, Some(name)) => Ok((name, params)),
        (None, None) => Err(no_command()),
    }
}

fn unsupported() -> WebError {
    let info = "a command is posted as application/json or application/msgpack; set Content-Type accordingly";
    WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, info)
}

/// The command that the URL names, and its other parameters: pairs of path segments after `_`, then the query.
/// In the path the last of a name counts, in the query the first (a list takes all), and the path beats the query.
fn url_command(request: &WebHead) -> Result<(Option<Cow<'_, str>>, Vec<SoftValue<'_>>), WebError> {
    let Some((_, rest)) = request.segments.split_first().filter(|(first, _)| *first == "_") else {
        return Err(WebError::not_found("there is nothing here: commands are at /_"));
    };
    let mut values: Vec<SoftValue<'_>> = Vec::new();
    for pair in rest.chunks_exact(2) {
        let text = Cow::Borrowed(pair[1].as_str());
        match position(&values, &pair[0]) {
            Some(index) => values[index].texts[0] = text,
            None => values.push(SoftValue { name: Cow::Borrowed(&pair[0]), texts: vec![text] }),
        }
        within_limit(values.len())?;
    }
    let from_path = values.len();
    let query = request.query.as_deref().unwrap_or_default();
    for (count, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        within_limit(count)?;
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, text) = (query_text(name)?, query_text(text)?);
        match position(&values, &name) {
            Some(index) if index < from_path => {}
            Some(index) => values[index].texts.push(text),
            None => values.push(SoftValue { name, texts: vec![text] }),
        }
    }
    let name =
        position(&values, "cmd").map(|index| values.remove(index).texts.swap_remove(0)).filter(|name| !name.is_empty());
    Ok((name, values))
}

fn within_limit(count: usize) -> Result<(), WebError> {
    if count < MAX_URL_PARAMS {
        return Ok(());
    }
    Err(WebError::bad_request(format!("the URL has more than {MAX_URL_PARAMS} parameters; post them in a body")))
}

fn position(values: &[SoftValue<'_>], name: &str) -> Option<usize> {
    values.iter().position(|value| value.name.eq_ignore_ascii_case(name))
}

/// A name or a value of a query: `+` is a space, and the rest is percent-encoded UTF-8.
fn query_text(text: &str) -> Result<Cow<'_, str>, WebError> {
    let undecodable = |_| WebError::bad_request("the query is not UTF-8");
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced)
            .decode_utf8()
            .map(|text| Cow::Owned(text.into_owned()))
            .map_err(undecodable);
    }
    percent_decode_str(text).decode_utf8().map_err(undecodable)
}
