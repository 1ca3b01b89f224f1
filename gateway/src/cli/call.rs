//! `wicketgate call`

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use ureq::{Agent, http::Response};
use wicketgate_spec::{
    Action, Command, Source, Type, Verb,
    read::{SoftValue, Target},
};

use super::say;
use crate::config::{self, Specs};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The command, such as exampleHello
    command: String,
    /// Its parameters as texts, which are read by the command's spec
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// Its parameters as a JSON object
    #[arg(long, conflicts_with = "params", value_name = "JSON", value_parser = object)]
    json: Option<Map<String, Value>>,
    /// Speak MsgPack with the gateway; what it answers is shown as JSON
    #[arg(long)]
    msgpack: bool,
    /// The gateway; the first address of the configuration if it is not given
    #[arg(long, value_name = "URL", value_parser = base)]
    url: Option<String>,
    /// A token to identify by; better in the environment, where other users don't see it
    #[arg(long, value_name = "TOKEN", env = "WICKETGATE_TOKEN", hide_env_values = true, value_parser = token)]
    token: Option<String>,
}

fn token(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("the token is empty".into()) } else { Ok(text.to_owned()) }
}

fn base(text: &str) -> Result<String, String> {
    let uri: Option<ureq::http::Uri> = text.parse().ok();
    match uri.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("http" | "https") => Ok(text.to_owned()),
        _ => Err("expected a URL such as http://127.0.0.1:8080".into()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|e| format!("expected a JSON object: {e}"))
}

/// Sends one request, and prints what is answered: to stdout if it is a success, else to stderr.
pub(super) fn run(file: &Path, arguments: &Arguments) -> Result<()> {
    let url = arguments.url.clone().map_or_else(|| first_address(file), Ok)?;
    let url = url.trim_end_matches('/');
    // Without specs, which a gateway elsewhere does not need, texts are read as well as they can be.
    let specs = config::load_plugins(file).ok().and_then(|plugins| Specs::load(&plugins.specs).ok());
    let found = specs.as_ref().and_then(|specs| find(specs, &arguments.command));
    let agent: Agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let guessed = || if arguments.command.contains("HttpGet") { Verb::Get } else { Verb::Api };
    let (headers, params) = apart(arguments, found)?;
    let call = Call { agent, url, arguments, headers, params };
    let reply = match found.map_or_else(guessed, |(_, command)| command.verb) {
        Verb::Get => call.get(),
        Verb::Post | Verb::Http => call.form(),
        Verb::Api => call.post(found),
    };
    show(reply.with_context(|| format!("{url} can't be reached"))?)
}

/// The first address that the configuration listens on.
fn first_address(file: &Path) -> Result<String> {
    let (_, listen) = config::load_server(file)?;
    let listen = listen.first().context("the configuration listens nowhere; name a gateway with --url")?;
    let scheme = if listen.tls { "https" } else { "http" };
    Ok(format!("{scheme}://{}", listen.address))
}

fn find<'s>(specs: &'s Specs, name: &str) -> Option<(&'s Action, &'s Command)> {
    let mut all = specs.iter().flat_map(|spec| spec.action.commands.iter().map(|command| (&*spec.action, command)));
    all.find(|(_, command)| command.name == name)
}

/// One call.
struct Call<'c> {
    agent: Agent,
    url: &'c str,
    arguments: &'c Arguments,
    /// What is sent as headers.
    headers: Vec<(String, String)>,
    /// All other parameters, unless they are given as JSON.
    params: Vec<(String, String)>,
}

