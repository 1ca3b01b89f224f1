//! Where a parameter comes from.

/// Where the author of a command wants a parameter to come from: `#[param(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A placeholder of the path.
    Path,
    /// The query.
    Query,
    /// The header of that name, in lower case.
    Header(String),
    /// The cookie of that name.
    Cookie(String),
    /// A posted form.
    Form,
    /// The body, in JSON or MsgPack.
    Body,
}

impl Source {
    /// Reads what the macros write: `{"in": "header", "name": "x-request-id"}`.
    pub(crate) fn read(value: &serde_json::Value) -> Option<Self> {
        let name = || value.get("name").and_then(serde_json::Value::as_str).filter(|name| !name.is_empty());
        Some(match value.get("in")?.as_str()? {
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Header(name()?.to_ascii_lowercase()),
            "cookie" => Self::Cookie(name()?.to_owned()),
            "form" => Self::Form,
            "body" => Self::Body,
            _ => return None,
        })
    }

    /// What problems and documents call it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header(_) => "header",
            Self::Cookie(_) => "cookie",
            Self::Form => "form",
            Self::Body => "body",
        }
    }
}
