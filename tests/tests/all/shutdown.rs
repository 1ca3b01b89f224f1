//! The end: requests in flight are finished, new ones are not taken, nothing waits for long.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use wicketgate_tests::{Setup, request};

#[test]
fn requests_in_flight_are_finished() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    let body = br#"{"cmd": "probeSleep", "params": {"ms": 1500}}"#;
    connection.send(&request("POST", "/_", &["Content-Type: application/json"], body));
    thread::sleep(Duration::from_millis(200));
    gateway.terminate();
    assert_eq!(connection.reply().unwrap().value()["count"], 1);
    let address = gateway.address();
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "it still takes connections");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_idle_gateway_ends_by_itself() {
    let gateway = Setup::new().start();
    gateway.assert_well();
    let _idle = gateway.connect();
    // It would be killed after two minutes, and that is no success. pingora's own default is five.
    assert!(gateway.into_log().contains("waiting for requests in flight"));
}

#[test]
fn an_interrupt_ends_it_at_once_and_is_no_error() {
    let gateway = Setup::new().start();
    gateway.assert_well();
    let _idle = gateway.connect();
    gateway.interrupt();
    let log = gateway.into_log();
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn plugins_are_shut_down_before_the_end() {
    let gateway = Setup::new().start();
    assert_eq!(gateway.json("probeCalls", &json!({})).status, 200);
    let log = gateway.into_log();
    assert!(log.contains("an instance ended after 1 calls"), "{log}");
}
