//! Measures the gateway beside the bare pingora answer: same requests, same machine, in turn, several rounds.
//!
//! `compare BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins. Prints a table with the median
//! over the rounds of requests per second and of the server's CPU time per request, and their ratios to the bare answer.
//! The server runs on one core and `wrk` on another, where there are two.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is measured of each case, each round in this order.
const ANSWERS: usize = 3;
const ROUNDS: usize = 7;
const SECONDS: u64 = 4;
const CONNECTIONS: usize = 32;

/// A request to be repeated.
struct Case {
    name: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
}

/// One measurement.
#[derive(Clone, Copy)]
struct Figures {
    rate: f64,
    /// Microseconds of the server's CPU per request.
    cpu: f64,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(binaries), Some(plugins)) = (arguments.next(), arguments.next()) else {
        return Err("usage: compare BIN_DIR PLUGINS_DIR".into());
    };
    let scratch = std::env::temp_dir().join(format!("wicketgate-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let measured = measure(&binaries, &plugins, &scratch);
    fs::remove_dir_all(&scratch)?;
    report(&measured?);
    Ok(())
}

fn measure(binaries: &Path, plugins: &Path, scratch: &Path) -> Result<Vec<(String, Vec<Figures>)>> {
    let config = write_config(plugins, scratch)?;
    run(Command::new(binaries.join("wicketgate")).arg("spec").arg("--config").arg(&config))?;
    let gateway = Server::start(Command::new(binaries.join("wicketgate")).arg("serve").arg("--config").arg(&config))?;
    let bare = Server::start(&mut Command::new(binaries.join("bare")))?;
    let json = br#"{"cmd":"exampleHello","params":{"color":"blue"}}"#.to_vec();
    let msgpack = b"\x82\xa3cmd\xacexampleHello\xa6params\x81\xa5color\xa4blue".to_vec();
    let cases = [
        Case { name: "JSON", content_type: "application/json", body: json },
        Case { name: "MsgPack", content_type: "application/msgpack", body: msgpack },
    ];
    let mut rows = Vec::new();
    for case in &cases {
        let (command, dressed) = (case.script(scratch, "/_")?, case.script(scratch, "/dressed")?);
        let mut rounds = [const { Vec::new() }; ANSWERS];
        for _ in 0..ROUNDS {
            rounds[0].push(bare.measure(&command)?);
            rounds[1].push(bare.measure(&dressed)?);
            rounds[2].push(gateway.measure(&command)?);
        }
        let names = ["bare pingora", "bare pingora, the gateway's header lines", "exampleHello"];
        rows.extend(names.iter().map(|name| format!("{name}, {}", case.name)).zip(rounds));
    }
    Ok(rows)
}

fn write_config(plugins: &Path, scratch: &Path) -> Result<PathBuf> {
    let plugins = plugins.canonicalize()?;
    let text = format!(
        "access = \"allow all\"\n[server]\nlisten = [\"127.0.0.1:0\"]\ndataDir = \"data\"\n\
         [plugins]\ndir = {plugins:?}\nspecs = \"specs\"\n[[sites]]\n[[actions]]\ntype = \"example\"\n"
    );
    let file = scratch.join("bench.toml");
    fs::write(&file, text)?;
    Ok(file)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

impl Case {
    /// The case as a script for wrk.
    fn script(&self, scratch: &Path, path: &str) -> Result<PathBuf> {
        let body: String = self.body.iter().map(|byte| format!("\\{byte:03}")).collect();
        let lua = format!(
            "wrk.method = \"POST\"\nwrk.path = \"{path}\"\nwrk.headers[\"Content-Type\"] = \"{}\"\nwrk.body = \"{body}\"\n",
            self.content_type
        );
        let file = scratch.join(format!("{}{}.lua", self.name, path.replace('/', "-")));
        fs::write(&file, lua)?;
        Ok(file)
    }
}

/// A server under test, on one core.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts it; it says on stdout, as the last word of a line, where it listens.
    fn start(command: &mut Command) -> Result<Self> {
        let mut process = pinned(0, command).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = process.stdout.take().ok_or("no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.split_whitespace().last().ok_or("the server did not say where it listens")?.to_owned();
        let host = address.trim_start_matches("http://");
        // The bare server says so a moment before it is true.
        while TcpStream::connect(host).is_err() {
            if let Some(status) = process.try_wait()? {
                return Err(format!("the server ended with {status}").into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { process, address })
    }

    fn measure(&self, script: &Path) -> Result<Figures> {
        let before = self.cpu_seconds()?;
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "-s"]).arg(script).arg(&self.address);
        let output = pinned(1, &wrk).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("not every request was answered:\n{text}").into());
        }
        let number = |line: &str, word: usize| line.split_whitespace().nth(word).and_then(|n| n.parse::<f64>().ok());
        let requests = text.lines().find(|line| line.contains("requests in")).and_then(|line| number(line, 0));
        let rate = text.lines().find(|line| line.starts_with("Requests/sec")).and_then(|line| number(line, 1));
        let (Some(requests), Some(rate)) = (requests, rate) else {
            return Err(format!("wrk said something unexpected:\n{text}").into());
        };
        Ok(Figures { rate, cpu: (self.cpu_seconds()? - before) / requests * 1e6 })
    }

    /// User and system time of the server so far (proc(5), fields 14 and 15, in ticks of 10 ms).
    fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
        Ok((ticks(11).ok_or("no utime")? + ticks(12).ok_or("no stime")?) / 100.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose, and may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command on one core, if there are two.
fn pinned(core: usize, command: &Command) -> Command {
    if thread::available_parallelism().map_or(1, usize::from) < 2 {
        let mut plain = Command::new(command.get_program());
        plain.args(command.get_args());
        return plain;
    }
    let mut pinned = Command::new("taskset");
    pinned.args(["--cpu-list", &core.to_string()]).arg(command.get_program()).args(command.get_args());
    pinned
}

fn report(rows: &[(String, Vec<Figures>)]) {
    println!("{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, medians; the server on one core\n");
    println!("| answer | requests/s | CPU µs/request | CPU ratio |");
    println!("|---|---|---|---|");
    for answers in rows.chunks(ANSWERS) {
        let bare = &answers[0].1;
        for (name, rounds) in answers {
            let rate = median(rounds.iter().map(|round| round.rate).collect());
            let cpu = median(rounds.iter().map(|round| round.cpu).collect());
            let ratio = median(rounds.iter().zip(bare).map(|(ours, bare)| ours.cpu / bare.cpu).collect());
            println!("| {name} | {rate:.0} | {cpu:.1} | {ratio:.2} |");
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
