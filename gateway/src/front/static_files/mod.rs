//! A static file, in these steps:
//!
//! 1. [`shelf`]: a small file that was asked for a moment ago is in memory.
//! 2. [`find`]: else the path is opened beneath a folder ([`open`]): the file itself, an index, or the site's fallback.
//! 3. [`asset`]: a small file is read, and put on the shelf ([`watch`] tells when it has changed).
//! 4. [`negotiate`]: the client gets it as it is, or compressed: beforehand by the operator, or here ([`encode`]).
//! 5. [`validators`]: ETag and Last-Modified are derived.
//! 6. [`conditions`]: what the request makes its answer depend on.
//! 7. [`range`]: the parts that are wanted; of large files they are read while they are written ([`parts`]).

mod asset;
mod conditions;
mod encode;
mod find;
mod listing;
mod media;
mod negotiate;
mod open;
mod parts;
mod range;
mod shelf;
mod validators;
mod watch;

use std::{io, path::Path, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub(super) use asset::{Asset, Ready};
pub(super) use find::is_plain;
pub(super) use media::media_type;
pub(super) use open::Folder;
pub(super) use parts::Parts;
pub(super) use shelf::Shelf;

use super::{
    RequestPath,
    coding::Coding,
    reply::{Body, Reply},
};
use crate::{
    config::Files,
    webapp::{WebError, disposition},
};
use asset::{About, LARGEST, Versions, sibling_of};
use conditions::Outcome;
use encode::Compressing;
use find::{Found, find};
use negotiate::{Accepted, Form};
use open::Opened;
use parts::Part;
use range::Wanted;
use validators::Validators;

/// What a request says of the file that it wants.
#[derive(Clone, Copy)]
pub(super) struct Wish<'r> {
    pub(super) method: &'r Method,
    pub(super) headers: &'r HeaderMap,
}

/// Where a file is to be found.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    /// The folder; `None`: there is none.
    pub(super) folder: Option<&'s Arc<Folder>>,
    /// How its files are found and sent.
    pub(super) files: &'s Files,
    /// The path in it.
    pub(super) path: &'s RequestPath,
    /// The path by which the client knows it.
    pub(super) url: &'s RequestPath,
    /// What answers where there is nothing.
    pub(super) fallback: Option<&'s [String]>,
    /// What is in memory.
    pub(super) shelf: &'s Shelf,
    /// The path as it was sent, by which it is held there; `None` if it is not in its one form.
    pub(super) key: Option<&'s str>,
}

/// What is sent of a file: its bytes, or a coded form of them.
struct Variant {
    coding: Option<Coding>,
    etag: HeaderValue,
    content: Content,
    /// Whether another client may get another form.
    is_negotiable: bool,
}

/// Where the bytes are.
enum Content {
    Held(Bytes),
    Open(std::fs::File, u64),
    /// To be compressed while they are sent.
    Plain(std::fs::File, u64, Coding),
}

/// Answers a GET or HEAD for what is at that place.
pub(super) async fn answer(place: &Place<'_>, query: Option<&str>, wish: Wish<'_>) -> Result<Reply, WebError> {
    if let Some(asset) = place.key.and_then(|key| place.shelf.fresh(key)) {
        return held(place, &asset, wish).await;
    }
    let since = place.shelf.since();
    let (opened, key) = match find(place)? {
        Found::File(opened) => (opened, place.key.map(str::to_owned)),
        // It answers for any path, and so is held by its own, which without a slash no request's path can be.
        Found::Fallback(opened) => {
            let key = opened.relative.clone();
            (opened, Some(key))
        }
        Found::Redirect => return Ok(redirect(place.url, query)),
        Found::Listing(relative) => return listing::answer(place, relative, wish).await,
    };
    let folder = place.folder.ok_or_else(open::nothing)?;
    place.shelf.look_after(folder.path(), &opened.relative);
    let about = About::of(&opened, place);
    let versions = Versions::of(&opened, place, folder, &about);
    let Some(key) = key.filter(|_| versions.own.length <= LARGEST) else {
        let form = open_form(opened, &versions, folder, Accepted::of(wish.headers), wish)?;
        return respond(&about, &versions, form, HeaderMap::new(), wish);
    };
    if let Some(asset) = place.shelf.confirmed(&key, &opened.relative, &versions, since) {
        return held(place, &asset, wish).await;
    }
    let asset = Arc::new(Asset::read(opened, versions, about, folder.clone()).await.map_err(unreadable)?);
    place.shelf.put(&key, asset.clone(), since);
    held(place, &asset, wish).await
}

