//! What the operator says of files: `[[sites.files]]`, `index`, `htmlExtension`, `listing`, `symlinks`.

use std::{fs, os::unix::fs::symlink};

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup, request};

fn site(keys: &str) -> Setup {
    Setup::new().sites_and_actions(&format!("[[sites]]\nroot = \"www\"\n{keys}"))
}

fn ask(gateway: &Gateway, target: &str, accept: &str) -> Reply {
    gateway.raw(&request("GET", target, &[&format!("Accept: {accept}")], b""))
}

#[test]
fn the_first_rule_that_matches_says_how_long_a_file_is_good() {
    let gateway = site(
        "[[sites.files]]\npattern = '^/assets/.*\\.[0-9a-f]{8}\\.\\w+$'\ncacheControl = \"public, max-age=31536000, immutable\"\n\
         [[sites.files]]\npattern = '^/assets/'\ncacheControl = \"max-age=60\"\n\
         [[sites.files]]\npattern = '\\.html$|/$'\ncacheControl = \"no-cache\"\n",
    )
    .file("assets/app.0a1b2c3d.js", b"let a = 1")
    .file("assets/plain.js", b"x")
    .file("index.html", b"home")
    .file("a.txt", b"x")
    .start();
    for (target, expected) in [
        ("/assets/app.0a1b2c3d.js", Some("public, max-age=31536000, immutable")),
        ("/assets/plain.js", Some("max-age=60")),
        // Rules are about the path as clients know it, decoded.
        ("/assets/%70lain.js", Some("max-age=60")),
        ("/", Some("no-cache")),
        ("/index.html", Some("no-cache")),
        ("/a.txt", None),
    ] {
        for _ in 0..2 {
            let reply = gateway.get(target);
            assert_eq!((reply.status, reply.header("cache-control")), (200, expected), "{target}");
            let tag = format!("If-None-Match: {}", reply.header("etag").unwrap());
            let same = gateway.raw(&request("GET", target, &[&tag], b""));
            assert_eq!((same.status, same.header("cache-control")), (304, expected), "{target}");
        }
    }
    assert_eq!(gateway.get("/assets/none").header("cache-control"), Some("no-store"), "an error is none of the files");
}

#[test]
fn the_fallback_is_a_file_by_its_own_path() {
    let keys = "fallback = \"index.html\"\n\
                [[sites.files]]\npattern = '^/assets/'\ncacheControl = \"immutable\"\ndownload = true\n\
                [[sites.files]]\npattern = '^/index.html$'\ncacheControl = \"no-cache\"\n";
    let gateway = site(keys).file("index.html", b"page").file("assets/a.js", b"x").start();
    // Whatever was asked for first.
    for target in ["/assets/none.js", "/page", "/assets/none.js", "/index.html", "/other"] {
        let reply = gateway.get(target);
        let said = (reply.header("cache-control"), reply.header("content-disposition"));
        assert_eq!((reply.text(), said), ("page", (Some("no-cache"), None)), "{target}");
    }
    assert_eq!(gateway.get("/assets/a.js").header("cache-control"), Some("immutable"));
}

#[test]
fn one_file_may_be_told_of_by_several_rules() {
    let keys = "rewriteRules = [{ pattern = '^/app/.*$', target = '/page.html' }]\n\
                [[sites.files]]\npattern = '^/$'\ncacheControl = \"max-age=1\"\n\
                [[sites.files]]\npattern = 'html$'\ncacheControl = \"max-age=2\"\n";
    let gateway = site(keys).file("index.html", b"home").file("page.html", b"page").start();
    for _ in 0..3 {
        for (target, text, expected) in [
            ("/", "home", "max-age=1"),
            ("/index.html", "home", "max-age=2"),
            ("/app/x", "page", "max-age=2"),
            ("/page.html", "page", "max-age=2"),
        ] {
            let reply = gateway.get(target);
            assert_eq!((reply.text(), reply.header("cache-control")), (text, Some(expected)), "{target}");
        }
    }
}

#[test]
fn downloads_have_a_name() {
    let gateway = site("[[sites.files]]\npattern = '^/get/'\ndownload = true\n")
        .file("get/report 1.pdf", b"x")
        .file("get/Übersicht.txt", b"x")
        .file("a.txt", b"x")
        .start();
    for (target, expected) in [
        ("/get/report%201.pdf", Some("attachment; filename=\"report 1.pdf\"")),
        (
            "/get/%C3%9Cbersicht.txt",
            Some("attachment; filename=\"_bersicht.txt\"; filename*=UTF-8''%C3%9Cbersicht.txt"),
        ),
        ("/a.txt", None),
    ] {
        assert_eq!(gateway.get(target).header("content-disposition"), expected, "{target}");
    }
}

#[test]
fn an_index_may_have_other_names() {
    let gateway = site("index = [\"start.htm\", \"index.html\"]\n")
        .file("index.html", b"second")
        .file("a/start.htm", b"first")
        .file("a/index.html", b"second")
        .file("b/x", b"x")
        .start();
    for (target, status, text) in [("/", 200, "second"), ("/a/", 200, "first"), ("/a/index.html", 200, "second")] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (status, text), "{target}");
    }
    assert_eq!(gateway.get("/b/").status, 404);
    let none = site("index = []\n").file("index.html", b"home").start();
    assert_eq!((none.get("/").status, none.get("/index.html").status), (404, 200));
}

