//! Replies that go out as they are: contents, files, redirects and streams.

use std::{fs, os::unix::net::UnixListener, process::Command};

use serde_json::json;
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
pub(crate) fn assert_dynamic(reply: &Reply) {
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
