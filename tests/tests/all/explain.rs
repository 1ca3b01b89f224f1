//! `wicketgate explain`: the way of a request, step by step, and where it ends: what the server then does.

use std::{
    collections::BTreeSet,
    fs, iter,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use wicketgate_tests::{Gateway, Reply, Setup};

/// A site HOST with everything that sends requests elsewhere, and a second one. Nobody listens on port 1.
const SITES: &str = r#"
[[sites]]
host = "HOST"
root = "www"
fallback = "index.html"
clientRoot = "client"
rewriteRules = [
    { pattern = '^/hello/(\w+)$', target = '/_/cmd/exampleHttpGetHello/color/$1' },
    { pattern = '^/old/(.*)$', target = 'new/$1', status = 301 },
    { pattern = '^/out/(?<rest>.*)$', target = 'https://example.org/x/${rest}' },
    { pattern = '^/in$', target = 'a.txt?from=rule' },
    { pattern = '^/again$', target = '/in' },
    { pattern = '^/plain/(.*)$', target = '/$1' },
]
proxy = [{ path = "/dead", to = "http://127.0.0.1:1" }, { path = "/dead/moved", to = "http://127.0.0.1:1/base/" }]
[[sites]]
host = "app.example.org"
root = "app"
clientPath = "/js"
[sites.cors]
origins = ["https://a.example"]
[[actions]]
type = "example"
[[actions]]
type = "probe"
access = "ACCESS"
[[projects]]
uid = "p1"
actions = [{ type = "example", helloString = "Ahoy" }]
[[projects]]
uid = "p2"
access = "deny all"
[[projects]]
uid = "p3"
actions = [{ type = "example", access = "deny all" }]
"#;

fn setup(host: &str, probe_access: &str) -> Setup {
    let toml = SITES.replace("HOST", host).replace("ACCESS", probe_access);
    let mut setup = Setup::new().sites_and_actions(&toml);
    for name in
        ["index.html", "a.txt", "ä.txt", ".env", ".well-known/acme", "sub/index.html", "sub/page.html", "empty/x"]
    {
        setup = setup.file(name, format!("www {name}").as_bytes());
    }
    for path in ["client/app.js", "app/index.html", "app/x.txt"] {
        setup.put(path, path.as_bytes());
    }
    setup
}

/// The steps and the last line, after checking their form: the steps are numbered, below a heading if there is one.
fn parts((code, out, said): (i32, String, String), asked: &str) -> (String, String) {
    assert_eq!((code, said.as_str()), (0, ""), "{asked}: {out}");
    let (steps, last) = out.trim_end().rsplit_once('\n').expect("steps before the last line");
    let number =
        |line: &str| -> Option<u32> { line.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok() };
    let numbers: Vec<Option<u32>> = steps.lines().map(number).skip_while(Option::is_none).collect();
    let complete = numbers.len() + 1 >= steps.lines().count() && numbers.iter().all(Option::is_some);
    assert!(complete && numbers.is_sorted(), "{asked}: the numbers of {out}");
    assert!(last.starts_with("=> "), "{asked}: {out}");
    (steps.to_owned(), last.to_owned())
}

/// Arguments, words that must be among the steps, and the last line; `…` stands for any text.
const EXPLAINED: &[(&[&str], &[&str], &str)] = &[
    (&["/"], &[], "=> 200 file DIR/www/index.html"),
    (
        &["/hello/blue"],
        &[r"^/hello/(\w+)$", "/hello/blue", "/_/cmd/exampleHttpGetHello/color/blue"],
        "=> call exampleHttpGetHello",
    ),
    // A rule's result is not run through the rules again.
    (&["/again"], &["^/again$", "/in"], "=> 200 file DIR/www/index.html (the fallback)"),
    (&["/in?q=1"], &["^/in$", "a.txt"], "=> 200 file DIR/www/a.txt"),
    (&["/x/%2e%2e//sub/./page.html"], &["/sub/page.html"], "=> 200 file DIR/www/sub/page.html"),
    (&["/none/such"], &[], "=> 200 file DIR/www/index.html (the fallback)"),
    (&["/sub?q"], &[], "=> 308 /sub/?q"),
    (&["/out/a%20b?q=1"], &["https://example.org"], "=> 302 https://example.org/x/a%20b?q=1"),
    (&["/old/a%20b"], &[r"^/old/(.*)$"], "=> 301 /new/a%20b"),
    (&["/gws-client/app.js"], &[], "=> 200 file DIR/client/app.js"),
    (&["/gws-client/none"], &[], "=> 404 there is no such file"),
    (&["/dead/x"], &[], "=> proxy http://127.0.0.1:1/dead/x"),
    (&["-X", "DELETE", "/dead/moved/x"], &[], "=> proxy http://127.0.0.1:1/base/x"),
    (&["http://app.example.org/none"], &["app.example.org"], "=> 404 there is no such file"),
    (&["https://APP.example.org:8443/x.txt"], &["app.example.org"], "=> 200 file DIR/app/x.txt"),
    (&["-H", "Host: app.example.org", "/x.txt"], &["app.example.org"], "=> 200 file DIR/app/x.txt"),
    (&["-H", "Host: notapp.example.org", "/x.txt"], &[], "=> 200 file DIR/www/index.html (the fallback)"),
    (
        &[
            "-X",
            "OPTIONS",
            "-H",
            "Origin: https://a.example",
            "-H",
            "Access-Control-Request-Method: POST",
            "http://app.example.org/_",
        ],
        &["app.example.org"],
        "=> 204 CORS preflight",
    ),
    // One of its headers is missing, or the site has no `cors`: that is no preflight.
    (&["-X", "OPTIONS", "-H", "Origin: https://a.example", "http://app.example.org/_"], &[], "=> 400 …"),
    (
        &["-X", "OPTIONS", "-H", "Origin: https://a.example", "-H", "Access-Control-Request-Method: POST", "/"],
        &[],
        "=> 400 …",
    ),
    (&["/%zz"], &[], "=> 400 …"),
    (&["-X", "POST", "/a.txt"], &[], "=> 400 …"),
    (&["-X", "POST", "/_"], &[], "=> 400 …"),
    (&["/_/cmd/nothing"], &[], "=> 404 …"),
    (&["/_/cmd/exampleHttpGetHello"], &["params.color: required"], "=> 400 …"),
    (&["/_/cmd/probeHttpGetTypes"], &["`deny all`, a rule of the action"], "=> 403 …"),
    (&["-H", "Host: a", "-H", "Host: b", "/"], &[], "=> 400 …"),
    (
        &["-X", "POST", "-H", "Content-Length: 5", "-H", "Content-Length: 6", "/_/cmd/x"],
        &[],
        "=> 400 malformed request: Content-Length…",
    ),
    (
        &["-X", "POST", "-H", "Content-Length: 5", "-H", "Transfer-Encoding: chunked", "/_/cmd/x"],
        &[],
        "=> 400 malformed request: both…",
    ),
    (&["-X", "POST", "/_/cmd/probeNothing"], &[], "=> 403 …"),
];

#[test]
fn the_way_and_its_end_are_told() {
    let setup = setup("*", "deny all");
    setup.write_config();
    let dir = setup.dir().to_str().unwrap();
    for &(arguments, words, expected) in EXPLAINED {
        let asked = arguments.join(" ");
        let (steps, last) = parts(setup.run(&[&["explain"][..], arguments].concat()), &asked);
        for word in words {
            assert!(steps.contains(word), "{asked}: {word} is not in {steps}");
        }
        let expected = expected.replace("DIR", dir);
        let fits = expected.strip_suffix('…').map_or(last == expected, |start| last.starts_with(start));
        assert!(fits, "{asked}: expected {expected}, got {steps}\n{last}");
    }
}

#[test]
fn what_can_t_be_explained_fails() {
    let setup = setup("*", "allow all");
    let (code, out, said) = setup.run(&["explain", "/"]);
    assert!(code == 1 && out.is_empty() && said.contains("--config"), "{out}{said}");
    setup.write_config();
    for arguments in [
        &["explain"][..],
        &["explain", "no-slash"],
        &["explain", "ftp://localhost/"],
        &["explain", "-X", "GE T", "/"],
        &["explain", "-H", "no colon", "/"],
        &["explain", "-H", "X: a\r\nHost: b", "/"],
    ] {
        let (code, out, said) = setup.run(arguments);
        assert!(code == 2 && out.is_empty() && !said.is_empty(), "{arguments:?}: {code} {out}");
    }
    // The mistakes of the configuration, as `check` says them.
    let text = fs::read_to_string(setup.config()).unwrap().replace("fallback", "fallbak");
    fs::write(setup.config(), text).unwrap();
    let (code, out, said) = setup.run(&["explain", "/"]);
    assert!(code == 1 && out.is_empty() && said.contains(": sites[0].fallbak: unknown property"), "{out}{said}");
}

#[derive(Debug)]
struct Case {
    method: &'static str,
    host: &'static str,
    target: String,
}

/// What `explain` is asked about with each method. A POST has no body, and so lacks the parameters that are required.
const PATHS: &str = "
    / /index.html /a.txt /%C3%A4.txt /sub /sub/ /sub/page.html /empty/ /none /.env /.well-known/acme
    /a%2etxt /sub%2Fpage.html /hello/blue /hello/red /hello/a-b /old/x /old//evil.example/x
    /old/%2F%2Fevil.example /out/x /out/a%3Fb%0D%0Ac /in /again /plain/a.txt /plain/%255f/x
    /plain/_/cmd/exampleHttpGetHello/color/x /gws-client /gws-client/app.js /gws-clients /dead /dead/x%2Fy
    /deadly /dead/../a.txt /_ /_x /_/cmd/nothing /_/cmd/probeNothing /_/cmd/probeHttpGetTypes
    /_/cmd/exampleHello /_/cmd/exampleHttpGetHello /_/cmd/probeHttpGetTypes/small/many
    /_/cmd/exampleHttpGetHello/color/x /%5F/cmd/exampleHttpGetHello/color/x
    /_/cmd/exampleHttpGetHello/color/x/projectUid/p1 /_/cmd/exampleHttpGetHello/color/x/PROJECTUID/p2
    /_/cmd/exampleHttpGetHello/color/x/projectUid/p3 /_/cmd/exampleHttpGetHello/color/x/projectUid/p4
";

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |methods: &[&'static str], host: &'static str, target: String| {
        cases.extend(methods.iter().copied().map(|method| Case { method, host, target: target.clone() }));
    };
    for path in PATHS.split_whitespace() {
        add(&["GET", "POST", "HEAD", "DELETE", "OPTIONS"], "localhost", path.to_owned());
        add(&["GET", "POST"], "localhost", format!("{path}/"));
        add(&["GET", "HEAD"], "localhost", format!("/x/..{path}"));
        add(&["GET", "POST"], "localhost", format!("{path}?q=1&color=y%20z"));
    }
    for path in ["/", "/x.txt", "/none", "/js/app.js", "/gws-client/app.js", "/hello/blue", "/dead/x"] {
        add(&["GET", "POST", "OPTIONS"], "app.example.org", path.to_owned());
    }
    for target in ["/..", "/../x", "/%", "/%ff", "/%00", "/_?cmd=exampleHttpGetHello&color=x", "/_?CMD=nothing"] {
        add(&["GET", "HEAD", "POST"], "localhost", target.to_owned());
    }
    // The same site, however its name is written.
    for host in ["APP.example.org", "app.example.org.", "app.example.org:8080"] {
        add(&["GET"], host, "/x.txt".to_owned());
    }
    add(&["GET", "POST"], "nobody.example", "/".to_owned());
    for length in [8191, 8192] {
        add(&["GET", "POST"], "app.example.org", iter::once('/').chain(iter::repeat_n('x', length)).collect());
    }
    cases
}

fn ask(gateway: &Gateway, Case { method, host, target }: &Case) -> Reply {
    let length = if matches!(*method, "GET" | "HEAD") { "" } else { "Content-Length: 0\r\n" };
    let mut connection = gateway.connect();
    connection.send(format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{length}\r\n").as_bytes());
    let reply = if *method == "HEAD" { connection.reply_to_head() } else { connection.reply() };
    reply.unwrap_or_else(|| panic!("no reply to {method} {target}"))
}

/// Whether the reply is what the last line of `explain` says.
fn agrees(what: &str, rest: &str, reply: &Reply, head: bool) -> bool {
    match what {
        "call" => match (rest, reply.status) {
            ("exampleHttpGetHello", 200) => head || reply.text().contains("Guest</font>"),
            // Of red, the handler itself says so.
            ("exampleHttpGetHello", 501) | ("probeNothing", 204) => true,
            ("probeHttpGetTypes", 200) => head || reply.text().contains("flag="),
            _ => false,
        },
        "proxy" => reply.status == 502 && rest.starts_with("http://127.0.0.1:1/dead"),
        status if status == reply.status.to_string() => match (rest.strip_prefix("file "), reply.header("location")) {
            (Some(file), _) => {
                let content = fs::read(file.trim_end_matches(" (the fallback)")).unwrap_or_default();
                let length = content.len().to_string();
                if head { reply.header("content-length") == Some(length.as_str()) } else { content == reply.body }
            }
            (None, Some(location)) => rest == location,
            (None, None) => true,
        },
        _ => false,
    }
}

/// Compares all cases; returns how they end.
fn compare(gateway: &Gateway, cases: &[Case]) -> BTreeSet<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut ends = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let url = format!("http://{}{}", case.host, case.target);
            let (steps, last) = parts(gateway.run(&["explain", "-X", case.method, &url]), &url);
            let (what, rest) = last["=> ".len()..].split_once(' ').unwrap_or((&last["=> ".len()..], ""));
            let reply = ask(gateway, case);
            let agreed = agrees(what, rest, &reply, case.method == "HEAD");
            let problem =
                (!agreed).then(|| format!("{case:?}: {steps}\n{last}\nbut it is {} {:?}", reply.status, reply.headers));
            ends.push((what.to_owned(), problem));
        }
        ends
    };
    let ends: Vec<(String, Option<String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let (ends, problems): (BTreeSet<String>, Vec<Option<String>>) = ends.into_iter().unzip();
    let problems: Vec<String> = problems.into_iter().flatten().collect();
    assert!(problems.is_empty(), "{} of {} differ:\n{}", problems.len(), cases.len(), problems.join("\n"));
    ends
}

