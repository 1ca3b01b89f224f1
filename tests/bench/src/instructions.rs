//! Instructions of a whole server, counted by callgrind while it answers one request after the other. Of a long copy each
//! byte counts as one, and the kernel's are not among them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    client::Client,
    request::Load,
    server::{Result, Server},
};

/// So many requests are counted at once, and so often.
const REQUESTS: u64 = 200;
const TIMES: usize = 10;

/// A server under callgrind.
pub struct Counted {
    server: Server,
    /// What the names of valgrind's pipes begin with, which it leaves behind.
    pipes: PathBuf,
}

impl Counted {
    /// Starts a server, with a folder for what valgrind writes. Nothing is counted while it starts.
    ///
    /// # Errors
    /// If it does not start, or valgrind is missing.
    pub fn start(command: &Command, folder: &Path) -> Result<Self> {
        let pipes = folder.join("vgdb");
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--instr-atstart=no"]);
        valgrind.arg(format!("--vgdb-prefix={}", pipes.display()));
        valgrind.arg(command.get_program()).args(command.get_args());
        let server = Server::start(&mut valgrind).map_err(|e| format!("a server under valgrind: {e}"))?;
        let counted = Self { server, pipes };
        counted.control(&["-i", "on"])?;
        Ok(counted)
    }

    /// What one such request costs: the least that was counted. What is done now and then in the background (every 5 s the
    /// configuration is looked at) is no request's, and never in all of the countings.
    ///
    /// # Errors
    /// If it is not answered with 200.
    pub fn count(&self, load: &Load<'_>) -> Result<f64> {
        let mut client = Client::to(self.server.address.trim_start_matches("http://"))?;
        let request = load.request();
        let mut count = || -> Result<f64> {
            let before = self.total()?;
            for _ in 0..REQUESTS {
                let status = client.ask(&request)?.status;
                if status != 200 {
                    return Err(format!("{} is answered with {status}", load.path).into());
                }
            }
            Ok((self.total()? - before) / REQUESTS as f64)
        };
        // The first is to warm up.
        count()?;
        let counts: Vec<f64> = (0..TIMES).map(|_| count()).collect::<Result<_>>()?;
        let least = counts.into_iter().fold(f64::INFINITY, f64::min);
        if least > 0.0 { Ok(least) } else { Err(format!("nothing is counted while {} is answered", load.path).into()) }
    }

    /// All instructions of all threads so far; threads that have done nothing are not listed.
    fn total(&self) -> Result<f64> {
        let text = self.control(&["-e"])?;
        let own = |line: &str| {
            line.trim().strip_prefix("Th ")?.split_whitespace().nth(1)?.replace(',', "").parse::<f64>().ok()
        };
        Ok(text.lines().filter_map(own).sum())
    }

    fn control(&self, arguments: &[&str]) -> Result<String> {
        let mut control = Command::new("callgrind_control");
        control.arg(format!("--vgdb-prefix={}", self.pipes.display())).args(arguments);
        let output = control.arg(self.server.process().to_string()).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(text)
        } else {
            Err(format!("callgrind_control: {}: {text}", output.status).into())
        }
    }
}
