//! Compressed request bodies: decoded within the limit that holds for all.

use std::io::Write;

use serde_json::json;
use wicketgate_tests::{Gateway, Reply, Setup, gzip, request};

fn br(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    brotli::BrotliCompress(
        &mut &bytes[..],
        &mut encoded,
        &brotli::enc::BrotliEncoderParams { quality: 2, ..Default::default() },
    )
    .unwrap();
    encoded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

type Encode = fn(&[u8]) -> Vec<u8>;
const ALL: [(&str, Encode); 3] = [("gzip", gzip), ("br", br), ("zstd", zstd)];

fn send(gateway: &Gateway, encoding: &str, body: &[u8]) -> Reply {
    let encoding = format!("Content-Encoding: {encoding}");
    gateway.raw(&request("POST", "/_", &["Content-Type: application/json", &encoding], body))
}

fn hello(color: &str) -> Vec<u8> {
    json!({"cmd": "exampleHello", "params": {"color": color}}).to_string().into_bytes()
}

#[test]
fn each_coding_is_understood_by_each_of_its_names() {
    let gateway = Setup::new().start();
    for (name, encode) in [("gzip", gzip as Encode), ("x-gzip", gzip), ("GZip", gzip), ("br", br), ("zstd", zstd)] {
        let reply = send(&gateway, name, &encode(&hello("blue")));
        assert_eq!((reply.status, reply.text()), (200, r#"{"message":"<font color=blue>Hi, Guest</font>"}"#), "{name}");
    }
    assert_eq!(send(&gateway, "identity", &hello("blue")).status, 200);
    let body = rmp_serde::to_vec_named(&json!({"cmd": "exampleHello", "params": {"color": "blue"}})).unwrap();
    let headers = ["Content-Type: application/msgpack", "Content-Encoding: zstd"];
    assert_eq!(gateway.raw(&request("POST", "/_", &headers, &zstd(&body))).status, 200);
    // Members of gzip may follow each other (RFC 1952 §2.2).
    let whole = hello("blue");
    let (a, b) = whole.split_at(20);
    assert_eq!(send(&gateway, "gzip", &[gzip(a), gzip(b)].concat()).status, 200);
}

#[test]
fn the_limit_holds_for_what_comes_out() {
    let gateway = Setup::new().server("limits.body = \"100kB\"\n").start();
    let overhead = hello("").len();
    for (name, encode) in ALL {
        let fits = send(&gateway, name, &encode(&hello(&"x".repeat(100_000 - overhead))));
        assert_eq!(fits.status, 200, "{name}");
        let over = send(&gateway, name, &encode(&hello(&"x".repeat(100_001 - overhead))));
        assert_eq!(over.status, 413, "{name}: {}", over.text());
        // What is too large as it comes is not even decoded.
        assert_eq!(send(&gateway, name, &[0; 100_001]).status, 413, "{name}");
    }
}

#[test]
fn a_bomb_is_413() {
    let gateway = Setup::new().start();
    // Many megabytes of zeroes in fewer than are allowed.
    for (name, encode, size) in [("gzip", gzip as Encode, 256 << 20), ("zstd", zstd, 256 << 20), ("br", br, 16 << 20)] {
        let bomb = encode(&vec![0; size]);
        assert!(bomb.len() < 3 << 20, "{name}: {}", bomb.len());
        for _ in 0..3 {
            assert_eq!(send(&gateway, name, &bomb).status, 413, "{name}");
        }
    }
    gateway.assert_well();
}

#[test]
fn what_can_t_be_decoded_is_400() {
    let gateway = Setup::new().start();
    let body = hello(&"blue".repeat(100));
    for (name, encode) in ALL {
        let sound = encode(&body);
        for cut in [1, sound.len() / 2, sound.len() - 1] {
            assert_eq!(send(&gateway, name, &sound[..cut]).status, 400, "{name} cut at {cut}");
        }
        let mut broken = sound.clone();
        let middle = broken.len() / 2;
        broken[middle..].fill(0xff);
        assert_eq!(send(&gateway, name, &broken).status, 400, "{name}");
        let reply = send(&gateway, name, &body);
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.info().contains("decompressed"), "{}", reply.info());
    }
    // A frame that asks for a window of 1 GiB to decode a few bytes.
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(30).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(&body).unwrap();
    assert_eq!(send(&gateway, "zstd", &encoder.finish().unwrap()).status, 400);
    gateway.assert_well();
}

#[test]
fn another_coding_is_415_and_told_which_there_are() {
    let gateway = Setup::new().start();
    for name in ["deflate", "compress", "gzip, gzip", "gzip, br", "nonsense", "gzip\r\nContent-Encoding: br"] {
        let reply = send(&gateway, name, &gzip(&hello("blue")));
        assert_eq!((reply.status, reply.header("accept-encoding")), (415, Some("gzip, br, zstd")), "{name}");
    }
}

#[test]
fn chunks_and_codings_go_together() {
    let gateway = Setup::new().start();
    for (name, encode) in ALL {
        let body = encode(&hello("blue"));
        let mut bytes = format!(
            "POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: {name}\r\n\
             Transfer-Encoding: chunked\r\n\r\n"
        )
        .into_bytes();
        for chunk in body.chunks(7) {
            bytes.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n\r\n");
        assert_eq!(gateway.raw(&bytes).status, 200, "{name}");
    }
}
