//! Other HTTP servers behind path prefixes: what reaches them, what comes back, and what if
//! they fail (CONTRACT §2, §5).

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::{Mutex, mpsc},
    thread::sleep,
    time::{Duration, Instant},
};

use wicketgate_tests::{Backend, Gateway, Head, Reply, Setup, request};

const ACTIONS: &str = "[[actions]]\ntype = \"example\"\n";
const LONG: Duration = Duration::from_secs(20);

/// A gateway with lines below `[server]`, whose site passes `/geo` on; `more` belongs to that `[[sites.proxy]]`.
fn start(server: &str, backend: &Backend, more: &str) -> Gateway {
    let site = format!("[[sites]]\nroot = \"www\"\n{}{more}{ACTIONS}", proxy("/geo", &backend.url()));
    Setup::new().server(server).sites_and_actions(&site).start()
}

fn proxy(path: &str, to: &str) -> String {
    format!("[[sites.proxy]]\npath = {path:?}\nto = {to:?}\n")
}

/// Answers everything with the same body.
fn plain(body: &'static str) -> Backend {
    Backend::start(move |exchange| exchange.reply(200, &[], body.as_bytes()))
}

/// Answers with the body of the request.
fn echo() -> Backend {
    Backend::start(|exchange| {
        let body = exchange.body();
        exchange.reply(200, &[], &body);
    })
}

/// A POST to `/geo` whose body comes in chunks of that size.
fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = b"POST /geo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(size) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend([chunk, b"\r\n"].concat());
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

/// Sends bytes on a new connection, for those who read the reply byte by byte.
fn dial(gateway: &Gateway, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Reads to the end of these bytes.
fn read_to(stream: &mut impl Read, end: &[u8]) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap_or_else(|e| panic!("{e} after {}", String::from_utf8_lossy(&seen)));
        seen.push(byte[0]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

fn all<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
}

#[test]
fn the_path_is_kept_or_its_prefix_is_replaced() {
    let backend = plain("ok");
    let to = |path: &str| format!("{}{path}", backend.url());
    let toml = [
        proxy("/kept", &to("")),
        proxy("/root", &to("/")),
        proxy("/base", &to("/to/there")),
        proxy("/slash", &to("/to/")),
        proxy("/two/parts", &to("/x")),
        "[[sites.rewriteRules]]\npattern = '^/old/(.*)$'\ntarget = '/base/$1'\n".into(),
    ];
    let gateway = Setup::new().sites_and_actions(&format!("[[sites]]\n{}", toml.concat())).start();
    for (target, arrives) in [
        ("/kept", "/kept"),
        ("/kept/", "/kept/"),
        ("/kept/a/b?c=d", "/kept/a/b?c=d"),
        ("/kept/a?b=%20+%2B&c=%2F?&d=%GG&e", "/kept/a?b=%20+%2B&c=%2F?&d=%GG&e"),
        ("/root", "/"),
        ("/root/", "/"),
        ("/root/root/a/", "/root/a/"),
        ("/root?x=/root", "/?x=/root"),
        ("/base", "/to/there"),
        ("/base/", "/to/there/"),
        ("/base/base/x", "/to/there/base/x"),
        ("/slash/a", "/to/a"),
        ("/two/parts/a", "/x/a"),
        ("//kept//a", "/kept/a"),
        ("/x/../kept/a/./b/..", "/kept/a/"),
        ("/%6bept/a", "/kept/a"),
        ("/old/a/b?c", "/to/there/a/b?c"),
    ] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, backend.last().target()), (200, arrives), "{target}");
    }
}

