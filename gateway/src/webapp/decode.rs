//! A request becomes a command's name and its parameters, still unread.

use std::borrow::Cow;

use http::{HeaderValue, Method, StatusCode};
use wicketgate_spec::{
    Asked,
    read::{Body, Inputs, SoftValue, envelope},
};

use super::{Mount, WebError, WebHead, error::shortened, form, format::by_media_type, multipart::Form, project};
use crate::{
    config::{Row, Takes},
    plugin::Format,
};

/// A command that was asked for.
pub(super) struct Command<'r> {
    pub(super) name: Cow<'r, str>,
    pub(super) way: Way<'r>,
    /// The project in which it was asked for.
    pub(super) project: Option<Cow<'r, str>>,
    pub(super) inputs: Inputs<'r>,
}

/// How a command was asked for.
#[derive(Clone, Copy)]
pub(super) enum Way<'r> {
    /// At `/_`.
    Native(Asked),
    /// At `/_`, by POST without a body: that fits whatever is posted.
    Empty,
    /// By a mount.
    Mounted(&'r Row),
}

/// What was posted.
pub(super) enum Posted<'r> {
    /// Bytes of whatever type.
    Bytes(&'r [u8]),
    /// A form, up to its files.
    Form(&'r Form),
}

/// What a media type is, as far as commands are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Value(Format),
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Parts,
}

impl Media {
    /// That of a `Content-Type`; `None` for all others.
    pub(super) fn of(content_type: &HeaderValue) -> Option<Self> {
        if let Some(format) = by_media_type(content_type) {
            return Some(Self::Value(format));
        }
        let name = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            return Some(Self::Form);
        }
        name.eq_ignore_ascii_case(b"multipart/form-data").then_some(Self::Parts)
    }
}

/// Decodes a request.
pub(super) fn decode<'r>(head: &'r WebHead, posted: Posted<'r>) -> Result<Command<'r>, WebError> {
    let (name, way, inputs) = match &head.mount {
        Some(mount) => mounted(head, mount, posted)?,
        None if head.method == Method::POST => native_post(head, posted)?,
        None => {
            let (name, query) = url_command(head)?;
            (name.ok_or_else(no_command)?, Way::Native(Asked::Get), Inputs { query, ..Inputs::default() })
        }
    };
    Ok(Command { name, way, project: project::find(&inputs), inputs })
}

/// The command that the head of a request names, if it has a body that can be one's.
pub(super) fn announced(head: &WebHead) -> Result<Option<(Cow<'_, str>, Way<'_>)>, WebError> {
    let media = || head.content_type.as_ref().and_then(Media::of);
    if let Some(mount) = &head.mount {
        check_media(&mount.row, media())?;
        return Ok(Some((Cow::Borrowed(&mount.row.command), Way::Mounted(&mount.row))));
    }
    if head.method != Method::POST {
        return Ok(None);
    }
    let asked = match media().ok_or_else(unsupported)? {
        Media::Value(_) => Asked::Api,
        Media::Form | Media::Parts => Asked::Form,
    };
    let (name, _) = url_command(head)?;
    Ok(name.map(|name| (name, Way::Native(asked))))
}

fn no_command() -> WebError {
    WebError::bad_request("no command: name one by `cmd`, in the body or as /_/cmd/NAME")
}

type Decoded<'r> = (Cow<'r, str>, Way<'r>, Inputs<'r>);

/// A command in the body, or named by the URL with its parameters in the body.
fn native_post<'r>(head: &'r WebHead, posted: Posted<'r>) -> Result<Decoded<'r>, WebError> {
    let (url_name, mut values) = url_command(head)?;
    let settled = values.len();
    let bytes = match posted {
        Posted::Form(form) => {
            form.fields.iter().for_each(|field| add_field(&mut values, settled, field));
            let name = named(form.name.as_deref().map(Cow::Borrowed), url_name)?;
            let inputs = Inputs { form: values, has_files: form.has_files, ..Inputs::default() };
            return Ok((name, Way::Native(Asked::Form), inputs));
        }
        Posted::Bytes(bytes) => bytes,
    };
    let media = match &head.content_type {
        // An empty body has no type, whatever the header says: `curl -d ''` calls it a form.
        _ if bytes.is_empty() => {
            let name = named(None, url_name)?;
            return Ok((name, Way::Empty, Inputs { form: values, body: Body::Json("{}"), ..Inputs::default() }));
        }
        Some(value) => Media::of(value).ok_or_else(unsupported)?,
        None => return Err(unsupported()),
    };
    let (name, body) = match media {
        Media::Value(Format::Json) => envelope::json(bytes).map(|found| (found.cmd, Body::Json(found.params)))?,
        Media::Value(Format::MsgPack) => {
            envelope::msgpack(bytes).map(|found| (found.cmd, Body::MsgPack(found.params)))?
        }
        Media::Form | Media::Parts => {
            form::add_pairs(&mut values, settled, text(bytes)?, "form")?;
            let body_name = take_command(&mut values);
            let name = named(body_name, url_name)?;
            return Ok((name, Way::Native(Asked::Form), Inputs { form: values, ..Inputs::default() }));
        }
    };
    Ok((named(name, url_name)?, Way::Native(Asked::Api), Inputs { body, ..Inputs::default() }))
}

