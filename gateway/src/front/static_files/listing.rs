//! What is in a folder: as HTML for people, or as JSON for programs.

use std::{io, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use wicketgate_spec::Dialect;

use super::{Folder, Wish, find::is_public};
use crate::{
    front::{
        RequestPath,
        blocking::blocking,
        reply::{Body, Reply},
    },
    webapp::{ErrorFormat, WebError, accept, error_format, escape},
};

/// More entries than this are not listed; the last one says so.
const MOST: usize = 10_000;

/// An entry of a folder.
#[derive(Serialize)]
struct Entry {
    name: String,
    r#type: &'static str,
    /// In bytes; of files alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// As a date of HTTP.
    modified: String,
}

/// Lists a folder. Hidden files stay hidden, as do devices and links that lead out of the root.
pub(super) async fn answer(
    url: &RequestPath,
    folder: &Arc<Folder>,
    relative: String,
    wish: Wish<'_>,
) -> Result<Reply, WebError> {
    let folder = folder.clone();
    let listed = blocking(move || entries(&folder, &relative)).await;
    let entries = listed.map_err(|e| {
        tracing::error!("a folder can't be listed: {e}");
        WebError::internal()
    })?;
    let json = error_format(None, accept(wish.headers).as_ref(), Dialect::Gateway) != ErrorFormat::Html;
    let (media, body) = if json {
        ("application/json", serde_json::to_vec(&entries).unwrap_or_default())
    } else {
        ("text/html; charset=utf-8", page(&url.to_text(), &entries).into_bytes())
    };
    let headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::VARY, HeaderValue::from_static("Accept")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    Ok(Reply::new(StatusCode::OK, headers, Body::Whole(Bytes::from(body))))
}

fn entries(folder: &Folder, relative: &str) -> io::Result<Vec<Entry>> {
    let dir = rustix::fs::Dir::read_from(folder.open_beneath(relative)?)?;
    let mut entries = Vec::new();
    for entry in dir {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().ok().filter(|name| is_public(name)) else { continue };
        let path = if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
        // What can't be opened can't be asked for either.
        let Ok(metadata) = folder.open_beneath(&path).and_then(|file| file.metadata()) else { continue };
        if !metadata.is_dir() && !metadata.is_file() {
            continue;
        }
        if entries.len() == MOST {
            tracing::warn!("a folder has more than {MOST} entries, of which no more are listed: {relative}");
            break;
        }
        entries.push(Entry {
            name: name.to_owned(),
            r#type: if metadata.is_dir() { "folder" } else { "file" },
            size: metadata.is_file().then_some(metadata.len()),
            modified: metadata.modified().map(httpdate::fmt_http_date).unwrap_or_default(),
        });
    }
    entries.sort_by(|a, b| (b.r#type, &a.name).cmp(&(a.r#type, &b.name)));
    Ok(entries)
}

/// The page. Whatever is put into it is escaped.
fn page(path: &str, entries: &[Entry]) -> String {
    let title = escape(path);
    let row = |entry: &Entry| {
        let slash = if entry.size.is_none() { "/" } else { "" };
        let link = utf8_percent_encode(&entry.name, NON_ALPHANUMERIC);
        let size = entry.size.map(|size| size.to_string()).unwrap_or_default();
        let (name, modified) = (escape(&entry.name), &entry.modified);
        format!("<tr><td><a href=\"./{link}{slash}\">{name}{slash}</a><td>{size}<td>{modified}\n")
    };
    let up = if path == "/" { "" } else { "<tr><td><a href=\"../\">../</a><td><td>\n" };
    let rows: String = entries.iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<h1>{title}</h1>\n<table>\n<tr><th>Name<th>Bytes<th>Modified\n{up}{rows}</table>\n</html>\n"
    )
}
