//! Files that can't be opened: because of their rights, or because too many are open.

use std::{fs, os::unix::fs::PermissionsExt};

use rustix::process::{Resource, Rlimit, prlimit};
use wicketgate_tests::{Gateway, Setup, gzip, request};

/// How many files it may have open; returns what the limit was.
fn limit(gateway: &Gateway, current: Option<u64>) -> Rlimit {
    let old = rustix::process::getrlimit(Resource::Nofile);
    prlimit(Some(gateway.pid()), Resource::Nofile, Rlimit { current, maximum: old.maximum }).unwrap()
}

#[test]
fn too_many_open_files_are_503_and_pass() {
    let text = "some text ".repeat(100);
    let setup = Setup::new().file("text.txt", text.as_bytes()).file("text.txt.gz", &gzip(text.as_bytes()));
    let setup = setup.file("hot.txt", b"hot").file("cold.txt", b"cold").file("large.bin", &vec![7; 2_000_000]);
    let gateway = setup.start();
    let mut connection = gateway.connect();
    let mut ask = |target: &str| connection.send(&request("GET", target, &[], b"")).reply().unwrap();
    assert_eq!(gateway.get("/text.txt").text(), text);
    // It has been taken, or else it would wait for room as well.
    assert_eq!(ask("/none").status, 404);
    let fds = fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap();
    let highest = fds.map(|fd| fd.unwrap().file_name().to_str().unwrap().parse::<u64>().unwrap()).max().unwrap();
    // What is open stays open; there is no room for one more but in gaps, which are filled first.
    let old = limit(&gateway, Some(3));
    for _ in 0..3 {
        for target in ["/cold.txt", "/large.bin"] {
            let refused = ask(target);
            assert_eq!(refused.status, 503, "{target}, with {highest} open: {refused:?}");
            assert!(refused.info().contains("too many open files"), "{refused:?}");
        }
    }
    let gzip = request("GET", "/text.txt", &["Accept-Encoding: gzip"], b"");
    let meanwhile = connection.send(&gzip).reply().unwrap();
    assert!(meanwhile.status == 503 || meanwhile.header("content-encoding").is_none(), "{meanwhile:?}");
    limit(&gateway, old.current);
    let sibling = connection.send(&gzip).reply().unwrap();
    // That of the sibling is strong.
    assert!(sibling.header("etag").is_some_and(|tag| tag.starts_with('"') && tag.contains("-gzip")), "{sibling:?}");
    let mut ask = |target: &str| connection.send(&request("GET", target, &[], b"")).reply().unwrap();
    assert_eq!((ask("/cold.txt").text(), ask("/large.bin").body.len()), ("cold", 2_000_000));
    assert_eq!(ask("/hot.txt").text(), "hot");
    // What is in memory needs no file.
    limit(&gateway, Some(3));
    assert_eq!(ask("/hot.txt").text(), "hot");
    limit(&gateway, old.current);
    // New connections are taken again, after a while.
    assert_eq!(gateway.get("/cold.txt").text(), "cold");
}

#[test]
fn what_the_gateway_may_not_read_is_403() {
    let setup = Setup::new().unprivileged().file("secret.txt", b"secret").file("dir/a.txt", b"a").file("b.txt", b"b");
    let set = |path: &str, mode| fs::set_permissions(setup.www().join(path), fs::Permissions::from_mode(mode)).unwrap();
    set("secret.txt", 0);
    set("dir", 0);
    let gateway = setup.start();
    let mut connection = gateway.connect();
    let mut ask = |target: &str| connection.send(&request("GET", target, &[], b"")).reply().unwrap();
    for target in ["/secret.txt", "/dir/a.txt", "/dir/none"] {
        let refused = ask(target);
        assert_eq!(refused.status, 403, "{target}");
        assert!(refused.info().contains("can't be read"), "{refused:?}");
    }
    let set =
        |path: &str, mode| fs::set_permissions(gateway.www().join(path), fs::Permissions::from_mode(mode)).unwrap();
    // It counts at once, in both directions.
    for _ in 0..3 {
        set("secret.txt", 0o644);
        set("dir", 0o755);
        assert_eq!(
            (ask("/secret.txt").text(), ask("/secret.txt").text(), ask("/dir/a.txt").text()),
            ("secret", "secret", "a")
        );
        set("secret.txt", 0);
        set("dir", 0);
        assert_eq!((ask("/secret.txt").status, ask("/dir/a.txt").status, ask("/b.txt").text()), (403, 403, "b"));
    }
    set("dir", 0o755);
}
