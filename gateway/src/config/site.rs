//! What is served under a host name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use http::StatusCode;

use super::{
    Certificate, Cors, Files, Place, Rule, SiteHeaders, Upstream, certificate, cors, headers, raw, site_files,
    source::At, upstream, values,
};

/// What is served under a host name.
pub struct Site {
    /// Where it stands.
    pub place: Place,
    /// An exact name in lower case, `*.suffix`, or `*`.
    pub host: String,
    /// The folder of the static files.
    pub root: Option<PathBuf>,
    /// The file below the root that answers for those that do not exist, as segments.
    pub fallback: Option<Vec<String>>,
    /// How files are found and sent.
    pub files: Files,
    /// Where the client folder is reached, as segments.
    pub client_path: Vec<String>,
    /// The client folder.
    pub client_root: Option<PathBuf>,
    /// In the order in which they are tried.
    pub rules: Vec<Rule>,
    /// For TLS listeners.
    pub certificates: Vec<Certificate>,
    /// What pages of other origins may do.
    pub cors: Option<Cors>,
    /// For every reply.
    pub headers: SiteHeaders,
    /// HTML, by status.
    pub error_pages: BTreeMap<StatusCode, String>,
    /// The longest prefix first.
    pub upstreams: Vec<Upstream>,
}

/// The table at a place of the list.
pub(super) fn resolve(at: &At<'_, '_>) -> Site {
    let client_path = at.key("clientPath");
    let client_text = client_path.text().map_or_else(raw::client_path, str::to_owned);
    let client_path = upstream::segments(&client_path, &client_text).unwrap_or_default();
    if client_path.is_empty() && client_text == "/" {
        at.key("clientPath").wrong("expected a path below `/`: the site's own files are there");
    }
    Site {
        place: at.place(),
        host: values::host(&at.key("host")),
        fallback: fallback(&at.key("fallback"), &at.key("root")),
        root: folder(&at.key("root")),
        files: site_files::resolve(at),
        client_root: folder(&at.key("clientRoot")),
        rules: at.key("rewriteRules").items().filter_map(|rule| Rule::resolve(&rule)).collect(),
        certificates: at.key("certificates").items().filter_map(|item| certificate::resolve(&item)).collect(),
        cors: cors::resolve(&at.key("cors")),
        headers: headers::resolve(&at.key("headers")),
        error_pages: error_pages(&at.key("errorPages")),
        upstreams: upstreams(&at.key("proxy"), &client_path),
        client_path,
    }
}

/// The files of a site that are read when the configuration is.
pub(super) fn inputs(at: &At<'_, '_>) -> Vec<PathBuf> {
    let certificates = at.key("certificates");
    let certificates =
        certificates.items().flat_map(|item| [item.key("cert").file(), item.key("key").file()]).flatten();
    let pages = at.key("errorPages");
    let pages = pages.names().filter_map(|name| pages.key(name).file()).collect::<Vec<_>>();
    certificates.chain(pages).collect()
}

fn folder(at: &At<'_, '_>) -> Option<PathBuf> {
    let folder = at.file()?;
    if !folder.is_dir() {
        let what = if folder.exists() { "this is a file, not a folder:" } else { "there is no folder" };
        at.wrong(format!("{what} `{}`", folder.display()));
        return None;
    }
    Some(folder)
}

fn fallback(at: &At<'_, '_>, root: &At<'_, '_>) -> Option<Vec<String>> {
    let text = at.text()?;
    let plain = |part| if let Component::Normal(name) = part { name.to_str().map(str::to_owned) } else { None };
    let segments: Option<Vec<_>> = Path::new(text).components().map(plain).collect();
    let segments = segments.filter(|segments| !segments.is_empty());
    match (&segments, root.file()) {
        (Some(names), _) if names.iter().any(|name| site_files::is_hidden(name)) => {
            at.wrong(format!("names that start with a dot are hidden, and so is `{text}`"));
        }
        (None, _) => at.wrong(format!("expected the name of a file below `root`; got `{text}`")),
        (_, None) => at.wrong("this is a file below the site's `root`, but the site has none"),
        (_, Some(root)) if root.is_dir() && !root.join(text).is_file() => {
            at.wrong(format!("there is no file `{}`", root.join(text).display()));
        }
        _ => {}
    }
    segments
}

fn error_pages(at: &At<'_, '_>) -> BTreeMap<StatusCode, String> {
    let mut pages = BTreeMap::new();
    for name in at.names() {
        let at = at.key(name);
        let Some(file) = at.file() else { continue };
        let status = name.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
        match (status.filter(|status| status.is_client_error() || status.is_server_error()), fs::read_to_string(&file))
        {
            (None, _) => at.wrong(format!("expected a status from 400 to 599; got `{name}`")),
            (_, Err(e)) => at.wrong(format!("{} can't be read: {e}", file.display())),
            (Some(status), Ok(page)) => drop(pages.insert(status, page)),
        }
    }
    pages
}

fn upstreams(list: &At<'_, '_>, client_path: &[String]) -> Vec<Upstream> {
    let mut all: Vec<Upstream> = Vec::new();
    for at in list.items() {
        let Some(upstream) = upstream::resolve(&at, client_path) else { continue };
        if all.iter().any(|other| other.prefix == upstream.prefix) {
            at.key("path").wrong("another server is behind this path already");
            continue;
        }
        all.push(upstream);
    }
    all.sort_by_key(|upstream| std::cmp::Reverse(upstream.prefix.len()));
    all
}
