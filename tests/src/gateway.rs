//! A running gateway of a test's own.

use std::{
    fs,
    io::{BufRead, BufReader, Lines, Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    client::{Connection, Reply, request},
    plugins::{BUNDLED, USUAL, build_dir, bundled_plugins, bundled_specs, generated_specs, shape_specs},
};

/// What a gateway is started with. Everything lives in a folder that is removed afterwards.
pub struct Setup {
    dir: TempDir,
    plugins: TempDir,
    specs: PathBuf,
    access: String,
    server: String,
    rest: String,
    log: Option<String>,
    /// Whether root's rights to all files are taken away.
    unprivileged: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// The example and the probe for everybody, and a site `*` with an empty folder.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("www")).unwrap();
        let actions = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";
        Self {
            dir,
            plugins: bundled_plugins(&USUAL),
            specs: generated_specs().to_owned(),
            access: "allow all".into(),
            server: String::new(),
            rest: format!("[[sites]]\nhost = \"*\"\nroot = \"www\"\n{actions}"),
            log: None,
            unprivileged: false,
        }
    }

    /// The action that has a command for each shape of input and reply, for everybody, and a site `*` with an empty folder.
    pub fn shapes() -> Self {
        let actions = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"shape\"\n";
        let rest = format!("[[sites]]\nhost = \"*\"\nroot = \"www\"\n{actions}");
        let (plugins, specs) = (bundled_plugins(&["auth", "example", "shape"]), shape_specs().to_owned());
        Self { plugins, specs, rest, ..Self::new() }
    }

    /// What comes with the gateway and needs no configuration, for everybody, and a site `*` with an empty folder.
    pub fn bundled() -> Self {
        let actions = ["example", "map", "print"].map(|name| format!("[[actions]]\ntype = \"{name}\"\n")).concat();
        let rest = format!("[[sites]]\nhost = \"*\"\nroot = \"www\"\n{actions}");
        Self { plugins: bundled_plugins(&BUNDLED), specs: bundled_specs().to_owned(), rest, ..Self::new() }
    }

    /// Whoever runs the tests, the gateway may read no more than files' modes allow.
    pub fn unprivileged(mut self) -> Self {
        self.unprivileged = true;
        self
    }

    /// The application's rules.
    pub fn access(mut self, rules: &str) -> Self {
        self.access = rules.into();
        self
    }

    /// More lines below `[server]`.
    pub fn server(mut self, toml: &str) -> Self {
        self.server.push_str(toml);
        self
    }

    /// Everything below `[plugins]`: sites and actions.
    pub fn sites_and_actions(mut self, toml: &str) -> Self {
        self.rest = toml.into();
        self
    }

    /// More lines at the end.
    pub fn append(mut self, toml: &str) -> Self {
        self.rest.push_str(toml);
        self
    }

    /// What is logged, as `RUST_LOG` says it.
    pub fn log(mut self, levels: &str) -> Self {
        self.log = Some(levels.into());
        self
    }

    /// Another folder of specs.
    pub fn specs(mut self, dir: &Path) -> Self {
        self.specs = dir.to_owned();
        self
    }

    /// The folder of plugins, to spoil something in it.
    pub fn plugins_dir(&self) -> &Path {
        self.plugins.path()
    }

    /// The folder that the configuration is in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The root of the site.
    pub fn www(&self) -> PathBuf {
        self.dir.path().join("www")
    }

    /// Writes a file below the root of the site.
    pub fn file(self, path: &str, content: &[u8]) -> Self {
        let file = self.www().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
        self
    }

    /// The configuration's file, whether it is written already or not.
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("wicketgate.toml")
    }

    /// Writes a file below the folder that the configuration is in; returns its path.
    pub fn put(&self, path: &str, content: &[u8]) -> PathBuf {
        let file = self.dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        file
    }

    /// Runs the program to its end with the configuration as it is on disk; returns exit code, stdout and stderr.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let config = self.config();
        told(wicketgate(&[arguments, &["--config", config.to_str().unwrap()]].concat()))
    }

    /// Writes the configuration; returns its path.
    pub fn write_config(&self) -> PathBuf {
        let file = self.dir.path().join("wicketgate.toml");
        let (plugins, specs) = (self.plugins.path(), &self.specs);
        let text = format!(
            "access = {:?}\n[server]\nlisten = [\"127.0.0.1:0\"]\ndataDir = \"data\"\n{}\n\
             [plugins]\ndir = {plugins:?}\nspecs = {specs:?}\n{}",
            self.access, self.server, self.rest
        );
        fs::write(&file, text).unwrap();
        file
    }

    /// Starts a gateway that must come up.
    pub fn start(self) -> Gateway {
        self.start_with(false)
    }

    /// The same, but its log goes to a pipe that nobody reads from any more.
    pub fn start_unheard(self) -> Gateway {
        self.start_with(true)
    }

    fn start_with(self, unheard: bool) -> Gateway {
        let config = self.write_config();
        let (process, log, address) = spawn(&config, self.log.as_deref(), unheard, self.unprivileged);
        Gateway { process, log: Some(log), address, setup: self }
    }

    /// Starts a gateway that must refuse to; returns what it says.
    pub fn refused(&self) -> String {
        let output = wicketgate(&["serve", "--config", self.write_config().to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    }
}

/// A gateway that has begun: its process, what it logs, and the lines that say where it listens.
pub(crate) fn begin(
    config: &Path,
    levels: Option<&str>,
    unheard: bool,
    unprivileged: bool,
) -> (Child, JoinHandle<String>, Announced) {
    let serve = ["serve", "--config", config.to_str().unwrap()];
    let mut command = if unprivileged && rustix::process::getuid().is_root() {
        let drop = ["--bounding-set=-dac_override,-dac_read_search", "--"];
        timed(
            "setpriv".as_ref(),
            120,
            &[&drop[..], &[build_dir().join("wicketgate").to_str().unwrap()], &serve].concat(),
        )
    } else {
        program(&serve, 120)
    };
    command.env_remove("RUST_LOG").stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(levels) = levels {
        command.env("RUST_LOG", levels);
    }
    let mut process = command.spawn().unwrap();
    let mut stderr = process.stderr.take().unwrap();
    let log = thread::spawn(move || {
        let mut text = String::new();
        if !unheard {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    let announced = BufReader::new(process.stdout.take().unwrap()).lines();
    (process, log, announced)
}

/// What a gateway says when it serves, a line for each address.
pub(crate) type Announced = Lines<BufReader<ChildStdout>>;

/// The address of the next line, which must be of that scheme.
pub(crate) fn address(announced: &mut Announced, scheme: &str) -> Option<SocketAddr> {
    let line = announced.next()?.ok()?;
    line.split_once(&format!(" serves {scheme}://"))?.1.trim().parse().ok()
}

/// A gateway that must come up: its process, what it logs, and where it listens.
fn spawn(
    config: &Path,
    levels: Option<&str>,
    unheard: bool,
    unprivileged: bool,
) -> (Child, JoinHandle<String>, SocketAddr) {
    let (process, log, mut announced) = begin(config, levels, unheard, unprivileged);
    match address(&mut announced, "http") {
        Some(address) => (process, log, address),
        None => panic!("the gateway did not start: {}", log.join().unwrap()),
    }
}

/// The program, which ends by itself after so many seconds, should the test be killed.
fn program(arguments: &[&str], seconds: u32) -> Command {
    timed(&build_dir().join("wicketgate"), seconds, arguments)
}

fn timed(program: &Path, seconds: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", &seconds.to_string()]).arg(program).args(arguments);
    command
}

/// Runs the program to its end, which must come within 20 seconds.
pub fn wicketgate(arguments: &[&str]) -> Output {
    program(arguments, 20).output().unwrap()
}

/// The same, with a text on stdin; returns exit code, stdout and stderr.
pub fn with_stdin(arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = program(arguments, 20);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // Who refuses at once does not read.
    let _ = process.stdin.take().unwrap().write_all(stdin.as_bytes());
    told(process.wait_with_output().unwrap())
}

/// Exit code, stdout and stderr.
fn told(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A gateway that serves. Dropping it ends it.
pub struct Gateway {
    process: Child,
    log: Option<JoinHandle<String>>,
    address: SocketAddr,
    setup: Setup,
}

impl Gateway {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root of its site.
    pub fn www(&self) -> PathBuf {
        self.setup.www()
    }

    /// Its folder of plugins.
    pub fn plugins_dir(&self) -> &Path {
        self.setup.plugins_dir()
    }

    /// The file of its configuration.
    pub fn config(&self) -> PathBuf {
        self.setup.config()
    }

    /// The folder that its configuration is in.
    pub fn dir(&self) -> &Path {
        self.setup.dir()
    }

    /// Writes a file below that folder; returns its path.
    pub fn put(&self, path: &str, content: &[u8]) -> PathBuf {
        self.setup.put(path, content)
    }

    /// Changes the file of its configuration, in place: `from`, which must be in it, becomes `to`.
    pub fn change_config(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(self.config(), text.replace(from, to)).unwrap();
    }

    /// Runs another command of the program beside it, with the same configuration; returns exit code, stdout and stderr.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.setup.run(arguments)
    }

    /// A new connection.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// Sends these bytes on a new connection, and reads one reply.
    pub fn raw(&self, bytes: &[u8]) -> Reply {
        self.connect().send(bytes).reply().expect("a reply")
    }

    /// GETs a target.
    pub fn get(&self, target: &str) -> Reply {
        self.raw(&request("GET", target, &[], b""))
    }

    /// POSTs a body to `/_`.
    pub fn post(&self, content_type: &str, body: &[u8]) -> Reply {
        self.raw(&request("POST", "/_", &[&format!("Content-Type: {content_type}")], body))
    }

    /// Calls a command in JSON.
    pub fn json(&self, cmd: &str, params: &Value) -> Reply {
        self.post("application/json", json!({ "cmd": cmd, "params": params }).to_string().as_bytes())
    }

    /// Calls a command in MsgPack.
    pub fn msgpack(&self, cmd: &str, params: &Value) -> Reply {
        let body = rmp_serde::to_vec_named(&json!({ "cmd": cmd, "params": params })).unwrap();
        self.post("application/msgpack", &body)
    }

    /// Whether the process lives and answers; what a test of bad input ends with.
    pub fn assert_well(&self) {
        let reply = self.json("exampleHello", &json!({"color": "blue"}));
        assert_eq!((reply.status, reply.text()), (200, r#"{"message":"<font color=blue>Hi, Guest</font>"}"#));
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        // The process that was started is `timeout`; its one child is the gateway.
        let timeout = self.process.id();
        let child = fs::read_to_string(format!("/proc/{timeout}/task/{timeout}/children")).unwrap();
        Pid::from_raw(child.trim().parse().unwrap()).unwrap()
    }

    /// How much of its memory is resident, in kilobytes.
    pub fn resident_kilobytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// The names of its threads, as the kernel knows them.
    pub fn thread_names(&self) -> Vec<String> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        tasks.map(|task| fs::read_to_string(task.unwrap().path().join("comm")).unwrap()).collect()
    }

    /// Sends it SIGHUP.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Sends it SIGINT, and waits for its end.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
        let path = format!("/proc/{}/task/{0}/children", self.process.id());
        let deadline = Instant::now() + Duration::from_secs(8);
        while fs::read_to_string(&path).is_ok_and(|child| !child.is_empty()) {
            assert!(Instant::now() < deadline, "it did not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// `timeout`, which started it, would not pass signals on.
    fn signal(&self, signal: Signal) {
        let timeout = self.process.id();
        let child = fs::read_to_string(format!("/proc/{timeout}/task/{timeout}/children")).unwrap();
        let child = Pid::from_raw(child.trim().parse().unwrap()).unwrap();
        kill_process(child, signal).unwrap();
    }

    /// Asks it to end, without waiting.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
    }

    /// Ends it, and starts another one with the same folder and configuration.
    pub fn restart(&mut self) {
        self.terminate();
        assert!(self.process.wait().unwrap().success());
        self.respawn();
    }

    /// The same, but it is killed.
    pub fn crash(&mut self) {
        self.signal(Signal::KILL);
        assert!(!self.process.wait().unwrap().success());
        self.respawn();
    }

    fn respawn(&mut self) {
        let (process, log, address) = spawn(&self.config(), self.setup.log.as_deref(), false, self.setup.unprivileged);
        (self.process, self.log, self.address) = (process, Some(log), address);
    }

    /// Ends it, and returns all that it logged. It must end by itself, and well.
    pub fn into_log(mut self) -> String {
        self.terminate();
        let status = self.process.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.terminate();
            let _ = self.process.wait();
        }
    }
}
