//! Replies that go out as they are: contents, files, redirects and streams (CONTRACT §3).

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixListener,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup, request};

const TEXT: &str = "text/plain; charset=utf-8";

/// A text as it can stand in a query, whatever is in it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn content(gateway: &Gateway, query: &str) -> Reply {
    gateway.get(&format!("/_/cmd/probeHttpGetContent?{query}"))
}

fn all<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
}

/// What every reply of a handler says, unless the handler says something else.
fn assert_dynamic(reply: &Reply) {
    let said = (all(reply, "cache-control"), all(reply, "x-content-type-options"));
    assert_eq!(said, (vec!["no-store"], vec!["nosniff"]), "{reply:?}");
}

#[test]
fn a_content_is_no_value_whatever_is_asked_for() {
    let gateway = Setup::new().start();
    let get = |accept: &str| gateway.raw(&request("GET", "/_/cmd/probeHttpGetContent", &[accept], b""));
    for reply in [
        get("Accept: */*"),
        get("Accept: application/msgpack"),
        get("Accept: text/html, application/json;q=0.5"),
        gateway.json("probeContent", &json!({})),
        gateway.msgpack("probeContent", &json!({})),
    ] {
        let said = (reply.status, reply.header("content-type"), reply.text(), reply.header("content-length"));
        assert_eq!(said, (200, Some(TEXT), "the content", Some("11")));
        assert_eq!(reply.header("content-disposition"), None);
        assert_dynamic(&reply);
    }
    let reply = gateway.json("probeContent", &json!({"mime": "image/png", "status": 203, "name": "a.png"}));
    assert_eq!((reply.status, reply.header("content-type")), (203, Some("image/png")));
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"a.png\""));
    // The handler has the last word.
    let cached = gateway.get("/_/cmd/probeHttpGetCached");
    assert_eq!((all(&cached, "cache-control"), cached.text()), (vec!["max-age=60"], "the content"));
    assert_eq!(cached.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn the_status_is_the_handler_s_if_it_can_be_one() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    for status in [200, 201, 202, 204, 304, 404, 418, 500, 503] {
        let target = format!("/_/cmd/probeHttpGetContent?status={status}");
        let reply = connection.send(&request("GET", &target, &["Accept: text/html"], b"")).reply().unwrap();
        // No page of an error takes its place; and behind 204 and 304, nothing follows.
        let text = if matches!(status, 204 | 304) { "" } else { "the content" };
        assert_eq!((reply.status, reply.text()), (status, text));
        let head = connection.send(&request("HEAD", &target, &[], b"")).reply_to_head().unwrap();
        assert_eq!((head.status, head.header("content-length")), (status, reply.header("content-length")));
    }
    // An interim reply would leave the client waiting for another one.
    for status in [0, 42, 99, 100, 101, 103, 199, 1000, 65_535] {
        let reply = content(&gateway, &format!("status={status}"));
        assert_eq!(reply.status, 500, "{status}");
        reply.error();
    }
    let log = gateway.into_log();
    assert!(log.contains("probeHttpGetContent"), "{log}");
}

#[test]
fn attachments_keep_their_names() {
    let gateway = Setup::new().start();
    for (name, expected) in [
        ("plain.txt", "attachment; filename=\"plain.txt\""),
        ("with space.txt", "attachment; filename=\"with space.txt\""),
        ("n\u{e4}me.txt", "attachment; filename=\"n_me.txt\"; filename*=UTF-8''n%C3%A4me.txt"),
        ("\u{65e5}\u{672c}.pdf", "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf"),
    ] {
        let reply = content(&gateway, &format!("name={}", encoded(name)));
        assert_eq!((reply.status, all(&reply, "content-disposition")), (200, vec![expected]), "{name}");
        assert_eq!(reply.text(), "the content");
    }
}

