//! The TOML file as it is written. The doc comments are the manual: they are what `reference` and editors show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Config {
    /// who may use the actions: `allow ROLE` and `deny ROLE` in a row, the first role that the caller has decides,
    /// and nobody is allowed without a rule
    #[serde(default)]
    pub(super) access: String,
    /// the server as a whole
    #[serde(default)]
    pub(super) server: Server,
    /// where the plugins are
    pub(super) plugins: Plugins,
    /// what is served, by host
    #[serde(default)]
    pub(super) sites: Vec<Site>,
    /// the configured actions: `type` names the plugin, `access` comes before the one above, and the other keys are
    /// the plugin's own
    #[serde(default)]
    pub(super) actions: Vec<serde_json::Value>,
}

/// The server as a whole.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Server {
    /// addresses and ports to listen on
    pub(super) listen: Vec<String>,
    /// where the gateway keeps what must outlive it; made if it is missing
    pub(super) data_dir: String,
    /// what a request may be
    pub(super) limits: Limits,
    /// how long things may take
    pub(super) timeouts: Timeouts,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: vec!["127.0.0.1:8080".into()],
            data_dir: "../data".into(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}

/// What a request may be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Limits {
    /// the largest request body, such as `10MB` or `512KiB`
    pub(super) body: String,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: "10MB".into() }
    }
}

/// How long things may take.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Timeouts {
    /// how long an action may take to answer, such as `30s` or `1m 30s`
    pub(super) action: String,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { action: "30s".into() }
    }
}

/// Where the plugins are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Plugins {
    /// the folder of the plugins' libraries
    pub(super) dir: String,
    /// the folder that `make spec` wrote for them
    pub(super) specs: String,
}

/// What is served under a host name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Site {
    /// the name, `*.suffix` for all names below it, or `*` for every other name
    #[serde(default = "any")]
    pub(super) host: String,
    /// the folder of the static files; without it the site has none
    pub(super) root: Option<String>,
}

fn any() -> String {
    "*".into()
}

/// The keys of an action that are not the plugin's own.
pub(super) const ACTION_KEYS: [&str; 2] = ["type", "access"];
