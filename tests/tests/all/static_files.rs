//! Static files: index, types, validators, HEAD, and what is never served.

use std::{fs, os::unix::fs::symlink, process::Command};

use wicketgate_tests::{Setup, request};

#[test]
fn a_folder_is_its_index() {
    let gateway = Setup::new().file("index.html", b"home").file("sub/index.html", b"sub").file("empty/x", b"").start();
    assert_eq!(gateway.get("/sub/").text(), "sub");
    assert_eq!(gateway.get("/empty/").status, 404);
    assert_eq!(gateway.get("/sub/index.html").text(), "sub");
    // Without its slash, relative links in the page would lead astray.
    for (target, location) in
        [("/sub", "/sub/"), ("/sub?a=b%20c", "/sub/?a=b%20c"), ("//sub", "/sub/"), ("/x/../sub", "/sub/")]
    {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.header("location")), (308, Some(location)), "{target}");
    }
    // A file is no folder.
    assert_eq!(gateway.get("/sub/index.html/").status, 404);
}

#[test]
fn types_follow_the_extension() {
    let names = ["a.html", "a.css", "a.js", "a.json", "a.svg", "a.png", "a.wasm", "a.txt", "a", "a.unknown"];
    let setup = names.iter().fold(Setup::new(), |setup, name| setup.file(name, b"x"));
    let gateway = setup.start();
    for (name, expected) in names.iter().zip([
        "text/html; charset=utf-8",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "application/json; charset=utf-8",
        "image/svg+xml",
        "image/png",
        "application/wasm",
        "text/plain; charset=utf-8",
        "application/octet-stream",
        "application/octet-stream",
    ]) {
        let reply = gateway.get(&format!("/{name}"));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(expected)), "{name}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn every_size_arrives_whole() {
    let sizes = [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, 3_000_000];
    let content = |size: usize| (0..size).map(|i| (i * 7 % 251) as u8).collect::<Vec<u8>>();
    let setup = sizes.iter().fold(Setup::new(), |setup, size| setup.file(&format!("{size}.bin"), &content(*size)));
    let gateway = setup.start();
    let mut connection = gateway.connect();
    for size in sizes {
        let reply = connection.send(&request("GET", &format!("/{size}.bin"), &[], b"")).reply().unwrap();
        assert_eq!((reply.status, reply.body.len()), (200, size));
        assert!(reply.body == content(size), "the content of {size} bytes differs");
        let head = connection.send(&request("HEAD", &format!("/{size}.bin"), &[], b"")).reply_to_head().unwrap();
        assert_eq!(head.header("content-length"), Some(size.to_string().as_str()));
    }
}

#[test]
fn clients_that_do_not_read_keep_nobody_else_waiting() {
    let gateway = Setup::new().file("large.bin", &vec![7; 8_000_000]).start();
    // More of them than there are threads that may block.
    let mut stalled = Vec::new();
    for _ in 0..600 {
        let mut connection = gateway.connect();
        connection.send(&request("GET", "/large.bin", &[], b""));
        stalled.push(connection);
    }
    assert_eq!(gateway.get("/large.bin").body.len(), 8_000_000);
}

#[test]
fn a_file_that_becomes_shorter_breaks_the_reply_off() {
    let gateway = Setup::new().file("large.bin", &vec![7; 30_000_000]).start();
    let mut connection = gateway.connect();
    connection.send(&request("GET", "/large.bin", &[], b""));
    std::thread::sleep(std::time::Duration::from_millis(300));
    fs::write(gateway.www().join("large.bin"), b"short").unwrap();
    assert!(connection.read_to_end() < 30_000_000);
    assert_eq!(gateway.get("/large.bin").text(), "short");
}

#[test]
fn a_file_that_grows_is_sent_as_long_as_it_was() {
    let gateway = Setup::new().file("large.bin", &vec![7; 30_000_000]).file("small.bin", &[7; 1000]).start();
    let mut connection = gateway.connect();
    connection.send(&request("GET", "/large.bin", &[], b""));
    std::thread::sleep(std::time::Duration::from_millis(300));
    let append = |name: &str| {
        let mut file = fs::File::options().append(true).open(gateway.www().join(name)).unwrap();
        std::io::Write::write_all(&mut file, &[8; 1_000_000]).unwrap();
    };
    append("large.bin");
    let reply = connection.reply().unwrap();
    assert!(reply.body.len() == 30_000_000 && !reply.body.contains(&8), "{}", reply.body.len());
    assert_eq!(gateway.get("/large.bin").body.len(), 31_000_000);
    assert_eq!(connection.send(&request("GET", "/small.bin", &[], b"")).reply().unwrap().body.len(), 1000);
    append("small.bin");
    assert_eq!(connection.send(&request("GET", "/small.bin", &[], b"")).reply().unwrap().body.len(), 1_001_000);
}

