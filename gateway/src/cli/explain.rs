//! `wicketgate explain`

use std::{borrow::Cow, path::Path, sync::Arc};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use super::{access, say};
use crate::{
    app,
    auth::{self, Presented, User},
    config::{self, Config, Mistakes, Scheme},
    front::{Destiny, Head, RequestPath, Sites, check_headers, host_name},
    notes::{Notes, Step},
    webapp::{self, Mount, Plan, RequestBody, RequestId, WebError, WebHead, WebRequest},
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The request's method
    #[arg(short = 'X', long, default_value = "GET")]
    method: Method,
    /// A header of the request, such as `Accept: text/html`; `Host` chooses the site
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = name_and_value)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// As whom: a user of `[[auth.providers]]`; a guest if it is not given
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// A path, or a URL whose host chooses the site; without it, all that the user may do is told
    #[arg(value_parser = target, required_unless_present = "user")]
    url: Option<(String, Uri)>,
}

fn target(text: &str) -> Result<(String, Uri), String> {
    let uri: Uri = text.parse().map_err(|e| format!("this is no path and no URL: {e}"))?;
    if text.starts_with('/') || matches!(uri.scheme_str(), Some("http" | "https")) {
        return Ok((text.to_owned(), uri));
    }
    Err("this is no path and no URL: a path starts with `/`, a URL with `http://` or `https://`".into())
}

fn name_and_value(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected `NAME: VALUE`")?;
    Ok((
        HeaderName::try_from(name.trim()).map_err(|e| e.to_string())?,
        HeaderValue::try_from(value.trim()).map_err(|e| e.to_string())?,
    ))
}

/// Decides as the server does, by the same functions, and prints what was decided. Nothing is called or connected to, but for a
/// database of users if a user is named.
pub(super) fn run(file: &Path, arguments: &Arguments) -> Result<()> {
    let mut config = config::load(file)?;
    let plan = app::plan(&config).map_err(|mistake| Mistakes(vec![mistake]))?;
    let user = match &arguments.user {
        Some(login) => find(&mut config, login)?,
        None => User::guest(),
    };
    let Some((url, uri)) = &arguments.url else { return access::print_for(&config, &plan, &user) };
    let sites = app::sites(config.sites, 0, &Arc::new(config.mounts)).map_err(Mistakes)?;
    let mut notes: Vec<(Step, String)> = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let outcome = runtime.block_on(explain(&sites, &plan, uri, &user, arguments, &mut notes));
    let mut told = format!("{} {url}\n", arguments.method);
    for (step, text) in &notes {
        told.push_str(&format!("{} {:<8} {text}\n", *step as u8, name(*step)));
    }
    match outcome {
        Ok(end) => say(format_args!("{told}=> {end}")),
        Err(error) => say(format_args!("{told}=> {} {}", error.status().as_u16(), error.info())),
    }
}

fn find(config: &mut Config, login: &str) -> Result<User> {
    let found = auth::find_user(std::mem::take(&mut config.auth.providers), login)?;
    found.with_context(|| format!("there is no user `{login}`; `wicketgate user list` names those in files"))
}

async fn explain(
    sites: &Sites,
    plan: &Plan,
    uri: &Uri,
    user: &User,
    arguments: &Arguments,
    notes: &mut impl Notes,
) -> Result<String, WebError> {
    let method = &arguments.method;
    let headers: HeaderMap = arguments.headers.iter().cloned().collect();
    check_headers(&headers)?;
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host_name(uri.host().or(named).unwrap_or("localhost"));
    let host = host.ok_or_else(|| WebError::bad_request("malformed request: the host is no host name"))?;
    notes.note(Step::Request, || "well-formed".into());
    if [header::AUTHORIZATION, header::COOKIE, header::ORIGIN].iter().any(|name| headers.contains_key(name)) {
        let text = "who calls is what --user says: `Authorization`, `Cookie` and `Origin` tell nothing here";
        notes.note(Step::Request, || text.into());
    }
    let site = sites.find(Some(&host), notes)?;
    let head = Head { method, path: uri.path(), query: uri.query(), headers: &headers };
    Ok(match site.destiny(&head, notes)? {
        Destiny::Preflight(_) => "204 CORS preflight".into(),
        Destiny::Redirect(status, location) => format!("{} {location}", status.as_u16()),
        Destiny::Upstream(upstream, target) => {
            let scheme = if upstream.scheme == Scheme::Https { "https" } else { "http" };
            format!("proxy {scheme}://{}{target}", upstream.authority())
        }
        Destiny::Webapp(path, query) => call(plan, &head, path, query, None, user, notes)?,
        Destiny::Mount(path, query, mount) => call(plan, &head, path, query, Some(mount), user, notes)?,
        destiny => {
            let (status, found) = site.find_file(&head, &destiny).await?;
            match status {
                StatusCode::PERMANENT_REDIRECT => format!("308 {found}"),
                status => format!("{} file {found}", status.as_u16()),
            }
        }
    })
}

/// What becomes of a request for the webapp.
fn call(
    plan: &Plan,
    head: &Head<'_>,
    path: RequestPath,
    query: Option<Cow<'_, str>>,
    mount: Option<Mount>,
    user: &User,
    notes: &mut impl Notes,
) -> Result<String, WebError> {
    let (headers, query) = (head.headers.clone(), query.map(Cow::into_owned));
    let presented = Presented::new(&headers, None, false, None, |_| false);
    let head = WebHead::new(RequestId::next(), head.method, headers, path.into_segments(), query, presented);
    let (head, body) = (Arc::new(head.mounted(mount)), RequestBody::Whole(Bytes::new()));
    let name = webapp::explain(plan, &WebRequest { head, body }, user, notes)?;
    Ok(format!("call {name}"))
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Request => "request",
        Step::Site => "site",
        Step::Path => "path",
        Step::Rewrite => "rewrite",
        Step::Mount => "mount",
        Step::Webapp => "webapp",
        Step::Folder => "folder",
        Step::File => "file",
        Step::Refusal => "refusal",
    }
}
