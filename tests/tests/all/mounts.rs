//! Other URLs and methods for commands: `[[mounts]]`.

use std::fs;

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup, request};

use super::inputs::problems;

pub(crate) const ROWS: &str = r#"
[[mounts]]
path = "/articles/{id}"
GET = "shapeRead"
PUT = "shapeMixed"
[[mounts]]
path = "/articles/new"
GET = "shapeRecord"
[[mounts]]
path = "/{api}/{command}"
where = { api = ["cs_api", "ev_api"] }
POST = "shapeRelay"
rest = "parameters"
errors = "detail"
[[mounts]]
path = "/numbers/{id:int}"
GET = "shapeRead"
[[mounts]]
path = "/days/{day:date}.json"
GET = "shapeDay"
[[mounts]]
path = "/files/{file:path}"
GET = "shapeFile"
DELETE = "shapeFile"
[[mounts]]
path = "/query"
GET = "shapeQuery"
errors = "message"
[[mounts]]
path = "/form"
POST = "shapeHttpPostForm"
PATCH = "shapeHttpEither"
GET = "shapeHttpEither"
[[mounts]]
path = "/one"
POST = "shapeOneOf"
errors = "problem"
[[mounts]]
path = "/head/{projectUid}"
GET = "shapeHttpGetHead"
POST = "shapeHead"
errors = "text"
[[mounts]]
path = "/ws"
GET = "shapeHead"
upgrade = "websocket"
errors = "detail"
[[mounts]]
path = "/upload"
POST = "shapeHttpPostUpload"
[[projects]]
uid = "p1"
"#;

fn start() -> Gateway {
    let setup = Setup::shapes().append(ROWS);
    setup.put("www/articles/1", b"a file of the same path");
    setup.put("www/articles/readme.txt", b"no article");
    setup.put("www/numbers/x", b"no number");
    setup.start()
}

fn ask(gateway: &Gateway, method: &str, target: &str, headers: &[&str], body: &[u8]) -> Reply {
    gateway.raw(&request(method, target, headers, body))
}

fn json_body(gateway: &Gateway, method: &str, target: &str, body: &Value) -> Reply {
    ask(gateway, method, target, &["Content-Type: application/json"], body.to_string().as_bytes())
}

fn saw(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.value()["saw"].as_str().unwrap().to_owned()
}

#[test]
fn a_row_says_where_each_parameter_comes_from() {
    let gateway = start();
    let headers = ["X-Request-Id: 7", "Cookie: session-token=t"];
    let reply = ask(&gateway, "GET", "/articles/5?verbose=yes&id=6", &headers, b"");
    assert_eq!(saw(&reply), "id=5 verbose=true x_request_id=Some(\"7\") token=Some(\"t\")");
    let body = json!({"title": "t", "tags": ["a"], "place": {"name": "here", "at": [1, 2.5]}});
    let reply = ask(
        &gateway,
        "PUT",
        "/articles/5/?verbose=0",
        &["Content-Type: application/vnd.x+json; charset=utf-8", "If-Match: \"x\"", "Cookie: theme=dark"],
        body.to_string().as_bytes(),
    );
    let expected = "id=5 verbose=Some(false) if_match=Some(\"\\\"x\\\"\") theme=Some(\"dark\") title=\"t\" tags=[\"a\"] \
                    place=Some(\"here (1.0, 2.5)\")";
    assert_eq!(saw(&reply), expected);
    let packed = rmp_serde::to_vec_named(&json!({"title": "t"})).unwrap();
    let reply = ask(&gateway, "PUT", "/articles/5", &["Content-Type: application/msgpack"], &packed);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/msgpack")));
    // The same by `POST /_`.
    let reply = gateway.json("shapeMixed", &json!({"id": 5, "title": "t", "verbose": true}));
    assert_eq!(saw(&reply), "id=5 verbose=Some(true) if_match=None theme=None title=\"t\" tags=[] place=None");
}

