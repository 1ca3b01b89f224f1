//! Pages of other origins: preflights, and what every other reply of a site with `cors` says.

use wicketgate_tests::{Gateway, Reply, Setup};

const SITES: &str = r#"
[[sites]]
host = "plain.example"
root = "www"
rewriteRules = [{ pattern = '^/away$', target = 'https://example.org/' }]
[sites.cors]
origins = ["https://app.example.org", "http://localhost:3000"]
[[sites]]
host = "full.example"
root = "www"
[sites.cors]
origins = ["https://app.example.org"]
credentials = true
methods = ["GET", "PUT"]
headers = ["Content-Type", "X-Token"]
exposeHeaders = ["ETag", "X-Request-Id"]
maxAge = "1h"
[[sites]]
host = "any.example"
root = "www"
[sites.cors]
origins = ["*"]
headers = []
[[sites]]
host = "none.example"
root = "www"
[[actions]]
type = "example"
[[actions]]
type = "probe"
"#;

const APP: &str = "https://app.example.org";
const VARY: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

fn start() -> Gateway {
    Setup::new().sites_and_actions(SITES).file("a.txt", b"a").file("sub/index.html", b"sub").start()
}

/// Sends a request line with an `Origin`, unless it is empty, and further header lines.
fn ask(gateway: &Gateway, host: &str, line: &str, origin: &str, headers: &str) -> Reply {
    let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
    gateway.raw(format!("{line} HTTP/1.1\r\nHost: {host}\r\n{origin}{headers}\r\n").as_bytes())
}

fn preflight(gateway: &Gateway, host: &str, origin: &str, method: &str) -> Reply {
    ask(gateway, host, "OPTIONS /_", origin, &format!("Access-Control-Request-Method: {method}\r\n"))
}

/// The headers of CORS, without their common start, in the order of names.
fn cors(reply: &Reply) -> Vec<(&str, &str)> {
    let headers = reply.headers.iter();
    let mut found: Vec<_> =
        headers.filter_map(|(name, value)| Some((name.strip_prefix("access-control-")?, value.as_str()))).collect();
    found.sort_unstable();
    found
}

/// The names in all `Vary` headers, in lower case.
fn vary(reply: &Reply) -> Vec<String> {
    let values = reply.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value);
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// What replies other than to preflights say to pages of `full.example`'s one origin.
const FULL: &[(&str, &str)] =
    &[("allow-credentials", "true"), ("allow-origin", APP), ("expose-headers", "ETag, X-Request-Id")];
const NONE: &[(&str, &str)] = &[];

#[test]
fn a_preflight_of_a_listed_origin_is_told_what_it_may_do() {
    const PLAIN: [(&str, &str); 3] =
        [("allow-headers", "Content-Type"), ("allow-methods", "GET, HEAD, POST"), ("max-age", "600")];
    let gateway = start();
    for (host, origin, method) in [
        ("plain.example", APP, "GET"),
        ("plain.example", APP, "HEAD"),
        ("plain.example", "http://localhost:3000", "POST"),
    ] {
        let reply = preflight(&gateway, host, origin, method);
        assert_eq!((reply.status, reply.header("vary"), reply.body.len()), (204, Some(VARY), 0), "{origin} {method}");
        let [headers, methods, age] = PLAIN;
        assert_eq!(cors(&reply), [headers, methods, ("allow-origin", origin), age], "{origin} {method}");
    }
    for method in ["GET", "PUT"] {
        let reply = preflight(&gateway, "full.example", APP, method);
        let expected = [
            ("allow-credentials", "true"),
            ("allow-headers", "Content-Type, X-Token"),
            ("allow-methods", "GET, PUT"),
            ("allow-origin", APP),
            ("max-age", "3600"),
        ];
        assert_eq!((reply.status, cors(&reply).as_slice()), (204, &expected[..]), "{method}");
    }
    // To all of them, even those without a name; and no header beyond those that are always allowed.
    for origin in [APP, "https://other.example", "null"] {
        let reply = preflight(&gateway, "any.example", origin, "POST");
        let expected = [("allow-methods", "GET, HEAD, POST"), ("allow-origin", "*"), ("max-age", "600")];
        assert_eq!((reply.status, cors(&reply).as_slice()), (204, &expected[..]), "{origin}");
    }
}

