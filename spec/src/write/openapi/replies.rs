//! What a command answers: an entry for each status.

use serde_json::{Map, Value, json};

use super::Writer;
use crate::document::{Command, Reply, ReplyKind};

/// The replies that a command declares, by status.
pub(super) fn responses(command: &Command, writer: &Writer<'_>) -> Map<String, Value> {
    let mut responses = Map::new();
    for reply in &command.replies {
        let status = status(reply);
        let response = responses.entry(status).or_insert_with(|| json!({ "description": "" }));
        describe(response, &doc(reply));
        for (media_type, schema) in content(reply, writer) {
            add(&mut response["content"][media_type], schema);
        }
        if is_elsewhere(reply) {
            let location = json!({ "schema": { "type": "string" }, "description": "where" });
            response["headers"] = json!({ "Location": location });
        }
        if reply.kind == ReplyKind::File {
            responses.insert("304".into(), json!({ "description": "the caller has it already" }));
        }
    }
    responses
}

/// Where the handler decides, all that are usual for the kind.
fn status(reply: &Reply) -> String {
    match (reply.status, reply.kind) {
        (Some(status), _) => status.to_string(),
        (None, ReplyKind::Redirect) => "3XX".into(),
        (None, _) => "2XX".into(),
    }
}

fn is_elsewhere(reply: &Reply) -> bool {
    reply.kind == ReplyKind::Redirect || matches!(reply.status, Some(201 | 301 | 302 | 303 | 307 | 308))
}

fn doc(reply: &Reply) -> String {
    if !reply.doc.is_empty() {
        return reply.doc.clone();
    }
    let doc = match reply.kind {
        ReplyKind::Value => "the answer",
        ReplyKind::Nothing => "nothing",
        ReplyKind::Text => "the text",
        ReplyKind::Content => "the content",
        ReplyKind::Stream => "the content, as it is made",
        ReplyKind::File => "the file, or the part that `Range` asks for",
        ReplyKind::Redirect => "the way to somewhere else",
    };
    doc.to_owned()
}

/// Several replies of one status are told one after the other.
fn describe(response: &mut Value, doc: &str) {
    let text = match response["description"].as_str() {
        None | Some("") => doc.to_owned(),
        Some(text) => format!("{text}; or {doc}"),
    };
    response["description"] = text.into();
}

/// Media types and schemas of a reply's body.
fn content(reply: &Reply, writer: &Writer<'_>) -> Vec<(String, Value)> {
    match (reply.kind, reply.value) {
        (_, Some(value)) => {
            let schema = writer.schema(value);
            ["application/json", "application/msgpack"].map(|format| (format.to_owned(), schema.clone())).into()
        }
        (ReplyKind::Nothing | ReplyKind::Redirect | ReplyKind::Value, None) => Vec::new(),
        (ReplyKind::Text, None) => vec![(media_type(reply), json!({ "type": "string" }))],
        (ReplyKind::Content | ReplyKind::File | ReplyKind::Stream, None) => vec![(media_type(reply), json!({}))],
    }
}

/// The media type without its parameters, as OpenAPI wants its names.
fn media_type(reply: &Reply) -> String {
    let named = reply.content_type.as_deref().and_then(|name| name.split(';').next());
    named.unwrap_or("*/*").trim().to_owned()
}

/// One schema more for a media type.
pub(super) fn add(entry: &mut Value, schema: Value) {
    if schema == json!({}) {
        *entry = schema;
        return;
    }
    match entry.get_mut("schema") {
        None => *entry = json!({ "schema": schema }),
        Some(present) if *present == schema => {}
        Some(present) => match present.get_mut("anyOf").and_then(Value::as_array_mut) {
            Some(branches) => branches.push(schema),
            None => *present = json!({ "anyOf": [present.take(), schema] }),
        },
    }
}
