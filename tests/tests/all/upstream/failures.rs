//! What if another server fails, and what is sent once more.

use super::*;

#[test]
fn a_server_that_fails_is_a_502() {
    let backend = Backend::start(|exchange| {
        let reply: &[u8] = match exchange.head.target() {
            "/geo/garbage" => b"hello, this is no HTTP\r\n\r\n",
            "/geo/status" => b"HTTP/1.1 abc OK\r\n\r\n",
            "/geo/half" => b"HTTP/1.1 200 OK\r\nContent-Le",
            _ => b"",
        };
        exchange.send(reply);
        exchange.close();
    });
    // No server listens on port 1.
    let gateway = start("", &backend, &proxy("/nowhere", "http://127.0.0.1:1"));
    for target in ["/geo/garbage", "/geo/status", "/geo/half", "/geo/silent", "/nowhere", "/nowhere/x"] {
        for (method, body) in [("GET", &b""[..]), ("POST", b"a body")] {
            let reply = gateway.raw(&request(method, target, &[], body));
            assert_eq!(reply.status, 502, "{method} {target}");
            // This is the gateway's own reply, so it has what those have; and it says nothing of where it wanted to go.
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{method} {target}");
            assert!(!reply.info().contains("127.0.0.1"), "{}", reply.info());
        }
    }
    gateway.assert_well();
}

#[test]
fn a_server_that_is_silent_is_a_504() {
    let backend = Backend::start(|exchange| {
        exchange.body();
        exchange.wait_for_end();
    });
    let gateway = start("", &backend, "timeout = \"300ms\"\n");
    for (method, header, body) in [
        ("GET", "Accept: */*", &b""[..]),
        ("POST", "Accept: */*", b"a body"),
        // An upgrade that is not passed on is no reason to wait for ever.
        ("GET", "Connection: Upgrade\r\nUpgrade: h2c", b""),
    ] {
        let reply = gateway.raw(&request(method, "/geo", &[header], body));
        assert_eq!(reply.status, 504, "{method} {header}");
        reply.error();
    }
    // Each was sent once: the server may be at work on it.
    assert_eq!(backend.heads().len(), 3);
}

#[test]
fn half_a_reply_is_not_passed_for_a_whole_one() {
    let backend = Backend::start(|exchange| {
        let target = exchange.head.target().to_owned();
        let (framing, body) = match target.contains("chunks") {
            true => ("Transfer-Encoding: chunked", "5\r\nxxxxx\r\n"),
            false => ("Content-Length: 100000", "xxxxx"),
        };
        exchange.send(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{body}").as_bytes());
        if target.contains("silent") { exchange.wait_for_end() } else { exchange.close() }
    });
    let gateway = start("", &backend, "timeout = \"300ms\"\n");
    for target in ["/geo/chunks/silent", "/geo/chunks/close", "/geo/length/silent", "/geo/length/close"] {
        let mut seen = Vec::new();
        let end = dial(&gateway, &request("GET", target, &[], b"")).read_to_end(&mut seen);
        let text = String::from_utf8_lossy(&seen);
        // A reset is an end as well, but silence is none.
        let silent = end.is_err_and(|e| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert!(!silent, "{target}: {text}");
        let ended = text.ends_with("\r\n0\r\n\r\n") || text.len() >= 100_000;
        assert!(!(text.starts_with("HTTP/1.1 200 ") && ended), "{target}: {text}");
    }
    gateway.assert_well();
}

#[test]
fn only_what_is_safe_to_repeat_is_sent_again() {
    // It closes kept connections at the second request, as servers do whose patience ends at that moment.
    let backend = Backend::start(|exchange| {
        exchange.body();
        if exchange.head.request == 0 { exchange.reply(200, &[], b"ok") } else { exchange.close() }
    });
    let gateway = start("", &backend, "");
    for (method, body, again, status) in [("GET", &b""[..], true, 200), ("POST", b"a body", false, 502)] {
        let deadline = Instant::now() + LONG;
        // Until the gateway has used a kept connection for it.
        for number in 0.. {
            let target = format!("/geo/{method}/{number}");
            let reply = gateway.raw(&request(method, &target, &[], body));
            let heads: Vec<_> = backend.heads().into_iter().filter(|head| head.target() == target).collect();
            if heads[0].request > 0 {
                assert_eq!((reply.status, heads.len() > 1), (status, again), "{method}");
                break;
            }
            assert_eq!((reply.status, heads.len()), (200, 1), "{method}");
            assert!(Instant::now() < deadline, "no connection is kept");
        }
    }
}

#[test]
fn a_name_is_looked_up_and_all_its_addresses_are_tried() {
    // `localhost` is 127.0.0.1 on every machine, and `::1` before it on most: there, nobody listens.
    let backend = plain("ok");
    let port = backend.url().rsplit(':').next().unwrap().to_owned();
    let names =
        format!("{}{}", proxy("/name", &format!("http://localhost:{port}")), proxy("/none", "http://nothing.invalid"));
    let gateway = start("", &backend, &names);
    for _ in 0..3 {
        assert_eq!(gateway.get("/name").text(), "ok");
    }
    assert_eq!(gateway.get("/none").status, 502);
}
