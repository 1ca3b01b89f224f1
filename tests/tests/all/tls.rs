//! TLS and HTTP/2, as curl and openssl see them: certificates by name, versions, reload.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;
use wicketgate_tests::{Backend, Connection, Setup, TlsGateway, request};

const ACTIONS: &str = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";

/// A site with the certificate of that file.
fn site(host: &str, file: &str) -> String {
    format!(
        "[[sites]]\nhost = {host:?}\nroot = \"www\"\n{}",
        certificate(&format!("{file}.crt"), &format!("{file}.key"))
    )
}

fn certificate(cert: &str, key: &str) -> String {
    format!("[[sites.certificates]]\ncert = {cert:?}\nkey = {key:?}\n")
}

/// A gateway with a file and one site for all hosts, whose certificate is for a.example; with more lines for the site.
fn start(more: &str) -> TlsGateway {
    let setup = Setup::new().file("index.html", b"home").sites_and_actions(&(site("*", "a") + more + ACTIONS));
    setup.certificate("a", &["a.example"]);
    setup.start_tls()
}

/// The subject of the certificate that a client gets who asks for that name; `None` if the handshake fails.
fn subject(gateway: &TlsGateway, arguments: &[&str]) -> Option<String> {
    let (done, said) = gateway.handshake(arguments);
    let subject = said.lines().find_map(|line| line.strip_prefix("subject="));
    assert_eq!(done, subject.is_some(), "{arguments:?}: {said}");
    // Versions of openssl differ in their spaces.
    subject.map(|subject| subject.replace(' ', ""))
}

#[test]
fn the_name_that_a_client_asks_for_chooses_the_certificate() {
    let sites = [site("*", "any"), site("*.wild.example", "wild"), site("exact.wild.example", "exact")].concat();
    let setup = Setup::new().sites_and_actions(&sites);
    for name in ["any", "wild", "exact"] {
        setup.certificate(name, &[name]);
    }
    let gateway = setup.start_tls();
    for (name, expected) in [
        ("exact.wild.example", "CN=exact"),
        ("EXACT.Wild.Example", "CN=exact"),
        ("a.wild.example", "CN=wild"),
        ("a.exact.wild.example", "CN=wild"),
        ("wild.example", "CN=any"),
        ("xwild.example", "CN=any"),
        ("other.example", "CN=any"),
    ] {
        assert_eq!(subject(&gateway, &["-servername", name]).as_deref(), Some(expected), "{name}");
    }
    // Whoever names nobody is nobody's guest in particular.
    assert_eq!(subject(&gateway, &["-noservername"]).as_deref(), Some("CN=any"));
}

#[test]
fn a_name_without_certificate_gets_no_handshake() {
    let plain = "[[sites]]\nhost = \"*\"\nroot = \"www\"\n[[sites]]\nhost = \"b.example\"\nroot = \"www\"\n";
    let setup = Setup::new().file("index.html", b"home").sites_and_actions(&(site("a.example", "a") + plain));
    setup.certificate("a", &["a.example"]);
    let gateway = setup.start_tls();
    for _ in 0..3 {
        for name in ["b.example", "other.example", "x.a.example", "example"] {
            assert_eq!(subject(&gateway, &["-servername", name]), None, "{name}");
        }
        assert_eq!(subject(&gateway, &["-servername", "a.example"]).as_deref(), Some("CN=a.example"));
    }
    let reply = gateway.curl("a.example", "/", &[]);
    assert_eq!(String::from_utf8_lossy(&reply.stdout), "home", "{}", String::from_utf8_lossy(&reply.stderr));
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_older_ones_are_not() {
    let gateway = start("");
    for (arguments, expected) in [
        (&["-tls1_3"][..], Some("New, TLSv1.3,")),
        (&["-tls1_2"], Some("New, TLSv1.2,")),
        // At its usual level of security openssl would not even ask.
        (&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], None),
        (&["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"], None),
        // Without forward secrecy, or without encryption.
        (&["-tls1_2", "-cipher", "kRSA"], None),
        (&["-tls1_2", "-cipher", "NULL@SECLEVEL=0"], None),
    ] {
        let (done, said) = gateway.handshake(arguments);
        match expected {
            Some(words) => assert!(done && said.contains(words), "{arguments:?}: {said}"),
            None => assert!(!done && said.contains("handshake has read "), "{arguments:?}: {said}"),
        }
        assert!(!said.contains("and written 0 bytes"), "openssl did not ask: {said}");
    }
}

#[test]
fn alpn_offers_http_2_and_1_1() {
    let gateway = start("");
    for (offered, expected) in [
        (&["-alpn", "h2"][..], "ALPN protocol: h2"),
        (&["-alpn", "http/1.1"], "ALPN protocol: http/1.1"),
        (&["-alpn", "http/1.0,http/1.1"], "ALPN protocol: http/1.1"),
        (&[], "No ALPN negotiated"),
    ] {
        let (done, said) = gateway.handshake(offered);
        assert!(done && said.contains(expected), "{offered:?}: {said}");
    }
}

