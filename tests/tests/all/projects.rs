//! Projects: `projectUid`, what overrides what, and the order in which all this is decided.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup, request};

/// `own` has the example for itself, `bare` has nothing, `closed` may be used by nobody, `strict` forbids its own example,
/// `inherited` has an example without rules below rules that forbid it.
const TOML: &str = r#"
[[sites]]
[[actions]]
type = "example"
helloString = "App"
[[projects]]
uid = "own"
[[projects.actions]]
type = "example"
helloString = "Own"
[[projects]]
uid = "bare"
[[projects]]
uid = "closed"
access = "deny all"
[[projects.actions]]
type = "example"
access = "allow all"
[[projects]]
uid = "strict"
[[projects.actions]]
type = "example"
access = "deny all"
[[projects]]
uid = "probing"
[[projects.actions]]
type = "probe"
[[projects]]
uid = "ä / ö"
[[projects.actions]]
type = "example"
helloString = "Umlaut"
"#;

fn start() -> Gateway {
    Setup::new().sites_and_actions(TOML).start()
}

/// The greeting, or the status.
fn told(reply: &Reply) -> String {
    match reply.status {
        200 => reply.value()["message"].as_str().unwrap().split(['>', ',']).nth(1).unwrap().to_owned(),
        status => status.to_string(),
    }
}

const EXPECTED: &[(&str, &str)] = &[
    ("own", "Own"),
    ("bare", "App"),
    ("probing", "App"),
    ("closed", "403"),
    ("strict", "403"),
    ("none", "404"),
    ("OWN", "404"),
    ("", "App"),
    ("ä / ö", "Umlaut"),
];

#[test]
fn the_project_s_action_comes_first_and_a_forbidden_one_does_not_fall_back() {
    let gateway = start();
    for (uid, expected) in EXPECTED {
        let params = json!({"color": "x", "projectUid": uid});
        assert_eq!(told(&gateway.json("exampleHello", &params)), *expected, "{uid} in JSON");
        assert_eq!(told(&gateway.msgpack("exampleHello", &params)), *expected, "{uid} in MsgPack");
        let encoded: String = uid.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for target in [
            format!("/_/cmd/exampleHttpGetHello?color=x&projectUid={encoded}"),
            format!("/_/cmd/exampleHttpGetHello/color/x?PROJECTUID={encoded}"),
            format!("/_/cmd/exampleHttpGetHello/projectuid/{encoded}/color/x?projectUid=none"),
        ] {
            // An empty segment is no value at all.
            if !(uid.is_empty() && target.contains("projectuid")) {
                assert_eq!(told(&gateway.get(&target)), *expected, "{target}");
            }
        }
    }
}

#[test]
fn wherever_the_name_stands_in_a_body_it_is_found() {
    let gateway = start();
    for body in [
        r#"{"cmd": "exampleHello", "params": {"projectUid": "own", "color": "x"}}"#,
        r#"{"params": {"color": "x", "projectUid": "own"}, "cmd": "exampleHello"}"#,
        r#"{"cmd": "exampleHello", "params": {"color": "x", "\u0070rojectUid": "own"}}"#,
        r#"{"cmd": "exampleHello", "params": {"color": "x", "projectUid": "\u006fwn", "localeUid": "de"}}"#,
        "{\"cmd\": \"exampleHello\", \"params\":\n\t{\"color\": \"projectUid\", \"projectUid\" : \"own\"}}",
    ] {
        assert_eq!(told(&gateway.post("application/json", body.as_bytes())), "Own", "{body}");
    }
    // A value is no name, and what is deeper inside is somebody else's.
    let body = json!({"cmd": "exampleHello", "params": {"color": "projectUid\": \"own"}});
    assert_eq!(told(&gateway.post("application/json", body.to_string().as_bytes())), "App");
}

#[test]
fn what_is_no_name_of_a_project_is_a_wrong_parameter() {
    let gateway = start();
    for wrong in [json!(5), json!(null), json!(["own"]), json!({"projectUid": "own"}), json!(true)] {
        let params = json!({"color": "x", "projectUid": wrong});
        for reply in [gateway.json("exampleHello", &params), gateway.msgpack("exampleHello", &params)] {
            assert_eq!(reply.error()["details"][0]["path"], "params.projectUid", "{wrong}: {}", reply.text());
        }
    }
    let twice = br#"{"cmd": "exampleHello", "params": {"color": "x", "projectUid": "own", "projectUid": "bare"}}"#;
    let reply = gateway.post("application/json", twice);
    assert_eq!(reply.error()["details"][0], json!({"path": "params.projectUid", "problem": "given twice"}));
}

