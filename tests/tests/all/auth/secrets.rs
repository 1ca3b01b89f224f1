//! Nothing secret is written anywhere.

use serde_json::json;
use totp_rs::Totp;
use wicketgate_tests::{PASSWORD, Setup, basic};

/// A mistaken password: it may be the right one of somebody, or of somewhere else.
const WRONG: &str = "hush-wrong-password";

#[test]
fn no_secret_reaches_the_log_or_a_reply() {
    let setup = Setup::new().users(&[("ada", "[]"), ("bob", "[]")]).methods(&["web", "basic", "token"]).log("trace");
    setup.put("secret", b"hush-hmac-secret-hush-hmac-secret");
    setup.put("url", b"postgres://somebody:hush-db-password@127.0.0.1:1/db");
    let setup = setup.append(
        "[[auth.methods]]\ntype = \"token\"\nsecretFile = \"secret\"\n\
         [[auth.providers]]\ntype = \"sql\"\nurlFile = \"url\"\nquery = \"SELECT 1 WHERE $1 = ''\"\n",
    );
    let gateway = setup.start();
    let (_, token, _) = gateway.run(&["user", "token", "bob"]);
    let (_, url, _) = gateway.run(&["user", "totp", "ada"]);
    assert_eq!(gateway.run(&["reload"]).0, 0);
    let device = Totp::from_url(url.trim()).unwrap();
    let secret = url.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let code = device.generate_current().to_string();
    let mut told = String::new();
    let mut hear = |reply: wicketgate_tests::Reply| told.push_str(&String::from_utf8_lossy(&reply.body));

    let mut bob = gateway.logged_in("bob");
    let first = bob.cookie.clone().unwrap();
    hear(bob.json("probeRemember", &json!({"name": "x", "value": "hush-value"})));
    hear(bob.json("authCheck", &json!({})));
    hear(bob.json("probePanic", &json!({})));
    hear(bob.log_in("bob", WRONG));
    hear(bob.log_in("bob", PASSWORD));
    let second = bob.cookie.clone().unwrap();
    hear(bob.json("authLogout", &json!({})));
    let mut ada = gateway.visitor();
    hear(ada.log_in("ada", PASSWORD));
    let pending = ada.cookie.clone().unwrap();
    hear(ada.json("authVerify", &json!({"code": "hushcode"})));
    hear(ada.json("authVerify", &json!({ "code": code })));
    let third = ada.cookie.clone().unwrap();
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    for header in
        [basic("bob", PASSWORD), basic("bob", WRONG), bearer(token.trim()), bearer("hush-token"), bearer("hush.jwt.x")]
    {
        for (command, params) in [("probeWhoami", json!({})), ("exampleHello", json!({})), ("nonsense", json!({}))] {
            hear(gateway.visitor().json_with(command, &params, &[&header]));
        }
    }
    hear(gateway.visitor().json_with("probeWhoami", &json!({}), &["Cookie: auth=hush-cookie"]));
    hear(gateway.visitor().log_in("unknown", WRONG));
    for params in [json!({"username": 5, "password": WRONG}), json!({"password": WRONG, "more": 1})] {
        hear(gateway.json("authLogin", &params));
        hear(gateway.msgpack("authLogin", &params));
    }
    let malformed = format!("{{\"cmd\": \"authLogin\", \"params\": {{\"username\": \"bob\", \"password\": \"{WRONG}\"");
    hear(gateway.post("application/json", malformed.as_bytes()));
    hear(gateway.get("/_/cmd/probeHttpGetWhoami"));

    let log = gateway.into_log();
    assert!(log.contains("TRACE") && log.contains("DEBUG"), "the log says little: {log}");
    let encoded = |login: &str, password: &str| basic(login, password).rsplit_once(' ').unwrap().1.to_owned();
    let secrets = [
        PASSWORD.to_owned(),
        WRONG.into(),
        "hush".into(),
        wicketgate_tests::password_hash().into(),
        token.trim().into(),
        secret,
        code,
        first,
        second,
        pending,
        third,
        encoded("bob", PASSWORD),
        encoded("bob", WRONG),
    ];
    for secret in secrets {
        for (what, text) in [("log", &log), ("reply", &told)] {
            let found = text.find(&secret).map(|at| &text[at.saturating_sub(300)..text.len().min(at + 100)]);
            assert_eq!(found, None, "{secret} is in a {what}");
        }
    }
}