#[test]
fn no_name_says_more_than_a_name() {
    let gateway = Setup::new().start();
    for name in [
        "a\"b.txt",
        "a\\\"b.txt",
        "\"; filename=\"evil.exe",
        "a\r\nX-Evil: 1.txt",
        "a\nX-Evil: 1\r\n\r\n<script>",
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "%2e%2e%2fa.txt",
        "a;b=c.txt",
        "a\u{1}\u{7f}\u{1b}[31m.txt",
        "\u{e4}'\"%0d%0a; x=y.txt",
        "\u{202e}txt.exe",
        "",
    ] {
        let reply = content(&gateway, &format!("name={}", encoded(name)));
        assert_eq!((reply.status, reply.header("x-evil"), reply.text()), (200, None, "the content"), "{name:?}");
        let said = all(&reply, "content-disposition").join("|");
        let rest = said.strip_prefix("attachment; filename=\"").unwrap_or_else(|| panic!("{name:?}: {said}"));
        let (plain, rest) = rest.split_once('"').unwrap();
        let harmless = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b'/');
        assert!(plain.bytes().all(harmless), "{name:?}: {said}");
        let exact = rest.strip_prefix("; filename*=UTF-8''");
        let attr_char = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~!#$&+^`|".contains(&byte);
        assert!(rest.is_empty() || exact.is_some_and(|exact| exact.bytes().all(attr_char)), "{name:?}: {said}");
    }
    // What is no header at all is not sent, and the client is not told why.
    for target in [
        format!("/_/cmd/probeHttpGetContent?mime={}", encoded("text/plain\r\nX-Evil: 1")),
        format!("/_/cmd/probeHttpGetRedirect?to={}", encoded("/x\r\nX-Evil: 1")),
        format!("/_/cmd/probeHttpGetRedirect?to={}", encoded("/x\nSet-Cookie: a=b")),
    ] {
        let reply = gateway.get(&target);
        assert_eq!((reply.status, reply.header("x-evil"), reply.header("set-cookie")), (500, None, None), "{target}");
        reply.error();
    }
    gateway.assert_well();
}

#[test]
fn a_redirect_is_a_location_and_nothing_else() {
    let gateway = Setup::new().start();
    for to in ["/x", "/x?a=b%20c#d", "https://example.org/a?b=c", "../x"] {
        let reply = gateway.get(&format!("/_/cmd/probeHttpGetRedirect?to={}", encoded(to)));
        assert_eq!((reply.status, all(&reply, "location"), reply.text()), (302, vec![to], ""));
        assert_eq!(reply.header("content-length"), Some("0"), "{to}");
        assert_dynamic(&reply);
    }
}

