//! Which form of a file a client gets: as it is, a compressed sibling, or compressed here (RFC 9110 §8.4, §12.5.3).

use std::{
    fs,
    io::Read,
    time::{Duration, SystemTime},
};

use wicketgate_tests::{Gateway, Reply, Setup, gzip, request};

fn text(size: usize) -> Vec<u8> {
    (0..size / 16 + 1).flat_map(|line| format!("this is line {line}\n").into_bytes()).take(size).collect()
}

fn ask(gateway: &Gateway, target: &str, headers: &[&str]) -> Reply {
    gateway.raw(&request("GET", target, headers, b""))
}

fn accepting(gateway: &Gateway, target: &str, codings: &str) -> Reply {
    ask(gateway, target, &[&format!("Accept-Encoding: {codings}")])
}

/// The body as it was before it was compressed.
fn decoded(reply: &Reply) -> Vec<u8> {
    let mut plain = Vec::new();
    match reply.header("content-encoding") {
        None => plain.clone_from(&reply.body),
        Some("gzip") => drop(flate2::read::GzDecoder::new(&reply.body[..]).read_to_end(&mut plain).unwrap()),
        Some("br") => drop(brotli::Decompressor::new(&reply.body[..], 4096).read_to_end(&mut plain).unwrap()),
        Some("zstd") => plain = zstd::decode_all(&reply.body[..]).unwrap(),
        Some(other) => panic!("an unknown coding: {other}"),
    }
    plain
}

#[test]
fn the_client_s_preference_decides() {
    let content = text(20_000);
    let gateway = Setup::new().file("a.txt", &content).start();
    for (codings, expected) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip, zstd", Some("zstd")),
        ("gzip", Some("gzip")),
        ("deflate", None),
        ("", None),
        ("gzip;q=0", None),
        ("br;q=0.5, gzip;q=0.8", Some("gzip")),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0, gzip;q=0.001", Some("gzip")),
        ("*;q=0, zstd", Some("zstd")),
        ("*", Some("br")),
    ] {
        // The first time it is made, then it is at hand.
        for _ in 0..3 {
            let reply = accepting(&gateway, "/a.txt", codings);
            assert_eq!((reply.status, reply.header("content-encoding")), (200, expected), "{codings}");
            assert!(decoded(&reply) == content, "{codings}");
            assert_eq!(reply.header("vary"), Some("Accept-Encoding"), "{codings}");
            assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
            assert!(expected.is_none() || reply.body.len() < content.len() / 2);
        }
    }
    assert_eq!(gateway.get("/a.txt").header("content-encoding"), None);
    // Said in two lines, it is one list.
    let two = ask(&gateway, "/a.txt", &["Accept-Encoding: br;q=0.1", "Accept-Encoding: zstd"]);
    assert_eq!(two.header("content-encoding"), Some("zstd"));
    for codings in ["identity;q=0", "*;q=0", "deflate, identity;q=0"] {
        let refused = accepting(&gateway, "/a.txt", codings);
        assert_eq!(refused.status, 406, "{codings}");
        assert!(refused.info().contains("Accept-Encoding"), "{refused:?}");
    }
}

#[test]
fn each_form_has_its_own_tag() {
    let gateway = Setup::new().file("a.txt", &text(5_000)).start();
    let plain = gateway.get("/a.txt");
    let own = plain.header("etag").unwrap().to_owned();
    let mut tags = vec![own.clone()];
    for coding in ["br", "zstd", "gzip"] {
        let reply = accepting(&gateway, "/a.txt", coding);
        let tag = reply.header("etag").unwrap().to_owned();
        // Weak: another version of the encoder may make other bytes of the same file.
        assert!(tag.starts_with("W/\"") && !tags.contains(&tag), "{tag}");
        let accept = format!("Accept-Encoding: {coding}");
        let condition = |name: &str, tag: &str| ask(&gateway, "/a.txt", &[&accept, &format!("{name}: {tag}")]);
        let same = condition("If-None-Match", &tag);
        assert_eq!(
            (same.status, same.header("etag"), same.header("vary")),
            (304, Some(&*tag), Some("Accept-Encoding"))
        );
        assert_eq!(condition("If-None-Match", tag.trim_start_matches("W/")).status, 304);
        // A copy of another form is none of this one.
        assert_eq!(condition("If-None-Match", &own).status, 200);
        // A weak tag is never the same by strong comparison.
        assert_eq!(condition("If-Match", &tag).status, 412);
        assert_eq!(ask(&gateway, "/a.txt", &[&format!("If-None-Match: {tag}")]).status, 200);
        tags.push(tag);
    }
}

