//! A static file, in these steps:
//!
//! 1. [`shelf`]: a small file that was asked for a moment ago is in memory.
//! 2. [`find`]: else the path is opened beneath a folder ([`open`]): the file itself, an index, or the site's fallback.
//! 3. [`version`]: what was found is told from earlier versions, and its compressed siblings are looked for.
//! 4. [`asset`]: a small file is read, and put on the shelf ([`watch`] tells when it has changed).
//! 5. [`negotiate`]: the client gets it as it is, or compressed: beforehand by the operator, or here ([`encode`]).
//! 6. [`respond`]: by the request's [`conditions`] and [`range`]s, it is sent whole, in [`parts`], or not at all.

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
mod respond;
mod shelf;
mod validators;
mod version;
mod watch;

use std::{io, path::Path, sync::Arc};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub(super) use asset::{Asset, Ready};
pub(super) use find::is_plain;
pub(super) use media::media_type;
pub(super) use open::Folder;
pub(super) use parts::Parts;
pub(super) use shelf::Shelf;
pub use watch::Watch;

use super::{RequestPath, coding::Coding, reply::Reply};
use crate::{config::Files, webapp::WebError};
use encode::Compressing;
use find::{Found, find};
use negotiate::{Accepted, Form};
use open::Opened;
use respond::{About, Content, Variant, respond};
use version::{Version, Versions, sibling_of};

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
    /// The path as it was sent; `None` if it is not in its one form.
    pub(super) sent: Option<&'s str>,
}

/// Answers a GET or HEAD for what is at that place.
pub(super) async fn answer(place: &Place<'_>, query: Option<&str>, wish: Wish<'_>) -> Result<Reply, WebError> {
    if let Some(asset) = place.sent.and_then(|path| place.shelf.fresh(path)) {
        return held(place.shelf, &asset, wish).await;
    }
    let folder = place.folder.ok_or_else(open::nothing)?;
    let since = place.shelf.since();
    folder.refresh(since.changes);
    let (opened, is_fallback) = match find(place, folder)? {
        Found::File(opened) => (opened, false),
        Found::Fallback(opened) => (opened, true),
        Found::Redirect => return Ok(redirect(place.url, query)),
        Found::Listing(relative) => return listing::answer(place.url, folder, relative, wish).await,
    };
    let is_watched = place.shelf.look_after(folder, &opened.relative);
    let (rule, about) = About::of(place, &opened.relative, is_fallback);
    let versions = Versions::of(&opened, place, folder, &about.media)?;
    // What has changed between the two was told to nobody.
    let is_watched = is_watched && folder.version(&opened.relative)? == Some(versions.own);
    let Some(asset) = asset(place, folder, &opened, rule, &about, versions).await? else {
        return respond(&about, &versions, open_variant(opened, &versions, folder, wish)?, HeaderMap::new(), wish);
    };
    // Any path may lead to the fallback, so that there is no end of them.
    if let Some(path) = place.sent.filter(|_| !is_fallback) {
        place.shelf.remember(path, &asset, since, is_watched);
    }
    held(place.shelf, &asset, wish).await
}

/// The file in memory; `None` if it is not to be held.
async fn asset(
    place: &Place<'_>,
    folder: &Arc<Folder>,
    opened: &Opened,
    rule: usize,
    about: &About,
    versions: Versions,
) -> Result<Option<Arc<Asset>>, WebError> {
    if !place.shelf.takes(versions.own.length) {
        return Ok(None);
    }
    // Of each folder, and by each rule, it is another asset.
    let name = format!("{}\n{rule}\n{}", folder.path().display(), opened.relative);
    if let Some(asset) = place.shelf.get(&name, &versions) {
        return Ok(Some(asset));
    }
    let Some(asset) = Asset::read(opened, versions, about, folder).await.map_err(unreadable)? else { return Ok(None) };
    let asset = Arc::new(asset);
    place.shelf.put(&name, asset.clone());
    Ok(Some(asset))
}

/// The file that a path is for, and why; `None`: a folder whose slash is missing. For `explain`.
pub(super) fn relative(place: &Place<'_>) -> Result<Option<String>, WebError> {
    let folder = place.folder.ok_or_else(open::nothing)?;
    Ok(match find(place, folder)? {
        Found::File(opened) => Some(opened.relative),
        Found::Fallback(opened) => Some(format!("{} (the fallback)", opened.relative)),
        Found::Listing(relative) => Some(format!("{relative} (listed)")),
        Found::Redirect => None,
    })
}

