//! The loaded plugins. What has not changed is kept: a library as long as its bytes are the same, an instance as long as
//! its library and its configuration are.

use std::{collections::HashMap, sync::Arc};

use wicketgate_spec::digest;

use crate::{
    config::{Action, Config, INDEX_FILE, Mistake},
    plugin::{Calls, Catalog, CatalogError, Instance, Library, PluginError, PluginFile},
};

/// More generations of one plugin take memory that nothing gives back: a library is never unloaded.
const MANY_GENERATIONS: u32 = 32;

/// The loaded plugins, by the names of their actions.
#[derive(Default)]
pub struct Plugins(HashMap<String, Loaded>);

/// A loaded plugin.
struct Loaded {
    /// Of the file that it was loaded from.
    hash: [u8; 32],
    library: Library,
    /// How many versions of it were loaded before.
    generation: u32,
    calls: Arc<Calls>,
    /// Each with the configuration that it was made of.
    instances: Vec<(Vec<u8>, Arc<Instance>)>,
}

/// Loads and configures what the configuration asks for; returns the instances in the order of [`Config::all_actions`].
///
/// # Errors
/// Every plugin that can't be used.
pub(super) fn load(config: &Config, old: &Plugins) -> Result<(Plugins, Vec<Arc<Instance>>), Vec<Mistake>> {
    let catalog = Catalog::read(&config.plugins.dir).map_err(|e| unusable(config, &e))?;
    let (mut plugins, mut instances, mut mistakes) = (Plugins::default(), Vec::new(), Vec::new());
    for action in config.all_actions() {
        let made = plugins
            .library(config, &catalog, action, old)
            .and_then(|loaded| loaded.instance(action, old).map_err(|e| refused(action, &catalog, &e)));
        match made {
            Ok(instance) => instances.push(instance),
            Err(text) => mistakes.push(action.place.mistake(text)),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    for loaded in plugins.0.values() {
        loaded.calls.limit(config.call_limit);
    }
    Ok((plugins, instances))
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
        format!("the action `{name}` has no plugin in {dir}; there are: {known}. Run `make build`")
    })
}

/// What to tell of a plugin that can't be used.
pub(super) fn refused(action: &Action, catalog: &Catalog, error: &PluginError) -> String {
    match catalog.find(&action.spec.action.name) {
        Some(file) => format!("the plugin {} is refused: {error}", file.path.display()),
        None => error.to_string(),
    }
}

/// What to tell of a plugin whose spec is not the generated one.
pub(super) fn stale(config: &Config) -> PluginError {
    PluginError::Stale(config.plugins.specs.join(INDEX_FILE))
}

impl Plugins {
    /// The library of an action: loaded for another one, or before, or now.
    fn library(
        &mut self,
        config: &Config,
        catalog: &Catalog,
        action: &Action,
        old: &Self,
    ) -> Result<&mut Loaded, String> {
        let name = &action.spec.action.name;
        if !self.0.contains_key(name) {
            let file = file(config, catalog, name)?;
            let loaded = Loaded::obtain(config, action, file, old.0.get(name));
            self.0.insert(name.clone(), loaded.map_err(|e| refused(action, catalog, &e))?);
        }
        self.0.get_mut(name).ok_or_else(|| format!("the action `{name}` is not loaded"))
    }
}

impl Loaded {
    /// The library in `file`, its spec held against the generated one.
    fn obtain(config: &Config, action: &Action, file: &PluginFile, old: Option<&Self>) -> Result<Self, PluginError> {
        let (hash, name) = (file.hash(), &action.spec.action.name);
        let same = old.filter(|old| old.hash == hash);
        let library = match same {
            Some(old) => old.library,
            None => Library::load(file, &config.data_dir)?,
        };
        if digest(&library.spec()?) != action.spec.hash {
            return Err(stale(config));
        }
        let generation = old.map_or(0, |old| old.generation + u32::from(same.is_none()));
        if same.is_none() {
            tracing::info!(action = %name, version = %file.version, "the plugin {} is loaded", file.path.display());
        }
        if same.is_none() && generation >= MANY_GENERATIONS {
            tracing::warn!(action = %name, "{generation} versions of this plugin were loaded; a restart frees their memory");
        }
        let calls = old.map_or_else(|| Calls::new(config.call_limit), |old| old.calls.clone());
        Ok(Self { hash, library, generation, calls, instances: Vec::new() })
    }

    /// The instance of that configuration: made before, of the same library, or now.
    fn instance(&mut self, action: &Action, old: &Plugins) -> Result<Arc<Instance>, PluginError> {
        let before = old.0.get(&action.spec.action.name).filter(|old| old.hash == self.hash);
        let known = self.instances.iter().chain(before.into_iter().flat_map(|old| &old.instances));
        let known =
            known.into_iter().find(|(config, _)| *config == action.config).map(|(_, instance)| instance.clone());
        let instance = match known {
            Some(instance) => instance,
            None => {
                let commands = action.spec.action.commands.len();
                Instance::configure(self.library, commands, action.config.clone(), self.calls.clone())?
            }
        };
        self.instances.push((action.config.clone(), instance.clone()));
        Ok(instance)
    }
}
