//! Request bodies: limits, chunks, `Expect`, early ends.

use serde_json::json;
use wicketgate_tests::{Setup, request};

const HELLO: &[u8] = br#"{"cmd": "exampleHello", "params": {"color": "blue"}}"#;

/// A hello whose body has exactly this length.
fn hello_of(length: usize) -> Vec<u8> {
    let mut body = HELLO.to_vec();
    body.resize(length, b' ');
    body
}

#[test]
fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let gateway = Setup::new().server("limits.body = \"1KiB\"\n").start();
    assert_eq!(gateway.post("application/json", &hello_of(1024)).status, 200);
    let reply = gateway.post("application/json", &hello_of(1025));
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    assert!(reply.info().contains("1024 bytes"), "{}", reply.info());
    gateway.assert_well();
}

#[test]
fn ten_megabytes_are_the_default() {
    let gateway = Setup::new().start();
    assert_eq!(gateway.post("application/json", &hello_of(10_000_000)).status, 200);
    // The client is still sending when the answer comes, and sees it all the same.
    assert_eq!(gateway.post("application/json", &hello_of(10_000_001)).status, 413);
    gateway.assert_well();
}

#[test]
fn a_length_that_is_only_claimed_is_refused_at_once() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    connection
        .send(b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n");
    assert_eq!(connection.reply().unwrap().status, 413);
    gateway.assert_well();
}

#[test]
fn chunks_are_joined_and_limited() {
    let gateway = Setup::new().server("limits.body = \"1KiB\"\n").start();
    let chunked = |body: &[u8], size: usize| {
        let mut bytes =
            b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                .to_vec();
        for chunk in body.chunks(size) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    };
    // A chunked body may end elsewhere for a server in front, so that nothing is read after it.
    assert_eq!(gateway.raw(&chunked(HELLO, 9)).header("connection"), Some("close"));
    for size in [1, 7, 100, 2000] {
        assert_eq!(gateway.raw(&chunked(&hello_of(1024), size)).status, 200, "chunks of {size}");
        assert_eq!(gateway.raw(&chunked(&hello_of(1025), size)).status, 413, "chunks of {size}");
    }
    gateway.assert_well();
}

#[test]
fn a_body_in_pieces_is_waited_for() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    let bytes = request("POST", "/_", &["Content-Type: application/json"], HELLO);
    for piece in bytes.chunks(17) {
        connection.send(piece);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(connection.reply().unwrap().status, 200);
}

#[test]
fn expect_continue_is_answered_before_the_body_is_read() {
    let gateway = Setup::new().server("limits.body = \"1KiB\"\n").start();
    let head = |length: usize| {
        format!(
            "POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let mut connection = gateway.connect();
    connection.send(head(HELLO.len()).as_bytes());
    assert_eq!(connection.reply().unwrap().status, 100);
    assert_eq!(connection.send(HELLO).reply().unwrap().status, 200);
    // Too large: the client is told so before it sends a byte.
    let mut connection = gateway.connect();
    connection.send(head(5000).as_bytes());
    assert_eq!(connection.reply().unwrap().status, 413);
    assert!(connection.is_closed());
}

#[test]
fn an_early_end_of_the_body_harms_nobody() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    connection
        .send(b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"cmd\":");
    drop(connection);
    gateway.assert_well();
}

#[test]
fn a_get_with_a_body_is_answered() {
    let gateway = Setup::new().start();
    let bytes = b"GET /_/cmd/exampleHttpGetHello/color/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(gateway.raw(bytes).status, 200);
    assert_eq!(gateway.json("exampleHello", &json!({"color": "x"})).status, 200);
}