/// The file that a path is for, or the folder whose slash is missing (`None`); for `explain`.
pub(super) fn relative(place: &Place<'_>) -> Result<Option<String>, WebError> {
    Ok(match find(place)? {
        Found::File(opened) | Found::Fallback(opened) => Some(opened.relative),
        Found::Listing(relative) => Some(relative),
        Found::Redirect => None,
    })
}

/// Answers with a file of a plugin's choice: any regular file that the gateway may read.
pub(super) fn chosen(path: &Path, headers: HeaderMap, wish: Wish<'_>) -> Result<Reply, WebError> {
    let opened = open::chosen(path)?;
    let media = headers.get(header::CONTENT_TYPE).cloned().unwrap_or_else(|| media_type(&opened.relative));
    let about = About { media, cache_control: None, disposition: None };
    let versions = Versions::alone(&opened);
    let form = Variant::plain(&versions, Content::Open(opened.file, versions.own.length));
    respond(&about, &versions, form, headers, wish)
}

impl About {
    fn of(opened: &Opened, place: &Place<'_>) -> Self {
        let rule = place.files.rule(&place.url.to_text());
        let name = opened.relative.rsplit('/').next().unwrap_or_default();
        let download = rule.filter(|rule| rule.download).and_then(|_| HeaderValue::try_from(disposition(name)).ok());
        Self {
            media: media_type(name),
            cache_control: rule.and_then(|rule| rule.cache_control.clone()),
            disposition: download,
        }
    }
}

impl Variant {
    fn plain(versions: &Versions, content: Content) -> Self {
        Self { coding: None, etag: versions.etag(None), content, is_negotiable: versions.is_negotiable() }
    }

    fn coded(versions: &Versions, coding: Coding, content: Content) -> Self {
        Self { coding: Some(coding), etag: versions.etag(Some(coding)), content, is_negotiable: true }
    }
}

/// Answers with what is in memory.
async fn held(place: &Place<'_>, asset: &Asset, wish: Wish<'_>) -> Result<Reply, WebError> {
    let versions = &asset.versions;
    let mut coding = asset.choose(Accepted::of(wish.headers))?;
    if coding.is_some_and(|coding| versions.forms()[coding as usize] == Form::Made) && wants_parts(wish) {
        coding = None;
    }
    let coded = match coding {
        Some(coding) => place.shelf.coded(asset, coding).await.map(|bytes| (coding, bytes.clone())),
        None => None,
    };
    let form = match coded {
        Some((coding, bytes)) => Variant::coded(versions, coding, Content::Held(bytes)),
        None => Variant::plain(versions, Content::Held(asset.plain.clone())),
    };
    respond(&asset.about, versions, form, HeaderMap::new(), wish)
}

impl Asset {
    /// The coding that a client gets of it.
    fn choose(&self, accepted: Accepted) -> Result<Option<Coding>, WebError> {
        accepted.choose(self.versions.forms())
    }

    /// The same for the value of `Accept-Encoding`; `None` if there is none.
    pub(super) fn choose_quickly(&self, accept_encoding: Option<&[u8]>) -> Option<Option<Coding>> {
        // Most values rule nothing out.
        if !self.versions.is_negotiable() && accept_encoding.is_none_or(|value| !value.contains(&b';')) {
            return Some(None);
        }
        self.choose(Accepted::read(accept_encoding.into_iter())).ok()
    }

    /// What it answers to a GET without any conditions: 200, or the 304 that it would be; `None` if that form is not at hand.
    pub(super) fn plain_reply(&self, coding: Option<Coding>, status: StatusCode) -> Option<Reply> {
        let content = Content::Held(self.form(coding)?.clone());
        let form = match coding {
            Some(coding) => Variant::coded(&self.versions, coding, content),
            None => Variant::plain(&self.versions, content),
        };
        let headers = HeaderMap::new();
        let wish = Wish { method: &Method::GET, headers: &headers };
        let mut reply = respond(&self.about, &self.versions, form, HeaderMap::new(), wish).ok()?;
        if status == StatusCode::NOT_MODIFIED {
            reply = not_modified(reply.headers);
        }
        Some(reply)
    }
}

/// Whether an entity tag is among those of `If-None-Match`.
pub(super) fn is_among(value: &[u8], etag: &HeaderValue) -> bool {
    conditions::has_weakly(value, etag.as_bytes())
}

