//! Whether a configuration would run, without running anything: each plugin is asked for its spec in a child process.

use std::{path::Path, sync::Arc};

use wicketgate_spec::digest;

use super::{plan, plugins, sites};
use crate::{
    config::{Config, Mistake},
    plugin::{self, Catalog},
};

/// What the files alone don't show: all that would keep the gateway from starting, but for what a plugin itself says of its
/// configuration. `program` called with `arguments` and a plugin's path writes its spec.
#[must_use]
pub fn check(config: Config, program: &Path, arguments: &[&str]) -> Vec<Mistake> {
    let mut mistakes = data_dir(&config);
    mistakes.extend(plan(&config).err());
    match Catalog::survey(&config.plugins.dir) {
        Err(e) => mistakes.extend(plugins::unusable(&config, &e)),
        Ok((catalog, error)) => {
            let unusable: Vec<_> = error.iter().flat_map(|e| plugins::unusable(&config, e)).collect();
            // A file that is refused has been told of; its name says whose it would be.
            let told = |name: &str| unusable.iter().any(|mistake| mistake.text.contains(&format!("/{name}.so ")));
            mistakes.extend(each_plugin(&config, &catalog, program, arguments, told));
            mistakes.extend(unusable);
        }
    }
    if let Err(found) = sites(config.sites, 0, &Arc::new(config.mounts)) {
        mistakes.extend(found);
    }
    mistakes
}

/// A plugin that several actions are made of is asked once, and told of once.
fn each_plugin(
    config: &Config,
    catalog: &Catalog,
    program: &Path,
    arguments: &[&str],
    told: impl Fn(&str) -> bool,
) -> Vec<Mistake> {
    let (mut asked, mut mistakes): (Vec<&str>, Vec<Mistake>) = (Vec::new(), Vec::new());
    for (_, action) in config.all_actions() {
        let name = action.spec.action.name.as_str();
        if asked.contains(&name) || told(name) {
            continue;
        }
        asked.push(name);
        let answer = plugins::file(config, catalog, name).and_then(|file| {
            let scanned = plugin::scan(file, program, arguments);
            let fitting = scanned.and_then(|document| {
                if digest(&document) == action.spec.hash { Ok(()) } else { Err(plugins::stale(config)) }
            });
            fitting.map_err(|e| plugins::refused(file, &e))
        });
        mistakes.extend(answer.err().map(|text| action.place.mistake(text)));
    }
    mistakes
}

/// Whether the gateway's own folder can be used.
pub(super) fn data_dir(config: &Config) -> Vec<Mistake> {
    let usable = plugin::usable_folder(&config.data_dir);
    usable.map_err(|problem| config.data_dir_place.mistake(problem)).err().into_iter().collect()
}
