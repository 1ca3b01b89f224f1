//! `include`: which files are read, how they are merged, and which of them a mistake is in.

use std::{fs, process::Command};

use serde_json::json;
use wicketgate_tests::{Gateway, Reply, Setup, build_dir, request};

/// Puts `include` before the main file's other keys, so that each of its lines is one further down, and writes the files.
fn include(setup: &Setup, patterns: &str, files: &[(&str, &str)]) {
    let config = setup.write_config();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(config, format!("include = {patterns}\n{text}")).unwrap();
    for (path, text) in files {
        setup.put(path, text.as_bytes());
    }
}

/// What `check` says of the default configuration with these files: exit code, stdout, stderr.
fn check(patterns: &str, files: &[(&str, &str)]) -> (i32, String, String) {
    let setup = Setup::new();
    include(&setup, patterns, files);
    setup.run(&["check"])
}

fn get(gateway: &Gateway, host: &str, target: &str, headers: &str) -> Reply {
    gateway.raw(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").as_bytes())
}

#[test]
fn lists_are_joined_tables_united_and_paths_belong_to_their_file() {
    const SITE: &str = "[server]\ntimeouts.action = \"200ms\"\n[[sites]]\nhost = \"a.example\"\nroot = \"www\"\n\
                        [sites.errorPages]\n404 = \"404.html\"\n[[actions]]\ntype = \"probe\"\n";
    const PROJECT: &str =
        "[[projects]]\nuid = \"p1\"\n[[projects.actions]]\ntype = \"example\"\nhelloString = \"Ahoy\"\n";
    let toml = "[[sites]]\nhost = \"*\"\nroot = \"www\"\n[[actions]]\ntype = \"example\"\n";
    let setup = Setup::new().server("limits.body = \"1KiB\"\n").sites_and_actions(toml).file("index.html", b"main");
    setup.put("parts/www/index.html", b"part");
    setup.put("parts/404.html", b"<p>the part's own page</p>");
    let gateway = setup.start();
    let main = fs::read_to_string(gateway.config()).unwrap();
    gateway.put("parts/site.toml", SITE.as_bytes());
    gateway.put("project.toml", PROJECT.as_bytes());
    gateway.put("wicketgate.toml", format!("include = [\"parts/*.toml\", \"project.toml\"]\n{main}").as_bytes());
    let (code, _, said) = gateway.run(&["reload"]);
    assert_eq!(code, 0, "{said}");

    assert_eq!(get(&gateway, "a.example", "/", "").text(), "part");
    assert_eq!(get(&gateway, "b.example", "/", "").text(), "main");
    let page = get(&gateway, "a.example", "/nothing", "Accept: text/html\r\n");
    assert_eq!((page.status, page.text()), (404, "<p>the part's own page</p>"));
    let hello = gateway.json("exampleHello", &json!({"color": "x", "projectUid": "p1"}));
    assert_eq!(hello.value()["message"], "<font color=x>Ahoy, Guest</font>");
    gateway.assert_well();
    // One half of [server] is the main file's, the other is the part's.
    assert_eq!(gateway.json("probeHang", &json!({})).status, 504);
    let large = request("POST", "/_/cmd/probeNothing", &["Content-Type: application/json"], &[b' '; 1025]);
    assert_eq!(gateway.raw(&large).status, 413);
}

/// Value of `include`, file and its text, and what one line must say of it.
const MISTAKES: &[(&str, &str, &str, &[&str])] = &[
    (
        "[\"parts/*.toml\"]",
        "parts/a.toml",
        "# a comment\n[[sites]]\nhost = \"a.example\"\nhots = 1\n",
        &["/parts/a.toml:4:1: sites[1].hots: unknown property; did you mean `host`?"],
    ),
    // Lines that end with CR LF are lines.
    (
        "[\"parts/a.toml\"]",
        "parts/a.toml",
        "[[sites]]\r\nhost = \"a.example\"\r\nhots = 1\r\n",
        &["/parts/a.toml:3:1: sites[1].hots: "],
    ),
    // Columns count characters, not bytes.
    (
        "[\"parts/a.toml\"]",
        "parts/a.toml",
        "# ü\nprojects = [{ uid = \"ü\", acces = \"x\" }]\n",
        &["/parts/a.toml:2:26: projects[0].acces: unknown property; did you mean `access`?"],
    ),
    (
        "[\"parts/a.toml\"]",
        "parts/a.toml",
        "[[projects]]\nuid = \"p\"\n[[projects.actions]]\ntype = \"example\"\nhelloStrin = \"x\"\n",
        &["/parts/a.toml:5:1: projects[0].actions[0].helloStrin: unknown property; did you mean `helloString`?"],
    ),
    // What is there twice is wrong where it is there for the second time.
    (
        "[\"parts/a.toml\"]",
        "parts/a.toml",
        "[[actions]]\ntype = \"example\"\n",
        &["/parts/a.toml:1:", ": actions[2]: the action `example` is configured twice"],
    ),
    ("[\"parts/a.toml\"]", "parts/a.toml", "[[sites]]\nhost = \"*\"\n", &["/parts/a.toml:2:1: sites[1].host: "]),
    (
        "[\"parts/a.toml\"]",
        "parts/a.toml",
        "[[sites]]\nhost = \"a\"\nroot = \"www\"\n",
        &["/parts/a.toml:3:1: sites[1].root: ", "/parts/www`"],
    ),
    ("[\"parts/a.toml\"]", "parts/a.toml", "[[sites]]\nhost = \n", &["/parts/a.toml:2:", ": this is no TOML: "]),
    ("[\"parts/a.toml\"]", "parts/a.toml", "\ninclude = [\"b.toml\"]\n", &["/parts/a.toml:2:1: include: "]),
    ("[\"parts/a.toml\"]", "parts/b.toml", "", &["/wicketgate.toml:1:12: include[0]: ", "/parts/a.toml"]),
    ("[\"parts/b.toml\", \"parts/a.toml\"]", "parts/b.toml", "", &["/wicketgate.toml:1:28: include[1]: "]),
    ("[\"parts\"]", "parts/a.toml", "", &["/wicketgate.toml:1:12: include[0]: ", "/parts"]),
    ("[\"parts/[.toml\"]", "parts/a.toml", "", &["/wicketgate.toml:1:12: include[0]: "]),
    ("\"parts/a.toml\"", "parts/a.toml", "", &["/wicketgate.toml:1:1: include: expected list, got str"]),
    ("[5]", "parts/a.toml", "", &["/wicketgate.toml:1:12: include[0]: expected str, got int"]),
];

#[test]
fn a_mistake_is_named_with_the_file_that_it_is_in() {
    let mut wrong = Vec::new();
    for &(patterns, path, text, expected) in MISTAKES {
        let (code, out, said) = check(patterns, &[(path, text)]);
        let found = said.lines().any(|line| expected.iter().all(|words| line.contains(words)));
        if code != 1 || !out.is_empty() || !found || said.lines().count() != 1 {
            wrong.push(format!("{patterns} {text:?}: expected {expected:?}, but it is {code} {out}{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_value_that_is_set_in_two_files_is_named_with_both_places() {
    for (a, b, expected) in [
        ("[server]\nlimits.body = \"2MB\"\n", "", ["a.toml:2:", " server.limits.body: ", "wicketgate.toml:6"]),
        ("\n[server.limits]\nbody = \"2MB\"\n", "", ["a.toml:3:1:", " server.limits.body: ", "wicketgate.toml:6"]),
        ("access = \"deny all\"\n", "", ["a.toml:1:1:", " access: ", "wicketgate.toml:2"]),
        // Lists of values are values; and the same value is set twice all the same.
        ("[server]\nlisten = [\"127.0.0.1:0\"]\n", "", ["a.toml:2:1:", " server.listen: ", "wicketgate.toml:4"]),
        ("server = 5\n", "", ["a.toml:1:1:", " server: ", "wicketgate.toml:3"]),
        ("sites = 5\n", "", ["a.toml:1:1:", " sites: ", "wicketgate.toml:"]),
        (
            "[server]\ntrustedProxies = [\"::1\"]\n",
            "[server]\n\ntrustedProxies = [\"::1\"]\n",
            ["b.toml:3:1:", "Proxies: ", "a.toml:2"],
        ),
    ] {
        let setup = Setup::new().server("limits.body = \"1MB\"\n");
        include(&setup, "[\"parts/*.toml\"]", &[("parts/a.toml", a), ("parts/b.toml", b)]);
        let (code, _, said) = setup.run(&["check"]);
        let found = said.lines().any(|line| expected.iter().all(|words| line.contains(words)));
        assert!(code == 1 && found, "{a:?}, {b:?}: {expected:?} is not in one line of {said}");
    }
}

#[test]
fn every_file_is_read_once_in_the_order_of_names() {
    let mistaken = |host: &str| format!("[[sites]]\nhost = \"{host}\"\nhots = 1\n");
    let (nine, ten, eleven) = (mistaken("nine"), mistaken("ten"), mistaken("eleven"));
    let files = [("parts/9.toml", nine.as_str()), ("parts/10.toml", ten.as_str()), ("parts/11.toml", eleven.as_str())];
    let (_, _, said) = check("[\"parts/*.toml\"]", &files);
    for place in ["10.toml:3:1: sites[1].hots: ", "11.toml:3:1: sites[2].hots: ", "9.toml:3:1: sites[3].hots: "] {
        assert!(said.contains(&format!("/parts/{place}")), "{place} is not in {said}");
    }
    // Two patterns may find the same file, and one of them the main file itself. Its second site would be a mistake.
    let setup = Setup::new();
    let site = "[[sites]]\nhost = \"a.example\"\n";
    include(&setup, "[\"parts/a.toml\", \"parts/*.toml\", \"*.toml\"]", &[("parts/a.toml", site)]);
    let (code, out, said) = setup.run(&["check"]);
    assert_eq!((code, said.as_str()), (0, ""), "{out}");
    for config in ["wicketgate.toml", "./wicketgate.toml"] {
        let mut command = Command::new(build_dir().join("wicketgate"));
        let output = command.current_dir(setup.dir()).args(["check", "--config", config]).output().unwrap();
        assert!(output.status.success(), "{config}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn patterns_find_what_they_match_and_may_find_nothing() {
    // A mistake in each tells which were read.
    let files = [
        ("parts/a1.toml", "[[sites]]\nhost = \"a\"\nhots = 1\n"),
        ("parts/b1.toml", "[[sites]]\nhost = \"b\"\nhots = 1\n"),
        ("parts/deep/er/site.toml", "[[sites]]\nhost = \"deep\"\nhots = 1\n"),
        // What editors and package managers leave behind is not read.
        ("parts/a1.toml.bak", "= no TOML"),
        ("parts/a1.toml~", "= no TOML"),
        ("parts/readme.md", "= no TOML"),
    ];
    let cases: [(&str, &[&str]); 7] = [
        ("[]", &[]),
        ("[\"none/*.toml\", \"parts/*.tml\"]", &[]),
        ("[\"parts/*.toml\"]", &["a1", "b1"]),
        ("[\"parts/a?.toml\"]", &["a1"]),
        ("[\"parts/[bc]1.toml\"]", &["b1"]),
        ("[\"parts/*/*/site.toml\"]", &["site"]),
        ("[\"parts/../parts/a1.toml\", \"parts/deep/er/site.toml\"]", &["a1", "site"]),
    ];
    for (patterns, read) in cases {
        let (code, _, said) = check(patterns, &files);
        assert_eq!((code, said.lines().count()), (i32::from(!read.is_empty()), read.len()), "{patterns}: {said}");
        for name in read {
            assert!(said.contains(&format!("/{name}.toml:3:1: ")), "{patterns}: {said}");
        }
    }
}

#[test]
fn one_run_names_the_mistakes_of_all_files() {
    let setup = Setup::new().access("hm");
    let files = [
        ("parts/a.toml", "[[sites]]\nhost = \"a:1\"\n[[actions]]\ntype = \"nothing\"\n"),
        ("parts/b.toml", "[[sites]]\nhots = = \n"),
        ("parts/c.toml", "[[projects]]\nuid = \"\"\n"),
    ];
    include(&setup, "[\"parts/*.toml\", \"none.toml\"]", &files);
    let (code, out, said) = setup.run(&["check"]);
    assert_eq!((code, out.as_str()), (1, ""), "{said}");
    for place in [
        "wicketgate.toml:2:1: access: ",
        "wicketgate.toml:1:28: include[1]: ",
        "parts/a.toml:2:1: sites[1].host: ",
        "parts/a.toml:4:1: actions[2].type: ",
        "parts/b.toml:2:",
        "parts/c.toml:2:1: projects[0].uid: ",
    ] {
        let whole = setup.dir().join(place);
        assert!(said.lines().any(|line| line.starts_with(whole.to_str().unwrap())), "{place} is not in {said}");
    }
    // Starting ends with the same words.
    let (code, _, refused) = setup.run(&["serve"]);
    assert_eq!(code, 1);
    for line in said.lines() {
        assert!(refused.contains(line), "{line} is not in {refused}");
    }
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let setup = Setup::new();
    include(&setup, "[\"parts/*.toml\"]", &[]);
    setup.put("parts/a.toml", b"# \xff\n");
    let (code, _, said) = setup.run(&["check"]);
    assert!(code == 1 && said.contains("/parts/a.toml"), "{said}");
}

#[test]
fn what_looks_like_a_pattern_above_the_file_is_a_name() {
    let setup = Setup::new();
    let text = fs::read_to_string(setup.write_config()).unwrap();
    let main = setup.put("[prod]/main.toml", format!("include = [\"p/*.toml\"]\n{text}").as_bytes());
    setup.put("[prod]/p/a.toml", b"[[projects]]\nuid = 5\n");
    fs::create_dir(setup.dir().join("[prod]/www")).unwrap();
    // An editor's lock leads nowhere, and is nobody's configuration.
    std::os::unix::fs::symlink("user@host.1:2", setup.dir().join("[prod]/p/.#a.toml")).unwrap();
    let output = wicketgate_tests::wicketgate(&["check", "--config", main.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/p/a.toml:2:1: projects[0].uid: expected str, got int"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
