//! The provider `sql`: users in SQLite and in a real PostgreSQL.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wicketgate_tests::{Gateway, PASSWORD, Postgres, Setup, basic, password_hash, sqlite};

const TABLE: &str = "CREATE TABLE person (login text PRIMARY KEY, name text, hash text, roles text, floor int, \
                     height double precision, vip boolean, note text, token text);";

fn insert() -> String {
    let (hash, token) = (password_hash(), hex(&Sha256::digest("a secret token")));
    format!(
        "INSERT INTO person VALUES ('ada', 'Ada Lovelace', '{hash}', 'editor, chief', 7, 1.5, true, null, '{token}'), \
         ('bob', null, '{hash}', '', null, null, false, '', null), ('mute', 'Mute', null, null, 1, 1, true, 'x', null);"
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const QUERY: &str =
    "SELECT login, name AS display_name, hash AS password, roles, floor, height, vip, note FROM person WHERE";

fn setup(url: &str, refresh: &str) -> Setup {
    let provider = format!(
        "[[auth.providers]]\ntype = \"sql\"\nurl = \"{url}\"\nrefresh = \"{refresh}\"\n\
         query = \"{QUERY} login = $1\"\ntokenQuery = \"{QUERY} token = $1\"\n\
         [[actions]]\ntype = \"auth\"\n"
    );
    Setup::new().append(&provider).methods(&["web", "basic", "token"])
}

fn told(gateway: &Gateway, header: &str) -> Value {
    let reply = gateway.visitor().json_with("probeWhoami", &json!({}), &[header]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.value()
}

/// What holds of any database.
fn users_are_found(gateway: &Gateway) {
    let mut ada = gateway.logged_in("ada");
    let told_of = ada.json("probeWhoami", &json!({})).value();
    assert_eq!((&told_of["uid"], &told_of["displayName"]), (&json!("ada"), &json!("Ada Lovelace")));
    assert_eq!(told_of["roles"], json!(["editor", "chief", "user", "all"]));
    assert_eq!(told_of["attributes"], json!({"floor": 7, "height": 1.5, "vip": true}));
    let bob = told(gateway, &basic("bob", PASSWORD));
    assert_eq!((&bob["displayName"], &bob["roles"]), (&json!("bob"), &json!(["user", "all"])));
    assert_eq!(told(gateway, "Authorization: Bearer a secret token")["uid"], "ada");
    for (login, password) in
        [("ada", "wrong"), ("mute", PASSWORD), ("nobody", PASSWORD), ("' OR 1=1 --", PASSWORD), ("ADA", PASSWORD)]
    {
        assert_eq!(gateway.visitor().log_in(login, password).status, 403, "{login}");
    }
    for token in ["another token", "", "' OR 1=1 --"] {
        let header = format!("Authorization: Bearer {token}");
        assert_eq!(gateway.visitor().json_with("probeWhoami", &json!({}), &[&header]).status, 401, "{token}");
    }
}

#[test]
fn in_sqlite() {
    let setup = setup("sqlite:people.db", "1m");
    sqlite(&setup.dir().join("people.db"), &format!("{TABLE}{}", insert()));
    users_are_found(&setup.start());
}

#[test]
fn in_postgresql() {
    let postgres = Postgres::start();
    postgres.sql(TABLE);
    postgres.sql(&insert());
    users_are_found(&setup(&postgres.url(), "1m").start());
}

#[test]
fn columns_may_be_of_many_types() {
    let postgres = Postgres::start();
    postgres.sql("CREATE TYPE mood AS ENUM ('glad', 'sad')");
    let setup = setup(&postgres.url(), "1m");
    let text = std::fs::read_to_string(setup.write_config()).unwrap();
    let query = "SELECT $1::varchar AS login, ARRAY['editor','chief'] AS roles, 1::smallint AS a, 2::bigint AS b, \
                 'x'::name AS c, 'glad'::mood AS d, json_build_object('e', 1) AS e, 'f'::char(3) AS f, 0.5::real AS g";
    let query = format!("{query}, '{}' AS password", password_hash());
    let rest = text[text.find("[[sites]]").unwrap()..].replace(&format!("{QUERY} login = $1"), &query);
    let gateway = setup.sites_and_actions(&rest).start();
    let told = told(&gateway, &basic("anybody", PASSWORD));
    assert_eq!(told["roles"], json!(["editor", "chief", "user", "all"]));
    let attributes = json!({"a": 1, "b": 2, "c": "x", "d": "glad", "e": {"e": 1}, "f": "f  ", "g": 0.5});
    assert_eq!(told["attributes"], attributes);
    // What has no such form is told of, with its column and what to do.
    gateway.change_config("0.5::real AS g", "now() AS g");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(gateway.visitor().log_in("anybody", PASSWORD).status, 503);
    let log = gateway.into_log();
    assert!(log.contains("the column `g` (TIMESTAMPTZ) can't be read") && log.contains("cast it to text"), "{log}");
}

#[test]
fn a_change_counts_after_a_reload_or_when_the_answer_is_old() {
    let setup = setup("sqlite:people.db", "2s");
    let file = setup.dir().join("people.db");
    sqlite(&file, &format!("{TABLE}{}", insert()));
    let gateway = setup.start();
    let (mut ada, mut bob) = (gateway.logged_in("ada"), gateway.logged_in("bob"));
    sqlite(&file, "UPDATE person SET roles = 'none' WHERE login = 'ada'; DELETE FROM person WHERE login = 'bob'");
    let deadline = Instant::now() + Duration::from_secs(10);
    while ada.json("probeWhoami", &json!({})).value()["roles"] != json!(["none", "user", "all"]) {
        assert!(Instant::now() < deadline);
        sleep(Duration::from_millis(100));
    }
    assert_eq!((bob.uid(), bob.cookie), (String::new(), None));
    // Without waiting.
    sqlite(&file, "UPDATE person SET roles = 'one' WHERE login = 'ada'");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(ada.json("probeWhoami", &json!({})).value()["roles"], json!(["one", "user", "all"]));
}

#[test]
fn a_database_that_is_gone_is_503_and_used_again_when_it_is_back() {
    let mut postgres = Postgres::start();
    postgres.sql(TABLE);
    postgres.sql(&insert());
    let gateway = setup(&postgres.url(), "1s").start();
    let mut ada = gateway.logged_in("ada");
    postgres.stop();
    sleep(Duration::from_millis(2100));
    for reply in [
        ada.json("probeWhoami", &json!({})),
        gateway.visitor().log_in("ada", PASSWORD),
        gateway.visitor().json_with("probeWhoami", &json!({}), &[&basic("bob", PASSWORD)]),
    ] {
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
        assert_eq!(reply.info(), "it can't be told who you are; try again");
    }
    gateway.assert_well();
    postgres.resume();
    assert_eq!(ada.uid(), "ada");
    assert_eq!(gateway.visitor().log_in("ada", PASSWORD).status, 200);
    let log = gateway.into_log();
    assert!(log.contains("users can't be looked for"), "{log}");
    assert!(!log.contains("hush-db-password"), "{log}");
}

#[test]
fn a_query_that_makes_no_sense_is_told_of_at_the_start() {
    for (query, told) in [
        ("SELEC login FROM person WHERE login = $1", "syntax error"),
        ("SELECT login FROM persons WHERE login = $1", "no such table: persons"),
        ("SELECT name FROM person WHERE $1 = ''", "the query gives no column `login`"),
    ] {
        let setup = setup("sqlite:people.db", "1m");
        sqlite(&setup.dir().join("people.db"), &format!("{TABLE}{}", insert()));
        let config = setup.write_config();
        let text = std::fs::read_to_string(&config).unwrap();
        let setup = setup
            .sites_and_actions(&text[text.find("[[sites]]").unwrap()..].replace(&format!("{QUERY} login = $1"), query));
        let gateway = setup.start();
        let reply = gateway.visitor().log_in("ada", PASSWORD);
        assert!(matches!(reply.status, 403 | 503), "{reply:?}");
        sleep(Duration::from_millis(200));
        let log = gateway.into_log();
        assert!(log.contains(told), "{told}: {log}");
        assert!(log.contains("auth.providers") || log.contains("wicketgate.toml:"), "{log}");
    }
}

#[test]
fn the_url_may_stand_in_a_file_and_is_never_repeated() {
    let setup = setup("sqlite:people.db", "1m");
    sqlite(&setup.dir().join("people.db"), &format!("{TABLE}{}", insert()));
    setup.put("url.txt", b"sqlite:people.db\n");
    let text = std::fs::read_to_string(setup.write_config()).unwrap();
    let rest = text[text.find("[[sites]]").unwrap()..].replace("url = \"sqlite:people.db\"", "urlFile = \"url.txt\"");
    let gateway = setup.sites_and_actions(&rest).start();
    gateway.logged_in("ada");
    for url in ["mysql://root:hush@localhost/db", "postgres://user:hush@host:port/db", "sqlite:", "hush"] {
        let said = self::setup(url, "1m").refused();
        assert!(said.contains("auth.providers[0].url: expected a URL such as `sqlite:users.db`"), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn providers_are_asked_in_order_and_the_first_that_knows_a_login_decides() {
    let file = "[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n";
    let hash = password_hash();
    let setup = setup("sqlite:people.db", "1m").append(file);
    sqlite(&setup.dir().join("people.db"), &format!("{TABLE}{}", insert()));
    let users = ["ada", "eve", "mute"]
        .map(|login| format!("[[users]]\nlogin = \"{login}\"\nroles = [\"filed\"]\npassword = '{hash}'\n"));
    let gateway = setup.users_file(&users.concat()).start();
    assert_eq!(told(&gateway, &basic("ada", PASSWORD))["roles"], json!(["editor", "chief", "user", "all"]));
    assert_eq!(told(&gateway, &basic("eve", PASSWORD))["roles"], json!(["filed", "user", "all"]));
    // The database knows this one, who has no password there.
    assert_eq!(gateway.visitor().log_in("mute", PASSWORD).status, 403);
}
