//! Rows 1 to 18: what a command takes.

use serde_json::json;
use wicketgate_tests::{Setup, request};

use super::{FORM, JSON, hold, start};

#[test]
fn query_and_path() {
    const PLAIN: &str = "num=1 other=7 words=[] numbers=[1, 2] flag=None day=None";
    hold(&[
        ((1, "GET", "/words?title=x&num=5", &[], ""), 200, "title=\"x\" num=Some(5) numbers=[] lang=None"),
        ((1, "GET", "/words?title=x", &[], ""), 200, "title=\"x\" num=None numbers=[] lang=None"),
        ((1, "GET", "/query?num=1", &[], ""), 200, PLAIN),
        ((2, "GET", "/query?num=1&num=2", &[], ""), 200, PLAIN),
        ((2, "POST", "/devices/a/b?n=1&n=2", &[], ""), 200, "a b {\"n\": \"2\"}"),
        ((3, "GET", "/query", &[], ""), 400, "query.num: required parameter is missing"),
        ((3, "GET", "/query?num=x", &[], ""), 400, "query.num: expected int, got \"x\""),
        (
            (4, "GET", "/query?num=1&words=a&words=b&numbers=3&numbers=4", &[], ""),
            200,
            "num=1 other=7 words=[\"a\", \"b\"] numbers=[3, 4] flag=None day=None",
        ),
        ((4, "GET", "/query?num=1&numbers=3&numbers=x", &[], ""), 400, "query.numbers[1]: expected int, got \"x\""),
        (
            (4, "GET", "/words?title=x&numbers=1&numbers=2", &[], ""),
            200,
            "title=\"x\" num=None numbers=[1, 2] lang=None",
        ),
        ((5, "POST", "/query?num=1", &[FORM], ""), 200, PLAIN),
        ((6, "GET", "/articles/15", &[], ""), 200, "id=15 verbose=false x_request_id=None token=None"),
        ((6, "GET", "/articles/x", &[], ""), 400, "path.id: expected int, got \"x\""),
    ]);
    let setup = Setup::shapes().append("[[mounts]]\npath = \"/articles/{number}\"\nGET = \"shapeRead\"\n");
    setup.write_config();
    let (code, _, told) = setup.run(&["check"]);
    assert_eq!(code, 1);
    assert!(told.contains("the placeholder `{number}` is no parameter of `shapeRead`"), "row 6: {told}");
}

#[test]
fn bodies() {
    const MIXED: &str = "id=5 verbose=None if_match=None theme=None title=\"t\" tags=[] place=None";
    const UNSUPPORTED: &str =
        "the body has to be application/json or application/msgpack; set Content-Type accordingly";
    let body = "{\"title\": \"t\"}";
    hold(&[
        ((7, "PUT", "/articles/5", &[JSON], body), 200, MIXED),
        ((7, "PUT", "/articles/5", &["Content-Type: application/json; charset=utf-8"], body), 200, MIXED),
        ((7, "PUT", "/articles/5", &["Content-Type: text/plain"], body), 415, UNSUPPORTED),
        ((7, "PUT", "/articles/5", &[], body), 415, UNSUPPORTED),
        ((8, "PUT", "/articles/5", &[JSON], "{\"title\": 5}"), 400, "body.title: expected str, got int"),
        ((8, "PUT", "/articles/5", &[JSON], "[]"), 400, "body: expected object, got list"),
        ((9, "PUT", "/articles/5", &["Content-Type: application/vnd.x+json"], body), 200, MIXED),
        ((9, "POST", "/devices/a/b", &["Content-Type: text/csv"], "a,b"), 200, "a b {}"),
        ((10, "POST", "/numbers", &[JSON], "{\"b\": 2, \"a\": 1}"), 200, "{\"a\": 1, \"b\": 2}"),
        ((10, "POST", "/numbers", &[JSON], "{\"b\": \"2\"}"), 400, "body.b: expected int, got str"),
        (
            (11, "PUT", "/articles/5", &[JSON], "{\"title\": \"t\", \"place\": {\"name\": \"x\", \"at\": [\"1\", 2]}}"),
            400,
            "body.place.at[0]: expected float, got str",
        ),
        (
            (11, "PUT", "/articles/5", &[JSON], "{\"title\": \"t\", \"titles\": 1}"),
            400,
            "body.titles: unknown property; did you mean `title`?",
        ),
    ]);
    let gateway = start();
    let packed = rmp_serde::to_vec_named(&json!({"title": "t"})).unwrap();
    let reply = gateway.raw(&request("PUT", "/articles/5", &["Content-Type: application/msgpack"], &packed));
    assert_eq!((reply.status, &reply.value()["saw"]), (200, &json!(MIXED)), "row 7");
    for body in ["{", "{\"title\"}", "nonsense"] {
        let reply = gateway.raw(&request("PUT", "/text/5", &[JSON], body.as_bytes()));
        let told = (reply.status, reply.header("content-type"));
        assert_eq!(told, (400, Some("text/plain; charset=utf-8")), "row 8: {body}");
        assert_eq!(gateway.raw(&request("PUT", "/articles/5", &[JSON], body.as_bytes())).error()["status"], 400);
    }
}

