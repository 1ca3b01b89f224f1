//! Mistakes in the TOML file: each is named with file, line, column, key, what was expected and what there is.

use wicketgate_tests::Setup;

/// Lines below `[server]`, everything below `[plugins]`, and what must be said.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("", "[[sites]]\nhost = 5\n", ":10:1: sites[0].host: expected str, got int"),
    ("", "[[sites]]\nhots = \"*\"\n", ":10:1: sites[0].hots: unknown property; did you mean `host`?"),
    ("", "[[sites]]\nroot = \"nowhere\"\n", ":10:1: sites[0].root: there is no folder `"),
    ("", "[[sites]]\n[[sites]]\n", "sites[1].host: there is another site for `*`"),
    ("", "[[sites]]\nhost = \"a:80\"\n", "sites[0].host: expected a host name without port"),
    ("", "[[sites]]\nhost = \"*.\"\n", "sites[0].host: expected a host name"),
    ("", "[[sites]]\nhost = \"a b\"\n", "sites[0].host: expected a host name"),
    ("", "[sites]\n", ": sites: expected list, got object"),
    ("", "[site]\nhost = \"*\"\n", "site: unknown property; did you mean `sites`?"),
    ("", "[[actions]]\n", ":9:1: actions[0].type: the action's name is missing"),
    ("", "[[actions]]\ntype = 5\n", "actions[0].type: the action's name is missing"),
    (
        "",
        "[[actions]]\ntype = \"exampel\"\n",
        ":10:1: actions[0].type: there is no spec of an action `exampel`; there are: `auth`, `example`, `probe`",
    ),
    (
        "",
        "[[actions]]\ntype = \"example\"\nhelloString = 2026-01-31\n",
        ":11:1: actions[0].helloString: expected str, got a date, which has no quotes",
    ),
    (
        "",
        "[[actions]]\ntype = \"probe\"\nfirstDay = 2026-01-31\nlastDay = \"2026-02-30\"\n",
        ":12:1: actions[0].lastDay: expected a date such as 2026-01-31, got \"2026-02-30\"",
    ),
    ("", "[[actions]]\ntype = \"example\"\nhelloString = 5\n", ":11:1: actions[0].helloString: expected str, got int"),
    (
        "",
        "[[actions]]\ntype = \"example\"\nhelloStrin = \"x\"\n",
        ":11:1: actions[0].helloStrin: unknown property; did you mean `helloString`?",
    ),
    (
        "",
        "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"example\"\n",
        "actions[1]: the action `example` is configured twice",
    ),
    (
        "",
        "[[actions]]\ntype = \"example\"\naccess = \"permit all\"\n",
        ":11:1: actions[0].access: expected `allow ROLE`",
    ),
    ("", "[[actions]]\ntype = \"example\"\naccess = 5\n", "actions[0].access: expected str, got int"),
    (
        "",
        "[[actions]]\ntype = \"probe\"\nnumbers = [1, \"2\", 3]\n",
        ":11:15: actions[0].numbers[1]: expected int, got str",
    ),
    (
        "",
        "[[actions]]\ntype = \"probe\"\nnested.depth = 256\n",
        "actions[0].nested.depth: expected int from 0 to 255, got 256",
    ),
    ("", "[[actions]]\ntype = \"probe\"\n[actions.nested]\n", "actions[0].nested.depth: required property is missing"),
    ("", "[[actions]]\ntype = \"probe\"\nnumbers = 1979-05-27\n", "actions[0].numbers: expected list, got "),
    ("lissten = []\n", "", ":5:1: server.lissten: unknown property; did you mean `listen`?"),
    ("limits.body = 5\n", "", ":5:8: server.limits.body: expected str, got int"),
    ("limits.body = \"much\"\n", "", "server.limits.body: expected a size such as `10MB`"),
    ("timeouts.action = \"0s\"\n", "", "server.timeouts.action: expected a length of time such as `30s`"),
    ("timeouts.action = \"soon\"\n", "", "server.timeouts.action: expected a length of time"),
    ("timeouts = true\n", "", "server.timeouts: expected object, got bool"),
    ("[server]\n", "", "this is no TOML: "),
    ("= 5\n", "", ":5:1: this is no TOML: "),
    ("x = \"\n", "", "this is no TOML: "),
];

#[test]
fn each_mistake_is_named_with_its_place() {
    let mut wrong = Vec::new();
    for (server, rest, expected) in MISTAKES {
        let said = Setup::new().server(server).sites_and_actions(rest).refused();
        if !(said.contains(expected) && said.contains("wicketgate.toml:")) {
            wrong.push(format!("{server}{rest} expected {expected}, but it says {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_are_named_in_one_run() {
    let rest = "[[sites]]\nhost = \"a:1\"\nroot = \"nowhere\"\n[[actions]]\ntype = \"example\"\nhelloString = 1\nx = 2\n\
                [[actions]]\ntype = \"nothing\"\n";
    let said = Setup::new().access("hm").server("limits.body = \"x\"\n").sites_and_actions(rest).refused();
    for path in [
        "access",
        "server.limits.body",
        "sites[0].host",
        "sites[0].root",
        "actions[0].helloString",
        "actions[0].x",
        "actions[1].type",
    ] {
        assert!(said.contains(&format!(": {path}: ")), "{path} is not in {said}");
    }
    assert_eq!(said.lines().count(), 7, "{said}");
}

#[test]
fn one_kind_of_mistake_does_not_hide_another() {
    let rest = "[[sites]]\nhots = \"*\"\n[[actions]]\ntype = \"example\"\nhelloString = 5\naccess = \"hm\"\n[[actions]]\ntype = \"x\"\n";
    let said = Setup::new().sites_and_actions(rest).refused();
    for path in ["sites[0].hots", "actions[0].helloString", "actions[0].access", "actions[1].type"] {
        assert!(said.contains(&format!(": {path}: ")), "{path} is not in {said}");
    }
}

#[test]
fn addresses_are_addresses() {
    for (listen, expected) in [
        ("[]", "server.listen: at least one address is needed"),
        ("[\"localhost\"]", "server.listen[0]: expected an IP address and a port"),
        ("[\"127.0.0.1:0\", \"127.0.0.1\"]", "server.listen[1]: expected an IP address and a port"),
        ("[\"127.0.0.1:7\", \"127.0.0.1:7\"]", "server.listen[1]: listed twice"),
        ("\"127.0.0.1:7\"", "server.listen: expected list, got str"),
    ] {
        let setup = Setup::new();
        let config = setup.write_config();
        let text = std::fs::read_to_string(&config).unwrap().replace("[\"127.0.0.1:0\"]", listen);
        std::fs::write(&config, text).unwrap();
        let output = wicketgate_tests::wicketgate(&["serve", "--config", config.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(expected), "{listen}: {said}");
    }
}

#[test]
fn without_any_configured_action_files_are_served() {
    let gateway = Setup::new().file("index.html", b"home").sites_and_actions("[[sites]]\nroot = \"www\"\n").start();
    assert_eq!(gateway.get("/").text(), "home");
    let reply = gateway.json("exampleHello", &serde_json::json!({"color": "blue"}));
    assert_eq!((reply.status, reply.info().as_str()), (404, "the command `exampleHello` is not available here"));
}