fn wants_parts(wish: Wish<'_>) -> bool {
    *wish.method == Method::GET && wish.headers.contains_key(header::RANGE)
}

/// The form of a file that is too large for the shelf.
fn open_form(
    opened: Opened,
    versions: &Versions,
    folder: &Folder,
    accepted: Accepted,
    wish: Wish<'_>,
) -> Result<Variant, WebError> {
    let length = versions.own.length;
    let coding = accepted.choose(versions.forms())?;
    let Some(coding) = coding else { return Ok(Variant::plain(versions, Content::Open(opened.file, length))) };
    if versions.forms()[coding as usize] == Form::Sibling {
        // It may have gone since it was seen.
        return Ok(match folder.file(&sibling_of(&opened.relative, coding)) {
            Ok(sibling) => {
                let length = sibling.metadata.len();
                Variant::coded(versions, coding, Content::Open(sibling.file, length))
            }
            Err(_) => Variant::plain(versions, Content::Open(opened.file, length)),
        });
    }
    if wants_parts(wish) {
        return Ok(Variant::plain(versions, Content::Open(opened.file, length)));
    }
    Ok(Variant::coded(versions, coding, Content::Plain(opened.file, length, coding)))
}

/// Answers with the form, or with the parts of it that are wanted, or with what the conditions make of it.
fn respond(
    about: &About,
    versions: &Versions,
    form: Variant,
    mut headers: HeaderMap,
    wish: Wish<'_>,
) -> Result<Reply, WebError> {
    let validators = Validators::new(form.etag.clone(), versions.own.modified());
    about.put(&mut headers);
    form.put(&validators, &mut headers);
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
    let length = match &form.content {
        Content::Held(bytes) => bytes.len() as u64,
        Content::Open(_, length) => *length,
        Content::Plain(..) => return compressed(form.content, headers).map_err(unreadable),
    };
    match range::wanted(wish, &validators, length) {
        Wanted::Whole => Ok(Reply::new(StatusCode::OK, headers, form.content.body([Part::Range(0, length)]))),
        Wanted::Parts(parts) => Ok(partial(form.content, &parts, length, headers)),
        Wanted::Unsatisfiable => {
            let info = format!("the file has {length} bytes, and the range is outside of them");
            Err(WebError::new(StatusCode::RANGE_NOT_SATISFIABLE, info)
                .with_header(header::CONTENT_RANGE, range::content_range(None, length)))
        }
    }
}

impl About {
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
    /// Whether it is compressed here, which its weak tag tells.
    fn is_made(&self) -> bool {
        self.etag.as_bytes().starts_with(b"W/")
    }

    fn put(&self, validators: &Validators, headers: &mut HeaderMap) {
        headers.insert(header::ETAG, validators.etag.clone());
        headers.insert(header::LAST_MODIFIED, validators.last_modified.clone());
        // Of what is made here, no parts are sent: its bytes may be others the next time.
        if !self.is_made() {
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

impl Content {
    /// These parts as a body.
    fn body(self, parts: impl IntoIterator<Item = Part>) -> Body {
        match self {
            Self::Held(bytes) => Body::Whole(parts::of(&bytes, parts)),
            Self::Open(file, _) | Self::Plain(file, ..) => Body::File(Parts::new(file, parts)),
        }
    }
}

/// 304 (RFC 9110 §15.4.5): what describes the bytes describes those that the client has.
fn not_modified(mut headers: HeaderMap) -> Reply {
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

/// A reply that is compressed while it is sent.
fn compressed(content: Content, headers: HeaderMap) -> io::Result<Reply> {
    let Content::Plain(file, length, coding) = content else { return Err(io::ErrorKind::InvalidInput.into()) };
    let body = Body::Stream(Box::new(Compressing::new(file, length, coding)?));
    Ok(Reply::new(StatusCode::OK, headers, body))
}

fn unreadable(error: io::Error) -> WebError {
    tracing::error!("a file can't be read: {error}");
    WebError::internal()
}

/// What a query can't hold as it is (RFC 3986 §3.4); escapes stay what they are.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Sends a client that asked for a folder without its slash to the folder: relative links would lead astray otherwise.
fn redirect(path: &RequestPath, query: Option<&str>) -> Reply {
    let query = query.map(|query| format!("?{}", utf8_percent_encode(query, QUERY))).unwrap_or_default();
    Reply::redirect(StatusCode::PERMANENT_REDIRECT, format!("{}/{query}", path.to_uri()))
}
