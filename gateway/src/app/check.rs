//! Whether a configuration would run, without running anything: each plugin is asked for its spec in a child process.

use std::path::Path;

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
    let mut mistakes: Vec<Mistake> = plan(&config).err().into_iter().collect();
    match Catalog::survey(&config.plugins.dir) {
        Err(e) => mistakes.extend(plugins::unusable(&config, &e)),
        Ok((catalog, error)) => {
            mistakes.extend(error.iter().flat_map(|e| plugins::unusable(&config, e)));
            mistakes.extend(each_plugin(&config, &catalog, program, arguments));
        }
    }
    if let Err(found) = sites(config.sites) {
        mistakes.extend(found);
    }
    mistakes
}

/// A plugin that several actions are made of is asked once, and told of once.
fn each_plugin(config: &Config, catalog: &Catalog, program: &Path, arguments: &[&str]) -> Vec<Mistake> {
    let (mut asked, mut mistakes): (Vec<&str>, Vec<Mistake>) = (Vec::new(), Vec::new());
    for action in config.all_actions() {
        let name = action.spec.action.name.as_str();
        if asked.contains(&name) {
            continue;
        }
        asked.push(name);
        let answer = plugins::file(config, catalog, name).and_then(|file| {
            let scanned = plugin::scan(file, program, arguments);
            let fitting = scanned.and_then(|document| {
                if digest(&document) == action.spec.hash { Ok(()) } else { Err(plugins::stale(config)) }
            });
            fitting.map_err(|e| plugins::refused(action, catalog, &e))
        });
        mistakes.extend(answer.err().map(|text| action.place.mistake(text)));
    }
    mistakes
}