#[test]
fn a_sibling_is_sent_in_place_of_the_file() {
    let content = text(3_000);
    let setup = Setup::new().file("a.html", &content).file("a.html.gz", &gzip(&content));
    // What they say is not what the file says, so that it shows which one was sent.
    let brotli_of = |content: &[u8]| {
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &content[..], &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
        out
    };
    let setup = setup
        .file("a.html.br", &brotli_of(b"from the sibling"))
        .file("b.bin", &content)
        .file("b.bin.zst", &zstd::encode_all(&b"zst"[..], 3).unwrap());
    let gateway = setup.start();
    let reply = accepting(&gateway, "/a.html", "gzip, br");
    assert_eq!((reply.header("content-encoding"), &decoded(&reply)[..]), (Some("br"), &b"from the sibling"[..]));
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.header("etag").is_some_and(|tag| tag.starts_with('"')), "a sibling is a file: {reply:?}");
    assert_eq!(accepting(&gateway, "/a.html", "gzip").body, gzip(&content));
    // Zstandard is made here, since there is no such sibling; but one that is there comes first.
    assert_eq!(accepting(&gateway, "/a.html", "zstd").header("content-encoding"), Some("zstd"));
    assert_eq!(accepting(&gateway, "/a.html", "zstd, gzip").header("content-encoding"), Some("gzip"));
    // Also of what is not compressed here.
    assert_eq!(decoded(&accepting(&gateway, "/b.bin", "gzip, zstd")), b"zst");
    assert_eq!(accepting(&gateway, "/b.bin", "gzip").header("content-encoding"), None);
    // Ranges are those of the form.
    let tag = reply.header("etag").unwrap();
    let part = ask(&gateway, "/a.html", &["Accept-Encoding: br", "Range: bytes=0-3", &format!("If-Range: {tag}")]);
    assert_eq!((part.status, &part.body[..]), (206, &reply.body[..4]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 0-3/{}", reply.body.len()).as_str()));
    // By its own name, it is a file like any other.
    let own = gateway.get("/a.html.gz");
    assert_eq!((own.header("content-encoding"), own.header("content-type")), (None, Some("application/gzip")));
}

#[test]
fn a_sibling_that_is_no_form_of_the_file_is_passed_over() {
    let content = text(3_000);
    let setup = Setup::new().file("old.txt", &content).file("old.txt.gz", &gzip(b"of an earlier version"));
    let setup = setup.file("long.txt", b"short").file("long.txt.gz", &gzip(b"short"));
    fs::create_dir(setup.www().join("old.txt.br")).unwrap();
    std::os::unix::fs::symlink("../../etc/passwd", setup.www().join("old.txt.zst")).unwrap();
    let past = SystemTime::now() - Duration::from_secs(100);
    fs::File::open(setup.www().join("old.txt.gz")).unwrap().set_modified(past).unwrap();
    let gateway = setup.start();
    for coding in ["gzip", "br", "zstd"] {
        let reply = accepting(&gateway, "/old.txt", coding);
        assert!(decoded(&reply) == content, "{coding}");
    }
    // It would be larger than the file.
    assert_eq!(accepting(&gateway, "/long.txt", "gzip").header("content-encoding"), None);
    // Once it is made anew, it counts.
    fs::write(gateway.www().join("old.txt.gz"), gzip(b"anew")).unwrap();
    assert_eq!(decoded(&accepting(&gateway, "/old.txt", "gzip")), b"anew");
    fs::remove_file(gateway.www().join("old.txt.gz")).unwrap();
    assert!(decoded(&accepting(&gateway, "/old.txt", "gzip")) == content);
}

#[test]
fn what_is_not_worth_it_is_not_compressed() {
    let noise: Vec<u8> = (0..5_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let gateway = Setup::new()
        .file("a.png", &text(5_000))
        .file("a.bin", &text(5_000))
        .file("short.txt", &text(200))
        .file("noise.txt", &noise)
        .start();
    for target in ["/a.png", "/a.bin", "/short.txt"] {
        let reply = accepting(&gateway, target, "gzip, br, zstd");
        assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, None), "{target}");
    }
    let reply = accepting(&gateway, "/noise.txt", "gzip");
    assert!(decoded(&reply) == noise, "{:?}", reply.headers);
}

