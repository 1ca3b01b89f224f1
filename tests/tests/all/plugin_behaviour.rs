//! What a plugin's handlers may do to a request, and what they can't do to the gateway.

use std::{
    io::Write,
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup, request};

fn start() -> Gateway {
    Setup::new().server("timeouts.action = \"400ms\"\n").start()
}

fn cancelled(gateway: &Gateway) -> u64 {
    gateway.json("probeCancelled", &json!({})).value()["count"].as_u64().unwrap()
}

/// Waits until so many waits were cancelled; fails after a while.
fn await_cancelled(gateway: &Gateway, count: u64) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while cancelled(gateway) < count {
        assert!(Instant::now() < deadline, "{} of {count} were cancelled", cancelled(gateway));
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn nothing_returned_is_204() {
    let gateway = start();
    for reply in [gateway.json("probeNothing", &json!({})), gateway.msgpack("probeNothing", &json!({}))] {
        assert_eq!((reply.status, reply.body.len()), (204, 0));
        assert_eq!((reply.header("content-length"), reply.header("content-type")), (None, None));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn a_panic_is_one_500_and_its_cause_is_only_in_the_log() {
    let gateway = start();
    for command in ["probePanic", "probePanicBlocking"] {
        let reply = gateway.json(command, &json!({}));
        assert_eq!(reply.status, 500, "{command}");
        assert!(!reply.text().contains("secret"), "{}", reply.text());
    }
    assert_eq!(gateway.json("probePanicLater", &json!({"ms": 20})).status, 500);
    assert_eq!(gateway.msgpack("probePanic", &json!({})).error()["status"], 500);
    gateway.assert_well();
    let log = gateway.into_log();
    for text in [
        "the secret reason at ",
        "the secret reason, later",
        "the secret reason, blocking",
        "tests/probe/src/lib.rs:",
        "probePanicLater",
    ] {
        assert!(log.contains(text), "{text} is not in {log}");
    }
}

#[test]
fn another_error_is_500_and_its_cause_is_only_in_the_log() {
    let gateway = start();
    let reply = gateway.json("probeFail", &json!({}));
    assert_eq!(reply.status, 500);
    assert!(!reply.text().contains("digit"), "{}", reply.text());
    assert!(gateway.into_log().contains("invalid digit found in string"));
}

#[test]
fn an_error_that_is_meant_reaches_the_caller() {
    let gateway = start();
    let reply = gateway.json("probeConflict", &json!({"text": "taken: \"x\" <b>"}));
    assert_eq!((reply.status, reply.info().as_str()), (409, "taken: \"x\" <b>"));
    // Without a text, the status speaks for itself.
    let reply = gateway.json("probeConflict", &json!({"text": ""}));
    assert_eq!((reply.status, reply.info().as_str()), (409, "Conflict"));
}

#[test]
fn handlers_sleep_and_use_sockets_on_their_own_runtime() {
    let gateway = start();
    assert_eq!(gateway.json("probeSleep", &json!({"ms": 20})).value()["count"], 1);
    assert_eq!(gateway.json("probeBlock", &json!({"ms": 20})).value()["count"], 1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let peer = thread::spawn(move || listener.accept().unwrap().0.write_all(b"hello").unwrap());
    let reply = gateway.json("probeConnect", &json!({"port": port}));
    assert_eq!((reply.status, &reply.value()["count"]), (200, &json!(5)));
    peer.join().unwrap();
}

#[test]
fn a_handler_that_does_not_wait_runs_where_the_request_is() {
    let gateway = start();
    let thread = |command: &str| gateway.json(command, &json!({})).value()["name"].as_str().unwrap().to_owned();
    // The front's own worker: no other thread, no other process.
    assert!(thread("probeThread").starts_with("front"), "{}", thread("probeThread"));
    for command in ["probeThreadAfterWait", "probeThreadBlocking"] {
        assert!(thread(command).starts_with("probe"), "{command}: {}", thread(command));
    }
}

#[test]
fn a_handler_over_its_time_limit_is_504_and_cancelled() {
    let gateway = start();
    for command in ["probeHang", "probeSleep", "probeBlock"] {
        let params: Value = if command == "probeHang" { json!({}) } else { json!({"ms": 3000}) };
        let reply = gateway.json(command, &params);
        assert_eq!(reply.status, 504, "{command}");
        assert!(reply.info().contains("400ms"), "{}", reply.info());
    }
    // Both that wait asynchronously; the blocking one can't be stopped.
    await_cancelled(&gateway, 2);
    gateway.assert_well();
}

#[test]
fn a_blocked_handler_blocks_nobody_else() {
    let gateway = Setup::new().start();
    let mut blocked: Vec<_> = (0..20)
        .map(|_| {
            let mut connection = gateway.connect();
            let body = br#"{"cmd": "probeBlock", "params": {"ms": 1500}}"#;
            connection.send(&request("POST", "/_", &["Content-Type: application/json"], body));
            connection
        })
        .collect();
    // All twenty are at work, far more than there are cores, and others are answered.
    for _ in 0..20 {
        gateway.assert_well();
    }
    for connection in &mut blocked {
        assert_eq!(connection.reply().unwrap().value()["count"], 1);
    }
}

#[test]
fn a_client_that_goes_away_cancels_its_command() {
    let gateway = Setup::new().start();
    let bytes = request("POST", "/_", &["Content-Type: application/json"], br#"{"cmd": "probeHang"}"#);
    for round in 1..=5 {
        let mut connection = gateway.connect();
        connection.send(&bytes);
        thread::sleep(Duration::from_millis(50));
        drop(connection);
        await_cancelled(&gateway, round);
    }
    gateway.assert_well();
}

#[test]
fn a_request_that_is_sent_ahead_does_not_cancel() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    let bytes =
        request("POST", "/_", &["Content-Type: application/json"], br#"{"cmd": "probeSleep", "params": {"ms": 300}}"#);
    connection.send(&bytes);
    thread::sleep(Duration::from_millis(50));
    connection.send(&bytes);
    for _ in 0..2 {
        assert_eq!(connection.reply().unwrap().value()["count"], 1);
    }
    assert_eq!(cancelled(&gateway), 0);
}

#[test]
fn many_waiting_handlers_run_side_by_side() {
    let gateway = Setup::new().start();
    // Each waits for all others.
    let bytes = request(
        "POST",
        "/_",
        &["Content-Type: application/json"],
        br#"{"cmd": "probeMeet", "params": {"count": 100}}"#,
    );
    let mut connections: Vec<_> = (0..100).map(|_| gateway.connect()).collect();
    for connection in &mut connections {
        connection.send(&bytes);
    }
    for connection in &mut connections {
        assert_eq!(connection.reply().unwrap().status, 204);
    }
}

#[test]
fn a_panic_in_a_thread_of_the_plugin_s_own_is_logged() {
    let gateway = start();
    assert_eq!(gateway.json("probePanicElsewhere", &json!({})).status, 204);
    let log = gateway.into_log();
    assert!(log.contains("a thread panicked: the secret thread at "), "{log}");
}

#[test]
fn a_log_that_nobody_reads_ends_nothing() {
    let gateway = Setup::new().start_unheard();
    for _ in 0..3 {
        assert_eq!(gateway.json("probeLog", &json!({"text": "x"})).status, 204);
        assert_eq!(gateway.json("probeFail", &json!({})).status, 500);
        assert_eq!(gateway.json("probePanic", &json!({})).status, 500);
    }
    gateway.assert_well();
}

#[test]
fn what_plugins_log_is_in_the_gateway_s_log() {
    let toml = "[[sites]]\n[[actions]]\ntype = \"probe\"\nnumbers = [1, 2]\nnested.depth = 3\n";
    let gateway = Setup::new().sites_and_actions(toml).start();
    assert_eq!(gateway.json("probeLog", &json!({"text": "a line\nand\u{1b}[31m another"})).status, 204);
    let log = gateway.into_log();
    assert!(log.contains("configured with numbers [1, 2] and depth Some(3)"), "{log}");
    assert!(log.contains("a line"), "{log}");
    assert!(!log.contains('\u{1b}'), "an escape sequence got into the log: {log:?}");
}
