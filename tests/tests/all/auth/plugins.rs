//! What plugins are told of callers, and what they may ask for on their behalf.

use serde_json::json;
use wicketgate_tests::{Gateway, PASSWORD, Setup, Visitor, basic};

fn permitted(visitor: &mut Visitor<'_>, command: &str, project: Option<&str>) -> bool {
    let reply = visitor.json("probePermitted", &json!({ "command": command, "project": project }));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.value()["permitted"].as_bool().unwrap()
}

fn start() -> Gateway {
    let projects = "[[projects]]\nuid = \"p\"\naccess = \"deny guest\"\n[[projects.actions]]\ntype = \"example\"\naccess = \"allow chief, deny all\"\n";
    Setup::new().users(&[("ada", "['chief']"), ("bob", "[]")]).methods(&["web", "basic"]).append(projects).start()
}

#[test]
fn a_plugin_asks_whether_the_caller_may_use_a_command() {
    let gateway = start();
    let (mut guest, mut ada, mut bob) = (gateway.visitor(), gateway.logged_in("ada"), gateway.logged_in("bob"));
    for visitor in [&mut guest, &mut ada, &mut bob] {
        assert!(permitted(visitor, "exampleHello", None));
        assert!(permitted(visitor, "exampleHello", Some("")));
        assert!(!permitted(visitor, "nonsense", None));
        assert!(!permitted(visitor, "exampleHello", Some("nonsense")));
    }
    let in_project = [&mut guest, &mut ada, &mut bob].map(|visitor| permitted(visitor, "exampleHello", Some("p")));
    assert_eq!(in_project, [false, true, false]);
    // What the project has not for itself is the application's.
    let in_project = [&mut guest, &mut ada, &mut bob].map(|visitor| permitted(visitor, "probeCalls", Some("p")));
    assert_eq!(in_project, [false, true, true]);
}

#[test]
fn another_plugin_than_auth_may_log_in_and_use_the_new_session_at_once() {
    let gateway = start();
    let mut ada = gateway.visitor();
    let reply = ada.json("probeLogIn", &json!({"name": "ada", "value": PASSWORD}));
    assert_eq!((reply.status, &reply.value()["uid"]), (200, &json!("ada")));
    assert_eq!(
        (ada.uid().as_str(), ada.json("probeRecall", &json!({"name": "by"})).value()),
        ("ada", json!({"value": "probe"}))
    );
    let reply = ada.json("probeLogIn", &json!({"name": "ada", "value": "wrong"}));
    assert_eq!((reply.status, reply.info().as_str()), (403, "the user name or the password is wrong"));
}

#[test]
fn a_plugin_is_told_the_same_however_somebody_identifies() {
    let gateway = start();
    let by_session = gateway.logged_in("ada").json("probeWhoami", &json!({})).value();
    let by_password = gateway.visitor().json_with("probeWhoami", &json!({}), &[&basic("ada", PASSWORD)]).value();
    assert_eq!(by_session, by_password);
    // Whoever shows a password each time has no session.
    let headers = [&basic("ada", PASSWORD) as &str];
    let reply = gateway.visitor().json_with("probeRemember", &json!({"name": "x", "value": 1}), &headers);
    assert_eq!((reply.status, reply.header("set-cookie")), (403, None));
}

#[test]
fn callers_are_not_mixed_up() {
    let gateway = start();
    let cookies = ["ada", "bob"].map(|login| (login, gateway.logged_in(login).cookie));
    std::thread::scope(|threads| {
        for number in 0..8 {
            let (gateway, cookies) = (&gateway, &cookies);
            threads.spawn(move || {
                let mut visitor = gateway.visitor();
                for round in 0..100 {
                    let (expected, cookie) = match (number + round) % 3 {
                        0 => ("", &None),
                        index => (cookies[index - 1].0, &cookies[index - 1].1),
                    };
                    visitor.cookie.clone_from(cookie);
                    assert_eq!(visitor.uid(), expected);
                }
            });
        }
    });
}
