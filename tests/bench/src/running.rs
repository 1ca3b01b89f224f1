//! Servers as processes: started on one core, watched, and ended.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::server::{Result, cpu_seconds, memory, pinned};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long one that is asked to end may take.
const GRACE: Duration = Duration::from_secs(2);

/// Where a server listens, on 127.0.0.1.
#[derive(Clone, Copy)]
pub struct Ports {
    /// Without TLS.
    pub plain: u16,
    /// With TLS; a server without it leaves it alone.
    pub tls: u16,
}

impl Ports {
    /// Two that are free now.
    ///
    /// # Errors
    /// If there are none.
    pub fn free() -> Result<Self> {
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        // Both at once, so that they differ.
        let (plain, tls) = (listen()?, listen()?);
        Ok(Self { plain: plain.local_addr()?.port(), tls: tls.local_addr()?.port() })
    }
}

/// A server that runs, in as many processes as it takes.
pub struct Running {
    processes: Vec<Child>,
    /// Where it listens.
    pub ports: Ports,
}

impl Running {
    /// Starts the commands, and waits until each of these ports is listened on; what they say is written to `log`.
    ///
    /// # Errors
    /// If a program is missing, ends, or does not listen in time.
    pub fn start(commands: &[Command], ports: Ports, tls: bool, log: &Path) -> Result<Self> {
        let mut running = Self { processes: Vec::new(), ports };
        let said = File::create(log)?;
        for command in commands {
            let mut command = pinned(0, command);
            command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said.try_clone()?);
            let process = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
            running.processes.push(process);
        }
        let ports = if tls { vec![ports.plain, ports.tls] } else { vec![ports.plain] };
        for port in ports {
            running.await_port(port).map_err(|e| {
                let said = fs::read_to_string(log).unwrap_or_default();
                format!("{e}; it said:\n{said}")
            })?;
        }
        Ok(running)
    }

    fn await_port(&mut self, port: u16) -> Result<()> {
        let started = Instant::now();
        loop {
            let listens = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            for process in &mut self.processes {
                if let Some(status) = process.try_wait()? {
                    return Err(format!("the server ended with {status} (was port {port} taken?)").into());
                }
            }
            if listens {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("the server does not listen on port {port} after {PATIENCE:?}").into());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// User and system time so far, of all processes.
    ///
    /// # Errors
    /// If one has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        self.family().into_iter().map(cpu_seconds).sum()
    }

    /// Resident memory of all processes, in KB.
    ///
    /// # Errors
    /// If one has ended.
    pub fn memory(&self) -> Result<f64> {
        self.family().into_iter().map(|process| memory(process, "VmRSS:")).sum()
    }

    /// All processes, with the children that they have started.
    fn family(&self) -> Vec<u32> {
        let mut family: Vec<u32> = self.processes.iter().map(Child::id).collect();
        let mut next = 0;
        while let Some(parent) = family.get(next) {
            let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            next += 1;
        }
        family
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let children = self.family().split_off(self.processes.len());
        // One that has children is asked, so that it ends them. The others have nothing to lose.
        let asked = Instant::now();
        for process in self.processes.iter_mut().filter(|_| !children.is_empty()) {
            signal("-TERM", process.id());
            while matches!(process.try_wait(), Ok(None)) && asked.elapsed() < GRACE {
                thread::sleep(Duration::from_millis(10));
            }
        }
        for process in &mut self.processes {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
        children.into_iter().for_each(|child| signal("-KILL", child));
    }
}

/// Sends a signal to a process, which may have ended already.
fn signal(name: &str, process: u32) {
    let _ = Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status();
}
