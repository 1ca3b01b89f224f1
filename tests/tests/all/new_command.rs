//! `wicketgate new`: a plugin outside of the repository, built, tested, asked for its spec, served and called.

use std::{fs, path::Path, process::Command};

use serde_json::json;
use wicketgate_tests::{Setup, build_dir, wicketgate};

fn sdk() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../actions/sdk").to_str().unwrap().to_owned()
}

#[test]
fn a_new_plugin_builds_and_answers_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    let made = wicketgate(&["new", "my-greeter", "--dir", place, "--sdk-path", &sdk()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = dir.path().join("my-greeter");
    // With what these tests were built from, so that nothing is downloaded.
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = build_dir().join("new-plugin");
    let cargo = |arguments: &[&str]| {
        let output = Command::new("timeout")
            .args(["--kill-after=5", "300", "cargo"])
            .args(arguments)
            .arg("--offline")
            .env("CARGO_TARGET_DIR", &target)
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("warning: unused"), "{said}");
        said + &String::from_utf8_lossy(&output.stdout)
    };
    cargo(&["build"]);
    assert!(cargo(&["test"]).contains("test tests::people_are_greeted_by_name ... ok"));

    let setup = Setup::new()
        .sites_and_actions("[[sites]]\nhost = \"*\"\n[[actions]]\ntype = \"myGreeter\"\ngreeting = \"Ahoy\"\n");
    fs::copy(target.join("debug/libmy_greeter.so"), setup.plugins_dir().join("greeter.so")).unwrap();
    let specs = dir.path().join("specs");
    let setup = setup.specs(&specs);
    setup.write_config();
    let (code, said, error) = setup.run(&["spec"]);
    assert_eq!(code, 0, "{error}");
    assert!(said.contains("4 actions"), "{said}");
    let gateway = setup.start();
    let reply = gateway.json("myGreeterGreet", &json!({"name": "Ada"}));
    assert_eq!((reply.status, reply.value()), (200, json!({"message": "Ahoy, Ada!"})));
    let wrong = gateway.json("myGreeterGreet", &json!({"name": ""}));
    assert_eq!(wrong.error()["details"][0]["problem"], "expected 1 to 100 characters, got 0");
}

#[test]
fn the_crate_says_what_to_do_next() {
    let dir = tempfile::tempdir().unwrap();
    let made = wicketgate(&["new", "maps", "--dir", dir.path().to_str().unwrap(), "--sdk-version", "1.2.3"]);
    assert!(String::from_utf8(made.stdout).unwrap().contains("maps: made; it needs the SDK from the registry"));
    let read = |file: &str| fs::read_to_string(dir.path().join("maps").join(file)).unwrap();
    assert!(read("Cargo.toml").contains("wicketgate-action = { version = \"1.2.3\" }"));
    for file in ["Cargo.toml", "src/lib.rs", "wicketgate.toml", "Makefile", "README.md"] {
        let text = read(file);
        assert!(!["@crate@", "@lib@", "@action@", "@Type@", "@sdk@"].iter().any(|hole| text.contains(hole)), "{text}");
    }
    assert!(read("src/lib.rs").contains("#[action(name = \"maps\")]\nimpl MapsAction {"));
}

#[test]
fn what_can_t_be_made_is_told_and_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("present")).unwrap();
    let place = dir.path().to_str().unwrap();
    for (arguments, told) in [
        (&["My_Plugin"][..], "`My_Plugin` is no name for a plugin: write small letters"),
        (&["1st"], "is no name for a plugin"),
        (&["a--b"], "is no name for a plugin"),
        (&["../up"], "is no name for a plugin"),
        (&["self"], "`self` means something else in Rust"),
        (&["present"], "present is there already; choose another name, or another folder with --dir"),
        (&["fresh", "--sdk-path", "/nowhere"], "--sdk-path: /nowhere/Cargo.toml"),
        (&["fresh", "--sdk-path", "."], "is not the SDK, which is in `actions/sdk`"),
    ] {
        let output = wicketgate(&[&["new", "--dir", place], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(wicketgate(&["new"]).status.code(), Some(2));
}
