//! Requests that another site has made (CSRF).

use serde_json::json;
use wicketgate_tests::{Gateway, PASSWORD, Reply, Setup, Visitor, basic};

fn start() -> Gateway {
    Setup::new().users(&[("ada", "[]")]).methods(&["web", "basic", "token"]).start()
}

/// Header lines, and whether a change is made in the user's name.
const CHANGES: &[(&[&str], bool)] = &[
    (&[], true),
    (&["Sec-Fetch-Site: same-origin"], true),
    (&["Sec-Fetch-Site: none"], true),
    (&["Sec-Fetch-Site: same-site"], false),
    (&["Sec-Fetch-Site: cross-site"], false),
    (&["Sec-Fetch-Site: something"], false),
    (&["Sec-Fetch-Site:"], false),
    (&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"], false),
    (&["Origin: http://localhost"], true),
    (&["Origin: https://localhost"], true),
    (&["Origin: http://LOCALHOST"], true),
    (&["Origin: http://localhost:81"], false),
    (&["Origin: http://localhost.evil.example"], false),
    (&["Origin: http://evil.example"], false),
    (&["Origin: null"], false),
    (&["Origin:"], false),
    (&["Origin: localhost"], false),
    // What browsers say of the site counts more than the origin.
    (&["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"], true),
    (&["Sec-Fetch-Site: cross-site", "Origin: http://localhost"], false),
];

fn change(visitor: &mut Visitor<'_>, headers: &[&str]) -> u16 {
    let reply = visitor.json_with("probeRemember", &json!({"name": "x", "value": 1}), headers);
    if reply.status == 403 {
        assert!(reply.info().contains("another site"), "{}", reply.info());
        assert_eq!(reply.header("set-cookie"), None);
    }
    reply.status
}

#[test]
fn a_change_that_another_site_makes_is_refused() {
    let gateway = start();
    let mut ada = gateway.logged_in("ada");
    for (headers, made) in CHANGES {
        assert_eq!(change(&mut ada, headers), if *made { 204 } else { 403 }, "{headers:?}");
    }
    assert_eq!(ada.uid(), "ada");
    // Also as a form, or as text: whatever a page can send without asking.
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/json;x=y"] {
        let body = json!({"cmd": "probeRemember", "params": {"name": "x", "value": 2}}).to_string();
        let headers = [&format!("Content-Type: {media}") as &str, "Origin: http://evil.example"];
        assert!(ada.send("POST", "/_", &headers, body.as_bytes()).status >= 400, "{media}");
    }
    assert_eq!(ada.json("probeRecall", &json!({"name": "x"})).value()["value"], 1);
}

#[test]
fn the_same_holds_for_mounts_of_any_method() {
    let rows = "[[mounts]]\npath = \"/values/{name}\"\nPOST = \"probeRemember\"\nPUT = \"probeRemember\"\n\
                PATCH = \"probeRemember\"\n[[mounts]]\npath = \"/whoami\"\nGET = \"probeWhoami\"\nDELETE = \"probeWhoami\"\n";
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).append(rows).start();
    let mut ada = gateway.logged_in("ada");
    for (headers, made) in CHANGES {
        for method in ["POST", "PUT", "PATCH"] {
            let headers = [&["Content-Type: application/json"], *headers].concat();
            let reply = ada.send(method, "/values/x", &headers, b"{\"value\": 1}");
            assert_eq!(reply.status, if *made { 204 } else { 403 }, "{method} {headers:?} {reply:?}");
        }
        let reply = ada.send("DELETE", "/whoami", headers, b"");
        assert_eq!(reply.status, if *made { 200 } else { 403 }, "{headers:?}");
    }
    let uid = |reply: &Reply| reply.value()["uid"].clone();
    assert_eq!(uid(&ada.get_with("/whoami", &["Sec-Fetch-Site: same-origin"])), "ada");
    assert_eq!(uid(&ada.get_with("/whoami", &["Sec-Fetch-Site: cross-site"])), "");
}

