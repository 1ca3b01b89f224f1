//! Load generators, and what they print.

use std::{fs, path::Path, process::Command};

use crate::{
    place::Place,
    server::{Result, pinned},
};

/// Connections of wrk.
pub const CONNECTIONS: usize = 32;

/// Connections of h2load, and requests at once on each.
pub const CLIENTS: usize = 8;
/// Requests at once on each connection of h2load.
pub const STREAMS: usize = 8;

/// TLS 1.3 with one suite, for whatever uses openssl: servers would choose differently.
const OPENSSL: &str = "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = default\n[default]\n\
                       MinProtocol = TLSv1.3\nCiphersuites = TLS_AES_128_GCM_SHA256\n";

/// What a load generator has seen.
pub struct Seen {
    /// Requests that were answered.
    pub requests: f64,
    /// Requests per second.
    pub rate: f64,
    /// What 99 % of the requests took at most, in milliseconds.
    pub p99: f64,
}

/// What wrk is to send.
#[derive(Clone, Default)]
pub struct Wish {
    /// Headers, as `Name: value`.
    pub headers: Vec<String>,
    /// A script that makes the requests.
    pub script: Option<String>,
    /// Whether all answers have to be errors, instead of none.
    pub refused: bool,
    /// What is different from what other servers are sent.
    pub note: Option<&'static str>,
}

/// Has wrk ask for that URL for so many seconds.
///
/// # Errors
/// If wrk is missing, or not every request was answered as it should be.
pub fn wrk(place: &Place, url: &str, wish: &Wish, seconds: u64) -> Result<Seen> {
    let (openssl, script) = (place.scratch.join("openssl.cnf"), place.scratch.join("load.lua"));
    fs::write(&openssl, OPENSSL)?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "--timeout", "20s", "--latency"]);
    wrk.env("OPENSSL_CONF", openssl).args(wish.headers.iter().flat_map(|header| ["-H", header]));
    if let Some(text) = &wish.script {
        fs::write(&script, text)?;
        wrk.arg("-s").arg(script);
    }
    let text = said(wrk.arg(url))?;
    let unexpected = |what: &str| format!("wrk, {url}: {what}:\n{text}");
    let word = |part: &str, word: usize| {
        let line = text.lines().find(|line| line.contains(part))?;
        line.split_whitespace().nth(word)
    };
    let number = |part, index| word(part, index).and_then(|word| word.parse::<f64>().ok());
    let (Some(requests), Some(rate), Some(p99)) =
        (number("requests in", 0), number("Requests/sec", 1), word(" 99%", 1).and_then(milliseconds))
    else {
        return Err(unexpected("something unexpected was printed").into());
    };
    if text.contains("Socket errors") || requests < 1.0 {
        return Err(unexpected("not every request was answered").into());
    }
    let refused = number("Non-2xx", 4).unwrap_or(0.0);
    if refused != if wish.refused { requests } else { 0.0 } {
        return Err(unexpected("not every answer has the status that was expected").into());
    }
    Ok(Seen { requests, rate, p99 })
}

/// Has h2load ask for that URL, by HTTP/2 over TLS, for so many seconds.
///
/// # Errors
/// If h2load is missing, the server speaks no HTTP/2, or not every request was answered with 2xx.
pub fn h2load(place: &Place, url: &str, seconds: u64) -> Result<Seen> {
    let log = place.scratch.join("h2load.log");
    let mut h2load = Command::new("h2load");
    h2load.args(["-t1", &format!("-c{CLIENTS}"), &format!("-m{STREAMS}"), &format!("-D{seconds}")]);
    h2load.args(["--tls13-ciphers=TLS_AES_128_GCM_SHA256", "--npn-list=h2"]);
    let text = said(h2load.arg("--log-file").arg(&log).arg(url))?;
    let line = |part: &str| text.lines().find_map(|line| line.split_once(part)).unwrap_or_default();
    let (Ok(rate), Ok(succeeded)) = (
        line(" req/s,").0.rsplit(' ').next().unwrap_or_default().parse::<f64>(),
        line(" succeeded,").0.rsplit(' ').next().unwrap_or_default().parse::<f64>(),
    ) else {
        return Err(format!("h2load, {url}: something unexpected was printed:\n{text}").into());
    };
    let expected = [
        "Application protocol: h2\n",
        "TLS Protocol: TLSv1.3\n",
        " 0 failed, 0 errored, 0 timeout\n",
        " 0 3xx, 0 4xx, 0 5xx\n",
    ];
    if succeeded < 1.0 || !expected.iter().all(|part| text.contains(part)) {
        return Err(format!("h2load, {url}: not every request was answered with 2xx:\n{text}").into());
    }
    Ok(Seen { requests: succeeded, rate, p99: slowest(&log)? })
}

/// What 99 % of the requests in h2load's log took at most: the third column, in microseconds.
fn slowest(log: &Path) -> Result<f64> {
    let text = fs::read_to_string(log)?;
    let mut times: Vec<f64> = text.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse().ok()).collect();
    times.sort_by(f64::total_cmp);
    fs::remove_file(log)?;
    let slowest = times.get(times.len() * 99 / 100).ok_or("h2load has written no log")?;
    Ok(slowest / 1000.0)
}

/// What a load generator, on its core, prints.
fn said(command: &Command) -> Result<String> {
    let program = command.get_program().to_string_lossy();
    let output = pinned(1, command).output().map_err(|e| format!("{program}: {e}"))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(text) } else { Err(format!("{program}: {}:\n{text}", output.status).into()) }
}

/// A time as wrk prints it.
fn milliseconds(text: &str) -> Option<f64> {
    let number = text.trim_end_matches(char::is_alphabetic);
    let unit = match &text[number.len()..] {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * unit)
}
