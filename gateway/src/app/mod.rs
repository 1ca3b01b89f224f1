//! The running application, built whole from a resolved configuration: plugins loaded, specs compared, actions
//! configured, roots opened. Nothing of it changes afterwards; a new configuration makes a new one.

use std::{path::PathBuf, sync::Arc};

use wicketgate_spec::digest;

use crate::{
    config::{Action, Config, INDEX_FILE},
    front::{Front, Site, Sites},
    plugin::{Catalog, CatalogError, Instance, Library, PluginError, PluginFile},
    webapp::{Commands, Configured, DuplicateCommand, LocalWebapp},
};

/// Why a configuration can't run. Each names its place and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The plugins' folder, or something in it, is unusable.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// An action has a spec, but no plugin.
    #[error("the action `{name}` has no plugin in {dir}; there are: {known}. Run `make build`")]
    NoPlugin {
        /// The action.
        name: String,
        /// The folder.
        dir: PathBuf,
        /// The plugins that are there.
        known: String,
    },
    /// A plugin can't be used.
    #[error("the plugin {0} is refused: {1}")]
    Plugin(PathBuf, PluginError),
    /// Two actions have a command of the same name.
    #[error(transparent)]
    Duplicate(#[from] DuplicateCommand),
    /// A site's root can't be opened.
    #[error("the root {0} can't be opened: {1}")]
    Root(PathBuf, std::io::Error),
}

/// Builds the application.
///
/// # Errors
/// The first thing that keeps the configuration from running.
pub fn build(config: &Config) -> Result<Front, BuildError> {
    let webapp = LocalWebapp::new(commands(config)?, config.access.clone(), config.action_timeout);
    Ok(Front { sites: sites(config)?, webapp: Arc::new(webapp), body_limit: config.body_limit })
}

/// Loads and configures the actions, and puts the commands of all specs into one table.
fn commands(config: &Config) -> Result<Commands, BuildError> {
    let catalog = Catalog::read(&config.plugins.dir)?;
    let mut commands = Commands::default();
    for spec in config.specs.iter() {
        let action = config.actions.iter().find(|action| action.spec.action.name == spec.action.name);
        let configured = action.map(|action| configure(config, &catalog, action)).transpose()?;
        commands.add(&spec.action, configured.as_ref())?;
    }
    Ok(commands)
}

fn configure(config: &Config, catalog: &Catalog, action: &Action) -> Result<Configured, BuildError> {
    let name = &action.spec.action.name;
    let file = catalog.find(name).ok_or_else(|| {
        let known: Vec<_> = catalog.iter().map(|file| file.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        BuildError::NoPlugin { name: name.clone(), dir: config.plugins.dir.clone(), known }
    })?;
    let refused = |error| BuildError::Plugin(file.path.clone(), error);
    let library = load(config, action, file).map_err(refused)?;
    let instance = Instance::configure(library, action.config.clone()).map_err(refused)?;
    tracing::info!(action = %name, version = %file.version, "the plugin {} is loaded", file.path.display());
    Ok(Configured { access: action.access.clone(), instance })
}

/// Loads a plugin, and holds its spec against the generated one.
fn load(config: &Config, action: &Action, file: &PluginFile) -> Result<Library, PluginError> {
    let library = Library::load(file, &config.data_dir)?;
    if digest(&library.spec()?) != action.spec.hash {
        return Err(PluginError::Stale(config.plugins.specs.join(INDEX_FILE)));
    }
    Ok(library)
}

fn sites(config: &Config) -> Result<Sites, BuildError> {
    if config.sites.is_empty() {
        tracing::warn!("there are no [[sites]], so that every request gets 421; add one, which may be empty");
    }
    let mut sites = Sites::default();
    for site in &config.sites {
        let opened = match &site.root {
            Some(root) => Site::open(root).map_err(|e| BuildError::Root(root.clone(), e))?,
            None => Site::default(),
        };
        sites.add(&site.host, opened);
    }
    Ok(sites)
}
