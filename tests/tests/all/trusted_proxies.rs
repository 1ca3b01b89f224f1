//! Whose `X-Forwarded-*` are believed.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

use wicketgate_tests::{Gateway, Reply, Setup};

const SITES: &str =
    "[[sites]]\nhost = \"a.example\"\nroot = \"www/a\"\n[[sites]]\nhost = \"b.example\"\nroot = \"www/b\"\n";

fn start(networks: &str) -> Gateway {
    let setup = Setup::new().file("a/index.html", b"a").file("b/index.html", b"b");
    setup.server(&format!("trustedProxies = {networks}\n")).sites_and_actions(SITES).start()
}

/// GETs `/` of a.example with these header lines.
fn get(gateway: &Gateway, headers: &str) -> Reply {
    gateway.raw(format!("GET / HTTP/1.1\r\nHost: a.example\r\n{headers}\r\n").as_bytes())
}

#[test]
fn only_a_trusted_peer_may_name_another_host() {
    // The tests' own connections come from 127.0.0.1.
    for (networks, trusted) in [
        ("[]", false),
        ("[\"10.0.0.0/8\"]", false),
        ("[\"127.0.0.2\"]", false),
        ("[\"127.0.0.0/32\"]", false),
        ("[\"::1\", \"::/0\"]", false),
        ("[\"127.0.0.1\"]", true),
        ("[\"127.0.0.0/8\"]", true),
        ("[\"0.0.0.0/0\"]", true),
        ("[\"10.0.0.0/8\", \"::1\", \"127.0.0.1/32\"]", true),
    ] {
        let gateway = start(networks);
        for host in ["b.example", "B.Example", "b.example:8443", "b.example."] {
            let reply = get(&gateway, &format!("X-Forwarded-Host: {host}\r\n"));
            assert_eq!((reply.status, reply.text()), (200, if trusted { "b" } else { "a" }), "{networks} {host}");
        }
        // A host without a site is one wherever the name comes from.
        let status = get(&gateway, "X-Forwarded-Host: nobody.example\r\n").status;
        assert_eq!(status, if trusted { 421 } else { 200 }, "{networks}");
        assert_eq!(get(&gateway, "").text(), "a", "{networks}");
    }
}

#[test]
fn an_untrusted_peer_gains_nothing_by_any_spelling() {
    let gateway = start("[\"10.0.0.0/8\"]");
    for headers in [
        "x-forwarded-host: b.example\r\n",
        "X-FORWARDED-HOST: b.example\r\nX-Forwarded-Host: b.example\r\n",
        "Forwarded: for=10.0.0.1;host=b.example;proto=https\r\n",
        "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: b.example\r\n",
        "X-Real-IP: 10.0.0.1\r\nX-Forwarded-Server: b.example\r\nX-Host: b.example\r\nX-Forwarded-Host: b.example\r\n",
        "X-Forwarded-Host: not a host/\r\n",
        "X-Forwarded-Host:\r\n",
    ] {
        let reply = get(&gateway, headers);
        assert_eq!((reply.status, reply.text()), (200, "a"), "{headers:?}");
    }
}

#[test]
fn each_request_of_a_connection_speaks_for_itself() {
    let gateway = start("[\"127.0.0.1\"]");
    let mut connection = gateway.connect();
    for (header, site) in [("", "a"), ("X-Forwarded-Host: b.example\r\n", "b"), ("", "a")] {
        connection.send(format!("GET / HTTP/1.1\r\nHost: a.example\r\n{header}\r\n").as_bytes());
        assert_eq!(connection.reply().unwrap().text(), site);
    }
}

#[test]
fn what_the_nearest_proxy_added_counts() {
    let gateway = start("[\"127.0.0.1\"]");
    // The first name is what a client may have made up before the proxy added its own.
    for headers in
        ["X-Forwarded-Host: a.example, b.example\r\n", "X-Forwarded-Host: a.example\r\nX-Forwarded-Host: b.example\r\n"]
    {
        assert_eq!(get(&gateway, headers).text(), "b", "{headers:?}");
    }
}

#[test]
fn a_trusted_peer_that_sends_nonsense_reaches_no_other_site() {
    let gateway = start("[\"127.0.0.1\"]");
    for value in
        ["b.example/", "b.example@a", "b.example b", "\"b.example\"", "b.example:x", "http://b.example", "\u{e4}"]
    {
        let reply = get(&gateway, &format!("X-Forwarded-Host: {value}\r\n"));
        assert!(reply.text() != "b" && reply.status < 500, "{value}: {} {}", reply.status, reply.text());
    }
    // A malformed request stays one.
    let reply = gateway.raw(b"GET / HTTP/1.1\r\nX-Forwarded-Host: b.example\r\n\r\n");
    assert_eq!((reply.status, reply.header("connection")), (400, Some("close")));
    assert_eq!(get(&gateway, "").text(), "a");
}

#[test]
fn another_server_sees_only_what_is_believed() {
    const FORGED: &str = "X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Host: forged.example\r\n\
                          X-Forwarded-Proto: forged.example\r\nX-Forwarded-Port: forged.example\r\n\
                          Forwarded: for=192.0.2.66;host=forged.example\r\n";
    for (networks, believed) in [("[]", false), ("[\"127.0.0.1\"]", true)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
            head.to_ascii_lowercase()
        });
        let toml = format!("[[sites]]\n[[sites.proxy]]\npath = \"/geo\"\nto = \"http://{address}\"\n");
        let gateway = Setup::new().server(&format!("trustedProxies = {networks}\n")).sites_and_actions(&toml).start();
        let reply = gateway.raw(format!("GET /geo HTTP/1.1\r\nHost: a.example\r\n{FORGED}\r\n").as_bytes());
        assert_eq!((reply.status, reply.text()), (200, "ok"), "{networks}");
        let head = server.join().unwrap();
        assert_eq!(head.contains("192.0.2.66"), believed, "{networks}: {head}");
        assert!(believed || !head.contains("forged.example"), "{networks}: {head}");
    }
}

#[test]
fn what_is_no_network_is_a_mistake() {
    for (networks, expected) in [
        ("[\"localhost\"]", "server.trustedProxies[0]: "),
        ("[\"\"]", "server.trustedProxies[0]: "),
        ("[\"10.0.0.256\"]", "server.trustedProxies[0]: "),
        ("[\"10.0.0.0/33\"]", "server.trustedProxies[0]: "),
        ("[\"::1/129\"]", "server.trustedProxies[0]: "),
        ("[\"127.0.0.1:80\"]", "server.trustedProxies[0]: "),
        ("[\"10.0.0.0/8, 127.0.0.1\"]", "server.trustedProxies[0]: "),
        ("[\"10.0.0.0/8\", \"::1\", \"10.0.0.0/-1\"]", "server.trustedProxies[2]: "),
        ("[5]", "server.trustedProxies[0]: expected str, got int"),
        ("\"10.0.0.0/8\"", "server.trustedProxies: expected list, got str"),
    ] {
        let said = Setup::new().server(&format!("trustedProxies = {networks}\n")).refused();
        assert!(said.contains("wicketgate.toml:5:") && said.contains(expected), "{networks}: {said}");
        assert_eq!(said.lines().count(), 1, "{networks}: {said}");
    }
}
