//! Which plugin files are loaded, and which are refused with what words.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use serde_json::json;
use wicketgate_tests::{Setup, generated_specs};

/// The magic that a plugin's note starts with, as it lies in the file.
const MAGIC: [u8; 8] = u64::from_be_bytes(*b"WICKETGT").to_le_bytes();

/// Changes the note in a plugin's file, at an offset from its start.
fn patch_note(file: &Path, offset: usize, bytes: &[u8]) {
    let mut content = fs::read(file).unwrap();
    let places: Vec<_> =
        content.windows(MAGIC.len()).enumerate().filter(|(_, window)| *window == MAGIC).map(|(at, _)| at).collect();
    // The note, and the descriptor, which is the later section.
    let note = *places.first().unwrap() + offset;
    content[note..note + bytes.len()].copy_from_slice(bytes);
    fs::write(file, content).unwrap();
}

fn refused_with(setup: &Setup, words: &[&str]) {
    let said = setup.refused();
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
}

#[test]
fn another_abi_is_refused_before_it_is_loaded() {
    let setup = Setup::new();
    patch_note(&setup.plugins_dir().join("probe.so"), 8, &7_u16.to_le_bytes());
    refused_with(
        &setup,
        &["probe.so is refused", "built for plugin ABI 7", "this gateway has 2", "build it with the gateway's SDK"],
    );
}

#[test]
fn a_plugin_that_needs_a_newer_gateway_is_refused_before_it_is_loaded() {
    let setup = Setup::new();
    patch_note(&setup.plugins_dir().join("probe.so"), 10, &99_u16.to_le_bytes());
    refused_with(&setup, &["probe.so is refused", "built for plugin ABI 2.99", "use a newer gateway, or an older SDK"]);
}

#[test]
fn another_target_or_panic_strategy_is_refused() {
    let setup = Setup::new();
    // After magic, versions, size, panic flag, name, version and SDK version.
    patch_note(&setup.plugins_dir().join("probe.so"), 24 + 64 + 32 + 32, b"sparc-solaris\0\0\0\0");
    refused_with(&setup, &["probe.so is refused", "built for sparc-solaris"]);
    let setup = Setup::new();
    patch_note(&setup.plugins_dir().join("probe.so"), 16, &[0]);
    refused_with(&setup, &["probe.so is refused", "panic = \"unwind\""]);
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let setup = Setup::new();
    let file = setup.plugins_dir().join("probe.so");
    let content = fs::read(&file).unwrap();
    for length in [0, 1, 4, 63, 64, 1000, content.len() / 4, content.len() / 2, content.len() - 1] {
        fs::write(&file, &content[..length]).unwrap();
        refused_with(&setup, &["probe.so is refused", "no complete shared library"]);
    }
}

#[test]
fn what_is_no_plugin_is_refused() {
    let setup = Setup::new();
    fs::write(setup.plugins_dir().join("readme.so"), "this is a text").unwrap();
    refused_with(&setup, &["readme.so is refused", "no complete shared library"]);
    let setup = Setup::new();
    // A library of another kind: the gateway's own program is an ELF file as well.
    fs::copy(wicketgate_tests::build_dir().join("wicketgate"), setup.plugins_dir().join("other.so")).unwrap();
    refused_with(&setup, &["other.so is refused", "no Wicketgate plugin"]);
    // Other names are nobody's business.
    let setup = Setup::new();
    fs::write(setup.plugins_dir().join("readme.txt"), "this is a text").unwrap();
    setup.start().assert_well();
}

#[test]
fn a_missing_plugin_is_named_with_those_that_are_there() {
    let setup = Setup::new();
    fs::remove_file(setup.plugins_dir().join("probe.so")).unwrap();
    refused_with(&setup, &["the action `probe` has no plugin", "there are: auth, example", "Copy its library there"]);
    let setup = Setup::new();
    fs::remove_dir_all(setup.plugins_dir()).unwrap();
    refused_with(&setup, &["the plugins' folder", "can't be read", "plugins.dir"]);
}

#[test]
fn two_files_of_one_action_are_refused() {
    let setup = Setup::new();
    fs::copy(setup.plugins_dir().join("probe.so"), setup.plugins_dir().join("again.so")).unwrap();
    refused_with(&setup, &["again.so", "probe.so", "both the action `probe`"]);
}

