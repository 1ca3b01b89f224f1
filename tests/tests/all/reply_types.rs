//! What handlers return, on the wire: nothing, texts, bytes, records, and each of them with any status, headers and cookies.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup};

const JSON: Option<&str> = Some("application/json");
const TEXT: Option<&str> = Some("text/plain; charset=utf-8");

fn start() -> Gateway {
    Setup::shapes().start()
}

fn article() -> Value {
    json!({"id": 1, "title": "first"})
}

fn all<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
}

/// Status, type and body.
fn said(reply: &Reply) -> (u16, Option<&str>, &[u8]) {
    (reply.status, reply.header("content-type"), &reply.body)
}

#[test]
fn nothing_is_204_without_a_type() {
    let gateway = start();
    for reply in [gateway.json("shapeNothing", &json!({})), gateway.msgpack("shapeNothing", &json!({}))] {
        assert_eq!((said(&reply), reply.header("content-length")), ((204, None, &b""[..]), None));
    }
    let reply = gateway.json("shapeNoContent", &json!({}));
    assert_eq!((said(&reply), all(&reply, "x-shape")), ((204, None, &b""[..]), vec!["none", "at all"]));
}

#[test]
fn texts_and_bytes_go_out_as_they_are() {
    let gateway = start();
    for reply in [gateway.json("shapeText", &json!({})), gateway.msgpack("shapeText", &json!({}))] {
        assert_eq!(said(&reply), (200, TEXT, "a text, größer".as_bytes()));
    }
    for command in ["shapeBytes", "shapeSdkBytes"] {
        for reply in [gateway.json(command, &json!({})), gateway.msgpack(command, &json!({}))] {
            assert_eq!(said(&reply), (200, Some("application/octet-stream"), &[0, 1, 255][..]), "{command}");
        }
    }
}

#[test]
fn a_record_is_a_value_of_any_status() {
    let gateway = start();
    for (command, status) in [("shapeRecord", 200), ("shapeAccepted", 202), ("shapeCreated", 201)] {
        let (reply, packed) = (gateway.json(command, &json!({})), gateway.msgpack(command, &json!({})));
        assert_eq!((reply.status, reply.header("content-type"), reply.value()), (status, JSON, article()), "{command}");
        let types = (packed.status, packed.header("content-type"));
        assert_eq!((types, packed.value()), ((status, Some("application/msgpack")), article()), "{command}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert_eq!(gateway.json("shapeOption", &json!({"which": "article"})).value(), article());
    let none = gateway.json("shapeOption", &json!({"which": "none"}));
    assert_eq!((none.status, &none.error()["status"]), (404, &json!(404)));
}

#[test]
fn a_reply_has_headers_and_several_cookies() {
    let gateway = start();
    let reply = gateway.json("shapeCreated", &json!({}));
    assert_eq!(reply.header("location"), Some("/articles/1"));
    let cookies = all(&reply, "set-cookie");
    let [theme, plain, draft] = cookies[..] else { panic!("{cookies:?}") };
    assert_eq!(theme, "theme=dark%3B%20or%20light; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400");
    assert_eq!(plain, "plain=1; SameSite=Lax; Path=/articles; Domain=example.org");
    assert!(draft.starts_with("draft=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0; Expires="), "{draft}");
    let reply = gateway.json("shapeCreatedContent", &json!({}));
    assert_eq!(said(&reply), (201, Some("image/png"), &b"no picture"[..]));
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"a.png\""));
    assert_eq!((reply.header("x-inner"), reply.header("x-outer")), (Some("1"), Some("2")));
}

#[test]
fn the_session_cookie_is_the_gateway_s_alone() {
    let gateway = start();
    let reply = gateway.json("shapeForge", &json!({}));
    let cookies = all(&reply, "set-cookie");
    assert!(matches!(cookies[..], [other] if other.starts_with("auth2=mine;")), "{cookies:?}");
    assert!(gateway.into_log().contains("the handler set the session cookie"));
}

#[test]
fn the_caller_is_sent_elsewhere() {
    let gateway = start();
    let reply = gateway.get("/_/cmd/shapeHttpGetFound");
    assert_eq!((said(&reply), reply.header("location")), ((302, None, &b""[..]), Some("/elsewhere")));
    assert_eq!(all(&reply, "set-cookie").len(), 1);
    let reply = gateway.json("shapeSeeOther", &json!({}));
    assert_eq!((said(&reply), reply.header("location")), ((303, None, &b""[..]), Some("/result")));
}

#[test]
fn one_of_several_has_its_own_status_returned_or_raised() {
    let gateway = start();
    let article = article().to_string();
    for (which, status, content_type, body) in [
        ("article", 200, JSON, article.as_str()),
        ("words", 200, TEXT, "in words"),
        ("created", 201, JSON, &article),
        ("empty", 204, None, ""),
        ("senseless", 400, TEXT, "no sense"),
        ("forbidden", 403, None, ""),
        ("missing", 404, JSON, &article),
        ("conflict", 409, TEXT, "taken"),
        ("unavailable", 451, TEXT, "blocked"),
        ("broken", 500, Some("text/html"), "<p>broken</p>"),
    ] {
        for command in ["shapeOutcome", "shapeRaise"] {
            let reply = gateway.json(command, &json!({"which": which}));
            assert_eq!(said(&reply), (status, content_type, body.as_bytes()), "{command} {which}");
            let holder = (which == "conflict").then_some("somebody");
            assert_eq!(reply.header("x-holder"), holder, "{command} {which}");
        }
    }
    let packed = gateway.msgpack("shapeRaise", &json!({"which": "missing"}));
    assert_eq!((packed.status, packed.value()), (404, self::article()));
    assert_eq!(gateway.json("shapeOutcome", &json!({"which": "?"})).info(), "there is no reply \"?\"");
}

#[test]
fn what_is_not_declared_is_raised_all_the_same() {
    let gateway = start();
    let raise = |which: &str| gateway.json("shapeRaiseUndeclared", &json!({"which": which}));
    let reply = raise("text");
    assert_eq!(said(&reply), (451, TEXT, &b"not in your country"[..]));
    assert_eq!(reply.header("retry-after"), Some("60"));
    assert_eq!(said(&raise("nothing")), (410, None, &b""[..]));
    assert_eq!(said(&raise("record")), (200, JSON, article().to_string().as_bytes()));
    assert_eq!(said(&raise("content")), (409, Some("text/csv"), &b"a,b"[..]));
    assert_eq!(raise("broken").error()["status"], 500);
    let reply = gateway.json("shapeRaiseBlocking", &json!({}));
    assert_eq!((said(&reply), reply.header("retry-after")), ((429, TEXT, &b"slow down"[..]), Some("7")));
    assert!(gateway.into_log().contains("the handler's reply can't be sent"));
}
