//! Configuration: TOML files, checked whole before anything is started.
//!
//! 1. [`files`]: the main file is read, and those that it includes.
//! 2. [`source`]: they are parsed and become one tree, in which everything knows its place.
//! 3. The tree is read by its own types, the way a command's parameters are: all problems at once.
//! 4. [`resolve`]: texts become values: addresses, rules, certificates, paths relative to their file. What does not fit its
//!    type is passed over here, so that one mistake never hides another.
//!
//! Only the resolved [`Config`] leaves this module.

mod access;
mod actions;
mod auth;
mod certificate;
mod cors;
mod credential;
mod files;
mod headers;
mod jwt;
mod mistake;
mod mount_rows;
mod mount_warnings;
mod mounts;
mod overlaps;
mod pattern;
mod raw;
mod resolve;
mod rewrite;
mod schema;
mod site;
mod site_files;
mod source;
mod specs;
#[cfg(test)]
mod tests;
mod upstream;
mod users;
mod values;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use wicketgate_spec::{Action as SpecAction, Graph, TypeId, read::Limits as ReadLimits};

pub use access::{ADMIN, Access, BUILT_IN_ROLES, check_role};
pub use actions::{Action, Project};
pub use auth::{Auth, Basic, Provider, Sql, Token, UserFile, Web};
pub use certificate::Certificate;
pub use cors::{Cors, Origins};
pub use credential::{check_hash, check_login, hash_cost, hex, second_factor, split_roles, token_hash};
pub use headers::SiteHeaders;
pub use jwt::{Jwt, JwtKey};
pub use mistake::{Mistake, Mistakes, Place};
pub use mount_warnings::mount_warnings;
pub use mounts::{Found, Mounts, Row, Takes};
pub use pattern::{Kind, Placeholder};
pub use rewrite::{Rewritten, Rule};
pub use site::Site;
pub use site_files::{FileRule, Files, MediaTypes, is_hidden};
pub use specs::{ActionSpec, INDEX_FILE, Specs};
pub use upstream::{Scheme, Upstream};
pub use users::{TokenRecord, UserRecord, check_users};

use schema::SCHEMA;
use source::Source;

/// What holds for connections.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many may be open at once.
    pub limit: usize,
    /// How long the head of a request may take to arrive.
    pub header: Duration,
    /// How long one may rest between two requests.
    pub idle: Duration,
}

/// A configuration in which nothing is left to be wrong but the world around it.
pub struct Config {
    /// The rules of the application, asked when neither an action nor its project says anything.
    pub access: Access,
    /// Users, and how callers show who they are.
    pub auth: Auth,
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// Where this is said.
    pub listen_place: Place,
    /// The gateway's own folder.
    pub data_dir: PathBuf,
    /// Where this is said.
    pub data_dir_place: Place,
    /// Whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// The largest form with files, in bytes.
    pub upload_limit: usize,
    /// How much the parameters of one request may hold.
    pub reading: ReadLimits,
    /// How many calls of one plugin may run at once.
    pub call_limit: u32,
    /// Memory for hot files, in bytes, for all sites together.
    pub cache: usize,
    /// What holds for connections.
    pub connections: Connections,
    /// How long an action may take to answer.
    pub action_timeout: Duration,
    /// Where the plugins are.
    pub plugins: Plugins,
    /// What `make spec` wrote for them.
    pub specs: Specs,
    /// What is served, by host.
    pub sites: Vec<Site>,
    /// The configured actions.
    pub actions: Vec<Action>,
    /// The projects.
    pub projects: Vec<Project>,
    /// Other URLs for commands.
    pub mounts: Mounts,
}

impl Config {
    /// The actions of the application, then those of each project, with its name.
    pub fn all_actions(&self) -> impl Iterator<Item = (Option<&str>, &Action)> {
        let own = self
            .projects
            .iter()
            .flat_map(|project| project.actions.iter().map(move |action| (Some(project.uid.as_str()), action)));
        self.actions.iter().map(|action| (None, action)).chain(own)
    }
}

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// IP address and port.
    pub address: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
}

/// Where the plugins are.
pub struct Plugins {
    /// Where this is said.
    pub place: Place,
    /// The folder of their libraries.
    pub dir: PathBuf,
    /// The folder of their specs.
    pub specs: PathBuf,
}

/// What a configuration is made of, for whoever waits for it to change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Files that are read.
    pub files: Vec<PathBuf>,
    /// Folders in which files count that may come and go.
    pub folders: Vec<InputFolder>,
}

