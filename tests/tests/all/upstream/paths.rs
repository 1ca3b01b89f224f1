//! Which requests reach another server, and under which path.

use super::*;

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
        "/geo/a%2f..b%2f...%2fetc",
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

#[test]
fn no_path_leaves_the_prefix_on_a_server_that_reads_it_otherwise() {
    let backend = plain("ok");
    let gateway = start("", &backend, "");
    for target in [
        "/geo/..;/manager",
        "/geo/..;x=y/manager",
        "/geo/%2e%2e%3b/manager",
        "/geo/.;/manager",
        "/geo/..%2fmanager",
        "/geo/%2e%2e%2Fmanager",
        "/geo/a%2f..%2f..%2fmanager",
        "/geo/..%5cmanager",
        "/geo/..\\manager",
        "/geo/x%5C..;a%5Cmanager",
    ] {
        assert_eq!(gateway.get(target).status, 400, "{target}");
    }
    assert!(backend.heads().is_empty());
    for target in ["/geo/a;b=..", "/geo/..a;x", "/geo/a..%2Fb", "/geo/...", "/geo/%252e%252e;"] {
        assert_eq!((gateway.get(target).status, backend.last().target()), (200, target));
    }
}

#[test]
fn a_rule_s_own_query_arrives_as_a_uri_can_hold_it() {
    let backend = plain("ok");
    let rule = "[[sites.rewriteRules]]\npattern = '^/old/(.*)$'\ntarget = '/geo?p=a b&ü=\"<%20>&q=$1'\n";
    let gateway = start("", &backend, rule);
    assert_eq!(gateway.get("/old/x?y=%C3%BC").status, 200);
    assert_eq!(backend.last().target(), "/geo?p=a%20b&%C3%BC=%22%3C%20%3E&q=x&y=%C3%BC");
}
