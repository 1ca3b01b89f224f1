//! Each source of a parameter × what can be wrong with it: missing, of a wrong type, repeated, empty, oversized, badly encoded.

use wicketgate_tests::{Gateway, Reply, Setup, request};

const ROWS: &str = "\
    [[mounts]]\npath = \"/path/{num}/{text}\"\nGET = \"shapePair\"\n\
    [[mounts]]\npath = \"/query\"\nGET = \"shapePair\"\n\
    [[mounts]]\npath = \"/body\"\nPOST = \"shapePair\"\n\
    [[mounts]]\npath = \"/form\"\nPOST = \"shapeHttpPostPair\"\n\
    [[mounts]]\npath = \"/header\"\nGET = \"shapeHeaderPair\"\n\
    [[mounts]]\npath = \"/cookie\"\nGET = \"shapeCookiePair\"\n";

const SOURCES: [&str; 7] = ["path", "query", "body", "form", "parts", "header", "cookie"];

/// A request that has these values, several of a name or none, in that source.
fn ask(gateway: &Gateway, source: &str, num: &[&[u8]], text: &[&[u8]]) -> Reply {
    let named: Vec<_> =
        num.iter().map(|value| ("num", value)).chain(text.iter().map(|value| ("text", value))).collect();
    let encoded = |value: &[u8]| value.iter().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pairs: Vec<_> = named.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let join = |parts: &[Vec<u8>], separator: &[u8]| parts.join(separator);
    let raw = match source {
        "path" => {
            let segments: Vec<_> = named.iter().map(|(_, value)| encoded(value)).collect();
            request("GET", &format!("/path/{}", segments.join("/")), &[], b"")
        }
        "query" => request("GET", &format!("/query?{}", pairs.join("&")), &[], b""),
        "form" => {
            let content_type = "Content-Type: application/x-www-form-urlencoded";
            request("POST", "/form", &[content_type], pairs.join("&").as_bytes())
        }
        "parts" => {
            let part = |(name, value): &(&str, &&[u8])| {
                let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
                [head.as_bytes(), value, b"\r\n"].concat()
            };
            let body = [named.iter().flat_map(part).collect::<Vec<u8>>(), b"--b--\r\n".to_vec()].concat();
            request("POST", "/form", &["Content-Type: multipart/form-data; boundary=b"], &body)
        }
        "body" => {
            let member = |(name, value): &(&str, &&[u8])| {
                let is_number = *name == "num" && value.iter().all(u8::is_ascii_digit) && !value.is_empty();
                let quote: &[u8] = if is_number { b"" } else { b"\"" };
                [format!("\"{name}\":").as_bytes(), quote, value, quote].concat()
            };
            let members: Vec<_> = named.iter().map(member).collect();
            let body = [&b"{"[..], &join(&members, b","), b"}"].concat();
            request("POST", "/body", &["Content-Type: application/json"], &body)
        }
        "header" => {
            let lines: Vec<_> =
                named.iter().map(|(name, value)| [name.as_bytes(), b": ", value, b"\r\n"].concat()).collect();
            [&b"GET /header HTTP/1.1\r\nHost: x\r\n"[..], &lines.concat(), b"\r\n"].concat()
        }
        _ => request("GET", "/cookie", &[&format!("Cookie: {}", pairs.join("; "))], b""),
    };
    gateway.raw(&raw)
}

/// What was seen, or all that is wrong.
fn told(reply: &Reply) -> String {
    if reply.status == 200 {
        return reply.value()["saw"].as_str().unwrap().to_owned();
    }
    let error = reply.error();
    let details = error["details"].as_array().cloned().unwrap_or_default();
    let one = |detail: &serde_json::Value| {
        format!("{}: {}", detail["path"].as_str().unwrap(), detail["problem"].as_str().unwrap())
    };
    let details: Vec<_> = details.iter().map(one).collect();
    let told = if details.is_empty() { reply.info() } else { details.join("; ") };
    format!("{} {told}", reply.status)
}