#[test]
fn a_stale_spec_is_refused_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new().specs(dir.path());
    refused_with(&setup, &["plugins.specs", "spec.json", "run `wicketgate spec`"]);
    let text = fs::read_to_string(generated_specs().join("spec.json")).unwrap();
    // As if the plugin's comment had been changed since.
    let changed = text.replace("Say hello in a colour.", "Say hello in a color.");
    fs::write(dir.path().join("spec.json"), &changed).unwrap();
    refused_with(&setup, &["the spec of `example` does not match its hash", "edited by hand", "run `wicketgate spec`"]);
    let mut index: serde_json::Value = serde_json::from_str(&changed).unwrap();
    index["actions"][1]["hash"] = json!(digest(&index["actions"][1]["spec"]));
    fs::write(dir.path().join("spec.json"), index.to_string()).unwrap();
    refused_with(
        &setup,
        &["example.so is refused", "its spec differs from the generated one", "run `wicketgate spec`"],
    );
    fs::write(dir.path().join("spec.json"), "{}").unwrap();
    refused_with(&setup, &["no spec.json", "run `wicketgate spec`"]);
}

fn digest(spec: &serde_json::Value) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(spec.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_file_that_others_can_write_is_not_trusted() {
    let setup = Setup::new();
    let file = setup.plugins_dir().join("probe.so");
    for mode in [0o664, 0o646, 0o666] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        refused_with(&setup, &["probe.so is refused", "can be written by others", "chmod go-w"]);
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    for mode in [0o775, 0o757] {
        fs::set_permissions(setup.plugins_dir(), fs::Permissions::from_mode(mode)).unwrap();
        refused_with(&setup, &["can be written by others"]);
    }
    // A sticky folder is fine: nobody can replace another's file in it.
    fs::set_permissions(setup.plugins_dir(), fs::Permissions::from_mode(0o1777)).unwrap();
    setup.start().assert_well();
}

#[test]
fn a_data_folder_that_others_can_write_is_not_used() {
    let setup = Setup::new();
    let copies = setup.dir().join("data/plugins");
    fs::create_dir_all(&copies).unwrap();
    fs::set_permissions(&copies, fs::Permissions::from_mode(0o777)).unwrap();
    refused_with(&setup, &["data/plugins can be written by others", "chmod go-w"]);
}

#[test]
fn a_link_is_not_followed() {
    let setup = Setup::new();
    let (file, elsewhere) = (setup.plugins_dir().join("probe.so"), setup.dir().join("elsewhere.so"));
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    refused_with(&setup, &["probe.so is not a regular file"]);
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    refused_with(&setup, &["probe.so is not a regular file"]);
}

#[test]
fn what_happens_to_the_file_afterwards_does_not_reach_the_running_code() {
    let gateway = Setup::new().start();
    let file = gateway.plugins_dir().join("example.so");
    // Rewritten in place: a mapped file would end the process at the next call.
    let length = fs::metadata(&file).unwrap().len();
    fs::write(&file, vec![0; usize::try_from(length).unwrap()]).unwrap();
    gateway.assert_well();
    fs::write(&file, b"").unwrap();
    gateway.assert_well();
    fs::remove_file(&file).unwrap();
    gateway.assert_well();
}

#[test]
fn no_copy_is_left_behind() {
    let setup = Setup::new();
    let copies = setup.dir().join("data/plugins");
    let gateway = setup.start();
    let mode = fs::metadata(&copies).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "{mode:o}");
    assert_eq!(fs::read_dir(&copies).unwrap().count(), 0);
    gateway.assert_well();
}

#[test]
fn a_plugin_that_refuses_its_configuration_stops_the_start_with_its_words() {
    let toml = |line: &str| format!("[[sites]]\n[[actions]]\ntype = \"probe\"\n{line}\n");
    let setup = Setup::new().sites_and_actions(&toml("fail = \"the tank is empty\""));
    refused_with(&setup, &["probe.so is refused", "it refused its configuration: the tank is empty"]);
    let setup = Setup::new().sites_and_actions(&toml("panic = true"));
    refused_with(
        &setup,
        &["probe.so is refused", "it refused its configuration: panicked: the probe was told to panic at "],
    );
}