/// The parameters that are sent as headers or cookies, and all others.
#[allow(clippy::type_complexity)]
fn apart(
    arguments: &Arguments,
    found: Option<(&Action, &Command)>,
) -> Result<(Vec<(String, String)>, Vec<(String, String)>)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let (mut params, mut cookies) = (Vec::new(), Vec::new());
    let object = found.and_then(|(action, command)| match action.graph.get(command.params) {
        Type::Object(object) => Some((action, object)),
        _ => None,
    });
    for (key, text) in &arguments.params {
        let field = object.and_then(|(action, object)| {
            object.fields.iter().find(|field| field.name == *key).map(|field| (action, field))
        });
        match field.map(|(action, field)| (&field.source, action.graph.uploads(field.ty))) {
            Some((_, Some(_))) => {
                bail!("{key} is a file: post the form by another program, as with `curl -F {key}=@FILE`")
            }
            Some((Some(Source::Header(name)), _)) => headers.push((name.clone(), text.clone())),
            Some((Some(Source::Cookie(name)), _)) => {
                cookies.push(format!("{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC)));
            }
            _ => params.push((key.clone(), text.clone())),
        }
    }
    if !cookies.is_empty() {
        headers.push(("cookie".into(), cookies.join("; ")));
    }
    if let Some(token) = &arguments.token {
        headers.push(("authorization".into(), format!("Bearer {token}")));
    }
    Ok((headers, params))
}

impl Call<'_> {
    fn get(&self) -> Result<Response<ureq::Body>> {
        let mut request = self.agent.get(format!("{}?{}", self.target(), self.pairs()));
        if self.arguments.msgpack {
            request = request.header("accept", "application/msgpack");
        }
        let headers = self.headers.iter();
        Ok(headers.fold(request, |request, (name, value)| request.header(name, value)).call()?)
    }

    fn form(&self) -> Result<Response<ureq::Body>> {
        let accept = if self.arguments.msgpack { "application/msgpack" } else { "application/json" };
        let request = self.agent.post(self.target()).header("accept", accept);
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        Ok(request.header("content-type", "application/x-www-form-urlencoded").send(self.pairs())?)
    }

    fn post(&self, found: Option<(&Action, &Command)>) -> Result<Response<ureq::Body>> {
        let body = json!({ "cmd": self.arguments.command, "params": self.value(found) });
        let request = self.agent.post(format!("{}/_", self.url));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let (media, bytes) = if self.arguments.msgpack {
            ("application/msgpack", rmp_serde::to_vec_named(&body)?)
        } else {
            ("application/json", serde_json::to_vec(&body)?)
        };
        Ok(request.header("content-type", media).send(&bytes[..])?)
    }

    fn target(&self) -> String {
        format!("{}/_/cmd/{}", self.url, utf8_percent_encode(&self.arguments.command, NON_ALPHANUMERIC))
    }

    /// The parameters as a query or a form has them.
    fn pairs(&self) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let json = self.arguments.json.iter().flatten().map(|(key, value)| (key.clone(), text(value)));
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.params.iter().cloned().chain(json);
        pairs.map(|(key, value)| format!("{}={}", encode(&key), encode(&value))).collect::<Vec<_>>().join("&")
    }

    /// The parameters: as JSON, or texts that are read by the spec.
    fn value(&self, found: Option<(&Action, &Command)>) -> Value {
        if let Some(json) = &self.arguments.json {
            return Value::Object(json.clone());
        }
        let typed = found.and_then(|(action, command)| typed(&self.params, action, command));
        // What does not fit the spec is sent as it is: the gateway says what is wrong with it.
        let guess = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
        typed.unwrap_or_else(|| self.params.iter().map(|(key, text)| (key.clone(), guess(text))).collect())
    }
}

/// The parameters as the spec wants them; `None` if it has others.
fn typed(params: &[(String, String)], action: &Action, command: &Command) -> Option<Value> {
    const COMMON: [&str; 2] = ["projectUid", "localeUid"];
    let Type::Object(object) = action.graph.get(command.params) else { return None };
    let known = |key: &str| COMMON.contains(&key) || object.fields.iter().any(|field| field.name == key);
    let mut values: Vec<SoftValue<'_>> = Vec::new();
    for (key, text) in params {
        let text = Cow::Borrowed(text.as_str());
        match values.iter_mut().find(|value| value.name == *key) {
            _ if !known(key) => return None,
            Some(value) => value.texts.push(text),
            None => values.push(SoftValue { name: Cow::Borrowed(key), texts: vec![text] }),
        }
    }
    let (graph, ty) = (&action.graph, command.params);
    let checked = Target { common: &COMMON, ..Target::new(graph, ty, "params") }.soft(&values).ok()?;
    let mut params: Map<String, Value> = rmp_serde::from_slice(&checked.value).ok()?;
    params.extend(checked.common.into_iter().map(|(name, text)| (name, Value::String(text))));
    Some(Value::Object(params))
}

fn show(mut reply: Response<ureq::Body>) -> Result<()> {
    let status = reply.status();
    let media = reply.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let location = reply.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = reply.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
    let value = match media.as_str() {
        "application/json" => serde_json::from_slice::<Value>(&bytes).ok(),
        "application/msgpack" => rmp_serde::from_slice::<Value>(&bytes).ok(),
        _ => None,
    };
    let shown = match &value {
        Some(value) if io::stdout().is_terminal() => (serde_json::to_string_pretty(value)? + "\n").into_bytes(),
        Some(value) => (value.to_string() + "\n").into_bytes(),
        None => bytes,
    };
    if status.is_redirection() {
        say(format_args!("{} {}", status.as_u16(), location.unwrap_or_default()))?;
    } else if status.is_success() {
        io::stdout().lock().write_all(&shown)?;
    } else {
        bail!("{status}: {}", String::from_utf8_lossy(&shown).trim_end());
    }
    Ok(())
}
