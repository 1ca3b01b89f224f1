//! `wicketgate check`: every mistake of every kind in one run, with its place, and nothing is started.

use std::{fs, path::Path};

use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wicketgate_tests::{Setup, generated_specs};

/// Writes two certificates with their keys: a.crt, a.key, b.crt, b.key.
fn certificates(setup: &Setup) {
    for name in ["a", "b"] {
        let key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        setup.put(&format!("{name}.crt"), cert.pem().as_bytes());
        setup.put(&format!("{name}.key"), key.serialize_pem().as_bytes());
    }
    setup.put("text.pem", b"this is a text");
}

/// The mistakes that `check` finds, as place-less lines `path: text`. Each must be of the configuration's only file, and
/// have a line and a column; and `serve` must refuse with the same words.
fn mistakes(setup: &Setup) -> Vec<String> {
    let (code, out, said) = setup.run(&["check"]);
    assert_eq!((code, out.as_str()), (1, ""), "{said}");
    let (code, _, refused) = setup.run(&["serve"]);
    assert_eq!(code, 1, "{refused}");
    let pathed = |line: &str| -> Option<String> {
        assert!(refused.lines().any(|other| other == line), "{line} is not in {refused}");
        let place = line.strip_prefix(setup.config().to_str().unwrap())?.strip_prefix(':')?;
        let mut parts = place.splitn(3, ':');
        let (row, column, rest) = (parts.next()?, parts.next()?, parts.next()?);
        (row.parse::<u32>().ok()? > 0 && column.parse::<u32>().ok()? > 0).then(|| rest.trim_start().to_owned())
    };
    said.lines().map(|line| pathed(line).unwrap_or_else(|| panic!("{line} has no place"))).collect()
}

/// What stands in a site, and the key below `sites[0]` that is wrong, with the start of the text where it matters.
const IN_A_SITE: &[(&str, &str)] = &[
    ("hots = 1", ".hots: unknown property; did you mean `host`?"),
    ("rewriteRule = []", ".rewriteRule: unknown property; did you mean `rewriteRules`?"),
    ("clientRoot = \"nowhere\"", ".clientRoot: "),
    ("rewriteRules = [{ pattern = '(', target = '/x' }]", ".rewriteRules[0].pattern: "),
    ("rewriteRules = [{ pattern = '(?=x)', target = '/x' }]", ".rewriteRules[0].pattern: "),
    ("rewriteRules = [{ pattern = 'x{9999}{9999}', target = '/x' }]", ".rewriteRules[0].pattern: "),
    ("rewriteRules = [{ pattern = '(.)', target = '/$2' }]", ".rewriteRules[0].target: "),
    ("rewriteRules = [{ pattern = '(.)', target = '/${n}' }]", ".rewriteRules[0].target: "),
    // Else a client could choose where others are sent.
    ("rewriteRules = [{ pattern = '(.)', target = 'https://$1/' }]", ".rewriteRules[0].target: "),
    ("rewriteRules = [{ pattern = '.', target = '/', status = 200 }]", ".rewriteRules[0].status: "),
    ("rewriteRules = [{ pattern = '.' }]", ".rewriteRules[0].target: required property is missing"),
    ("certificates = [{ cert = 'no.crt', key = 'a.key' }]", ".certificates[0].cert: "),
    ("certificates = [{ cert = 'a.crt', key = 'no.key' }]", ".certificates[0].key: "),
    ("certificates = [{ cert = 'text.pem', key = 'a.key' }]", ".certificates[0].cert: "),
    ("certificates = [{ cert = 'a.crt', key = 'text.pem' }]", ".certificates[0].key: "),
    // Both are sound, but they are no pair.
    ("certificates = [{ cert = 'a.crt', key = 'b.key' }]", ".certificates[0]"),
    ("certificates = [{ cert = 'a.crt' }]", ".certificates[0].key: required property is missing"),
    ("cors = { origins = ['*'], credentials = true }", ".cors"),
    ("cors = { credentials = true }", ".cors.origins: required property is missing"),
    ("cors = { origins = ['app.example.org'] }", ".cors.origins[0]: "),
    ("cors = { origins = ['https://a.example', 'https://b.example/x'] }", ".cors.origins[1]: "),
    ("cors = { origins = ['https://a.example', '*'] }", ".cors.origins[1]: "),
    ("cors = { origins = ['*'], maxAge = 'soon' }", ".cors.maxAge: "),
    ("cors = { origins = ['*'], methods = ['GET', 'PO ST'] }", ".cors.methods[1]: "),
    ("cors = { origins = ['*'], headers = [\"X-A\\r\\nX-B\"] }", ".cors.headers[0]: "),
    ("cors = { origins = ['*'], exposeHeaders = ['ü'] }", ".cors.exposeHeaders[0]: "),
    ("proxy = [{ path = '/x', to = '127.0.0.1:8090' }]", ".proxy[0].to: "),
    ("proxy = [{ path = '/x', to = 'ftp://127.0.0.1' }]", ".proxy[0].to: "),
    ("proxy = [{ path = '/x', to = 'http://' }]", ".proxy[0].to: "),
    ("proxy = [{ path = '/x', to = 'http://127.0.0.1:99999' }]", ".proxy[0].to: "),
    ("proxy = [{ path = 'x', to = 'http://127.0.0.1' }]", ".proxy[0].path: "),
    ("proxy = [{ path = '/x', to = 'http://127.0.0.1', timeout = '0s' }]", ".proxy[0].timeout: "),
    ("proxy = [{ path = '/x', to = 'http://a' }, { path = '/x/', to = 'http://b' }]", ".proxy[1].path: "),
    ("headers = { 'X Y' = 'z' }", ".headers"),
    ("headers = { X-Y = \"a\\r\\nSet-Cookie: b\" }", ".headers.X-Y: "),
    ("errorPages = { 404 = 'no.html' }", ".errorPages.404: "),
    ("errorPages = { notFound = 'text.pem' }", ".errorPages.notFound: "),
];

