//! The second factor: codes of a user's device (TOTP, RFC 6238).

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use totp_rs::Totp;
use wicketgate_tests::{Gateway, PASSWORD, Reply, Setup, Visitor, basic};

/// A gateway, and the device of its user `ada`.
fn start() -> (Gateway, Totp) {
    let gateway = Setup::new().users(&[("ada", "[]"), ("bob", "[]")]).methods(&["web", "basic", "token"]).start();
    let device = device(&gateway, "ada");
    (gateway, device)
}

fn device(gateway: &Gateway, login: &str) -> Totp {
    let (code, url, told) = gateway.run(&["user", "totp", login]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert!(url.starts_with(&format!("otpauth://totp/Wicketgate:{login}?")), "{url}");
    Totp::from_url(url.trim()).unwrap()
}

/// The code of a time step: 0 is now. It is not asked for in the last moments of one.
fn code(device: &Totp, step: i64) -> String {
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if now % 30 < 25 {
            return device.generate(now.saturating_add_signed(30 * step)).to_string();
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}

fn verify(visitor: &mut Visitor<'_>, code: &str) -> Reply {
    visitor.json("authVerify", &json!({ "code": code }))
}

#[test]
fn a_login_asks_for_a_code() {
    let (gateway, device) = start();
    let mut ada = gateway.visitor();
    let reply = ada.log_in("ada", PASSWORD);
    assert_eq!((reply.status, reply.value()), (200, json!({"user": null, "secondFactor": true})));
    // Until then, she is a guest, and keeps nothing.
    let pending = ada.cookie.clone();
    assert_eq!(ada.uid(), "");
    assert_eq!(ada.json("probeRemember", &json!({"name": "x", "value": 1})).status, 403);
    assert_eq!(ada.cookie, pending);
    let reply = verify(&mut ada, &code(&device, 0));
    assert_eq!((reply.status, &reply.value()["user"]["uid"]), (200, &json!("ada")));
    assert_eq!(ada.uid(), "ada");
    // Who knew the cookie before is not logged in by it.
    assert_ne!(ada.cookie, pending);
    ada.cookie = pending;
    assert_eq!(ada.uid(), "");
    // Whoever has no device is not asked.
    assert_eq!(gateway.logged_in("bob").uid(), "bob");
}

#[test]
fn a_code_is_good_once() {
    let (gateway, device) = start();
    let used = code(&device, 0);
    let attempt = |code: &str| {
        let mut ada = gateway.visitor();
        ada.log_in("ada", PASSWORD);
        verify(&mut ada, code).status
    };
    assert_eq!(attempt(&used), 200);
    assert_eq!(attempt(&used), 403);
    // Nor is an earlier one, once a later one was used.
    assert_eq!(attempt(&code(&device, -1)), 403);
    assert_eq!(attempt(&code(&device, 1)), 200);
}

#[test]
fn the_third_wrong_code_ends_it() {
    let (gateway, device) = start();
    let mut ada = gateway.visitor();
    ada.log_in("ada", PASSWORD);
    let wrong = if code(&device, 0) == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        let reply = verify(&mut ada, wrong);
        assert_eq!(reply.status, 403);
        assert!(reply.info().starts_with("the code is wrong"), "{}", reply.info());
    }
    assert_eq!(verify(&mut ada, &code(&device, 0)).status, 403);
    assert_eq!(ada.cookie, None);
    ada.log_in("ada", PASSWORD);
    assert_eq!(verify(&mut ada, &code(&device, 0)).status, 200);
}

#[test]
fn codes_are_asked_for_by_nobody_else() {
    let (gateway, device) = start();
    let code = code(&device, 0);
    assert_eq!(verify(&mut gateway.visitor(), &code).status, 403);
    assert_eq!(verify(&mut gateway.logged_in("bob"), &code).status, 403);
    let mut ada = gateway.visitor();
    for params in [json!({}), json!({"code": 123_456}), json!({"code": ""}), json!({"code": "12345678901"})] {
        assert_eq!(ada.json("authVerify", &params).status, 400, "{params}");
    }
    // A password alone does not do elsewhere either, and that it is right is not told.
    let reply = gateway.visitor().json_with("probeWhoami", &json!({}), &[&basic("ada", PASSWORD)]);
    assert_eq!(reply.status, 401);
}

#[test]
fn guesses_are_throttled() {
    let (gateway, _) = start();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let mut ada = gateway.visitor();
        ada.log_in("ada", PASSWORD);
        statuses.extend((0..3).map(|_| verify(&mut ada, "0000000").status));
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[test]
fn it_can_be_taken_away() {
    let (gateway, _) = start();
    assert_eq!(gateway.run(&["user", "totp", "ada", "--off"]).0, 0);
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(gateway.logged_in("ada").uid(), "ada");
}

#[test]
fn used_codes_are_remembered_over_a_restart() {
    let (mut gateway, device) = start();
    let used = code(&device, 0);
    let attempt = |gateway: &Gateway| {
        let mut ada = gateway.visitor();
        ada.log_in("ada", PASSWORD);
        verify(&mut ada, &used).status
    };
    assert_eq!(attempt(&gateway), 200);
    gateway.restart();
    assert_eq!(attempt(&gateway), 403);
}

#[test]
fn whoever_gets_one_has_to_show_it_from_then_on() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web", "basic"]).start();
    let by_password = || gateway.visitor().json_with("probeWhoami", &json!({}), &[&basic("ada", PASSWORD)]).status;
    let mut ada = gateway.logged_in("ada");
    assert_eq!((by_password(), ada.uid().as_str()), (200, "ada"));
    device(&gateway, "ada");
    assert_eq!((by_password(), ada.uid().as_str()), (401, ""));
}