#[test]
fn what_is_wrong_is_named_with_its_source() {
    let gateway = start();
    assert_eq!(
        problems(&gateway.get("/articles/x?verbose=2")),
        ["path.id: expected int, got \"x\"", "query.verbose: expected bool, got \"2\""]
    );
    assert_eq!(problems(&gateway.get("/articles/-1")), ["path.id: expected int from 0 to 4294967295, got -1"]);
    let body = json!({"id": 6, "verbose": true, "theme": "x", "titel": 1, "tags": [1]});
    assert_eq!(
        problems(&json_body(&gateway, "PUT", "/articles/5", &body)),
        [
            "body.id: unknown property; it belongs to the path",
            "body.verbose: unknown property; it belongs to the query",
            "body.theme: unknown property; it belongs to the cookies",
            "body.titel: unknown property; did you mean `title`?",
            "body.tags[0]: expected str, got int",
            "body.title: required property is missing",
        ]
    );
    for (body, expected) in
        [("[]", "body: expected MixedParams, got list"), ("5", "body: expected MixedParams, got int")]
    {
        let reply = ask(&gateway, "PUT", "/articles/5", &["Content-Type: application/json"], body.as_bytes());
        assert_eq!(problems(&reply), [expected.replace("MixedParams", "object")], "{body}");
    }
    for body in ["{", "{\"title\": \"x\"} x", "", "\u{feff}{}"] {
        let reply = ask(&gateway, "PUT", "/articles/5", &["Content-Type: application/json"], body.as_bytes());
        assert_eq!(reply.status, 400, "{body}");
    }
    let reply = ask(&gateway, "PUT", "/articles/5", &["Content-Type: application/json"], b"{\"title\": \"\xff\"}");
    assert_eq!((reply.status, reply.info().as_str()), (400, "the body is not UTF-8"));
    let reply = ask(&gateway, "PUT", "/articles/5", &["Content-Type: text/plain"], b"x");
    let info = "the body has to be application/json or application/msgpack; set Content-Type accordingly";
    assert_eq!((reply.status, reply.info().as_str()), (415, info));
    let reply = ask(&gateway, "PUT", "/articles/5", &[], b"x");
    assert_eq!(reply.status, 415);
    gateway.assert_well();
}

#[test]
fn the_most_special_row_answers_and_rows_come_before_files() {
    let gateway = start();
    assert_eq!(gateway.get("/articles/new").value(), json!({"id": 1, "title": "first"}));
    assert_eq!(saw(&gateway.get("/articles/1")), "id=1 verbose=false x_request_id=None token=None");
    // Twice, since what is a file is remembered by its path.
    for _ in 0..2 {
        assert_eq!(problems(&gateway.get("/articles/readme.txt")), ["path.id: expected int, got \"readme.txt\""]);
        // What a placeholder's kind does not hold matches no row.
        assert_eq!(gateway.get("/numbers/x").text(), "no number");
    }
    assert_eq!(saw(&gateway.get("/numbers/12")), "id=12 verbose=false x_request_id=None token=None");
    assert_eq!(gateway.get("/numbers/1x").status, 404);
    assert_eq!(saw(&gateway.get("/days/2026-01-31.json")), "2026-01-31");
    assert_eq!(gateway.get("/days/2026-02-30.json").status, 404);
    assert_eq!(gateway.get("/days/2026-01-31").status, 404);
}

#[test]
fn placeholders_are_decoded_once_and_a_last_one_takes_all() {
    let gateway = start();
    for (target, expected) in [
        ("/files/a", "a"),
        ("/files/a/b/c.txt", "a/b/c.txt"),
        ("/files/%2525", "%25"),
        ("/files/gr%C3%B6%C3%9Fe/", "größe"),
        ("/files//a/./b/../c", "a/c"),
        ("/files/a%3Fb%23c?x=y", "a?b#c"),
        ("/x/../files/a+b", "a+b"),
    ] {
        assert_eq!(saw(&gateway.get(target)), expected, "{target}");
    }
    // What is one segment for some and two for others leads nobody astray: it is no path of theirs.
    for target in ["/files", "/files/", "/files/..", "/files/a%2Fb/c", "/files/a%2f..%2Fb", "/files/a%5Cb"] {
        assert_eq!(gateway.get(target).status, 404, "{target}");
    }
    assert_eq!(gateway.get("/files/%ff").status, 400);
}

