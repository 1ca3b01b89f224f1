//! `wicketgate spec`

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use wicketgate_spec::{
    Action,
    write::{Index, client_d_ts, client_js, config_schema, openapi, reference},
};

use super::describe;
use crate::{
    config::{self, Access, INDEX_FILE},
    plugin::{self, Catalog},
    webapp::Plan,
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to write to; `plugins.specs` of the configuration if it is not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Asks each plugin for its spec, checks them all, and only then writes.
pub(super) fn run(file: &Path, arguments: Arguments) -> Result<()> {
    let plugins = config::load_plugins(file)?;
    let catalog = Catalog::read(&plugins.dir)?;
    let program = std::env::current_exe().context("this program can't find itself")?;
    let (mut documents, mut actions) = (Vec::new(), Vec::new());
    let mut problems = Vec::new();
    for plugin in catalog.iter() {
        let place = plugin.path.display();
        let document = match plugin::scan(plugin, &program, &[describe::NAME]) {
            Ok(document) => document,
            Err(error) => {
                problems.push(format!("the plugin {place}: {error}"));
                continue;
            }
        };
        match Action::compile(&document) {
            Ok(action) => actions.push(Arc::new(action)),
            Err(errors) => problems.extend(errors.iter().map(|error| format!("{place}: {error}"))),
        }
        documents.push((plugin.name.clone(), document));
    }
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    // Tells of commands that would hide each other.
    Plan::new(actions.iter(), Access::default())?;
    let out = arguments.out.unwrap_or(plugins.specs);
    fs::create_dir_all(&out).with_context(|| format!("{} can't be made", out.display()))?;
    let (types, actions) = (config::types(), actions.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    for (file, text) in [
        (INDEX_FILE, Index::new(documents).to_text()?),
        ("openapi.json", openapi(&actions)),
        ("client.js", client_js(&actions)),
        ("client.d.ts", client_d_ts(&actions)),
        ("config.schema.json", config_schema(types, &actions)),
        ("reference.md", reference(types, &actions)),
    ] {
        write(&out.join(file), &text)?;
    }
    Ok(())
}

/// Writes a file whole or not at all, and only if it changes, so that nothing is rebuilt for nothing.
fn write(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let new = file.with_extension("new");
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, file));
    written.with_context(|| format!("{} can't be written", file.display()))
}
