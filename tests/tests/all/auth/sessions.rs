//! Sessions: how long they live, what is kept in them, and what ends them.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup, Visitor, costly_hash, password_hash, sqlite};

fn setup() -> Setup {
    Setup::new().users(&[("ada", "['editor']"), ("bob", "[]")]).methods(&["web"])
}

fn recall(visitor: &mut Visitor<'_>, name: &str) -> Value {
    visitor.json("probeRecall", &json!({ "name": name })).value()["value"].clone()
}

fn remember(visitor: &mut Visitor<'_>, name: &str, value: Value) -> u16 {
    visitor.json("probeRemember", &json!({ "name": name, "value": value })).status
}

#[test]
fn values_are_kept_from_one_request_to_the_next() {
    let gateway = setup().start();
    let (mut ada, mut bob) = (gateway.logged_in("ada"), gateway.logged_in("bob"));
    for value in [json!("text"), json!(5), json!(-1.5), json!([1, [2]]), json!({"a": {"b": null}}), json!(true)] {
        assert_eq!(remember(&mut ada, "x", value.clone()), 204);
        assert_eq!(recall(&mut ada, "x"), value);
    }
    assert_eq!(ada.json("probeRememberBlocking", &json!({"name": "y", "value": [1]})).status, 204);
    assert_eq!((recall(&mut ada, "y"), recall(&mut bob, "x")), (json!([1]), Value::Null));
    assert_eq!(ada.json("probeForget", &json!({"name": "x"})).status, 204);
    assert_eq!((recall(&mut ada, "x"), recall(&mut ada, "y")), (Value::Null, json!([1])));
    // The next session begins empty.
    ada.log_in("ada", wicketgate_tests::PASSWORD);
    assert_eq!(recall(&mut ada, "y"), Value::Null);
}

#[test]
fn who_has_no_session_is_told() {
    let gateway = setup().start();
    let mut guest = gateway.visitor();
    assert_eq!(recall(&mut guest, "x"), Value::Null);
    let reply = guest.json("probeRemember", &json!({"name": "x", "value": 1}));
    assert_eq!((reply.status, reply.info().as_str()), (403, "there is no session to keep this in: log in first"));
    assert_eq!(guest.json("probeForget", &json!({"name": "x"})).status, 204);
}

#[test]
fn a_session_has_room_for_so_much() {
    let gateway = setup().start();
    let mut ada = gateway.logged_in("ada");
    assert_eq!(remember(&mut ada, "x", "x".repeat(60_000).into()), 204);
    // Instead of the one before it fits.
    assert_eq!(remember(&mut ada, "x", "y".repeat(60_000).into()), 204);
    let reply = ada.json("probeRemember", &json!({"name": "z", "value": "x".repeat(10_000)}));
    assert_eq!((reply.status, reply.info().as_str()), (507, "a session has room for 65536 bytes"));
    assert_eq!(recall(&mut ada, "x"), "y".repeat(60_000));
}

#[test]
fn sessions_and_what_is_in_them_survive_a_restart_and_a_crash() {
    let mut gateway = setup().start();
    let cookie = {
        let mut ada = gateway.logged_in("ada");
        remember(&mut ada, "x", json!({"deep": [1, 2]}));
        ada.cookie
    };
    gateway.restart();
    let mut ada = gateway.visitor();
    ada.cookie.clone_from(&cookie);
    assert_eq!((ada.uid().as_str(), recall(&mut ada, "x")), ("ada", json!({"deep": [1, 2]})));
    remember(&mut ada, "x", json!(2));
    gateway.crash();
    let mut ada = gateway.visitor();
    ada.cookie = cookie;
    assert_eq!((ada.uid().as_str(), recall(&mut ada, "x")), ("ada", json!(2)));
}

#[test]
fn what_a_handler_keeps_after_its_time_limit_is_kept_as_well() {
    let mut gateway = setup().server("timeouts.action = \"300ms\"\n").start();
    let cookie = {
        let mut ada = gateway.logged_in("ada");
        let reply = ada.json("probeRememberBlocking", &json!({"name": "x", "value": 1, "ms": 600}));
        assert_eq!(reply.status, 504);
        ada.cookie
    };
    sleep(Duration::from_millis(2000));
    gateway.crash();
    let mut ada = gateway.visitor();
    ada.cookie = cookie;
    assert_eq!(recall(&mut ada, "x"), 1);
}

