//! Conditions of a request, in the order of RFC 9110 §13.2.2.

use wicketgate_tests::{Gateway, Setup, request};

const PAST: &str = "Thu, 01 Jan 1970 00:00:00 GMT";
const FUTURE: &str = "Fri, 31 Dec 2100 23:59:59 GMT";

fn status(gateway: &Gateway, method: &str, headers: &[String]) -> u16 {
    let headers: Vec<_> = headers.iter().map(String::as_str).collect();
    let mut connection = gateway.connect();
    let connection = connection.send(&request(method, "/a.txt", &headers, b""));
    let reply = if method == "HEAD" { connection.reply_to_head() } else { connection.reply() };
    reply.unwrap().status
}

#[test]
fn each_condition_is_evaluated_in_its_order() {
    let gateway = Setup::new().file("a.txt", b"content").start();
    let reply = gateway.get("/a.txt");
    let (etag, date) = (reply.header("etag").unwrap(), reply.header("last-modified").unwrap());
    let header = |name: &str, value: &str| format!("{name}: {value}");
    let weak = format!("W/{etag}");
    let (matching, other) = (|v: &str| header("If-Match", v), |v: &str| header("If-None-Match", v));
    let (unmodified, modified) = (|v: &str| header("If-Unmodified-Since", v), |v: &str| header("If-Modified-Since", v));
    for (headers, expected) in [
        (vec![matching(etag)], 200),
        (vec![matching("*")], 200),
        (vec![matching("\"other\"")], 412),
        (vec![matching(&format!("\"other\", {etag}"))], 200),
        (vec![matching("\"other\""), matching(etag)], 200),
        // By strong comparison.
        (vec![matching(&weak)], 412),
        (vec![matching("nonsense")], 412),
        (vec![unmodified(date)], 200),
        (vec![unmodified(FUTURE)], 200),
        (vec![unmodified(PAST)], 412),
        (vec![unmodified("nonsense")], 200),
        // A tag makes the date beside it void.
        (vec![matching(etag), unmodified(PAST)], 200),
        (vec![matching("\"other\""), unmodified(FUTURE)], 412),
        (vec![other(etag)], 304),
        (vec![other("*")], 304),
        (vec![other("\"other\"")], 200),
        (vec![other(&format!("\"other\",{etag}"))], 304),
        (vec![other("\"other\""), other(etag)], 304),
        // By weak comparison.
        (vec![other(&weak)], 304),
        (vec![modified(date)], 304),
        (vec![modified(FUTURE)], 304),
        (vec![modified(PAST)], 200),
        (vec![modified("nonsense")], 200),
        (vec![other("\"other\""), modified(FUTURE)], 200),
        (vec![other(etag), modified(PAST)], 304),
        // Whatever would be a failure comes before whatever would be no news.
        (vec![matching("\"other\""), other(etag)], 412),
        (vec![matching(etag), other(etag)], 304),
        (vec![unmodified(PAST), modified(FUTURE)], 412),
        (vec![unmodified(FUTURE), modified(FUTURE)], 304),
    ] {
        for method in ["GET", "HEAD"] {
            assert_eq!(status(&gateway, method, &headers), expected, "{method} {headers:?}");
        }
    }
}

#[test]
fn no_news_has_the_validators_but_no_body() {
    let gateway = Setup::new().file("a.txt", b"content").start();
    let whole = gateway.get("/a.txt");
    let mut connection = gateway.connect();
    let condition = format!("If-None-Match: {}", whole.header("etag").unwrap());
    let reply = connection.send(&request("GET", "/a.txt", &[&condition], b"")).reply().unwrap();
    assert_eq!((reply.status, reply.body.len(), reply.header("content-length")), (304, 0, None));
    for name in ["etag", "last-modified"] {
        assert_eq!(reply.header(name), whole.header(name), "{name}");
    }
    // The connection is in step.
    assert_eq!(connection.send(&request("GET", "/a.txt", &[], b"")).reply().unwrap().text(), "content");
}

#[test]
fn there_must_be_something_to_have_conditions_about() {
    let gateway = Setup::new().file("sub/index.html", b"sub").start();
    for (target, status) in [("/nothing", 404), ("/sub", 308)] {
        for header in ["If-None-Match: *", "If-Match: *", "If-Match: \"x\"", &format!("If-Unmodified-Since: {PAST}")] {
            assert_eq!(gateway.raw(&request("GET", target, &[header], b"")).status, status, "{target} {header}");
        }
    }
}
