//! Who may use an action: rules of the action, then of the application (roles `all` and `guest`).

use serde_json::json;
use wicketgate_tests::Setup;

/// Application's rules, action's rules, whether a guest may.
const TABLE: &[(&str, &str, bool)] = &[
    ("allow all", "", true),
    ("allow guest", "", true),
    ("deny all", "", false),
    ("deny guest", "", false),
    ("", "", false),
    ("allow admin", "", false),
    ("allow user, deny all", "", false),
    ("deny user, allow all", "", true),
    ("allow guest, deny all", "", true),
    ("deny guest, allow all", "", false),
    ("deny all, allow guest", "", false),
    ("allow all", "deny all", false),
    ("allow all", "deny guest", false),
    ("deny all", "allow guest", true),
    ("", "allow all", true),
    ("allow all", "deny admin", true),
    ("deny all", "allow admin", false),
    ("  allow   all ,deny guest", "", true),
];

#[test]
fn the_first_rule_for_a_role_of_the_caller_decides() {
    for (application, action, allowed) in TABLE {
        let access = if action.is_empty() { String::new() } else { format!("access = {action:?}\n") };
        let toml = format!("[[sites]]\n[[actions]]\ntype = \"example\"\n{access}");
        let gateway = Setup::new().access(application).sites_and_actions(&toml).start();
        let replies = [
            gateway.json("exampleHello", &json!({"color": "blue"})),
            gateway.msgpack("exampleHello", &json!({"color": "blue"})),
            gateway.get("/_/cmd/exampleHttpGetHello/color/blue"),
        ];
        for reply in replies {
            let expected = if *allowed { 200 } else { 403 };
            assert_eq!(reply.status, expected, "application {application:?}, action {action:?}");
        }
    }
}

#[test]
fn permission_is_decided_before_parameters_are_read() {
    let gateway = Setup::new().access("deny all").start();
    for params in [json!({}), json!({"color": 5}), json!({"nonsense": true}), json!([1])] {
        let reply = gateway.json("exampleHello", &params);
        assert_eq!(reply.status, 403, "{params}");
        assert!(reply.info().contains("permission"));
        assert_eq!(reply.error().get("details"), None);
    }
    // A guest without permission gets 403, never 401: there is nothing to log in to.
    assert_eq!(gateway.json("exampleHello", &json!({})).header("www-authenticate"), None);
    // But a command that does not exist is 404 for everybody.
    assert_eq!(gateway.json("exampleNothing", &json!({})).status, 404);
}
