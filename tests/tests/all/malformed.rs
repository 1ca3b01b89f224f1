//! Requests that no client sends by accident: each gets a 4xx or a closed connection, and harms nobody else.

use wicketgate_tests::Setup;

/// What is sent, and the status that must come; 0 is a close without a reply.
const CASES: &[(&str, &[u8], u16)] = &[
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("twice the same Host", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("userinfo in Host", b"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400),
    ("an empty Host", b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ("a path in Host", b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("a space in Host", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("a port that is none", b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    ("Host and URI differ", b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (
        "length and chunks",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "chunks and length",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
        400,
    ),
    ("two lengths", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400),
    ("twice the same length", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("a list of lengths", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}", 400),
    ("a signed length", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}", 400),
    ("a negative length", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n{}", 400),
    ("a length in words", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: two\r\n\r\n{}", 400),
    (
        "a length beyond all numbers",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
        400,
    ),
    ("bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ("bare LF in one line", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
    ("bare LF after the request line", b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    ("bare CR in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("NUL in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    ("NUL in the path", b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a space before the colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("a folded header", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    ("a header without a name", b"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400),
    ("a header without a colon", b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400),
    ("an unknown transfer coding", b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    (
        "chunked, but not last",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "chunked twice",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    ("chunks in HTTP/1.0", b"POST /_ HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (
        "a chunk of size 0x2",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        400,
    ),
    (
        "a chunk of endless size",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        400,
    ),
    (
        "a chunk longer than it says",
        b"POST /_ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
        400,
    ),
    ("two spaces after the method", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a tab in the request line", b"GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("two versions", b"GET / HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("no version", b"GET /\r\nHost: a\r\n\r\n", 400),
    ("an unknown version", b"GET / HTTP/3.7\r\nHost: a\r\n\r\n", 400),
    ("a version in small letters", b"GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    ("no method", b" / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a method that is no token", b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a relative path", b"GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405),
    ("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ("HTTP/2 without agreement", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
];

#[test]
fn each_gets_a_4xx_and_the_gateway_lives() {
    let gateway = Setup::new().file("index.html", b"home").start();
    assert!(CASES.len() >= 30);
    let mut wrong = Vec::new();
    for (name, bytes, expected) in CASES {
        let mut connection = gateway.connect();
        let status = connection.send(bytes).reply().map_or(0, |reply| reply.status);
        if status != *expected {
            wrong.push(format!("{name}: {status} instead of {expected}"));
        }
        // Whatever was sent after it is not taken for a request.
        if *expected == 400 && !connection.is_closed() {
            wrong.push(format!("{name}: the connection stays open"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    gateway.assert_well();
}

#[test]
fn what_the_gateway_refuses_itself_is_explained() {
    let gateway = Setup::new().start();
    for (bytes, word) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "Host"),
        (b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "both"),
        (b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}", "more than once"),
        (b"GET / HTTP/1.1\nHost: a\n\n", "bare LF"),
    ] {
        let reply = gateway.raw(bytes);
        assert!(reply.info().contains(word), "{}", reply.info());
        assert_eq!(reply.header("connection"), Some("close"));
    }
}

#[test]
fn half_a_request_bothers_nobody() {
    let gateway = Setup::new().start();
    let mut waiting = Vec::new();
    for bytes in
        [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST /_ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"]
    {
        let mut connection = gateway.connect();
        connection.send(bytes);
        waiting.push(connection);
        gateway.assert_well();
    }
}

#[test]
fn http_1_0_needs_no_host() {
    let gateway = Setup::new().file("index.html", b"home").start();
    let reply = gateway.raw(b"GET / HTTP/1.0\r\n\r\n");
    assert_eq!((reply.status, reply.text()), (200, "home"));
}