#[test]
fn of_what_is_compressed_here_no_parts_are_sent() {
    let content = text(5_000);
    let gateway = Setup::new().file("a.txt", &content).start();
    let part = ask(&gateway, "/a.txt", &["Accept-Encoding: br", "Range: bytes=10-19"]);
    assert_eq!((part.status, part.header("content-encoding"), &part.body[..]), (206, None, &content[10..20]));
    assert_eq!(part.header("vary"), Some("Accept-Encoding"));
    let coded = accepting(&gateway, "/a.txt", "br");
    let tag = format!("If-Range: {}", coded.header("etag").unwrap());
    let whole = ask(&gateway, "/a.txt", &["Accept-Encoding: br", "Range: bytes=10-19", &tag]);
    assert_eq!((whole.status, decoded(&whole) == content), (200, true));
}

#[test]
fn large_files_are_compressed_while_they_are_sent() {
    let content = text(3_000_000);
    let gateway = Setup::new().file("large.txt", &content).file("large.bin", &content).start();
    let mut connection = gateway.connect();
    for coding in ["br", "zstd", "gzip"] {
        let accept = format!("Accept-Encoding: {coding}");
        let reply = connection.send(&request("GET", "/large.txt", &[&accept], b"")).reply().unwrap();
        assert_eq!((reply.status, reply.header("content-encoding")), (200, Some(coding)));
        assert_eq!((reply.header("content-length"), reply.header("accept-ranges")), (None, None));
        assert!(decoded(&reply) == content && reply.body.len() < 1_000_000, "{coding}");
        let head = connection.send(&request("HEAD", "/large.txt", &[&accept], b"")).reply_to_head().unwrap();
        assert_eq!((head.status, head.header("etag")), (200, reply.header("etag")));
        let tag = format!("If-None-Match: {}", reply.header("etag").unwrap());
        let same = connection.send(&request("GET", "/large.txt", &[&accept, &tag], b"")).reply().unwrap();
        assert_eq!(same.status, 304);
    }
    let part = connection.send(&request("GET", "/large.txt", &["Accept-Encoding: br", "Range: bytes=-5"], b""));
    assert_eq!(part.reply().unwrap().body, content[content.len() - 5..]);
    // One that has a sibling is as long as that is.
    fs::write(gateway.www().join("large.bin.gz"), gzip(&content)).unwrap();
    let reply = connection.send(&request("GET", "/large.bin", &["Accept-Encoding: gzip"], b"")).reply().unwrap();
    assert!(reply.header("content-length").is_some() && decoded(&reply) == content);
}

#[test]
fn the_operator_says_what_is_compressed() {
    let toml = "[[sites]]\nroot = \"www\"\ncompress = [\"image/*\", \"application/x-tar\"]\nprecompressed = false\n\
                [[sites]]\nhost = \"off.example\"\nroot = \"www\"\ncompress = []\n";
    let content = text(5_000);
    let gateway = Setup::new()
        .sites_and_actions(toml)
        .file("a.txt", &content)
        .file("b.html", &content)
        .file("b.html.gz", &gzip(&content))
        .file("a.png", &content)
        .file("a.tar", &content)
        .start();
    for (target, coding) in [("/a.txt", None), ("/b.html", None), ("/a.png", Some("gzip")), ("/a.tar", Some("gzip"))] {
        let reply = accepting(&gateway, target, "gzip");
        assert_eq!(reply.header("content-encoding"), coding, "{target}");
        let off = gateway
            .raw(format!("GET {target} HTTP/1.1\r\nHost: off.example\r\nAccept-Encoding: gzip\r\n\r\n").as_bytes());
        assert_eq!(off.header("content-encoding"), (target == "/b.html").then_some("gzip"), "{target}");
    }
}
