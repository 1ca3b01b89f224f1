//! Other HTTP servers behind path prefixes.

use std::time::Duration;

use http::Uri;

use super::{Place, raw, source::At, values::time};

/// Another HTTP server behind a path prefix.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Where it stands.
    pub place: Place,
    /// The prefix, as segments.
    pub prefix: Vec<String>,
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Its name or address, as `Host` would have it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What stands in for the prefix, with a `/` at its start and none at its end; `None`: the path is kept.
    pub replacement: Option<String>,
    /// How long it may be silent.
    pub timeout: Duration,
}

/// Plain or over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Upstream {
    /// `Host` for this server.
    #[must_use]
    pub fn authority(&self) -> String {
        match (self.scheme, self.port) {
            (Scheme::Http, 80) | (Scheme::Https, 443) => self.host.clone(),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

/// The table at a place of the list; `None` if something is wrong with it.
pub(super) fn resolve(at: &At<'_, '_>, client_path: &[String]) -> Option<Upstream> {
    let timeout = time(&at.key("timeout"), &raw::proxy_timeout());
    let prefix = prefix(&at.key("path"));
    if prefix.as_ref().is_some_and(|prefix| !client_path.is_empty() && prefix.starts_with(client_path)) {
        at.key("path").wrong("this is below the site's `clientPath`, so that nothing would ever get there");
    }
    let to = at.key("to");
    let text = to.text()?;
    let Some((scheme, host, port, replacement)) = target(text) else {
        to.wrong(format!("expected a URL such as `http://127.0.0.1:8090`, without query; got `{text}`"));
        return None;
    };
    Some(Upstream { place: at.place(), prefix: prefix?, scheme, host, port, replacement, timeout })
}

/// A path as segments; none of them encoded, empty or a dot.
pub(super) fn segments(at: &At<'_, '_>, text: &str) -> Option<Vec<String>> {
    let rest = text.strip_prefix('/');
    let segments: Vec<_> = rest.unwrap_or_default().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let odd = |segment: &String| segment == "." || segment == ".." || segment.contains(['%', '?', '#', '\0']);
    if rest.is_none() || segments.iter().any(odd) {
        at.wrong(format!("expected a path that starts with `/`, written without escapes; got `{text}`"));
        return None;
    }
    if segments.first().is_some_and(|first| first.starts_with('_')) {
        at.wrong("paths that start with `/_` are always commands");
        return None;
    }
    Some(segments)
}

fn prefix(at: &At<'_, '_>) -> Option<Vec<String>> {
    segments(at, at.text()?)
}

type Target = (Scheme, String, u16, Option<String>);

fn target(text: &str) -> Option<Target> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, default) = match uri.scheme_str()? {
        "http" => (Scheme::Http, 80),
        "https" => (Scheme::Https, 443),
        _ => return None,
    };
    let authority = uri.authority()?;
    if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') || uri.host()?.is_empty() {
        return None;
    }
    // `http` makes `/` of a path that is not there.
    let has_path = text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let replacement = has_path.then(|| uri.path().trim_end_matches('/').to_owned());
    let host_end = authority.as_str().strip_prefix(uri.host()?)?;
    let port = host_end.strip_prefix(':').map_or(Ok(default), str::parse).ok()?;
    Some((scheme, uri.host()?.to_owned(), port, replacement))
}