#[test]
fn the_row_counts_whose_kinds_and_method_fit() {
    let rows =
        [("/k/{id:int}", "GET", "shapeRead"), ("/k/{day:date}", "GET", "shapeDay"), ("/k/{id}", "DELETE", "shapeRead")];
    let table =
        rows.map(|(path, method, command)| format!("[[mounts]]\npath = \"{path}\"\n{method} = \"{command}\"\n"));
    let gateway = Setup::shapes().append(&table.concat()).start();
    let plain = |method: &str, target: &str| ask(&gateway, method, target, &[], b"");
    assert!(saw(&plain("GET", "/k/5")).starts_with("id=5 "));
    assert!(saw(&plain("GET", "/k/2026-01-31")).contains("2026-01-31"));
    assert!(saw(&plain("DELETE", "/k/5")).starts_with("id=5 "));
    for (method, target, allow) in
        [("GET", "/k/x", "DELETE"), ("PUT", "/k/5", "GET, HEAD, DELETE"), ("PUT", "/k/x", "DELETE")]
    {
        let reply = plain(method, target);
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allow)), "{method} {target}");
    }
    assert_eq!(problems(&plain("DELETE", "/k/x")), ["path.id: expected int, got \"x\""]);
}

#[test]
fn methods_without_a_row_are_405_with_those_that_have_one() {
    let gateway = start();
    for (method, target, allow) in [
        ("POST", "/articles/5", "GET, HEAD, PUT"),
        ("DELETE", "/articles/5", "GET, HEAD, PUT"),
        ("OPTIONS", "/articles/5", "GET, HEAD, PUT"),
        ("GET", "/cs_api/reset", "POST"),
        ("PUT", "/form", "GET, HEAD, POST, PATCH"),
        ("POST", "/files/a/b", "GET, HEAD, DELETE"),
        ("BREW", "/ws", "GET, HEAD"),
    ] {
        let reply = ask(&gateway, method, target, &[], b"");
        let mut told: Vec<_> = reply.header("allow").unwrap_or_default().split(", ").collect();
        let mut expected: Vec<_> = allow.split(", ").collect();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!((reply.status, told), (405, expected), "{method} {target}");
    }
    let head = request("HEAD", "/articles/5", &[], b"");
    assert_eq!(gateway.connect().send(&head).reply_to_head().unwrap().status, 200);
    // Without a mount it is as ever.
    for target in ["/elsewhere", "/articles", "/articles/5/6", "/xs_api/reset"] {
        let reply = ask(&gateway, "POST", target, &[], b"");
        assert_eq!((reply.status, reply.header("allow")), (400, Some("GET, HEAD, POST")), "{target}");
    }
    // Nothing is mounted there, whatever a row matches.
    let reply = gateway.get("/_x/reset");
    assert_eq!((reply.status, reply.info().as_str()), (404, "there is nothing here: commands are at /_"));
}

#[test]
fn the_rest_of_the_query_may_be_one_parameter() {
    let gateway = start();
    // As curl's `-d ''` has it: a form without content, which is none.
    let form = "Content-Type: application/x-www-form-urlencoded";
    for (target, expected) in [
        ("/cs_api/reset", "cs_api reset {}"),
        ("/ev_api/state?ready=true&n=1", "ev_api state {\"n\": \"1\", \"ready\": \"true\"}"),
        ("/ev_api/state/?a=1&a=2&b=", "ev_api state {\"a\": \"2\", \"b\": \"\"}"),
        ("/ev_api/a%20b?command=x&api=y&localeUid=de", "ev_api a b {}"),
    ] {
        assert_eq!(saw(&ask(&gateway, "POST", target, &[form], b"")), expected, "{target}");
    }
    // No parameter is in the body, so that nobody looks at it.
    let reply = ask(&gateway, "POST", "/cs_api/reset", &["Content-Type: text/csv"], b"a,b");
    assert_eq!(saw(&reply), "cs_api reset {}");
}

