//! Rewriting: which rule counts, what becomes of what it captures, and what no rule can do.

use wicketgate_tests::{Gateway, Reply, Setup, request};

const ACTIONS: &str = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";

fn setup(rules: &str) -> Setup {
    let site = format!("[[sites]]\nroot = \"www\"\nrewriteRules = [\n{rules}\n]\n{ACTIONS}");
    Setup::new().sites_and_actions(&site)
}

/// The color that `exampleHttpGetHello` was called with; it comes back with `&`, `<` and `>` escaped.
fn color(gateway: &Gateway, target: &str) -> String {
    let reply = gateway.get(target);
    assert_eq!(reply.status, 200, "{target}: {}", reply.text());
    let value = reply.value();
    let message = value["message"].as_str().unwrap();
    let color = message.strip_prefix("<font color=").and_then(|rest| rest.strip_suffix(">Hi, Guest</font>"));
    color.unwrap_or_else(|| panic!("{target}: {message}")).to_owned()
}

/// Where a redirect leads, after checking that it is one and says nothing else.
fn location<'r>(reply: &'r Reply, status: u16, target: &str) -> &'r str {
    assert_eq!((reply.status, reply.text()), (status, ""), "{target}");
    assert_eq!(reply.header("content-length"), Some("0"), "{target}");
    assert_eq!(reply.header("set-cookie"), None, "a capture became a header: {target}");
    let all: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "location").collect();
    assert_eq!(all.len(), 1, "{target}: {all:?}");
    assert!(all[0].1.bytes().all(|byte| byte.is_ascii_graphic()), "{target}: {all:?}");
    &all[0].1
}

#[test]
fn captures_are_put_into_the_target() {
    let gateway = setup(
        r"{ pattern = '^/name/(?<a>\w+)/(?<b>\w+)$', target = '_/cmd/exampleHttpGetHello/color/${b}$$${a}-$1$2' },
          { pattern = '^/nine/(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)$', target = '/_/cmd/exampleHttpGetHello/color/$9$10' },
          { pattern = '^/maybe/(a)?(b)?$', target = '/_/cmd/exampleHttpGetHello/color/x$1y$2' },
          { pattern = '^/hello/(\w+)$', target = '/_/cmd/exampleHttpGetHello/color/$1' }",
    )
    .start();
    for (target, expected) in [
        ("/name/x/y", "y$x-xy"),
        // There is no tenth: that is the first, and a zero.
        ("/nine/abcdefghij", "ia0"),
        // A group that took no part is empty.
        ("/maybe/", "xy"),
        ("/maybe/b", "xyb"),
        ("/hello/blue", "blue"),
        ("/hello/%C3%A4", "ä"),
        // It is the normalised path that is matched, and not how somebody wrote it.
        ("//hello///blue", "blue"),
        ("/x/%2e%2e/./hello/blue", "blue"),
        ("/%68ello/b%6Cue", "blue"),
    ] {
        assert_eq!(color(&gateway, target), expected, "{target}");
    }
    // Neither the query nor the slash of a folder is something that `\w+` could match.
    for target in ["/?/hello/blue", "/hello/blue/", "/hello/a%2Fb", "/hello/", "/x/hello/blue"] {
        assert_eq!(gateway.get(target).status, 404, "{target}");
    }
}

