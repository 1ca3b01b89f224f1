//! Asks a plugin for its spec in a child process: a plugin that crashes or hangs takes nothing with it.

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Library, PluginError, PluginFile};

/// How long a plugin may take to describe itself.
const SCAN_TIMEOUT: Duration = Duration::from_secs(10);

/// The spec of the plugin at `path`, from this process. For the child.
///
/// # Errors
/// If it is no plugin, or can't describe itself.
pub fn describe(path: &Path) -> Result<Value, PluginError> {
    PluginFile::read(path)?;
    let absolute = path.canonicalize().map_err(|e| PluginError::Spec(e.to_string()))?;
    Library::open(&absolute)?.spec()
}

/// The spec of `plugin`, from a child process: `program` is this gateway, which is called with `arguments` and the
/// plugin's path, and writes what [`describe`] returned.
///
/// # Errors
/// If the child can't be started, crashes, hangs, or fails.
pub fn scan(plugin: &PluginFile, program: &Path, arguments: &[&str]) -> Result<Value, PluginError> {
    let failed = |e: std::io::Error| PluginError::Spec(e.to_string());
    let mut child = Command::new(program)
        .args(arguments)
        .arg(&plugin.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let (stdout, stderr) = (read_all(child.stdout.take()), read_all(child.stderr.take()));
    let deadline = Instant::now() + SCAN_TIMEOUT;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().map_err(failed)?;
            child.wait().map_err(failed)?;
            return Err(PluginError::Spec(format!("it did not answer within {} seconds", SCAN_TIMEOUT.as_secs())));
        }
        thread::sleep(Duration::from_millis(5));
    };
    let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        return Err(PluginError::Spec(format!("its process ended with {status}: {}", said.trim())));
    }
    serde_json::from_slice(&stdout).map_err(|e| PluginError::Spec(e.to_string()))
}

/// Reads a pipe to its end on a thread of its own, so that a child never waits for a reader.
fn read_all(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read until an error is all there is to show.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