#[test]
fn both_versions_of_http_answer_the_same() {
    let large: Vec<u8> = (0..3_000_000).map(|i| (i * 7 % 251) as u8).collect();
    let gateway = start("");
    fs::write(gateway.setup().www().join("large.bin"), &large).unwrap();
    let text = "a text that repeats itself, ".repeat(100_000);
    fs::write(gateway.setup().www().join("large.txt"), &text).unwrap();
    fs::write(gateway.setup().www().join("small.txt"), &text[..9000]).unwrap();
    let json = ["-H", "Content-Type: application/json", "--data-binary"];
    let (hello, nothing) = (json!({"cmd": "exampleHello", "params": {"color": "x"}}), json!({"cmd": "probeNothing"}));
    let (hello, nothing) = (hello.to_string(), nothing.to_string());
    for (argument, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let check = |path: &str, arguments: &[&str], status: u16, body: Option<&[u8]>| {
            let output = gateway.curl("a.example", path, &[&[argument][..], arguments].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{path} {arguments:?}: {said}");
            assert_eq!(said, format!("{status} {version}"), "{path} {arguments:?}");
            assert!(body.is_none_or(|body| body == output.stdout), "{path} {arguments:?}");
            String::from_utf8_lossy(&output.stdout).to_ascii_lowercase()
        };
        check("/", &[], 200, Some(b"home"));
        check("/large.bin", &[], 200, Some(&large));
        check("/large.bin", &["--range", "1000000-1999999"], 206, Some(&large[1_000_000..2_000_000]));
        // Compressed: kept, and while it is sent; and several parts.
        for _ in 0..2 {
            check("/small.txt", &["--compressed"], 200, Some(&text.as_bytes()[..9000]));
            check("/large.txt", &["--compressed"], 200, Some(text.as_bytes()));
            assert!(check("/large.txt", &["--compressed", "--head"], 200, None).contains("content-encoding: "));
            assert!(
                check("/large.bin", &["--range", "0-9,100-109"], 206, None).contains("content-range: bytes 100-109/")
            );
        }
        // A body behind HEAD, or behind 204 and 304, would be an error of the protocol.
        assert!(check("/large.bin", &["--head"], 200, None).contains("content-length: 3000000\r\n"));
        check("/_/cmd/probeHttpGetStream?chunks=9&size=9", &["--head"], 200, None);
        check("/_", &[json[0], json[1], json[2], &nothing], 204, Some(b""));
        let etag = check("/", &["--head"], 200, None);
        let etag = etag.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        check("/", &["-H", &format!("If-None-Match: {etag}")], 304, Some(b""));
        check("/nothing", &[], 404, None);
        check("/_/cmd/exampleHttpGetHello/color/x", &[], 200, Some(br#"{"message":"<font color=x>Hi, Guest</font>"}"#));
        check(
            "/_",
            &[json[0], json[1], json[2], &hello],
            200,
            Some(br#"{"message":"<font color=x>Hi, Guest</font>"}"#),
        );
        let stream = vec![b'x'; 500_000];
        check("/_/cmd/probeHttpGetStream?chunks=500&size=1000", &[], 200, Some(&stream));
        // A stream that fails is not whole in either version.
        let failing = "/_/cmd/probeHttpGetStream?chunks=9&size=9&failAfter=3";
        let output = gateway.curl("a.example", failing, &[argument]);
        assert!(!output.status.success(), "{argument}");
    }
}

#[test]
fn another_server_is_told_of_tls() {
    let backend = Backend::start(|exchange| {
        let body = exchange.body();
        // HTTP/2 knows no such headers.
        exchange.reply(200, &["Connection: keep-alive", "Keep-Alive: timeout=5", "Upgrade: h2c"], &body);
    });
    let gateway = start(&format!("[[sites.proxy]]\npath = \"/geo\"\nto = \"{}\"\n", backend.url()));
    let body = "x".repeat(100_000);
    fs::write(gateway.setup().dir().join("body"), &body).unwrap();
    let file = format!("@{}", gateway.setup().dir().join("body").display());
    let (none, upload): (&[&str], &[&str]) = (&[], &["--data-binary", &file]);
    let cookies = ["-H", "Cookie: a=b; c=d", "-H", "X-Forwarded-Proto: http"];
    for (argument, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
        for (body, more) in [("", none), (body.as_str(), upload)] {
            let output = gateway.curl("a.example", "/geo?x", &[&[argument][..], &cookies, more].concat());
            assert_eq!(String::from_utf8_lossy(&output.stderr), format!("200 {version}"));
            assert!(output.stdout == body.as_bytes(), "{argument}: {} bytes", output.stdout.len());
            let head = backend.last();
            for (name, value) in [
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "a.example"),
                ("x-forwarded-for", "127.0.0.1"),
                ("host", "a.example"),
                ("cookie", "a=b; c=d"),
            ] {
                assert_eq!(head.all(name), [value], "{name}: {}", head.raw);
            }
        }
    }
    Connection::open(gateway.http()).send(&request("GET", "/geo", &[], b"")).reply().unwrap();
    assert_eq!(backend.last().all("x-forwarded-proto"), ["http"]);
}

#[test]
fn replaced_certificates_are_seen_by_the_next_handshake() {
    let gateway = start("");
    let subject = || subject(&gateway, &["-servername", "a.example"]).unwrap();
    assert_eq!(subject(), "CN=a.example");
    gateway.setup().certificate("a", &["new.example"]);
    let (code, _, said) = gateway.setup().run(&["reload"]);
    assert_eq!((code, subject().as_str()), (0, "CN=new.example"), "{said}");
    // A key of another certificate: the old pair stays in use.
    gateway.setup().certificate("b", &["b.example"]);
    fs::copy(gateway.setup().dir().join("b.key"), gateway.setup().dir().join("a.key")).unwrap();
    let (code, _, said) = gateway.setup().run(&["reload"]);
    assert!(code == 1 && said.contains("sites[0].certificates[0]"), "{code} {said}");
    assert_eq!(subject(), "CN=new.example");
    fs::copy(gateway.setup().dir().join("b.crt"), gateway.setup().dir().join("a.crt")).unwrap();
    let (code, _, said) = gateway.setup().run(&["reload"]);
    assert_eq!((code, subject().as_str()), (0, "CN=b.example"), "{said}");
}

#[test]
fn what_is_no_tls_harms_nobody() {
    let gateway = start("");
    let mut silent: Vec<_> = (0..100).map(|_| TcpStream::connect(gateway.https()).unwrap()).collect();
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"\x16\x03\x01\xff\xff\x01",
        &[0; 4000],
        b"\x15\x03\x03\x00\x02\x02\x28",
    ] {
        let mut stream = TcpStream::connect(gateway.https()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let _ = stream.write_all(bytes);
        let mut said = Vec::new();
        // It may be closed at once, or after a while.
        let _ = stream.read_to_end(&mut said);
        assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1 200"), "a reply in the clear: {said:?}");
        silent.push(stream);
    }
    let reply = gateway.curl("a.example", "/", &["--http2"]);
    assert_eq!(String::from_utf8_lossy(&reply.stdout), "home", "{}", String::from_utf8_lossy(&reply.stderr));
    let reply = Connection::open(gateway.http()).send(&request("GET", "/", &[], b"")).reply().unwrap();
    assert_eq!((reply.status, reply.text()), (200, "home"));
}

#[test]
fn mistakes_in_certificates_are_named() {
    let garbled = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (toml, key) in [
        // Each is sound, but they are no pair.
        (certificate("a.crt", "b.key"), "sites[0].certificates[0]"),
        (certificate("no.crt", "a.key"), "sites[0].certificates[0].cert: "),
        (certificate("a.crt", "no.key"), "sites[0].certificates[0].key: "),
        (certificate("text", "a.key"), "sites[0].certificates[0].cert: "),
        (certificate("a.crt", "text"), "sites[0].certificates[0].key: "),
        (certificate("empty", "a.key"), "sites[0].certificates[0].cert: "),
        (certificate("a.crt", "empty"), "sites[0].certificates[0].key: "),
        // Each in the other's place.
        (certificate("a.key", "a.key"), "sites[0].certificates[0].cert: "),
        (certificate("a.crt", "a.crt"), "sites[0].certificates[0].key: "),
        (certificate("garbled", "a.key"), "sites[0].certificates[0]"),
        (certificate("www", "a.key"), "sites[0].certificates[0].cert: "),
        (certificate("a.crt", "a.key") + &certificate("b.crt", "a.key"), "sites[0].certificates[1]"),
        ("".into(), "server.listen"),
    ] {
        let setup = Setup::new().sites_and_actions(&format!("[[sites]]\n{toml}"));
        for name in ["a", "b"] {
            setup.certificate(name, &[name]);
        }
        setup.put("text", b"this is a text");
        setup.put("empty", b"");
        setup.put("garbled", garbled.as_bytes());
        setup.write_tls_config();
        let (code, out, said) = setup.run(&["serve"]);
        assert_eq!((code, out.as_str()), (1, ""), "{toml}: {said}");
        let named = said.lines().any(|line| line.contains(&format!(": {key}")) && line.contains("wicketgate.toml:"));
        assert_eq!(said.lines().count(), 1, "{toml}: {said}");
        assert!(named && !said.contains("PRIVATE KEY"), "{toml}: {key} is not in {said}");
    }
}
