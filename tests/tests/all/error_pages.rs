//! Errors in the form that the client prefers: the site's page or a plain one, a problem (RFC 9457), JSON or MsgPack
//!.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup};

const SITES: &str = r#"
[[sites]]
host = "a.example"
root = "www"
[sites.errorPages]
400 = "errors/400.html"
404 = "errors/404.html"
409 = "errors/409.html"
421 = "errors/409.html"
[[sites]]
host = "b.example"
root = "www"
[sites.errorPages]
404 = "errors/other.html"
[[sites]]
host = "plain.example"
root = "www"
[[actions]]
type = "example"
[[actions]]
type = "probe"
"#;

const PAGE: &str = "<p title='{{info}}'>{{status}}, {{status}} {{reason}}; {{requestId}}</p>{{other}}{ {{unclosed";

fn start() -> Gateway {
    let setup = Setup::new().sites_and_actions(SITES);
    setup.put("errors/400.html", "<h1>ä {{info}}</h1>".as_bytes());
    setup.put("errors/404.html", PAGE.as_bytes());
    setup.put("errors/409.html", b"[{{info}}]");
    setup.put("errors/other.html", b"the other page");
    setup.start()
}

/// Sends a request for that host, with a body in JSON if there is one.
fn ask(gateway: &Gateway, host: &str, line: &str, accept: &str, body: &str) -> Reply {
    let length = body.len();
    let json = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\n{json}Content-Length: {length}\r\n\r\n");
    gateway.raw(format!("{head}{body}").as_bytes())
}

/// What a browser sends.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const HTML: &str = "text/html; charset=utf-8";
const PROBLEM: &str = "application/problem+json";