#[test]
fn the_longest_prefix_wins_and_whole_segments_count() {
    let (short, long) = (plain("short"), plain("long"));
    let toml = format!("[[sites]]\nroot = \"www\"\n{}{}", proxy("/geo", &short.url()), proxy("/geo/deep", &long.url()));
    let setup = Setup::new().file("geo/a", b"file").file("geography", b"file").sites_and_actions(&toml);
    let gateway = setup.start();
    for (target, text) in [
        ("/geo", "short"),
        // A file of that name is hidden.
        ("/geo/a", "short"),
        ("/geo/deeper", "short"),
        ("/geo/deep%2Fx", "short"),
        ("/geo/deep/../x", "short"),
        ("/geo/deep", "long"),
        ("/geo/deep/", "long"),
        ("/geo/x/../deep/y", "long"),
        ("/geography", "file"),
    ] {
        assert_eq!(gateway.get(target).text(), text, "{target}");
    }
    let passed_on = short.heads().len() + long.heads().len();
    for target in ["/geo%2Fa", "/Geo", "/geo;x", "/geo%20", "/geo/..", "/", "/a/geo"] {
        assert_eq!(gateway.get(target).status, 404, "{target}");
    }
    assert_eq!(short.heads().len() + long.heads().len(), passed_on);
}

#[test]
fn commands_and_the_client_path_are_never_passed_on() {
    let backend = plain("passed on");
    let toml = format!("[[sites]]\nroot = \"www\"\n{}{ACTIONS}", proxy("/", &backend.url()));
    let gateway = Setup::new().file("index.html", b"file").sites_and_actions(&toml).start();
    for target in ["/_/cmd/exampleHttpGetHello/color/x", "/%5f/cmd/exampleHttpGetHello/color/x", "/x/..//_/cmd/nothing"]
    {
        assert_eq!(gateway.get(target).header("content-type"), Some("application/json"), "{target}");
    }
    for (method, target, status) in [
        ("GET", "/_", 400),
        ("GET", "/_private", 404),
        ("PUT", "/_", 400),
        ("DELETE", "/%5F/x", 400),
        ("OPTIONS", "/_/cmd/exampleHello", 400),
        ("GET", "/gws-client/x.js", 404),
        ("PUT", "/gws-client/x.js", 400),
    ] {
        let reply = gateway.raw(&request(method, target, &[], b""));
        assert_eq!(reply.status, status, "{method} {target}");
        reply.error();
    }
    gateway.assert_well();
    assert_eq!(backend.heads().len(), 0);
    for (method, target) in [("GET", "/"), ("POST", "/"), ("PUT", "/index.html"), ("GET", "/a_/_")] {
        assert_eq!(gateway.raw(&request(method, target, &[], b"")).text(), "passed on", "{method} {target}");
    }
}

#[test]
fn every_method_and_every_size_of_body_arrives() {
    let backend = echo();
    let gateway = start("", &backend, "");
    let mut connection = gateway.connect();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "BREW"] {
        for body in [&b""[..], b"a body"] {
            let reply = connection.send(&request(method, "/geo", &[], body)).reply().unwrap();
            assert_eq!((reply.status, reply.body.as_slice()), (200, body), "{method}");
            assert_eq!(backend.last().method(), method);
        }
    }
    let head = connection.send(&request("HEAD", "/geo", &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, backend.last().method()), (200, "HEAD"));
    for size in [1, 65_535, 65_537, 3_000_000] {
        let body: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
        let reply = gateway.raw(&request("POST", "/geo", &[], &body));
        assert!(reply.status == 200 && reply.body == body, "{size}: {}", reply.status);
        let reply = gateway.raw(&chunked(&body, 100_000));
        assert!(reply.status == 200 && reply.body == body, "{size} in chunks: {}", reply.status);
    }
}