#[test]
fn a_copy_that_is_still_good_is_not_sent_again() {
    let gateway = Setup::new().file("a.txt", b"one").start();
    let first = gateway.get("/a.txt");
    let (etag, modified) =
        (first.header("etag").unwrap().to_owned(), first.header("last-modified").unwrap().to_owned());
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    let ask = |header: String| gateway.raw(&request("GET", "/a.txt", &[&header], b""));
    for header in [
        format!("If-None-Match: {etag}"),
        format!("If-None-Match: W/{etag}"),
        format!("If-None-Match: \"x\", {etag}"),
        "If-None-Match: *".into(),
        format!("If-Modified-Since: {modified}"),
    ] {
        let reply = ask(header.clone());
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{header}");
        assert_eq!((reply.header("etag"), reply.header("content-type")), (Some(etag.as_str()), None), "{header}");
    }
    for header in [
        "If-None-Match: \"x\"".into(),
        format!("If-None-Match: {}", etag.trim_matches('"')),
        "If-None-Match: ".into(),
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT".into(),
        "If-Modified-Since: yesterday".into(),
        // If-None-Match decides alone (RFC 9110 §13.1.3).
        format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {modified}"),
    ] {
        assert_eq!(ask(header.clone()).status, 200, "{header}");
    }
    fs::write(gateway.www().join("a.txt"), b"other").unwrap();
    let changed = ask(format!("If-None-Match: {etag}"));
    assert_eq!((changed.status, changed.text()), (200, "other"));
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
}

#[test]
fn dotfiles_are_hidden_but_well_known_is_not() {
    let gateway = Setup::new()
        .file(".env", b"secret")
        .file(".git/config", b"secret")
        .file("a/.htpasswd", b"secret")
        .file(".well-known/acme", b"public")
        .file(".well-known/.x", b"secret")
        .file("..x", b"secret")
        .start();
    for target in
        ["/.env", "/%2eenv", "/.git/config", "/.git/", "/.git", "/a/.htpasswd", "/.well-known/.x", "/..x", "/a/../.env"]
    {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 404, "{target}");
        assert!(!reply.text().contains("secret"));
    }
    assert_eq!(gateway.get("/.well-known/acme").text(), "public");
}

#[test]
fn links_may_not_leave_the_root() {
    let setup = Setup::new().file("real/a.txt", b"inside");
    fs::write(setup.dir().join("secret.txt"), b"secret").unwrap();
    fs::create_dir(setup.dir().join("outside")).unwrap();
    fs::write(setup.dir().join("outside/secret.txt"), b"secret").unwrap();
    let www = setup.www();
    symlink("real/a.txt", www.join("inside.txt")).unwrap();
    symlink("real", www.join("inside")).unwrap();
    symlink("../secret.txt", www.join("up.txt")).unwrap();
    symlink("../outside", www.join("up")).unwrap();
    symlink(setup.dir().join("secret.txt"), www.join("absolute.txt")).unwrap();
    symlink("/etc", www.join("etc")).unwrap();
    symlink("loop", www.join("loop")).unwrap();
    symlink("nowhere", www.join("broken")).unwrap();
    let gateway = setup.start();
    assert_eq!(gateway.get("/inside.txt").text(), "inside");
    assert_eq!(gateway.get("/inside/a.txt").text(), "inside");
    for target in ["/up.txt", "/up/secret.txt", "/absolute.txt", "/etc/passwd", "/etc/", "/loop", "/broken"] {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 404, "{target}: {}", reply.text());
    }
}

#[test]
fn a_way_out_that_comes_and_goes_is_never_taken() {
    let setup = Setup::new().file("inside/a.txt", b"public");
    for path in ["outside/a.txt", "outside/b.txt"] {
        setup.put(path, b"secret");
    }
    symlink("inside", setup.www().join("in")).unwrap();
    symlink("../outside", setup.www().join("out")).unwrap();
    let (gateway, over) = (setup.start(), std::sync::atomic::AtomicBool::new(false));
    let www = gateway.www();
    std::thread::scope(|scope| {
        // What `way` leads to is swapped as fast as it goes.
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                for target in ["in", "out"] {
                    fs::hard_link(www.join(target), www.join("next")).unwrap();
                    fs::rename(www.join("next"), www.join("way")).unwrap();
                }
            }
        });
        let (mut connection, mut seen) = (gateway.connect(), [0, 0]);
        for number in 0..2_000 {
            let target = ["/way/a.txt", "/way/b.txt"][number % 2];
            let reply = connection.send(&request("GET", target, &[], b"")).reply().unwrap();
            assert!(!reply.text().contains("secret"), "{target}");
            assert!(matches!(reply.status, 200 | 404), "{target}: {}", reply.status);
            seen[usize::from(reply.status == 200)] += 1;
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    });
}

#[test]
fn only_regular_files_are_served() {
    let gateway = Setup::new().start();
    let fifo = gateway.www().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(gateway.www().join("socket")).unwrap();
    assert_eq!(gateway.get("/fifo").status, 404);
    assert_eq!(gateway.get("/socket").status, 404);
    gateway.assert_well();
}

#[test]
fn hostile_names_find_nothing() {
    let gateway = Setup::new().file("a/b.txt", b"b").start();
    let long = format!("/{}", "x".repeat(8000));
    for target in [
        "/a%2fb.txt",
        "/a%5cb.txt",
        "/a\\b.txt",
        "/a/b.txt%20",
        "/a/b.txt.",
        "/A/B.TXT",
        "/a/b.txt;x",
        "/%252e%252e/x",
        "/con",
        "/a%0ab",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e%2fetc/passwd",
        "/....//etc/passwd",
        "/a/b.txt/c",
        &long,
    ] {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 404, "{target}");
        reply.error();
    }
    gateway.assert_well();
}
