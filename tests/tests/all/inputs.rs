//! Parameters from path, query, headers, cookies and forms at `/_`, and what is said of those that are wrong.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, PASSWORD, Reply, Setup, basic, request};

fn start() -> Gateway {
    Setup::shapes().start()
}

fn saw(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.value()["saw"].as_str().unwrap().to_owned()
}

/// All problems of a 400, as `path: problem`.
pub(crate) fn problems(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 400, "{}", String::from_utf8_lossy(&reply.body));
    let error = reply.error();
    let details = error["details"].as_array().cloned().unwrap_or_default();
    let told =
        |detail: &Value| format!("{}: {}", detail["path"].as_str().unwrap(), detail["problem"].as_str().unwrap());
    details.iter().map(told).collect()
}

fn get(gateway: &Gateway, command: &str, query: &str, headers: &[&str]) -> Reply {
    gateway.raw(&request("GET", &format!("/_/cmd/{command}?{query}"), headers, b""))
}

fn form(gateway: &Gateway, target: &str, body: &str) -> Reply {
    let headers = ["Content-Type: application/x-www-form-urlencoded; charset=utf-8"];
    gateway.raw(&request("POST", target, &headers, body.as_bytes()))
}

#[test]
fn a_query_gives_scalars_lists_and_defaults() {
    let gateway = start();
    for (query, expected) in [
        ("num=1", "num=1 other=7 words=[] numbers=[1, 2] flag=None day=None"),
        ("num=+1&other=8", "num=1 other=8 words=[] numbers=[1, 2] flag=None day=None"),
        (
            "num=-5&words=a&words=b%2Cc,d",
            "num=-5 other=7 words=[\"a\", \"b\", \"c\", \"d\"] numbers=[1, 2] flag=None day=None",
        ),
        ("NUM=1&numbers=&words=", "num=1 other=7 words=[] numbers=[] flag=None day=None"),
        ("num=1&numbers=3,%204&flag=On", "num=1 other=7 words=[] numbers=[3, 4] flag=Some(true) day=None"),
        (
            "num=1&num=2&unknown=3&day=2026-01-31",
            "num=1 other=7 words=[] numbers=[1, 2] flag=None day=Some(\"2026-01-31\")",
        ),
    ] {
        // The space of the first is none: `+` is one.
        let query = query.replace("=+", "=");
        assert_eq!(saw(&get(&gateway, "shapeHttpGetQuery", &query, &[])), expected, "{query}");
    }
    // By `POST /_`, the parameters carry them.
    let reply = gateway.json("shapeQuery", &json!({"num": 1, "words": ["x"]}));
    assert_eq!(saw(&reply), "num=1 other=7 words=[\"x\"] numbers=[1, 2] flag=None day=None");
    let reply = gateway.msgpack("shapeQuery", &json!({"num": 1, "day": "2026-01-31"}));
    assert_eq!(saw(&reply), "num=1 other=7 words=[] numbers=[1, 2] flag=None day=Some(\"2026-01-31\")");
}

#[test]
fn what_is_wrong_in_a_query_is_named() {
    let gateway = start();
    let long = format!("num=1&words={}", "x".repeat(7000));
    assert_eq!(get(&gateway, "shapeHttpGetQuery", &long, &[]).status, 200);
    for (query, expected) in [
        ("", &["query.num: required parameter is missing"][..]),
        ("num=", &["query.num: expected int, got \"\""]),
        ("num=x", &["query.num: expected int, got \"x\""]),
        ("num=1.5", &["query.num: expected int, got \"1.5\""]),
        ("num=x&num=1", &["query.num: expected int, got \"x\""]),
        ("num=99999999999", &["query.num: expected int from -2147483648 to 2147483647, got 99999999999"]),
        ("num=1&other=256", &["query.other: expected int from 0 to 255, got 256"]),
        (
            "num=1&numbers=1,x,,3",
            &["query.numbers[1]: expected int, got \"x\"", "query.numbers[2]: expected int, got \"\""],
        ),
        ("num=1&flag=perhaps", &["query.flag: expected bool, got \"perhaps\""]),
        ("num=1&day=2026-02-30", &["query.day: expected a date such as 2026-01-31, got \"2026-02-30\""]),
        (
            "flag=x&other=-1",
            &[
                "query.other: expected int from 0 to 255, got -1",
                "query.flag: expected bool, got \"x\"",
                "query.num: required parameter is missing",
            ],
        ),
    ] {
        assert_eq!(problems(&get(&gateway, "shapeHttpGetQuery", query, &[])), expected, "{query}");
    }
    for query in ["num=%ff", "num=1&%ff=1"] {
        let reply = get(&gateway, "shapeHttpGetQuery", query, &[]);
        assert_eq!((reply.status, reply.info().as_str()), (400, "the URL is not UTF-8"), "{query}");
    }
    // In a body the same parameter is one of the body's.
    assert_eq!(problems(&gateway.json("shapeQuery", &json!({"num": "1"}))), ["params.num: expected int, got str"]);
}

