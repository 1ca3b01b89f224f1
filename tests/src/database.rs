//! Databases: a PostgreSQL server of a test's own, and files of SQLite.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

/// Its password.
const PASSWORD: &str = "hush-db-password";

/// A PostgreSQL server, of Debian's package `postgresql`. Dropping it ends it, and all that it held.
pub struct Postgres {
    process: Child,
    dir: TempDir,
    address: SocketAddr,
}

impl Default for Postgres {
    fn default() -> Self {
        Self::start()
    }
}

impl Postgres {
    /// Starts one, on a free port of 127.0.0.1.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (data, password) = (dir.path().join("data"), dir.path().join("password"));
        fs::write(&password, PASSWORD).unwrap();
        // The server refuses to run as root.
        if let Some((uid, gid)) = other_user() {
            chown(dir.path(), Some(uid), Some(gid)).unwrap();
            chown(&password, Some(uid), Some(gid)).unwrap();
        }
        let made = program("initdb")
            .args(["--username=postgres", "--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(format!("--pgdata={}", data.display()))
            .current_dir("/")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut postgres = Self { process: serve(dir.path(), address), dir, address };
        postgres.await_answer();
        postgres
    }

    fn await_answer(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.try_sql("SELECT 1") {
            assert!(Instant::now() < deadline, "PostgreSQL does not answer");
            sleep(Duration::from_millis(50));
        }
    }

    /// A URL for clients.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@{}/postgres", self.address)
    }

    /// Has it execute statements, which must succeed.
    pub fn sql(&self, statements: &str) {
        assert!(self.try_sql(statements), "{statements}");
    }

    fn try_sql(&self, statements: &str) -> bool {
        // Else psql waits for its own time-out.
        TcpStream::connect(self.address).is_ok()
            && Command::new("psql")
                .args([
                    "--no-psqlrc",
                    "--quiet",
                    "--set=ON_ERROR_STOP=1",
                    "--dbname",
                    &self.url(),
                    "--command",
                    statements,
                ])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success()
    }

    /// Ends it at once; [`resume`](Self::resume) starts it again.
    pub fn stop(&mut self) {
        // SIGQUIT is the immediate shutdown.
        kill_process(Pid::from_child(&self.process), Signal::QUIT).unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again, at the same address.
    pub fn resume(&mut self) {
        self.process = serve(self.dir.path(), self.address);
        self.await_answer();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.stop();
        }
    }
}

fn serve(dir: &Path, address: SocketAddr) -> Child {
    program("postgres")
        .arg("-D")
        .arg(dir.join("data"))
        .args(["-p", &address.port().to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
        .args(["-c", &format!("unix_socket_directories={}", dir.display())])
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A program of the server, of whatever version is installed.
fn program(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL, from the Debian package `postgresql`");
    let path: PathBuf = versions.map(|version| version.unwrap().path().join("bin").join(name)).max().unwrap();
    // Should the test be killed, the server still ends by itself.
    let mut command = Command::new("timeout");
    command.args(["--signal=QUIT", "--foreground", "120"]).arg(path);
    if let Some((uid, gid)) = other_user() {
        command.uid(uid).gid(gid);
    }
    command
}

/// The user and the group that the server's package has made, if this is root.
fn other_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:")).filter(|_| getuid().is_root())?;
    let mut numbers = line.split(':').skip(2).map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Has a file of SQLite execute statements, by Python's own module.
pub fn sqlite(file: &Path, statements: &str) {
    let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])";
    let status = Command::new("python3").args(["-c", script]).arg(file).arg(statements).status().unwrap();
    assert!(status.success(), "{statements}");
}
