//! Cookies and headers that nobody honest sends.

use serde_json::json;
use wicketgate_tests::{Gateway, Setup, request};

fn start() -> Gateway {
    Setup::new().users(&[("ada", "[]")]).methods(&["web", "basic", "token"]).start()
}

#[test]
fn a_dead_cookie_is_a_guest_s_and_is_cleared() {
    let gateway = start();
    let alive = gateway.logged_in("ada").cookie.unwrap();
    let mut turned = alive.clone();
    turned.replace_range(..1, if alive.starts_with('A') { "B" } else { "A" });
    for value in [
        "A".repeat(43),
        turned,
        alive[..42].into(),
        alive[1..].into(),
        format!("{alive}A"),
        format!("{alive}="),
        format!("\"{alive}\""),
        alive.to_lowercase(),
        format!("%{:02X}{}", alive.as_bytes()[0], &alive[1..]),
        "x".repeat(7000),
        "' OR 1=1 --".into(),
        "../../etc/passwd".into(),
        "null".into(),
    ] {
        let reply = gateway.visitor().json_with("probeWhoami", &json!({}), &[&format!("Cookie: auth={value}")]);
        assert_eq!((reply.status, &reply.value()["uid"]), (200, &json!("")), "{value}");
        let set = reply.header("set-cookie").unwrap_or_default();
        assert!(set.starts_with("auth=;") && set.contains("Max-Age=0"), "{value}: {set}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert!(!set.contains(&alive));
    }
    // Errors clear it as well.
    let reply = gateway.visitor().json_with("nonsense", &json!({}), &["Cookie: auth=dead"]);
    assert_eq!(reply.status, 404);
    assert!(reply.header("set-cookie").is_some_and(|set| set.contains("Max-Age=0")));
    // And replies that may be cached otherwise are not then.
    let reply = gateway.visitor().get_with("/_/cmd/probeHttpGetCached", &["Cookie: auth=dead"]);
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    assert!(reply.header("set-cookie").is_some());
    assert_ne!(gateway.get("/_/cmd/probeHttpGetCached").header("cache-control"), Some("no-store"));
    gateway.assert_well();
}

#[test]
fn of_two_cookies_neither_counts_unless_they_are_the_same() {
    let gateway = start();
    let (alive, other) = (gateway.logged_in("ada").cookie.unwrap(), gateway.logged_in("ada").cookie.unwrap());
    let uid = |headers: &[&str]| {
        let reply = gateway.visitor().json_with("probeWhoami", &json!({}), headers);
        (reply.value()["uid"].as_str().unwrap().to_owned(), reply.header("set-cookie").is_some())
    };
    assert_eq!(uid(&[&format!("Cookie: auth={alive}; auth={alive}")]), ("ada".into(), false));
    for headers in [
        vec![format!("Cookie: auth={alive}; auth={other}")],
        vec![format!("Cookie: auth={alive}; auth=x")],
        vec![format!("Cookie: auth=; auth={alive}")],
        vec![format!("Cookie: auth={alive}"), "Cookie: auth=x".into()],
    ] {
        let headers: Vec<_> = headers.iter().map(String::as_str).collect();
        // To clear the one that is alive would leave the other, which somebody else may have put there.
        assert_eq!(uid(&headers), (String::new(), false), "{headers:?}");
    }
    assert_eq!(uid(&["Cookie: auth=x; auth=y"]), (String::new(), true));
    // Other cookies are nobody's business, however odd.
    for cookies in [
        "a=b; auth=ID; c=d",
        "auth=ID;;;",
        ";auth=ID",
        "  auth=ID  ",
        "x; auth=ID; =y; =",
        "AUTH=x; auth=ID",
        "auth2=x; auth=ID",
    ] {
        assert_eq!(uid(&[&format!("Cookie: {}", cookies.replace("ID", &alive))]), ("ada".into(), false), "{cookies}");
    }
    assert_eq!(uid(&["Cookie: a=b"]), (String::new(), false));
}

#[test]
fn bytes_that_are_no_text_are_no_credentials() {
    let gateway = start();
    let send = |line: &[u8]| {
        let body = json!({"cmd": "probeWhoami"}).to_string();
        let head =
            String::from_utf8(request("POST", "/_", &["Content-Type: application/json", "X-Mark: 1"], body.as_bytes()))
                .unwrap();
        let (before, after) = head.split_once("X-Mark: 1").unwrap();
        gateway.raw(&[before.as_bytes(), line, after.as_bytes()].concat()).status
    };
    assert_eq!(send(b"Cookie: auth=\xff\xfe"), 200);
    // Nor are they anybody else's business.
    let alive = gateway.logged_in("ada").cookie.unwrap();
    let body = json!({"cmd": "probeWhoami"}).to_string();
    let lines = ["Content-Type: application/json", &format!("Cookie: lang=?; auth={alive}; x=?")];
    let mut bytes = request("POST", "/_", &lines, body.as_bytes());
    bytes.iter_mut().filter(|byte| **byte == b'?').for_each(|byte| *byte = 0xe9);
    assert_eq!(gateway.raw(&bytes).value()["uid"], "ada");
    assert_eq!(send(b"Authorization: Basic \xff\xfe"), 401);
    assert_eq!(send(b"Authorization: \xff"), 401);
    gateway.assert_well();
}

#[test]
fn huge_headers_are_refused_and_the_gateway_lives_on() {
    let gateway = start();
    for (name, size) in
        [("Authorization: Basic ", 8 << 20), ("Authorization: Bearer ", 8 << 20), ("Cookie: auth=", 8 << 20)]
    {
        let mut connection = gateway.connect();
        let line = format!("{name}{}", "A".repeat(size));
        connection.send(&request(
            "POST",
            "/_",
            &["Content-Type: application/json", &line],
            b"{\"cmd\":\"probeWhoami\"}",
        ));
        if let Some(reply) = connection.reply() {
            assert!(matches!(reply.status, 400 | 401 | 431), "{name}: {}", reply.status);
        }
        gateway.assert_well();
    }
    // As large as a header may be.
    let reply = gateway.visitor().json_with(
        "probeWhoami",
        &json!({}),
        &[&format!("Authorization: Basic {}", "A".repeat(30_000))],
    );
    assert_eq!(reply.status, 401);
}
