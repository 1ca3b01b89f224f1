//! The control socket: how `wicketgate reload` reaches a gateway that runs. Only its owner can open it.

use std::{
    fs, io,
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// The socket's name in the gateway's own folder.
const NAME: &str = "control.sock";

/// How long a gateway may take to answer: plugins are configured meanwhile.
const TIMEOUT: Duration = Duration::from_secs(120);

/// What a gateway answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it was done.
    pub done: bool,
    /// What there is to say, one per line.
    pub told: Vec<String>,
}

/// What can be asked: that the configuration of this main file be read again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reload {
    pub(super) reload: PathBuf,
}

/// Where the socket of a gateway is.
#[must_use]
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// Opens the socket in `data_dir`. One that a former gateway has left is replaced.
///
/// # Errors
/// If it can't be made, or another gateway listens there.
pub fn bind(data_dir: &Path) -> io::Result<UnixListener> {
    let path = path(data_dir);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    if UnixStream::connect(&path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another gateway runs with this `server.dataDir`"));
    }
    // Nobody can open it before it has its mode: it comes to be where nobody else gets.
    let private: PathBuf = data_dir.join(format!(".{}", std::process::id()));
    let _ = fs::remove_dir_all(&private);
    fs::DirBuilder::new().mode(0o700).create(&private)?;
    // The name of a socket has 107 bytes at most, with its folder.
    let made = private.join("s");
    let bound = UnixListener::bind(&made).and_then(|listener| {
        fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
        fs::rename(&made, &path)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    fs::remove_dir_all(&private)?;
    bound
}

/// Whether a gateway listens there.
#[must_use]
pub fn is_running(data_dir: &Path) -> bool {
    UnixStream::connect(path(data_dir)).is_ok()
}

/// Asks the gateway of `data_dir` to reload `main`, the main file of its configuration.
///
/// # Errors
/// If none runs there, or it does not answer; in words for the operator.
pub fn ask(data_dir: &Path, main: &Path) -> Result<Answer, String> {
    let path = path(data_dir);
    let connected = UnixStream::connect(&path);
    let stream = connected.map_err(|e| {
        format!("no gateway can be reached through {}: {e}; does it run (`wicketgate serve`)?", path.display())
    })?;
    exchange(stream, main).map_err(|e| format!("the gateway did not answer: {e}; its log may say why"))
}

fn exchange(mut stream: UnixStream, main: &Path) -> io::Result<Answer> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let asked = Reload { reload: main.canonicalize()? };
    writeln!(stream, "{}", serde_json::to_string(&asked)?)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    serde_json::from_str(&line).map_err(|_| io::Error::other("it closed the connection"))
}
