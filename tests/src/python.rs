//! Programs of Python's world: `make test` installs them into `target/python/`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The folder of what schemathesis has to know.
#[must_use]
pub fn openapi_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi")
}

/// Runs a tool that is installed there, for two minutes at most.
pub fn python_tool(tool: &str, arguments: &[&str], dir: &Path) -> Output {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin").join(tool);
    assert!(tool.exists(), "{} is missing: run `make test`", tool.display());
    Command::new("timeout")
        .args(["--kill-after=5", "120"])
        .arg(tool)
        .args(arguments)
        .env("PYTHONPATH", openapi_dir())
        .current_dir(dir)
        .output()
        .unwrap()
}

/// Runs a script of ours, by its path below `tests/`, which must succeed; returns what it prints.
#[must_use]
pub fn python(script: &str, arguments: &[&str], dir: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = python_tool("python", &[&[script.to_str().unwrap()], arguments].concat(), dir);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    told
}
