//! `Expect: 100-continue`: answered once size and permission are settled, as far as the head tells.

use wicketgate_tests::{Connection, Gateway, Reply, Setup};

const BODY: &str = r#"{"params": {"color": "blue"}}"#;

/// Sends a head that expects an answer before its body; returns the connection and that answer.
fn ask(gateway: &Gateway, target: &str, headers: &str) -> (Connection, Reply) {
    let mut connection = gateway.connect();
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{headers}\r\n\r\n");
    let reply = connection.send(head.as_bytes()).reply().unwrap();
    (connection, reply)
}

#[test]
fn what_may_be_sent_is_waited_for() {
    let gateway = Setup::new().start();
    let json = format!("Content-Type: application/json\r\nContent-Length: {}", BODY.len());
    for target in ["/_/cmd/exampleHello", "/%5f/cmd/exampleHello"] {
        let (mut connection, first) = ask(&gateway, target, &json);
        assert_eq!(first.status, 100, "{target}");
        let reply = connection.send(BODY.as_bytes()).reply().unwrap();
        assert_eq!((reply.status, reply.text()), (200, r#"{"message":"<font color=blue>Hi, Guest</font>"}"#));
    }
    // Whatever is in the body is only known when it is there.
    let body = r#"{"cmd": "noCommand"}"#;
    let (mut connection, first) =
        ask(&gateway, "/_", &format!("Content-Type: application/json\r\nContent-Length: {}", body.len()));
    assert_eq!(first.status, 100);
    assert_eq!(connection.send(body.as_bytes()).reply().unwrap().status, 404);
}

#[test]
fn what_would_be_refused_anyway_is_refused_at_once() {
    let toml = "[[sites]]\n[[actions]]\ntype = \"example\"\naccess = \"deny all\"\n[[actions]]\ntype = \"probe\"\n";
    let gateway = Setup::new().server("limits.body = \"1kB\"\n").sites_and_actions(toml).start();
    let json = "Content-Type: application/json\r\nContent-Length: 29";
    for (target, headers, status) in [
        ("/_/cmd/probeNothing", "Content-Type: application/json\r\nContent-Length: 1001", 413),
        ("/_", "Content-Type: application/json\r\nContent-Length: 1001", 413),
        ("/_/cmd/noCommand", json, 404),
        // A command of another verb.
        ("/_/cmd/probeHttpGetTypes", json, 404),
        ("/_/cmd/exampleHello", json, 403),
        ("/_/cmd/probeNothing", "Content-Type: text/plain\r\nContent-Length: 5", 415),
        ("/_/cmd/probeNothing", "Content-Length: 5", 415),
        (
            "/_/cmd/probeNothing",
            "Content-Type: application/json\r\nContent-Encoding: deflate\r\nContent-Length: 5",
            415,
        ),
        ("/nothing", json, 400),
    ] {
        let (mut connection, reply) = ask(&gateway, target, headers);
        assert_eq!(reply.status, status, "{target} {headers}");
        reply.error();
        // The body was not asked for, so that what follows on this connection could be anything.
        assert!(connection.is_closed(), "{target} {headers}");
    }
}

#[test]
fn a_command_that_some_project_allows_may_be_sent() {
    let toml = "[[sites]]\n[[actions]]\ntype = \"example\"\naccess = \"deny all\"\n[[projects]]\nuid = \"p\"\n\
                [[projects.actions]]\ntype = \"example\"\naccess = \"allow all\"\n";
    let gateway = Setup::new().sites_and_actions(toml).start();
    for (body, status) in [(r#"{"params": {"color": "blue", "projectUid": "p"}}"#, 200), (BODY, 403)] {
        let headers = format!("Content-Type: application/json\r\nContent-Length: {}", body.len());
        let (mut connection, first) = ask(&gateway, "/_/cmd/exampleHello", &headers);
        assert_eq!(first.status, 100, "{body}");
        assert_eq!(connection.send(body.as_bytes()).reply().unwrap().status, status, "{body}");
    }
}

#[test]
fn a_client_of_http_1_0_gets_no_interim_reply() {
    let gateway = Setup::new().start();
    let head = "POST /_/cmd/exampleHello HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json";
    let bytes = format!("{head}\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    assert_eq!(gateway.raw(bytes.as_bytes()).status, 200);
}
