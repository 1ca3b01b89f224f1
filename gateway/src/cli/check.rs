//! `wicketgate check`

use std::path::Path;

use anyhow::{Context, Result};

use super::{access, describe, say};
use crate::{
    app,
    config::{self, Config, Mistake, Mistakes},
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print who may use what: a line for each command, a column for each role
    #[arg(long)]
    access: bool,
}

/// Checks the files, and whether plugins and specs go with them.
pub(super) fn run(file: &Path, arguments: &Arguments) -> Result<()> {
    let (config, mut mistakes) = config::examine(file);
    let Some(config) = config else { return Err(Mistakes(mistakes).into()) };
    let warnings = config.auth.warnings.iter().cloned().chain(config::mount_warnings(&config));
    warnings.for_each(|warning| eprintln!("warning: {warning}"));
    if arguments.access && mistakes.is_empty() {
        return access::print(&config);
    }
    let (sites, projects) = (config.sites.len(), config.projects.len());
    let actions = config.all_actions().count();
    mistakes.extend(beyond(config)?);
    if !mistakes.is_empty() {
        return Err(Mistakes::sorted(mistakes).into());
    }
    say(format_args!("{}: fine (sites: {sites}, actions: {actions}, projects: {projects})", file.display()))
}

/// The configuration, or all of its mistakes, as [`run`] tells them.
pub(super) fn load(file: &Path) -> Result<Config> {
    match config::examine(file) {
        (Some(config), mistakes) if mistakes.is_empty() => Ok(config),
        (config, mut mistakes) => {
            mistakes.extend(config.map(beyond).transpose()?.unwrap_or_default());
            Err(Mistakes::sorted(mistakes).into())
        }
    }
}

/// The mistakes that the files alone don't show.
fn beyond(config: Config) -> Result<Vec<Mistake>> {
    let program = std::env::current_exe().context("this program can't find itself")?;
    Ok(app::check(config, &program, &[describe::NAME]))
}
