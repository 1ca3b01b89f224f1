//! The client folder: what is served under `clientPath`, and that nothing else ever is.

use std::{fs, os::unix::fs::symlink};

use wicketgate_tests::{Gateway, Setup, request};

/// A site with these lines more, a client folder `client` beside its root, and files of the same names in both.
fn setup(lines: &str) -> Setup {
    let toml = format!("[[sites]]\nroot = \"www\"\n{lines}\n[[actions]]\ntype = \"example\"\n");
    let mut setup = Setup::new().sites_and_actions(&toml);
    for name in ["app.js", "index.html", "sub/index.html", "only-www.txt", "gws-client/app.js", "gws-client/x.txt"] {
        setup = setup.file(name, format!("www {name}").as_bytes());
    }
    for name in ["app.js", "index.html", "sub/index.html", "_x.js", "only-client.txt", ".env", ".well-known/x"] {
        setup.put(&format!("client/{name}"), format!("client {name}").as_bytes());
    }
    setup
}

fn assert_bodies(gateway: &Gateway, cases: &[(&str, &str)]) {
    for (target, expected) in cases {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (200, *expected), "{target}");
    }
}

#[test]
fn what_is_below_the_client_path_comes_from_the_client_folder() {
    let gateway = setup("clientRoot = \"client\"").start();
    assert_bodies(
        &gateway,
        &[
            ("/gws-client/app.js", "client app.js"),
            ("/gws-client/", "client index.html"),
            ("/gws-client/sub/", "client sub/index.html"),
            ("/gws-client/app.js?v=1", "client app.js"),
            ("/%67ws-client//./app.js", "client app.js"),
            ("/x/../gws-client/sub/../app.js", "client app.js"),
            ("/gws-client/.well-known/x", "client .well-known/x"),
            // Only the whole path starts with `/_` or does not.
            ("/gws-client/_x.js", "client _x.js"),
            ("/app.js", "www app.js"),
            ("/gws-client/../app.js", "www app.js"),
            ("/gws-client/%2e%2e/app.js", "www app.js"),
        ],
    );
    gateway.assert_well();
}

#[test]
fn the_rules_of_static_files_hold() {
    let gateway = setup("clientRoot = \"client\"").start();
    let whole = gateway.get("/gws-client/app.js");
    assert_eq!(whole.header("content-type"), Some("text/javascript; charset=utf-8"));
    let ask = |header: &str| gateway.raw(&request("GET", "/gws-client/app.js", &[header], b""));
    let etag = whole.header("etag").unwrap();
    assert_eq!(ask(&format!("If-None-Match: {etag}")).status, 304);
    assert_eq!(ask("If-Match: \"other\"").status, 412);
    let part = ask("Range: bytes=0-5");
    assert_eq!((part.status, part.text(), part.header("content-range")), (206, "client", Some("bytes 0-5/13")));
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/gws-client/app.js", &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some("13")));
    assert_eq!(connection.send(&request("GET", "/app.js", &[], b"")).reply().unwrap().text(), "www app.js");
}

#[test]
fn a_folder_is_redirected_to_its_slash_below_the_client_path() {
    for (line, path) in [("", "/gws-client"), ("\nclientPath = \"/js/client\"", "/js/client")] {
        let gateway = setup(&format!("clientRoot = \"client\"{line}")).start();
        assert_eq!(gateway.get(&format!("{path}/sub/")).text(), "client sub/index.html");
        // The last two: the client folder itself is a folder as well.
        for (asked, expected) in
            [("/sub", "/sub/"), ("/sub?a=b%20c", "/sub/?a=b%20c"), ("//./sub", "/sub/"), ("", "/"), ("?a", "/?a")]
        {
            let reply = gateway.get(&format!("{path}{asked}"));
            let location = format!("{path}{expected}");
            assert_eq!((reply.status, reply.header("location")), (308, Some(location.as_str())), "{path}{asked}");
        }
    }
}