#[test]
fn a_file_is_sent_as_static_files_are() {
    let gateway = Setup::new().start();
    let file = gateway.put("files/report.txt", b"0123456789");
    let target = format!("/_/cmd/probeHttpGetFile?path={}", encoded(file.to_str().unwrap()));
    let ask = |headers: &str| gateway.raw(&request("GET", &target, &[&format!("X-Nothing: 1{headers}")], b""));
    let whole = ask("");
    assert_eq!((whole.status, whole.text(), whole.header("content-type")), (200, "0123456789", Some(TEXT)));
    assert_eq!((whole.header("accept-ranges"), whole.header("content-disposition")), (Some("bytes"), None));
    assert_dynamic(&whole);
    let (etag, modified) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    let past = "Thu, 01 Jan 1970 00:00:00 GMT";
    for (headers, status, text) in [
        ("\r\nRange: bytes=2-4".to_owned(), 206, "234"),
        ("\r\nRange: bytes=-3".into(), 206, "789"),
        ("\r\nRange: bytes=8-99999999999999999999".into(), 206, "89"),
        (format!("\r\nRange: bytes=2-4\r\nIf-Range: {etag}"), 206, "234"),
        ("\r\nRange: bytes=2-4\r\nIf-Range: \"x\"".into(), 200, "0123456789"),
        ("\r\nRange: bytes=0-1,3-4".into(), 200, "0123456789"),
        ("\r\nRange: lines=0-1".into(), 200, "0123456789"),
        (format!("\r\nIf-None-Match: {etag}"), 304, ""),
        (format!("\r\nIf-Modified-Since: {modified}"), 304, ""),
        (format!("\r\nIf-Match: {etag}"), 200, "0123456789"),
    ] {
        let reply = ask(&headers);
        assert_eq!((reply.status, reply.text(), reply.header("etag")), (status, text, Some(etag)), "{headers}");
        assert_eq!(reply.header("content-range").is_some(), status == 206, "{headers}");
        assert_eq!(all(&reply, "cache-control"), ["no-store"], "{headers}");
    }
    let unsatisfiable = ask("\r\nRange: bytes=10-");
    assert_eq!((unsatisfiable.status, unsatisfiable.header("content-range")), (416, Some("bytes */10")));
    for headers in ["\r\nIf-Match: \"x\"".to_owned(), format!("\r\nIf-Unmodified-Since: {past}")] {
        let reply = ask(&headers);
        assert_eq!(reply.status, 412, "{headers}");
        reply.error();
    }
    let head = gateway.connect().send(&request("HEAD", &target, &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length"), head.header("etag")), (200, Some("10"), Some(etag)));
    let named = gateway.get(&format!("{target}&name={}", encoded("n\u{e4}me.txt")));
    let disposition = named.header("content-disposition").unwrap();
    assert_eq!(disposition, "attachment; filename=\"n_me.txt\"; filename*=UTF-8''n%C3%A4me.txt");
}

#[test]
fn a_file_is_a_regular_one_of_any_size() {
    let gateway = Setup::new().start();
    let get = |path: &str| {
        let file = gateway.dir().join(path);
        gateway.get(&format!("/_/cmd/probeHttpGetFile?path={}", encoded(file.to_str().unwrap())))
    };
    for size in [0, 1, 262_145, 3_000_000] {
        let content: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
        gateway.put("any.bin", &content);
        let reply = get("any.bin");
        assert!(reply.status == 200 && reply.body == content, "{size}: {}", reply.status);
    }
    fs::create_dir(gateway.dir().join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(gateway.dir().join("fifo")).status().unwrap().success());
    let _socket = UnixListener::bind(gateway.dir().join("socket")).unwrap();
    for path in ["nothing.txt", "any.bin/x", "folder", "folder/", "fifo", "socket", "\u{1}"] {
        let reply = get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("/tmp/"), "{}", reply.text());
        reply.error();
    }
    gateway.assert_well();
}

fn stream(chunks: u32, size: u32, more: &str) -> Vec<u8> {
    request("GET", &format!("/_/cmd/probeHttpGetStream?chunks={chunks}&size={size}{more}"), &[], b"")
}

fn state(gateway: &Gateway) -> Value {
    gateway.json("probeStreamState", &json!({})).value()
}

/// Waits until the last stream is made by nobody any more; returns how far it got.
fn ended(gateway: &Gateway) -> Value {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let state = state(gateway);
        if state["ended"] == true {
            return state;
        }
        assert!(Instant::now() < deadline, "{state}");
        sleep(Duration::from_millis(10));
    }
}

/// Waits until the last stream can't get rid of more; returns how many chunks it got rid of.
fn stalled(gateway: &Gateway, quiet: Duration) -> u64 {
    let (mut sent, mut since) = (0, Instant::now());
    let deadline = since + Duration::from_secs(15);
    while sent == 0 || since.elapsed() < quiet {
        assert!(Instant::now() < deadline, "{sent} chunks");
        let now = state(gateway)["sent"].as_u64().unwrap();
        if now != sent {
            (sent, since) = (now, Instant::now());
        }
        sleep(Duration::from_millis(10));
    }
    sent
}

#[test]
fn a_stream_arrives_whole_and_leaves_the_connection_in_step() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    // An empty chunk is no end.
    for (chunks, size) in [(0, 0), (3, 0), (1, 1), (2000, 1), (50, 70_000), (1, 5_000_000)] {
        let reply = connection.send(&stream(chunks, size, "")).reply().unwrap();
        assert_eq!((reply.status, reply.body.len()), (200, (chunks * size) as usize), "{chunks} {size}");
        assert_eq!((reply.header("transfer-encoding"), reply.header("content-length")), (Some("chunked"), None));
        assert_eq!(reply.header("content-type"), Some("application/octet-stream"));
        assert!(reply.body.iter().all(|byte| *byte == b'x'));
        assert_dynamic(&reply);
        assert_eq!(ended(&gateway), json!({"sent": chunks, "ended": true, "complete": true}), "{chunks} {size}");
    }
    // HEAD gets the head, and nobody makes a body for it.
    let bytes = [b"HEAD".as_slice(), &stream(100_000, 1000, "")[3..]].concat();
    let head = connection.send(&bytes).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, None));
    assert_eq!(ended(&gateway)["complete"], false);
    assert_eq!(connection.send(&stream(1, 5, "")).reply().unwrap().text(), "xxxxx");
}

