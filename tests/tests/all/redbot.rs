//! What REDbot, a tool that knows nothing of the gateway, finds in each kind of response.

use std::fs;

use serde_json::{Value, json};
use wicketgate_tests::{Setup, gzip, python};

#[test]
fn it_finds_nothing_wrong_in_any_kind_of_response() {
    let toml = "[[sites]]\nroot = \"www\"\nlisting = true\nhtmlExtension = true\nfallback = \"page.html\"\n\
                errorPages.416 = \"416.html\"\n\
                [[sites.files]]\npattern = '\\.js$'\ncacheControl = \"max-age=31536000, immutable\"\n\
                [[sites.files]]\npattern = '^/get/'\ndownload = true\ncacheControl = \"no-cache\"\n\
                [[sites]]\nhost = \"127.0.0.1\"\nroot = \"www\"\nlisting = true\nhtmlExtension = true\n\
                rewriteRules = [{ pattern = '^/old$', target = '/a.txt', status = 301 }]\n\
                cors = { origins = [\"https://a.example\"] }\n\
                [[sites.files]]\npattern = '\\.js$'\ncacheControl = \"max-age=31536000, immutable\"\n\
                [[actions]]\ntype = \"example\"\n";
    let text = "some text that is long enough to be worth compressing, ".repeat(200);
    let setup = Setup::new()
        .sites_and_actions(toml)
        .file("a.txt", text.as_bytes())
        .file("app.0a1b2c3d.js", text.as_bytes())
        .file("pre.css", text.as_bytes())
        .file("image.png", &[&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[7; 5000]].concat())
        .file("empty.txt", b"")
        .file("page.html", text.as_bytes())
        .file("get/data.csv", text.as_bytes())
        .file("large.txt", text.repeat(200).as_bytes())
        .file("folder/index.html", text.as_bytes())
        .file("listed/x.txt", b"x");
    setup.put("416.html", b"<!doctype html><title>{{status}}</title>");
    fs::write(setup.www().join("pre.css.gz"), gzip(text.as_bytes())).unwrap();
    let gateway = setup.start();
    let case = |name: &str, path: &str, status: u16, headers: &[(&str, &str)]| {
        let url = format!("http://{}{path}", gateway.address());
        json!({"name": name, "url": url, "status": status, "headers": headers})
    };
    let tag = gateway.get("/a.txt").header("etag").unwrap().to_owned();
    let mut cases = vec![
        case("text", "/a.txt", 200, &[]),
        case("text, gzip", "/a.txt", 200, &[("Accept-Encoding", "gzip")]),
        case("text, br", "/a.txt", 200, &[("Accept-Encoding", "br")]),
        case("immutable", "/app.0a1b2c3d.js", 200, &[]),
        case("sibling", "/pre.css", 200, &[("Accept-Encoding", "gzip")]),
        case("image", "/image.png", 200, &[]),
        case("empty", "/empty.txt", 200, &[]),
        case("page", "/page", 200, &[]),
        case("download", "/get/data.csv", 200, &[]),
        case("large", "/large.txt", 200, &[]),
        case("large, compressed while sent", "/large.txt", 200, &[("Accept-Encoding", "gzip")]),
        case("index", "/folder/", 200, &[]),
        case("slash redirect", "/folder?a=b", 308, &[]),
        case("redirect", "/old", 301, &[]),
        case("listing, HTML", "/listed/", 200, &[("Accept", "text/html")]),
        case("listing, JSON", "/listed/", 200, &[("Accept", "application/json")]),
        case("not modified", "/a.txt", 304, &[("If-None-Match", &tag)]),
        case("failed", "/a.txt", 412, &[("If-Match", "\"x\"")]),
        case("part", "/a.txt", 206, &[("Range", "bytes=10-19")]),
        case("parts", "/a.txt", 206, &[("Range", "bytes=10-19,100-199")]),
        case("part of a large file", "/large.txt", 206, &[("Range", "bytes=-1000")]),
        case("parts of a large file", "/large.txt", 206, &[("Range", "bytes=10-19,100-199")]),
        case("outside", "/a.txt", 416, &[("Range", "bytes=99999999-")]),
        case("not acceptable", "/image.png", 406, &[("Accept-Encoding", "identity;q=0")]),
        case("missing, JSON", "/none", 404, &[]),
        case("missing, HTML", "/none", 404, &[("Accept", "text/html")]),
        case("malformed", "/%zz", 400, &[]),
        case("cross-origin", "/a.txt", 200, &[("Origin", "https://a.example")]),
        case("a command", "/_/cmd/exampleHttpGetHello/color/blue", 200, &[]),
    ];
    let mut head = case("HEAD", "/a.txt", 200, &[]);
    head["method"] = json!("HEAD");
    cases.push(head);
    let file = gateway.put("cases.json", Value::from(cases).to_string().as_bytes());
    let told = python("redbot/check.py", &[file.to_str().unwrap()], gateway.dir());
    // It did ask for what it was to judge.
    for expected in ["text: 200, 200 [conneg], 206 [range], 304 [etag_validate], 304 [lm_validate]", "parts: 206"] {
        assert!(told.contains(expected), "{told}");
    }
    // What is only a warning to the tool is a promise of ours.
    let warnings: Vec<_> = told.lines().filter(|line| line.trim().starts_with("warn ")).collect();
    // How long a file is good is the operator's to say; and two of the cases are about requests that can't be fulfilled.
    let expected = ["FRESHNESS_HEURISTIC", "STATUS_BAD_REQUEST", "VARY_STATUS_MISMATCH"];
    let unexpected = |line: &&&str| !expected.iter().any(|name| line.contains(name));
    assert_eq!(warnings.iter().filter(unexpected).collect::<Vec<_>>(), Vec::<&&str>::new(), "{told}");
}
