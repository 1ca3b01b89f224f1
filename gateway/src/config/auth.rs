//! Users, and how callers show who they are.

use std::{fs, path::PathBuf, time::Duration};

use super::{
    Access, Action, Mistake, Place, UserRecord,
    access::{BUILT_IN_ROLES, is_role},
    credential::check_private,
    jwt::{self, Jwt},
    raw,
    source::At,
    users,
    values::{at_least_one, time},
};

/// Users, and how callers show who they are.
pub struct Auth {
    /// Where this is said.
    pub place: Place,
    /// The name of the session cookie.
    pub cookie: String,
    /// How long a session lives after its last request.
    pub lifetime: Duration,
    /// How many sessions there may be.
    pub sessions: usize,
    /// The roles that there are beside the built-in ones, if they are listed.
    pub roles: Option<Vec<String>>,
    /// Where users are looked for, in this order.
    pub providers: Vec<Provider>,
    /// The session cookie.
    pub web: Option<Web>,
    /// `Authorization: Basic`.
    pub basic: Option<Basic>,
    /// `Authorization: Bearer`, in the order in which they are tried.
    pub tokens: Vec<Token>,
    /// What is not wrong, but should not stay.
    pub warnings: Vec<Mistake>,
}

/// Where users are looked for.
pub enum Provider {
    /// A file, which is read with the configuration.
    File(Vec<UserRecord>),
    /// A database.
    Sql(Sql),
}

/// A database of users.
pub struct Sql {
    /// Where this is said.
    pub place: Place,
    /// Its URL, with its password.
    pub url: String,
    /// Finds a user by login.
    pub query: String,
    /// Finds a user by the hash of a token.
    pub token_query: Option<String>,
    /// How long an answer holds.
    pub refresh: Duration,
}

/// The session cookie.
pub struct Web {
    /// Where this is said.
    pub place: Place,
    /// Whether it works over TLS alone.
    pub tls: bool,
}

/// `Authorization: Basic`.
pub struct Basic {
    /// Whether it works over TLS alone.
    pub tls: bool,
    /// What browsers call it.
    pub realm: String,
}

/// `Authorization: Bearer`.
pub struct Token {
    /// Whether it works over TLS alone.
    pub tls: bool,
    /// What a JSON Web Token has to fulfil; without it, tokens are those of the providers' users.
    pub jwt: Option<Jwt>,
}

/// The table `auth`.
pub(super) fn resolve(at: &At<'_, '_>) -> Auth {
    let roles = roles(&at.key("roles"));
    let default = raw::Auth::default();
    let mut auth = Auth {
        place: at.place(),
        cookie: cookie(&at.key("cookie"), &default.cookie),
        lifetime: time(&at.key("lifetime"), &default.lifetime),
        sessions: at_least_one(&at.key("sessions"), default.sessions) as usize,
        providers: Vec::new(),
        web: None,
        basic: None,
        tokens: Vec::new(),
        warnings: Vec::new(),
        roles,
    };
    for item in at.key("providers").items() {
        let provider = provider(&item, &mut auth);
        auth.providers.extend(provider);
    }
    at.key("methods").items().for_each(|item| method(&item, &mut auth));
    let name = at.key("cookie");
    if let Some(Web { tls: false, .. }) = auth.web
        && ["__Host-", "__Secure-"].iter().any(|prefix| auth.cookie.starts_with(prefix))
    {
        let text = "browsers take a cookie of that name over TLS alone: set `tls = true` for the method `web`";
        auth.warnings.push(name.place().mistake(text));
    }
    let by_password = auth.web.is_some() || auth.basic.is_some();
    let none = at.key("providers").items().next().is_none();
    if none && (by_password || auth.tokens.iter().any(|token| token.jwt.is_none())) {
        let text = "nobody could log in: there are no users; add `[[auth.providers]]`";
        at.key("methods").wrong(text);
    }
    auth
}

/// What to tell if guests can't log in by the action that is made for it.
pub(super) fn unused(web: &Web, actions: &[Action], application: &Access) -> Option<Mistake> {
    let guest = ["guest", "all"];
    let open = |action: &Action| action.access.decide(&guest).or_else(|| application.decide(&guest)) == Some(true);
    let text = "guests may not use the action `auth`, by which they would log in; add `[[actions]]` with `type = \"auth\"` and \
                `access = \"allow all\"`";
    let usable = actions.iter().any(|action| action.spec.action.name == "auth" && open(action));
    (!usable).then(|| web.place.mistake(text))
}

/// The files that are read when the configuration is.
pub(super) fn inputs(at: &At<'_, '_>) -> Vec<PathBuf> {
    let providers = at.key("providers").items().flat_map(|item| [item.key("path").file(), item.key("urlFile").file()]);
    let methods = at.key("methods").items().flat_map(|item| [item.key("jwks").file(), item.key("secretFile").file()]);
    providers.chain(methods).flatten().collect()
}

