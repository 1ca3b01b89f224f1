//! `config.schema.json`: the TOML files for editors that complete and check them.

use serde_json::{Map, Value, json};

use super::json_schema::{Writer, describe};
use crate::{
    document::Action,
    model::{Graph, Type, TypeId},
};

/// The name of the type that stands for any action in the configuration's own types.
const ACTION: &str = "Action";

/// The file's text for the configuration's own types, and the keys of `actions`.
#[must_use]
pub fn config_schema(config: (&Graph, TypeId), actions: &[&Action]) -> String {
    let (graph, root) = config;
    let name = |id: TypeId| graph.named(id).map(|named| named.name.clone());
    let writer = Writer { graph, definitions: "#/$defs/", name: &name, strict: true, aliases: true };
    let mut definitions = Map::new();
    writer.define(root, &mut definitions);
    for action in actions {
        let name = |id: TypeId| action.graph.named(id).map(|named| format!("{}.{}", action.name, named.name));
        let writer = Writer { graph: &action.graph, definitions: "#/$defs/", name: &name, strict: true, aliases: true };
        for part in action.graph.parts(action.config) {
            writer.define(part, &mut definitions);
        }
        definitions.insert(action.name.clone(), own_keys(action, &writer));
    }
    // Not `oneOf`: this way an editor can say which key of which action is wrong.
    let names: Vec<_> = actions.iter().map(|action| action.name.as_str()).collect();
    let keys_of = |name: &&str| {
        let is_it = json!({ "properties": { "type": { "const": name } }, "required": ["type"] });
        json!({ "if": is_it, "then": { "$ref": format!("#/$defs/{name}") } })
    };
    let mut any = json!({
        "type": "object",
        "properties": { "type": { "enum": names } },
        "required": ["type"],
        "allOf": names.iter().map(keys_of).collect::<Vec<_>>(),
    });
    describe(&mut any, definitions.get(ACTION).and_then(|action| action["description"].as_str()).unwrap_or_default());
    definitions.insert(ACTION.to_owned(), any);
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Wicketgate" });
    if let Value::Object(body) = writer.body(root) {
        schema.as_object_mut().into_iter().for_each(|schema| schema.extend(body.clone()));
    }
    // A file that is included need not have what the main file has; `check` looks at all of them together.
    schema.as_object_mut().map(|schema| schema.remove("required"));
    schema["$defs"] = Value::Object(definitions);
    format!("{schema:#}\n")
}

/// An action in the configuration: the keys that all have, and its own.
fn own_keys(action: &Action, writer: &Writer<'_>) -> Value {
    let mut schema = writer.body(action.config);
    let own = schema["properties"].take();
    let mut properties = Map::new();
    properties.insert("type".into(), json!({ "const": action.name }));
    properties.insert("access".into(), json!({ "type": "string", "description": "who may use it" }));
    if let (Value::Object(own), Type::Object(_)) = (own, action.graph.get(action.config)) {
        properties.extend(own);
    }
    schema["properties"] = Value::Object(properties);
    let mut required = vec![Value::from("type")];
    required.extend(schema["required"].as_array().into_iter().flatten().cloned());
    schema["required"] = Value::Array(required);
    describe(&mut schema, &action.doc);
    schema
}