#[test]
fn what_is_ended_stays_so_after_a_restart() {
    let mut gateway = setup().start();
    let cookie = {
        let mut ada = gateway.logged_in("ada");
        let cookie = ada.cookie.clone();
        ada.json("authLogout", &json!({}));
        cookie
    };
    gateway.restart();
    let mut ada = gateway.visitor();
    ada.cookie = cookie;
    assert_eq!(ada.uid(), "");
}

#[test]
fn a_session_that_rests_too_long_is_dead_and_one_that_is_used_is_not() {
    let gateway = setup().append("[auth]\nlifetime = \"4s\"\n").start();
    let (mut used, mut resting) = (gateway.logged_in("ada"), gateway.logged_in("bob"));
    for _ in 0..12 {
        sleep(Duration::from_millis(500));
        assert_eq!(used.uid(), "ada");
    }
    let reply = resting.json("authCheck", &json!({}));
    assert_eq!((reply.status, reply.value()), (200, json!({"user": null})));
    assert!(reply.header("set-cookie").is_some_and(|set| set.contains("Max-Age=0")));
}

#[test]
fn a_change_of_the_user_counts_at_the_next_request() {
    let gateway = setup().start();
    let mut ada = gateway.logged_in("ada");
    let users = |ada: &str| {
        let hash = password_hash();
        format!(
            "[[users]]\nlogin = \"bob\"\npassword = '{hash}'\n[[users]]\nlogin = \"ada\"\npassword = '{hash}'\n{ada}"
        )
    };
    change(&gateway, &users("displayName = \"Countess\"\nroles = [\"chief\"]\nattributes = { desk = 5 }\n"));
    let told = ada.json("probeWhoami", &json!({})).value();
    assert_eq!(told["displayName"], "Countess");
    assert_eq!((&told["roles"], &told["attributes"]), (&json!(["chief", "user", "all"]), &json!({"desk": 5})));
    // Another password ends the session, and so does the end of the user.
    let mut bob = gateway.logged_in("bob");
    let file = users("").replacen(password_hash(), &costly_hash(), 1);
    change(&gateway, &file);
    assert_eq!((ada.uid().as_str(), bob.uid().as_str()), ("ada", ""));
    assert_eq!(bob.cookie, None);
    change(&gateway, "");
    assert_eq!(ada.uid(), "");
}

fn change(gateway: &Gateway, users: &str) {
    gateway.put("users.toml", users.as_bytes());
    let (code, _, told) = gateway.run(&["reload"]);
    assert_eq!(code, 0, "{told}");
}

#[test]
fn many_log_out_of_one_session_at_once() {
    let gateway = setup().start();
    for _ in 0..5 {
        let cookie = gateway.logged_in("ada").cookie;
        scope(|threads| {
            for number in 0..16 {
                let (gateway, cookie) = (&gateway, cookie.clone());
                threads.spawn(move || {
                    let mut ada = gateway.visitor();
                    ada.cookie = cookie;
                    let reply = if number % 2 == 0 {
                        ada.json("authLogout", &json!({}))
                    } else {
                        ada.json("probeRemember", &json!({"name": "x", "value": number}))
                    };
                    assert!(matches!(reply.status, 200 | 204 | 403), "{reply:?}");
                });
            }
        });
        let mut ada = gateway.visitor();
        ada.cookie = cookie;
        assert_eq!(ada.uid(), "");
    }
}