#[test]
fn what_is_configured_in_a_project_alone_is_available_there_alone() {
    let gateway = start();
    assert_eq!(gateway.json("probeNothing", &json!({})).status, 404);
    assert_eq!(gateway.json("probeNothing", &json!({"projectUid": "own"})).status, 404);
    assert_eq!(gateway.json("probeNothing", &json!({"projectUid": "probing"})).status, 204);
}

#[test]
fn each_thing_is_decided_before_the_next() {
    let gateway = start();
    let wrong = |uid: &str| json!({"colr": 1, "projectUid": uid});
    for (cmd, params, status, expected) in [
        ("noCommand", wrong("none"), 404, "there is no command"),
        ("exampleHello", wrong("none"), 404, "there is no project \"none\""),
        ("exampleHello", wrong("closed"), 403, "you have no permission"),
        ("probeNothing", wrong("own"), 404, "is not available here"),
        ("exampleHello", wrong("strict"), 403, "you have no permission"),
        ("exampleHello", wrong("own"), 400, "the parameters do not fit"),
    ] {
        let reply = gateway.json(cmd, &params);
        assert_eq!(reply.status, status, "{cmd} {params}");
        assert!(reply.info().contains(expected), "{cmd} {params}: {}", reply.info());
        let details = reply.error()["details"].clone();
        assert_eq!(details != Value::Null, status == 400, "{cmd}: parameters are nobody's business before");
    }
}

#[test]
fn rules_are_inherited_from_the_project_and_then_from_the_application() {
    let project = |access: &str, own: &str| {
        format!(
            "[[sites]]\n[[projects]]\nuid = \"p\"\naccess = {access:?}\n[[projects.actions]]\ntype = \"example\"\naccess = {own:?}\n"
        )
    };
    for (application, of_project, own, status) in [
        ("allow all", "", "", 200),
        ("deny all", "", "", 403),
        // The project may be used by its own rules, and so may its action.
        ("deny all", "allow all", "", 200),
        ("deny all", "allow guest", "deny guest", 403),
        ("deny all", "allow all", "allow user", 200),
        ("allow all", "deny guest", "allow all", 403),
        ("deny all", "", "allow all", 403),
        ("allow all", "", "deny guest", 403),
        ("", "allow guest", "", 200),
        ("", "allow user", "allow all", 403),
    ] {
        let gateway = Setup::new().access(application).sites_and_actions(&project(of_project, own)).start();
        let reply = gateway.json("exampleHello", &json!({"color": "x", "projectUid": "p"}));
        assert_eq!(reply.status, status, "{application:?} {of_project:?} {own:?}");
    }
}

#[test]
fn each_project_has_an_instance_of_its_own() {
    let gateway = start();
    let bytes = |uid: &str| {
        let body = json!({"cmd": "exampleHello", "params": {"color": "x", "projectUid": uid}}).to_string();
        request("POST", "/_", &["Content-Type: application/json"], body.as_bytes())
    };
    let mut connection = gateway.connect();
    for _ in 0..20 {
        for (uid, expected) in EXPECTED.iter().filter(|(_, expected)| expected.len() > 3) {
            assert_eq!(told(&connection.send(&bytes(uid)).reply().unwrap()), *expected);
        }
    }
}

#[test]
fn what_an_action_keeps_in_memory_is_its_project_s_alone() {
    let probe = |uid: &str| format!("[[projects]]\nuid = \"{uid}\"\n[[projects.actions]]\ntype = \"probe\"\n");
    let toml = format!("[[sites]]\n[[actions]]\ntype = \"probe\"\n{}{}", probe("p"), probe("q"));
    let gateway = Setup::new().sites_and_actions(&toml).start();
    for round in 1..=3 {
        for uid in ["", "p", "q"] {
            assert_eq!(gateway.json("probeCalls", &json!({"projectUid": uid})).value()["count"], round, "{uid}");
        }
    }
    // It outlives a reload that does not concern it.
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(gateway.json("probeCalls", &json!({"projectUid": "p"})).value()["count"], 4);
}
