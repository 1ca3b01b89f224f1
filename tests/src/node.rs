//! Programs of Node's world: `make test` installs them into `tests/browser/`.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The folder of the scripts.
#[must_use]
pub fn browser_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

/// Runs a script there, which must succeed within a minute; returns what it prints.
pub fn node(script: &str, arguments: &[&str]) -> String {
    let output = run("node", browser_dir().join(script), arguments);
    let (printed, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {printed}{said}");
    printed
}

/// Checks the types of the TypeScript project in `dir`; returns what is wrong with it.
#[must_use]
pub fn tsc(dir: &Path) -> String {
    let output = run(browser_dir().join("node_modules/.bin/tsc"), "--project", &[dir.to_str().unwrap()]);
    String::from_utf8(output.stdout).unwrap()
}

fn run(program: impl AsRef<OsStr>, first: impl AsRef<OsStr>, arguments: &[&str]) -> Output {
    assert!(browser_dir().join("node_modules").exists(), "tests/browser/ is not installed: run `make test`");
    Command::new("timeout").args(["--kill-after=5", "60"]).arg(program).arg(first).args(arguments).output().unwrap()
}
