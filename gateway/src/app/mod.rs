//! The running application, built whole from a resolved configuration: plugins loaded, specs compared, actions
//! configured, folders opened. Nothing of it changes afterwards; a reload makes a new one, and swaps it in whole.

mod check;
pub mod control;
mod plugins;
mod reload;
mod watch;

use std::{path::Path, sync::Arc};

pub use check::check;
pub use plugins::Running;
pub use reload::{Reloader, Reloading};
pub use watch::Watcher;

use crate::{
    auth::{Auth, Lasting},
    config::{self, Config, Mistake, Mistakes, Mounts},
    front::{Front, Site, Sites},
    webapp::{Assignment, LocalWebapp, Plan, WebLimits},
};

/// Builds the application. What of `old` has not changed goes on as it is.
///
/// # Errors
/// All that keeps the configuration from running.
pub fn build(mut config: Config, old: &Running) -> Result<(Front, Running), Mistakes> {
    let mut mistakes = check::data_dir(&config);
    let warnings = config.auth.warnings.iter().cloned().chain(config::mount_warnings(&config));
    warnings.for_each(|warning| tracing::warn!("{warning}"));
    let plan = plan(&config).map_err(|mistake| mistakes.push(mistake)).ok();
    let running = plugins::load(&config, old).map_err(|found| mistakes.extend(found)).ok();
    let (body_limit, upload_limit) = (config.body_limit, config.upload_limit);
    let (time, reading) = (config.action_timeout, config.reading);
    let limits = WebLimits { time, reading, body: body_limit, upload: upload_limit };
    let mounts = Arc::new(std::mem::take(&mut config.mounts));
    let (trusted_proxies, connections) = (config.trusted_proxies, config.connections);
    let auth = callers(config.auth, &config.data_dir, old).map_err(|mistake| mistakes.push(mistake)).ok();
    let sites = sites(config.sites, config.cache, &mounts).map_err(|found| mistakes.extend(found)).ok();
    match (plan, running, auth, sites) {
        (Some(plan), Some(mut running), Some(auth), Some(sites)) if mistakes.is_empty() => {
            running.auth = Some(auth.clone());
            let webapp = Arc::new(LocalWebapp::new(plan, auth, running.instances(), limits));
            Ok((Front { sites, webapp, body_limit, upload_limit, trusted_proxies, connections }, running))
        }
        _ => Err(Mistakes::sorted(mistakes)),
    }
}

/// Who callers are. Sessions, and all that was remembered of callers, go on as they are.
fn callers(config: config::Auth, data_dir: &Path, old: &Running) -> Result<Arc<Auth>, Mistake> {
    let place = config.place.clone();
    let wanted = config.web.is_some() || config.basic.is_some() || !config.tokens.is_empty();
    let lasting = match old.auth.as_ref().and_then(|auth| auth.lasting().cloned()) {
        Some(lasting) => Ok(Some(lasting)),
        None => wanted.then(|| Lasting::begin(data_dir, &config)).transpose(),
    };
    let auth = lasting.and_then(|lasting| Auth::new(config, lasting));
    auth.map(Arc::new).map_err(|problem| place.mistake(problem))
}

/// Who answers which command. Instances are numbered in the order of [`Config::all_actions`].
///
/// # Errors
/// If two specs have a command of the same name.
pub fn plan(config: &Config) -> Result<Plan, Mistake> {
    let specs = config.specs.iter().map(|spec| &spec.action);
    let mut plan = Plan::new(specs, config.access.clone()).map_err(|e| config.plugins.place.mistake(e.to_string()))?;
    let mut assignments = config.all_actions().enumerate().map(|(instance, (_, action))| {
        let (place, access) = (action.place.clone(), action.access.clone());
        (action.spec.action.name.as_str(), Assignment { place, access, instance })
    });
    for (name, assignment) in assignments.by_ref().take(config.actions.len()) {
        plan.assign(name, assignment);
    }
    for project in &config.projects {
        let own = assignments.by_ref().take(project.actions.len());
        plan.add_project(project.uid.clone(), project.access.clone(), own);
    }
    Ok(plan)
}

/// The sites, their folders opened. So many bytes of their files are held in memory.
///
/// # Errors
/// All folders that can't be opened.
pub fn sites(configured: Vec<config::Site>, cache: usize, mounts: &Arc<Mounts>) -> Result<Sites, Vec<Mistake>> {
    if configured.is_empty() {
        tracing::warn!("there are no [[sites]], so that every request gets 421; add one, which may be empty");
    }
    let (cache, watch) = (cache / configured.len().max(1), Arc::default());
    let (mut sites, mut mistakes) = (Sites::default(), Vec::new());
    for site in configured {
        let place = site.place.clone();
        match Site::open(site, cache, &watch, mounts) {
            Ok(site) => sites.add(site),
            Err(e) => mistakes.push(place.mistake(format!("a folder of this site can't be opened: {e}"))),
        }
    }
    if mistakes.is_empty() { Ok(sites) } else { Err(mistakes) }
}
