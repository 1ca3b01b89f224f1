//! `wicketgate spec`: what it writes, that it writes the same each time, and what it refuses.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use wicketgate_tests::{BUNDLED, build_dir, bundled_plugins, generated_specs, wicketgate};

fn config_in(dir: &Path, plugins: &Path) -> String {
    let file = dir.join("wicketgate.toml");
    // Nothing but [plugins] is looked at: the rest may be wrong, or need specs that do not exist yet.
    let text = format!(
        "nonsense = true\n[plugins]\ndir = {plugins:?}\nspecs = \"specs\"\n[[actions]]\ntype = \"unheard-of\"\n"
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// What is written.
const FILES: [&str; 6] =
    ["client.d.ts", "client.js", "config.schema.json", "openapi.json", "reference.md", "spec.json"];

#[test]
fn it_needs_nothing_but_plugins_and_writes_the_same_each_time() {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(&["auth", "example", "probe"]));
    let config = config_in(dir.path(), plugins.path());
    assert_eq!(wicketgate(&["spec", "--config", &config]).status.code(), Some(0));
    let out = dir.path().join("elsewhere");
    assert_eq!(wicketgate(&["spec", "--config", &config, "--out", out.to_str().unwrap()]).status.code(), Some(0));
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, FILES);
    for name in FILES {
        let read = |dir: &Path| fs::read_to_string(dir.join(name)).unwrap();
        assert_eq!(read(&dir.path().join("specs")), read(&out));
        assert_eq!(read(&out), read(generated_specs()));
    }
}

#[test]
fn the_committed_specs_are_those_of_the_bundled_plugins() {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(&BUNDLED));
    let config = config_in(dir.path(), plugins.path());
    // The documents tell where commands are mounted as well.
    let ours = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/wicketgate.toml")).unwrap();
    let mounts = ours.find("[[mounts]]").unwrap();
    fs::write(&config, fs::read_to_string(&config).unwrap() + &ours[mounts..]).unwrap();
    assert_eq!(wicketgate(&["spec", "--config", &config]).status.code(), Some(0));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/generated");
    for name in FILES {
        let (fresh, committed) =
            (fs::read_to_string(dir.path().join("specs").join(name)), fs::read_to_string(committed.join(name)));
        assert_eq!(fresh.unwrap(), committed.unwrap(), "{name} is stale: run `make spec`");
    }
}

#[test]
fn comments_become_documentation() {
    let reference = fs::read_to_string(generated_specs().join("reference.md")).unwrap();
    for text in [
        "### exampleHello\n\nSay hello in a colour.",
        "| `color` | str | required | color for the message |",
        "| `helloString` | str | `\"Hi\"` | the greeting |",
        "| `mode` | Mode | `\"slowMotion\"` | one of several |",
        "| `\"slowMotion\"` | without haste |\n| `\"fast\"` | with haste |",
        "| `letters` | str, matching `^[a-z]+$` (2 to 4 characters) or null | left out | two to four letters, such as `\"abc\"` |",
        "| `some` | int from 1 to 10 or null | left out | one to ten (also accepted: `few`, `someOf`) |",
        "| `pair` | tuple of (str, int from 0 to 4294967295) or null |",
        "`type = \"circle\"`: round\n\n| parameter | type | if absent | meaning |\n|---|---|---|---|\n| `radiusPx` |",
        "| `below` | int | required | those below a number |",
        "| `listen` | list of str or Listener | `[\"127.0.0.1:8080\"]` |",
        "| `bbox` | list of float | `[]` | some numbers |",
        "| `num` | int or null | left out | a whole number |",
        "| `places` | list of Place | `[]` | places |",
        "#### Place\n\nA place\n\n| parameter | type | if absent | meaning |\n|---|---|---|---|\n| `placeName` | str | required | its name |",
        "**Returns** nothing (204)",
        "`GET /_/cmd/probeHttpGetTypes/…?…`",
    ] {
        assert!(reference.contains(text), "{text} is not in {reference}");
    }
}

#[test]
fn a_plugin_that_can_t_be_read_stops_it_and_nothing_is_written() {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(&["example"]));
    let config = config_in(dir.path(), plugins.path());
    fs::write(plugins.path().join("broken.so"), "text").unwrap();
    let output = wicketgate(&["spec", "--config", &config]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("broken.so is refused"), "{said}");
    assert!(!dir.path().join("specs").exists());
}

#[test]
fn a_plugin_that_crashes_takes_only_its_own_process_with_it() {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(&["example", "probe"]));
    let config = config_in(dir.path(), plugins.path());
    for name in ["example.so", "probe.so"] {
        let file = plugins.path().join(name);
        let mut content = fs::read(&file).unwrap();
        // The code becomes traps: whatever runs of it ends its process by a signal.
        let text = text_section(&content);
        content[text].fill(0xcc);
        fs::write(&file, content).unwrap();
    }
    let output = wicketgate(&["spec", "--config", &config]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    // One that crashes hides no other.
    for name in ["example.so", "probe.so"] {
        assert!(said.lines().any(|line| line.contains(name) && line.contains("signal")), "{said}");
    }
    assert!(build_dir().join("wicketgate").exists());
}

/// Where the code of a 64-bit ELF file is.
fn text_section(elf: &[u8]) -> std::ops::Range<usize> {
    let word =
        |at: usize, size: usize| elf[at..at + size].iter().rev().fold(0, |word, byte| word << 8 | usize::from(*byte));
    let (headers, size, count, names) = (word(0x28, 8), word(0x3a, 2), word(0x3c, 2), word(0x3e, 2));
    let section = |index: usize| headers + index * size;
    let names = word(section(names) + 0x18, 8);
    let is_text = |index: &usize| elf[names + word(section(*index), 4)..].starts_with(b".text\0");
    let text = section((0..count).find(is_text).unwrap());
    word(text + 0x18, 8)..word(text + 0x18, 8) + word(text + 0x20, 8)
}

#[test]
fn whatever_changes_is_written_again_while_it_watches() {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(&["example"]));
    let config = config_in(dir.path(), plugins.path());
    let mut watching = Command::new("timeout")
        .args(["--kill-after=5", "60"])
        .arg(build_dir().join("wicketgate"))
        .args(["spec", "--watch", "--config", &config])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watching.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut errors = BufReader::new(watching.stderr.take().unwrap()).lines().map(Result::unwrap);
    let client = || fs::read_to_string(dir.path().join("specs/client.d.ts")).unwrap();
    assert!(said.next().unwrap().ends_with("specs: 1 actions, 2 commands"));
    assert!(!client().contains("probeEverything"));
    let probe = bundled_plugins(&["probe"]);
    fs::copy(probe.path().join("probe.so"), plugins.path().join("new")).unwrap();
    fs::rename(plugins.path().join("new"), plugins.path().join("probe.so")).unwrap();
    assert!(said.next().unwrap().contains("specs: 2 actions"));
    assert!(client().contains("probeEverything"));
    // A plugin that makes no sense is told, and what there is stays until it is mended.
    fs::write(plugins.path().join("broken.so"), "text").unwrap();
    assert!(errors.next().unwrap().contains("broken.so is refused"));
    assert!(client().contains("probeEverything"));
    fs::remove_file(plugins.path().join("broken.so")).unwrap();
    fs::remove_file(plugins.path().join("probe.so")).unwrap();
    assert!(said.any(|line| line.ends_with("1 actions, 2 commands")));
    assert!(!client().contains("probeEverything"));
    rustix::process::kill_process(rustix::process::Pid::from_child(&watching), rustix::process::Signal::TERM).unwrap();
    watching.wait().unwrap();
}
