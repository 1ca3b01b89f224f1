//! Every error of the webapp before the handler: its status, and a text that names what is wrong.

use serde_json::{Value, json};
use wicketgate_tests::{Setup, request};

#[test]
fn bodies_that_are_no_envelope_are_400() {
    let gateway = Setup::new().start();
    for (body, word) in [
        ("", "cmd"),
        ("   ", "{cmd, params}"),
        ("null", "{cmd, params}"),
        ("[]", "{cmd, params}"),
        ("5", "{cmd, params}"),
        ("\"exampleHello\"", "{cmd, params}"),
        ("{", "{cmd, params}"),
        ("{}", "no command"),
        ("{\"cmd\": 5}", "string"),
        ("{\"cmd\": null}", "null"),
        ("{\"cmd\": \"\"}", "no command"),
        ("[\"exampleHello\", {\"color\": \"x\"}]", "{cmd, params}"),
        ("{\"cmd\": \"exampleHello\"", "{cmd, params}"),
        ("{\"cmd\": \"exampleHello\"} x", "trailing"),
        ("{\"cmd\": \"exampleHello\", \"cmd\": \"exampleHello\"}", "duplicate"),
        ("{\"cmd\": \"exampleHello\", \"params\": {}, \"params\": {}}", "duplicate"),
        ("{\"cmd\": \"exampleHello\", \"parms\": {\"color\": \"x\"}}", "parms"),
        ("{'cmd': 'exampleHello'}", "{cmd, params}"),
        ("{\"cmd\": \"exampleHello\", \"params\": {\"color\": NaN}}", "{cmd, params}"),
        ("{\"cmd\": \"exampleHello\", \"params\": {\"color\": \"\\ud800\"}}", "can't be read"),
    ] {
        let reply = gateway.post("application/json", body.as_bytes());
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert!(reply.info().contains(word), "{body}: {}", reply.info());
    }
    assert_eq!(gateway.post("application/json", b"{\"cmd\": \"\xff\"}").status, 400);
    let long = format!("{{\"{}\": 1}}", "x".repeat(1_000_000));
    let reply = gateway.post("application/json", long.as_bytes());
    assert!(reply.status == 400 && reply.body.len() < 500, "{}", reply.body.len());
    gateway.assert_well();
}

#[test]
fn msgpack_bodies_that_are_no_envelope_are_400() {
    let gateway = Setup::new().start();
    let whole = rmp_serde::to_vec_named(&json!({"cmd": "exampleHello", "params": {"color": "x"}})).unwrap();
    let pack = |value: &Value| rmp_serde::to_vec_named(value).unwrap();
    let mut cases = vec![
        vec![0xc1],
        vec![0xc0],
        vec![0x93, 1, 2, 3],
        pack(&json!("exampleHello")),
        pack(&json!({})),
        pack(&json!({"cmd": 5})),
        pack(&json!({"cmd": "exampleHello", "parms": {}})),
        [&whole[..], &[0xc0]].concat(),
        // Lengths that are only claimed.
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        b"\x82\xa3cmd\xdb\xff\xff\xff\xff".to_vec(),
        b"\x82\xa3cmd\xacexampleHello\xa6params\xdf\xff\xff\xff\xff".to_vec(),
        b"\x81\x01\xacexampleHello".to_vec(),
        b"\x81\xa3cmd\xa1\xff".to_vec(),
        b"\x82\xa3cmd\xacexampleHello\xa3cmd\xacexampleHello".to_vec(),
    ];
    cases.extend((0..whole.len()).skip(1).map(|end| whole[..end].to_vec()));
    for body in cases {
        let reply = gateway.post("application/msgpack", &body);
        assert_eq!(reply.status, 400, "{body:x?}");
        assert_eq!(reply.header("content-type"), Some("application/msgpack"), "{body:x?}");
        reply.error();
    }
    gateway.assert_well();
}

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    let gateway = Setup::new().start();
    let depth = 100_000;
    let json =
        format!("{{\"cmd\": \"exampleHello\", \"params\": {{\"color\": {}{}}}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(gateway.post("application/json", json.as_bytes()).status, 400);
    let mut msgpack = b"\x82\xa3cmd\xacexampleHello\xa6params\x81\xa5color".to_vec();
    msgpack.extend(vec![0x91; depth]);
    msgpack.push(0xc0);
    assert_eq!(gateway.post("application/msgpack", &msgpack).status, 400);
    gateway.assert_well();
}

