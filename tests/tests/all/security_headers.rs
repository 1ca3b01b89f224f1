//! What every reply of a site says beside its content: headers that keep browsers from harm, and its id.

use std::collections::HashSet;

use wicketgate_tests::{Gateway, Reply, Setup, request};

const DEFAULTS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=(), geolocation=(self), microphone=()"),
    ("x-frame-options", "SAMEORIGIN"),
];

/// A site with these tables below it, and files to find.
fn start(tables: &str) -> Gateway {
    let toml = format!(
        "[[sites]]\nroot = \"www\"\nrewriteRules = [{{ pattern = '^/away$', target = 'https://example.org/' }}]\n{tables}\n\
         [[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n"
    );
    Setup::new().sites_and_actions(&toml).file("a.txt", b"content").file("sub/index.html", b"sub").start()
}

/// The values of all headers of that name.
fn all<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
}

/// The reply's id, of which there is one.
fn id(reply: &Reply) -> String {
    let ids = all(reply, "x-request-id");
    assert!(ids.len() == 1 && ids[0].len() == 16 && ids[0].bytes().all(|b| b.is_ascii_hexdigit()), "{reply:?}");
    ids[0].to_owned()
}

/// Method, target, a header line, and the status: one reply of each kind.
const KINDS: &[(&str, &str, &str, u16)] = &[
    ("GET", "/a.txt", "", 200),
    ("GET", "/a.txt", "Range: bytes=0-2", 206),
    ("GET", "/a.txt", "If-None-Match: *", 304),
    ("GET", "/a.txt", "If-Match: \"x\"", 412),
    ("GET", "/a.txt", "Range: bytes=99-", 416),
    ("GET", "/sub", "", 308),
    ("GET", "/away", "", 302),
    ("GET", "/none", "", 404),
    ("GET", "/none", "Accept: text/html", 404),
    ("GET", "/none", "Accept: application/problem+json", 404),
    ("GET", "/gws-client/none", "", 404),
    ("PUT", "/a.txt", "", 400),
    ("GET", "/%zz", "", 400),
    ("OPTIONS", "/_", "", 400),
    ("GET", "/_/cmd/exampleHttpGetHello/color/x", "", 200),
    ("GET", "/_/cmd/exampleHttpGetHello", "", 400),
    ("GET", "/_/cmd/none", "", 404),
    ("POST", "/_/cmd/probeNothing", "", 204),
    ("POST", "/_/cmd/probePanic", "", 500),
    ("POST", "/_", "Content-Type: text/plain", 400),
    ("GET", "/_/cmd/probeHttpGetContent?status=201&name=a.txt", "", 201),
    ("GET", "/_/cmd/probeHttpGetCached", "", 200),
    ("GET", "/_/cmd/probeHttpGetFile?path=/none", "", 404),
    ("GET", "/_/cmd/probeHttpGetRedirect?to=/x", "", 302),
    ("GET", "/_/cmd/probeHttpGetStream?chunks=2&size=3", "", 200),
];

/// A reply of each kind, with how it was asked for.
fn replies(gateway: &Gateway) -> impl Iterator<Item = (String, Reply)> {
    KINDS.iter().map(|(method, target, header, status)| {
        let headers: &[&str] = if header.is_empty() { &[] } else { &[header] };
        let reply = gateway.raw(&request(method, target, headers, b""));
        let asked = format!("{method} {target} {header}");
        assert_eq!(reply.status, *status, "{asked}");
        (asked, reply)
    })
}

#[test]
fn every_kind_of_reply_has_the_defaults_once() {
    let gateway = start("");
    for (asked, reply) in replies(&gateway) {
        for (name, value) in DEFAULTS {
            assert_eq!(all(&reply, name), [value], "{asked}");
        }
    }
    let file = gateway.www().join("a.txt");
    let target = format!("/_/cmd/probeHttpGetFile?path={}", file.display());
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/a.txt", &[], b"")).reply_to_head().unwrap();
    for (name, value) in DEFAULTS {
        assert_eq!(all(&gateway.get(&target), name), [value], "a handler's file");
        assert_eq!(all(&head, name), [value], "HEAD");
    }
}

