//! WebSockets pass, and nothing slips through behind an upgrade that is refused.

use super::*;

const UPGRADE: &str = "GET /geo/ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Protocol: chat\r\n\r\n";

/// A frame (RFC 6455 §5.2): its first byte, a mask if a client sends it, and the payload.
fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut bytes = match payload.len() {
        length @ 0..126 => vec![first, masked | length as u8],
        length @ 126..65_536 => [&[first, masked | 126][..], &(length as u16).to_be_bytes()].concat(),
        length => [&[first, masked | 127][..], &(length as u64).to_be_bytes()].concat(),
    };
    bytes.extend(mask.iter().flatten());
    bytes.extend(payload.iter().zip(mask.unwrap_or_default().iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Reads a frame; returns its first byte and its payload.
fn read_frame(stream: &mut impl Read) -> (u8, Vec<u8>) {
    let mut read = |count: usize| {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let start = read(2);
    let length = match start[1] & 0x7f {
        126 => u16::from_be_bytes(read(2).try_into().unwrap()) as usize,
        127 => u64::from_be_bytes(read(8).try_into().unwrap()) as usize,
        short => short as usize,
    };
    let mask = if start[1] & 0x80 == 0 { vec![0; 4] } else { read(4) };
    let payload = read(length).iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    (start[0], payload)
}

#[test]
fn a_websocket_passes_frames_both_ways() {
    let (told, heard) = mpsc::channel();
    let backend = Backend::start(move |exchange| {
        exchange.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
        );
        // The server speaks first, and then says all that it hears.
        exchange.send(&frame(0x81, None, b"welcome"));
        loop {
            let (first, payload) = read_frame(exchange);
            exchange.send(&frame(first, None, &payload));
            if first == 0x88 {
                exchange.wait_for_end();
                return told.send(()).unwrap();
            }
        }
    });
    // Neither the limit for bodies nor the time-out is for what follows an upgrade.
    let gateway = start("limits.body = \"1KiB\"\n", &backend, "timeout = \"300ms\"\n");
    let mut client = dial(&gateway, UPGRADE.as_bytes());
    let head = read_to(&mut client, b"\r\n\r\n").to_ascii_lowercase();
    for line in [
        "http/1.1 101 ",
        "\r\nupgrade: websocket\r\n",
        "\r\nconnection: upgrade\r\n",
        "\r\nsec-websocket-protocol: chat\r\n",
    ] {
        assert!(head.contains(line), "{line:?} is not in {head}");
    }
    assert!(head.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    let asked = backend.last();
    assert_eq!(asked.header("sec-websocket-key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
    assert!(asked.header("upgrade").unwrap().eq_ignore_ascii_case("websocket"), "{}", asked.raw);
    assert!(asked.header("connection").unwrap().to_ascii_lowercase().contains("upgrade"), "{}", asked.raw);
    assert_eq!(read_frame(&mut client), (0x81, b"welcome".to_vec()));
    let large = vec![7; 70_000];
    for (first, payload) in [(0x81, &b"text"[..]), (0x82, &large), (0x89, b""), (0x01, b"frag"), (0x80, b"ment")] {
        // Longer than the time-out.
        sleep(Duration::from_millis(if first == 0x89 { 900 } else { 0 }));
        client.write_all(&frame(first, Some([1, 2, 3, 250]), payload)).unwrap();
        assert!(read_frame(&mut client) == (first, payload.to_vec()), "{first:x}");
    }
    client.write_all(&frame(0x88, Some([9; 4]), &1000_u16.to_be_bytes())).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, 1000_u16.to_be_bytes().to_vec()));
    // The end of one side is the end of the other.
    drop(client);
    heard.recv_timeout(LONG).unwrap();
    gateway.assert_well();
}

#[test]
fn nothing_slips_through_behind_an_upgrade_that_is_refused() {
    let backend = plain("no");
    let gateway = start("", &backend, "");
    let trailer = "GET /geo/trailer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n";
    let mut connection = gateway.connect();
    connection.send(format!("{UPGRADE}{trailer}").as_bytes());
    assert_eq!(connection.reply().unwrap().text(), "no");
    // It may be answered as a request of its own, or not at all; but it may not be passed on unread.
    connection.reply();
    for head in backend.heads() {
        assert_eq!(head.all("x-forwarded-for"), ["127.0.0.1"], "{}", head.raw);
    }
}

#[test]
fn nothing_is_put_behind_a_websocket_that_breaks() {
    let backend = Backend::start(|exchange| {
        exchange.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        );
        exchange.send(&frame(0x81, None, b"hi"));
        // To close over what was not read is a reset.
        sleep(Duration::from_millis(200));
        exchange.close();
    });
    let gateway = start("", &backend, "");
    let mut seen = Vec::new();
    // Whether the break is passed on as an end or as a reset is all the same.
    let mut client = dial(&gateway, &[UPGRADE.as_bytes(), &frame(0x81, Some([1, 2, 3, 4]), b"unread")].concat());
    let _ = client.read_to_end(&mut seen);
    let text = String::from_utf8_lossy(&seen);
    assert!(text.starts_with("HTTP/1.1 101 ") && text.ends_with("\u{2}hi"), "{text}");
    gateway.assert_well();
}
