//! What is replied with a form of a file: all of it, parts of it, or what the request's conditions make of it.

use std::fs::File;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{
    Place, Wish,
    conditions::{self, Outcome},
    encode::Compressing,
    media::media_type,
    negotiate::Form,
    parts::{self, Part, Parts},
    range::{self, Wanted},
    validators::Validators,
    version::Versions,
};
use crate::{
    front::{
        coding::Coding,
        reply::{Body, Reply},
    },
    webapp::{WebError, disposition},
};

/// What replies say of a file, whatever its form.
#[derive(Clone)]
pub(super) struct About {
    pub(super) media: HeaderValue,
    cache_control: Option<HeaderValue>,
    disposition: Option<HeaderValue>,
}

/// A form of a file.
pub(super) struct Variant {
    coding: Option<Coding>,
    etag: HeaderValue,
    content: Content,
    /// Whether it is made here: then its bytes may be others the next time, and no parts of it are sent.
    is_made: bool,
    /// Whether another client may get another form.
    is_negotiable: bool,
}

/// Where the bytes are.
pub(super) enum Content {
    Held(Bytes),
    Open(File, u64),
    /// They are made while they are sent.
    Coming(Compressing),
}

impl About {
    /// What the operator says of a file: the number of the rule, and what it comes to. Rules are about the path by which
    /// clients know it.
    pub(super) fn of(place: &Place<'_>, relative: &str, is_fallback: bool) -> (usize, Self) {
        let text = if is_fallback { format!("/{relative}") } else { place.url.to_text() };
        let (number, rule) = place.files.rule(&text).map_or((0, None), |(number, rule)| (number + 1, Some(rule)));
        let name = relative.rsplit('/').next().unwrap_or_default();
        let download = rule.filter(|rule| rule.download).and_then(|_| HeaderValue::try_from(disposition(name)).ok());
        let cache_control = rule.and_then(|rule| rule.cache_control.clone());
        (number, Self { media: media_type(name), cache_control, disposition: download })
    }

    /// Nothing but its type.
    pub(super) fn only(media: HeaderValue) -> Self {
        Self { media, cache_control: None, disposition: None }
    }

    fn put(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_TYPE, self.media.clone());
        let more = [(header::CACHE_CONTROL, &self.cache_control), (header::CONTENT_DISPOSITION, &self.disposition)];
        for (name, value) in more {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }
}

impl Variant {
    pub(super) fn new(versions: &Versions, coding: Option<Coding>, content: Content) -> Self {
        Self {
            coding,
            etag: versions.etag(coding),
            content,
            is_made: coding.is_some_and(|coding| versions.form(coding) == Form::Made),
            is_negotiable: versions.is_negotiable(),
        }
    }

    fn put(&self, validators: &Validators, headers: &mut HeaderMap) {
        headers.insert(header::ETAG, validators.etag.clone());
        headers.insert(header::LAST_MODIFIED, validators.last_modified.clone());
        if !self.is_made {
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        if let Some(coding) = self.coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
        if self.is_negotiable {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
    }
}

/// Replies with a form of a file; `headers` are said as well.
pub(super) fn respond(
    about: &About,
    versions: &Versions,
    variant: Variant,
    mut headers: HeaderMap,
    wish: Wish<'_>,
) -> Result<Reply, WebError> {
    let validators = Validators::new(variant.etag.clone(), versions.own.modified());
    about.put(&mut headers);
    variant.put(&validators, &mut headers);
    // A command by POST has been carried out already, whatever the request makes a GET depend on.
    let outcome =
        if *wish.method == Method::POST { Outcome::Fulfilled } else { conditions::check(wish.headers, &validators) };
    match outcome {
        Outcome::Fulfilled => {}
        Outcome::NotModified => return Ok(not_modified(headers)),
        Outcome::Failed => {
            let info = "the file is not, or no longer, the one that the request is about";
            return Err(WebError::new(StatusCode::PRECONDITION_FAILED, info));
        }
    }
    let Some(length) = variant.content.length() else {
        return Ok(Reply::new(StatusCode::OK, headers, variant.content.body([])));
    };
    match range::wanted(wish, &validators, length) {
        Wanted::Whole => Ok(Reply::new(StatusCode::OK, headers, variant.content.body([Part::Range(0, length)]))),
        Wanted::Parts(parts) => Ok(partial(variant.content, &parts, length, headers)),
        Wanted::Unsatisfiable => {
            let info = format!("the file has {length} bytes, and the range is outside of them");
            Err(WebError::new(StatusCode::RANGE_NOT_SATISFIABLE, info)
                .with_header(header::CONTENT_RANGE, range::content_range(None, length)))
        }
    }
}

impl Content {
    /// How many bytes there are, if that is known.
    fn length(&self) -> Option<u64> {
        match self {
            Self::Held(bytes) => Some(bytes.len() as u64),
            Self::Open(_, length) => Some(*length),
            Self::Coming(_) => None,
        }
    }

    /// These parts of it as a body.
    fn body(self, parts: impl IntoIterator<Item = Part>) -> Body {
        match self {
            Self::Held(bytes) => Body::Whole(parts::of(&bytes, parts)),
            Self::Open(file, _) => Body::File(Parts::new(file, parts)),
            Self::Coming(chunks) => Body::Stream(Box::new(chunks)),
        }
    }
}

/// 304 (RFC 9110 §15.4.5): what describes the bytes describes those that the client has.
pub(super) fn not_modified(mut headers: HeaderMap) -> Reply {
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_DISPOSITION] {
        headers.remove(name);
    }
    Reply::new(StatusCode::NOT_MODIFIED, headers, Body::None)
}

/// 206 (RFC 9110 §15.3.7).
fn partial(content: Content, parts: &[(u64, u64)], length: u64, mut headers: HeaderMap) -> Reply {
    let range = |(start, end): &(u64, u64)| Part::Range(*start, end - start + 1);
    if let [part] = parts {
        headers.insert(header::CONTENT_RANGE, range::content_range(Some(*part), length));
        return Reply::new(StatusCode::PARTIAL_CONTENT, headers, content.body([range(part)]));
    }
    let media = headers.get(header::CONTENT_TYPE).cloned();
    let boundary = parts::boundary();
    let multipart = HeaderValue::try_from(format!("multipart/byteranges; boundary={boundary}"));
    headers.insert(header::CONTENT_TYPE, multipart.unwrap_or(HeaderValue::from_static("multipart/byteranges")));
    let head = |part: &(u64, u64)| Part::Text(parts::head(&boundary, media.as_ref(), part, length));
    let body = parts.iter().flat_map(|part| [head(part), range(part)]).chain([Part::Text(parts::end(&boundary))]);
    Reply::new(StatusCode::PARTIAL_CONTENT, headers, content.body(body))
}