/// A folder in which the files of some names count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFolder {
    /// The folder.
    pub path: PathBuf,
    /// Their names: a pattern as in `include`.
    pub names: String,
}

impl InputFolder {
    /// Whether the file of that name counts.
    #[must_use]
    pub fn counts(&self, name: &str) -> bool {
        glob::Pattern::new(&self.names).is_ok_and(|names| names.matches_with(name, files::OPTIONS))
    }
}

/// Reads the configuration whose main file is `main`.
///
/// # Errors
/// All mistakes of one run.
pub fn load(main: &Path) -> Result<Config, Mistakes> {
    match examine(main) {
        (Some(config), mistakes) if mistakes.is_empty() => Ok(config),
        (_, mistakes) => Err(Mistakes(mistakes)),
    }
}

/// The configuration as far as it can be read, and all mistakes. With mistakes it is good for nothing but to look for more.
#[must_use]
pub fn examine(main: &Path) -> (Option<Config>, Vec<Mistake>) {
    let files = match files::read(main) {
        Ok(files) => files,
        Err(Mistakes(mistakes)) => return (None, mistakes),
    };
    let source = Source::parse(&files);
    source.root().read(SCHEMA.target(SCHEMA.config));
    let config = resolve::resolve(&source.root(), main);
    (config, source.into_mistakes())
}

/// Reads nothing but `[plugins]`, for what must work before any spec exists.
///
/// # Errors
/// All mistakes in that table.
pub fn load_plugins(main: &Path) -> Result<Plugins, Mistakes> {
    let files = files::read(main)?;
    let source = Source::parse(&files);
    source.root().key("plugins").read(SCHEMA.target(SCHEMA.plugins));
    let plugins = resolve::plugins(&source.root());
    finish(source, plugins)
}

/// Reads nothing but `[[mounts]]`, for the commands of these actions.
///
/// # Errors
/// All mistakes in that list.
pub fn load_mounts(main: &Path, actions: &[Arc<SpecAction>]) -> Result<Mounts, Mistakes> {
    let files = files::read(main)?;
    let source = Source::parse(&files);
    let list = source.root().key("mounts");
    for at in list.items() {
        at.read(SCHEMA.target(SCHEMA.mount));
    }
    let mounts = mount_rows::resolve(&list, &actions.iter().collect::<Vec<_>>(), &[]);
    finish(source, Some(mounts))
}

/// Reads nothing but where a gateway of this configuration listens and keeps its data, whatever else is wrong.
///
/// # Errors
/// All mistakes in `[server]`.
pub fn load_server(main: &Path) -> Result<(PathBuf, Vec<Listen>), Mistakes> {
    let files = files::read(main)?;
    let source = Source::parse(&files);
    let server = source.root().key("server");
    if server.exists() {
        server.read(SCHEMA.target(SCHEMA.server));
    }
    let found = (resolve::data_dir(&server, main), resolve::listen(&server));
    finish(source, Some(found))
}

/// Reads nothing but where the first file of users is, whatever else is wrong.
///
/// # Errors
/// If the files can't be read.
pub fn load_user_file(main: &Path) -> Result<Option<UserFile>, Mistakes> {
    let files = files::read(main)?;
    Ok(auth::user_file(&Source::parse(&files).root().key("auth")))
}

fn finish<T>(source: Source<'_>, value: Option<T>) -> Result<T, Mistakes> {
    match (value, source.into_mistakes()) {
        (Some(value), mistakes) if mistakes.is_empty() => Ok(value),
        (_, mistakes) => Err(Mistakes(mistakes)),
    }
}

/// The types of all keys, and which of them is the whole.
#[must_use]
pub fn types() -> (&'static Graph, TypeId) {
    (&SCHEMA.graph, SCHEMA.config)
}

/// All that the configuration is made of, as far as it can be read.
#[must_use]
pub fn inputs(main: &Path) -> Inputs {
    let mut inputs = Inputs { files: vec![main.to_owned()], folders: Vec::new() };
    let Ok(files) = files::read(main) else { return inputs };
    inputs.files.extend(files.read.iter().skip(1).map(|file| file.path.clone()));
    inputs.folders.clone_from(&files.folders);
    let source = Source::parse(&files);
    let root = source.root();
    if let Some(plugins) = resolve::plugins(&root) {
        inputs.files.push(plugins.specs.join(INDEX_FILE));
        inputs.folders.push(InputFolder { path: plugins.dir, names: "*.so".into() });
    }
    inputs.files.extend(auth::inputs(&root.key("auth")));
    inputs.files.extend(root.key("sites").items().flat_map(|site| site::inputs(&site)));
    inputs
}
