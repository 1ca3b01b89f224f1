//! `wicketgate __describe FILE`: the child process behind `wicketgate spec`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;

use crate::plugin;

/// The hidden subcommand's name.
pub(super) const NAME: &str = "__describe";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A plugin's file
    plugin: PathBuf,
}

/// Writes the plugin's spec document to stdout.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let document = plugin::describe(&arguments.plugin)?;
    io::stdout().lock().write_all(document.to_string().as_bytes())?;
    Ok(())
}