#[test]
fn bodies_stream_through_in_both_directions() {
    for (framing, first, last) in [
        ("Transfer-Encoding: chunked\r\n", "6\r\nanswer\r\n", "3\r\nend\r\n0\r\n\r\n"),
        // Without either, the end of the connection is the end of the body.
        ("", "answer", "end"),
    ] {
        let (told, heard) = mpsc::channel();
        let (allow, allowed) = mpsc::channel();
        let allowed = Mutex::new(allowed);
        let backend = Backend::start(move |exchange| {
            told.send(exchange.part()).unwrap();
            exchange.body();
            exchange.send(format!("HTTP/1.1 200 OK\r\n{framing}\r\n{first}").as_bytes());
            allowed.lock().unwrap().recv_timeout(LONG).unwrap();
            exchange.send(last.as_bytes());
            exchange.close();
        });
        let gateway = start("", &backend, "");
        let head = "POST /geo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        let mut client = dial(&gateway, head.as_bytes());
        // The client has not sent its end, and the server has not sent its own, when the other has the beginning.
        assert_eq!(heard.recv_timeout(LONG).unwrap(), b"first");
        client.write_all(b"0\r\n\r\n").unwrap();
        assert!(read_to(&mut client, b"answer").starts_with("HTTP/1.1 200 "));
        allow.send(()).unwrap();
        read_to(&mut client, b"end\r\n0\r\n\r\n");
    }
}

#[test]
fn a_time_out_is_for_silence_and_not_for_slow_bodies() {
    let backend = Backend::start(|exchange| {
        let body = exchange.body();
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
        for byte in body {
            sleep(Duration::from_millis(200));
            exchange.send(&[byte]);
        }
    });
    let gateway = start("", &backend, "timeout = \"1s\"\n");
    let mut connection = gateway.connect();
    connection.send(b"POST /geo HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n");
    for byte in b"eightful" {
        sleep(Duration::from_millis(200));
        connection.send(&[*byte]);
    }
    let reply = connection.reply().unwrap();
    assert_eq!((reply.status, reply.text()), (200, "eightful"));
}

#[test]
fn a_client_that_goes_away_frees_the_server() {
    let (told, heard) = mpsc::channel();
    let backend = Backend::start(move |exchange| {
        told.send("asked").unwrap();
        exchange.wait_for_end();
        told.send("free").unwrap();
    });
    let gateway = start("", &backend, "");
    let mut connection = gateway.connect();
    connection.send(&request("GET", "/geo", &[], b""));
    assert_eq!(heard.recv_timeout(LONG).unwrap(), "asked");
    drop(connection);
    assert_eq!(heard.recv_timeout(LONG).unwrap(), "free");
}

/// The segments of a path, decoded: equal for all spellings of a path.
fn segments(path: &str) -> Vec<Vec<u8>> {
    let decode = |segment: &str| {
        let (mut decoded, mut rest) = (Vec::new(), segment);
        while let Some((plain, code)) = rest.split_once('%') {
            decoded.extend(plain.bytes());
            decoded.push(u8::from_str_radix(&code[..2], 16).unwrap());
            rest = &code[2..];
        }
        decoded.extend(rest.bytes());
        decoded
    };
    path.split('/').map(decode).collect()
}

#[test]
fn encoded_paths_arrive_as_what_they_were() {
    let backend = plain("ok");
    let gateway = start("", &backend, "");
    for path in [
        "/geo/a%20b",
        "/geo/%C3%A4%e2%82%ac/",
        "/geo/a%2Fb",
        "/geo/a%2f..%2f..%2fetc",
        "/geo/%3Fx=1%23y",
        "/geo/100%25",
        "/geo/%2541%252e%252e",
        "/geo/a+b%2Bc",
        "/geo/a;v=1,2%3B",
        "/geo/x:y@z%40",
        "/geo/(a)!*'$&=~-._",
        "/geo/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D",
        "/geo/a%0Ab%0D%0AX-Evil:%201",
        "/geo/%7F%09",
        "/geo/%20/%20",
    ] {
        assert_eq!(gateway.get(path).status, 200, "{path}");
        let head = backend.last();
        assert_eq!(segments(head.target()), segments(path), "{path} arrived as {}", head.target());
        assert!(head.header("x-evil").is_none() && !head.target().contains(['?', '#']), "{}", head.raw);
    }
    for path in ["/geo/%2e%2e/x", "/geo/%ff", "/geo/%00", "/geo/%", "/geo/../../x"] {
        let before = backend.heads().len();
        assert!(matches!(gateway.get(path).status, 400 | 404), "{path}");
        assert_eq!(backend.heads().len(), before, "{path}");
    }
}

