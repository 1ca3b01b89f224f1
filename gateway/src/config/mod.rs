//! Configuration: a TOML file, checked whole before anything is started.
//!
//! 1. The text is parsed; syntax errors end it here.
//! 2. The file is read by its own types, the way a command's parameters are: all problems at once.
//! 3. Each action's own keys are read by the generated spec of its type.
//! 4. Texts become values: addresses, sizes, rules, paths relative to the file.
//!
//! Only the resolved [`Config`] leaves this module.

mod access;
mod mistake;
mod raw;
mod resolve;
mod source;
mod specs;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use serde_json::json;
use wicketgate_spec::{Graph, TypeId, read::Target, schema::Compiler};

pub use access::Access;
pub use mistake::{Mistake, Mistakes};
pub use specs::{ActionSpec, INDEX_FILE, Specs};

use source::Source;

/// A configuration in which nothing is left to be wrong but the world around it.
pub struct Config {
    /// The rules of the application, asked when an action's own say nothing.
    pub access: Access,
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// The gateway's own folder.
    pub data_dir: PathBuf,
    /// The largest request body, in bytes.
    pub body_limit: usize,
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
}

/// Where the plugins are.
pub struct Plugins {
    /// The folder of their libraries.
    pub dir: PathBuf,
    /// The folder of their specs.
    pub specs: PathBuf,
}

/// What is served under a host name.
pub struct Site {
    /// An exact name in lower case, `*.suffix`, or `*`.
    pub host: String,
    /// The folder of the static files.
    pub root: Option<PathBuf>,
}

/// A configured action.
pub struct Action {
    /// Its spec.
    pub spec: ActionSpec,
    /// Its own rules.
    pub access: Access,
    /// Its own keys: checked, complete with defaults, in MsgPack.
    pub config: Vec<u8>,
}

/// Reads the file at `file`.
///
/// # Errors
/// All mistakes of one run.
pub fn load(file: &Path) -> Result<Config, Mistakes> {
    let text = read_text(file)?;
    let source = Source::parse(file, &text)?;
    match source.read(&[], SCHEMA.target(SCHEMA.config)) {
        Ok(checked) => resolve::resolve(&source, decode(&checked.value, &source)?, base(file)),
        // The actions can be read all the same, if there are specs to read them by.
        Err(mut mistakes) => {
            if let Ok(plugins) = plugins_in(&source, file) {
                mistakes.extend(resolve::actions_mistakes(&source, &plugins, base(file)));
            }
            Err(Mistakes(mistakes))
        }
    }
}

/// Reads nothing but `[plugins]` of the file at `file`, for what must work before any spec exists.
///
/// # Errors
/// All mistakes in that table.
pub fn load_plugins(file: &Path) -> Result<Plugins, Mistakes> {
    let text = read_text(file)?;
    plugins_in(&Source::parse(file, &text)?, file)
}

fn plugins_in(source: &Source<'_>, file: &Path) -> Result<Plugins, Mistakes> {
    let at = ["plugins".into()];
    let checked = source.read(&at, SCHEMA.target(SCHEMA.plugins)).map_err(Mistakes)?;
    let raw: raw::Plugins = decode(&checked.value, source)?;
    Ok(resolve::plugins(&raw, base(file)))
}

fn read_text(file: &Path) -> Result<String, Mistakes> {
    fs::read_to_string(file).map_err(|e| {
        let text = format!("the configuration can't be read: {e}; name another file with --config");
        Mistakes(vec![Mistake { file: file.to_owned(), position: None, path: String::new(), text }])
    })
}

/// What relative paths in the file are relative to.
fn base(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Turns a checked value into its raw type. The schema was made of that type, so this does not fail.
fn decode<T: serde::de::DeserializeOwned>(checked: &[u8], source: &Source<'_>) -> Result<T, Mistakes> {
    rmp_serde::from_slice(checked).map_err(|e| Mistakes(vec![source.mistake(&[], e.to_string())]))
}

/// The raw types as a type graph.
static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::compile);

struct Schema {
    graph: Graph,
    config: TypeId,
    plugins: TypeId,
}

impl Schema {
    /// # Panics
    /// If a raw type uses what the reader can't check: seen by whoever changes one, in any test.
    #[allow(clippy::panic)]
    fn compile() -> Self {
        let mut generator = schemars::SchemaGenerator::default();
        let config = generator.subschema_for::<raw::Config>().to_value();
        let plugins = generator.subschema_for::<raw::Plugins>().to_value();
        let root = json!({ "$defs": generator.take_definitions(true) });
        let mut compiler = Compiler::new(&root);
        let (config, plugins) = (compiler.add(&config, "Config"), compiler.add(&plugins, "Plugins"));
        match compiler.finish() {
            Ok(graph) => Self { graph, config, plugins },
            Err(errors) => panic!("the configuration's own types: {errors:?}"),
        }
    }

    fn target(&self, ty: TypeId) -> Target<'_> {
        Target { graph: &self.graph, ty, root: "", common: &[] }
    }
}
