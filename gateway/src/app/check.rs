//! Whether a configuration would run, without running anything: each plugin is asked for its spec in a child process.

use std::path::Path;

use wicketgate_spec::digest;

use super::{plan, plugins, sites};
use crate::{
    config::{Config, Mistake, Mistakes},
    plugin::{self, Catalog},
};

/// Checks what the files alone don't show. `program` called with `arguments` and a plugin's path writes its spec.
///
/// # Errors
/// All that would keep the gateway from starting, but for what a plugin itself says of its configuration.
pub fn check(config: Config, program: &Path, arguments: &[&str]) -> Result<(), Mistakes> {
    let mut mistakes: Vec<Mistake> = plan(&config).err().into_iter().collect();
    match Catalog::read(&config.plugins.dir) {
        Err(e) => mistakes.push(config.plugins.place.mistake(e.to_string())),
        Ok(catalog) => {
            // A plugin that is used twice is asked once, and told of once.
            let mut asked: Vec<&str> = Vec::new();
            for action in config.all_actions() {
                let name = action.spec.action.name.as_str();
                if !asked.contains(&name) {
                    asked.push(name);
                    let answer = plugins::file(&config, &catalog, name).and_then(|file| {
                        let document = plugin::scan(file, program, arguments);
                        let document = document.map_err(|e| plugins::refused(action, &catalog, &e))?;
                        let fits = digest(&document) == action.spec.hash;
                        if fits { Ok(()) } else { Err(plugins::refused(action, &catalog, &plugins::stale(&config))) }
                    });
                    mistakes.extend(answer.err().map(|text| action.place.mistake(text)));
                }
            }
        }
    }
    if let Err(found) = sites(config.sites) {
        mistakes.extend(found);
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
}
