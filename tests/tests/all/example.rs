//! The seed's example, in each format: what README shows.

use serde_json::json;
use wicketgate_tests::{Setup, request};

#[test]
fn hello_answers_in_the_format_of_the_request() {
    let gateway = Setup::new().start();
    let expected = json!({"message": "<font color=blue>Hi, Guest</font>"});
    for reply in [
        gateway.json("exampleHello", &json!({"color": "blue"})),
        gateway.msgpack("exampleHello", &json!({"color": "blue"})),
        gateway.get("/_/cmd/exampleHttpGetHello/color/blue"),
        gateway.get("/_?cmd=exampleHttpGetHello&color=blue"),
    ] {
        assert_eq!((reply.status, reply.value()), (200, expected.clone()));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("vary"), Some("Accept"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
    assert_eq!(
        gateway.msgpack("exampleHello", &json!({"color": "x"})).header("content-type"),
        Some("application/msgpack")
    );
}

#[test]
fn accept_is_stronger_than_the_request_s_format() {
    let gateway = Setup::new().start();
    let body = br#"{"cmd": "exampleHello", "params": {"color": "blue"}}"#;
    for (accept, content_type) in [
        ("application/msgpack", "application/msgpack"),
        ("application/json;q=0.1, application/msgpack;q=0.2", "application/msgpack"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
    ] {
        let headers = ["Content-Type: application/json", &format!("Accept: {accept}")];
        let reply = gateway.raw(&request("POST", "/_", &headers, body));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(content_type)), "{accept}");
        reply.value();
    }
}

#[test]
fn red_is_not_implemented() {
    let gateway = Setup::new().start();
    for reply in [
        gateway.json("exampleHello", &json!({"color": "red"})),
        gateway.msgpack("exampleHello", &json!({"color": "red"})),
        gateway.get("/_/cmd/exampleHttpGetHello/color/red"),
    ] {
        assert_eq!((reply.status, reply.info().as_str()), (501, "not implemented"));
    }
}

#[test]
fn what_callers_send_is_escaped_in_html() {
    let gateway = Setup::new().start();
    let reply = gateway.json("exampleHello", &json!({"color": "\"><script>'&"}));
    let message = "<font color=&quot;&gt;&lt;script&gt;&#39;&amp;>Hi, Guest</font>";
    assert_eq!(reply.value()["message"], message);
}

#[test]
fn the_operator_s_greeting_is_used() {
    let actions = "[[sites]]\n[[actions]]\ntype = \"example\"\nhelloString = \"Ahoy\"\n";
    let gateway = Setup::new().sites_and_actions(actions).start();
    let reply = gateway.json("exampleHello", &json!({"color": "blue"}));
    assert_eq!(reply.value()["message"], "<font color=blue>Ahoy, Guest</font>");
}

#[test]
fn requests_that_are_sent_ahead_are_answered_in_order() {
    let gateway = Setup::new().file("index.html", b"home").start();
    let hello = |color: usize| {
        let body = format!(r#"{{"cmd": "exampleHello", "params": {{"color": "c{color}"}}}}"#);
        request("POST", "/_", &["Content-Type: application/json"], body.as_bytes())
    };
    let mut connection = gateway.connect();
    let bytes: Vec<u8> = (0..20).flat_map(|i| [hello(i), request("GET", "/", &[], b"")].concat()).collect();
    connection.send(&bytes);
    for color in 0..20 {
        assert_eq!(connection.reply().unwrap().value()["message"], format!("<font color=c{color}>Hi, Guest</font>"));
        assert_eq!(connection.reply().unwrap().text(), "home");
    }
    // But nothing behind a malformed one is a request.
    let malformed = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    let mut connection = gateway.connect();
    connection.send(&[hello(1), malformed, hello(2)].concat());
    assert_eq!(connection.reply().unwrap().status, 200);
    assert_eq!(connection.reply().unwrap().status, 400);
    assert!(connection.is_closed());
}

#[test]
fn many_requests_share_a_connection() {
    let gateway = Setup::new().start();
    let mut connection = gateway.connect();
    for round in 0..50 {
        let body = format!(r#"{{"cmd": "exampleHello", "params": {{"color": "c{round}"}}}}"#);
        connection.send(&request("POST", "/_", &["Content-Type: application/json"], body.as_bytes()));
        let reply = connection.reply().unwrap();
        assert_eq!(reply.value()["message"], format!("<font color=c{round}>Hi, Guest</font>"));
    }
}