#[test]
fn headers_are_parameters_for_every_way_of_asking() {
    let gateway = start();
    let content = "Content-Type: application/json";
    let post = |headers: &[&str]| {
        let headers = [&[content], headers].concat();
        gateway.raw(&request("POST", "/_/cmd/shapeHeaders", &headers, b"{}"))
    };
    for (headers, expected) in [
        (&["X-Num: 5"][..], "x_num=5 words=[] x_text=\"\""),
        (&["x-num:  6 ", "X-MY_WORDS: a, b", "X-Text: text"], "x_num=6 words=[\"a\", \"b\"] x_text=\"text\""),
        (
            &["X-Num: 7", "X-Num: 8", "X-My_Words: a", "X-My_Words: b,c"],
            "x_num=7 words=[\"a\", \"b\", \"c\"] x_text=\"\"",
        ),
        (&["X-Num: 9", "X-Text: größer"], "x_num=9 words=[] x_text=\"größer\""),
    ] {
        assert_eq!(saw(&post(headers)), expected);
        assert_eq!(saw(&get(&gateway, "shapeHttpGetHeaders", "x_num=1&xNum=2", headers)), expected);
    }
    for (headers, expected) in [
        (&[][..], "header.x-num: required parameter is missing"),
        (&["X-Num:"], "header.x-num: expected int, got \"\""),
        (&["X-Num: x"], "header.x-num: expected int, got \"x\""),
    ] {
        assert_eq!(problems(&post(headers)), [expected]);
        assert_eq!(problems(&get(&gateway, "shapeHttpGetHeaders", "", headers)), [expected]);
    }
    let mut bytes = request("POST", "/_/cmd/shapeHeaders", &[content, "X-Num: 1", "X-Text: ?"], b"{}");
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xff;
    assert_eq!(problems(&gateway.raw(&bytes)), ["header.x-text: expected text, got bytes that are no UTF-8"]);
    // Only from there: a body can't say them.
    let reply = gateway.json("shapeHeaders", &json!({"xNum": 1}));
    assert_eq!(
        problems(&reply),
        ["params.xNum: unknown property; it belongs to the headers", "header.x-num: required parameter is missing"]
    );
}

#[test]
fn cookies_are_parameters_but_for_the_session_s() {
    let gateway = start();
    for (headers, expected) in [
        (&["Cookie: num_of_it=3"][..], "num=3 token=None secret=None"),
        (&["Cookie: a=b; num_of_it=3; session-token=x%20y"], "num=3 token=Some(\"x y\") secret=None"),
        (
            &["Cookie: num_of_it=3; num_of_it=4; Session-Token=x; session-token=100%"],
            "num=3 token=Some(\"100%\") secret=None",
        ),
        (&["Cookie: num_of_it=3", "Cookie: session-token="], "num=3 token=Some(\"\") secret=None"),
        (&["Cookie: auth=stolen; num_of_it=3"], "num=3 token=None secret=None"),
    ] {
        assert_eq!(saw(&get(&gateway, "shapeHttpGetCookies", "session-token=y&token=z", headers)), expected);
    }
    for (headers, expected) in [
        (&[][..], "cookie.num_of_it: required parameter is missing"),
        (&["Cookie: NUM_OF_IT=1"], "cookie.num_of_it: required parameter is missing"),
        (&["Cookie: num_of_it="], "cookie.num_of_it: expected int, got \"\""),
        (&["Cookie: num_of_it=%ff"], "cookie.num_of_it: expected text, got bytes that are no UTF-8"),
    ] {
        assert_eq!(problems(&get(&gateway, "shapeHttpGetCookies", "num_of_it=1", headers)), [expected]);
    }
}

#[test]
fn a_form_gives_its_fields_and_the_url_may_add_to_them() {
    let gateway = start();
    let target = "/_/cmd/shapeHttpPostForm";
    for (target, body, expected) in [
        (target, "title=a+b%21", "title=\"a b!\" num=None numbers=[] lang=None"),
        (target, "title=&num=7&numbers=1&numbers=2,3", "title=\"\" num=Some(7) numbers=[1, 2, 3] lang=None"),
        (target, "TITLE=x&title=y&unknown=z", "title=\"x\" num=None numbers=[] lang=None"),
        ("/_/cmd/shapeHttpPostForm?lang=de", "title=x&lang=en", "title=\"x\" num=None numbers=[] lang=Some(\"de\")"),
        ("/_/cmd/shapeHttpPostForm/num/5?lang=de", "title=x", "title=\"x\" num=Some(5) numbers=[] lang=Some(\"de\")"),
        ("/_", "cmd=shapeHttpPostForm&title=x", "title=\"x\" num=None numbers=[] lang=None"),
        ("/_/cmd/shapeHttpEither", "title=x", "title=\"x\" num=None numbers=[] lang=None"),
    ] {
        assert_eq!(saw(&form(&gateway, target, body)), expected, "{target} {body}");
    }
    // `http_…` answers both.
    let expected = "title=\"x\" num=Some(1) numbers=[4, 5] lang=Some(\"fr\")";
    assert_eq!(saw(&get(&gateway, "shapeHttpEither", "title=x&num=1&numbers=4,5&lang=fr", &[])), expected);
}