#[test]
fn neither_the_root_nor_the_fallback_answers_for_it() {
    for lines in [
        "",
        "clientRoot = \"client\"",
        "fallback = \"index.html\"",
        "clientRoot = \"client\"\nfallback = \"index.html\"",
    ] {
        let gateway = setup(lines).start();
        for target in [
            "/gws-client/x.txt",
            "/gws-client/none",
            "/gws-client/only-www.txt",
            "/gws-client/none/",
            "/%67ws-client/x.txt",
        ] {
            let reply = gateway.get(target);
            assert_eq!(reply.status, 404, "{target} with {lines}");
            reply.error();
        }
        let with_folder = if lines.contains("clientRoot") { 200 } else { 404 };
        assert_eq!(gateway.get("/gws-client/app.js").status, with_folder, "{lines}");
        assert_eq!(gateway.get("/gws-client/").status, with_folder, "{lines}");
    }
}

#[test]
fn only_whole_segments_count() {
    let setup = setup("clientRoot = \"client\"");
    for name in ["gws-clientx/app.js", "gws-client.js", "GWS-CLIENT/app.js", "a/gws-client/app.js"] {
        setup.put(&format!("www/{name}"), format!("www {name}").as_bytes());
    }
    let gateway = setup.start();
    assert_bodies(
        &gateway,
        &[
            ("/gws-clientx/app.js", "www gws-clientx/app.js"),
            ("/gws-client.js", "www gws-client.js"),
            ("/GWS-CLIENT/app.js", "www GWS-CLIENT/app.js"),
            ("/a/gws-client/app.js", "www a/gws-client/app.js"),
        ],
    );
    // One segment, with a slash in its name.
    assert_eq!(gateway.get("/gws-client%2Fapp.js").status, 404);
}

#[test]
fn other_methods_are_400_and_say_which_are_allowed() {
    for lines in ["", "clientRoot = \"client\""] {
        let gateway = setup(lines).start();
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            let reply = gateway.raw(&request(method, "/gws-client/app.js", &[], b""));
            assert_eq!((reply.status, reply.header("allow")), (400, Some("GET, HEAD, POST")), "{method} {lines}");
            reply.error();
        }
    }
}

#[test]
fn nothing_outside_of_it_is_reached() {
    let setup = setup("clientRoot = \"client\"");
    let client = setup.dir().join("client");
    fs::write(setup.dir().join("secret.txt"), b"secret").unwrap();
    symlink("../secret.txt", client.join("up.txt")).unwrap();
    symlink("../www", client.join("www")).unwrap();
    symlink(setup.dir().join("secret.txt"), client.join("absolute.txt")).unwrap();
    symlink("app.js", client.join("inside.js")).unwrap();
    let gateway = setup.start();
    assert_eq!(gateway.get("/gws-client/inside.js").text(), "client app.js");
    for path in [
        ".env",
        "%2eenv",
        "up.txt",
        "absolute.txt",
        "www/app.js",
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "../secret.txt",
        "..\\secret.txt",
        "....//secret.txt",
        "%252e%252e/secret.txt",
        "../gws-client/.env",
    ] {
        let reply = gateway.get(&format!("/gws-client/{path}"));
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
    }
    assert_eq!(gateway.get("/gws-client/../../secret.txt").status, 400);
}

#[test]
fn the_path_may_be_another_one_and_rules_lead_there() {
    let gateway = setup(
        "clientPath = \"/js/client/\"\nclientRoot = \"client\"\n\
         rewriteRules = [{ pattern = '^/js/v\\d+/(.*)$', target = '/js/client/$1' }]",
    )
    .start();
    assert_bodies(
        &gateway,
        &[
            ("/js/client/app.js", "client app.js"),
            ("/js/client/", "client index.html"),
            ("/js/v12/only-client.txt", "client only-client.txt"),
            // Not the client path any more: a folder like others.
            ("/gws-client/x.txt", "www gws-client/x.txt"),
        ],
    );
    for target in ["/js/app.js", "/js/", "/client/app.js", "/js/v12/only-www.txt"] {
        assert_eq!(gateway.get(target).status, 404, "{target}");
    }
}
