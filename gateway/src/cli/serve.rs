//! `wicketgate serve`

use std::{
    io::{IsTerminal, Write},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use arc_swap::ArcSwap;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::check;
use crate::{
    app::{self, Reloader, Reloading, Running, control},
    config::Listen,
    front, plugin,
};

/// What is logged unless `RUST_LOG` says otherwise. pingora warns about every client that hangs up.
const LOG: &str = "info,pingora=error,pingora_core=error,pingora_proxy=error";

/// Signals and files, configuration, application, sockets, service: each complete before the next is begun. What runs ends
/// in the reverse order.
pub(super) fn run(file: &Path) -> Result<()> {
    log()?;
    raise_file_limit();
    let reloading = Reloading::prepare(file).context("signals can't be heard")?;
    let config = check::load(file)?;
    let (listen, data_dir) = (config.listen.clone(), config.data_dir.clone());
    let (front, running) = app::build(config, &Running::default())?;
    let front = Arc::new(ArcSwap::from_pointee(front));
    let bound = front::bind(&listen)?;
    let control = control::bind(&data_dir).with_context(|| control::path(&data_dir).display().to_string())?;
    let reloader = Reloader { main: file.to_owned(), front: front.clone(), running, listen, data_dir };
    let stop = reloading.start(reloader, control)?;
    let addresses: Vec<_> = bound.addresses().collect();
    let served = front::serve(bound, front, move || announce(&addresses));
    drop(stop);
    plugin::await_shutdowns();
    served.map_err(|e| anyhow!("the listeners can't be set up: {e}"))
}

/// Takes as many file descriptors as it may: the usual 1024 is soon used up by connections and files.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // If it is refused, the lower limit is what there is; running into it is told then.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

fn log() -> Result<()> {
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(wanted) if !wanted.is_empty() => {
            let example = "write levels such as `debug`, or `info,wicketgate=trace`";
            EnvFilter::try_new(&wanted).with_context(|| format!("RUST_LOG={wanted} can't be understood; {example}"))?
        }
        _ => EnvFilter::new(LOG),
    };
    let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let lines = lines.log_internal_errors(false);
    // A filter that looks at each line costs microseconds per request, for lines that are not written as well.
    let lines = match filter.max_level_hint() {
        Some(LevelFilter::TRACE) | None => lines.with_filter(filter_fn(holds_no_secret)).boxed(),
        _ => lines.boxed(),
    };
    tracing_subscriber::registry().with(lines).with(filter).init();
    plugin::set_log_level(LevelFilter::current());
    Ok(())
}

/// At the most detailed level, pingora writes whole headers: passwords, tokens and cookies among them.
fn holds_no_secret(line: &Metadata<'_>) -> bool {
    let own = ["wicketgate", "plugin"].iter().any(|own| line.target().starts_with(own));
    own || *line.level() != Level::TRACE
}

/// One line per address on stdout.
fn announce(addresses: &[Listen]) {
    let mut out = std::io::stdout().lock();
    for Listen { address, tls } in addresses {
        let scheme = if *tls { "https" } else { "http" };
        // Nobody has to read it.
        let _ = writeln!(out, "wicketgate {} serves {scheme}://{address}", env!("CARGO_PKG_VERSION"));
    }
    let _ = out.flush();
}
