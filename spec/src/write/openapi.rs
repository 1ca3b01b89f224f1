//! `openapi.json`: every command for the tools that read OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::{
    json_schema::{Writer, describe},
    names::Names,
};
use crate::{
    document::{Action, Command, Reply, Verb},
    model::{Presence, Type, TypeId},
};

const DEFINITIONS: &str = "#/components/schemas/";

/// What a request can come to before its handler is called, or instead, by status.
const ERRORS: [(&str, &str); 9] = [
    ("400", "the request makes no sense, or the parameters do not fit"),
    ("403", "the caller may not use the command"),
    ("404", "there is no such command, project or action"),
    ("408", "the request took too long to arrive"),
    ("413", "the body is too large"),
    ("415", "the body is neither JSON nor MsgPack"),
    ("500", "the command failed"),
    ("503", "too many calls are running"),
    ("504", "the command took too long"),
];

/// The file's text for `actions`, in their order.
#[must_use]
pub fn openapi(actions: &[&Action]) -> String {
    let (mut schemas, mut paths, mut tags) = (Map::new(), Map::new(), Vec::new());
    schemas.insert("Error".into(), error());
    schemas.insert("Problem".into(), problem());
    for (action, names) in actions.iter().zip(Names::all(actions)) {
        tags.push(json!({ "name": action.name, "description": action.doc }));
        let name = |id: TypeId| names.get(id).map(str::to_owned);
        let writer = |strict| Writer { graph: &action.graph, definitions: DEFINITIONS, name: &name, strict };
        for command in &action.commands {
            writer(true).define(command.params, &mut schemas);
            if let Some(response) = command.response {
                writer(false).define(response, &mut schemas);
            }
            let operation = operation(action, command, &writer(true), &writer(false));
            let method = if command.verb == Verb::Get { "get" } else { "post" };
            paths.insert(format!("/_/cmd/{}", command.name), json!({ method: operation }));
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wicketgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The commands of this gateway. Made by `make spec` from the plugins' own types and comments.",
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas, "responses": { "Error": error_response() } },
    });
    format!("{document:#}\n")
}

fn operation(action: &Action, command: &Command, read: &Writer<'_>, written: &Writer<'_>) -> Value {
    let mut operation = json!({
        "operationId": command.name,
        "tags": [action.name],
        "summary": command.doc.lines().next().unwrap_or(&command.name),
        "description": command.doc,
    });
    match command.verb {
        Verb::Get => operation["parameters"] = query(command, read),
        Verb::Api => operation["requestBody"] = body(command, read),
    }
    let mut responses = success(command, written);
    let of_bodies = ["408", "413", "415"];
    for (status, _) in ERRORS.iter().filter(|(status, _)| command.verb == Verb::Api || !of_bodies.contains(status)) {
        responses.insert((*status).to_owned(), json!({ "$ref": "#/components/responses/Error" }));
    }
    for (status, meaning) in ERRORS {
        if let Some(response) = responses.get_mut(status) {
            // A description beside a reference stands in for its own.
            describe(response, meaning);
        }
    }
    responses.insert(
        "default".into(),
        json!({ "$ref": "#/components/responses/Error", "description": "the command refused" }),
    );
    operation["responses"] = Value::Object(responses);
    operation
}

/// The parameters of a GET command.
fn query(command: &Command, writer: &Writer<'_>) -> Value {
    let Type::Object(object) = writer.graph.get(command.params) else { return json!([]) };
    let own = object.fields.iter().map(|field| {
        let mut ty = field.ty;
        // In a query there is no null.
        while let Type::Optional(inner) = writer.graph.get(ty) {
            ty = *inner;
        }
        let mut schema = writer.schema(ty);
        if let Presence::Default { value, .. } = &field.presence
            && !value.is_null()
        {
            schema["default"] = value.clone();
        }
        let mut parameter = json!({ "name": field.name, "in": "query", "schema": schema });
        describe(&mut parameter, &field.doc);
        if matches!(field.presence, Presence::Required) {
            parameter["required"] = true.into();
        }
        if field.deprecated {
            parameter["deprecated"] = true.into();
        }
        if matches!(writer.graph.get(ty), Type::List { .. } | Type::Tuple(_)) {
            (parameter["style"], parameter["explode"]) = ("form".into(), false.into());
        }
        parameter
    });
    let common = common().into_iter().map(|(name, schema)| json!({ "name": name, "in": "query", "schema": schema }));
    own.chain(common).collect()
}

