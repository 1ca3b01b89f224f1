//! The action as callers see it, on folders of the tests' own.

use std::{fs, os::unix::fs::symlink, path::Path};

use tempfile::TempDir;
use wicketgate_action::{
    serde_json::{Value, json},
    testing::{Reply, Tester},
};

use super::Asset;

/// Two folders, of a project and of the application, in one that is nobody's business.
fn folders() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("project/style.css", "project"),
        ("project/app.css/note.css", "no file"),
        ("app/style.css", "app"),
        ("app/app.css", "app"),
        ("app/icons/a b \u{e4}.svg", "<svg/>"),
        ("app/icons/..svg", "hidden"),
        ("app/.hidden.css", "hidden"),
        ("app/.git/x.css", "hidden"),
        ("app/notes.txt", "notes"),
        ("app/program", "program"),
        ("app/SHOUT.CSS", "loud"),
        ("secret.css", "secret"),
        ("app2/secret.css", "secret"),
    ] {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    for (target, link) in [
        ("../secret.css", "out.css"),
        ("..", "up"),
        ("style.css", "same.css"),
        (".hidden.css", "shown.css"),
        ("notes.txt", "notes.css"),
        ("nothing", "broken.css"),
        ("loop.css", "loop.css"),
        ("/", "root"),
    ] {
        symlink(target, dir.path().join("app").join(link)).unwrap();
    }
    dir
}

fn action(dir: &Path, more: Value) -> Tester<Asset> {
    let mut config = json!({"dirs": [dir.join("project"), dir.join("app")]});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Tester::new(config).unwrap()
}

fn get(asset: &Tester<Asset>, path: &str) -> Reply {
    asset.get("assetHttpGetPath", &[("path", path)])
}

/// What is in the file that was found; the status if there is none.
fn text(reply: &Reply) -> String {
    match reply.status {
        200 => fs::read_to_string(std::str::from_utf8(&reply.body).unwrap()).unwrap(),
        status => format!("{status} {}", reply.info),
    }
}

#[test]
fn the_first_folder_that_has_the_file_counts() {
    let dir = folders();
    let asset = action(dir.path(), json!({}));
    for (path, expected) in [
        ("style.css", "project"),
        ("same.css", "app"),
        // A folder is no file, wherever it is.
        ("app.css", "app"),
        ("app.css/note.css", "no file"),
        ("icons/a b \u{e4}.svg", "<svg/>"),
        ("SHOUT.CSS", "loud"),
    ] {
        assert_eq!(text(&get(&asset, path)), expected, "{path}");
    }
}

#[test]
fn whatever_may_not_be_seen_is_missing_in_the_same_words() {
    let dir = folders();
    let asset = action(dir.path(), json!({}));
    let root = dir.path().join("app/style.css");
    for path in [
        "",
        "/",
        ".",
        "..",
        "./style.css",
        "../secret.css",
        "icons/../style.css",
        "icons/../../secret.css",
        "../app/style.css",
        "../app2/secret.css",
        "/style.css",
        "//style.css",
        "style.css/",
        "icons//x.svg",
        "icons",
        "style.css/.",
        "up/secret.css",
        "..\\secret.css",
        "icons\\..\\style.css",
        "style.css\0",
        "\0",
        ".hidden.css",
        ".git/x.css",
        "icons/..svg",
        "out.css",
        "shown.css",
        "notes.css",
        "notes.txt",
        "program",
        "broken.css",
        "loop.css",
        "root/etc/passwd",
        "%2e%2e/secret.css",
        "nothing.css",
        "nothing/style.css",
        "style.css ",
        "shout.css",
        root.to_str().unwrap(),
        &"a/".repeat(500),
        &"x".repeat(1000),
    ] {
        assert_eq!(text(&get(&asset, path)), "404 there is no such thing here", "{path:?}");
    }
    assert_eq!(get(&asset, &"x".repeat(1025)).status, 400);
}

#[test]
fn media_types_are_allowed_and_denied_and_denial_wins() {
    let dir = folders();
    let (css, txt, svg, program) = ("style.css", "notes.txt", "icons/a b \u{e4}.svg", "program");
    for (allow, deny, seen) in [
        (json!([]), json!([]), [true, false, true, false]),
        (json!(["text/*"]), json!([]), [true, true, false, false]),
        (json!(["text/*"]), json!(["text/css"]), [false, true, false, false]),
        (json!(["TEXT/PLAIN", "image/svg+xml"]), json!([]), [false, true, true, false]),
        (json!(["text/css"]), json!(["text/*"]), [false; 4]),
        (json!(["*/*"]), json!([]), [true; 4]),
        (json!(["*/*"]), json!(["*/*"]), [false; 4]),
        (json!([]), json!(["image/*"]), [true, false, false, false]),
        (json!(["application/octet-stream"]), json!([]), [false, false, false, true]),
        (json!(["tex/*", "text/c"]), json!([]), [false; 4]),
    ] {
        let asset = action(dir.path(), json!({"allowMime": allow, "denyMime": deny}));
        let got = [css, txt, svg, program].map(|path| get(&asset, path).status == 200);
        assert_eq!(got, seen, "{allow} but {deny}");
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let dir = folders();
    let config = |dirs: Value, allow: &str| Tester::<Asset>::new(json!({"dirs": dirs, "allowMime": [allow]})).map(drop);
    let app = dir.path().join("app");
    let missing = dir.path().join("missing");
    let told = config(json!([app, missing]), "text/*").unwrap_err();
    assert!(told.starts_with(&format!("dirs: there is no folder {}: ", missing.display())), "{told}");
    assert!(config(json!([app.join("style.css")]), "text/*").unwrap_err().ends_with("this is no folder"));
    assert!(config(json!([]), "text/*").unwrap_err().starts_with("dirs: expected"));
    for wrong in ["", "text", "text/", "/css", "*", "*/css", "text/*; q=1", "te*t/css", "text/css/x", "text/c*"] {
        let told = config(json!([app]), wrong).unwrap_err();
        assert!(told.starts_with("allowMime[0]: expected a text that matches"), "{wrong:?}: {told}");
    }
}

#[test]
fn copies_are_asked_about_each_time() {
    let dir = folders();
    let reply = get(&action(dir.path(), json!({})), "style.css");
    assert_eq!(reply.headers, [("Cache-Control".to_owned(), "private, no-cache".to_owned())]);
}