/// Lines below `[server]`, everything below `[plugins]`, and the key that is wrong.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("limits.call = 5\n", "", "server.limits.call: unknown property; did you mean `calls`?"),
    ("limits.calls = 0\n", "", "server.limits.calls: "),
    ("limits.calls = -1\n", "", "server.limits.calls: "),
    ("", "[[projects]]\naccess = 'allow all'\n", "projects[0].uid: required property is missing"),
    ("", "[[projects]]\nuid = 'p'\n[[projects]]\nuid = 'p'\n", "projects[1].uid: "),
    ("", "[[projects]]\nuid = 'p'\naccess = 'permit all'\n", "projects[0].access: "),
    ("", "[[projects]]\nuid = 'p'\nactions = [{ type = 'exampel' }]\n", "projects[0].actions[0].type: "),
    ("", "[[projects]]\nuid = 'p'\nactions = [{ type = 'example' }, { type = 'example' }]\n", "projects[0].actions[1]"),
];

#[test]
fn each_mistake_has_its_place_and_serve_says_the_same() {
    let of_site = |&(toml, key): &(&str, &str)| ("", format!("[[sites]]\n{toml}\n"), format!("sites[0]{key}"));
    let other = |&(server, toml, key): &(&'static str, &str, &str)| (server, toml.to_owned(), key.to_owned());
    let mut wrong = Vec::new();
    for (server, rest, expected) in IN_A_SITE.iter().map(of_site).chain(ELSEWHERE.iter().map(other)) {
        let setup = Setup::new().server(server).sites_and_actions(&rest);
        certificates(&setup);
        setup.write_config();
        let found = mistakes(&setup);
        if found.len() != 1 || !found[0].starts_with(&expected) {
            wrong.push(format!("{server}{rest} expected {expected}, but it is {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_odd_but_right_is_fine() {
    for (server, rest) in [
        ("limits.calls = 1\ntrustedProxies = [\"::1\", \"10.0.0.0/8\", \"fe80::/10\"]\n", "[[sites]]\n"),
        (
            "",
            "[[sites]]\nrewriteRules = [{ pattern = '', target = \"x\" }, { pattern = '(?<n>ä)', target = '${n}$$$1?q=$1' }]\n",
        ),
        ("", "[[sites]]\nrewriteRules = [{ pattern = '^/(.*)', target = 'HTTPS://[::1]:8443/$1?$1', status = 307 }]\n"),
        (
            "",
            "[[sites]]\ncertificates = [{ cert = \"a.crt\", key = \"a.key\" }, { cert = \"b.crt\", key = \"b.key\" }]\n",
        ),
        (
            "",
            "[[sites]]\n[sites.cors]\norigins = [\"https://a.example\", \"http://localhost:3000\"]\ncredentials = true\n",
        ),
        (
            "",
            "[[sites]]\n[sites.cors]\norigins = [\"*\"]\nmethods = [\"PROPFIND\"]\nheaders = []\nmaxAge = \"1h 30m\"\n",
        ),
        (
            "",
            "[[sites]]\nproxy = [{ path = \"/a\", to = \"https://[::1]/b/\" }, { path = \"/a/b\", to = \"http://a.example:1\" }]\n",
        ),
        (
            "",
            "[[sites]]\n[sites.headers]\nx-frame-options = \"\"\nX-Y = \"z\"\n[sites.errorPages]\n\"503\" = \"text.pem\"\n",
        ),
        ("", "[[sites]]\nhost = \"*.Example.org.\"\nclientPath = \"/js/client/\"\nclientRoot = \"www\"\n"),
        ("", "[[actions]]\ntype = \"example\"\n[[projects]]\nuid = \"ü\"\n[[projects.actions]]\ntype = \"example\"\n"),
    ] {
        let setup = Setup::new().server(server).sites_and_actions(rest);
        certificates(&setup);
        setup.write_config();
        let (code, out, said) = setup.run(&["check"]);
        assert!(code == 0 && said.is_empty() && out.lines().count() == 1, "{server}{rest}: {out}{said}");
    }
}

#[test]
fn a_fine_configuration_is_counted() {
    let toml = "[[sites]]\n[[sites]]\nhost = \"a.example\"\n[[sites]]\nhost = \"b.example\"\n[[actions]]\ntype = \"example\"\n\
                [[actions]]\ntype = \"probe\"\n[[projects]]\nuid = \"p\"\n[[projects]]\nuid = \"q\"\n";
    let setup = Setup::new().sites_and_actions(toml);
    let config = setup.write_config();
    let fine = format!("{}: fine (sites: 3, actions: 2, projects: 2)\n", config.display());
    assert_eq!(setup.run(&["check"]), (0, fine, String::new()));
}

#[test]
fn one_run_names_the_mistakes_of_all_kinds() {
    let toml = "[[sites]]\nhots = 1\nrewriteRules = [{ pattern = '(', target = \"/\" }]\n\
                certificates = [{ cert = \"a.crt\", key = \"b.key\" }]\n\
                proxy = [{ path = \"/x\", to = \"x\" }]\n[sites.cors]\norigins = [\"x\"]\n[sites.errorPages]\n404 = \"no.html\"\n\
                [[actions]]\ntype = \"example\"\nhelloStrin = \"x\"\n[[actions]]\ntype = \"nothing\"\n\
                [[projects]]\nuid = \"p\"\naccess = \"hm\"\n";
    let setup =
        Setup::new().access("hm").server("limits.body = \"x\"\ntrustedProxies = [\"x\"]\n").sites_and_actions(toml);
    certificates(&setup);
    setup.write_config();
    let found = mistakes(&setup);
    for path in [
        "access: ",
        "server.limits.body: ",
        "server.trustedProxies[0]: ",
        "sites[0].hots: ",
        "sites[0].rewriteRules[0].pattern: ",
        "sites[0].certificates[0]",
        "sites[0].proxy[0].to: ",
        "sites[0].cors.origins[0]: ",
        "sites[0].errorPages.404: ",
        "actions[0].helloStrin: ",
        "actions[1].type: ",
        "projects[0].access: ",
    ] {
        assert!(found.iter().any(|line| line.starts_with(path)), "{path} is not in {found:?}");
    }
    assert_eq!(found.len(), 12, "{found:?}");
}

fn assert_says(setup: &Setup, words: &[&str]) {
    let found = mistakes(setup);
    for word in words {
        assert!(found.iter().any(|line| line.contains(word)), "{word} is not in {found:?}");
    }
}

#[test]
fn every_plugin_that_is_missing_is_named() {
    let setup = Setup::new();
    setup.write_config();
    for name in ["example.so", "probe.so"] {
        fs::remove_file(setup.plugins_dir().join(name)).unwrap();
    }
    assert_says(&setup, &["`example`", "`probe`"]);
    fs::remove_dir_all(setup.plugins_dir()).unwrap();
    assert_says(&setup, &["plugins.dir: "]);
    // Without specs, it can't be known which plugins there should be; but the folder should.
    let setup = Setup::new().specs(Path::new("/nowhere"));
    setup.write_config();
    fs::remove_dir_all(setup.plugins_dir()).unwrap();
    assert_says(&setup, &["plugins.dir: ", "plugins.specs: "]);
}

#[test]
fn neither_a_misspelt_key_nor_a_broken_plugin_hides_a_missing_one() {
    let toml = "[[sites]]\nhots = 1\n[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";
    let setup = Setup::new().sites_and_actions(toml);
    setup.write_config();
    fs::remove_file(setup.plugins_dir().join("example.so")).unwrap();
    fs::write(setup.plugins_dir().join("probe.so"), "no library").unwrap();
    assert_says(&setup, &["sites[0].hots: ", "`example`", "probe.so"]);
}

/// A folder with the generated specs, changed.
fn specs(change: impl Fn(&mut Value)) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(generated_specs().join("spec.json")).unwrap();
    let mut index = serde_json::from_str(&text).unwrap();
    change(&mut index);
    fs::write(dir.path().join("spec.json"), index.to_string()).unwrap();
    dir
}

#[test]
fn specs_must_be_those_of_the_plugins() {
    let stale = specs(|index| {
        let spec = index["actions"][1]["spec"].to_string().replace("Say hello in a colour.", "Say hello in a color.");
        let hash: String = Sha256::digest(&spec).iter().map(|byte| format!("{byte:02x}")).collect();
        index["actions"][1]["spec"] = serde_json::from_str(&spec).unwrap();
        index["actions"][1]["hash"] = json!(hash);
    });
    let edited = specs(|index| index["actions"][1]["hash"] = json!("0"));
    let empty = specs(|index| *index = json!({}));
    for (dir, word) in [
        (stale.path(), "example"),
        (edited.path(), "example"),
        (empty.path(), "spec.json"),
        (Path::new("/nowhere/at/all"), "spec.json"),
    ] {
        let setup = Setup::new().specs(dir);
        setup.write_config();
        let found = mistakes(&setup);
        assert!(
            found.iter().any(|line| line.contains(word) && line.contains("wicketgate spec")),
            "{}: {found:?}",
            dir.display()
        );
    }
}

#[test]
fn a_running_gateway_is_left_alone() {
    let gateway = Setup::new().start();
    let (code, out, said) = gateway.run(&["check"]);
    assert_eq!((code, said.as_str()), (0, ""), "{out}");
    gateway.assert_well();
    let (code, out, said) = gateway.run(&["reload"]);
    assert_eq!((code, out.trim()), (0, "reloaded"), "{said}");
}

#[test]
fn a_check_that_can_t_be_done_fails() {
    let setup = Setup::new();
    let (code, out, said) = setup.run(&["check"]);
    assert!(code == 1 && out.is_empty() && said.contains("wicketgate.toml") && said.contains("--config"), "{said}");
    setup.write_config();
    assert_eq!(setup.run(&["check", "more"]).0, 2);
}
