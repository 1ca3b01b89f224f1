//! `wicketgate explain --user`.

use wicketgate_tests::{Setup, sqlite};

const TOML: &str = "[[sites]]\n[[actions]]\ntype = \"example\"\naccess = \"allow editor, deny user\"\n";
const URL: &str = "/_/cmd/exampleHttpGetHello/color/blue";

#[test]
fn it_decides_as_that_user() {
    let users = [("ada", "['editor']"), ("bob", "[]"), ("root", "['admin']")];
    let setup = Setup::new().access("allow guest").sites_and_actions(TOML).users(&users);
    setup.write_config();
    for (user, reason, end) in [
        (None, "`allow guest`, a rule of the application, decides about guests", "=> call exampleHttpGetHello"),
        (Some("ada"), "`allow editor`, a rule of the action, decides about `ada`", "=> call exampleHttpGetHello"),
        (Some("bob"), "`deny user`, a rule of the action, decides about `bob`", "=> 403 you have no permission"),
        (
            Some("root"),
            "`root` has the role `admin`, which passes whatever the rules say",
            "=> call exampleHttpGetHello",
        ),
    ] {
        let named = user.map_or(Vec::new(), |user| vec!["--user", user]);
        let (code, said, told) = setup.run(&[&["explain", URL], &named[..]].concat());
        assert!(code == 0 && said.contains(reason) && said.contains(end), "{user:?}: {said}{told}");
    }
    let (_, said, _) = setup.run(&["explain", "-H", "Authorization: Basic x", URL]);
    assert!(said.contains("who calls is what --user says"), "{said}");
    let (code, _, told) = setup.run(&["explain", "--user", "eve", URL]);
    assert!(code == 1 && told.contains("there is no user `eve`; `wicketgate user list`"), "{told}");
}

#[test]
fn users_of_databases_are_looked_up() {
    let provider = "[[auth.providers]]\ntype = \"sql\"\nurl = \"sqlite:people.db\"\nquery = \"SELECT login, roles FROM p WHERE login = $1\"\n";
    let setup = Setup::new().access("allow guest").sites_and_actions(&format!("{TOML}{provider}"));
    setup.write_config();
    sqlite(&setup.dir().join("people.db"), "CREATE TABLE p (login, roles); INSERT INTO p VALUES ('ada', 'editor')");
    let (_, said, told) = setup.run(&["explain", "--user", "ada", URL]);
    assert!(said.contains("`allow editor`, a rule of the action, decides about `ada`"), "{said}{told}");
}

#[test]
fn without_a_url_it_tells_all_that_the_user_may_do_and_the_project_is_decided_first() {
    let project = "[[projects]]\nuid = \"p\"\naccess = \"deny editor\"\n";
    let setup =
        Setup::new().access("allow all").sites_and_actions(&format!("{TOML}{project}")).users(&[("ada", "['editor']")]);
    setup.write_config();
    let (code, said, told) = setup.run(&["explain", "--user", "ada"]);
    assert_eq!(code, 0, "{told}");
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["project", "command", "ada", "(editor,", "user,", "all)"]);
    assert!(
        rows.contains(&vec!["-", "exampleHello", "allow"]) && rows.contains(&vec!["p", "exampleHello", "deny"]),
        "{said}"
    );
    let (_, said, _) = setup.run(&["explain", "--user", "ada", &format!("{URL}?projectUid=p")]);
    assert!(said.contains("the project `p`: `deny editor`, a rule of the project, decides about `ada`"), "{said}");
    assert_eq!(setup.run(&["explain"]).0, 2);
}