fn assert_html(reply: &Reply, status: u16) {
    assert_eq!((reply.status, reply.header("content-type")), (status, Some(HTML)), "{}", reply.text());
    // Others get another form of the same.
    assert!(reply.header("vary").is_some_and(|vary| vary.contains("Accept")), "{reply:?}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
}

/// The 16 digits that a reply is known by.
fn id(reply: &Reply) -> &str {
    let id = reply.header("x-request-id").unwrap();
    assert!(id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    id
}

#[test]
fn the_page_of_the_site_is_filled_in() {
    let gateway = start();
    for target in ["/none", "/none/", "/_/cmd/none", "/gws-client/x"] {
        let reply = ask(&gateway, "a.example", &format!("GET {target}"), BROWSER, "");
        assert_html(&reply, 404);
        let end = format!("'>404, 404 Not Found; {}</p>{{{{other}}}}{{ {{{{unclosed", id(&reply));
        assert!(reply.text().starts_with("<p title='") && reply.text().ends_with(&end), "{}", reply.text());
    }
    // In the page's own encoding, and with the headers that the status needs.
    let reply = ask(&gateway, "a.example", "PUT /none", BROWSER, "");
    assert_html(&reply, 400);
    assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"));
    assert!(reply.text().starts_with("<h1>ä "), "{}", reply.text());
    assert_eq!(ask(&gateway, "b.example", "GET /none", BROWSER, "").text(), "the other page");
    // HEAD says the same, without the page; and there the next request begins.
    let mut connection = gateway.connect();
    let head = format!("HEAD /none HTTP/1.1\r\nHost: b.example\r\nAccept: {BROWSER}\r\n\r\n");
    let reply = connection.send(head.as_bytes()).reply_to_head().unwrap();
    assert_eq!(
        (reply.status, reply.header("content-length"), reply.header("content-type")),
        (404, Some("14"), Some(HTML))
    );
    assert_eq!(connection.send(head.replace("HEAD", "GET").as_bytes()).reply().unwrap().text(), "the other page");
}

#[test]
fn a_page_is_for_html_alone() {
    let gateway = start();
    for accept in ["*/*", "application/json", "application/msgpack", PROBLEM] {
        let reply = ask(&gateway, "a.example", "GET /none", accept, "");
        let told = reply.header("content-type").unwrap();
        assert!(reply.status == 404 && told != HTML, "{accept}: {told}");
        assert!(!reply.body.starts_with(b"<p"), "{accept}");
    }
    // A status without a page of its own gets the plain one, which is whole.
    let long = format!("GET /{}", "x".repeat(8192));
    for (host, line, status) in
        [("a.example", long.as_str(), 414), ("b.example", "PUT /", 400), ("plain.example", "GET /", 404)]
    {
        let reply = ask(&gateway, host, line, BROWSER, "");
        assert_html(&reply, status);
        let text = reply.text();
        assert!(text.starts_with("<!doctype html>") && text.contains(&status.to_string()), "{text}");
        assert!(text.contains(id(&reply)), "{text}");
    }
}

#[test]
fn whatever_is_put_in_is_escaped_and_not_looked_at_again() {
    let gateway = start();
    let hostile = "<script>alert(\"1\")</script> & 'x' {{requestId}} {{info}} &lt; </p>";
    let body = json!({"cmd": "probeConflict", "params": {"text": hostile}}).to_string();
    let reply = ask(&gateway, "a.example", "POST /_", BROWSER, &body);
    assert_html(&reply, 409);
    let info = reply.text().strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap();
    assert!(!info.contains(['<', '>', '"', '\'']), "{info}");
    let read = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")]
        .iter()
        .fold(info.to_owned(), |text, (escape, c)| text.replace(escape, c));
    assert_eq!(read, hostile);
    let plain = ask(&gateway, "plain.example", "POST /_", BROWSER, &body);
    assert_html(&plain, 409);
    assert!(plain.text().contains("&lt;script&gt;") && !plain.text().contains("<script"), "{}", plain.text());
    // The name of a command, and of a parameter.
    let name = "\"><img src=x onerror=alert(1)>";
    let unknown = json!({"cmd": name}).to_string();
    let wrong = json!({"cmd": "probeTypes", "params": {name: 1, "words": [name], "mode": name}}).to_string();
    for (body, status) in [(unknown, 404), (wrong, 400)] {
        for host in ["a.example", "plain.example"] {
            let reply = ask(&gateway, host, "POST /_", BROWSER, &body);
            assert_html(&reply, status);
            let text = reply.text();
            assert!(!text.contains("<img") && !text.contains("onerror=alert(1)>"), "{text}");
        }
    }
    let reply = ask(&gateway, "a.example", "GET /_/cmd/%3Cimg%20src=x%3E%0D%0AX-Y:%20z", BROWSER, "");
    assert_html(&reply, 404);
    assert!(!reply.text().contains("<img") && reply.header("x-y").is_none(), "{reply:?}");
}

/// `Accept`, and what an error is then told in.
const PREFERENCES: &[(&str, &str)] = &[
    ("", "application/json"),
    ("*/*", "application/json"),
    ("image/png", "application/json"),
    ("application/*", "application/json"),
    ("text/html;q=0", "application/json"),
    ("text/html, application/json", "application/json"),
    ("text/html;q=0.5, application/json", "application/json"),
    ("text/html;level=1;q=0.4, application/json;q=0.5", "application/json"),
    (BROWSER, HTML),
    ("text/html", HTML),
    ("TEXT/HTML", HTML),
    ("text/html;charset=utf-8", HTML),
    (",, text/html ,", HTML),
    ("text/html ; q=0.9 ,\tapplication/json ; q=0.1", HTML),
    ("text/html;Q=1.000, application/json;q=0.999", HTML),
    ("*/*;q=0.1, text/html;q=0.2", HTML),
    ("text/*;q=0.5, application/json;q=0.4", HTML),
    ("application/json;q=0, text/html;q=0.001", HTML),
    // Two lines are one list (RFC 9110 §5.3).
    ("application/json;q=0.5\r\nAccept: text/html", HTML),
    ("text/html;q=0.5\r\nAccept: application/json", "application/json"),
    ("application/msgpack", "application/msgpack"),
    ("application/msgpack, text/html;q=0.9", "application/msgpack"),
    (PROBLEM, PROBLEM),
    ("Application/Problem+JSON;q=0.9, text/html;q=0.8, */*;q=0.7", PROBLEM),
    ("application/problem+json, application/json;q=0.9", PROBLEM),
    ("application/problem+json;q=0.1, text/html", HTML),
    ("application/problem+json;q=0.5, application/json", "application/json"),
    ("application/problem+json;q=0, */*", "application/json"),
];

#[test]
fn the_form_is_what_accept_ranks_first() {
    let gateway = start();
    let params = json!({"cmd": "probeTypes", "params": {"num": "x"}}).to_string();
    let mut wrong = Vec::new();
    for (accept, expected) in PREFERENCES {
        for (host, line, body, status) in [
            ("plain.example", "GET /none", "", 404),
            ("a.example", "GET /none", "", 404),
            ("a.example", "GET /_/cmd/none", "", 404),
            ("a.example", "POST /_", params.as_str(), 400),
            ("a.example", "GET /%zz", "", 400),
            ("nowhere.example", "GET /", "", 421),
        ] {
            let reply = ask(&gateway, host, line, accept, body);
            assert_eq!(reply.status, status, "{line} with {accept}");
            if reply.header("content-type") != Some(*expected) {
                wrong.push(format!("{accept:?}, {host} {line}: {:?}", reply.header("content-type")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_host_without_a_site_has_no_page_of_its_own() {
    let gateway = start();
    let reply = ask(&gateway, "nowhere.example", "GET /", BROWSER, "");
    assert_html(&reply, 421);
    let text = reply.text();
    assert!(text.starts_with("<!doctype html>") && text.contains("421") && text.contains(id(&reply)), "{text}");
    assert_eq!(
        ask(&gateway, "nowhere.example", "GET /", "*/*", "").error()["requestId"].as_str().map(str::len),
        Some(16)
    );
}

#[test]
fn a_problem_has_the_members_of_rfc_9457() {
    let gateway = start();
    let body = json!({"cmd": "probeTypes", "params": {"num": "x", "bbox": [1, "y"]}}).to_string();
    for (host, line, body, status, title, problems) in [
        ("a.example", "GET /none", "", 404, "Not Found", 0),
        ("a.example", "GET /_/cmd/none", "", 404, "Not Found", 0),
        ("a.example", "POST /_", body.as_str(), 400, "Bad Request", 2),
        ("nowhere.example", "GET /", "", 421, "Misdirected Request", 0),
    ] {
        let reply = ask(&gateway, host, line, PROBLEM, body);
        assert_eq!((reply.status, reply.header("content-type")), (status, Some(PROBLEM)), "{line}");
        let problem: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(problem["type"], "about:blank", "{problem}");
        assert_eq!((&problem["status"], &problem["title"]), (&json!(status), &json!(title)), "{problem}");
        assert_eq!(problem["requestId"], id(&reply), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(errors.len(), problems, "{problem}");
        for (error, path) in errors.iter().zip(["#/params/num", "#/params/bbox/1"]) {
            assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
            assert_eq!(error["pointer"], path, "{problem}");
        }
    }
    // In JSON and in the page, the problems of the parameters are there as well.
    let details = ask(&gateway, "a.example", "POST /_", "*/*", &body).error()["details"].clone();
    assert_eq!(details.as_array().map(Vec::len), Some(2), "{details}");
    let page = ask(&gateway, "plain.example", "POST /_", BROWSER, &body);
    assert!(page.text().contains("params.num") && page.text().contains("params.bbox[1]"), "{}", page.text());
}

#[test]
fn what_a_request_is_in_does_not_decide_if_accept_does() {
    let gateway = start();
    let body = rmp_serde::to_vec_named(&json!({"cmd": "none"})).unwrap();
    for (accept, expected) in [
        ("text/html", HTML),
        (PROBLEM, PROBLEM),
        ("*/*", "application/msgpack"),
        ("application/json", "application/json"),
    ] {
        let head = format!(
            "POST /_ HTTP/1.1\r\nHost: plain.example\r\nContent-Type: application/msgpack\r\n\
             Accept: {accept}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let reply = gateway.raw(&[head.as_bytes(), &body[..]].concat());
        assert_eq!((reply.status, reply.header("content-type")), (404, Some(expected)), "{accept}");
    }
}
