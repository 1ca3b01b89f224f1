//! One connection, whoever answers its requests: files are answered beside pingora, all else by it, and a client can't tell.

use std::{thread::sleep, time::Duration};

use serde_json::json;
use wicketgate_tests::{Gateway, Reply, Setup, request};

const COMMAND: &[u8] = br#"{"cmd":"exampleHello","params":{"color":"blue"}}"#;
const HELLO: &str = r#"{"message":"<font color=blue>Hi, Guest</font>"}"#;

fn start() -> Gateway {
    Setup::new().file("a.txt", b"content").file("index.html", b"page").file("large.bin", &vec![7; 3_000_000]).start()
}

fn command() -> Vec<u8> {
    request("POST", "/_", &["Content-Type: application/json"], COMMAND)
}

#[test]
fn files_and_commands_take_turns() {
    let gateway = start();
    let mut connection = gateway.connect();
    for _ in 0..20 {
        assert_eq!(connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap().text(), "content");
        assert_eq!(connection.send(&command()).reply().unwrap().text(), HELLO);
        assert_eq!(connection.send(&request("HEAD", "/a.txt", &[], b"")).reply_to_head().unwrap().status, 200);
        let soft =
            connection.send(&request("GET", "/%5f/cmd/exampleHttpGetHello/color/red", &[], b"")).reply().unwrap();
        assert_eq!((soft.status, soft.header("content-type")), (501, Some("application/json")));
        assert_eq!(connection.send(&request("GET", "/none", &[], b"")).reply().unwrap().status, 404);
        assert_eq!(connection.send(&request("DELETE", "/a.txt", &[], b"")).reply().unwrap().status, 400);
        assert_eq!(connection.send(&request("GET", "/large.bin", &[], b"")).reply().unwrap().body.len(), 3_000_000);
    }
}

#[test]
fn requests_that_are_sent_ahead_are_answered_in_order() {
    let gateway = start();
    let file = request("GET", "/a.txt", &[], b"");
    let (missing, page, large) =
        (request("GET", "/none", &[], b""), request("GET", "/", &[], b""), request("GET", "/large.bin", &[], b""));
    let slow = json!({"cmd": "probeSleep", "params": {"ms": 200}}).to_string();
    let slow = request("POST", "/_", &["Content-Type: application/json"], slow.as_bytes());
    let row = [&file[..], &command(), &file, &missing, &slow, &page, &command(), &command(), &large, &file].concat();
    // At once, and in pieces that end anywhere.
    for size in [row.len(), 1, 7, 64, 333] {
        let mut connection = gateway.connect();
        for piece in row.chunks(size) {
            connection.send(piece);
        }
        let mut reply = || connection.reply().unwrap();
        assert_eq!(reply().text(), "content", "{size}");
        assert_eq!(reply().text(), HELLO);
        assert_eq!(reply().text(), "content");
        assert_eq!(reply().status, 404);
        assert_eq!(reply().status / 100, 2);
        assert_eq!(reply().text(), "page");
        assert_eq!((reply().text(), reply().text()), (HELLO, HELLO));
        assert_eq!((reply().body.len(), reply().text()), (3_000_000, "content"));
    }
}

