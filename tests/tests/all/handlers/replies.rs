//! Rows 19 to 30: what a command answers.

use serde_json::json;
use wicketgate_tests::request;

use super::start;

/// The row of the table, a command and its `which`, then status, type and body.
type Answered = (u8, &'static str, &'static str, u16, Option<&'static str>, &'static str);

#[test]
fn replies_returned_and_raised() {
    const TEXT: Option<&str> = Some("text/plain; charset=utf-8");
    const VALUE: Option<&str> = Some("application/json");
    const ARTICLE: &str = "{\"id\":1,\"title\":\"first\"}";
    let cases: &[Answered] = &[
        (19, "shapeNothing", "", 204, None, ""),
        (20, "shapeNoContent", "", 204, None, ""),
        (21, "shapeText", "", 200, TEXT, "a text, größer"),
        (22, "shapeBytes", "", 200, Some("application/octet-stream"), "\0\u{1}\u{fffd}"),
        (23, "shapeRecord", "", 200, VALUE, ARTICLE),
        (24, "shapeCreated", "", 201, VALUE, ARTICLE),
        (24, "shapeSeeOther", "", 303, None, ""),
        (25, "shapeOutcome", "article", 200, VALUE, ARTICLE),
        (25, "shapeOutcome", "created", 201, VALUE, ARTICLE),
        (25, "shapeOutcome", "empty", 204, None, ""),
        (25, "shapeOutcome", "senseless", 400, TEXT, "no sense"),
        (25, "shapeOutcome", "forbidden", 403, None, ""),
        (25, "shapeOutcome", "missing", 404, VALUE, ARTICLE),
        (25, "shapeOutcome", "broken", 500, Some("text/html"), "<p>broken</p>"),
        (26, "shapeRaise", "missing", 404, VALUE, ARTICLE),
        (26, "shapeRaise", "empty", 204, None, ""),
        (26, "shapeRaiseUndeclared", "nothing", 410, None, ""),
        (26, "shapeRaiseUndeclared", "record", 200, VALUE, ARTICLE),
        (26, "shapeRaiseBlocking", "", 429, TEXT, "slow down"),
        (27, "shapeOutcome", "unavailable", 451, TEXT, "blocked"),
        (28, "shapeRaiseUndeclared", "content", 409, Some("text/csv"), "a,b"),
        (28, "shapeCreatedContent", "", 201, Some("image/png"), "no picture"),
    ];
    let gateway = start();
    for (row, command, which, status, content_type, body) in cases {
        let params = if which.is_empty() { json!({}) } else { json!({ "which": which }) };
        let reply = gateway.json(command, &params);
        let told = (reply.status, reply.header("content-type"), String::from_utf8_lossy(&reply.body));
        assert_eq!(told, (*status, *content_type, (*body).into()), "row {row}: {command} {which}");
    }
    assert_eq!(gateway.json("shapeNoContent", &json!({})).header("x-shape"), Some("none"), "row 20");
    assert_eq!(gateway.json("shapeSeeOther", &json!({})).header("location"), Some("/result"), "row 24");
    let found = gateway.get("/_/cmd/shapeHttpGetFound");
    assert_eq!((found.status, found.header("location")), (302, Some("/elsewhere")), "row 24");
    assert_eq!(gateway.json("shapeRaiseBlocking", &json!({})).header("retry-after"), Some("7"), "row 26");
    let moment = gateway.get("/_/cmd/shapeHttpGetMoment");
    assert_eq!((moment.text(), moment.header("x-kind")), ("@86400", Some("moment")), "row 29");
    for (method, target, status, allow) in [
        ("GET", "/nowhere", 404, None),
        ("DELETE", "/headers", 405, Some("GET, HEAD")),
        ("POST", "/headers", 405, Some("GET, HEAD")),
        ("GET", "/devices/a/b", 405, Some("POST")),
        ("POST", "/nowhere", 400, Some("GET, HEAD, POST")),
    ] {
        let reply = gateway.raw(&request(method, target, &[], b""));
        assert_eq!((reply.status, reply.header("allow")), (status, allow), "row 30: {method} {target}");
    }
}