#[test]
fn headers_cookies_and_forms() {
    const FIRST: &str = "x_num=5 words=[] x_text=\"\"";
    const TITLE: &str = "title=\"x\" num=Some(1) numbers=[] lang=None";
    const PARTS: &str = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n--b\r\nContent-Disposition: \
                         form-data; name=\"num\"\r\n\r\n1\r\n--b--\r\n";
    hold(&[
        ((12, "GET", "/headers", &["X-Num: 5"], ""), 200, FIRST),
        ((12, "GET", "/headers", &["X-Num: 5", "X-Num: 6"], ""), 200, FIRST),
        ((12, "GET", "/headers", &[], ""), 400, "header.x-num: required parameter is missing"),
        ((12, "GET", "/headers", &["X-Num: x"], ""), 400, "header.x-num: expected int, got \"x\""),
        (
            (13, "GET", "/headers", &["X-Num: 5", "X-My_Words: a, b"], ""),
            200,
            "x_num=5 words=[\"a\", \"b\"] x_text=\"\"",
        ),
        (
            (14, "GET", "/cookies", &["Cookie: num_of_it=3; session-token=t"], ""),
            200,
            "num=3 token=Some(\"t\") secret=None",
        ),
        ((14, "GET", "/cookies", &["Cookie: num-of-it=3"], ""), 400, "cookie.num_of_it: required parameter is missing"),
        ((16, "POST", "/words", &[FORM], "title=x&num=1"), 200, TITLE),
        ((16, "POST", "/words", &["Content-Type: multipart/form-data; boundary=b"], PARTS), 200, TITLE),
        ((16, "POST", "/words", &[FORM], "num=1"), 400, "form.title: required parameter is missing"),
        ((16, "POST", "/words", &[FORM], "title=x&num=y"), 400, "form.num: expected int, got \"y\""),
        (
            (16, "POST", "/words", &[JSON], "{\"title\": \"x\"}"),
            415,
            "the body has to be application/x-www-form-urlencoded or multipart/form-data; set Content-Type accordingly",
        ),
        ((16, "PUT", "/words", &[FORM], "title=x"), 405, "this path answers GET, HEAD, POST, and nothing else"),
        ((18, "GET", "/page?word=x&offset=5", &["X-Tenant: t"], ""), 200, "word=\"x\" offset=5 x_tenant=Some(\"t\")"),
        (
            (18, "GET", "/page?offset=x", &[], ""),
            400,
            "query.offset: expected int, got \"x\"; query.word: required parameter is missing",
        ),
    ]);
    let gateway = start();
    let reply = gateway.json("shapeCreated", &json!({}));
    let cookies: Vec<_> =
        reply.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value).collect();
    assert_eq!(cookies.len(), 3, "row 15");
    assert!(cookies[0].contains("; HttpOnly; SameSite=Lax; Secure; "), "row 15: {}", cookies[0]);
    assert!(cookies[2].starts_with("draft=; ") && cookies[2].contains("Max-Age=0"), "row 15: {}", cookies[2]);
    let seen = gateway.raw(&request("PATCH", "/head?a=b", &["X-One: 1"], b"")).value();
    let told = (&seen["method"], &seen["path"], &seen["query"], &seen["headers"]["x-one"]);
    assert_eq!(told, (&json!("PATCH"), &json!("/head"), &json!("a=b"), &json!("1")), "row 17");
    assert_eq!((&seen["route"], &seen["command"]), (&json!("/head"), &json!("shapeHead")), "row 18");
}
