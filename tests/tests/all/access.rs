//! Who may use an action: rules of the action, of the project, of the application.

use std::fs;

use serde_json::json;
use wicketgate_tests::{PASSWORD, Reply, Setup, Visitor};

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

/// What a rule says of the role that it is about.
const SAID: [Option<bool>; 3] = [None, Some(true), Some(false)];

/// The roles that rules are about.
const ROLES: [&str; 5] = ["all", "guest", "user", "editor", "admin"];

/// Callers, and the roles that they have.
const CALLERS: [(&str, &[&str]); 4] = [
    ("", &["guest", "all"]),
    ("ada", &["user", "all"]),
    ("eve", &["editor", "user", "all"]),
    ("root", &["admin", "user", "all"]),
];

fn rule(said: Option<bool>, role: &str) -> String {
    said.map_or(String::new(), |allow| format!("{} {role}", if allow { "allow" } else { "deny" }))
}

/// The nearest rule about the caller decides; without one, nobody may; an admin always may.
fn may(rules: &[Option<bool>], role: &str, caller: &[&str]) -> bool {
    let said = rules.iter().flatten().next().copied();
    caller.contains(&"admin") || (caller.contains(&role) && said == Some(true))
}

fn status(visitor: &mut Visitor<'_>, project: &str) -> u16 {
    visitor.json("exampleHello", &json!({"color": "blue", "projectUid": project})).status
}

#[test]
fn every_role_at_every_level() {
    for role in ROLES {
        for application in SAID {
            // One project for each pair of rules.
            let pairs = || {
                SAID.iter().enumerate().flat_map(|(i, of_project)| {
                    SAID.iter().enumerate().map(move |(k, of_action)| (format!("p{i}{k}"), *of_project, *of_action))
                })
            };
            let own = "[[actions]]\ntype = \"example\"\n# rule\naccess = \"\"\n";
            let mut toml = format!("[[sites]]\n[[auth.methods]]\ntype = \"web\"\n{own}");
            for (uid, of_project, of_action) in pairs() {
                let (of_project, of_action) = (rule(of_project, role), rule(of_action, role));
                toml += &format!("[[projects]]\nuid = {uid:?}\naccess = {of_project:?}\n");
                toml += &format!("[[projects.actions]]\ntype = \"example\"\naccess = {of_action:?}\n");
            }
            let users = [("ada", "[]"), ("eve", "['editor']"), ("root", "['admin']")];
            let setup = Setup::new().access(&rule(application, role)).sites_and_actions(&toml).users(&users);
            let gateway = setup.start();
            let visitor = |login: &str| if login.is_empty() { gateway.visitor() } else { gateway.logged_in(login) };
            let mut visitors = CALLERS.map(|(login, _)| visitor(login));
            for ((login, roles), visitor) in CALLERS.iter().zip(&mut visitors) {
                for (uid, of_project, of_action) in pairs() {
                    // A project that the caller may not use has no action that they may use.
                    let readable = may(&[of_project, application], role, roles);
                    let allowed = readable && may(&[of_action, of_project, application], role, roles);
                    let expected = if allowed { 200 } else { 403 };
                    let what = format!("{login:?}: {role}, {application:?} > {of_project:?} > {of_action:?}");
                    assert_eq!(status(visitor, &uid), expected, "{what}");
                }
            }
            for (of_action, action) in SAID.iter().zip(["first", "second", "third"]) {
                // The application's own action, whose rules the next reload changes.
                if action != "first" {
                    let rules = fs::read_to_string(gateway.config()).unwrap();
                    let (start, rest) = rules.split_once("# rule\n").unwrap();
                    let line = format!("access = {:?}\n", rule(*of_action, role));
                    let rest = rest.split_once('\n').unwrap().1;
                    fs::write(gateway.config(), format!("{start}# rule\n{line}{rest}")).unwrap();
                    assert_eq!(gateway.run(&["reload"]).0, 0);
                }
                for ((login, roles), visitor) in CALLERS.iter().zip(&mut visitors) {
                    let expected = if may(&[*of_action, application], role, roles) { 200 } else { 403 };
                    let what = format!("{login:?}: {role}, {application:?} > {of_action:?}");
                    assert_eq!(status(visitor, ""), expected, "{what}");
                }
            }
            let (_, table, _) = gateway.run(&["check", "--access"]);
            told_by_check(&table, role, application);
        }
    }
}

/// `check --access` tells the same.
fn told_by_check(table: &str, role: &str, application: Option<bool>) {
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let column = |name: &str| rows[0].iter().position(|cell| *cell == name).unwrap();
    for (index, name) in [("guest", 0), ("user", 1), ("editor", 2), ("admin", 3)].map(|(name, i)| (i, name)) {
        for (i, of_project) in SAID.iter().enumerate() {
            for (k, of_action) in SAID.iter().enumerate() {
                let uid = format!("p{i}{k}");
                let row = rows.iter().find(|row| row[0] == uid && row[1] == "exampleHello").unwrap();
                let roles = CALLERS[index].1;
                let allowed = may(&[*of_project, application], role, roles)
                    && may(&[*of_action, *of_project, application], role, roles);
                let expected = if allowed { "allow" } else { "deny" };
                assert_eq!(row[column(name)], expected, "{name} in {uid}: {table}");
            }
        }
    }
}

#[test]
fn the_first_of_several_rules_decides() {
    let toml = "[[sites]]\n[[actions]]\ntype = \"example\"\naccess = \"deny banned, allow editor, deny user\"\n\
                [[auth.methods]]\ntype = \"basic\"\n";
    let users = [
        ("ada", "['editor']", 200),
        ("bob", "[]", 403),
        ("eve", "['editor', 'banned']", 403),
        ("mallory", "['banned', 'editor']", 403),
        ("root", "['banned', 'admin']", 200),
    ];
    let known: Vec<_> = users.iter().map(|(login, roles, _)| (*login, *roles)).collect();
    let gateway = Setup::new().access("allow all").sites_and_actions(toml).users(&known).start();
    let call =
        |headers: &[&str]| -> Reply { gateway.visitor().json_with("exampleHello", &json!({"color": "x"}), headers) };
    assert_eq!(call(&[]).status, 200, "the application lets guests in, of whom the action says nothing");
    for (login, roles, expected) in users {
        let reply = call(&[&wicketgate_tests::basic(login, PASSWORD)]);
        assert_eq!(reply.status, expected, "{login} {roles}");
    }
}

#[test]
fn a_role_that_is_not_listed_is_a_mistake() {
    let setup = Setup::new()
        .sites_and_actions("[[sites]]\n[[actions]]\ntype = \"example\"\naccess = \"allow edtor\"\n[auth]\nroles = [\"editor\", \"viewer\"]\n")
        .users(&[("ada", "['viewer', 'edtior']")]);
    let said = setup.refused();
    let told = "actions[0].access: there is no role `edtor` in `auth.roles`; there are: `editor`, `viewer`";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("users.toml:4:20: users[0].roles[1]: there is no role `edtior`"), "{said}");
    for (roles, told) in [("['guest']", "the role `guest` can't be given"), ("['a b']", "expected a role of letters")] {
        let said = Setup::new().users(&[("ada", roles)]).refused();
        assert!(said.contains(told), "{said}");
    }
}
