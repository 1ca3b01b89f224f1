//! The action `asset`: which file is sent, and that nothing else ever is.

use std::os::unix::fs::symlink;

use serde_json::json;
use wicketgate_tests::{Gateway, Reply, Setup, request};

/// The application's folder, and a project's before it.
const ACTIONS: &str = r#"
[[actions]]
type = "asset"
dirs = ["assets/app"]
[[projects]]
uid = "p1"
[[projects.actions]]
type = "asset"
dirs = ["assets/p1", "assets/app"]
"#;

fn with_files(setup: Setup) -> Setup {
    for (path, text) in [
        ("assets/app/both.css", "application"),
        ("assets/app/app.css", "application"),
        ("assets/app/icons/a b.svg", "<svg/>"),
        ("assets/app/.hidden.css", "secret"),
        ("assets/app/.git/config.css", "secret"),
        ("assets/app/key.pem", "secret"),
        ("assets/p1/both.css", "project"),
        ("assets/p1/own.css", "project"),
        ("assets/application/other.css", "secret"),
        ("secret.css", "secret"),
    ] {
        setup.put(path, text.as_bytes());
    }
    for (target, link) in [("../../secret.css", "out.css"), ("..", "up"), (".hidden.css", "shown.css"), ("/", "root")] {
        symlink(target, setup.dir().join("assets/app").join(link)).unwrap();
    }
    setup
}

fn start() -> Gateway {
    with_files(Setup::bundled().append(ACTIONS)).start()
}

/// A text as it can stand in a URL, whatever is in it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn get(gateway: &Gateway, path: &str) -> Reply {
    gateway.get(&format!("/_/cmd/assetHttpGetPath?path={}", encoded(path)))
}

