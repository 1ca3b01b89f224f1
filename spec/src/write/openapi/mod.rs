//! `openapi.json`: every command for the tools that read OpenAPI 3.1.

mod errors;
mod url;

use serde_json::{Map, Value, json};

use errors::ERRORS;

use super::{
    json_schema::{Writer, describe},
    names::{self, Names},
};
use crate::{
    document::{Action, Command, Reply, Verb},
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
            if let Some(response) = command.response {
                written.define(response, &mut schemas);
            }
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
        (None, Reply::Redirect) => {
            let location = json!({ "schema": { "type": "string" }, "description": "where" });
            ("3XX", json!({ "description": "the way to somewhere else", "headers": { "Location": location } }))
        }
        (None, _) => ("204", json!({ "description": "nothing" })),
    };
    let mut responses = Map::new();
    responses.insert(status.to_owned(), response);
    if command.reply == Reply::File {
        responses.insert("304".into(), json!({ "description": "the caller has it already" }));
    }
    responses
}
