//! From texts to values: addresses, sizes, rules, paths.

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use bytesize::ByteSize;
use wicketgate_spec::read::{Segment, Target};

use super::{
    Access, Action, ActionSpec, Config, INDEX_FILE, Mistake, Mistakes, Plugins, Site, Specs,
    raw::{self, ACTION_KEYS},
    source::Source,
};

/// Resolves the whole file, and reports all that is wrong with it.
pub(super) fn resolve(source: &Source<'_>, raw: raw::Config, base: &Path) -> Result<Config, Mistakes> {
    let mut resolver = Resolver { source, base, mistakes: Vec::new() };
    let plugins = plugins(&raw.plugins, base);
    let specs = resolver.specs(&plugins);
    let access = resolver.access(&raw.access, &["access".into()]);
    let listen = resolver.listen(&raw.server.listen);
    let body_limit = resolver.body_limit(&raw.server.limits.body);
    let action_timeout = resolver.action_timeout(&raw.server.timeouts.action);
    let sites = resolver.sites(raw.sites);
    let actions = specs.as_ref().map(|specs| resolver.actions(specs));
    match (specs, actions) {
        (Some(specs), Some(actions)) if resolver.mistakes.is_empty() => Ok(Config {
            access,
            listen,
            data_dir: base.join(raw.server.data_dir),
            body_limit,
            action_timeout,
            plugins,
            specs,
            sites,
            actions,
        }),
        _ => Err(Mistakes(resolver.mistakes)),
    }
}

/// What is wrong with the actions of a file that has other mistakes as well.
pub(super) fn actions_mistakes(source: &Source<'_>, plugins: &Plugins, base: &Path) -> Vec<Mistake> {
    let mut resolver = Resolver { source, base, mistakes: Vec::new() };
    if let Some(specs) = resolver.specs(plugins) {
        resolver.actions(&specs);
    }
    resolver.mistakes
}

/// Resolves the table of that name.
pub(super) fn plugins(raw: &raw::Plugins, base: &Path) -> Plugins {
    Plugins { dir: base.join(&raw.dir), specs: base.join(&raw.specs) }
}

struct Resolver<'s, 't> {
    source: &'s Source<'t>,
    base: &'s Path,
    mistakes: Vec<Mistake>,
}

impl Resolver<'_, '_> {
    fn mistake(&mut self, path: &[Segment], text: impl Into<String>) {
        self.mistakes.push(self.source.mistake(path, text));
    }

    fn access(&mut self, text: &str, path: &[Segment]) -> Access {
        Access::parse(text).unwrap_or_else(|problem| {
            self.mistake(path, problem);
            Access::default()
        })
    }

    fn listen(&mut self, texts: &[String]) -> Vec<SocketAddr> {
        let at = |index: usize| ["server".into(), "listen".into(), index.into()];
        if texts.is_empty() {
            self.mistake(&["server".into(), "listen".into()], "at least one address is needed");
        }
        let mut addresses = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match text.parse::<SocketAddr>() {
                // Port 0 is a new port each time, so it may stand here more than once.
                Ok(address) if address.port() != 0 && addresses.contains(&address) => {
                    self.mistake(&at(index), "listed twice");
                }
                Ok(address) => addresses.push(address),
                Err(_) => {
                    let text = format!("expected an IP address and a port, such as `127.0.0.1:8080`; got `{text}`");
                    self.mistake(&at(index), text);
                }
            }
        }
        addresses
    }

    fn body_limit(&mut self, text: &str) -> usize {
        match text.parse::<ByteSize>().ok().and_then(|size| usize::try_from(size.as_u64()).ok()) {
            Some(size) => size,
            None => {
                let text = format!("expected a size such as `10MB` or `512KiB`; got `{text}`");
                self.mistake(&["server".into(), "limits".into(), "body".into()], text);
                0
            }
        }
    }

    fn action_timeout(&mut self, text: &str) -> Duration {
        match humantime::parse_duration(text) {
            Ok(timeout) if !timeout.is_zero() => timeout,
            _ => {
                let text = format!("expected a length of time such as `30s` or `1m 30s`; got `{text}`");
                self.mistake(&["server".into(), "timeouts".into(), "action".into()], text);
                Duration::ZERO
            }
        }
    }

    fn sites(&mut self, raw: Vec<raw::Site>) -> Vec<Site> {
        let mut hosts = HashSet::new();
        let mut sites = Vec::new();
        for (index, site) in raw.into_iter().enumerate() {
            let at = |key: &str| ["sites".into(), index.into(), key.into()];
            let host = site.host.to_ascii_lowercase();
            // The dot of the root is no part of the name, and `*.` is no name.
            let host = host.strip_suffix('.').filter(|name| *name != "*").unwrap_or(&host).to_owned();
            if !is_host(&host) {
                let problem = "expected a host name without port, `*.` and a suffix, or `*`";
                self.mistake(&at("host"), format!("{problem}; got `{}`", site.host));
            } else if !hosts.insert(host.clone()) {
                self.mistake(&at("host"), format!("there is another site for `{host}`"));
            }
            let root = site.root.map(|root| self.base.join(root));
            if let Some(missing) = root.as_ref().filter(|root| !root.is_dir()) {
                self.mistake(&at("root"), format!("there is no folder `{}`", missing.display()));
            }
            sites.push(Site { host, root });
        }
        sites
    }

    fn specs(&mut self, plugins: &Plugins) -> Option<Specs> {
        let specs = Specs::load(&plugins.specs);
        specs
            .map_err(|problem| {
                let file: PathBuf = plugins.specs.join(INDEX_FILE);
                self.mistake(&["plugins".into(), "specs".into()], format!("{}: {problem}", file.display()));
            })
            .ok()
    }

    fn actions(&mut self, specs: &Specs) -> Vec<Action> {
        let mut actions: Vec<Action> = Vec::new();
        for index in 0..self.source.items_at(&["actions".into()]) {
            let at = ["actions".into(), index.into()];
            let Some(spec) = self.action_spec(&at, specs) else { continue };
            if actions.iter().any(|other| other.spec.action.name == spec.action.name) {
                self.mistake(&at, format!("the action `{}` is configured twice", spec.action.name));
                continue;
            }
            let target = Target { graph: &spec.action.graph, ty: spec.action.config, root: "", common: &ACTION_KEYS };
            let path = [&at[..], &["access".into()]].concat();
            let access = self.source.text_at(&path).map(|rules| self.access(rules, &path)).unwrap_or_default();
            match self.source.read(&at, target) {
                Ok(checked) => actions.push(Action { spec, access, config: checked.value }),
                Err(mistakes) => self.mistakes.extend(mistakes),
            }
        }
        actions
    }

    /// The spec that an action's `type` names.
    fn action_spec(&mut self, at: &[Segment], specs: &Specs) -> Option<ActionSpec> {
        let path = [at, &["type".into()]].concat();
        let Some(name) = self.source.text_at(&path) else {
            self.mistake(&path, "the action's name is missing: `type = \"…\"`");
            return None;
        };
        let found = specs.find(name).cloned();
        if found.is_none() {
            let known: Vec<_> = specs.iter().map(|spec| format!("`{}`", spec.action.name)).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let text = format!(
                "there is no spec of an action `{name}`; there are: {known}. Is its plugin in `plugins.dir`? Then run `make spec`"
            );
            self.mistake(&path, text);
        }
        found
    }
}

/// Whether the text can stand for hosts: a name, an IP address, `*.suffix`, or `*`.
fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let bracketed = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    text == "*"
        || (!name.is_empty() && name.chars().all(plain))
        || name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).is_some_and(|ip| ip.chars().all(bracketed))
}
