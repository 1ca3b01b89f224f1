//! What another server is told, and what comes back.

use super::*;

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
        let foreign = ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"];
        let headers = ["Vary: Accept", "Vary: Cookie", "Access-Control-Max-Age: 9", "Timing-Allow-Origin: *"];
        exchange.reply(200, &[&foreign[..], &headers].concat(), b"its own");
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
    for origin in ["Origin: https://app.example", "Origin: https://evil.example", "Origin: null", "X-None: 1"] {
        let reply = gateway.raw(&request("GET", "/geo", &[origin], b""));
        let allowed = origin.contains("app").then_some("https://app.example");
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(reply.header("access-control-allow-credentials"), None, "{origin}");
        assert_eq!((reply.header("access-control-max-age"), reply.header("timing-allow-origin")), (None, Some("*")));
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
fn whatever_else_proxies_say_is_heard_from_trusted_ones_alone() {
    const TOLD: [(&str, &str); 8] = [
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-ssl", "on"),
        ("x-forwarded-user", "admin"),
        ("x-forwarded-scheme", "https"),
        ("x_forwarded_port", "8443"),
        ("x-forwarded-port", "8443"),
        ("x-real-ip", "192.0.2.1"),
        ("x_real_ip", "192.0.2.1"),
    ];
    let backend = plain("ok");
    let lines: Vec<_> = TOLD.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    for (server, trusted) in [("", false), ("trustedProxies = [\"127.0.0.1\"]\n", true)] {
        let gateway = start(server, &backend, "");
        assert_eq!(gateway.raw(&request("GET", "/geo", &lines, b"")).status, 200);
        for (name, value) in TOLD {
            assert_eq!(backend.last().header(name), trusted.then_some(value), "{server}{name}");
        }
    }
}

#[test]
fn what_a_trusted_proxy_says_is_handed_on_whole() {
    let backend = plain("ok");
    let gateway = start("trustedProxies = [\"127.0.0.1\"]\n", &backend, "");
    for (sent, ips, proto, host) in [
        (
            "Forwarded: for=192.0.2.9;proto=https;host=public.example:8443",
            "192.0.2.9, 127.0.0.1",
            "https",
            "public.example:8443",
        ),
        (
            "Forwarded: for=\"[2001:db8::1]:47\", For=192.0.2.9:80;proto=http",
            "2001:db8::1, 192.0.2.9, 127.0.0.1",
            "http",
            "a",
        ),
        ("Forwarded: for=\"[2001:db8::1]\"\r\nForwarded: for=_hidden", "2001:db8::1, _hidden, 127.0.0.1", "http", "a"),
        ("X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.9", "192.0.2.1, 127.0.0.1", "http", "a"),
        ("X-Forwarded-Host: public.example:8443", "127.0.0.1", "http", "public.example:8443"),
        ("X-Forwarded-Host: no host/", "127.0.0.1", "http", "a"),
    ] {
        let bytes = format!("GET /geo HTTP/1.1\r\nHost: a\r\n{sent}\r\n\r\n");
        assert_eq!(gateway.raw(bytes.as_bytes()).status, 200, "{sent}");
        let head = backend.last();
        assert_eq!(head.all("x-forwarded-for"), [ips], "{sent}");
        assert_eq!((head.all("x-forwarded-proto"), head.all("x-forwarded-host")), (vec![proto], vec![host]), "{sent}");
        assert!(head.all("forwarded").is_empty(), "{sent}");
    }
}

#[test]
fn a_request_without_a_host_gets_the_server_s() {
    let backend = plain("ok");
    let gateway = start("", &backend, "");
    let mut reply = String::new();
    dial(&gateway, b"GET /geo HTTP/1.0\r\n\r\n").read_to_string(&mut reply).unwrap();
    let host = backend.url().replace("http://", "");
    assert_eq!((backend.last().all("host"), &reply[9..12]), (vec![host.as_str()], "200"));
}
