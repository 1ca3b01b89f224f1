//! `wicketgate reload`

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{app::control, config};

/// Asks the gateway that runs with this configuration's `server.dataDir`.
pub(super) fn run(file: &Path) -> Result<()> {
    let (data_dir, _) = config::load_server(file)?;
    let answer = control::ask(&data_dir)
        .with_context(|| format!("no gateway can be reached through {}", data_dir.join("control.sock").display()))?;
    if !answer.done {
        bail!("{}\nnot reloaded; the old configuration keeps serving", answer.told.join("\n"));
    }
    println!("{}", answer.told.join("\n"));
    Ok(())
}
