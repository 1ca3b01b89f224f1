//! Which requests are commands, which are files, and which are neither.

use std::fs;

use serde_json::json;
use wicketgate_tests::{Setup, request};

#[test]
fn one_normalised_path_decides() {
    let gateway = Setup::new().file("index.html", b"home").file("a/b.txt", b"b").file("a b/ä.txt", b"umlaut").start();
    let command = [
        "/_/cmd/exampleHttpGetHello/color/x",
        "/%5f/cmd/exampleHttpGetHello/color/x",
        "//_/cmd/exampleHttpGetHello/color/x",
        "/./_/cmd/exampleHttpGetHello/color/x",
        "/x/../_/cmd/exampleHttpGetHello/color/x",
        "/x/%2e%2e/_/cmd/exampleHttpGetHello/color/x",
        "/_//cmd//exampleHttpGetHello/color/x",
        "/_/cmd/exampleHttpGetHello/color/x/",
        "/a/../_/../_/cmd/exampleHttpGetHello/color/x",
    ];
    for target in command {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{target}");
    }
    for (target, content) in [
        ("/", "home"),
        ("//", "home"),
        ("/.", "home"),
        ("/a/..", "home"),
        ("/index.html", "home"),
        ("/a/b.txt", "b"),
        ("//a//b.txt", "b"),
        ("/a/./b.txt", "b"),
        ("/a/c/../b.txt", "b"),
        ("/%61/b%2etxt", "b"),
        ("/a%20b/%C3%A4.txt", "umlaut"),
    ] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (200, content), "{target}");
    }
}

#[test]
fn a_path_that_makes_no_sense_is_400() {
    let gateway = Setup::new().file("index.html", b"home").start();
    for target in [
        "/..",
        "/../x",
        "/a/../../x",
        "/%2e%2e/x",
        "/a/%2E%2E/%2e./x",
        "/%00",
        "/a%00.html",
        "/%ff",
        "/%c0%ae%c0%ae/x",
        "/%",
        "/%4",
        "/%zz",
        "/%u002e",
    ] {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 400, "{target}");
        assert!(reply.info().starts_with("malformed path"), "{target}: {}", reply.info());
    }
    gateway.assert_well();
}

#[test]
fn a_file_never_shadows_a_command() {
    let gateway = Setup::new()
        .file("_/index.html", b"shadow")
        .file("_/cmd/exampleHttpGetHello/color/x", b"shadow")
        .file("_private.txt", b"shadow")
        .start();
    fs::write(gateway.www().join("_x"), b"shadow").unwrap();
    assert_eq!(gateway.get("/_/cmd/exampleHttpGetHello/color/x").header("content-type"), Some("application/json"));
    for (target, status) in
        [("/_", 400), ("/_/", 400), ("/_/index.html", 400), ("/_private.txt", 404), ("/_x", 404), ("/%5Fx", 404)]
    {
        let reply = gateway.get(target);
        assert_eq!(reply.status, status, "{target}");
        reply.error();
    }
}

#[test]
fn other_methods_are_400_and_say_which_are_allowed() {
    let gateway = Setup::new().file("index.html", b"home").start();
    for (method, target) in [
        ("POST", "/"),
        ("POST", "/index.html"),
        ("POST", "/nothing"),
        ("PUT", "/"),
        ("DELETE", "/index.html"),
        ("OPTIONS", "/"),
        ("PATCH", "/_"),
        ("PUT", "/_/cmd/exampleHello"),
        ("DELETE", "/_"),
        ("OPTIONS", "/_"),
        ("TRACE", "/"),
        ("BREW", "/pot"),
    ] {
        let reply = gateway.raw(&request(method, target, &[], b""));
        assert_eq!((reply.status, reply.header("allow")), (400, Some("GET, HEAD, POST")), "{method} {target}");
        reply.error();
    }
}

#[test]
fn head_is_get_without_the_body() {
    let gateway = Setup::new().file("index.html", b"home").start();
    for target in ["/", "/_/cmd/exampleHttpGetHello/color/x", "/nothing", "/_/cmd/nothing"] {
        let got = gateway.get(target);
        let mut connection = gateway.connect();
        let head = connection.send(&request("HEAD", target, &[], b"")).reply_to_head().unwrap();
        assert_eq!(
            (head.status, head.header("content-length")),
            (got.status, got.header("content-length")),
            "{target}"
        );
        assert_eq!(head.header("content-type"), got.header("content-type"), "{target}");
        // Nothing followed the head: the connection is in step.
        let next = connection.send(&request("GET", "/", &[], b"")).reply().unwrap();
        assert_eq!((next.status, next.text()), (200, "home"), "{target}");
    }
}

#[test]
fn a_command_answers_its_own_verb_only() {
    let gateway = Setup::new().start();
    assert_eq!(gateway.get("/_/cmd/exampleHello/color/x").status, 404);
    assert_eq!(gateway.json("exampleHttpGetHello", &json!({"color": "x"})).status, 404);
    let head = gateway.connect().send(&request("HEAD", "/_/cmd/exampleHello/color/x", &[], b"")).reply_to_head();
    assert_eq!(head.unwrap().status, 404);
}
