//! Files are held in memory, and yet the next request sees each change.

use std::{
    fs,
    io::{Seek, Write},
    os::unix::fs::{FileExt, symlink},
    thread::sleep,
    time::Duration,
};

use wicketgate_tests::{Connection, Gateway, Setup, request};

/// A connection on which a file has been asked for so often that it comes from memory.
fn warm(gateway: &Gateway, target: &str, expected: &str) -> Connection {
    let mut connection = gateway.connect();
    // Until the file is old enough for its time to tell.
    sleep(Duration::from_millis(50));
    for _ in 0..5 {
        assert_eq!(connection.send(&request("GET", target, &[], b"")).reply().unwrap().text(), expected);
    }
    connection
}

fn next(connection: &mut Connection, target: &str) -> (u16, String) {
    let reply = connection.send(&request("GET", target, &[], b"")).reply().unwrap();
    (reply.status, if reply.status == 200 { reply.text().to_owned() } else { String::new() })
}

#[test]
fn each_way_to_change_a_file_is_seen_by_the_next_request() {
    let gateway = Setup::new().file("a/b/c.txt", b"one").file("a/b/other.txt", b"x").start();
    let (www, target) = (gateway.www(), "/a/b/c.txt");
    let (file, dir) = (www.join("a/b/c.txt"), www.join("a/b"));
    let mut connection = warm(&gateway, target, "one");
    let mut expect = |what: &str, expected: (u16, &str)| {
        assert_eq!(next(&mut connection, target), (expected.0, expected.1.to_owned()), "{what}");
        // From memory, too.
        assert_eq!(next(&mut connection, target), (expected.0, expected.1.to_owned()), "{what}, again");
    };
    fs::write(&file, b"two").unwrap();
    expect("written anew", (200, "two"));
    fs::File::options().write(true).open(&file).unwrap().write_all_at(b"T", 0).unwrap();
    expect("changed in place", (200, "Two"));
    let mut appended = fs::File::options().append(true).open(&file).unwrap();
    appended.write_all(b"!").unwrap();
    expect("appended to", (200, "Two!"));
    appended.set_len(1).unwrap();
    expect("cut", (200, "T"));
    fs::write(www.join("new"), b"three").unwrap();
    fs::rename(www.join("new"), &file).unwrap();
    expect("replaced by a rename", (200, "three"));
    fs::remove_file(&file).unwrap();
    expect("removed", (404, ""));
    fs::write(&file, b"back").unwrap();
    expect("made anew", (200, "back"));
    fs::rename(&dir, www.join("a/away")).unwrap();
    expect("its folder renamed", (404, ""));
    fs::create_dir(&dir).unwrap();
    fs::write(&file, b"another folder").unwrap();
    expect("another folder in its place", (200, "another folder"));
    fs::rename(www.join("a"), www.join("z")).unwrap();
    fs::create_dir_all(&dir).unwrap();
    fs::write(&file, b"another above").unwrap();
    expect("another folder above it", (200, "another above"));
    fs::remove_dir_all(www.join("a")).unwrap();
    expect("all of it removed", (404, ""));
    fs::create_dir_all(&dir).unwrap();
    fs::write(&file, b"risen").unwrap();
    expect("all of it made anew", (200, "risen"));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    expect("a folder in its place", (308, ""));
}

#[test]
fn a_link_that_is_pointed_elsewhere_is_seen_by_the_next_request() {
    let setup = Setup::new().file("releases/1/a.txt", b"one").file("releases/2/a.txt", b"two");
    symlink("releases/1", setup.www().join("current")).unwrap();
    let gateway = setup.start();
    let mut connection = warm(&gateway, "/current/a.txt", "one");
    symlink("releases/2", gateway.www().join("next")).unwrap();
    fs::rename(gateway.www().join("next"), gateway.www().join("current")).unwrap();
    assert_eq!(next(&mut connection, "/current/a.txt"), (200, "two".into()));
}

#[test]
fn what_leads_out_of_the_root_by_now_is_not_sent_any_more() {
    let gateway = Setup::new().file("a/b.txt", b"held").file("a/c.txt", b"other").start();
    let mut connection = warm(&gateway, "/a/b.txt", "held");
    // The file itself is what it was: only the way to it is another one.
    fs::rename(gateway.www().join("a"), gateway.dir().join("private")).unwrap();
    symlink("../private", gateway.www().join("a")).unwrap();
    for _ in 0..3 {
        assert_eq!(next(&mut connection, "/a/b.txt").0, 404);
        assert_eq!(next(&mut connection, "/a/c.txt").0, 404);
        sleep(Duration::from_millis(500));
    }
    let strict =
        Setup::new().sites_and_actions("[[sites]]\nroot = \"www\"\nsymlinks = false\n").file("a/b.txt", b"held");
    let gateway = strict.start();
    let mut connection = warm(&gateway, "/a/b.txt", "held");
    fs::rename(gateway.www().join("a"), gateway.www().join("real")).unwrap();
    symlink("real", gateway.www().join("a")).unwrap();
    assert_eq!((next(&mut connection, "/a/b.txt").0, next(&mut connection, "/real/b.txt").0), (404, 200));
}

