//! Errors: which there are, and what they look like.

use serde_json::{Map, Value, json};

use super::both;

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

/// Adds the errors of a status to a command's responses, beside those that it declares itself.
pub(super) fn add(responses: &mut Map<String, Value>, status: &str, meaning: &str) {
    match responses.get_mut(status) {
        // A description beside a reference stands in for its own.
        None => {
            let error = json!({ "$ref": "#/components/responses/Error", "description": meaning });
            responses.insert(status.to_owned(), error);
        }
        Some(own) => {
            let doc = own["description"].as_str().unwrap_or_default();
            own["description"] = format!("{doc}; or {meaning}").into();
            let error = json!({ "$ref": "#/components/schemas/Error" });
            let problem = json!({ "$ref": "#/components/schemas/Problem" });
            for (format, schema) in
                [("application/json", &error), ("application/msgpack", &error), ("application/problem+json", &problem)]
            {
                super::replies::add(&mut own["content"][format], schema.clone());
            }
        }
    }
}

/// The response that all of them refer to.
pub(super) fn response() -> Value {
    let error = json!({ "$ref": "#/components/schemas/Error" });
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let mut content = both(&error);
    content["application/problem+json"] = json!({ "schema": problem });
    content["text/html"] = json!({ "schema": { "type": "string" } });
    let id = json!({ "schema": { "type": "string" }, "description": "names the request in the gateway's log" });
    json!({ "description": "the command did not succeed", "headers": { "X-Request-Id": id }, "content": content })
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
