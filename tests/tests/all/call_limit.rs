//! How many calls of a plugin may run at once: `limits.calls`.

use std::{
    net::{TcpListener, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wicketgate_tests::{Connection, Gateway, Reply, Setup, request};

const TOML: &str = "[[sites]]\n[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n\
                    [[projects]]\nuid = \"p1\"\n[[projects.actions]]\ntype = \"probe\"\nnumbers = [1]\n";

fn start() -> Gateway {
    Setup::new().server("limits.calls = 2\ntimeouts.action = \"20s\"\n").sites_and_actions(TOML).start()
}

/// Sends a call and does not wait for its answer.
fn send(gateway: &Gateway, body: &str) -> Connection {
    let mut connection = gateway.connect();
    connection.send(&request("POST", "/_", &["Content-Type: application/json"], body.as_bytes()));
    connection
}

/// A call that runs until this is dropped.
struct Running {
    _call: Connection,
    _keeps_it: TcpStream,
}

/// Starts a call and returns when its handler runs: whoever asks how many may run can't take its place any more.
fn run(gateway: &Gateway, mut params: Value) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    params["port"] = json!(listener.local_addr().unwrap().port());
    let mut call = send(gateway, &json!({"cmd": "probeConnect", "params": params}).to_string());
    listener.set_nonblocking(true).unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Ok((stream, _)) = listener.accept() {
            return Running { _call: call, _keeps_it: stream };
        }
        assert!(Instant::now() < deadline, "it does not run: {:?}", call.reply().map(|reply| reply.status));
        sleep(Duration::from_millis(1));
    }
}

/// Asks for what is sent without end, and reads no more than the head of it: what has answered is running. The calls before
/// may take a moment to end.
fn read_head(gateway: &Gateway, target: &str) -> Connection {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let mut connection = gateway.connect();
        connection.send(&request("GET", target, &[], b""));
        let status = connection.reply_to_head().unwrap().status;
        if status == 200 {
            return connection;
        }
        assert!(Instant::now() < deadline, "{status} instead of a stream");
        sleep(Duration::from_millis(10));
    }
}

/// Calls what is done at once, until it gets this status.
fn await_status(gateway: &Gateway, status: u16) -> Reply {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let reply = gateway.json("probeNothing", &json!({}));
        if reply.status == status {
            return reply;
        }
        assert!(Instant::now() < deadline, "{} instead of {status}", reply.status);
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn one_call_more_than_the_limit_is_503() {
    let gateway = start();
    // Two may run at once: each of these waits for the other.
    let mut both = [0; 2].map(|_| send(&gateway, r#"{"cmd": "probeMeet", "params": {"count": 2}}"#));
    assert_eq!(both.each_mut().map(|connection| connection.reply().unwrap().status), [204, 204]);

    let (first, second) = (run(&gateway, json!({})), run(&gateway, json!({})));
    let refused = await_status(&gateway, 503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    refused.error();
    for _ in 0..5 {
        // It stays so for all commands of the plugin, by whatever name and way.
        let reply = gateway.get("/_/cmd/probeHttpGetTypes");
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
        assert_eq!(gateway.json("probeNothing", &json!({"projectUid": "p1"})).status, 503);
        assert_eq!(gateway.msgpack("probeBlock", &json!({"ms": 1})).error()["status"], 503);
        // And others are not affected; nor is what is never called.
        gateway.assert_well();
        assert_eq!(gateway.json("probeTypes", &json!({"num": "x"})).status, 400);
        assert_eq!(gateway.json("probeUnknown", &json!({})).status, 404);
    }
    // Where one has gone, one more may run.
    drop(second);
    await_status(&gateway, 204);
    for _ in 0..5 {
        assert_eq!(gateway.json("probeNothing", &json!({"projectUid": "p1"})).status, 204);
    }
    let second = run(&gateway, json!({"projectUid": "p1"}));
    await_status(&gateway, 503);
    drop((first, second));
    await_status(&gateway, 204);
}

#[test]
fn whatever_ends_a_call_makes_room() {
    let gateway =
        Setup::new().server("limits.calls = 2\ntimeouts.action = \"300ms\"\n").sites_and_actions(TOML).start();
    for (command, params, status) in [
        ("probeNothing", json!({}), 204),
        ("probeSleep", json!({"ms": 1}), 200),
        ("probeBlock", json!({"ms": 1}), 200),
        ("probeConflict", json!({"text": "x"}), 409),
        ("probeFail", json!({}), 500),
        ("probePanic", json!({}), 500),
        ("probePanicLater", json!({"ms": 1}), 500),
        ("probePanicBlocking", json!({}), 500),
        ("probeHang", json!({}), 504),
        ("probeContent", json!({}), 200),
    ] {
        // More often than there is room for, should nothing make room again.
        for time in 1..=3 {
            assert_eq!(gateway.json(command, &params).status, status, "{command} for the {time}. time");
        }
    }
    gateway.assert_well();
}

#[test]
fn a_stream_is_a_call_as_long_as_it_lasts() {
    let gateway = start();
    for _ in 0..3 {
        assert_eq!(gateway.get("/_/cmd/probeHttpGetStream?chunks=3&size=5").body.len(), 15);
        // The last chunk is sent a moment before the call has ended.
        await_status(&gateway, 204);
    }
    let target = "/_/cmd/probeHttpGetStream?chunks=100000&size=65536";
    for _ in 0..2 {
        let unread = [0; 2].map(|_| read_head(&gateway, target));
        await_status(&gateway, 503);
        drop(unread);
        await_status(&gateway, 204);
    }
}

#[test]
fn a_blocked_handler_counts_until_it_ends_though_nobody_waits() {
    let gateway = Setup::new().server("limits.calls = 2\ntimeouts.action = \"100ms\"\n").start();
    for _ in 0..2 {
        assert_eq!(gateway.json("probeBlock", &json!({"ms": 3000})).status, 504);
    }
    assert_eq!(gateway.json("probeNothing", &json!({})).status, 503);
    gateway.assert_well();
    await_status(&gateway, 204);
}