#[test]
fn what_is_captured_is_decoded_once_and_stays_where_it_was_put() {
    let gateway = setup(
        r"{ pattern = '^/path/([^/]+)$', target = '/_/cmd/exampleHttpGetHello/color/$1' },
          { pattern = '^/query/(.+)$', target = '/_/cmd/exampleHttpGetHello?color=$1' }",
    )
    .start();
    for (sent, expected) in [
        ("a%2Fb", "a/b"),
        ("a%2fcolor%2fred", "a/color/red"),
        ("a%3Fcolor=red", "a?color=red"),
        ("a%26color=red", "a&amp;color=red"),
        ("a&color=red", "a&amp;color=red"),
        ("a;b", "a;b"),
        ("a%23b", "a#b"),
        ("a%25", "a%"),
        ("a%2541", "a%41"),
        ("a%252541", "a%2541"),
        ("%252e%252e%252f", "%2e%2e%2f"),
        ("a%0D%0AX-Y:%20z", "a\r\nX-Y: z"),
        ("a%0Ab", "a\nb"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("$1${n}$$", "$1${n}$$"),
        ("%C3%A4", "ä"),
    ] {
        for rule in ["/path/", "/query/"] {
            // Braces may not stand in a URI as they are.
            let target = format!("{rule}{}", sent.replace('{', "%7B").replace('}', "%7D"));
            assert_eq!(color(&gateway, &target), expected, "{target}");
        }
    }
}

#[test]
fn the_first_rule_that_matches_counts_and_none_is_run_again() {
    let setup = setup(
        r"{ pattern = '^/one', target = 'a.txt' },
          { pattern = '^/one/two$', target = 'b.txt' },
          { pattern = '^/chain/(.*)$', target = '/$1' },
          { pattern = '^/loop$', target = '/loop' },
          { pattern = '^/docs/$', target = 'folder.txt' },
          { pattern = '^/docs$', target = 'a.txt' },
          { pattern = '^/$', target = 'root.txt' },
          { pattern = 'needle', target = 'b.txt' }",
    );
    let names = ["a.txt", "b.txt", "folder.txt", "root.txt", "loop"];
    let gateway = names.iter().fold(setup, |setup, name| setup.file(name, name.as_bytes())).start();
    for (target, expected) in [
        ("/one/two", "a.txt"),
        ("/chain/b.txt", "b.txt"),
        ("/loop", "loop"),
        // A folder ends with its slash, however it was written, and the root is one.
        ("/docs", "a.txt"),
        ("/docs/", "folder.txt"),
        ("/docs/x/..", "folder.txt"),
        ("/docs//.", "folder.txt"),
        ("/", "root.txt"),
        ("/x/../", "root.txt"),
        // Without `^` and `$` a pattern matches anywhere.
        ("/hay/needles/hay", "b.txt"),
        ("/a.txt?needle", "a.txt"),
    ] {
        let reply = gateway.get(target);
        assert_eq!((reply.status, reply.text()), (200, expected), "{target}");
    }
    for target in ["/chain/one", "/chain/", "/chain/chain/b.txt"] {
        assert_eq!(gateway.get(target).status, 404, "{target}");
    }
}

#[test]
fn the_query_comes_after_that_of_the_rule() {
    let gateway = setup(
        r"{ pattern = '^/types/(\d+)$', target = '/_/cmd/probeHttpGetTypes?num=$1' },
          { pattern = '^/plain/(\d+)$', target = '/_/cmd/probeHttpGetTypes/num/$1' },
          { pattern = '^/out$', target = 'https://example.org/x?a=1', status = 307 },
          { pattern = '^/in$', target = 'x?a=1', status = 307 }",
    )
    .start();
    for (target, expected) in [
        ("/types/5", "flag=None num=Some(5) small=7"),
        ("/types/5?small=3&flag=yes", "flag=Some(true) num=Some(5) small=3"),
        // What the rule says is not for the client to change.
        ("/types/5?num=6", "flag=None num=Some(5) small=7"),
        ("/plain/5?num=6&small=3", "flag=None num=Some(5) small=3"),
    ] {
        let reply = gateway.get(target);
        let debug = reply.value()["debug"].as_str().map(str::to_owned);
        assert!(debug.as_ref().is_some_and(|debug| debug.starts_with(expected)), "{target}: {debug:?}");
    }
    for (query, expected) in [("", "?a=1"), ("?b=c%20d&e", "?a=1&b=c%20d&e"), ("?a=2?b", "?a=1&a=2?b")] {
        let (out, inner) = (gateway.get(&format!("/out{query}")), gateway.get(&format!("/in{query}")));
        assert_eq!(location(&out, 307, query), format!("https://example.org/x{expected}"));
        assert_eq!(location(&inner, 307, query), format!("/x{expected}"));
    }
}

#[test]
fn a_status_makes_a_redirect_of_any_target_and_a_url_is_one_anyway() {
    const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];
    let rule = |status: &u16| {
        let (inner, outer) = (format!("^/in{status}/(.*)$"), format!("^/out{status}/(.*)$"));
        format!(
            "{{ pattern = '{inner}', target = 'new/$1', status = {status} }},\n\
             {{ pattern = '{outer}', target = 'http://[::1]:81/$1', status = {status} }},\n"
        )
    };
    let rules: String = STATUSES.iter().map(rule).collect();
    let gateway = setup(&format!("{rules}{{ pattern = '^/away$', target = 'HTTPS://example.org/' }}")).start();
    for status in STATUSES {
        let (inner, outer) = (format!("/in{status}/sub/?q=1"), format!("/out{status}/a%20b"));
        assert_eq!(location(&gateway.get(&inner), status, &inner), "/new/sub/?q=1");
        assert_eq!(location(&gateway.get(&outer), status, &outer), "http://[::1]:81/a%20b");
    }
    // Rules come before methods.
    for method in ["GET", "POST", "PUT", "OPTIONS"] {
        let reply = gateway.raw(&request(method, "/away", &[], b""));
        assert!(location(&reply, 302, method).eq_ignore_ascii_case("https://example.org/"), "{reply:?}");
    }
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/in308/x", &[], b"")).reply_to_head().unwrap();
    assert_eq!(location(&head, 308, "HEAD"), "/new/x");
    assert_eq!(connection.send(&request("GET", "/none", &[], b"")).reply().unwrap().status, 404);
}