#[test]
fn a_preflight_that_may_do_nothing_is_told_nothing() {
    let gateway = start();
    for (host, origin, method) in [
        ("plain.example", "https://other.example", "GET"),
        ("plain.example", "null", "GET"),
        ("plain.example", "*", "GET"),
        ("plain.example", "http://app.example.org", "GET"),
        ("plain.example", "https://app.example.org:8443", "GET"),
        ("plain.example", "https://app.example.org/", "GET"),
        ("plain.example", "https://app.example.org.evil.example", "GET"),
        ("plain.example", "https://evil.example/https://app.example.org", "GET"),
        ("plain.example", "https://evilapp.example.org", "GET"),
        ("plain.example", "https://appXexample.org", "GET"),
        ("plain.example", "https://app.example.org, https://evil.example", "GET"),
        ("plain.example", "https://app.example.org https://evil.example", "GET"),
        ("plain.example", "localhost:3000", "GET"),
        ("plain.example", "http://localhost", "GET"),
        ("plain.example", APP, "PUT"),
        ("plain.example", APP, "get"),
        ("plain.example", APP, "GET, HEAD"),
        ("plain.example", APP, "*"),
        ("full.example", APP, "POST"),
        ("full.example", "https://evil.example", "GET"),
        ("any.example", APP, "DELETE"),
    ] {
        let reply = preflight(&gateway, host, origin, method);
        assert_eq!((reply.status, reply.header("vary")), (204, Some(VARY)), "{host} {origin} {method}");
        assert_eq!(cors(&reply), NONE, "{host} {origin} {method}");
    }
}

#[test]
fn a_preflight_is_answered_wherever_it_leads() {
    let gateway = start();
    let method = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: x-token, content-type\r\n";
    for target in ["/", "/a.txt", "/none", "/away", "/_/cmd/none", "/gws-client/x", "/%zz", "/a.txt?b"] {
        let reply = ask(&gateway, "full.example", &format!("OPTIONS {target}"), APP, method);
        assert_eq!((reply.status, cors(&reply).len()), (204, 5), "{target}");
        assert_eq!((reply.header("content-length"), reply.header("content-type")), (None, None), "{target}");
    }
    // The connection is in step.
    let mut connection = gateway.connect();
    let options = format!("OPTIONS / HTTP/1.1\r\nHost: full.example\r\nOrigin: {APP}\r\n{method}\r\n");
    assert_eq!(connection.send(options.as_bytes()).reply().unwrap().status, 204);
    let next = connection.send(b"GET /a.txt HTTP/1.1\r\nHost: full.example\r\n\r\n").reply().unwrap();
    assert_eq!((next.status, next.text()), (200, "a"));
}

#[test]
fn other_requests_with_options_are_no_preflights() {
    let gateway = start();
    let method = "Access-Control-Request-Method: GET\r\n";
    for (host, origin, headers, expected) in [
        ("full.example", "", method, NONE),
        ("full.example", APP, "", FULL),
        ("full.example", APP, "Access-Control-Request-Headers: x\r\n", FULL),
        ("none.example", APP, method, NONE),
    ] {
        for target in ["/a.txt", "/_"] {
            let reply = ask(&gateway, host, &format!("OPTIONS {target}"), origin, headers);
            assert_eq!((reply.status, reply.header("allow")), (400, Some("GET, HEAD, POST")), "{host} {target}");
            assert_eq!(cors(&reply), expected, "{host} {target} {headers}");
        }
    }
    // A preflight does not make a site where there is none, nor a request well-formed.
    assert_eq!(preflight(&gateway, "nowhere.example", APP, "GET").status, 421);
    let two = ask(&gateway, "full.example", "OPTIONS /", APP, &format!("Host: full.example\r\n{method}"));
    assert_eq!((two.status, cors(&two).len()), (400, 0));
}

/// A request line, header lines, and the status: one reply of each kind.
const KINDS: &[(&str, &str, u16)] = &[
    ("GET /a.txt", "", 200),
    ("GET /a.txt", "Range: bytes=0-0\r\n", 206),
    ("GET /a.txt", "If-None-Match: *\r\n", 304),
    ("GET /a.txt", "If-Match: \"x\"\r\n", 412),
    ("GET /a.txt", "Range: bytes=9-\r\n", 416),
    ("GET /sub", "", 308),
    ("GET /none", "", 404),
    ("GET /none", "Accept: text/html\r\n", 404),
    ("GET /gws-client/x", "", 404),
    ("GET /%zz", "", 400),
    ("PUT /a.txt", "", 400),
    ("GET /_/cmd/exampleHttpGetHello/color/x", "", 200),
    ("GET /_/cmd/exampleHttpGetHello", "", 400),
    ("GET /_/cmd/none", "", 404),
    ("GET /_/cmd/probeHttpGetContent", "", 200),
    ("GET /_/cmd/probeHttpGetRedirect/to/x", "", 302),
    ("GET /_/cmd/probeHttpGetStream?chunks=1&size=1", "", 200),
    ("POST /_/cmd/probeNothing", "Content-Length: 0\r\n", 204),
    ("POST /_/cmd/probePanic", "Content-Length: 0\r\n", 500),
];

