//! The plugins that `make test` built, put where a gateway can load them, with their specs.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use tempfile::TempDir;

use crate::gateway::wicketgate;

/// The plugins that come with the gateway.
pub const BUNDLED: [&str; 5] = ["asset", "auth", "example", "map", "print"];

/// The plugins that most tests have: each test copies and loads its own.
pub(crate) const USUAL: [&str; 3] = ["auth", "example", "probe"];

/// The folder of the binaries under test: the one that the test binary itself is in.
pub fn build_dir() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let dir = test.parent().and_then(Path::parent).unwrap().to_owned();
    assert!(dir.join("wicketgate").exists(), "the gateway is not built: run `make test`");
    static FRESH: LazyLock<()> = LazyLock::new(assert_fresh);
    LazyLock::force(&FRESH);
    dir
}

/// `cargo test -p wicketgate-tests` builds the tests alone: what they start may be older than its source.
fn assert_fresh() {
    let dir = std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().to_owned();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/src");
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap();
    let built = changed(&dir.join("wicketgate"));
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            // Which is no part of the program.
            } else if path.file_name().is_none_or(|name| name != "tests.rs") {
                assert!(changed(&path) <= built, "the gateway is older than {}: run `cargo build`", path.display());
            }
        }
    }
}

/// A new folder with copies of the plugins of these names.
pub fn bundled_plugins(names: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        let file = dir.path().join(format!("{name}.so"));
        fs::copy(build_dir().join(format!("libwicketgate_{name}.so")), &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    dir
}

/// The specs of the plugins that most tests have, written once by `wicketgate spec`.
pub fn generated_specs() -> &'static Path {
    static SPECS: LazyLock<TempDir> = LazyLock::new(|| specs_of(&USUAL));
    SPECS.path()
}

/// The same with the plugin that has a command for each shape in place of the probe.
pub fn shape_specs() -> &'static Path {
    static SPECS: LazyLock<TempDir> = LazyLock::new(|| specs_of(&["auth", "example", "shape"]));
    SPECS.path()
}

/// The specs of all plugins that come with the gateway, written once.
pub(crate) fn bundled_specs() -> &'static Path {
    static SPECS: LazyLock<TempDir> = LazyLock::new(|| specs_of(&BUNDLED));
    SPECS.path()
}

fn specs_of(names: &[&str]) -> TempDir {
    let (dir, plugins) = (tempfile::tempdir().unwrap(), bundled_plugins(names));
    let config = dir.path().join("spec.toml");
    let text = format!("[plugins]\ndir = {:?}\nspecs = {:?}\n", plugins.path(), dir.path());
    fs::write(&config, text).unwrap();
    let output = wicketgate(&["spec", "--config", config.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    dir
}