/// What somebody may send to be led, or to lead others, elsewhere.
const HOSTILE: &str = r"
    /evil.example //evil.example/ %2Fevil.example %2F%2Fevil.example %2f%2fevil.example/x/%2e%2e %5Cevil.example
    %5C%5Cevil.example \evil.example %09/evil.example %20//evil.example .//evil.example %2e/%2Fevil.example
    @evil.example :80@evil.example .evil.example https://evil.example https:%2F%2Fevil.example javascript:alert(1)
    a%0D%0ASet-Cookie:%20a=b a%0ASet-Cookie:%20a=b a%0DSet-Cookie:%20a=b a%3Fb=c a&b=c+d a%23b %252F%252Fevil.example
    %C3%A4%E2%80%AE %22%3E%3Cscript%3E
";

#[test]
fn no_capture_leads_to_another_host_or_ends_the_path() {
    let gateway = setup(
        r"{ pattern = '^/rooted/(.*)$', target = '/$1', status = 302 },
          { pattern = '^/bare/(.*)$', target = '$1', status = 302 },
          { pattern = '^/glued(.*)$', target = '$1', status = 302 },
          { pattern = '^/double/(.*)$', target = '/.//$1', status = 302 },
          { pattern = '^/out/(.*)$', target = 'https://example.org/x/$1' },
          { pattern = '^/outquery/(.*)$', target = 'https://example.org/x?q=$1' }",
    )
    .start();
    for sent in HOSTILE.split_whitespace() {
        for rule in ["/rooted/", "/bare/", "/glued/", "/glued", "/double/"] {
            let target = format!("{rule}{sent}");
            let reply = gateway.get(&target);
            let there = location(&reply, 302, &target);
            let same_site = there.starts_with('/') && !there.starts_with("//") && !there.starts_with("/\\");
            assert!(same_site && !there.contains(['?', '#']), "{target} leads to {there}");
        }
        let (path, query) = (format!("/out/{sent}"), format!("/outquery/{sent}"));
        let (path_reply, query_reply) = (gateway.get(&path), gateway.get(&query));
        let there = location(&path_reply, 302, &path);
        assert!(there.starts_with("https://example.org/x/") && !there.contains(['?', '#']), "{path}: {there}");
        let there = location(&query_reply, 302, &query);
        let value = there.strip_prefix("https://example.org/x?q=").unwrap_or_else(|| panic!("{query}: {there}"));
        // Nor does it become another parameter.
        assert!(!value.contains(['#', '&', '=', '+']), "{query}: {there}");
    }
    gateway.assert_well();
}