/// What every command takes.
fn common() -> Map<String, Value> {
    let text = |doc: &str| json!({ "type": "string", "description": doc });
    let project = text("the project in which the command is asked for");
    let locale = text("the language of the caller");
    [("projectUid".to_owned(), project), ("localeUid".to_owned(), locale)].into_iter().collect()
}

/// The body of a command: `cmd` is in the path.
fn body(command: &Command, writer: &Writer<'_>) -> Value {
    let mut params = writer.body(command.params);
    if let Some(properties) = params["properties"].as_object_mut() {
        properties.extend(common());
    }
    let is_needed = params.get("required").is_some();
    let mut schema = json!({ "type": "object", "properties": { "params": params }, "additionalProperties": false });
    if is_needed {
        schema["required"] = json!(["params"]);
    }
    json!({ "required": is_needed, "content": both(&schema) })
}

/// A value in JSON or in MsgPack.
fn both(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema }, "application/msgpack": { "schema": schema } })
}

fn success(command: &Command, writer: &Writer<'_>) -> Map<String, Value> {
    let as_it_is = |doc: &str| json!({ "description": doc, "content": { "*/*": {} } });
    let (status, response) = match (command.response, command.reply) {
        (Some(response), _) => {
            let schema = writer.schema(response);
            ("200", json!({ "description": "the answer", "content": both(&schema) }))
        }
        (None, Reply::Content) => ("2XX", as_it_is("the content")),
        (None, Reply::Stream) => ("2XX", as_it_is("the content, as it is made")),
        (None, Reply::File) => ("2XX", as_it_is("the file, or the part that `Range` asks for")),
        (None, Reply::Redirect) => ("3XX", json!({ "description": "the way to somewhere else" })),
        (None, _) => ("204", json!({ "description": "nothing" })),
    };
    let mut responses = Map::new();
    responses.insert(status.to_owned(), response);
    if command.reply == Reply::File {
        responses.insert("304".into(), json!({ "description": "the caller has it already" }));
    }
    responses
}

fn error_response() -> Value {
    let error = json!({ "$ref": "#/components/schemas/Error" });
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let mut content = both(&error);
    content["application/problem+json"] = json!({ "schema": problem });
    content["text/html"] = json!({ "schema": { "type": "string" } });
    json!({ "description": "the command did not succeed", "content": content })
}

fn error() -> Value {
    json!({
        "type": "object",
        "description": "what went wrong",
        "properties": { "error": {
            "type": "object",
            "properties": {
                "status": { "type": "integer", "description": "the HTTP status" },
                "info": { "type": "string", "description": "in words" },
                "details": details(),
                "requestId": { "type": "string", "description": "names the request in the gateway's log" },
            },
            "required": ["status", "info", "requestId"],
        } },
        "required": ["error"],
    })
}

/// RFC 9457.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "what went wrong (RFC 9457)",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string", "description": "the status in words" },
            "status": { "type": "integer", "description": "the HTTP status" },
            "detail": { "type": "string", "description": "in words" },
            "errors": {
                "type": "array",
                "description": "all that is wrong with the parameters",
                "items": {
                    "type": "object",
                    "properties": {
                        "detail": { "type": "string", "description": "what was expected and what there is" },
                        "pointer": { "type": "string", "description": "where, as a JSON Pointer (RFC 6901)" },
                    },
                    "required": ["detail", "pointer"],
                },
            },
            "requestId": { "type": "string", "description": "names the request in the gateway's log" },
        },
        "required": ["type", "title", "status", "detail", "requestId"],
    })
}

fn details() -> Value {
    json!({
        "type": "array",
        "description": "all that is wrong with the parameters",
        "items": {
            "type": "object",
            "properties": {
                "path": { "type": "string", "description": "where, such as `params.bbox[2]`" },
                "problem": { "type": "string", "description": "what was expected and what there is" },
            },
            "required": ["path", "problem"],
        },
    })
}
