//! Where a request goes, decided by its method and its one normalised path. `explain` asks the same functions.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{
    RequestPath, Site, cors,
    rewrite::{self, Way},
};
use crate::{
    config::{Found, Row, Upstream},
    notes::{Notes, Step},
    webapp::{Mount, WebError},
};

/// What decides where a request goes.
pub struct Head<'r> {
    /// The method.
    pub method: &'r Method,
    /// The path as it was sent.
    pub path: &'r str,
    /// What follows the `?`, as it was sent.
    pub query: Option<&'r str>,
    /// The header.
    pub headers: &'r HeaderMap,
}

/// Where a request goes.
pub enum Destiny<'r> {
    /// It is a CORS preflight, and answered with these headers.
    Preflight(HeaderMap),
    /// The client is sent elsewhere: status and `Location`.
    Redirect(StatusCode, String),
    /// GET, HEAD or POST below `/_`, with this query. No file ever shadows it.
    Webapp(RequestPath, Option<Cow<'r, str>>),
    /// Method and path are those of a mount.
    Mount(RequestPath, Option<Cow<'r, str>>, Mount),
    /// GET or HEAD below the client path: the path, and what is left of it.
    Client(RequestPath, RequestPath),
    /// Any method below the prefix of another server: its path and query there.
    Upstream(Arc<Upstream>, String),
    /// GET or HEAD anywhere else.
    File(RequestPath),
}

impl Site {
    /// Decides.
    ///
    /// # Errors
    /// 400 for a path that makes no sense, and for what goes nowhere: as the GWS documentation says it. 414 for a long path.
    pub fn destiny<'r>(&self, head: &Head<'r>, notes: &mut impl Notes) -> Result<Destiny<'r>, WebError> {
        RequestPath::check_length(head.path)?;
        if let Some(headers) = self.config.cors.as_ref().and_then(|cors| cors::preflight(cors, head)) {
            notes.note(Step::Site, || "a CORS preflight, answered here".into());
            return Ok(Destiny::Preflight(headers));
        }
        let path = RequestPath::parse(head.path)?;
        notes.note(Step::Path, || path.to_text());
        let (path, query) = match rewrite::rewrite(&self.config.rules, path, head.query, notes)? {
            Way::On(path, query) => (path, query),
            Way::Redirect(status, location) => return Ok(Destiny::Redirect(status, location)),
        };
        match self.mounted(head, &path, notes)? {
            Some(mount) => Ok(Destiny::Mount(path, query, mount)),
            None => self.take(head.method, path, query, notes),
        }
    }

    /// The row of the table of mounts for a path, which is neither a command's own nor the client folder's.
    fn mounted(&self, head: &Head<'_>, path: &RequestPath, notes: &mut impl Notes) -> Result<Option<Mount>, WebError> {
        if self.mounts.is_empty() {
            notes.note(Step::Mount, || "none is configured".into());
            return Ok(None);
        }
        if path.is_command() || path.segments().starts_with(&self.config.client_path) {
            notes.note(Step::Mount, || "no: nothing is mounted below `/_` and `clientPath`".into());
            return Ok(None);
        }
        match self.mounts.find(head.method, &path.to_text()) {
            None => {
                notes.note(Step::Mount, || "no row matches the path".into());
                Ok(None)
            }
            Some(Found::Row(row, values)) => {
                notes.note(Step::Mount, || format!("`{row}` ({}) is `{}`", row.place, row.command));
                if let Some(protocol) = &row.upgrade
                    && !asks_for(head.headers, protocol)
                {
                    return Err(upgrade_required(protocol).with_dialect(row.errors));
                }
                Ok(Some(Mount { row: row.clone(), values }))
            }
            Some(Found::Others(rows)) => {
                let allow = allow(&rows);
                let row = rows[0];
                notes.note(Step::Mount, || format!("`{}` ({}) answers {allow}", row.path, row.place));
                let error = WebError::new(
                    StatusCode::METHOD_NOT_ALLOWED,
                    format!("this path answers {allow}, and nothing else"),
                );
                let allow = HeaderValue::try_from(allow).unwrap_or(HeaderValue::from_static(""));
                Err(error.with_header(header::ALLOW, allow).with_dialect(row.errors))
            }
        }
    }

    fn take<'r>(
        &self,
        method: &Method,
        path: RequestPath,
        query: Option<Cow<'r, str>>,
        notes: &mut impl Notes,
    ) -> Result<Destiny<'r>, WebError> {
        let (get, post) = (matches!(*method, Method::GET | Method::HEAD), *method == Method::POST);
        if path.is_command() {
            let taken = get || post;
            notes.note(Step::Webapp, || format!("the path starts with `/_`, and {method} is {}", allowed(taken)));
            return if taken { Ok(Destiny::Webapp(path, query)) } else { Err(nowhere(notes)) };
        }
        notes.note(Step::Webapp, || "no: the path does not start with `/_`".into());
        if let Some(rest) = path.below(&self.config.client_path) {
            notes.note(Step::Folder, || format!("the path is below `clientPath`, and {method} is {}", allowed(get)));
            return if get { Ok(Destiny::Client(path, rest)) } else { Err(nowhere(notes)) };
        }
        if let Some(upstream) = self.upstreams.iter().find(|upstream| path.segments().starts_with(&upstream.prefix)) {
            if path.segments().iter().any(|segment| leads_upwards(segment)) {
                return Err(WebError::bad_request(
                    "malformed path: the server behind it might take it for another one",
                ));
            }
            let target = target(upstream, &path, query.as_deref());
            let base = upstream.authority();
            notes.note(Step::Folder, || format!("the server behind the prefix ({}): {base}{target}", upstream.place));
            return Ok(Destiny::Upstream(upstream.clone(), target));
        }
        notes.note(Step::Folder, || "no: neither below `clientPath` nor below the prefix of another server".into());
        notes.note(Step::File, || format!("{method} is {}", allowed(get)));
        if get { Ok(Destiny::File(path)) } else { Err(nowhere(notes)) }
    }
}

