//! Whatever a URI says: it is refused, or it leads to a regular file beneath a folder of the site, or to a command; and what
//! a rule captures stays a part of a path or of a query.

use std::{fs, os::unix::fs::symlink, path::Path};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use proptest::prelude::*;
use regex::Regex;

use super::{Destiny, Head, Site, reply::Body};
use crate::config::{self, Place, Rule, SiteHeaders, Upstream};

/// What files that may be served consist of, and all others.
const PUBLIC: &[u8] = b"public";
const SECRET: &[u8] = b"secret";

/// A folder with files to find, and all kinds of ways out of it.
fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, content: &[u8]| {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    };
    for path in ["www/index.html", "www/a", "www/b/a", "www/b/index.html", "www/..a", "www/.well-known/a", "client/a"] {
        put(path, if path.contains("..a") { SECRET } else { PUBLIC });
    }
    for path in ["secret", "a", "_", "www/.a", "www/.b/a", "www/_", "www/b/.a", "client/.a"] {
        put(path, SECRET);
    }
    put("www/_x/a", SECRET);
    for (target, link) in [("../secret", "www/up"), ("..", "www/out"), ("/", "www/top"), ("../_", "www/b/up")] {
        symlink(target, dir.path().join(link)).unwrap();
    }
    dir
}

fn site(dir: &Path, rules: &[(&str, &str, Option<u16>)]) -> Site {
    let rule = |(pattern, target, status): &(&str, &str, Option<u16>)| {
        let status = status.map(|status| StatusCode::from_u16(status).unwrap());
        Rule::new(Regex::new(pattern).unwrap(), target, status, Place::default()).unwrap()
    };
    let upstream = Upstream {
        place: Place::default(),
        prefix: vec!["b".into(), "up".into()],
        scheme: config::Scheme::Http,
        host: "localhost".into(),
        port: 1,
        replacement: Some("/base".into()),
        timeout: std::time::Duration::from_secs(1),
    };
    let config = config::Site {
        place: Place::default(),
        host: "*".into(),
        root: Some(dir.join("www")),
        files: config::Files::default(),
        fallback: None,
        client_path: vec!["client".into()],
        client_root: Some(dir.join("client")),
        rules: rules.iter().map(rule).collect(),
        certificates: Vec::new(),
        cors: None,
        headers: SiteHeaders::default(),
        error_pages: Default::default(),
        upstreams: vec![upstream],
    };
    Site::open(config, 1 << 20, &Default::default(), &Default::default()).unwrap()
}

thread_local!(static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread().build().unwrap());

/// What a URI leads to, and that it is allowed to.
fn check(site: &Site, method: &Method, target: &str) -> Result<(), TestCaseError> {
    let Ok(uri) = target.parse::<Uri>() else { return Ok(()) };
    let head = Head { method, path: uri.path(), query: uri.query(), headers: &HeaderMap::new() };
    let command = |first: Option<&String>| first.is_some_and(|first| first.starts_with('_'));
    let Ok(destiny) = site.destiny(&head, &mut ()) else { return Ok(()) };
    match &destiny {
        Destiny::Webapp(path, query) => {
            prop_assert!(command(path.segments().first()));
            prop_assert!(!query.as_deref().unwrap_or_default().contains(['\r', '\n', '#']));
        }
        Destiny::Mount(..) => prop_assert!(false, "nothing is mounted"),
        Destiny::File(path) => prop_assert!(!command(path.segments().first()), "{target} is a file"),
        Destiny::Upstream(_, there) => {
            prop_assert!(there.starts_with("/base") && there.parse::<Uri>().is_ok(), "{target} becomes {there}");
        }
        Destiny::Redirect(_, location) => {
            let same = location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
            let below = location.starts_with("https://example.org/x/") && !location.contains("/../");
            prop_assert!(same || below, "{target} leads to {location}");
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
        }
        Destiny::Client(..) | Destiny::Preflight(_) => {}
    }
    if let Destiny::File(_) | Destiny::Client(..) = destiny
        && let Ok(reply) = RUNTIME.with(|runtime| runtime.block_on(site.file(&head, &destiny)))
        && reply.status == StatusCode::OK
        && *method == Method::GET
    {
        prop_assert!(matches!(reply.body, Body::Whole(bytes) if bytes == Bytes::from_static(PUBLIC)), "{target}");
    }
    Ok(())
}

/// A path of pieces that mean something to somebody.
fn uri() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/",
        "//",
        "a",
        "b",
        "_",
        "_x",
        "client",
        "up",
        "out",
        "top",
        ".",
        "..",
        "...",
        ".a",
        "index.html",
        ".well-known",
        "%2e",
        "%2E%2e",
        "%2f",
        "%5f",
        "%5c",
        "\\",
        "%00",
        "%0a",
        "%0d%0a",
        "%25",
        "%252e",
        "%23",
        "%3f",
        "%c0%ae",
        "%ff",
        "%e2%80%ae",
        "~",
        ";x",
        "?",
        "#",
        "&",
        "=",
        "+",
        "@",
        "example.org",
        "https:",
        "%",
        "..%2f",
        "%2e%2e/",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![Method::GET, Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_uri_is_refused_or_leads_to_where_it_may((target, method) in (uri(), method())) {
        thread_local!(static PLAIN: (tempfile::TempDir, Site) = {
            let dir = tree();
            let site = site(dir.path(), &[]);
            (dir, site)
        });
        PLAIN.with(|(_, site)| check(site, &method, &target))?;
    }

    #[test]
    fn no_capture_leads_anywhere_else((target, method) in (uri(), method())) {
        thread_local!(static RULED: (tempfile::TempDir, Site) = {
            let dir = tree();
            let rules = [
                ("^/a/(.*)$", "/$1", None),
                ("^/b/(.)(.*)$", "$2/$1$2", None),
                ("^/client/(.*)$", "/$1", Some(301)),
                ("^/_x(.*)$", "https://example.org/x/$1?q=$1#f", None),
                ("^/(?<all>up.*)$", "/_/cmd/x/y/${all}?z=${all}", None),
                ("^/(.*)\\.(.*)$", "/$2.$1", None),
            ];
            let site = site(dir.path(), &rules);
            (dir, site)
        });
        RULED.with(|(_, site)| check(site, &method, &target))?;
    }
}