#[test]
fn the_oldest_make_room_when_there_are_too_many() {
    let gateway = setup().append("[auth]\nsessions = 3\n").start();
    let mut all: Vec<_> = (0..5)
        .map(|_| {
            // Seconds count.
            sleep(Duration::from_millis(1100));
            gateway.logged_in("ada")
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut living =
        || all.iter_mut().map(|visitor| visitor.cookie.is_some() && visitor.uid() == "ada").collect::<Vec<_>>();
    while living() != [false, false, true, true, true] {
        assert!(Instant::now() < deadline, "{:?}", living());
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn dead_sessions_are_removed_from_the_store() {
    let gateway = setup().append("[auth]\nsessions = 10\n").start();
    let file = gateway.dir().join("data/state.db");
    drop(gateway.logged_in("bob"));
    // As if it had rested for years.
    sqlite(&file, "UPDATE session SET used = 1 WHERE login = 'bob'");
    drop(gateway.logged_in("ada"));
    let logins = || python_sqlite(&file, "SELECT login FROM session");
    let deadline = Instant::now() + Duration::from_secs(10);
    while logins().trim() != "[('ada',)]" {
        assert!(Instant::now() < deadline, "{}", logins());
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_user_with_many_sessions_ends_their_own() {
    let gateway = setup().start();
    let mut bob = gateway.logged_in("bob");
    let mut first = gateway.logged_in("ada");
    sleep(Duration::from_millis(1100));
    for _ in 0..100 {
        gateway.logged_in("ada");
    }
    assert_eq!((first.uid().as_str(), bob.uid().as_str()), ("", "bob"));
}

#[test]
fn a_session_in_use_needs_no_store_and_is_written_once_a_minute_at_most() {
    let gateway = setup().start();
    let (mut hot, mut other) = (gateway.logged_in("ada"), gateway.logged_in("bob"));
    let file = gateway.dir().join("data/state.db");
    let read = || python_sqlite(&file, "SELECT login, used FROM session ORDER BY login");
    let before = read();
    assert!(before.contains("ada") && before.contains("bob"), "{before}");
    sleep(Duration::from_millis(2100));
    (0..20).for_each(|_| assert_eq!(hot.uid(), "ada"));
    sleep(Duration::from_millis(300));
    assert_eq!(read(), before);
    // As if the sessions were not there: what is in memory goes on without asking.
    sqlite(&file, "DELETE FROM session");
    assert_eq!((hot.uid().as_str(), other.uid().as_str()), ("ada", "bob"));
}

/// What a query gives, as Python shows it.
fn python_sqlite(file: &Path, query: &str) -> String {
    let script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())";
    let output = Command::new("python3").args(["-c", script]).arg(file).arg(query).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_client_is_told_that_its_cookie_lives_on() {
    let gateway = setup().append("[auth]\nlifetime = \"8s\"\n").start();
    let mut ada = gateway.logged_in("ada");
    let cookie = ada.cookie.clone();
    let (mut told, started) = (0, Instant::now());
    for _ in 0..10 {
        sleep(Duration::from_millis(500));
        let reply = ada.json("probeWhoami", &json!({}));
        if let Some(set) = reply.header("set-cookie") {
            assert!(set.contains("Max-Age=8") && set.contains(cookie.as_deref().unwrap()), "{set}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            told += 1;
        }
    }
    // Each quarter of its life.
    let most = started.elapsed().as_secs() / 2 + 1;
    assert!((1..=most).contains(&told), "{told}");
}

#[test]
fn a_request_that_waits_to_be_continued_is_told_of_its_cookie_as_well() {
    let gateway = setup().start();
    let head = |command: &str| {
        let lines =
            ["Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue", "Cookie: auth=dead"];
        let head = format!("POST /_/cmd/{command} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", lines.join("\r\n"));
        let mut connection = gateway.connect();
        let first = connection.send(head.as_bytes()).reply().unwrap();
        if first.status == 100 { connection.send(b"{}").reply().unwrap() } else { first }
    };
    for (command, status) in [("probeWhoami", 200), ("nonsense", 404)] {
        let reply = head(command);
        assert_eq!(reply.status, status);
        assert!(reply.header("set-cookie").is_some_and(|set| set.contains("Max-Age=0")), "{command}");
    }
}

#[test]
fn the_store_is_for_the_gateway_alone_and_holds_no_id() {
    let gateway = setup().start();
    let ada = gateway.logged_in("ada");
    let (mut files, mut bytes) = (0, Vec::new());
    for entry in fs::read_dir(gateway.dir().join("data")).unwrap().map(Result::unwrap) {
        if entry.file_name().to_str().unwrap().starts_with("state.db") {
            files += 1;
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
            bytes.extend(fs::read(entry.path()).unwrap());
        }
    }
    assert!(files >= 1);
    let contains = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("ada") && !contains(ada.cookie.as_deref().unwrap()));
}

#[test]
fn a_store_that_is_none_is_told_of_at_the_start() {
    let setup = setup();
    setup.put(
        "data/state.db",
        b"this is no database, but a text that is long enough to be taken for one at first sight",
    );
    let said = setup.refused();
    assert!(said.contains("state.db can't be used: ") && said.contains("move it away"), "{said}");
    assert!(said.contains(": auth: "), "{said}");
}

#[test]
fn sessions_go_on_over_reloads_and_their_lifetime_may_change() {
    let gateway = setup().append("[auth]\nlifetime = \"20m\"\n").start();
    let mut ada = gateway.logged_in("ada");
    gateway.change_config("\"20m\"", "\"4s\"");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(ada.uid(), "ada");
    sleep(Duration::from_millis(5100));
    assert_eq!(ada.uid(), "");
}