/// What each source says; `*` is any other, in which `@` is its name.
type Case<'c> = (&'c str, Vec<&'c [u8]>, Vec<&'c [u8]>, &'c [(&'c str, &'c str)]);

#[test]
fn every_source_names_what_is_wrong() {
    let gateway = Setup::shapes().server("limits.text = \"1KB\"\n").append(ROWS).start();
    let (long, longest) = (vec![b'x'; 1000], vec![b'x'; 1001]);
    let fits = format!("1 {}", "x".repeat(1000));
    let fitting = [("*", fits.as_str())];
    let cases: Vec<Case<'_>> = vec![
        ("as it should be", vec![b"1"], vec![b"t"], &[("*", "1 t")]),
        ("what has to be encoded", vec![b"1"], vec!["ä %+&=;,".as_bytes()], &[("*", "1 ä %+&=;,")]),
        (
            "missing",
            vec![],
            vec![b"t"],
            &[
                ("path", "404 there is no such file"),
                ("body", "400 body.num: required property is missing"),
                ("*", "400 @.num: required parameter is missing"),
            ],
        ),
        (
            "both missing",
            vec![],
            vec![],
            &[
                ("path", "404 there is no such file"),
                ("body", "400 body.num: required property is missing; body.text: required property is missing"),
                ("*", "400 @.num: required parameter is missing; @.text: required parameter is missing"),
            ],
        ),
        (
            "wrong type",
            vec![b"x"],
            vec![b"t"],
            &[("body", "400 body.num: expected int, got str"), ("*", "400 @.num: expected int, got \"x\"")],
        ),
        (
            "out of range",
            vec![b"99999999999"],
            vec![b"t"],
            &[("*", "400 @.num: expected int from -2147483648 to 2147483647, got 99999999999")],
        ),
        (
            "repeated",
            vec![b"1", b"2"],
            vec![b"t"],
            &[("path", "404 there is no such file"), ("body", "400 body.num: given twice"), ("*", "1 t")],
        ),
        (
            "repeated, the first of them wrong",
            vec![b"x", b"2"],
            vec![b"t"],
            &[
                ("path", "404 there is no such file"),
                ("body", "400 body.num: expected int, got str; body.num: given twice"),
                ("*", "400 @.num: expected int, got \"x\""),
            ],
        ),
        (
            "an empty number",
            vec![b""],
            vec![b"t"],
            &[
                ("path", "404 there is no such file"),
                ("body", "400 body.num: expected int, got str"),
                ("*", "400 @.num: expected int, got \"\""),
            ],
        ),
        ("an empty text", vec![b"1"], vec![b""], &[("path", "404 there is no such file"), ("*", "1 ")]),
        ("as large as it may be", vec![b"1"], vec![&long], &fitting),
        ("oversized", vec![b"1"], vec![&longest], &[("*", "400 @.text: expected at most 1000 bytes, got 1001")]),
        (
            "badly encoded",
            vec![b"1"],
            vec![b"\xff"],
            &[
                ("path", "400 malformed path: it is not UTF-8"),
                ("query", "400 the URL is not UTF-8"),
                ("form", "400 the form is not UTF-8"),
                ("parts", "400 form.text: the text is not UTF-8"),
                ("body", "400 the body is not UTF-8"),
                ("*", "400 @.text: expected text, got bytes that are no UTF-8"),
            ],
        ),
    ];
    for (case, num, text, expected) in cases {
        for source in SOURCES {
            let of = |wanted: &str| expected.iter().find(|(name, _)| *name == wanted);
            let label = if source == "parts" { "form" } else { source };
            let expected = of(source).or_else(|| of("*")).unwrap().1.replace('@', label);
            let reply = ask(&gateway, source, &num, &text);
            assert_eq!(told(&reply), expected, "{case} in {source}");
        }
    }
    gateway.assert_well();
}
