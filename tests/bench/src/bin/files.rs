//! Measures how fast files are served, beside other servers: same files, same machine, in turn, several rounds.
//!
//! `files BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins. In these steps:
//!
//! 1. The servers that are installed are looked for: this gateway, nginx with and without a cache of open files, Caddy,
//!    static-web-server (`STATIC_WEB_SERVER` may say where it is), and a bare pingora that answers from memory, as the floor.
//! 2. Files and a certificate are written, and all servers are started, on one core.
//! 3. Each server is asked once for each answer. One that does not give it is left out there, which is told.
//! 4. Rounds: each answer, of each server in turn, by `wrk` or `h2load` on another core. `BENCH_ROUNDS` and
//!    `BENCH_SECONDS` change how many and how long, for a try.
//! 5. Each server is started anew, to see what 1,000 connections that rest cost.
//! 6. Two tables in Markdown.

use std::{fs, path::Path, process::ExitCode, thread};

use wicketgate_bench::{
    cases::Case,
    client::idle,
    load::{CLIENTS, CONNECTIONS, STREAMS, Wish},
    place::Place,
    rivals::{Kind, Rival, version},
    running::Running,
    server::{Result, measured},
    table::Sheet,
};

const ROUNDS: u64 = 5;
const SECONDS: u64 = 2;

fn main() -> ExitCode {
    match measured("files", compare) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("files: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(binaries: &Path, plugins: &Path, scratch: &Path) -> Result<()> {
    let (rounds, seconds) = (setting("BENCH_ROUNDS", ROUNDS)?, setting("BENCH_SECONDS", SECONDS)?);
    let (rivals, mut notes) = find(binaries)?;
    let versions = versions(&rivals)?;
    let place = Place::prepare(scratch, plugins)?;
    let cases = Case::all();
    let rows = cases.iter().map(|case| (case.name, rivals.iter().map(|_| Vec::new()).collect())).collect();
    let mut sheet = Sheet { idle: vec![Vec::new(); rivals.len()], rivals, rows };
    fill_rows(&mut sheet, &cases, &place, (rounds, seconds), &mut notes)?;
    fill_idle(&mut sheet, &place, rounds)?;
    println!(
        "{rounds} rounds of {seconds} s, {CONNECTIONS} connections (HTTP/2: {CLIENTS} with {STREAMS} requests at once on \
         each), medians; the server on one core, the load on another. {versions}\n"
    );
    sheet.print_ratios();
    println!();
    notes.iter().for_each(|note| println!("{note}\n"));
    sheet.print_details();
    Ok(())
}

/// Measures all answers of all servers in turn, which run all the while.
fn fill_rows(
    sheet: &mut Sheet,
    cases: &[Case],
    place: &Place,
    (rounds, seconds): (u64, u64),
    notes: &mut Vec<String>,
) -> Result<()> {
    let servers: Vec<Running> = sheet.rivals.iter().map(|rival| rival.start(place)).collect::<Result<_>>()?;
    let wishes: Vec<_> = cases.iter().map(|case| wishes(case, &sheet.rivals, &servers, notes)).collect();
    for round in 1..=rounds {
        for (case, (wishes, (_, figures))) in cases.iter().zip(wishes.iter().zip(&mut sheet.rows)) {
            eprintln!("round {round} of {rounds}: {}", case.name);
            for (at, wish) in wishes.iter().enumerate() {
                let Some(wish) = wish else { continue };
                let sample = case.measure(place, &servers[at], wish, seconds);
                let name = sheet.rivals[at].kind.name();
                figures[at].push(sample.map_err(|e| format!("{name}, {}: {e}", case.name))?);
            }
        }
    }
    Ok(())
}

/// Measures the memory of connections that rest, of servers that have just been started.
fn fill_idle(sheet: &mut Sheet, place: &Place, rounds: u64) -> Result<()> {
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}: idle connections");
        for (rival, figures) in sheet.rivals.iter().zip(&mut sheet.idle) {
            figures.push(idle(&rival.start(place)?).map_err(|e| format!("{}: {e}", rival.kind.name()))?);
        }
    }
    Ok(())
}

/// The servers that are there, and which are not.
fn find(binaries: &Path) -> Result<(Vec<Rival>, Vec<String>)> {
    let (mut rivals, mut notes) = (Vec::new(), Vec::new());
    for kind in Kind::ALL {
        match kind.find(binaries)? {
            Some(rival) => rivals.push(rival),
            None if kind == Kind::Gateway => {
                return Err(format!("there is no wicketgate in {}; build it first", binaries.display()).into());
            }
            None => notes.push(format!("Not installed: {}.", kind.name())),
        }
    }
    notes.iter().for_each(|note| eprintln!("{note}"));
    Ok((rivals, notes))
}

/// What wrk is to send to each server; nothing for those that take no part, with a note of those that could not.
fn wishes(case: &Case, rivals: &[Rival], servers: &[Running], notes: &mut Vec<String>) -> Vec<Option<Wish>> {
    let wish = |(rival, server): (&Rival, &Running)| {
        let wish = case.takes(rival.kind).then(|| case.wish(server))?;
        let note = match &wish {
            Ok(wish) => wish.note.map(|note| format!("{}, {}: {note}.", rival.kind.name(), case.name)),
            Err(e) => Some(format!("Not measured: {}, {}: {e}.", rival.kind.name(), case.name)),
        };
        notes.extend(note.inspect(|note| eprintln!("{note}")));
        wish.ok()
    };
    rivals.iter().zip(servers).map(wish).collect()
}

/// The versions of all programs, the kernel and the number of cores.
fn versions(rivals: &[Rival]) -> Result<String> {
    let tool = |name: &str, argument, package| {
        version(Path::new(name), argument).map_err(|e| format!("{e}; it is in the Debian package {package}"))
    };
    let (wrk, h2load) = (tool("wrk", "-v", "wrk")?, tool("h2load", "--version", "nghttp2-client")?);
    let servers: Vec<_> = rivals.iter().filter(|rival| rival.kind != Kind::NginxCached).map(Rival::title).collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Ok(format!("{}; wrk {wrk}, h2load {h2load}; Linux {}, {cores} cores.", servers.join(", "), kernel.trim()))
}

/// A number from the environment, at least 1.
fn setting(name: &str, usual: u64) -> Result<u64> {
    let Ok(text) = std::env::var(name) else { return Ok(usual) };
    let number = text.parse().ok().filter(|number| *number > 0);
    Ok(number.ok_or_else(|| format!("{name}={text}: a whole number above 0 is needed"))?)
}
