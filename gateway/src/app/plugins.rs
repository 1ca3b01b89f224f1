//! The plugins that a configuration asks for. What has not changed is kept: an instance goes on as long as its library, its
//! place and its configuration are the same.

use std::{collections::HashMap, sync::Arc};

use wicketgate_spec::digest;

use crate::{
    auth::Auth,
    config::{Action, Config, INDEX_FILE, Mistake},
    plugin::{Calls, Catalog, CatalogError, Instance, Library, PluginError, PluginFile},
};

/// What runs, or ran.
#[derive(Default)]
pub struct Running {
    instances: Vec<Kept>,
    /// By the names of actions: also of those that are gone, whose calls may still be running.
    calls: HashMap<String, Arc<Calls>>,
    call_limit: u32,
    pub(super) auth: Option<Arc<Auth>>,
}

/// An instance, and what it was made of.
struct Kept {
    hash: [u8; 32],
    action: String,
    project: Option<String>,
    config: Vec<u8>,
    instance: Arc<Instance>,
}

impl Running {
    /// Puts into force what holds for all plugins and all sessions.
    pub(super) fn commit(&self) {
        self.calls.values().for_each(|calls| calls.limit(self.call_limit));
        self.auth.iter().for_each(|auth| auth.commit());
    }

    /// The instances in the order of [`Config::all_actions`].
    pub(super) fn instances(&self) -> Vec<Arc<Instance>> {
        self.instances.iter().map(|kept| kept.instance.clone()).collect()
    }

    /// The instance that is kept for an action of a project, or of none.
    fn kept(&self, hash: [u8; 32], project: Option<&str>, action: &Action) -> Option<&Kept> {
        self.instances.iter().find(|kept| {
            kept.hash == hash
                && kept.action == action.spec.action.name
                && kept.project.as_deref() == project
                && kept.config == action.config
        })
    }
}

/// Loads and configures what the configuration asks for.
///
/// # Errors
/// Every plugin that can't be used.
pub(super) fn load(config: &Config, old: &Running) -> Result<Running, Vec<Mistake>> {
    let catalog = Catalog::read(&config.plugins.dir).map_err(|e| unusable(config, &e))?;
    let mut new =
        Running { instances: Vec::new(), calls: old.calls.clone(), call_limit: config.call_limit, auth: None };
    let mut mistakes = Vec::new();
    for (project, action) in config.all_actions() {
        let made = file(config, &catalog, &action.spec.action.name)
            .and_then(|file| obtain(config, file, project, action, old, &mut new.calls).map_err(|e| refused(file, &e)));
        match made {
            Ok(kept) => new.instances.push(kept),
            Err(text) => mistakes.push(action.place.mistake(text)),
        }
    }
    if mistakes.is_empty() { Ok(new) } else { Err(mistakes) }
}

/// What to tell of the folder of plugins: a line for each of its files.
pub(super) fn unusable(config: &Config, error: &CatalogError) -> Vec<Mistake> {
    error.to_string().lines().map(|line| config.plugins.place.mistake(line)).collect()
}

/// The file of an action's plugin.
///
/// # Errors
/// What to tell if there is none.
pub(super) fn file<'c>(config: &Config, catalog: &'c Catalog, name: &str) -> Result<&'c PluginFile, String> {
    catalog.find(name).ok_or_else(|| {
        let known: Vec<_> = catalog.iter().map(|file| file.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let dir = config.plugins.dir.display();
        format!("the action `{name}` has no plugin in {dir}; there are: {known}. Copy its library there")
    })
}

/// What to tell of a plugin that can't be used.
pub(super) fn refused(file: &PluginFile, error: &PluginError) -> String {
    format!("the plugin {} is refused: {error}", file.path.display())
}

/// What to tell of a plugin whose spec is not the generated one.
pub(super) fn stale(config: &Config) -> PluginError {
    PluginError::Stale(config.plugins.specs.join(INDEX_FILE))
}

/// The instance of an action: the one that is kept, or a new one of the library in `file`, whose spec is held against the
/// generated one.
fn obtain(
    config: &Config,
    file: &PluginFile,
    project: Option<&str>,
    action: &Action,
    old: &Running,
    calls: &mut HashMap<String, Arc<Calls>>,
) -> Result<Kept, PluginError> {
    let (hash, spec) = (file.hash(), &action.spec);
    let library = Library::load(file, &config.data_dir)?;
    if digest(&library.spec()?) != spec.hash {
        return Err(stale(config));
    }
    let instance = match old.kept(hash, project, action) {
        Some(kept) => kept.instance.clone(),
        None => {
            let calls = calls.entry(spec.action.name.clone()).or_insert_with(|| Calls::new(config.call_limit));
            Instance::configure(library, spec.action.commands.len(), action.config.clone(), calls.clone())?
        }
    };
    let (project, config) = (project.map(str::to_owned), action.config.clone());
    Ok(Kept { hash, action: spec.action.name.clone(), project, config, instance })
}
