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
    /// users, and how callers show who they are
    #[serde(default)]
    auth: Auth,
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
    /// other URLs and methods for the same commands
    #[serde(default)]
    mounts: Vec<Mount>,
}

/// Another URL for commands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Mount {
    /// the path, as it reads decoded: literal segments, and placeholders such as `{id}`, which give the parameter of that name its
    /// value; `{id:int}`, `{x:float}`, `{day:date}` and `{key:uuid}` match nothing else, and `{file:path}`, the last one, takes all
    /// that follows; a slash in the end makes no difference
    path: String,
    /// the values that placeholders may have; a path with another one does not match
    #[serde(default, rename = "where")]
    values: BTreeMap<String, Vec<String>>,
    /// the command that answers GET, and HEAD
    #[serde(rename = "GET")]
    get: Option<String>,
    /// the command that answers POST
    #[serde(rename = "POST")]
    post: Option<String>,
    /// the command that answers PUT
    #[serde(rename = "PUT")]
    put: Option<String>,
    /// the command that answers PATCH
    #[serde(rename = "PATCH")]
    patch: Option<String>,
    /// the command that answers DELETE
    #[serde(rename = "DELETE")]
    delete: Option<String>,
    /// an action, whose commands are mounted below `path` as their author suggests
    #[serde(rename = "use")]
    action: Option<String>,
    /// the parameter, a map, that takes every value of the query that no other parameter takes; of several of a name the last
    rest: Option<String>,
    /// how errors are told, unless a client asks for `application/problem+json`
    #[serde(default)]
    errors: ErrorDialect,
    /// the protocol that GET has to ask for by `Upgrade`, such as `websocket`; without it, it is 426
    upgrade: Option<String>,
}

/// How errors are told.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum ErrorDialect {
    /// `{"error": {"status", "info", "details", "requestId"}}`
    #[default]
    Gateway,
    /// `{"detail": "…"}`
    Detail,
    /// `{"message": "…"}`
    Message,
    /// as a text
    Text,
    /// as `application/problem+json` (RFC 9457)
    Problem,
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
    /// the largest form with files (`multipart/form-data`); its other fields together are within `body`
    pub(super) upload: String,
    /// how many calls of one plugin may run at once
    pub(super) calls: u32,
    /// how many connections may be open at once; more are closed
    pub(super) connections: u32,
    /// how many values (numbers, texts, lists, objects) the parameters of one request may hold
    pub(super) values: u32,
    /// the longest single text among the parameters of a request
    pub(super) text: String,
    /// memory for small files that are asked for again and again, and for their compressed forms; the sites share it;
    /// `0B` for none
    pub(super) cache: String,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: "10MB".into(),
            upload: "100MB".into(),
            calls: 1000,
            connections: 10_000,
            values: 1_000_000,
            text: "10MB".into(),
            cache: "128MiB".into(),
        }
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

/// Users, and how callers show who they are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Auth {
    /// the name of the session cookie
    pub(super) cookie: String,
    /// how long a session lives after its last request
    pub(super) lifetime: String,
    /// how many sessions there may be; the one that has rested for longest makes room
    pub(super) sessions: u32,
    /// the roles that there are beside `all`, `guest`, `user` and `admin`: if they are listed, any other is a mistake
    roles: Option<Vec<String>>,
    /// where users are looked for, one after the other
    providers: Vec<AuthProvider>,
    /// how callers may show who they are
    methods: Vec<AuthMethod>,
}

impl Default for Auth {
    fn default() -> Self {
        let (cookie, lifetime) = ("auth".into(), "20m".into());
        Self { cookie, lifetime, sessions: 100_000, roles: None, providers: Vec::new(), methods: Vec::new() }
    }
}