/// Answers with a file of a plugin's choice: any regular file that the gateway may read.
pub(super) fn chosen(path: &Path, headers: HeaderMap, wish: Wish<'_>) -> Result<Reply, WebError> {
    let opened = open::chosen(path)?;
    let media = headers.get(header::CONTENT_TYPE).cloned().unwrap_or_else(|| media_type(&opened.relative));
    let versions = Versions::alone(&opened);
    let variant = Variant::new(&versions, None, Content::Open(opened.file, versions.own.length));
    respond(&About::only(media), &versions, variant, headers, wish)
}

/// Answers with what is in memory.
async fn held(shelf: &Shelf, asset: &Asset, wish: Wish<'_>) -> Result<Reply, WebError> {
    let versions = &asset.versions;
    let coded = match choose(versions, wish)? {
        Some(coding) => shelf.coded(asset, coding).await.map(|bytes| (coding, bytes.clone())),
        None => None,
    };
    let (coding, bytes) = coded.map_or((None, asset.plain.clone()), |(coding, bytes)| (Some(coding), bytes));
    respond(&asset.about, versions, Variant::new(versions, coding, Content::Held(bytes)), HeaderMap::new(), wish)
}

/// The form of a file that is not in memory.
fn open_variant(opened: Opened, versions: &Versions, folder: &Folder, wish: Wish<'_>) -> Result<Variant, WebError> {
    let length = versions.own.length;
    let plain = |file| Variant::new(versions, None, Content::Open(file, length));
    let Some(coding) = choose(versions, wish)? else { return Ok(plain(opened.file)) };
    if let Some(version) = versions.sibling(coding) {
        // It may have gone since it was seen.
        let sibling = folder.file(&sibling_of(&opened.relative, coding)).ok();
        return Ok(match sibling.filter(|sibling| Version::of(&sibling.metadata) == version) {
            Some(sibling) => Variant::new(versions, Some(coding), Content::Open(sibling.file, version.length)),
            None => plain(opened.file),
        });
    }
    // If too much is being compressed already, it goes as it is.
    let chunks = Compressing::begin(opened.file, length, coding);
    Ok(chunks.map_or_else(plain, |chunks| Variant::new(versions, Some(coding), Content::Coming(chunks))))
}

/// The coding that a client gets.
fn choose(versions: &Versions, wish: Wish<'_>) -> Result<Option<Coding>, WebError> {
    let coding = Accepted::of(wish.headers).choose(versions.forms())?;
    let wants_parts = |several: bool| {
        let mut ranges = wish.headers.get_all(header::RANGE).iter().filter(|_| *wish.method == Method::GET);
        ranges.any(|range| !several || range.as_bytes().contains(&b','))
    };
    // What is made here may have other bytes the next time; and several parts have no coding as a whole.
    Ok(coding.filter(|coding| !wants_parts(versions.form(*coding) == Form::Sibling)))
}

impl Asset {
    /// The coding that a client gets who has nothing but an `Accept-Encoding` to say; `None` if that rules everything out.
    pub(super) fn choose(&self, accept_encoding: Option<&[u8]>) -> Option<Option<Coding>> {
        // Most values rule nothing out.
        if !self.versions.is_negotiable() && accept_encoding.is_none_or(|value| !value.contains(&b';')) {
            return Some(None);
        }
        Accepted::read(accept_encoding.into_iter()).choose(self.versions.forms()).ok()
    }

    /// What it answers to a GET without any conditions: 200, or the 304 that it would be; `None` if that form is not at hand.
    pub(super) fn plain_reply(&self, coding: Option<Coding>, status: StatusCode) -> Option<Reply> {
        let variant = Variant::new(&self.versions, coding, Content::Held(self.form(coding)?.clone()));
        let headers = HeaderMap::new();
        let wish = Wish { method: &Method::GET, headers: &headers };
        let reply = respond(&self.about, &self.versions, variant, HeaderMap::new(), wish).ok()?;
        Some(if status == StatusCode::NOT_MODIFIED { respond::not_modified(reply.headers) } else { reply })
    }
}

/// Whether an entity tag is among those of `If-None-Match`.
pub(super) fn is_among(value: &[u8], etag: &HeaderValue) -> bool {
    conditions::has_weakly(value, etag.as_bytes())
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