#[test]
fn the_operator_changes_adds_and_removes_headers() {
    // Names are compared without case.
    let gateway = start(
        "[sites.headers]\ncontent-SECURITY-policy = \"default-src 'self'; img-src * data:\"\nx-frame-options = \"\"\n\
         Permissions-Policy = \"\"\nX-None = \"\"\nStrict-Transport-Security = \"max-age=31536000\"\nX-Text = \"a, b; c\\td\"\n",
    );
    for (asked, reply) in replies(&gateway) {
        for (name, values) in [
            ("content-security-policy", &["default-src 'self'; img-src * data:"][..]),
            ("x-frame-options", &[]),
            ("permissions-policy", &[]),
            ("x-none", &[]),
            ("strict-transport-security", &["max-age=31536000"]),
            ("x-text", &["a, b; c\td"]),
            ("referrer-policy", &["strict-origin-when-cross-origin"]),
            ("x-content-type-options", &["nosniff"]),
        ] {
            assert_eq!(all(&reply, name), values, "{asked}");
        }
    }
}

#[test]
fn what_a_reply_says_itself_stays() {
    let gateway = start("[sites.headers]\nCache-Control = \"max-age=1\"\nContent-Disposition = \"inline\"\n");
    for (target, header, value) in [
        ("/a.txt", "cache-control", "max-age=1"),
        ("/sub/", "content-disposition", "inline"),
        ("/_/cmd/probeHttpGetCached", "cache-control", "max-age=60"),
        // Nobody said that what is made anew each time may be kept.
        ("/_/cmd/exampleHttpGetHello/color/x", "cache-control", "no-store"),
        ("/_/cmd/probeHttpGetContent?name=a.txt", "content-disposition", "attachment; filename=\"a.txt\""),
    ] {
        assert_eq!(all(&gateway.get(target), header), [value], "{target}");
    }
    // What belongs to each reply can't be set for all.
    for name in ["Last-Modified", "Location", "Vary", "Content-Length", "Access-Control-Allow-Origin"] {
        let said = Setup::new().sites_and_actions(&format!("[[sites]]\n[sites.headers]\n{name} = \"x\"\n")).refused();
        assert!(said.contains(&format!("sites[0].headers.{name}: ")), "{said}");
    }
}

#[test]
fn each_site_has_its_own() {
    let toml = "[[sites]]\nhost = \"a.example\"\nroot = \"www\"\n[sites.headers]\nX-Frame-Options = \"DENY\"\nX-A = \"a\"\n\
                [[sites]]\nhost = \"b.example\"\nroot = \"www\"\n";
    let gateway = Setup::new().sites_and_actions(toml).file("a.txt", b"a").start();
    let ask = |host: &str| gateway.raw(format!("GET /a.txt HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    let (a, b, none) = (ask("a.example"), ask("b.example"), ask("c.example"));
    assert_eq!((a.status, a.header("x-frame-options"), a.header("x-a")), (200, Some("DENY"), Some("a")));
    assert_eq!((b.status, b.header("x-frame-options"), b.header("x-a")), (200, Some("SAMEORIGIN"), None));
    assert_eq!((none.status, none.header("x-a")), (421, None));
}

#[test]
fn every_reply_has_an_id_of_its_own_that_its_error_names() {
    let gateway = start("");
    let mut seen = HashSet::new();
    for (asked, reply) in replies(&gateway) {
        assert!(seen.insert(id(&reply)), "{asked}: an id that was used before");
        if reply.header("content-type") == Some("application/json") && reply.status >= 400 {
            assert_eq!(reply.error()["requestId"], id(&reply), "{asked}");
        }
    }
    // On one connection too, and what the client calls it does not count.
    let mut connection = gateway.connect();
    for _ in 0..3 {
        let bytes = request("GET", "/a.txt", &["X-Request-Id: 0123456789abcdef"], b"");
        assert!(seen.insert(id(&connection.send(&bytes).reply().unwrap())));
    }
    assert!(!seen.contains("0123456789abcdef"));
    // Where there is no site there is an id all the same.
    let other = Setup::new().sites_and_actions("[[sites]]\nhost = \"a.example\"\n").start();
    for (bytes, status) in [
        ("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
    ] {
        let reply = other.raw(bytes.as_bytes());
        assert_eq!((reply.status, reply.error()["requestId"].as_str()), (status, Some(id(&reply).as_str())), "{bytes}");
    }
}