#[test]
fn what_is_wrong_in_a_form_is_named() {
    let gateway = start();
    let target = "/_/cmd/shapeHttpPostForm";
    for (body, expected) in [
        ("title=x&num=y", "form.num: expected int, got \"y\""),
        ("num=1", "form.title: required parameter is missing"),
        ("title=x&numbers=1,,2", "form.numbers[1]: expected int, got \"\""),
    ] {
        assert_eq!(problems(&form(&gateway, target, body)), [expected], "{body}");
    }
    // Without a body there is no type, and nothing in it.
    assert_eq!(problems(&form(&gateway, target, "")), ["form.title: required parameter is missing"]);
    assert_eq!(form(&gateway, target, "title=%ff").info(), "the form is not UTF-8");
    let many = (0..=1000).map(|number| format!("a{number}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(form(&gateway, target, &many).info(), "the form has more than 1000 parameters; send fewer");
    let raw =
        gateway.raw(&request("POST", target, &["Content-Type: application/x-www-form-urlencoded"], b"title=\xff"));
    assert_eq!((raw.status, raw.info().as_str()), (400, "the body is not UTF-8"));
    assert_eq!(form(&gateway, "/_/cmd/shapeHttpPostForm", "cmd=other&title=x").status, 400);
    assert_eq!(form(&gateway, "/_", "title=x").status, 400);
}

#[test]
fn a_command_is_asked_for_in_its_own_way_alone() {
    let gateway = start();
    let json = |command: &str| gateway.json(command, &json!({}));
    for (reply, expected) in [
        (
            json("shapeHttpPostForm"),
            "the command `shapeHttpPostForm` does not answer this request, but POST with a form",
        ),
        (
            json("shapeHttpEither"),
            "the command `shapeHttpEither` does not answer this request, but GET, and POST with a form",
        ),
        (json("shapeHttpGetQuery"), "the command `shapeHttpGetQuery` does not answer this request, but GET"),
        (
            form(&gateway, "/_/cmd/shapeQuery", "num=1"),
            "the command `shapeQuery` does not answer this request, but POST with JSON or MsgPack",
        ),
        (
            form(&gateway, "/_/cmd/shapeHttpGetQuery", ""),
            "the command `shapeHttpGetQuery` does not answer this request, but GET",
        ),
        (
            get(&gateway, "shapeHttpPostForm", "title=x", &[]),
            "the command `shapeHttpPostForm` does not answer this request, but POST with a form",
        ),
    ] {
        assert_eq!((reply.status, reply.info().as_str()), (404, expected));
    }
    let reply = gateway.post("text/csv", b"a,b");
    assert_eq!(reply.status, 415);
    // One of several types is read from the body alone, as ever.
    assert_eq!(saw(&gateway.json("shapeOneOf", &json!({"kind": "circle", "radius": 2.5}))), "circle 2.5");
}

#[test]
fn the_request_itself_is_told_without_what_says_who_calls() {
    let gateway = Setup::shapes().users(&[("x", "[]")]).methods(&["basic"]).start();
    let password = basic("x", PASSWORD);
    let headers = [
        "X-One: 1",
        "x-one: 2",
        &password,
        "Proxy-Authorization: secret",
        "Cookie: auth=1; a=b",
        "X-Forwarded-For: 1.2.3.4",
        "Forwarded: for=1.2.3.4",
        "Accept: application/json",
    ];
    let seen = get(&gateway, "shapeHttpGetHead/a/%C3%A4%2F", "q=1&r=%20", &headers).value();
    assert_eq!((&seen["method"], &seen["command"]), (&json!("GET"), &json!("shapeHttpGetHead")));
    assert_eq!(seen["path"], "/_/cmd/shapeHttpGetHead/a/%C3%A4%2F");
    assert_eq!((&seen["query"], &seen["route"]), (&json!("q=1&r=%20"), &json!(null)));
    let told = seen["headers"].as_object().unwrap();
    let names: Vec<_> = told.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "host", "x-one"]);
    assert_eq!(told["x-one"], "2");
    let seen = gateway.json("shapeHead", &json!({})).value();
    assert_eq!((&seen["method"], &seen["command"], &seen["path"]), (&json!("POST"), &json!("shapeHead"), &json!("/_")));
}
