//! The method `basic`: `Authorization: Basic` (RFC 7617).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use wicketgate_tests::{Gateway, PASSWORD, Reply, Setup, basic, password_hash};

fn start() -> Gateway {
    Setup::new().users(&[("ada", "['editor']"), ("bob", "[]")]).methods(&["basic"]).start()
}

fn whoami(gateway: &Gateway, header: &str) -> Reply {
    gateway.visitor().json_with("probeWhoami", &json!({}), &[header])
}

#[test]
fn a_right_password_is_enough() {
    let gateway = start();
    for _ in 0..3 {
        let reply = whoami(&gateway, &basic("ada", PASSWORD));
        assert_eq!((reply.status, &reply.value()["uid"]), (200, &json!("ada")));
        assert_eq!(reply.header("set-cookie"), None);
    }
    assert_eq!(whoami(&gateway, &basic("ada", PASSWORD).replace("Basic", "bAsIc")).status, 200);
    let get = gateway.visitor().get_with("/_/cmd/probeHttpGetWhoami", &[&basic("bob", PASSWORD)]);
    assert_eq!(get.value()["uid"], "bob");
}

#[test]
fn what_is_not_valid_is_401_and_says_what_would_be() {
    let gateway = start();
    let encode = |text: &[u8]| format!("Authorization: Basic {}", STANDARD.encode(text));
    for header in [
        basic("ada", "wrong"),
        basic("nobody", PASSWORD),
        basic("", PASSWORD),
        basic("ada", ""),
        basic("ada", &"x".repeat(2000)),
        basic("ada", &format!("{PASSWORD}\0")),
        encode(b"ada"),
        encode(b""),
        encode(b"ada:\xff\xfe"),
        encode(&[&b"\xff:"[..], PASSWORD.as_bytes()].concat()),
        "Authorization: Basic".into(),
        "Authorization: Basic ***".into(),
        "Authorization: Basic YWRh=".into(),
        "Authorization: Bearer abc".into(),
        "Authorization: Digest username=ada".into(),
        "Authorization: nonsense".into(),
        "Authorization:".into(),
        format!("{0}\r\n{0}", basic("ada", PASSWORD)),
    ] {
        let reply = whoami(&gateway, &header);
        assert_eq!(reply.status, 401, "{header}");
        assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"Wicketgate\", charset=\"UTF-8\""), "{header}");
        assert_eq!(reply.info(), "the credentials in `Authorization` are not valid");
    }
    gateway.assert_well();
}

#[test]
fn a_password_may_have_colons_and_any_letters() {
    assert!(PASSWORD.contains(':'));
    let gateway = start();
    assert_eq!(whoami(&gateway, &basic("ada", PASSWORD)).status, 200);
    let file = gateway.dir().join("users.toml");
    let add = wicketgate_tests::with_stdin(
        &["user", "--file", file.to_str().unwrap(), "passwd", "bob", "--password-stdin"],
        "pässwörd: ☂ ",
    );
    assert_eq!(add.0, 0, "{}", add.2);
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(whoami(&gateway, &basic("bob", "pässwörd: ☂ ")).status, 200);
    assert_eq!(whoami(&gateway, &basic("bob", PASSWORD)).status, 401);
}

#[test]
fn credentials_are_looked_at_wherever_they_lead() {
    let gateway = start();
    let bad = basic("ada", "wrong");
    // To what guests may do, to what is forbidden, to what does not exist.
    for command in ["exampleHello", "probeWhoami", "nonsense"] {
        assert_eq!(gateway.visitor().json_with(command, &json!({}), &[&bad]).status, 401, "{command}");
    }
    // But what is no command is not asked for who calls.
    assert_eq!(gateway.visitor().get_with("/nothing.html", &[&bad]).status, 404);
    // No permission is 403, whoever it is.
    let gateway = Setup::new().access("deny all").users(&[("ada", "[]")]).methods(&["basic"]).start();
    let reply = gateway.visitor().json_with("exampleHello", &json!({}), &[&basic("ada", PASSWORD)]);
    assert_eq!((reply.status, reply.header("www-authenticate")), (403, None));
}

#[test]
fn a_change_of_password_or_roles_counts_at_once() {
    let gateway = start();
    let ada = basic("ada", PASSWORD);
    assert_eq!(whoami(&gateway, &ada).value()["roles"], json!(["editor", "user", "all"]));
    let hash = password_hash();
    gateway.put("users.toml", format!("[[users]]\nlogin = \"ada\"\npassword = '{hash}'\n").as_bytes());
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(whoami(&gateway, &ada).value()["roles"], json!(["user", "all"]));
    gateway.put("users.toml", b"[[users]]\nlogin = \"ada\"\n");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(whoami(&gateway, &ada).status, 401);
}

#[test]
fn the_realm_is_the_operator_s() {
    let methods = "[[auth.methods]]\ntype = \"basic\"\nrealm = \"Maps & more\"\n";
    let gateway = Setup::new().users(&[("ada", "[]")]).append(methods).start();
    let reply = whoami(&gateway, &basic("ada", "wrong"));
    assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"Maps & more\", charset=\"UTF-8\""));
}

#[test]
fn it_comes_before_a_cookie() {
    let gateway = Setup::new().users(&[("ada", "[]"), ("bob", "[]")]).methods(&["web", "basic"]).start();
    let mut ada = gateway.logged_in("ada");
    let whoami =
        |ada: &mut wicketgate_tests::Visitor<'_>, header: &str| ada.json_with("probeWhoami", &json!({}), &[header]);
    assert_eq!(whoami(&mut ada, &basic("bob", PASSWORD)).value()["uid"], "bob");
    let reply = whoami(&mut ada, &basic("bob", "wrong"));
    assert_eq!((reply.status, reply.header("set-cookie")), (401, None));
    assert_eq!(ada.uid(), "ada");
}

#[test]
fn without_methods_for_it_the_header_means_nothing() {
    for methods in [&[][..], &["web"]] {
        let gateway = Setup::new().users(&[("ada", "[]")]).methods(methods).start();
        let reply = whoami(&gateway, &basic("ada", "wrong"));
        assert_eq!((reply.status, &reply.value()["uid"]), (200, &json!("")));
    }
}

#[test]
fn a_body_is_not_asked_for_if_the_credentials_are_wrong() {
    let gateway = start();
    let head = |header: &str| {
        let lines =
            ["Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue", header].join("\r\n");
        let mut connection = gateway.connect();
        connection.send(format!("POST /_/cmd/probeWhoami HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n").as_bytes());
        connection.reply().unwrap().status
    };
    assert_eq!((head(&basic("ada", PASSWORD)), head(&basic("ada", "wrong"))), (100, 401));
}
