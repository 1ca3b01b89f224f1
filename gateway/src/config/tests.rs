//! Every key with every wrong type, by the schema itself: what is told names the key and what was expected there.

use std::fs;

use serde_json::Value;

use super::{schema, source::Source};
use crate::config::files;

/// A key: how to get to it, and the JSON types that it takes.
struct Key {
    path: Vec<String>,
    types: Vec<String>,
}

/// All keys below a schema. An item of a list is `[]`, a name of the operator's choice `some-name`.
fn keys(document: &Value, schema: &Value, path: &[String], found: &mut Vec<Key>) {
    let branches = branches(document, schema);
    let types: Vec<_> = branches.iter().flat_map(|branch| types(branch)).collect();
    if types.is_empty() {
        // Anything: an action, whose spec is its schema.
        return;
    }
    let below = |step: &str| [path, &[step.to_owned()]].concat();
    if !path.is_empty() {
        found.push(Key { path: path.to_vec(), types });
    }
    for schema in branches {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            keys(document, property, &below(name), found);
        }
        if let Some(items) = schema.get("items") {
            keys(document, items, &below("[]"), found);
        }
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            keys(document, values, &below("some-name"), found);
        }
    }
}

/// What a schema may be, with its references followed.
fn branches<'v>(document: &'v Value, schema: &'v Value) -> Vec<&'v Value> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => schema,
    };
    match schema["anyOf"].as_array() {
        Some(several) => several.iter().flat_map(|branch| branches(document, branch)).collect(),
        None => vec![schema],
    }
}

fn types(schema: &Value) -> Vec<String> {
    match &schema["type"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A file in which `value` stands at `path`, and what the path is called.
fn file_with(path: &[String], value: &str) -> (String, String) {
    let (mut text, mut name) = (value.to_owned(), String::new());
    for step in path.iter().rev() {
        text = if step == "[]" { format!("[{text}]") } else { format!("{{ {step} = {text} }}") };
    }
    for step in path {
        match step.as_str() {
            "[]" => name.push_str("[0]"),
            step if name.is_empty() => name.push_str(step),
            step => name = format!("{name}.{step}"),
        }
    }
    // The outermost braces are the file itself.
    (text[1..text.len() - 1].trim().to_owned() + "\n", name)
}

#[test]
fn every_key_with_every_wrong_type_is_told_by_its_name() {
    let (document, schemas) = schema::document();
    let mut all = Vec::new();
    keys(&document, &schemas[0], &[], &mut all);
    assert!(all.len() > 50, "only {} keys", all.len());
    let values = [
        ("string", "'x'", "str"),
        ("integer", "5", "int"),
        ("number", "1.5", "float"),
        ("boolean", "true", "bool"),
        ("array", "[]", "list"),
        ("object", "{}", "object"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let main = dir.path().join("wicketgate.toml");
    for key in &all {
        for (ty, value, called) in values.iter().filter(|(ty, ..)| !key.types.contains(&(*ty).to_owned())) {
            let (text, name) = file_with(&key.path, value);
            fs::write(&main, &text).unwrap();
            let files = files::read(&main).unwrap();
            let source = Source::parse(&files);
            source.root().read(schema::SCHEMA.target(schema::SCHEMA.config));
            let told: Vec<String> = source.into_mistakes().iter().map(ToString::to_string).collect();
            let own = told.iter().find(|line| line.contains(&format!(": {name}: expected ")));
            let own = own.unwrap_or_else(|| panic!("{ty} at {name} is not told: {told:?} of {text}"));
            assert!(own.contains("wicketgate.toml:1:"), "{own}");
            assert!(own.ends_with(&format!(", got {called}")), "{own} should end with {called}");
        }
    }
}