#[test]
fn a_body_ends_where_it_says() {
    let gateway = start();
    // What looks like a request is the body of one.
    let inner = request("GET", "/a.txt", &[], b"");
    let outer = request("POST", "/_", &["Content-Type: text/plain"], &inner);
    let mut connection = gateway.connect();
    connection.send(&[&outer[..], &request("GET", "/", &[], b"")].concat());
    assert_eq!(connection.reply().unwrap().status, 415);
    assert_eq!(connection.reply().unwrap().text(), "page");
    // A GET may have one as well.
    let with_body = request("GET", "/a.txt", &[], &inner);
    let mut connection = gateway.connect();
    connection.send(&[&with_body[..], &request("GET", "/", &[], b"")].concat());
    assert_eq!(connection.reply().unwrap().text(), "content");
    if let Some(reply) = connection.reply() {
        assert_eq!(reply.text(), "page");
    }
    // Of this body nobody but the gateway knows where it ends: nothing after it counts.
    let mut connection = gateway.connect();
    connection.send(b"POST /_ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(connection.reply().unwrap().status, 415);
    assert!(connection.send(&inner).is_closed());
}

/// The status of a reply, and whether the connection ends with it.
fn connection_of(gateway: &Gateway, target: &str, headers: &[&str]) -> (u16, bool) {
    let mut connection = gateway.connect();
    let status = connection.send(&request("GET", target, headers, b"")).reply().unwrap().status;
    (status, connection.is_closed())
}

#[test]
fn the_last_request_is_the_last() {
    let gateway = start();
    for target in ["/a.txt", "/none", "/large.bin", "/_/cmd/exampleHttpGetHello/color/blue"] {
        let mut connection = gateway.connect();
        for _ in 0..3 {
            let reply = connection.send(&request("GET", target, &[], b"")).reply().unwrap();
            assert_ne!(reply.header("connection"), Some("close"), "{target}");
        }
        let last = connection.send(&request("GET", target, &["Connection: close"], b"")).reply().unwrap();
        assert_eq!(last.header("connection"), Some("close"), "{target}");
        assert!(connection.is_closed(), "{target}");
        let two = ["Connection: keep-alive", "Connection: close"];
        assert_eq!(connection_of(&gateway, target, &two).0, last.status, "{target}");
        assert!(connection_of(&gateway, target, &two).1, "{target}");
        let old = gateway.raw(format!("GET {target} HTTP/1.0\r\n\r\n").as_bytes());
        assert_eq!(old.status, last.status, "{target}");
    }
}

#[test]
fn a_head_that_is_large_or_odd_is_read_all_the_same() {
    let gateway = start();
    let mut connection = gateway.connect();
    let (cookie, many) =
        (format!("Cookie: {}", "x".repeat(50_000)), (0..100).map(|n| format!("X-{n}: y")).collect::<Vec<_>>());
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for headers in
        [&[&cookie[..]][..], &many, &["Connection: keep-alive, x"], &["X:"], &["Upgrade: h2c", "Connection: Upgrade"]]
    {
        for target in ["/a.txt", "/a.txt?q", "/%61.txt"] {
            let reply = connection.send(&request("GET", target, headers, b"")).reply().unwrap();
            assert_eq!((reply.status, reply.text()), (200, "content"), "{headers:?}");
        }
        assert_eq!(connection.send(&command()).reply().unwrap().text(), HELLO);
    }
    // Begun long before it ends.
    let mut slow = gateway.connect();
    for piece in ["GET /a.txt HT", "TP/1.1\r\nHo", "st: x\r\n", "\r", "\n"] {
        slow.send(piece.as_bytes());
        sleep(Duration::from_millis(20));
    }
    assert_eq!(slow.reply().unwrap().text(), "content");
}

#[test]
fn the_same_is_said_whoever_says_it() {
    let gateway = start();
    let said = |reply: Reply| {
        let own = |name: &str| !matches!(name, "date" | "x-request-id" | "connection");
        let mut headers: Vec<_> = reply.headers.into_iter().filter(|(name, _)| own(name)).collect();
        headers.sort();
        (reply.status, headers, reply.body.len())
    };
    for headers in [
        &[][..],
        &["Range: bytes=1-2"],
        &["Range: bytes=9999999-"],
        &["If-None-Match: *"],
        &["If-Match: \"x\""],
        &["Accept-Encoding: gzip"],
        &["Accept: text/html"],
        &["Origin: https://a.example"],
    ] {
        for target in ["/a.txt", "/", "/none", "/.env", "/large.bin", "/%zz", "/a.txt/"] {
            // The second one is pingora's, since it may have a body.
            let [plain, with_body] = [&[][..], &["Content-Length: 0"]].map(|more| {
                let mut connection = gateway.connect();
                said(connection.send(&request("GET", target, &[headers, more].concat(), b"")).reply().unwrap())
            });
            let without_ids =
                |(status, headers, length): &(u16, Vec<(String, String)>, usize)| (*status, headers.clone(), *length);
            assert_eq!(without_ids(&plain), without_ids(&with_body), "{target} {headers:?}");
        }
    }
}

#[test]
fn each_reply_has_its_own_id_and_the_date() {
    let gateway = start();
    let mut connection = gateway.connect();
    let mut ids = std::collections::HashSet::new();
    for _ in 0..50 {
        let reply = connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap();
        assert!(ids.insert(reply.header("x-request-id").unwrap().to_owned()));
        let date = reply.header("date").unwrap();
        assert!(date.len() == 29 && date.ends_with(" GMT"), "{date}");
        assert_eq!(reply.headers.iter().filter(|(name, _)| name == "date" || name == "x-request-id").count(), 2);
    }
}

#[test]
fn connections_that_rest_take_little_memory() {
    let gateway = Setup::new().server("limits.connections = 5000\n").file("a.txt", b"content").start();
    let resident = || gateway.resident_kilobytes();
    let open = |count: usize| {
        let mut all: Vec<_> = (0..count).map(|_| gateway.connect()).collect();
        for connection in &mut all {
            connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap();
            connection.send(&command()).reply().unwrap();
        }
        all
    };
    let _warm = open(50);
    let before = resident();
    let _resting = open(400);
    let each = resident().saturating_sub(before) / 400;
    assert!(each <= 24, "{each} KB for each connection");
}
