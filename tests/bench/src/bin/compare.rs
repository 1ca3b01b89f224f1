//! Measures the gateway beside the bare pingora answer: same requests, same machine, in turn, several rounds.
//!
//! `compare BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins. Prints a table with the median
//! over the rounds of requests per second and of the server's CPU time per request, and their ratios to the bare answer.
//! The server runs on one core and `wrk` on another, where there are two.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use wicketgate_bench::server::{CONNECTIONS, Figures, Load, Result, SECONDS, Server, median, run};

/// What is measured of each case, each round in this order.
const ANSWERS: usize = 3;
const ROUNDS: usize = 7;

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
    let cases = [("JSON", "application/json", json), ("MsgPack", "application/msgpack", msgpack)];
    let mut rows = Vec::new();
    for (name, content_type, body) in &cases {
        let script = |path, file: &str| {
            Load { path, headers: &[("Content-Type", content_type)], body }
                .script(scratch.join(format!("{name}-{file}.lua")))
        };
        let (command, dressed) = (script("/_", "command")?, script("/dressed", "dressed")?);
        let mut rounds = [const { Vec::new() }; ANSWERS];
        for _ in 0..ROUNDS {
            rounds[0].push(bare.measure(&command)?);
            rounds[1].push(bare.measure(&dressed)?);
            rounds[2].push(gateway.measure(&command)?);
        }
        let answers = ["bare pingora", "bare pingora, the gateway's header lines", "exampleHello"];
        rows.extend(answers.iter().map(|answer| format!("{answer}, {name}")).zip(rounds));
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
