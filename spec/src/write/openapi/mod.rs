//! `openapi.json`: every command for the tools that read OpenAPI 3.1.

mod errors;
mod replies;
mod url;

use serde_json::{Map, Value, json};

use errors::ERRORS;

use super::{
    json_schema::{Writer, describe},
    names::{self, Names},
};
use crate::{
    document::{Action, Command, Verb},
    model::TypeId,
};

const ABOUT: &str = "The commands of this gateway. Made from the plugins' own types and comments.\n\n\
    In MsgPack, texts that are described as base64 are bytes (bin). In a URL, lists are items with commas between them, \
    and `yes`, `no`, `on`, `off`, `1` and `0` are bools as well.";

const DEFINITIONS: &str = "#/components/schemas/";

/// The file's text for `actions`, in their order.
#[must_use]
pub fn openapi(actions: &[&Action]) -> String {
    let (mut schemas, mut paths, mut tags) = (Map::new(), Map::new(), Vec::new());
    schemas.insert("Error".into(), errors::error());
    schemas.insert("Problem".into(), errors::problem());
    for (action, names) in actions.iter().zip(Names::all(actions)) {
        tags.push(json!({ "name": action.name, "description": action.doc }));
        let name = |id: TypeId| names.get(id).map(str::to_owned);
        let graph = &action.graph;
        let writer = |strict| Writer { graph, definitions: DEFINITIONS, name: &name, strict, aliases: false };
        let (read, written) = (writer(true), writer(false));
        for command in &action.commands {
            if command.verb == Verb::Api {
                // Written out in the body, since every command takes more than its own parameters.
                graph.parts(command.params).into_iter().for_each(|part| read.define(part, &mut schemas));
                schemas.insert(names::request(&command.name), request(command, &read));
            }
            command.values().for_each(|value| written.define(value, &mut schemas));
            let operation = operation(action, command, &read, &written);
            let method = if command.verb == Verb::Get { "get" } else { "post" };
            paths.insert(format!("/_/cmd/{}", command.name), json!({ method: operation }));
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wicketgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
        },
        "servers": [{ "url": "/" }],
        "security": [],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas, "responses": { "Error": errors::response() } },
    });
    format!("{document:#}\n")
}

fn operation(action: &Action, command: &Command, read: &Writer<'_>, written: &Writer<'_>) -> Value {
    let mut operation = json!({
        "operationId": command.name,
        "tags": [action.name],
        "summary": command.doc.lines().next().unwrap_or(&command.name),
    });
    if command.doc.contains('\n') {
        describe(&mut operation, &command.doc);
    }
    match command.verb {
        Verb::Get => operation["parameters"] = url::query(command, read),
        Verb::Api => operation["requestBody"] = body(command, read),
    }
    let mut responses = replies::responses(command, written);
    let of_bodies = ["408", "413", "415"];
    for (status, meaning) in
        ERRORS.iter().filter(|(status, _)| command.verb == Verb::Api || !of_bodies.contains(status))
    {
        errors::add(&mut responses, status, meaning);
    }
    responses.insert(
        "default".into(),
        json!({ "$ref": "#/components/responses/Error", "description": "the command refused" }),
    );
    operation["responses"] = Value::Object(responses);
    operation
}

/// What every command takes.
fn common() -> Map<String, Value> {
    let text = |doc: &str| json!({ "type": "string", "description": doc });
    let project = text("the project in which the command is asked for");
    let locale = text("the language of the caller");
    [("projectUid".to_owned(), project), ("localeUid".to_owned(), locale)].into_iter().collect()
}

/// The message that a command's body is. The command is in the path as well.
fn request(command: &Command, writer: &Writer<'_>) -> Value {
    let mut params = writer.body(command.params);
    if let Some(properties) = params["properties"].as_object_mut() {
        properties.extend(common());
    }
    let is_needed = params.get("required").is_some();
    let cmd = json!({ "const": command.name, "description": "the command, as in the path" });
    let properties = json!({ "cmd": cmd, "params": params });
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if is_needed {
        schema["required"] = json!(["params"]);
    }
    schema
}

/// The body, which may be left out if no parameter is needed.
fn body(command: &Command, writer: &Writer<'_>) -> Value {
    let is_needed = writer.body(command.params).get("required").is_some();
    let schema = json!({ "$ref": format!("{DEFINITIONS}{}", names::request(&command.name)) });
    json!({ "required": is_needed, "content": both(&schema) })
}

/// A value in JSON or in MsgPack.
fn both(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema }, "application/msgpack": { "schema": schema } })
}