/// A command that has been named in the body, in the URL, or in both alike.
fn named<'r>(body: Option<Cow<'r, str>>, url: Option<Cow<'r, str>>) -> Result<Cow<'r, str>, WebError> {
    match (body, url) {
        (Some(body), Some(url)) if body != url => Err(WebError::bad_request(format!(
            "the body asks for `{}`, but the URL for `{}`",
            shortened(&body),
            shortened(&url)
        ))),
        (Some(name), _) | (None, Some(name)) => Ok(name),
        (None, None) => Err(no_command()),
    }
}

/// What a mount's row says of path, query and body.
fn mounted<'r>(head: &'r WebHead, mount: &'r Mount, posted: Posted<'r>) -> Result<Decoded<'r>, WebError> {
    let row = &*mount.row;
    let mut inputs = Inputs::default();
    let named = row.placeholders.iter().map(|one| &one.name).zip(&mount.values);
    let settled = row.settled.iter().map(|(name, value)| (name, value));
    for (name, value) in named.chain(settled) {
        inputs.path.push(SoftValue { name: Cow::Borrowed(name), texts: vec![Cow::Borrowed(value)] });
    }
    inputs.query = form::pairs(head.query.as_deref().unwrap_or_default(), "URL")?;
    match posted {
        Posted::Form(form) => {
            form.fields.iter().for_each(|field| add_field(&mut inputs.form, 0, field));
            inputs.has_files = form.has_files;
        }
        Posted::Bytes([]) => {}
        Posted::Bytes(bytes) => {
            let media = head.content_type.as_ref().and_then(Media::of);
            check_media(row, media)?;
            match (row.takes(), media) {
                (Takes::Form, _) => inputs.form = form::pairs(text(bytes)?, "form")?,
                (Takes::Value, Some(Media::Value(Format::Json))) => inputs.body = Body::Json(text(bytes)?),
                (Takes::Value, _) => inputs.body = Body::MsgPack(bytes),
                (Takes::Nothing, _) => {}
            }
        }
    }
    Ok((Cow::Borrowed(&row.command), Way::Mounted(row), inputs))
}

/// Whether a body of that type is what the row takes. What it does not look at may be of any.
fn check_media(row: &Row, media: Option<Media>) -> Result<(), WebError> {
    let wanted = match (row.takes(), media) {
        (Takes::Nothing, _) => return Ok(()),
        (Takes::Value, Some(Media::Value(_))) | (Takes::Form, Some(Media::Form | Media::Parts)) => return Ok(()),
        (Takes::Value, _) => "application/json or application/msgpack",
        (Takes::Form, _) => "application/x-www-form-urlencoded or multipart/form-data",
    };
    let info = format!("the body has to be {wanted}; set Content-Type accordingly");
    Err(WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, info))
}

fn add_field<'r>(values: &mut Vec<SoftValue<'r>>, settled: usize, (name, text): &'r (String, String)) {
    form::add(values, settled, Cow::Borrowed(name), Cow::Borrowed(text));
}

/// A body that has to be a text.
fn text(bytes: &[u8]) -> Result<&str, WebError> {
    std::str::from_utf8(bytes).map_err(|_| WebError::bad_request("the body is not UTF-8"))
}

fn unsupported() -> WebError {
    let info = "a command is posted as application/json or application/msgpack, a form as \
        application/x-www-form-urlencoded or multipart/form-data; set Content-Type accordingly";
    WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, info)
}

/// The command that the URL names, and its other parameters: pairs of path segments after `_`, then the query.
/// In the path the last of a name counts, in the query the first (a list takes all), and the path beats the query.
pub(super) fn url_command(request: &WebHead) -> Result<(Option<Cow<'_, str>>, Vec<SoftValue<'_>>), WebError> {
    let Some((_, rest)) = request.segments.split_first().filter(|(first, _)| *first == "_") else {
        return Err(WebError::not_found("there is nothing here: commands are at /_"));
    };
    let mut values: Vec<SoftValue<'_>> = Vec::new();
    for pair in rest.chunks_exact(2) {
        let text = Cow::Borrowed(pair[1].as_str());
        match form::position(&values, &pair[0]) {
            Some(index) => values[index].texts[0] = text,
            None => values.push(SoftValue { name: Cow::Borrowed(&pair[0]), texts: vec![text] }),
        }
        form::within_limit(values.len(), "URL")?;
    }
    let settled = values.len();
    form::add_pairs(&mut values, settled, request.query.as_deref().unwrap_or_default(), "URL")?;
    let name = take_command(&mut values);
    Ok((name, values))
}

/// The command's name among other values; an empty one is none.
fn take_command<'r>(values: &mut Vec<SoftValue<'r>>) -> Option<Cow<'r, str>> {
    let name = form::position(values, "cmd").map(|index| values.remove(index).texts.swap_remove(0));
    name.filter(|name| !name.is_empty())
}