#[test]
fn every_other_reply_says_who_may_read_it() {
    let gateway = start();
    for (line, headers, status) in KINDS {
        let get = |host: &str, origin: &str| {
            let reply = ask(&gateway, host, line, origin, headers);
            assert_eq!(reply.status, *status, "{line} {headers}");
            reply
        };
        for origin in ["", "null", "https://evil.example", "http://localhost", "https://app.example.org.evil.example"] {
            for host in ["plain.example", "full.example"] {
                let reply = get(host, origin);
                assert_eq!(cors(&reply), NONE, "{line} of {origin}");
                // A cache must not give this to the listed one.
                assert!(vary(&reply).contains(&"origin".to_owned()), "{line}: {reply:?}");
            }
        }
        let (plain, full, any) = (get("plain.example", APP), get("full.example", APP), get("any.example", "null"));
        assert_eq!(cors(&plain), [("allow-origin", APP)], "{line}");
        assert_eq!(cors(&full), FULL, "{line}");
        assert_eq!(cors(&any), [("allow-origin", "*")], "{line}");
        for reply in [&plain, &full] {
            assert!(vary(reply).contains(&"origin".to_owned()), "{line}: {reply:?}");
        }
        // What is the same for all need not vary; and what varied before still does.
        assert!(!vary(&any).contains(&"origin".to_owned()), "{line}: {any:?}");
        let before = vary(&get("none.example", APP));
        assert!(
            before.iter().all(|name| vary(&plain).contains(name) && vary(&any).contains(name)),
            "{line}: {before:?}"
        );
        assert_eq!(cors(&get("none.example", APP)), NONE, "{line}");
    }
    let away = ask(&gateway, "plain.example", "GET /away", APP, "");
    assert_eq!((away.status, cors(&away)), (302, vec![("allow-origin", APP)]));
    let nowhere = ask(&gateway, "nowhere.example", "GET /", APP, "");
    assert_eq!((nowhere.status, cors(&nowhere)), (421, vec![]));
}

#[test]
fn credentials_for_everybody_are_a_mistake() {
    let cors = "[sites.cors]\norigins = [\"*\"]\ncredentials = true\n";
    let said = Setup::new().sites_and_actions(&format!("[[sites]]\n{cors}")).refused();
    assert!(said.contains(": sites[0].cors") && said.trim_end().lines().count() == 1, "{said}");
}

#[test]
fn settings_that_could_never_work_are_mistakes() {
    for (line, named) in [
        ("methods = [\"*\"]", "sites[0].cors.methods[0]"),
        ("methods = [\"GET\", \"NO GOOD\"]", "sites[0].cors.methods[1]"),
        ("headers = [\"*\"]\ncredentials = true", "sites[0].cors.headers[0]"),
        ("origins = [\"https://*.example\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"https://a.example?x\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"https://a.example:\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"https://a.example/\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"https://a.example:443\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"https://A.example\"]", "sites[0].cors.origins[0]"),
        ("origins = [\"a.example\"]", "sites[0].cors.origins[0]"),
    ] {
        let origins = if line.starts_with("origins") { "" } else { "origins = [\"https://a.example\"]\n" };
        let said = Setup::new().sites_and_actions(&format!("[[sites]]\n[sites.cors]\n{origins}{line}\n")).refused();
        assert!(said.contains(named) && said.trim_end().lines().count() == 1, "{line}: {said}");
    }
    let fine = "origins = [\"https://a.example:8443\", \"http://[::1]:8000\"]\nheaders = [\"*\"]\n";
    let gateway = Setup::new().sites_and_actions(&format!("[[sites]]\n[sites.cors]\n{fine}")).start();
    assert_eq!(gateway.get("/").header("access-control-allow-origin"), None);
}