/// Where users are looked for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(super) enum AuthProvider {
    /// a TOML file, written by `wicketgate user`
    File {
        /// the file
        path: String,
    },
    /// a database: SQLite or PostgreSQL
    Sql {
        /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`
        url: Option<String>,
        /// a file whose first line is the URL, so that its password stands in no configuration
        url_file: Option<String>,
        /// finds a user by login, which is `$1`; its columns are `login` and any of `display_name`, `roles` (separated by
        /// commas), `password` (argon2id), `totp`; all others are attributes
        query: String,
        /// finds the same by a token's hash, which is `$1`: SHA-256, 64 hexadecimal digits
        token_query: Option<String>,
        /// how long an answer holds for those who are logged in
        #[serde(default = "sql_refresh")]
        refresh: String,
    },
}

/// How long an answer of a database holds.
pub(super) fn sql_refresh() -> String {
    "1m".into()
}

/// How a caller may show who they are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(super) enum AuthMethod {
    /// a session cookie, from the command `authLogin`
    Web {
        /// whether it works over TLS alone
        #[serde(default)]
        tls: bool,
    },
    /// `Authorization: Basic …` (RFC 7617)
    Basic {
        /// whether it works over TLS alone
        #[serde(default)]
        tls: bool,
        /// what browsers call it when they ask for a password
        #[serde(default = "realm")]
        realm: String,
    },
    /// `Authorization: Bearer …` (RFC 6750): tokens of the providers' users or, with `jwks` or `secretFile`, JSON Web Tokens
    Token {
        /// whether it works over TLS alone
        #[serde(default)]
        tls: bool,
        /// a file of public keys (RFC 7517)
        jwks: Option<String>,
        /// a file that holds an HMAC secret of at least 32 bytes
        secret_file: Option<String>,
        /// what has to stand in `iss`
        issuer: Option<String>,
        /// what has to stand in `aud`
        audience: Option<String>,
        /// the claim that holds the roles: a list, or a text separated by spaces
        #[serde(default = "roles_claim")]
        roles_claim: String,
    },
}

/// What browsers call it when they ask for a password.
pub(super) fn realm() -> String {
    "Wicketgate".into()
}

/// The claim that holds the roles.
pub(super) fn roles_claim() -> String {
    "roles".into()
}

/// A file of users.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Users {
    /// the users
    #[serde(default)]
    users: Vec<User>,
}

/// A user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct User {
    /// unique name
    login: String,
    /// name to show to people; the login if it is not given
    display_name: Option<String>,
    /// roles beside `all` and `user`
    #[serde(default)]
    roles: Vec<String>,
    /// `$argon2id$…`; without it nobody can log in by password
    password: Option<String>,
    /// the secret of a second factor (TOTP), in base32
    totp: Option<String>,
    /// what actions may want to know
    #[serde(default)]
    attributes: BTreeMap<String, serde_json::Value>,
    /// tokens of the method `token`
    #[serde(default)]
    tokens: Vec<Token>,
}

/// A token of a user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Token {
    /// what it is for
    name: String,
    /// the SHA-256 hash of the token, in 64 hexadecimal digits
    hash: String,
    /// when it ends to be valid: `2027-01-01T00:00:00Z`
    expires: Option<String>,
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
    /// the files that stand for their folder, the first that exists
    #[serde(default = "index")]
    index: Vec<String>,
    /// whether `/about` may also be the file `about.html`
    #[serde(default)]
    html_extension: bool,
    /// whether a folder without such a file is listed: as HTML, or as JSON to clients that prefer it
    #[serde(default)]
    listing: bool,
    /// whether symbolic links are followed; out of the folder they never are
    #[serde(default = "yes")]
    symlinks: bool,
    /// whether `NAME.br`, `NAME.zst` or `NAME.gz` is sent in place of `NAME` to clients that understand it
    #[serde(default = "yes")]
    precompressed: bool,
    /// the media types of files that are compressed while they are sent, such as `text/html` or `text/*`
    #[serde(default = "compress")]
    compress: Vec<String>,
    /// what replies say of files; the first rule that matches counts
    #[serde(default)]
    files: Vec<FileRule>,
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

/// The file that stands for its folder.
pub(super) fn index() -> Vec<String> {
    vec!["index.html".into()]
}

fn yes() -> bool {
    true
}

/// What is worth compressing, of what browsers load: texts, and formats that hold no compression of their own.
pub(super) fn compress() -> Vec<String> {
    let types = [
        "text/*",
        "application/atom+xml",
        "application/font-sfnt",
        "application/geo+json",
        "application/javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/rss+xml",
        "application/wasm",
        "application/xhtml+xml",
        "application/xml",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/svg+xml",
    ];
    types.map(str::to_owned).into()
}

/// What replies say of some files.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileRule {
    /// a regular expression (of Rust's `regex`) for the path
    pattern: String,
    /// `Cache-Control`, such as `max-age=31536000, immutable` for files whose names change with their content
    cache_control: Option<String>,
    /// whether browsers save the file instead of showing it (`Content-Disposition: attachment`)
    #[serde(default)]
    download: bool,
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
