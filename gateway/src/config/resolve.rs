//! From texts to values: addresses, networks, sizes, times, folders.

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{
    Config, Connections, INDEX_FILE, Listen, Plugins, ReadLimits, Specs,
    actions::{self, action_list},
    auth, mount_rows,
    raw::{Limits, Server, Timeouts},
    site::{self, Site},
    source::At,
    values::{access, at_least_one, network, size, time},
};

/// Resolves everything, and notes all that is wrong. `None`: something is missing without which there is no going on.
pub(super) fn resolve(root: &At<'_, '_>, main: &Path) -> Option<Config> {
    let server = root.key("server");
    let mut auth = auth::resolve(&root.key("auth"));
    let roles = auth.roles.as_deref();
    let access = access(&root.key("access"), roles);
    let listen = listen(&server);
    let trusted_proxies = server.key("trustedProxies").items().filter_map(|item| network(&item)).collect();
    let (limits, timeouts) = (server.key("limits"), server.key("timeouts"));
    let body_limit = size(&limits.key("body"), &Limits::default().body);
    let upload_limit = size(&limits.key("upload"), &Limits::default().upload);
    let values = at_least_one(&limits.key("values"), Limits::default().values);
    let reading = ReadLimits { values: values as usize, text: size(&limits.key("text"), &Limits::default().text) };
    let call_limit = at_least_one(&limits.key("calls"), Limits::default().calls);
    let connections = Connections {
        limit: at_least_one(&limits.key("connections"), Limits::default().connections) as usize,
        header: time(&timeouts.key("header"), &Timeouts::default().header),
        idle: time(&timeouts.key("idle"), &Timeouts::default().idle),
    };
    let action_timeout = time(&timeouts.key("action"), &Timeouts::default().action);
    let sites = sites(&root.key("sites"));
    let certificates = root.key("sites").items().flat_map(|site| site.key("certificates").items()).next();
    if listen.iter().any(|listen| listen.tls) && certificates.is_none() {
        server.key("listen").wrong("a listener speaks TLS, but no site has `[[sites.certificates]]`");
    }
    let plugins = plugins(root)?;
    let specs = specs(&root.key("plugins").key("specs"), &plugins);
    let actions = action_list(&root.key("actions"), specs.as_ref(), roles);
    let projects = actions::projects(&root.key("projects"), specs.as_ref(), roles);
    let unused = auth.web.as_ref().and_then(|web| auth::unused(web, &actions, &access));
    auth.warnings.extend(unused);
    if specs.is_none()
        && let Err(e) = std::fs::read_dir(&plugins.dir)
    {
        // Else it is told when the plugins are looked for, which needs specs.
        root.key("plugins").key("dir").wrong(format!("the folder {} can't be read: {e}", plugins.dir.display()));
    }
    let specs = specs?;
    let known: Vec<_> = specs.iter().map(|spec| &spec.action).collect();
    let mounts = mount_rows::resolve(&root.key("mounts"), &known, &sites);
    Some(Config {
        access,
        auth,
        listen,
        listen_place: server.key("listen").place(),
        data_dir: data_dir(&server, main),
        data_dir_place: server.key("dataDir").place(),
        trusted_proxies,
        body_limit,
        upload_limit,
        reading,
        call_limit,
        cache: size(&limits.key("cache"), &Limits::default().cache),
        connections,
        action_timeout,
        plugins,
        specs,
        sites,
        actions,
        projects,
        mounts,
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
    let address = item.key("address");
    address.exists().then(|| (address, item.key("tls").get().unwrap_or(false)))
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
