//! The TOML files as they are written. The doc comments are the manual: they are what `reference` and editors show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All files together.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Config {
    /// more files that belong to this one: names or patterns such as `projects/*.toml`; only the main file has this key
    #[serde(default)]
    include: Vec<String>,
    /// who may use the actions: `allow ROLE` and `deny ROLE` in a row, the first role that the caller has decides,
    /// and nobody is allowed without a rule
    #[serde(default)]
    access: String,
    /// the server as a whole
    #[serde(default)]
    server: Server,
    /// where the plugins are
    plugins: Plugins,
    /// what is served, by host
    #[serde(default)]
    sites: Vec<Site>,
    /// the configured actions
    #[serde(default)]
    actions: Vec<Action>,
    /// actions and rules under a name that callers choose by `projectUid`
    #[serde(default)]
    projects: Vec<Project>,
}

/// The server as a whole.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Server {
    /// addresses and ports to listen on: `"127.0.0.1:8080"`, or `{ address = "0.0.0.0:443", tls = true }`
    listen: Vec<Listen>,
    /// where the gateway keeps what must outlive it; made if it is missing
    pub(super) data_dir: String,
    /// networks or addresses of proxies whose `X-Forwarded-*` and `Forwarded` headers are believed
    trusted_proxies: Vec<String>,
    /// what a request may be
    limits: Limits,
    /// how long things may take
    timeouts: Timeouts,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: vec![Listen::Address("127.0.0.1:8080".into())],
            data_dir: "../data".into(),
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}

/// An address to listen on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Listen {
    /// IP address and port, without TLS
    Address(String),
    /// the same as a table
    Listener(Listener),
}

/// An address to listen on, and how.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Listener {
    /// IP address and port
    address: String,
    /// whether it speaks TLS, with the certificates of the sites
    #[serde(default)]
    tls: bool,
}

/// What a request may be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Limits {
    /// the largest request body, such as `10MB` or `512KiB`, after decompression
    pub(super) body: String,
    /// how many calls of one plugin may run at once
    pub(super) calls: u32,
    /// how many connections may be open at once; more are closed
    pub(super) connections: u32,
    /// how many values (numbers, texts, lists, objects) the parameters of one request may hold
    pub(super) values: u32,
    /// the longest single text among the parameters of a request
    pub(super) text: String,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: "10MB".into(), calls: 1000, connections: 10_000, values: 1_000_000, text: "10MB".into() }
    }
}

/// How long things may take.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Timeouts {
    /// how long an action may take to answer, such as `30s` or `1m 30s`
    pub(super) action: String,
    /// how long the head of a request may take to arrive
    pub(super) header: String,
    /// how long a connection may rest between two requests
    pub(super) idle: String,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { action: "30s".into(), header: "30s".into(), idle: "75s".into() }
    }
}

/// Where the plugins are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Plugins {
    /// the folder of the plugins' libraries
    dir: String,
    /// the folder that `make spec` wrote for them
    specs: String,
}

/// What is served under a host name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Site {
    /// the name, `*.suffix` for all names below it, or `*` for every other name
    #[serde(default = "any")]
    host: String,
    /// the folder of the static files; without it the site has none
    root: Option<String>,
    /// the file below `root` that answers for those that do not exist, for single-page applications
    fallback: Option<String>,
    /// where the client folder is reached
    #[serde(default = "client_path")]
    client_path: String,
    /// the client folder; without it there is nothing under `clientPath`
    client_root: Option<String>,
    /// rules for paths, the first that matches counts
    #[serde(default)]
    rewrite_rules: Vec<Rule>,
    /// certificates for TLS listeners, chosen by the name that the client asks for
    #[serde(default)]
    certificates: Vec<Certificate>,
    /// what pages of other origins may do; without it browsers let them do nothing
    cors: Option<Cors>,
    /// response headers beside the safe defaults; an empty value removes one
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// HTML files for errors, by status
    #[serde(default)]
    error_pages: BTreeMap<String, String>,
    /// other HTTP servers behind path prefixes
    #[serde(default)]
    proxy: Vec<Proxy>,
}

/// The host of a site that names none.
pub(super) fn any() -> String {
    "*".into()
}

/// Where the client folder is unless the site says otherwise.
pub(super) fn client_path() -> String {
    "/gws-client".into()
}

/// A rule for paths.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rule {
    /// a regular expression (of Rust's `regex`) for the path
    pattern: String,
    /// the path to use instead, or a URL to redirect to; `$1`…`$9` and `${name}` stand for what was captured
    target: String,
    /// 301, 302, 303, 307 or 308: makes it a redirect in any case
    status: Option<u16>,
}

/// A certificate with its key.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Certificate {
    /// the certificate and what leads to its root, as PEM
    cert: String,
    /// the private key, as PEM
    key: String,
}

/// What pages of other origins may do.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cors {
    /// the origins, such as `https://app.example.org`, or `*` alone for all
    origins: Vec<String>,
    /// whether cookies and `Authorization` may be sent along
    #[serde(default)]
    credentials: bool,
    /// the methods that may be used
    #[serde(default = "cors_methods")]
    methods: Vec<String>,
    /// the request headers that may be set
    #[serde(default = "cors_headers")]
    headers: Vec<String>,
    /// the response headers that may be read
    #[serde(default)]
    expose_headers: Vec<String>,
    /// how long a browser may remember all this
    #[serde(default = "cors_max_age")]
    max_age: String,
}

/// The methods that pages of other origins may use.
pub(super) fn cors_methods() -> Vec<String> {
    ["GET", "HEAD", "POST"].map(str::to_owned).into()
}

/// The request headers that pages of other origins may set.
pub(super) fn cors_headers() -> Vec<String> {
    vec!["Content-Type".into()]
}

/// How long browsers remember a preflight.
pub(super) fn cors_max_age() -> String {
    "10m".into()
}

/// Another HTTP server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Proxy {
    /// the prefix, in whole segments
    path: String,
    /// the server's URL; if it has a path, that stands in for the prefix
    to: String,
    /// how long the server may take to go on with its reply
    #[serde(default = "proxy_timeout")]
    timeout: String,
}

/// How long another server may be silent.
pub(super) fn proxy_timeout() -> String {
    "60s".into()
}

/// Actions and rules under a name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Project {
    /// the name that callers send as `projectUid`
    uid: String,
    /// who may use the project
    #[serde(default)]
    access: String,
    /// actions that differ from those of the application
    #[serde(default)]
    actions: Vec<Action>,
}

/// A configured action: `type` names the plugin, `access` comes before the rules around it, and the other keys are the
/// plugin's own.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Action(serde_json::Value);

/// The keys of an action that are not the plugin's own.
pub(super) const ACTION_KEYS: [&str; 2] = ["type", "access"];