#[test]
fn the_server_does_what_explain_says() {
    let gateway = setup("localhost", "allow all").start();
    let cases = cases();
    assert!(cases.len() >= 500, "{}", cases.len());
    let ends = compare(&gateway, &cases);
    // Every kind of end was among them.
    for end in ["call", "proxy", "200", "301", "302", "308", "400", "403", "404", "414", "421"] {
        assert!(ends.contains(end), "{end} is not in {ends:?}");
    }
}

#[test]
fn denied_actions_are_denied_in_both() {
    let gateway = setup("localhost", "deny all").start();
    let case = |(method, target): (&'static str, &str)| Case { method, host: "localhost", target: target.to_owned() };
    let cases = [
        ("GET", "/_/cmd/probeHttpGetTypes"),
        ("HEAD", "/_/cmd/probeHttpGetTypes"),
        ("POST", "/_/cmd/probeNothing"),
        // The project has no probe of its own, so that the application's is asked.
        ("GET", "/_/cmd/probeHttpGetTypes/projectUid/p1"),
        // Wrong parameters are not even looked at.
        ("GET", "/_/cmd/probeHttpGetTypes/small/many"),
    ];
    assert_eq!(compare(&gateway, &cases.map(case)), BTreeSet::from(["403".to_owned()]));
}
