//! `wicketgate check`

use std::path::Path;

use anyhow::{Context, Result};

use super::describe;
use crate::{app, config};

/// Checks the files, and whether plugins and specs go with them.
pub(super) fn run(file: &Path) -> Result<()> {
    let config = config::load(file)?;
    let (sites, projects) = (config.sites.len(), config.projects.len());
    let actions = config.all_actions().count();
    let program = std::env::current_exe().context("this program can't find itself")?;
    app::check(config, &program, &[describe::NAME])?;
    println!("{}: fine (sites: {sites}, actions: {actions}, projects: {projects})", file.display());
    Ok(())
}