#[test]
fn pages_may_be_asked_for_without_their_extension() {
    let keys = "htmlExtension = true\nfallback = \"index.html\"\n";
    let gateway = site(keys)
        .file("about.html", b"about")
        .file("both", b"itself")
        .file("both.html", b"page")
        .file("docs/index.html", b"docs")
        .file("docs.html", b"page")
        .file("index.html", b"home")
        .file(".hidden.html", b"secret")
        .start();
    for (target, expected) in [
        ("/about", "about"),
        ("/about.html", "about"),
        ("/both", "itself"),
        ("/docs/", "docs"),
        ("/about/", "home"),
        ("/none", "home"),
        ("/.hidden", "home"),
    ] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (200, expected), "{target}");
        assert_eq!(reply.header("content-type").is_some_and(|t| t.starts_with("text/html")), target != "/both");
    }
    assert_eq!(gateway.get("/docs").status, 308, "a folder comes first");
    assert_eq!(site("").file("about.html", b"about").start().get("/about").status, 404);
}

#[test]
fn a_folder_is_listed_if_it_may_be() {
    let setup = site("listing = true\n")
        .file("docs/b.txt", b"12345")
        .file("docs/<i>&\"ä .txt", b"x")
        .file("docs/sub/x", b"x")
        .file("docs/.hidden", b"secret")
        .file("with/index.html", b"index");
    fs::write(setup.dir().join("secret.txt"), b"secret").unwrap();
    symlink("../../secret.txt", setup.www().join("docs/out")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(setup.www().join("docs/fifo")).status().unwrap().success());
    let gateway = setup.start();
    let json = ask(&gateway, "/docs/", "application/json");
    assert_eq!((json.status, json.header("content-type")), (200, Some("application/json")));
    let entries = json.value();
    let shown: Vec<(&str, &str, &Value)> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["name"].as_str().unwrap(), e["type"].as_str().unwrap(), &e["size"]))
        .collect();
    let one = json!(1);
    let five = json!(5);
    assert_eq!(shown, [("sub", "folder", &Value::Null), ("<i>&\"ä .txt", "file", &one), ("b.txt", "file", &five)]);
    let page = ask(&gateway, "/docs/", "text/html");
    assert_eq!((page.header("content-type"), page.header("vary")), (Some("text/html; charset=utf-8"), Some("Accept")));
    let text = page.text();
    assert!(text.contains("&lt;i&gt;&amp;&quot;ä .txt") && !text.contains("<i>"), "{text}");
    assert!(text.contains("href=\"./sub/\"") && text.contains("href=\"../\""), "{text}");
    // Each link leads to what it names.
    for link in text.split("href=\"./").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(gateway.get(&format!("/docs/{link}")).status, 200, "{link}");
    }
    assert_eq!(gateway.get("/docs").header("location"), Some("/docs/"));
    assert_eq!(gateway.get("/with/").text(), "index");
    assert_eq!(gateway.get("/none/").status, 404);
    for hidden in ["/.git/", "/docs/out/", "/docs/b.txt/"] {
        assert_eq!(gateway.get(hidden).status, 404, "{hidden}");
    }
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/docs/", &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length").is_some()), (200, true));
    assert_eq!(site("").file("docs/x", b"x").start().get("/docs/").status, 404);
}

#[test]
fn links_may_be_forbidden_altogether() {
    let setup = site("symlinks = false\n").file("real/a.txt", b"a").file("plain.txt", b"plain");
    symlink("real/a.txt", setup.www().join("link.txt")).unwrap();
    symlink("real", setup.www().join("dir")).unwrap();
    let gateway = setup.start();
    for (target, status) in [
        ("/real/a.txt", 200),
        ("/plain.txt", 200),
        ("/link.txt", 404),
        ("/dir/a.txt", 404),
        ("/dir", 404),
        ("/dir/", 404),
    ] {
        assert_eq!(gateway.get(target).status, status, "{target}");
    }
}

#[test]
fn mistakes_are_told_at_their_place() {
    for (keys, path, said) in [
        ("index = [\"a/b\"]", "index[0]", "expected the name of a file"),
        ("index = [\".htaccess\"]", "index[0]", "that is not hidden"),
        ("index = \"index.html\"", "index", "expected list"),
        ("compress = [\"text\"]", "compress[0]", "expected a media type"),
        ("listing = 1", "listing", "expected bool"),
        ("files = [{ pattern = '(' }]", "files[0].pattern", ""),
        ("files = [{ pattern = 'x', cacheControl = \"a\\nb\" }]", "files[0].cacheControl", "line breaks"),
        ("files = [{ pattern = 'x', cacheControl = \"\" }]", "files[0].cacheControl", "no-cache"),
        ("files = [{ pattern = 'x', cachControl = \"a\" }]", "files[0].cachControl", "cacheControl"),
        ("files = [{ download = true }]", "files[0].pattern", "missing"),
    ] {
        let told = site(&format!("{keys}\n")).refused();
        assert!(told.contains(&format!("sites[0].{path}: ")) && told.contains(said), "{keys}: {told}");
    }
    let told = site("").server("limits.cache = \"much\"\n").refused();
    assert!(told.contains("server.limits.cache: expected a size"), "{told}");
}
