//! `wicketgate spec`

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use wicketgate_spec::{
    Action,
    write::{Index, client_d_ts, client_js, config_schema, openapi, reference},
};

use super::{describe, say};
use crate::{
    app::Watcher,
    config::{self, Access, INDEX_FILE},
    plugin::{self, Catalog},
    webapp::Plan,
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to write to; `plugins.specs` of the configuration if it is not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on, and write again whenever a plugin changes
    #[arg(long)]
    watch: bool,
}

/// Asks each plugin for its spec, checks them all, and only then writes.
pub(super) fn run(file: &Path, arguments: &Arguments) -> Result<()> {
    if arguments.watch {
        watch(file, arguments)
    } else {
        write_all(file, arguments).and_then(|written| say(written.text))
    }
}

/// Until it is interrupted. What is wrong is told, and waited for to be mended.
fn watch(file: &Path, arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut watcher = Watcher::new(file);
    let mut last = String::new();
    loop {
        match write_all(file, arguments) {
            // What was just written is a change as well, but no news.
            Ok(Written { text, changed }) if changed || text != last => {
                say(&text)?;
                last = text;
            }
            Ok(_) => {}
            Err(error) => {
                eprintln!("{error:#}");
                last.clear();
            }
        }
        runtime.block_on(watcher.changed());
    }
}

/// The spec document of the plugin of that name.
type Document = (String, Value);

/// What was written.
struct Written {
    /// Where, and how much.
    text: String,
    /// Whether there is anything new in it.
    changed: bool,
}

/// Writes all files.
fn write_all(file: &Path, arguments: &Arguments) -> Result<Written> {
    let plugins = config::load_plugins(file)?;
    let (documents, actions) = ask(&plugins.dir)?;
    let mounts = config::load_mounts(file, &actions)?;
    let mounted: Vec<_> = mounts.rows().map(|row| row.documented()).collect();
    let out = arguments.out.as_ref().unwrap_or(&plugins.specs);
    fs::create_dir_all(out).with_context(|| format!("{} can't be made", out.display()))?;
    let (types, all) = (config::types(), actions.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    let mut changed = false;
    for (file, text) in [
        (INDEX_FILE, Index::new(documents).to_text()?),
        ("openapi.json", openapi(&all, &mounted)),
        ("client.js", client_js(&all)),
        ("client.d.ts", client_d_ts(&all)),
        ("config.schema.json", config_schema(types, &all)),
        ("reference.md", reference(types, &all)),
    ] {
        changed |= write(&out.join(file), &text)?;
    }
    let commands: usize = actions.iter().map(|action| action.commands.len()).sum();
    Ok(Written { text: format!("{}: {} actions, {commands} commands", out.display(), actions.len()), changed })
}

/// The documents of all plugins in a folder, by name, and what they say.
fn ask(dir: &Path) -> Result<(Vec<Document>, Vec<Arc<Action>>)> {
    let catalog = Catalog::read(dir)?;
    let program = std::env::current_exe().context("this program can't find itself")?;
    let (mut documents, mut actions, mut problems) = (Vec::new(), Vec::new(), Vec::new());
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
    Ok((documents, actions))
}

/// Writes a file whole or not at all, and only if it changes, so that nothing is rebuilt for nothing. Returns whether it did.
fn write(file: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(file).is_ok_and(|present| present == text) {
        return Ok(false);
    }
    let new = file.with_extension("new");
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, file));
    written.with_context(|| format!("{} can't be written", file.display()))?;
    Ok(true)
}
