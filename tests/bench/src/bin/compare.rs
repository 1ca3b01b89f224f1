//! Measures the gateway beside the bare pingora answer: same requests, same machine, in turn, several rounds.
//!
//! `compare BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins. Prints a table with the median
//! over the rounds of requests per second and of the server's CPU time per request, and their ratios to the bare answer.
//! The server runs on one core and `wrk` on another, where there are two.

use std::{path::Path, process::Command};

use wicketgate_bench::{
    request::Load,
    server::{Figures, ROUNDS, Result, Server, measured, report, run, write_config},
};

/// What is measured of each case, each round in this order.
const ANSWERS: usize = 3;

fn main() -> Result<()> {
    report("answer", &measured("compare", measure)?, ANSWERS);
    Ok(())
}

fn measure(binaries: &Path, plugins: &Path, scratch: &Path) -> Result<Vec<(String, Vec<Figures>)>> {
    let config = write_config(plugins, scratch, "")?;
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