#[test]
fn forms_are_mounted_as_well() {
    let gateway = start();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let expected = "title=\"x\" num=Some(1) numbers=[] lang=Some(\"de\")";
    assert_eq!(saw(&ask(&gateway, "POST", "/form?lang=de", &[form], b"title=x&num=1&lang=en")), expected);
    assert_eq!(saw(&ask(&gateway, "PATCH", "/form?lang=de", &[form], b"title=x&num=1")), expected);
    assert_eq!(
        problems(&ask(&gateway, "POST", "/form?title=y", &[form], b"num=x")),
        ["form.num: expected int, got \"x\"", "form.title: required parameter is missing"]
    );
    let reply = json_body(&gateway, "POST", "/form", &json!({"title": "x"}));
    let info =
        "the body has to be application/x-www-form-urlencoded or multipart/form-data; set Content-Type accordingly";
    assert_eq!((reply.status, reply.info().as_str()), (415, info));
    let body =
        b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; \
                 name=\"picture\"; filename=\"p\"\r\n\r\n12345\r\n--b--\r\n";
    let reply = ask(&gateway, "POST", "/upload", &["Content-Type: multipart/form-data; boundary=b"], body);
    assert_eq!((reply.status, &reply.value()["bytes"]), (200, &json!(5)));
}

#[test]
fn errors_are_told_in_the_row_s_own_way() {
    let gateway = start();
    let page = "Accept: text/html";
    // A validation, an unknown method, and what the row itself refuses.
    let reply = gateway.get("/query");
    let expected = "the parameters do not fit the command: query.num: required parameter is missing";
    assert_eq!((reply.status, reply.value()), (400, json!({ "message": expected })));
    let reply = ask(&gateway, "GET", "/query", &[page], b"");
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/json")));
    let reply = ask(&gateway, "GET", "/query", &["Accept: application/msgpack"], b"");
    assert_eq!(rmp_serde::from_slice::<Value>(&reply.body).unwrap(), json!({ "message": expected }));
    let reply = ask(&gateway, "GET", "/query", &["Accept: application/problem+json"], b"");
    let told = (
        reply.header("content-type"),
        serde_json::from_slice::<Value>(&reply.body).unwrap()["errors"][0]["pointer"].clone(),
    );
    assert_eq!(told, (Some("application/problem+json"), json!("#/query/num")));
    let reply = ask(&gateway, "DELETE", "/query", &[], b"");
    assert_eq!(
        (reply.status, reply.value()),
        (405, json!({"message": "this path answers GET, HEAD, and nothing else"}))
    );

    let reply = ask(&gateway, "GET", "/cs_api/reset", &[], b"");
    assert_eq!(reply.value(), json!({"detail": "this path answers POST, and nothing else"}));
    let reply = json_body(&gateway, "POST", "/one", &json!({"kind": "square"}));
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")));
    let reply = gateway.get("/head/p2");
    let told = (reply.status, reply.header("content-type"), reply.text());
    assert_eq!(told, (404, Some("text/plain; charset=utf-8"), "there is no project \"p2\""));
    // The gateway's own way knows pages.
    let reply = ask(&gateway, "GET", "/articles/x", &[page], b"");
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("text/html; charset=utf-8")));
}

#[test]
fn a_row_for_another_protocol_is_426_without_it() {
    let gateway = start();
    for headers in
        [&[][..], &["Upgrade: websocket"], &["Connection: Upgrade"], &["Upgrade: h2c", "Connection: Upgrade"]]
    {
        let reply = ask(&gateway, "GET", "/ws", headers, b"");
        assert_eq!((reply.status, reply.header("upgrade")), (426, Some("websocket")), "{headers:?}");
        assert_eq!(reply.value(), json!({"detail": "this path is for `Upgrade: websocket` alone"}));
    }
    let reply = ask(&gateway, "GET", "/ws", &["Upgrade: WebSocket", "Connection: keep-alive, Upgrade"], b"");
    assert_eq!((reply.status, &reply.value()["route"]), (200, &json!("/ws")));
}