#[test]
fn unknown_commands_are_404_in_either_format() {
    let gateway = Setup::new().start();
    for name in
        ["nothing", "examplehello", "ExampleHello", "example", "exampleHello ", "example.hello", "__proto__", "é"]
    {
        for reply in [gateway.json(name, &json!({})), gateway.msgpack(name, &json!({}))] {
            assert_eq!(reply.status, 404, "{name}");
            assert!(reply.info().contains("no command"), "{name}");
        }
    }
    let long = gateway.json(&"x".repeat(100_000), &json!({}));
    assert!(long.status == 404 && long.body.len() < 500);
    assert_eq!(gateway.get("/_/cmd/nothing").status, 404);
    assert_eq!(gateway.get("/_x/cmd/exampleHttpGetHello/color/x").status, 404);
}

#[test]
fn the_content_type_decides_and_parameters_of_it_do_not() {
    let gateway = Setup::new().start();
    let body = br#"{"cmd": "exampleHello", "params": {"color": "x"}}"#;
    for content_type in [
        "application/json",
        "Application/JSON;charset=utf-8",
        "application/json ; charset=\"x\"",
        "application/vnd.api+json",
    ] {
        assert_eq!(gateway.post(content_type, body).status, 200, "{content_type}");
    }
    for content_type in ["text/plain", "text/json", "application/jsonx", "", "json"] {
        let reply = gateway.post(content_type, body);
        assert_eq!(reply.status, 415, "{content_type}");
        assert!(reply.info().contains("application/json"), "{}", reply.info());
    }
    assert_eq!(gateway.raw(&request("POST", "/_", &[], body)).status, 415);
    // Forms they may be, but none that names a command.
    for content_type in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        assert_eq!(gateway.post(content_type, body).status, 400, "{content_type}");
    }
    // An empty body has no type: `curl -d ''` calls it a form.
    let empty =
        gateway.raw(&request("POST", "/_/cmd/probeNothing", &["Content-Type: application/x-www-form-urlencoded"], b""));
    assert_eq!(empty.status, 204);
}

#[test]
fn the_command_may_stand_in_the_url_if_the_body_does_not_contradict() {
    let gateway = Setup::new().start();
    let post = |target: &str, body: &str| {
        gateway.raw(&request("POST", target, &["Content-Type: application/json"], body.as_bytes()))
    };
    assert_eq!(post("/_/cmd/exampleHello", r#"{"params": {"color": "x"}}"#).status, 200);
    assert_eq!(post("/_/cmd/exampleHello", r#"{"cmd": "exampleHello", "params": {"color": "x"}}"#).status, 200);
    let both = post("/_/cmd/exampleHello", r#"{"cmd": "probeNothing", "params": {}}"#);
    assert_eq!(both.status, 400);
    assert!(both.info().contains("probeNothing") && both.info().contains("exampleHello"));
}

#[test]
fn a_project_that_does_not_exist_is_404() {
    let gateway = Setup::new().start();
    let reply = gateway.json("exampleHello", &json!({"color": "x", "projectUid": "p1"}));
    assert_eq!((reply.status, reply.info().as_str()), (404, "there is no project \"p1\""));
    assert_eq!(gateway.get("/_/cmd/exampleHttpGetHello/color/x/projectUid/p1").status, 404);
    for params in [json!({"color": "x", "projectUid": ""}), json!({"color": "x", "localeUid": "de_DE"})] {
        assert_eq!(gateway.json("exampleHello", &params).status, 200, "{params}");
    }
    assert_eq!(gateway.json("exampleHello", &json!({"color": "x", "projectUid": 5})).status, 400);
}

#[test]
fn request_ids_are_unique_and_in_the_log() {
    let gateway = Setup::new().start();
    let mut ids: Vec<String> = (0..50)
        .map(|_| gateway.json("nothing", &json!({})).error()["requestId"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50);
    let failed = gateway.json("probeFail", &json!({})).error()["requestId"].as_str().unwrap().to_owned();
    assert!(gateway.into_log().contains(&failed));
}
