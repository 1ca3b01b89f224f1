//! `fallback`: the page of a single-page application answers for files that do not exist, and for nothing else
//!.

use std::{fs, os::unix::fs::symlink};

use wicketgate_tests::{Setup, request};

const ACTIONS: &str = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";

fn setup(fallback: &str) -> Setup {
    let toml = format!("[[sites]]\nroot = \"www\"\nfallback = {fallback:?}\n{ACTIONS}");
    Setup::new()
        .sites_and_actions(&toml)
        .file("index.html", b"the page")
        .file("app/page.html", b"the other page")
        .file("a.txt", b"a")
        .file("sub/index.html", b"sub")
        .file("empty/x", b"x")
        .file(".env", b"secret")
        .file("_x/y.txt", b"secret")
}

#[test]
fn the_page_answers_for_what_does_not_exist() {
    let gateway = setup("index.html").start();
    let long = format!("/{}", "x".repeat(8000));
    for target in [
        "/none",
        "/none.js",
        "/none/such/",
        "/none?a=b",
        "/a.txt/b",
        "/sub/none.html",
        "/empty/",
        "/a%2Ftxt",
        "/a.txt%20",
        "/x%0Ay",
        "/%252e%252e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%C3%A4",
        &long,
    ] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (200, "the page"), "{target}");
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{target}");
    }
    // What exists is served as ever.
    for (target, expected) in [("/", "the page"), ("/a.txt", "a"), ("/sub/", "sub")] {
        assert_eq!(gateway.get(target).text(), expected, "{target}");
    }
    let folder = gateway.get("/sub?a=b");
    assert_eq!((folder.status, folder.header("location")), (308, Some("/sub/?a=b")));
    gateway.assert_well();
}

#[test]
fn the_page_is_a_static_file() {
    let gateway = setup("app/page.html").start();
    let whole = gateway.get("/none");
    assert_eq!((whole.status, whole.text()), (200, "the other page"));
    let etag = whole.header("etag").unwrap();
    assert_eq!(gateway.get("/app/page.html").header("etag"), Some(etag));
    assert_eq!(gateway.raw(&request("GET", "/x", &[&format!("If-None-Match: {etag}")], b"")).status, 304);
    let part = gateway.raw(&request("GET", "/x", &["Range: bytes=0-2"], b""));
    assert_eq!((part.status, part.text()), (206, "the"));
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/none", &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length"), head.header("etag")), (200, Some("14"), Some(etag)));
    assert_eq!(connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap().text(), "a");
    // It does not stand for the root, which has an index of its own.
    assert_eq!(gateway.get("/").text(), "the page");
}

#[test]
fn the_page_answers_for_nothing_but_files() {
    let gateway = setup("index.html").start();
    for (method, target, status) in [
        ("POST", "/none", 400),
        ("PUT", "/a.txt", 400),
        ("DELETE", "/none", 400),
        ("OPTIONS", "/none", 400),
        ("GET", "/_", 400),
        ("GET", "/_none", 404),
        ("GET", "/%5fnone", 404),
        ("GET", "/_x/y.txt", 404),
        ("GET", "/_/cmd/none", 404),
        ("GET", "/x/../_/cmd/exampleHello/color/x", 404),
        ("POST", "/_/cmd/none", 404),
        ("GET", "/_/cmd/probeHttpGetFile?path=/none/such", 404),
        ("GET", "/gws-client/none", 404),
        ("GET", "/%zz", 400),
        ("GET", "/../none", 400),
        ("GET", "/%ff", 400),
    ] {
        let reply = gateway.raw(&request(method, target, &[], b""));
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.text());
        reply.error();
    }
    assert_eq!(gateway.get(&format!("/{}", "x".repeat(8192))).status, 414);
}

#[test]
fn what_is_hidden_stays_hidden() {
    let setup = setup("index.html");
    fs::write(setup.dir().join("secret.txt"), b"secret").unwrap();
    symlink("../secret.txt", setup.www().join("up.txt")).unwrap();
    symlink("loop", setup.www().join("loop")).unwrap();
    let gateway = setup.start();
    for target in ["/.env", "/%2eenv", "/up.txt", "/loop", "/none/../.env", "/.git/config"] {
        let reply = gateway.get(target);
        // Whether it exists is not told either.
        assert_eq!((reply.status, reply.text()), (200, "the page"), "{target}");
    }
}

#[test]
fn a_page_that_is_gone_or_leads_astray_is_404() {
    let gateway = setup("app/page.html").start();
    let page = gateway.www().join("app/page.html");
    fs::write(gateway.dir().join("secret.txt"), b"secret").unwrap();
    fs::remove_file(&page).unwrap();
    assert_eq!(gateway.get("/none").status, 404);
    symlink("../../secret.txt", &page).unwrap();
    let reply = gateway.get("/none");
    assert_eq!(reply.status, 404, "{}", reply.text());
    fs::remove_file(&page).unwrap();
    fs::create_dir(&page).unwrap();
    let reply = gateway.get("/none");
    assert_eq!((reply.status, reply.header("location")), (404, None), "a folder is no page");
    fs::remove_dir(&page).unwrap();
    fs::write(&page, b"back").unwrap();
    assert_eq!(gateway.get("/none").text(), "back");
}

#[test]
fn each_site_has_its_own_and_rules_come_first() {
    let toml = format!(
        "[[sites]]\nhost = \"a.example\"\nroot = \"www\"\nfallback = \"index.html\"\n\
         rewriteRules = [{{ pattern = '^/old/(.*)$', target = '/$1' }}, {{ pattern = '^/away', target = 'https://b.example/' }}]\n\
         [[sites]]\nroot = \"www\"\n{ACTIONS}"
    );
    let gateway = setup("index.html").sites_and_actions(&toml).start();
    let ask = |host: &str, target: &str| {
        let reply = gateway.raw(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        (reply.status, reply.text().to_owned())
    };
    assert_eq!(ask("a.example", "/none"), (200, "the page".to_owned()));
    assert_eq!(ask("a.example", "/old/none"), (200, "the page".to_owned()));
    assert_eq!(ask("a.example", "/old/a.txt"), (200, "a".to_owned()));
    assert_eq!(ask("a.example", "/old/_none").0, 404);
    assert_eq!(ask("a.example", "/away").0, 302);
    assert_eq!(ask("b.example", "/none").0, 404);
}

#[test]
fn a_fallback_that_is_no_file_below_the_root_is_a_mistake() {
    for fallback in [".env", "../secret.txt", "app/../../secret.txt", "/etc/passwd", "none.html", "sub", ""] {
        let setup = setup(fallback);
        setup.put("secret.txt", b"secret");
        let said = setup.refused();
        assert!(said.contains("wicketgate.toml:11:1: sites[0].fallback: "), "{fallback}: {said}");
    }
}
