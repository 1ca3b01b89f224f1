//! From texts to values: addresses, networks, sizes, times, folders.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use bytesize::ByteSize;
use ipnet::IpNet;

use super::{
    Access, Config, INDEX_FILE, Listen, Plugins, Specs,
    actions::{self, action_list},
    raw::{self, Limits, Server, Timeouts},
    schema::SCHEMA,
    site::{self, Site},
    source::At,
};

/// Resolves everything, and notes all that is wrong. `None`: something is missing without which there is no going on.
pub(super) fn resolve(root: &At<'_, '_>, main: &Path) -> Option<Config> {
    let server = root.key("server");
    let access = access(&root.key("access"));
    let listen = listen(&server);
    let trusted_proxies = server.key("trustedProxies").items().filter_map(|item| network(&item)).collect();
    let (limits, timeouts) = (server.key("limits"), server.key("timeouts"));
    let body_limit = size(&limits.key("body"), &Limits::default().body);
    let call_limit = at_least_one(&limits.key("calls"), Limits::default().calls);
    let action_timeout = time(&timeouts.key("action"), &Timeouts::default().action);
    let sites = sites(&root.key("sites"));
    let certificates = root.key("sites").items().flat_map(|site| site.key("certificates").items()).next();
    if listen.iter().any(|listen| listen.tls) && certificates.is_none() {
        server.key("listen").wrong("a listener speaks TLS, but no site has `[[sites.certificates]]`");
    }
    let plugins = plugins(root)?;
    let specs = specs(&root.key("plugins").key("specs"), &plugins);
    let actions = action_list(&root.key("actions"), specs.as_ref());
    let projects = actions::projects(&root.key("projects"), specs.as_ref());
    let specs = specs?;
    Some(Config {
        access,
        listen,
        listen_place: server.key("listen").place(),
        data_dir: data_dir(&server, main),
        data_dir_place: server.key("dataDir").place(),
        trusted_proxies,
        body_limit,
        call_limit,
        action_timeout,
        plugins,
        specs,
        sites,
        actions,
        projects,
    })
}

/// Where the plugins are; `None` if it is not said.
pub(super) fn plugins(root: &At<'_, '_>) -> Option<Plugins> {
    let plugins = root.key("plugins");
    let (dir, specs) = (plugins.key("dir").file()?, plugins.key("specs").file()?);
    Some(Plugins { place: plugins.key("dir").place(), dir, specs })
}

/// The gateway's own folder.
pub(super) fn data_dir(server: &At<'_, '_>, main: &Path) -> PathBuf {
    let default = || main.parent().unwrap_or(Path::new("")).join(Server::default().data_dir);
    server.key("dataDir").file().unwrap_or_else(default)
}

/// The addresses to listen on.
pub(super) fn listen(server: &At<'_, '_>) -> Vec<Listen> {
    let list = server.key("listen");
    if !list.exists() {
        return vec![Listen { address: SocketAddr::from(([127, 0, 0, 1], 8080)), tls: false }];
    }
    if list.get::<Vec<toml::Value>>().is_some_and(|items| items.is_empty()) {
        list.wrong("at least one address is needed");
    }
    let mut all: Vec<Listen> = Vec::new();
    for item in list.items() {
        let Some((at, tls)) = listener(&item) else { continue };
        let Some(text) = at.text() else { continue };
        match text.parse::<SocketAddr>() {
            // Port 0 is a new port each time, so it may stand here more than once.
            Ok(address) if address.port() != 0 && all.iter().any(|other| other.address == address) => {
                at.wrong("listed twice");
            }
            Ok(address) => all.push(Listen { address, tls }),
            Err(_) => {
                at.wrong(format!("expected an IP address and a port, such as `127.0.0.1:8080`; got `{text}`"));
            }
        }
    }
    all
}

/// Where an address stands, and whether it speaks TLS: a text alone, or a table.
fn listener<'s, 't>(item: &At<'s, 't>) -> Option<(At<'s, 't>, bool)> {
    if item.text().is_some() {
        return Some((item.clone(), false));
    }
    if item.get::<toml::Table>().is_none() {
        item.wrong("expected an address, or a table { address, tls }");
        return None;
    }
    item.read(SCHEMA.target(SCHEMA.listen))?;
    Some((item.key("address"), item.key("tls").get().unwrap_or(false)))
}

/// Rules of access; none if there are none, or unusable ones.
pub(super) fn access(at: &At<'_, '_>) -> Access {
    let parsed = at.text().map(Access::parse).transpose();
    parsed.map_err(|problem| at.wrong(problem)).ok().flatten().unwrap_or_default()
}

/// A network, or a single address.
fn network(at: &At<'_, '_>) -> Option<IpNet> {
    let text = at.text()?;
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    if network.is_none() {
        at.wrong(format!("expected a network or an address, such as `10.0.0.0/8` or `::1`; got `{text}`"));
    }
    network
}

fn size(at: &At<'_, '_>, default: &str) -> usize {
    let text = at.text().unwrap_or(default);
    let size = text.parse::<ByteSize>().ok().and_then(|size| usize::try_from(size.as_u64()).ok());
    size.unwrap_or_else(|| {
        at.wrong(format!("expected a size such as `10MB` or `512KiB`; got `{text}`"));
        0
    })
}

/// A length of time that is not nothing.
pub(super) fn time(at: &At<'_, '_>, default: &str) -> Duration {
    let text = at.text().unwrap_or(default);
    // Longer times can't be told to a plugin, and are a mistake anyway.
    let fits = |time: &Duration| !time.is_zero() && time.as_millis() < u32::MAX.into();
    text.parse::<humantime::Duration>().ok().map(Duration::from).filter(fits).unwrap_or_else(|| {
        at.wrong(format!("expected a length of time such as `30s` or `1m 30s`, not 0 and below 49 days; got `{text}`"));
        Duration::from_secs(1)
    })
}

fn at_least_one(at: &At<'_, '_>, default: u32) -> u32 {
    let number = at.get().unwrap_or(default);
    if number == 0 {
        at.wrong("expected at least 1");
    }
    number
}

fn sites(list: &At<'_, '_>) -> Vec<Site> {
    let mut hosts = HashSet::new();
    let mut sites = Vec::new();
    for at in list.items() {
        let site = site::resolve(&at);
        if !hosts.insert(site.host.clone()) {
            at.key("host").wrong(format!("there is another site for `{}`", site.host));
        }
        sites.push(site);
    }
    sites
}

fn specs(at: &At<'_, '_>, plugins: &Plugins) -> Option<Specs> {
    let loaded = Specs::load(&plugins.specs);
    loaded.map_err(|problem| at.wrong(format!("{}: {problem}", plugins.specs.join(INDEX_FILE).display()))).ok()
}

/// What a site is called when it does not say.
pub(super) fn host(at: &At<'_, '_>) -> String {
    let text = at.text().map_or_else(raw::any, str::to_owned);
    // The dot of the root is no part of the name, and `*.` is no name.
    let host = text.strip_suffix('.').filter(|name| *name != "*").unwrap_or(&text).to_ascii_lowercase();
    if !is_host(&host) {
        at.wrong(format!("expected a host name without port, `*.suffix`, or `*`; got `{text}`"));
    }
    host
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
