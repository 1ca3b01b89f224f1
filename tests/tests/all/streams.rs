//! Replies that are made while they are sent.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup, request};

use crate::replies::assert_dynamic;

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
