//! Servers under test, and the load that they are measured with.

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

/// The result of a measurement.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each measurement is made.
pub const ROUNDS: usize = 7;
/// How many seconds each takes.
pub const SECONDS: u64 = 4;
/// With how many connections.
pub const CONNECTIONS: usize = 32;

/// One measurement.
#[derive(Clone, Copy)]
pub struct Figures {
    /// Requests per second.
    pub rate: f64,
    /// Microseconds of the server's CPU per request.
    pub cpu: f64,
}

/// A server under test, on one core.
pub struct Server {
    process: Child,
    /// Its URL.
    pub address: String,
}

impl Server {
    /// Starts it; it says on stdout, as the last word of a line, where it listens.
    pub fn start(command: &mut Command) -> Result<Self> {
        Self::begin(&mut pinned(0, command))
    }

    /// The same, on all cores.
    pub fn spread(command: &mut Command) -> Result<Self> {
        Self::begin(command)
    }

    fn begin(command: &mut Command) -> Result<Self> {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
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

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// User and system time so far.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(self.process.id())
    }

    /// Its memory in KB, as a line of /proc/PID/status has it: `VmRSS:` now, `VmHWM:` at most.
    ///
    /// # Errors
    /// If it has ended.
    pub fn memory(&self, line: &str) -> Result<f64> {
        memory(self.process.id(), line)
    }

    /// Has `VmHWM:` start anew (proc(5), `clear_refs`).
    ///
    /// # Errors
    /// If it has ended.
    pub fn forget_most_memory(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?)
    }

    /// Has wrk send that load for a while.
    pub fn measure(&self, script: &Path) -> Result<Figures> {
        let before = cpu_seconds(self.process.id())?;
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
        Ok(Figures { rate, cpu: (cpu_seconds(self.process.id())? - before) / requests * 1e6 })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose, and may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Has `measure` measure in a folder that is removed afterwards, with the folders of the release binaries and of the plugins,
/// which are the program's arguments.
///
/// # Errors
/// If they are missing, or the measurement fails.
pub fn measured<T>(program: &str, measure: impl FnOnce(&Path, &Path, &Path) -> Result<T>) -> Result<T> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(binaries), Some(plugins)) = (arguments.next(), arguments.next()) else {
        return Err(format!("usage: {program} BIN_DIR PLUGINS_DIR").into());
    };
    let scratch = std::env::temp_dir().join(format!("wicketgate-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let measured = measure(&binaries, &plugins, &scratch);
    fs::remove_dir_all(&scratch)?;
    measured
}

/// Writes a configuration for everybody, with one site, the example action, and `more`; returns its file.
///
/// # Errors
/// If the plugins are not there, or it can't be written.
pub fn write_config(plugins: &Path, scratch: &Path, more: &str) -> Result<PathBuf> {
    let plugins = plugins.canonicalize()?;
    let text = format!(
        "access = \"allow all\"\n[server]\nlisten = [\"127.0.0.1:0\"]\ndataDir = \"data\"\n\
         [plugins]\ndir = {plugins:?}\nspecs = \"specs\"\n[[sites]]\n[[actions]]\ntype = \"example\"\n{more}"
    );
    let file = scratch.join("bench.toml");
    fs::write(&file, text)?;
    Ok(file)
}

/// Prints a table of what was measured in turn: medians over the rounds, and ratios to the first of each `group` rows.
pub fn report(what: &str, rows: &[(String, Vec<Figures>)], group: usize) {
    println!("{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, medians; the server on one core\n");
    println!("| {what} | requests/s | CPU µs/request | CPU ratio |\n|---|---|---|---|");
    for rows in rows.chunks(group) {
        for (name, rounds) in rows {
            let rate = median(rounds.iter().map(|round| round.rate).collect());
            let cpu = median(rounds.iter().map(|round| round.cpu).collect());
            let ratio = median(rounds.iter().zip(&rows[0].1).map(|(own, first)| own.cpu / first.cpu).collect());
            println!("| {name} | {rate:.0} | {cpu:.1} | {ratio:.2} |");
        }
    }
}

/// Runs a command, which must succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// User and system time of a process so far (proc(5), fields 14 and 15, in ticks of 10 ms).
pub(crate) fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    Ok((ticks(11).ok_or("no utime")? + ticks(12).ok_or("no stime")?) / 100.0)
}

/// Memory of a process in KB: that line of its status (proc(5)).
pub(crate) fn memory(process: u32, line: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let text = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("a process has ended")?;
    Ok(text.trim_end_matches("kB").trim().parse()?)
}

/// The command on one core, if there are two.
pub(crate) fn pinned(core: usize, command: &Command) -> Command {
    let mut pinned = if thread::available_parallelism().map_or(1, usize::from) < 2 {
        Command::new(command.get_program())
    } else {
        let mut pinned = Command::new("taskset");
        pinned.args(["--cpu-list", &core.to_string()]).arg(command.get_program());
        pinned
    };
    pinned.args(command.get_args());
    pinned.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    pinned
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
