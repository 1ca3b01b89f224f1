//! Errors: which there are, and what they look like.

use serde_json::{Map, Value, json};

use super::both;
use crate::Dialect;

/// What a request can come to before its handler is called, or instead, by status.
pub(super) const ERRORS: [(&str, &str); 13] = [
    ("400", "the request makes no sense, or the parameters do not fit"),
    ("401", "the credentials in `Authorization` are not valid"),
    ("403", "the caller may not use the command, or another site has made the request"),
    ("404", "there is no such command, project or action"),
    ("408", "the request took too long to arrive"),
    ("413", "the body is too large"),
    ("414", "the path is too long"),
    ("415", "the body is neither JSON nor MsgPack"),
    ("421", "there is no site of that host name"),
    ("429", "too many attempts to log in have failed"),
    ("500", "the command failed"),
    ("503", "too many calls are running, or it can't be told who calls"),
    ("504", "the command took too long"),
];

/// Statuses that only requests with a body come to.
const OF_BODIES: [&str; 3] = ["408", "413", "415"];

impl Dialect {
    /// The name of the response that errors are told by.
    const fn component(self) -> &'static str {
        match self {
            Self::Gateway => "Error",
            Self::Detail => "ErrorDetail",
            Self::Message => "ErrorMessage",
            Self::Text => "ErrorText",
            Self::Problem => "ErrorProblem",
        }
    }

    /// The response that tells of an error. A description beside a reference stands in for its own.
    pub(super) fn response(self, meaning: &str) -> Value {
        json!({ "$ref": format!("#/components/responses/{}", self.component()), "description": meaning })
    }

    /// What an error looks like, by media type.
    fn content(self) -> Value {
        let problem = json!({ "$ref": "#/components/schemas/Problem" });
        let of = |name: &str| {
            let properties = json!({ name: { "type": "string", "description": "what went wrong, in words" } });
            both(&json!({ "type": "object", "properties": properties, "required": [name] }))
        };
        let mut content = match self {
            Self::Gateway => both(&json!({ "$ref": "#/components/schemas/Error" })),
            Self::Detail => of("detail"),
            Self::Message => of("message"),
            Self::Text => json!({ "text/plain": { "schema": { "type": "string" } } }),
            Self::Problem => json!({}),
        };
        content["application/problem+json"] = json!({ "schema": problem });
        if self == Self::Gateway {
            content["text/html"] = json!({ "schema": { "type": "string" } });
        }
        content
    }
}

/// Adds errors to a command's responses, beside those that it declares itself.
pub(super) fn add(responses: &mut Map<String, Value>, has_body: bool, dialect: Dialect) {
    for (status, meaning) in ERRORS.iter().filter(|(status, _)| has_body || !OF_BODIES.contains(status)) {
        let Some(own) = responses.get_mut(*status) else {
            responses.insert((*status).to_owned(), dialect.response(meaning));
            continue;
        };
        own["description"] = format!("{}; or {meaning}", own["description"].as_str().unwrap_or_default()).into();
        for (media_type, content) in dialect.content().as_object().into_iter().flatten() {
            super::replies::add(&mut own["content"][media_type], content["schema"].clone());
        }
    }
    responses.insert("default".into(), dialect.response("the command refused"));
}

/// The responses that errors of those dialects refer to.
pub(super) fn responses(dialects: impl Iterator<Item = Dialect>) -> Value {
    let mut dialects: Vec<_> = [Dialect::Gateway].into_iter().chain(dialects).collect();
    dialects.sort_unstable();
    dialects.dedup();
    let response = |dialect: Dialect| {
        let id = json!({ "schema": { "type": "string" }, "description": "names the request in the gateway's log" });
        let response = json!({
            "description": "the command did not succeed",
            "headers": { "X-Request-Id": id },
            "content": dialect.content(),
        });
        (dialect.component().to_owned(), response)
    };
    Value::Object(dialects.into_iter().map(response).collect())
}

/// An error in JSON or MsgPack.
pub(super) fn error() -> Value {
    json!({
        "type": "object",
        "description": "what went wrong",
        "properties": { "error": {
            "type": "object",
            "properties": {
                "status": { "type": "integer", "description": "the HTTP status" },
                "info": { "type": "string", "description": "in words" },
                "details": problems([
                    ("path", "where, such as `params.bbox[2]`"),
                    ("problem", "what was expected and what there is"),
                ]),
                "requestId": { "type": "string", "description": "names the request in the gateway's log" },
            },
            "required": ["status", "info", "requestId"],
        } },
        "required": ["error"],
    })
}

/// RFC 9457.
pub(super) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "what went wrong (RFC 9457)",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string", "description": "the status in words" },
            "status": { "type": "integer", "description": "the HTTP status" },
            "detail": { "type": "string", "description": "in words" },
            "errors": problems([
                ("detail", "what was expected and what there is"),
                ("pointer", "where, as a JSON Pointer (RFC 6901)"),
            ]),
            "requestId": { "type": "string", "description": "names the request in the gateway's log" },
        },
        "required": ["type", "title", "status", "detail", "requestId"],
    })
}

/// All that is wrong with parameters, each with these texts.
fn problems(texts: [(&str, &str); 2]) -> Value {
    let property = |(name, doc): (&str, &str)| (name.to_owned(), json!({ "type": "string", "description": doc }));
    let item = json!({
        "type": "object",
        "properties": texts.map(property).into_iter().collect::<Map<_, _>>(),
        "required": texts.map(|(name, _)| name),
    });
    json!({ "type": "array", "description": "all that is wrong with the parameters", "items": item })
}