#[test]
fn the_project_s_folder_comes_before_the_application_s() {
    let gateway = start();
    for (path, application, project) in [
        ("both.css", "application", "project"),
        ("app.css", "application", "application"),
        ("own.css", "404", "project"),
        ("icons/a b.svg", "<svg/>", "<svg/>"),
        ("none.css", "404", "404"),
    ] {
        for (uid, expected) in [("", application), ("p1", project)] {
            let path = encoded(path);
            for target in [
                format!("/_/cmd/assetHttpGetPath?path={path}&projectUid={uid}"),
                format!("/_/cmd/assetHttpGetPath/path/{path}?projectUid={uid}"),
                format!("/_?cmd=assetHttpGetPath&path={path}&projectUid={uid}"),
            ] {
                let reply = gateway.get(&target);
                let got = if reply.status == 200 { reply.text().to_owned() } else { reply.status.to_string() };
                assert_eq!(got, expected, "{target}");
            }
        }
    }
    assert_eq!(get(&gateway, "both.css").header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(get(&gateway, "icons/a b.svg").header("content-type"), Some("image/svg+xml"));
}

#[test]
fn a_file_is_sent_with_conditions_ranges_and_a_name() {
    let gateway = start();
    let ask = |headers: &[&str]| {
        gateway.raw(&request("GET", "/_/cmd/assetHttpGetPath/path/app.css?download=yes", headers, b""))
    };
    let whole = ask(&[]);
    assert_eq!((whole.status, whole.text()), (200, "application"));
    assert_eq!(whole.header("content-disposition"), Some("attachment; filename=\"app.css\""));
    assert_eq!(whole.header("cache-control"), Some("private, no-cache"));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    let same = ask(&[&format!("If-None-Match: {}", whole.header("etag").unwrap())]);
    assert_eq!((same.status, same.text()), (304, ""));
    let part = ask(&["Range: bytes=0-2"]);
    assert_eq!((part.status, part.text()), (206, "app"));
    assert_eq!(get(&gateway, "app.css").header("content-disposition"), None);
}

/// None of these is a file that may be seen.
const HOSTILE: &[&str] = &[
    "",
    "/",
    ".",
    "..",
    "../../secret.css",
    "../application/other.css",
    "../p1/own.css",
    "icons/../app.css",
    "icons/../../../secret.css",
    "./app.css",
    "app.css/",
    "app.css/.",
    "/app.css",
    "//app.css",
    "icons//a b.svg",
    "icons",
    "/etc/passwd",
    "root/etc/passwd",
    "up/p1/own.css",
    "out.css",
    "shown.css",
    ".hidden.css",
    ".git/config.css",
    "key.pem",
    "..\\..\\secret.css",
    "icons\\..\\app.css",
    "app.css\0.svg",
    "app.css%00",
    "%2e%2e/%2e%2e/secret.css",
    "..%2f..%2fsecret.css",
    "\u{ff0e}\u{ff0e}/secret.css",
    "..;/secret.css",
    "file:///etc/passwd",
    "~/secret.css",
    "app.css ",
    "APP.CSS",
];

#[test]
fn whatever_may_not_be_seen_is_missing_in_the_same_words() {
    let gateway = start();
    let missing = get(&gateway, "none.css").info();
    for path in HOSTILE {
        for target in [
            format!("/_/cmd/assetHttpGetPath?path={}", encoded(path)),
            format!("/_/cmd/assetHttpGetPath/path/{}", encoded(path)),
        ] {
            let reply = gateway.get(&target);
            assert!(!reply.text().contains("secret") && !reply.text().contains("root:"), "{target}: {}", reply.text());
            // NUL is refused in any path of a URL; dots mean in it what they always mean, and nothing is no value.
            let refused = target.contains("/path/") && (["", ".", ".."].contains(path) || path.contains('\0'));
            assert_eq!(reply.status, if refused { 400 } else { 404 }, "{target}");
            assert!(refused || reply.info() == missing, "{target}: {}", reply.info());
        }
    }
    assert_eq!(get(&gateway, &"a/".repeat(400)).status, 404);
    assert_eq!(get(&gateway, &"a".repeat(1025)).status, 400);
    assert_eq!(gateway.get("/_/cmd/assetHttpGetPath").error()["details"][0]["path"], "params.path");
    // A command that is called by GET is called by nothing else.
    assert_eq!(gateway.json("assetHttpGetPath", &json!({"path": "app.css"})).status, 404);
    gateway.assert_well();
}

#[test]
fn media_types_are_allowed_and_denied() {
    for (keys, css, svg, pem) in [
        ("", 200, 200, 404),
        ("allowMime = [\"image/*\"]", 404, 200, 404),
        ("allowMime = [\"text/css\", \"application/*\"]", 200, 404, 200),
        ("allowMime = [\"*/*\"]", 200, 200, 200),
        ("denyMime = [\"image/*\"]", 200, 404, 404),
        ("allowMime = [\"image/*\", \"text/*\"]\ndenyMime = [\"image/svg+xml\"]", 200, 404, 404),
    ] {
        let action = format!("[[actions]]\ntype = \"asset\"\ndirs = [\"assets/app\"]\n{keys}\n");
        let gateway = with_files(Setup::bundled().append(&action)).start();
        let got = ["app.css", "icons/a b.svg", "key.pem"].map(|path| get(&gateway, path).status);
        assert_eq!(got, [css, svg, pem], "{keys}");
    }
}

#[test]
fn a_folder_belongs_to_the_file_that_names_it() {
    let setup = Setup::bundled().append("[[actions]]\ntype = \"asset\"\ndirs = [\"files\", \".\"]\n");
    setup.put("files/own.css", b"main");
    setup.put("beside.css", b"beside");
    setup.put("parts/files/own.css", b"part");
    setup.put(
        "parts/p.toml",
        b"[[projects]]\nuid = \"p\"\n[[projects.actions]]\ntype = \"asset\"\ndirs = [\"files\", \"..\"]\n",
    );
    let gateway = setup.start();
    gateway.change_config("access = \"allow all\"", "include = [\"parts/*.toml\"]\naccess = \"allow all\"");
    let (code, _, said) = gateway.run(&["reload"]);
    assert_eq!(code, 0, "{said}");
    for (path, application, project) in [("own.css", "main", "part"), ("beside.css", "beside", "beside")] {
        assert_eq!(get(&gateway, path).text(), application);
        assert_eq!(gateway.get(&format!("/_/cmd/assetHttpGetPath/path/{path}?projectUid=p")).text(), project);
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    for (keys, expected) in [
        ("dirs = [\"assets/none\"]", "dirs: there is no folder "),
        ("dirs = [\"secret.css\"]", "this is no folder"),
        ("dirs = []", "actions[3].dirs: expected"),
        ("", "actions[3].dirs: required property is missing"),
        ("dirs = [\"\"]", "actions[3].dirs[0]: expected a path"),
        ("dirs = [\"assets/app\"]\ndenyMime = [\"css\"]", "actions[3].denyMime[0]: expected a text that matches"),
    ] {
        let setup = with_files(Setup::bundled().append(&format!("[[actions]]\ntype = \"asset\"\n{keys}\n")));
        let said = setup.refused();
        assert!(said.contains(expected), "{keys}: {said}");
    }
}