#[test]
fn a_root_that_is_a_link_may_be_pointed_elsewhere() {
    let setup = Setup::new().sites_and_actions("[[sites]]\nroot = \"current\"\n");
    for (release, content) in [("1", b"one"), ("2", b"two")] {
        setup.put(&format!("releases/{release}/a.txt"), content);
    }
    symlink("releases/1", setup.dir().join("current")).unwrap();
    let gateway = setup.start();
    let mut connection = warm(&gateway, "/a.txt", "one");
    for (release, content) in [("2", "two"), ("1", "one"), ("2", "two")] {
        symlink(format!("releases/{release}"), gateway.dir().join("next")).unwrap();
        fs::rename(gateway.dir().join("next"), gateway.dir().join("current")).unwrap();
        for _ in 0..3 {
            assert_eq!(next(&mut connection, "/a.txt"), (200, content.into()));
        }
    }
}

#[test]
fn a_file_that_is_being_written_to_is_sent_as_far_as_it_has_come() {
    let gateway = Setup::new().file("log.txt", &[b'x'; 10_000]).start();
    let mut connection = gateway.connect();
    let mut file = fs::File::options().append(true).open(gateway.www().join("log.txt")).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || (0..20_000).for_each(|_| file.write_all(&[b'x'; 20]).unwrap()));
        let mut longest = 10_000;
        while !writer.is_finished() {
            let reply = connection.send(&request("GET", "/log.txt", &[], b"")).reply().unwrap();
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert!(reply.body.len() >= longest && reply.body.iter().all(|byte| *byte == b'x'));
            longest = reply.body.len();
        }
    });
    assert_eq!(next(&mut connection, "/log.txt").1.len(), 410_000);
}

#[test]
fn another_root_is_noticed_within_a_second() {
    let gateway = Setup::new().file("a.txt", b"one").start();
    let mut connection = warm(&gateway, "/a.txt", "one");
    fs::rename(gateway.www(), gateway.dir().join("old")).unwrap();
    fs::create_dir(gateway.www()).unwrap();
    fs::write(gateway.www().join("a.txt"), b"two").unwrap();
    sleep(Duration::from_millis(1100));
    assert_eq!(next(&mut connection, "/a.txt"), (200, "two".into()));
}

#[test]
fn what_nobody_tells_of_is_seen_within_a_second() {
    let setup = Setup::new().file("real/a.txt", b"one").file("b.txt", b"one");
    symlink("real/a.txt", setup.www().join("a.txt")).unwrap();
    fs::hard_link(setup.www().join("b.txt"), setup.dir().join("other name")).unwrap();
    let gateway = setup.start();
    let (mut first, mut second) = (warm(&gateway, "/a.txt", "one"), warm(&gateway, "/b.txt", "one"));
    // By their other names, in folders that nobody has asked for.
    fs::write(gateway.www().join("real/a.txt"), b"two").unwrap();
    fs::write(gateway.dir().join("other name"), b"two").unwrap();
    sleep(Duration::from_millis(1000));
    assert_eq!(next(&mut first, "/a.txt"), (200, "two".into()));
    assert_eq!(next(&mut second, "/b.txt"), (200, "two".into()));
}

#[test]
fn many_changes_within_a_tick_of_the_clock_are_all_seen() {
    let gateway = Setup::new().file("a.txt", b"0000").start();
    let mut connection = gateway.connect();
    let mut file = fs::File::options().write(true).open(gateway.www().join("a.txt")).unwrap();
    for number in 1..500 {
        let text = format!("{number:04}");
        file.rewind().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert_eq!(next(&mut connection, "/a.txt"), (200, text));
    }
}

#[test]
fn conditions_are_about_the_file_as_it_is() {
    let gateway = Setup::new().file("a.txt", b"one").start();
    let mut connection = warm(&gateway, "/a.txt", "one");
    let tag = connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap().header("etag").unwrap().to_owned();
    let condition = format!("If-None-Match: {tag}");
    for _ in 0..3 {
        assert_eq!(connection.send(&request("GET", "/a.txt", &[&condition], b"")).reply().unwrap().status, 304);
    }
    fs::write(gateway.www().join("a.txt"), b"two!").unwrap();
    let reply = connection.send(&request("GET", "/a.txt", &[&condition], b"")).reply().unwrap();
    assert_eq!((reply.status, reply.text()), (200, "two!"));
}

#[test]
fn memory_is_bounded_and_may_be_none() {
    for limit in ["0B", "100KB", "64MiB"] {
        let server = format!("limits.cache = \"{limit}\"\n");
        let content = |number: usize| format!("{number:04}").repeat(5_000);
        let setup = (0..200).fold(Setup::new().server(&server), |setup, number| {
            setup.file(&format!("{number}.txt"), content(number).as_bytes())
        });
        let gateway = setup.start();
        let mut connection = gateway.connect();
        for round in 0..3 {
            for number in 0..200 {
                let reply = next(&mut connection, &format!("/{number}.txt"));
                assert!(reply == (200, content(number)), "{limit}, round {round}, {number}");
            }
        }
    }
}