/// The methods of rows, for `Allow`, GET and HEAD, for which it stands as well, first.
fn allow(rows: &[&Arc<Row>]) -> String {
    let (get, others): (Vec<_>, Vec<_>) = rows.iter().map(|row| row.method.as_str()).partition(|name| *name == "GET");
    let with_head: &[_] = if get.is_empty() { &[] } else { &["GET", "HEAD"] };
    let others: BTreeSet<_> = others.into_iter().collect();
    with_head.iter().copied().chain(others).collect::<Vec<_>>().join(", ")
}

/// Whether a request asks for another protocol (RFC 9110 §7.8).
fn asks_for(headers: &HeaderMap, protocol: &str) -> bool {
    let names = |name| headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut protocols = names(header::UPGRADE).map(|one| one.split(|byte| *byte == b'/').next().unwrap_or_default());
    protocols.any(|one| one.trim_ascii().eq_ignore_ascii_case(protocol.as_bytes()))
        && names(header::CONNECTION).any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

/// 426 (RFC 9110 §15.5.22).
fn upgrade_required(protocol: &str) -> WebError {
    let error = WebError::new(StatusCode::UPGRADE_REQUIRED, format!("this path is for `Upgrade: {protocol}` alone"));
    let value = HeaderValue::try_from(protocol).unwrap_or(HeaderValue::from_static(""));
    error.with_header(header::UPGRADE, value).with_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))
}

fn allowed(taken: bool) -> &'static str {
    if taken { "allowed" } else { "not allowed" }
}

/// Whether a segment may lead upwards on a server that takes an encoded `/` or a `\` for a slash, or drops what follows a
/// `;` before it resolves dots.
fn leads_upwards(segment: &str) -> bool {
    segment.split(['/', '\\']).any(|part| matches!(part.split(';').next(), Some("." | "..")))
}

/// Path and query for another server.
fn target(upstream: &Upstream, path: &RequestPath, query: Option<&str>) -> String {
    let kept = match &upstream.replacement {
        Some(replacement) => {
            let rest = path.below(&upstream.prefix).unwrap_or_else(|| path.clone());
            // The prefix alone, without its slash, is the replacement alone.
            let is_prefix = rest.segments().is_empty() && !path.is_folder() && !replacement.is_empty();
            if is_prefix { replacement.clone() } else { format!("{replacement}{}", rest.to_uri()) }
        }
        None => path.to_uri(),
    };
    query.map_or(kept.clone(), |query| format!("{kept}?{query}"))
}

fn nowhere(notes: &mut impl Notes) -> WebError {
    notes.note(Step::Refusal, || "this method is not for this path".into());
    let info = "this method is not for this path: files answer GET and HEAD, commands at /_ also POST";
    WebError::bad_request(info).with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))
}
