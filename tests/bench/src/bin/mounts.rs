//! Measures what mounts cost: calls by `/_` beside them, and commands under other URLs; then what an upload costs.
//!
//! `mounts BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins, `example` and `shape` among them.
//! `make bench` runs it, as `target/release/mounts target/release target/bench-plugins`. In these steps:
//!
//! 1. Three gateways are started on one core, with no mounts, with 10 rows, and with 10,000, and left alone for a while. The
//!    paths that are asked for later are in both tables.
//! 2. Rounds: each request, to each gateway in turn, by `wrk` on another core. Ratios are medians over the rounds.
//! 3. The same requests one after the other, to gateways under callgrind, which counts the instructions of all threads.
//! 4. Uploads of 10 MB and of 1 GB in turn, each to a gateway that has just been started.
//! 5. Three tables in Markdown.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use wicketgate_bench::{
    instructions::Counted,
    mounted::{Asked, TABLES, configure},
    server::{CONNECTIONS, ROUNDS, Result, SECONDS, Server, measured, median},
    upload::Upload,
};

/// How many bytes are uploaded, how that is called, and how often.
const UPLOADS: [(usize, &str); 2] = [(10_000_000, "10 MB"), (1_000_000_000, "1 GB")];
const UPLOAD_ROUNDS: usize = 5;

/// How long a gateway has after it was started, and how long it is then left alone to see what it does.
const SETTLING: Duration = Duration::from_secs(3);
const REST: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    measured("mounts", |binaries, plugins, scratch| {
        let program = binaries.join("wicketgate");
        let configure = |(count, _)| configure(&program, plugins, scratch, count);
        let configs: Vec<_> = TABLES.into_iter().map(configure).collect::<Result<_>>()?;
        let mut groups = Asked::groups();
        let servers = start(&program, &configs)?;
        fill_rounds(&mut groups, &servers, scratch)?;
        drop(servers);
        fill_instructions(&mut groups, &program, &configs, scratch)?;
        println!("{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, medians; the server on one core\n");
        println!("| request | mounts | requests/s | ratio | CPU µs/request | ratio | instructions | ratio |");
        println!("|---|---|---|---|---|---|---|---|");
        groups.iter().for_each(|group| group.iter().for_each(|asked| println!("{}", asked.row(&group[0]))));
        uploads(&program, &configs[0])
    })
}

fn serve(program: &Path, config: &Path) -> Command {
    let mut serve = Command::new(program);
    serve.arg("serve").arg("--config").arg(config);
    serve
}

/// Starts all gateways, and prints what their tables cost without any request.
fn start(program: &Path, configs: &[PathBuf]) -> Result<Vec<Server>> {
    let (mut servers, mut waits) = (Vec::new(), Vec::new());
    for config in configs {
        let started = Instant::now();
        servers.push(Server::start(&mut serve(program, config))?);
        waits.push(started.elapsed().as_secs_f64());
    }
    let cpu = || servers.iter().map(Server::cpu_seconds).collect::<Result<Vec<_>>>();
    thread::sleep(SETTLING);
    let before = cpu()?;
    thread::sleep(REST);
    let after = cpu()?;
    println!("| mounts | seconds until it listens | CPU at rest, ms/s | MB resident |\n|---|---|---|---|");
    for (number, (_, name)) in TABLES.iter().enumerate() {
        let (wait, rest) = (waits[number], (after[number] - before[number]) / REST.as_secs_f64() * 1000.0);
        let memory = servers[number].memory("VmRSS:")? * 1.024 / 1000.0;
        println!("| {name} | {wait:.2} | {rest:.1} | {memory:.0} |");
    }
    println!();
    Ok(servers)
}

/// Has wrk send all requests in turn.
fn fill_rounds(groups: &mut [Vec<Asked>], servers: &[Server], scratch: &Path) -> Result<()> {
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        let mut all: Vec<_> = groups.iter_mut().flatten().collect();
        // To and fro: whoever is always last would always get what the machine does then.
        if round % 2 == 0 {
            all.reverse();
        }
        for asked in all {
            let script = asked.load.script(scratch.join("load.lua"))?;
            asked.rounds.push(servers[asked.table].measure(&script)?);
        }
    }
    Ok(())
}

/// Has callgrind count instructions, of one gateway after the other.
fn fill_instructions(groups: &mut [Vec<Asked>], program: &Path, configs: &[PathBuf], scratch: &Path) -> Result<()> {
    for (table, config) in configs.iter().enumerate() {
        eprintln!("callgrind: {}", TABLES[table].1);
        let server = Counted::start(&serve(program, config), scratch)?;
        for asked in groups.iter_mut().flatten().filter(|asked| asked.table == table) {
            asked.instructions = server.count(&asked.load)?;
        }
    }
    Ok(())
}

/// Uploads of each size in turn.
fn uploads(program: &Path, config: &Path) -> Result<()> {
    let mut rows = UPLOADS.map(|_| Vec::new());
    for round in 1..=UPLOAD_ROUNDS {
        eprintln!("round {round} of {UPLOAD_ROUNDS}: uploads");
        for ((size, _), rounds) in UPLOADS.iter().zip(&mut rows) {
            rounds.push(Upload::measure(&Server::start(&mut serve(program, config))?, *size)?);
        }
    }
    println!("\n{UPLOAD_ROUNDS} rounds, medians; resident memory of the server, which is on one core\n");
    println!("| upload | MB/s | CPU s/GB | MB before | at most | after |\n|---|---|---|---|---|---|");
    for ((_, name), rounds) in UPLOADS.iter().zip(&rows) {
        let own = |of: fn(&Upload) -> f64| median(rounds.iter().map(of).collect());
        let (rate, cpu) = (own(|one| one.rate), own(|one| one.cpu));
        let (before, most, after) = (own(|one| one.before), own(|one| one.most), own(|one| one.after));
        println!("| {name} | {rate:.0} | {cpu:.2} | {before:.1} | {most:.1} | {after:.1} |");
    }
    Ok(())
}
