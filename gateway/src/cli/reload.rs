//! `wicketgate reload`

use std::path::Path;

use anyhow::{Result, anyhow, bail};

use super::say;
use crate::{app::control, config};

/// Asks the gateway that runs with this configuration's `server.dataDir`.
pub(super) fn run(file: &Path) -> Result<()> {
    let (data_dir, _) = config::load_server(file)?;
    let answer = control::ask(&data_dir, file).map_err(|problem| anyhow!("{problem}"))?;
    if !answer.done {
        bail!("{}\nnot reloaded; the old configuration keeps serving", answer.told.join("\n"));
    }
    say(answer.told.join("\n"))
}