#[test]
fn the_server_is_told_who_asks_and_forgeries_are_not() {
    const FORGED: &str = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2, 192.0.2.3\r\n\
                          x-forwarded-proto: https\r\nX-Forwarded-Host: public.example\r\nX-Forwarded-Port: 666\r\n\
                          Forwarded: for=192.0.2.4;proto=https;host=public.example\r\n\
                          X-Request-Id: 0000000000000666\r\n";
    let backend = plain("ok");
    let (own, host) = ("127.0.0.1", "Maps.Example:8080");
    let all_hops = "192.0.2.1, 192.0.2.2, 192.0.2.3, 127.0.0.1";
    let cases = [
        ("", "", own, "http", host),
        ("", FORGED, own, "http", host),
        ("trustedProxies = [\"10.0.0.0/8\"]\n", FORGED, own, "http", host),
        ("trustedProxies = [\"127.0.0.1\"]\n", FORGED, all_hops, "https", "public.example"),
    ];
    for (server, sent, ips, proto, host) in cases {
        let gateway = start(server, &backend, "");
        let own = "Authorization: Basic eDp5\r\nCookie: a=b; c=d\r\nX-Own: 1\r\nX-Own: 2\r\nAccept-Encoding: br\r\n";
        let bytes = format!("GET /geo HTTP/1.1\r\nHost: Maps.Example:8080\r\n{sent}{own}\r\n");
        let reply = gateway.raw(bytes.as_bytes());
        let head = backend.last();
        let said = format!("{server}{sent} became {}", head.raw);
        assert_eq!(head.all("host"), ["Maps.Example:8080"], "{said}");
        assert_eq!(head.all("x-forwarded-for").join(", "), ips, "{said}");
        assert_eq!(head.all("x-forwarded-proto"), [proto], "{said}");
        assert!(head.all("x-forwarded-host").len() == 1, "{said}");
        assert!(head.header("x-forwarded-host").unwrap().eq_ignore_ascii_case(host), "{said}");
        assert!(head.all("forwarded").is_empty(), "{said}");
        assert!(proto == "https" || head.all("x-forwarded-port").is_empty(), "{said}");
        assert_eq!(head.all("x-request-id"), [reply.header("x-request-id").unwrap()], "{said}");
        assert_ne!(head.header("x-request-id"), Some("0000000000000666"), "{said}");
        assert_eq!(head.all("authorization"), ["Basic eDp5"], "{said}");
        assert_eq!((head.all("cookie"), head.all("x-own")), (vec!["a=b; c=d"], vec!["1", "2"]), "{said}");
        assert_eq!(head.all("accept-encoding"), ["br"], "{said}");
    }
}