/// A file of users, and the roles that they may have, if these are listed.
pub struct UserFile {
    /// Where it is.
    pub path: PathBuf,
    /// The roles.
    pub roles: Option<Vec<String>>,
}

/// The first file of users.
pub(super) fn user_file(at: &At<'_, '_>) -> Option<UserFile> {
    let path = at.key("providers").items().find(|item| item.key("type").text() == Some("file"))?.key("path").file()?;
    Some(UserFile { path, roles: at.key("roles").get() })
}

fn roles(list: &At<'_, '_>) -> Option<Vec<String>> {
    if !list.exists() {
        return None;
    }
    let role = |item: At<'_, '_>| {
        let name = item.text()?;
        if !is_role(name) {
            item.wrong(format!("expected a role of letters, digits and `_.:-`; got `{name}`"));
        } else if BUILT_IN_ROLES.contains(&name) {
            item.wrong(format!("the role `{name}` is there anyway"));
        }
        Some(name.to_owned())
    };
    Some(list.items().filter_map(role).collect())
}

/// The name of a cookie (RFC 6265 §4.1.1: a token).
fn cookie(at: &At<'_, '_>, default: &str) -> String {
    let name = at.text().unwrap_or(default);
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        at.wrong(format!("expected the name of a cookie, such as `auth`; got `{name}`"));
    }
    name.to_owned()
}

fn provider(at: &At<'_, '_>, auth: &mut Auth) -> Option<Provider> {
    match at.key("type").text()? {
        "file" => {
            let path = at.key("path").file()?;
            let users = users::load(&at.key("path"), &path, auth.roles.as_deref(), &mut auth.warnings)?;
            Some(Provider::File(users))
        }
        "sql" => sql(at, &mut auth.warnings).map(Provider::Sql),
        _ => None,
    }
}

fn sql(at: &At<'_, '_>, warnings: &mut Vec<Mistake>) -> Option<Sql> {
    let text = |key: &str| at.key(key).text().map(str::to_owned);
    let (url, url_file) = (at.key("url"), at.key("urlFile"));
    let found = match (url.text(), url_file.file()) {
        (Some(url), None) => url.to_owned(),
        (None, Some(file)) => {
            let read = fs::read_to_string(&file);
            let read = read.map_err(|e| url_file.wrong(format!("{} can't be read: {e}", file.display()))).ok()?;
            warnings.extend(check_private(&url_file, &file));
            read.lines().next().unwrap_or_default().trim().to_owned()
        }
        _ => {
            at.wrong("expected one of `url` and `urlFile`");
            return None;
        }
    };
    let place = if url.exists() { url } else { url_file };
    let Some(url) = database_url(&found, at) else {
        // Not repeated: there may be a password in it.
        place.wrong("expected a URL such as `sqlite:users.db` or `postgres://USER:PASSWORD@HOST/DATABASE`");
        return None;
    };
    for key in ["query", "tokenQuery"].map(|key| at.key(key)) {
        // One parameter is all that there is.
        if key.text().is_some_and(|query| !query.contains("$1") || query.contains("$2")) {
            key.wrong("expected a query with the one parameter `$1`");
        }
    }
    let refresh = time(&at.key("refresh"), &raw::sql_refresh());
    Some(Sql { place: at.place(), url, query: text("query")?, token_query: text("tokenQuery"), refresh })
}

/// The URL of a database; the path of one that is a file is relative to the configuration's.
fn database_url(text: &str, at: &At<'_, '_>) -> Option<String> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let (file, options) = path.split_once('?').map_or((path, String::new()), |(f, o)| (f, format!("?{o}")));
        return (!file.is_empty()).then(|| format!("sqlite://{}{options}", at.base().join(file).display()));
    }
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    (is_postgres && text.parse::<sqlx::postgres::PgConnectOptions>().is_ok()).then(|| text.to_owned())
}

fn method(at: &At<'_, '_>, auth: &mut Auth) {
    let tls = at.key("tls").get().unwrap_or(false);
    match at.key("type").text() {
        Some("web") if auth.web.is_none() => auth.web = Some(Web { place: at.place(), tls }),
        Some("basic") if auth.basic.is_none() => {
            let realm = at.key("realm").text().map_or_else(raw::realm, str::to_owned);
            if realm.chars().any(|c| c.is_control() || !c.is_ascii() || matches!(c, '"' | '\\')) {
                at.key("realm").wrong("expected ASCII without quotes and backslashes");
            }
            auth.basic = Some(Basic { tls, realm });
        }
        Some("token") => {
            auth.tokens.extend(jwt::resolve(at, &mut auth.warnings).map(|jwt| Token { tls, jwt }));
        }
        Some(name @ ("web" | "basic")) => at.wrong(format!("the method `{name}` is listed twice")),
        _ => {}
    }
}
