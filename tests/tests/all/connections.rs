//! How many connections there may be, and how long they may keep the gateway waiting: `limits.connections`,
//! `timeouts.header` and `timeouts.idle`.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;
use wicketgate_tests::{Connection, Gateway, Setup, request};

const HEAD: &str = "GET / HTTP/1.1\r\nHost: a\r\n";

fn start(server: &str) -> Gateway {
    let toml = "[[sites]]\nroot = \"www\"\n[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";
    Setup::new().file("index.html", b"page").server(server).sites_and_actions(toml).start()
}

/// Sends a header line now and then, until the gateway has had enough of it.
fn dawdle(connection: &mut Connection) {
    let deadline = Instant::now() + Duration::from_secs(20);
    connection.send(HEAD.as_bytes());
    while Instant::now() < deadline {
        sleep(Duration::from_millis(200));
        // Sending to a closed connection fails from the second time on.
        if !connection.try_send(b"X-More: 1\r\n") {
            return;
        }
    }
    panic!("the gateway went on listening");
}

#[test]
fn a_head_that_takes_for_ever_ends_its_connection() {
    let gateway = start("timeouts.header = \"1s\"\ntimeouts.idle = \"1s\"\n");
    dawdle(&mut gateway.connect());
    let mut second = gateway.connect();
    assert_eq!(second.send(&request("GET", "/", &[], b"")).reply().unwrap().text(), "page");
    dawdle(&mut second);
    // So does one that never begins.
    assert!(gateway.connect().is_closed());
    gateway.assert_well();
}

#[test]
fn a_slow_head_within_its_time_and_a_slow_handler_are_served() {
    let gateway = start("timeouts.header = \"2s\"\ntimeouts.idle = \"1s\"\n");
    let mut connection = gateway.connect();
    for _ in 0..2 {
        connection.send(HEAD.as_bytes());
        sleep(Duration::from_millis(1000));
        assert_eq!(connection.send(b"\r\n").reply().unwrap().text(), "page");
    }
    // What it takes to answer is no time of the client's.
    let slow = json!({"cmd": "probeSleep", "params": {"ms": 4000}}).to_string();
    let headers = ["Content-Type: application/json"];
    let reply = connection.send(&request("POST", "/_", &headers, slow.as_bytes())).reply().unwrap();
    assert_eq!(reply.status / 100, 2, "{reply:?}");
    assert_eq!(connection.send(&request("GET", "/", &[], b"")).reply().unwrap().text(), "page");
}

#[test]
fn a_connection_that_rests_too_long_is_closed() {
    let gateway = start("timeouts.idle = \"1s\"\n");
    let mut connection = gateway.connect();
    connection.send(&request("GET", "/", &[], b"")).reply().unwrap();
    assert!(connection.is_closed());
}

#[test]
fn one_connection_more_than_the_limit_is_closed() {
    let gateway = start("limits.connections = 3\n");
    let served = |connection: &mut Connection| {
        connection.send(&request("GET", "/", &[], b"")).reply().is_some_and(|reply| reply.status == 200)
    };
    let mut open: Vec<_> = (0..3).map(|_| gateway.connect()).collect();
    assert!(open.iter_mut().all(served));
    for _ in 0..3 {
        assert!(gateway.connect().is_closed());
    }
    assert!(open.iter_mut().all(served));
    open.pop();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !served(&mut gateway.connect()) {
        assert!(Instant::now() < deadline, "the place was not given back");
        sleep(Duration::from_millis(20));
    }
    drop(open);
    let log = gateway.into_log();
    assert_eq!(log.matches("server.limits.connections").count(), 1, "{log}");
}