#[test]
fn what_is_below_the_underscore_stays_a_command() {
    const RULES: &str = r"{ pattern = '^/pub/(.*)$', target = '/$1' },
        { pattern = '^/peek$', target = '/a/../_s.txt' },
        { pattern = '^/peer$', target = 'a/%2e%2e/%5Fs.txt' },
        { pattern = '^/post$', target = '/x/../_/cmd/exampleHello' },
        { pattern = '^/_/cmd/old/(\w+)$', target = '/_/cmd/exampleHttpGetHello/color/$1' }";
    const HELLO: &str = "_/cmd/exampleHttpGetHello/color/x";
    let files = |setup: Setup| setup.file("_s.txt", b"secret").file("_x/s.txt", b"secret").file("a/b.txt", b"b");
    let gateway = files(setup(RULES)).start();
    assert_eq!(gateway.get("/pub/a/b.txt").text(), "b");
    for target in ["/pub/_s.txt", "/pub/%5Fs.txt", "/pub//_x/s.txt", "/pub/%2F../_s.txt", "/peek", "/peer"] {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 404, "{target}");
        reply.error();
    }
    for target in ["/pub/%5f/cmd/exampleHttpGetHello/color/x", "/%5f/cmd/old/x", &format!("/pub/{HELLO}")] {
        assert_eq!(color(&gateway, target), "x", "{target}");
    }
    let json = ["Content-Type: application/json"];
    assert_eq!(gateway.raw(&request("POST", "/post", &json, br#"{"params": {"color": "x"}}"#)).status, 200);
    let put = gateway.raw(&request("PUT", &format!("/pub/{HELLO}"), &[], b""));
    assert_eq!((put.status, put.header("allow")), (400, Some("GET, HEAD, POST")));
    // A rule gives nobody permission.
    let closed = files(setup(RULES)).access("deny all").start();
    for target in ["/%5f/cmd/old/x", &format!("/pub/{HELLO}")] {
        assert_eq!(closed.get(target).status, 403, "{target}");
    }
}

#[test]
fn rules_are_those_of_the_site_and_take_no_longer_for_a_long_path() {
    let toml = format!(
        "[[sites]]\nhost = \"a.example\"\nroot = \"www\"\nrewriteRules = [{{ pattern = '^/x$', target = 'a.txt' }}]\n\
         [[sites]]\nroot = \"www\"\n\
         rewriteRules = [{{ pattern = '^/((a+)+)+b$', target = '/$1' }}, {{ pattern = 'a{{9}}$', target = 'a.txt' }}]\n\
         {ACTIONS}"
    );
    let gateway = Setup::new().sites_and_actions(&toml).file("a.txt", b"rewritten").start();
    let ask = |host: &str| gateway.raw(format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    assert_eq!((ask("a.example").text(), ask("b.example").status), ("rewritten", 404));
    // An engine that backtracks would never be done with this one.
    assert_eq!(gateway.get(&format!("/{}", "a".repeat(8191))).text(), "rewritten");
    assert_eq!(gateway.get(&format!("/{}", "a".repeat(8192))).status, 414);
}

/// The second rule of a site, from line 14 on; which line is wrong; the key, and the start of the text where it matters.
const MISTAKES: &[(&str, u32, &str)] = &[
    ("pattern = '('\ntarget = '/x'", 14, "pattern: "),
    ("pattern = '[z-a]'\ntarget = '/x'", 14, "pattern: "),
    ("pattern = '(.)\\1'\ntarget = '/x'", 14, "pattern: "),
    ("target = '/x'\npattern = 'x{9999}{9999}'", 15, "pattern: "),
    ("pattern = 5\ntarget = '/x'", 14, "pattern: expected str, got int"),
    ("pattern = '.'\ntarget = '/$1'", 15, "target: "),
    ("pattern = '(.)'\ntarget = '/$2'", 15, "target: "),
    ("pattern = '(.)'\ntarget = '/x?q=$2'", 15, "target: "),
    ("pattern = '(?<n>.)'\ntarget = 'https://a.example/${m}'", 15, "target: "),
    ("pattern = '(?<h>.*)'\ntarget = 'https://${h}/'", 15, "target: "),
    ("pattern = '(.*)'\ntarget = 'HTTP://$1.example.org/x'", 15, "target: "),
    // Such as `.evil.example`.
    ("pattern = '(.*)'\ntarget = 'https://example.org$1'", 15, "target: "),
    ("pattern = '(.*)'\ntarget = 'https://example.org:$1/'", 15, "target: "),
    ("pattern = '(.*)'\ntarget = 'https://$1@example.org/'", 15, "target: "),
    ("pattern = '.'\ntarget = '/x'\nstatus = 200", 16, "status: "),
    ("pattern = '.'\ntarget = '/x'\nstatus = 304", 16, "status: "),
    ("pattern = '.'\ntarget = 'https://a.example/'\nstatus = 404", 16, "status: "),
    ("pattern = '.'\ntarget = '/x'\nstatus = '302'", 16, "status: expected int, got str"),
    ("pattern = '.'\ntarget = '/x'\ncode = 302", 16, "code: unknown property"),
];

#[test]
fn a_rule_that_makes_no_sense_is_a_mistake_with_its_place() {
    let mut wrong = Vec::new();
    for (lines, row, expected) in MISTAKES {
        let rules = "[[sites.rewriteRules]]\npattern = '(.)'\ntarget = '/$1'\n[[sites.rewriteRules]]\n";
        let said = Setup::new().sites_and_actions(&format!("[[sites]]\n{rules}{lines}\n")).refused();
        let place = format!("wicketgate.toml:{row}:1: sites[0].rewriteRules[1].");
        if !said.contains(&format!("{place}{expected}")) || said.trim_end().lines().count() != 1 {
            wrong.push(format!("{lines} expected {expected}, but it says {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