#[test]
fn the_pipeline_is_the_same_by_either_way() {
    let gateway = start();
    let seen = gateway.get("/head/p1?q=1").value();
    let told = (&seen["method"], &seen["path"], &seen["route"], &seen["command"]);
    assert_eq!(told, (&json!("GET"), &json!("/head/p1"), &json!("/head/{projectUid}"), &json!("shapeHttpGetHead")));
    assert_eq!(json_body(&gateway, "POST", "/head/p1", &json!({})).value()["command"], "shapeHead");
    let denied = Setup::shapes().access("allow user, deny all").append(ROWS).start();
    for target in ["/articles/5", "/articles/x", "/query"] {
        assert_eq!(denied.get(target).status, 403, "{target}");
    }
    assert_eq!(denied.get("/nothing").status, 404);
}

#[test]
fn an_action_suggests_its_own_rows() {
    let gateway =
        Setup::shapes().append("[[mounts]]\npath = \"/shapes\"\nuse = \"shape\"\nerrors = \"text\"\n").start();
    assert_eq!(saw(&gateway.get("/shapes/3")), "id=3 verbose=false x_request_id=None token=None");
    let reply = json_body(&gateway, "PUT", "/shapes/3", &json!({"title": "x"}));
    assert!(saw(&reply).starts_with("id=3 "));
    let reply = json_body(&gateway, "POST", "/shapes/query?num=1", &json!({}));
    assert_eq!(saw(&reply), "num=1 other=7 words=[] numbers=[1, 2] flag=None day=None");
    assert_eq!(gateway.get("/shapes/x").header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn rewriting_comes_first_and_a_reload_swaps_the_table() {
    let rule = "[[sites.rewriteRules]]\npattern = '^/old/(\\d+)$'\ntarget = '/articles/$1?verbose=1'\n";
    let toml = format!("[[sites]]\n{rule}[[actions]]\ntype = \"shape\"\n{ROWS}");
    let gateway = Setup::shapes().sites_and_actions(&toml).start();
    assert_eq!(saw(&gateway.get("/old/4")), "id=4 verbose=true x_request_id=None token=None");
    gateway.change_config("path = \"/query\"", "path = \"/other\"");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!((gateway.get("/query").status, gateway.get("/other?num=1").status), (404, 200));
    gateway.change_config("GET = \"shapeQuery\"", "GET = \"shapeQuary\"");
    let (code, _, told) = gateway.run(&["reload"]);
    assert_eq!(code, 1);
    assert!(told.contains("there is no command `shapeQuary`; did you mean `shapeQuery`?"), "{told}");
    assert_eq!(gateway.get("/other?num=1").status, 200);
}

#[test]
fn mistakes_are_told_at_their_place() {
    let rows = [
        ("path = \"articles\"\nGET = \"shapeRecord\"", "path: a path starts with `/`; got `articles`"),
        (
            "path = \"/_/x\"\nGET = \"shapeRecord\"",
            "path: paths that start with `/_` are commands' own, and never mounted",
        ),
        (
            "path = \"/a/{id:number}\"\nGET = \"shapeRead\"",
            "path: `number` is no kind of placeholder; there are int, float, date, uuid and path",
        ),
        (
            "path = \"/gws-client/x\"\nGET = \"shapeRecord\"",
            "path: `/gws-client/x` is below the `clientPath` of a site, and never mounted",
        ),
        (
            "path = \"/b\"",
            "nothing is mounted here: name a command by its method, as in `GET = \"…\"`, or an action by `use`",
        ),
        ("path = \"/c\"\nGET = \"shapeRecrod\"", "GET: there is no command `shapeRecrod`; did you mean `shapeRecord`?"),
        ("path = \"/d\"\nuse = \"shapes\"", "use: there is no action `shapes`; there are: `auth`, `example`, `shape`"),
        (
            "path = \"/e\"\nuse = \"auth\"",
            "use: the action `auth` suggests no mounts; name its commands by their methods",
        ),
        (
            "path = \"/f/{number}\"\nGET = \"shapeRecord\"",
            "GET: the placeholder `{number}` is no parameter of `shapeRecord`",
        ),
        ("path = \"/g\"\nGET = \"shapeRead\"", "GET: `id` of `shapeRead` comes from the path, which has no `{id}`"),
        ("path = \"/h\"\nPOST = \"shapeHttpGetQuery\"", "POST: `shapeHttpGetQuery` answers GET alone"),
        (
            "path = \"/i\"\nGET = \"shapeHttpPostForm\"",
            "GET: `shapeHttpPostForm` takes a form: mount it as POST, PUT or PATCH",
        ),
        (
            "path = \"/j\"\nDELETE = \"shapeHttpEither\"",
            "DELETE: `shapeHttpEither` answers GET and forms: mount it as GET, POST, PUT or PATCH",
        ),
        (
            "path = \"/k\"\nGET = \"shapeOneOf\"",
            "GET: the parameters of `shapeOneOf` are one of several types, so that all come from the body",
        ),
        (
            "path = \"/l\"\nPOST = \"shapeRelay\"\nrest = \"api\"",
            "POST: `rest` names a map among the parameters of `shapeRelay`, which `api` is not",
        ),
        (
            "path = \"/m/{api}/{command}\"\nwhere = { apo = [\"x\"] }\nPOST = \"shapeRelay\"",
            "where.apo: `/m/{api}/{command}` has no placeholder `{apo}`",
        ),
        (
            "path = \"/n/{api}/{command}\"\nwhere = { api = [] }\nPOST = \"shapeRelay\"",
            "where.api: expected at least one value, and no more than 1000 paths in all",
        ),
        (
            "path = \"/o/{api}/{command}\"\nwhere = { api = [\"a/b\"] }\nPOST = \"shapeRelay\"",
            "where.api: expected values that are segments of a path, as they read decoded; got `a/b`",
        ),
        (
            "path = \"/p\"\nPOST = \"shapeRecord\"\nupgrade = \"websocket\"",
            "upgrade: only GET asks for another protocol: name its command by `GET`",
        ),
        (
            "path = \"/q\"\nGET = \"shapeRecord\"\nerrors = \"details\"",
            "errors: expected one of \"gateway\", \"detail\", \"message\", \"text\", \"problem\", got \"details\"",
        ),
        ("path = \"/r\"\nget = \"shapeRecord\"", "get: unknown property; did you mean `GET`?"),
        ("path = \"/s/{id}\"\nGET = \"shapeRead\"", ""),
        (
            "path = \"/s/{number}/\"\nGET = \"shapeRecord\"",
            "GET: the placeholder `{number}` is no parameter of `shapeRecord`",
        ),
        ("path = \"/s/{id}/\"\nGET = \"shapeRead\"", "GET: `GET /s/{id}` is the same as `GET /s/{id}` ("),
        (
            "path = \"/v/{id:int}\"\nwhere = { id = [\"1\", \"x\"] }\nGET = \"shapeRead\"",
            "where.id: `x` is no int as `{id}` wants it",
        ),
        (
            "path = \"/w\"\nPOST = \"shapeUpload\"",
            "POST: there is no command `shapeUpload`; did you mean `shapeHttpPostUpload`?",
        ),
        ("path = \"/t/{file:path}\"\nGET = \"shapeFile\"", ""),
        ("path = \"/t/{id}\"\nGET = \"shapeRead\"", "GET: `GET /t/{id}` collides with `GET /t/{file}` ("),
        (
            "path = \"/u/{id}{id}\"\nGET = \"shapeRead\"",
            "path: a segment is a text, or one placeholder such as `{id}` with texts around it; got `{id}{id}`",
        ),
    ];
    let table: String = rows.iter().map(|(row, _)| format!("[[mounts]]\n{row}\n")).collect();
    let setup = Setup::shapes().append(&table);
    setup.write_config();
    let (code, _, told) = setup.run(&["check"]);
    assert_eq!(code, 1);
    for (number, (row, problem)) in rows.iter().enumerate().filter(|(_, (_, problem))| !problem.is_empty()) {
        let path = format!("mounts[{number}]");
        let is_told = |line: &str| {
            line.contains(&format!(": {path}.{problem}")) || line.contains(&format!(": {path}: {problem}"))
        };
        assert!(told.lines().any(is_told), "{row}\n{problem}\n{told}");
    }
    let count = rows.iter().filter(|(_, problem)| !problem.is_empty()).count();
    assert_eq!(told.lines().filter(|line| line.contains(": mounts[")).count(), count + 1, "{told}");
    assert_eq!(setup.refused(), told);
}

#[test]
fn rows_that_overlap_and_files_that_are_hidden_are_warned_of() {
    let setup = Setup::shapes().append(ROWS);
    setup.put("www/articles/1", b"hidden");
    setup.put("www/articles/deeper/1", b"not hidden");
    setup.put("www/files/a/b.txt", b"hidden");
    setup.put("www/cs_api/x", b"hidden from nobody but who posts");
    setup.put("www/index.html", b"not hidden");
    setup.write_config();
    let (code, out, told) = setup.run(&["check"]);
    assert_eq!(code, 0, "{told}");
    assert!(out.contains("fine"), "{out}");
    let warnings: Vec<_> = told.lines().filter(|line| line.starts_with("warning: ")).collect();
    let has = |parts: &[&str]| warnings.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(has(&["`GET /articles/{id}` also matches paths of `GET /articles/new`", "mounts[0]"]), "{told}");
    assert!(has(&["www/articles/1", "is never served", "`GET /articles/{id}`"]), "{told}");
    assert!(has(&["www/files/a/b.txt", "`GET /files/{file}`"]), "{told}");
    assert!(has(&["www/cs_api/x", "`POST /cs_api/{command}`"]), "{told}");
    assert_eq!(warnings.len(), 4, "{told}");
}

#[test]
fn explain_shows_the_row() {
    let setup = Setup::shapes().append(ROWS);
    setup.write_config();
    let explain = |arguments: &[&str]| {
        let (code, out, told) = setup.run(&[&["explain"], arguments].concat());
        assert_eq!(code, 0, "{told}");
        out
    };
    let told = explain(&["/articles/5"]);
    assert!(told.contains("mount    `GET /articles/{id}` (") && told.ends_with("=> call shapeRead\n"), "{told}");
    let told = explain(&["/articles/x"]);
    assert!(told.contains("path.id: expected int, got \"x\"") && told.contains("=> 400"), "{told}");
    let told = explain(&["-X", "DELETE", "/articles/5"]);
    assert!(told.contains("answers GET, HEAD, PUT") && told.contains("=> 405"), "{told}");
    let told = explain(&["/ws"]);
    assert!(told.contains("=> 426"), "{told}");
    let told = explain(&["-H", "Upgrade: websocket", "-H", "Connection: upgrade", "/ws"]);
    assert!(told.ends_with("=> call shapeHead\n"), "{told}");
    let told = explain(&["/nowhere"]);
    assert!(told.contains("mount    no row matches the path"), "{told}");
}

#[test]
fn ten_thousand_rows_are_a_table_like_any_other() {
    let rows: String = (0..10_000)
        .map(|number| {
            format!("[[mounts]]\npath = \"/part{}/{{id}}/step{number}\"\nGET = \"shapeRead\"\n", number % 100)
        })
        .collect();
    let setup = Setup::shapes().append(&rows);
    fs::create_dir_all(setup.www()).unwrap();
    let gateway = setup.start();
    for number in [0, 99, 5050, 9999] {
        let target = format!("/part{}/{number}/step{number}", number % 100);
        assert!(saw(&gateway.get(&target)).starts_with(&format!("id={number} ")));
    }
    assert_eq!(gateway.get("/part1/1/step2").status, 404);
}