#[test]
fn a_request_that_is_sent_ahead_does_not_end_a_stream() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    connection.send(&[stream(5000, 100, ""), stream(3, 1, ""), request("GET", "/nothing", &[], b"")].concat());
    assert_eq!(connection.reply().unwrap().body.len(), 500_000);
    assert_eq!(connection.reply().unwrap().text(), "xxx");
    assert_eq!(connection.reply().unwrap().status, 404);
}

#[test]
fn a_client_of_http_1_0_gets_a_stream_without_chunks() {
    let gateway = Setup::new().start();
    let mut client = TcpStream::connect(gateway.address()).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    client.write_all(b"GET /_/cmd/probeHttpGetStream?chunks=3&size=5 HTTP/1.0\r\nHost: a\r\n\r\n").unwrap();
    let mut reply = String::new();
    client.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{reply}");
    assert_eq!(body, "x".repeat(15));
}

#[test]
fn a_slow_reader_makes_for_a_slow_stream() {
    const CHUNKS: u32 = 1024;
    const SIZE: u32 = 65_536;
    let gateway = Setup::new().server("timeouts.action = \"1s\"\n").start();
    let mut reader = gateway.connect();
    reader.send(&stream(CHUNKS, SIZE, ""));
    // More than all sockets and buffers on the way can take, and far less than there is.
    let sent = stalled(&gateway, Duration::from_millis(1500));
    assert!(sent < u64::from(CHUNKS / 2), "{sent} chunks of {SIZE} bytes went to a client that reads none");
    assert_eq!(state(&gateway)["ended"], false);
    // It is the client that was slow, and not the command: its time limit has passed, and the rest comes all the same.
    assert_eq!(reader.reply().unwrap().body.len(), (CHUNKS * SIZE) as usize);
    assert_eq!(ended(&gateway), json!({"sent": CHUNKS, "ended": true, "complete": true}));
}

#[test]
fn a_client_that_goes_away_ends_its_stream() {
    let gateway = Setup::new().start();
    for _ in 0..3 {
        let mut reader = gateway.connect();
        reader.send(&stream(100_000, 65_536, ""));
        stalled(&gateway, Duration::from_millis(200));
        drop(reader);
        assert_eq!(ended(&gateway)["complete"], false);
    }
    gateway.assert_well();
}

#[test]
fn a_stream_that_fails_is_broken_off() {
    let gateway = Setup::new().start();
    for fail_after in [0, 1, 3, 100] {
        let mut client = TcpStream::connect(gateway.address()).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client.write_all(&stream(1000, 1000, &format!("&failAfter={fail_after}"))).unwrap();
        let mut seen = Vec::new();
        let end = client.read_to_end(&mut seen);
        // A reset is an end as well, but silence is none.
        assert!(!end.is_err_and(|e| e.kind() == ErrorKind::WouldBlock), "{fail_after}: the connection is open");
        let text = String::from_utf8_lossy(&seen);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 "), "{fail_after}: {text}");
        let whole = text.starts_with("HTTP/1.1 2") && text.ends_with("\r\n0\r\n\r\n");
        assert!(!whole && !text.contains("secret"), "{fail_after}: {text}");
        assert_eq!(ended(&gateway), json!({"sent": fail_after, "ended": true, "complete": false}));
    }
    gateway.assert_well();
    let log = gateway.into_log();
    assert!(log.contains("the secret reason, streamed") && log.contains("probeHttpGetStream"), "{log}");
}