#[test]
fn what_is_for_one_connection_stays_there() {
    let backend = Backend::start(|exchange| {
        let headers =
            ["Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Upgrade: h2c", "X-End: 1"];
        exchange.reply(200, &headers, b"ok");
    });
    let gateway = start("", &backend, "");
    for headers in [
        &["Connection: X-Hop", "X-Hop: 1"][..],
        &["Connection: close, x-HOP,, x-other", "X-Hop: 1", "X-Other: 2"],
        &["Connection: keep-alive", "Connection: x-hop", "X-Hop: 1"],
        &["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "Trailer: X-Hop"],
        &["Proxy-Authorization: Basic eDp5"],
        &["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"],
    ] {
        let headers = [headers, &["X-End: 1"]].concat();
        let reply = gateway.raw(&request("GET", "/geo", &headers, b""));
        assert_eq!((reply.status, reply.text()), (200, "ok"), "{headers:?}");
        let head = backend.last();
        assert_eq!((head.header("x-end"), reply.header("x-end")), (Some("1"), Some("1")));
        for name in ["x-hop", "x-other", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "http2-settings"]
        {
            assert_eq!(head.header(name), None, "{headers:?} became {}", head.raw);
            assert_eq!(reply.header(name), None, "{headers:?}: {reply:?}");
        }
        assert_eq!(head.header("proxy-authorization"), None, "{headers:?}");
    }
    // What the gateway itself says must not be removed in the client's name.
    for name in ["X-Forwarded-For", "X-Request-Id", "Host", "Cookie"] {
        let before = backend.heads().len();
        let nominated = format!("Connection: {name}");
        let reply = gateway.raw(&request("GET", "/geo", &[&nominated, "Cookie: a=b"], b""));
        let told =
            |head: &Head| ["x-forwarded-for", "x-request-id", "host"].iter().all(|name| head.all(name).len() == 1);
        let passed_on = reply.status == 200 && backend.heads().len() == before + 1 && told(&backend.last());
        assert!(passed_on || reply.status == 400, "{name}: {reply:?}");
    }
}

#[test]
fn replies_come_back_as_they_are() {
    let backend = Backend::start(|exchange| {
        let status = exchange.head.target().rsplit('/').next().unwrap().parse().unwrap();
        let headers =
            ["Location: /else?x=%20", "Set-Cookie: a=1", "Set-Cookie: b=2", "Server: own", "X-Frame-Options: DENY"];
        let more = ["Vary: Accept", "Vary: Cookie", "X-Request-Id: 666"];
        exchange.reply(status, &[&headers[..], &more].concat(), b"its own");
    });
    let setup = Setup::new();
    setup.put("404.html", b"the site's page");
    let toml = format!("[[sites]]\n{}[sites.errorPages]\n404 = \"404.html\"\n", proxy("/geo", &backend.url()));
    let gateway = setup.sites_and_actions(&toml).start();
    for status in [200, 201, 204, 302, 304, 404, 418, 500, 503] {
        let reply = gateway.raw(&request("GET", &format!("/geo/{status}"), &["Accept: text/html"], b""));
        let text = if matches!(status, 204 | 304) { "" } else { "its own" };
        assert_eq!((reply.status, reply.text(), reply.header("location")), (status, text, Some("/else?x=%20")));
        assert_eq!((all(&reply, "set-cookie"), all(&reply, "server")), (vec!["a=1", "b=2"], vec!["own"]), "{status}");
        assert_eq!(all(&reply, "x-frame-options"), ["DENY"], "{status}");
        assert_eq!(all(&reply, "vary").join(", "), "Accept, Cookie", "{status}");
        for name in ["content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"] {
            assert_eq!(reply.header(name), None, "{status} {name}");
        }
        assert_eq!(all(&reply, "x-request-id"), backend.last().all("x-request-id"), "{status}");
    }
}

#[test]
fn cors_is_the_site_s_and_not_the_server_s() {
    let backend = Backend::start(|exchange| {
        exchange.reply(200, &["Vary: Accept", "Vary: Cookie", "Access-Control-Allow-Origin: *"], b"its own");
    });
    let gateway =
        start("", &backend, "[sites.cors]\norigins = [\"https://app.example\"]\nexposeHeaders = [\"X-Own\"]\n");
    let origin = "Origin: https://app.example";
    for target in ["/geo", "/_/cmd/nothing"] {
        let reply = gateway.raw(&request("GET", target, &[origin], b""));
        assert_eq!(all(&reply, "access-control-allow-origin"), ["https://app.example"], "{target}");
        assert_eq!(all(&reply, "access-control-expose-headers"), ["X-Own"], "{target}");
        assert!(all(&reply, "vary").join(", ").contains("Origin"), "{target}: {reply:?}");
    }
    // What the server varies by is not forgotten: a cache would give one user's page to another.
    let reply = gateway.get("/geo");
    for name in ["Accept", "Cookie", "Origin"] {
        assert!(all(&reply, "vary").join(", ").split(", ").any(|other| other == name), "{name}: {reply:?}");
    }
    let asked = backend.heads().len();
    let preflight = request("OPTIONS", "/geo", &[origin, "Access-Control-Request-Method: POST"], b"");
    assert_eq!((gateway.raw(&preflight).status, backend.heads().len()), (204, asked));
    assert_eq!(gateway.raw(&request("OPTIONS", "/geo", &[], b"")).text(), "its own");
}

#[test]
fn a_body_over_the_limit_is_413() {
    let backend = echo();
    let gateway = start("limits.body = \"1KiB\"\n", &backend, "");
    let fits = [7; 1024];
    assert_eq!(gateway.raw(&request("PUT", "/geo", &[], &fits)).body, fits);
    assert_eq!(gateway.raw(&chunked(&fits, 100)).body, fits);
    let asked = backend.heads().len();
    let reply = gateway.raw(&request("PUT", "/geo", &[], &[7; 1025]));
    assert_eq!((reply.status, reply.info().contains("1024 bytes"), backend.heads().len()), (413, true, asked));
    for size in [1, 100, 2000] {
        let reply = gateway.raw(&chunked(&[7; 1025], size));
        assert_eq!((reply.status, reply.info().contains("1024 bytes")), (413, true), "chunks of {size}");
    }
    let expecting = |length| {
        let mut connection = gateway.connect();
        let head = format!("PUT /geo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
        connection.send(head.as_bytes());
        connection
    };
    assert_eq!(expecting(1025).reply().unwrap().status, 413);
    let mut connection = expecting(1024);
    assert_eq!(connection.reply().unwrap().status, 100);
    assert_eq!(connection.send(&fits).reply().unwrap().body, fits);
    // It is answered already.
    assert_eq!(backend.last().header("expect"), None);
}

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
fn a_client_of_http_1_0_gets_no_chunks() {
    let backend = Backend::start(|exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    });
    let gateway = start("", &backend, "");
    let mut reply = String::new();
    dial(&gateway, b"GET /geo HTTP/1.0\r\nHost: a\r\n\r\n").read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding") && body == "hello", "{reply}");
}

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
fn mistakes_in_the_configuration_are_named() {
    let right = proxy("/geo", "http://a.example");
    for (toml, key) in [
        (proxy("/geo", "//a.example"), "[0].to"),
        (proxy("/geo", "ftp://a.example"), "[0].to"),
        (proxy("/geo", "http://a.example/?x"), "[0].to"),
        (proxy("/geo", "http://a.example/#x"), "[0].to"),
        (proxy("/geo", "http://user:word@a.example"), "[0].to"),
        (proxy("/geo", "http://a.example:65536"), "[0].to"),
        (proxy("geo", "http://a.example"), "[0].path"),
        (proxy("/geo/../x", "http://a.example"), "[0].path"),
        (proxy("/_", "http://a.example"), "[0].path"),
        (proxy("/_/geo", "http://a.example"), "[0].path"),
        (proxy("//_geo", "http://a.example"), "[0].path"),
        (proxy("/%5f", "http://a.example"), "[0].path"),
        (format!("{right}{right}"), "[1].path"),
        (format!("{right}{}", proxy("/geo/", "http://b.example")), "[1].path"),
        (format!("{right}timeot = \"1s\"\n"), "[0].timeot"),
    ] {
        let said = Setup::new().sites_and_actions(&format!("[[sites]]\n{toml}")).refused();
        assert!(said.contains(&format!(": sites[0].proxy{key}: ")), "{toml}: {said}");
        assert_eq!(said.lines().count(), 1, "{toml}: {said}");
    }
}
