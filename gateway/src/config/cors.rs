//! What pages of other origins may do (the Fetch standard's CORS protocol).

use http::{HeaderName, HeaderValue, Method, Uri};

use super::{raw, source::At, values::time};

/// What pages of other origins may do, as header values.
#[derive(Debug)]
pub struct Cors {
    /// Which origins.
    pub origins: Origins,
    /// Whether cookies and `Authorization` may be sent along.
    pub credentials: bool,
    /// `Access-Control-Allow-Methods`.
    pub methods: HeaderValue,
    /// `Access-Control-Allow-Headers`; none if it would be empty.
    pub headers: Option<HeaderValue>,
    /// `Access-Control-Expose-Headers`; none if it would be empty.
    pub expose_headers: Option<HeaderValue>,
    /// `Access-Control-Max-Age`, in seconds.
    pub max_age: HeaderValue,
}

/// Which origins a site's replies are for.
#[derive(Debug, PartialEq, Eq)]
pub enum Origins {
    /// All of them.
    Any,
    /// These.
    Listed(Vec<HeaderValue>),
}

/// The table `cors` of a site.
pub(super) fn resolve(at: &At<'_, '_>) -> Option<Cors> {
    if !at.exists() {
        return None;
    }
    let origins = origins(&at.key("origins"));
    let credentials = at.key("credentials").get().unwrap_or(false);
    if credentials && origins == Origins::Any {
        at.key("credentials").wrong("every origin could act with the user's rights; list the origins instead of `*`");
    }
    let is_method = |name: &str| name != "*" && Method::from_bytes(name.as_bytes()).is_ok();
    let methods = list(&at.key("methods"), raw::cors_methods(), is_method);
    // With credentials, browsers take `*` for the name of a header.
    let is_name = |name: &str| HeaderName::try_from(name).is_ok() && !(credentials && name == "*");
    let max_age = time(&at.key("maxAge"), &raw::cors_max_age()).as_secs();
    Some(Cors {
        origins,
        credentials,
        methods: methods.unwrap_or(HeaderValue::from_static("")),
        headers: list(&at.key("headers"), raw::cors_headers(), is_name),
        expose_headers: list(&at.key("exposeHeaders"), Vec::new(), is_name),
        max_age: HeaderValue::from(max_age),
    })
}

fn origins(list: &At<'_, '_>) -> Origins {
    let texts: Vec<_> = list.items().collect();
    if let [only] = texts.as_slice()
        && only.text() == Some("*")
    {
        return Origins::Any;
    }
    let mut listed = Vec::new();
    for item in &texts {
        let Some(text) = item.text() else { continue };
        match HeaderValue::try_from(text) {
            Ok(value) if is_origin(text) => listed.push(value),
            _ => item.wrong(format!(
                "expected an origin such as `https://app.example.org`, without a path, or `*` alone; got `{text}`"
            )),
        }
    }
    Origins::Listed(listed)
}

/// Scheme, host and port in the one form that browsers send: lower case, no default port, no slash.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (default, authority) = match (uri.scheme_str(), uri.authority()) {
        (Some("http"), Some(authority)) => (80, authority),
        (Some("https"), Some(authority)) => (443, authority),
        _ => return false,
    };
    let (_, after_scheme) = text.split_once("://").unwrap_or_default();
    after_scheme == authority.as_str()
        && !after_scheme.contains(['@', '*'])
        && !after_scheme.ends_with(':')
        && uri.port_u16() != Some(default)
        && *text == text.to_lowercase()
}

/// A list of names as one value; `None` if there are none.
fn list(at: &At<'_, '_>, default: Vec<String>, is_name: impl Fn(&str) -> bool) -> Option<HeaderValue> {
    for item in at.items() {
        if let Some(name) = item.text().filter(|name| !is_name(name)) {
            item.wrong(format!("`{name}` is nothing that can stand here: name each one"));
        }
    }
    let names: Vec<String> = at.get().unwrap_or(default);
    HeaderValue::try_from(names.join(", ")).ok().filter(|value| !value.is_empty())
}