#[test]
fn the_same_holds_for_passwords_that_browsers_send_along_and_not_for_tokens() {
    let gateway = start();
    let call = |header: &str, more: &[&str]| {
        let headers = [&[header], more].concat();
        gateway.visitor().json_with("probeWhoami", &json!({}), &headers)
    };
    for (headers, made) in CHANGES {
        let expected = if *made { 200 } else { 403 };
        assert_eq!(call(&basic("ada", PASSWORD), headers).status, expected, "{headers:?}");
    }
    let (code, token, told) = gateway.run(&["user", "token", "ada"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    let reply = call(&format!("Authorization: Bearer {}", token.trim()), &["Sec-Fetch-Site: cross-site"]);
    assert_eq!((reply.status, &reply.value()["uid"]), (200, &json!("ada")));
}

#[test]
fn nobody_is_logged_in_by_another_site() {
    let gateway = start();
    for (headers, made) in CHANGES {
        let params = json!({"username": "ada", "password": PASSWORD});
        let reply = gateway.visitor().json_with("authLogin", &params, headers);
        assert_eq!(
            (reply.status, reply.header("set-cookie").is_some()),
            (if *made { 200 } else { 403 }, *made),
            "{headers:?}"
        );
    }
}

#[test]
fn guests_may_be_sent_by_whomever() {
    let gateway = start();
    for (headers, _) in CHANGES {
        assert_eq!(gateway.visitor().json_with("probeWhoami", &json!({}), headers).status, 200, "{headers:?}");
        // A dead cookie is a guest's.
        let headers = [*headers, &["Cookie: auth=dead"]].concat();
        assert_eq!(gateway.visitor().json_with("probeWhoami", &json!({}), &headers).status, 200, "{headers:?}");
    }
}

#[test]
fn a_page_of_another_site_reads_as_a_guest_but_a_link_from_it_does_not() {
    let gateway = start();
    let table: &[(&[&str], &str)] = &[
        (&[], "ada"),
        (&["Sec-Fetch-Site: same-origin"], "ada"),
        (&["Sec-Fetch-Site: none"], "ada"),
        (&["Sec-Fetch-Site: same-site"], "ada"),
        (&["Sec-Fetch-Site: cross-site"], ""),
        (&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"], ""),
        (&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"], ""),
        (&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"], ""),
        (&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"], "ada"),
        (&["Origin: http://localhost"], "ada"),
        (&["Origin: http://evil.example"], ""),
        (&["Origin: null"], ""),
    ];
    let mut ada = gateway.logged_in("ada");
    for (headers, uid) in table {
        let reply = ada.get_with("/_/cmd/probeHttpGetWhoami", headers);
        assert_eq!((&reply.value()["uid"], reply.header("set-cookie")), (&json!(uid), None), "{headers:?}");
        let password = basic("ada", PASSWORD);
        let with_password = [*headers, &[&password]].concat();
        let reply = gateway.visitor().get_with("/_/cmd/probeHttpGetWhoami", &with_password);
        assert_eq!(reply.value()["uid"], json!(uid), "{headers:?}");
    }
    assert_eq!(ada.uid(), "ada");
}

#[test]
fn an_origin_that_the_operator_lets_in_with_credentials_is_no_other_site() {
    let site = |credentials: bool| {
        format!(
            "[[sites]]\n[sites.cors]\norigins = [\"https://app.example.org\"]\ncredentials = {credentials}\n[[actions]]\ntype = \"probe\"\n"
        )
    };
    for (credentials, expected) in [(true, 204), (false, 403)] {
        let setup = Setup::new().sites_and_actions(&site(credentials)).users(&[("ada", "[]")]).methods(&["web"]);
        let gateway = setup.start();
        let mut ada = gateway.logged_in("ada");
        let listed = ["Sec-Fetch-Site: same-site", "Origin: https://app.example.org"];
        assert_eq!(change(&mut ada, &listed), expected);
        assert_eq!(change(&mut ada, &listed[1..]), expected);
        assert_eq!(change(&mut ada, &["Sec-Fetch-Site: same-site", "Origin: https://other.example.org"]), 403);
    }
}

#[test]
fn behind_a_trusted_proxy_the_origin_is_the_one_that_the_client_sees() {
    let own = |trusted: &str| {
        let setup = Setup::new().server(&format!("trustedProxies = [{trusted}]\n"));
        setup.users(&[("ada", "[]")]).methods(&["web"]).start()
    };
    let headers = ["X-Forwarded-Host: www.example.org", "Origin: https://www.example.org"];
    let gateway = own("\"127.0.0.1\"");
    assert_eq!(change(&mut gateway.logged_in("ada"), &headers), 204);
    let gateway = own("");
    assert_eq!(change(&mut gateway.logged_in("ada"), &headers), 403);
}
