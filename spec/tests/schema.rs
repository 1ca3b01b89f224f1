//! What the schema compiler takes, and what it refuses because the reader could not check it.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use wicketgate_spec::{Action, read::Target, schema::Compiler};

/// The spec document of an action whose one command takes `params`.
fn document(params: &Value) -> Value {
    json!({
        "action": "a", "client": "a", "doc": "",
        "config": {"$ref": "#/inputs/Config"},
        "commands": [{"name": "aHello", "method": "api_hello", "doc": "", "params": {"$ref": "#/inputs/P"}, "replies": [{"status": 204, "kind": "nothing", "contentType": null, "doc": "", "schema": null}], "mounts": []}],
        "inputs": {"Config": {"type": "object"}, "P": params},
        "outputs": {},
    })
}

/// The params with one field of that schema.
fn with_field(schema: &Value) -> Value {
    json!({"type": "object", "properties": {"field": schema}, "required": ["field"]})
}

#[test]
fn what_can_t_be_checked_is_named_with_type_and_field() {
    for (schema, place, words) in [
        (json!({"type": "string", "pattern": "(?=x)"}), "P.field", "the pattern is none of the `regex` crate"),
        (
            json!({"type": "string", "format": "hostname"}),
            "P.field",
            "format `hostname` are not supported; there are: date, ",
        ),
        (json!({"type": "string", "contentEncoding": "base32"}), "P.field", "use base64"),
        (json!({"type": "string", "contentEncoding": "base64", "maxLength": 5}), "P.field", "`maxLength`"),
        (json!({"type": "string", "minLength": -1}), "P.field", "`minLength` is -1"),
        (json!({"type": "integer", "format": "uint128"}), "P.field", "i64 or u64 at most"),
        (json!({"type": "integer", "minimum": 5, "maximum": 4}), "P.field", "no whole number fits"),
        (json!({"type": "integer", "minimum": 0.5}), "P.field", "`minimum` is 0.5, which is no whole number"),
        (json!({"type": "number", "multipleOf": 0.5}), "P.field", "`multipleOf`"),
        (json!({"type": "array", "items": {"type": "string"}, "contains": {}}), "P.field", "`contains`"),
        (json!({"type": "array", "prefixItems": [{"type": "string"}]}), "P.field", "as many items as it names"),
        (json!({"type": "array", "items": {"type": "string", "if": {}}}), "P.field.[]", "`if`"),
        (json!({"type": "object", "patternProperties": {"^x": true}}), "P.field", "names by pattern"),
        (json!({"type": "object", "properties": {}, "dependentRequired": {}}), "P.field", "`dependentRequired`"),
        (
            json!({"type": "object", "additionalProperties": true, "propertyNames": {"type": "integer"}}),
            "P.field",
            "names of a map",
        ),
        (json!({"type": ["string", "integer"]}), "P.field", "use an untagged enum"),
        (
            json!({"anyOf": [{"type": "integer"}, {"type": "integer"}]}),
            "P.field",
            "two of its variants take values of the kind int",
        ),
        (json!({"anyOf": [{"type": "string"}, {"enum": ["a"]}]}), "P.field", "the kind str"),
        (
            json!({"anyOf": [{"type": "object", "properties": {"a": true}}, {"type": "object", "properties": {"b": true}}]}),
            "P.field",
            "`#[serde(tag = \"type\")]`",
        ),
        (json!({"anyOf": [true, {"type": "integer"}]}), "P.field", "can't be told apart"),
        (
            json!({"type": "object", "properties": {"a": true}, "oneOf": [{"const": "a"}]}),
            "P.field",
            "can only be flattened if it has a tag",
        ),
        (json!({"enum": [1.5]}), "P.field", "texts, whole numbers, bools or null"),
        (json!({"allOf": [{"type": "string"}]}), "P.field", "`allOf`"),
        (json!({"type": "string", "not": {"const": "x"}}), "P.field", "`not`"),
        (json!({"type": "date"}), "P.field", "`date`"),
        (json!(false), "P.field", "accepts no value"),
        (json!({"$ref": "#/inputs/Nothing"}), "P.field", "leads nowhere"),
        (
            json!({"type": "integer", "examples": [1, "two"]}),
            "P.field",
            "an example does not fit the type: field: expected int, got str",
        ),
        (json!({"type": "integer", "default": "five"}), "P.field", "the default does not fit the type"),
        (
            json!({"type": "integer", "maximum": 4, "default": 5}),
            "P.field",
            "expected int from -9223372036854775808 to 4, got 5",
        ),
    ] {
        let errors = Action::compile(&document(&with_field(&schema))).unwrap_err();
        let told = errors.iter().any(|error| error.place == place && error.problem.contains(words));
        assert!(told, "{schema}: {errors:?}");
    }
}

#[test]
fn params_have_to_be_a_struct_and_methods_to_be_commands() {
    let errors = Action::compile(&document(&json!({"type": "string"}))).unwrap_err();
    assert_eq!(errors[0].to_string(), "api_hello: a struct with named fields is expected here");
    let mut renamed = document(&with_field(&json!({"type": "string"})));
    renamed["commands"][0]["method"] = json!("hello");
    assert!(Action::compile(&renamed).unwrap_err()[0].problem.contains("neither `api_` nor `http_`"));
    assert!(Action::compile(&json!({"action": 5})).unwrap_err()[0].problem.contains("no spec document"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let params = json!({"type": "object", "properties": {
        "a": {"type": "string", "format": "x"}, "b": false, "c": {"type": "string"}, "d": {"type": "number", "multipleOf": 1},
    }});
    let places: Vec<_> =
        Action::compile(&document(&params)).unwrap_err().into_iter().map(|error| error.place).collect();
    assert_eq!(places, ["P.a", "P.b", "P.d"]);
}

#[test]
fn types_may_refer_to_themselves() {
    let root = json!({"$defs": {"Node": {"type": "object", "properties": {
        "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "default": []},
    }, "required": ["name"]}}});
    let schema = json!({"$ref": "#/$defs/Node"});
    let mut compiler = Compiler::new(&root);
    let ty = compiler.add(&schema, "Node");
    let graph = compiler.finish().unwrap();
    let target = Target::new(&graph, ty, "node");
    let checked = target.json(br#"{"name": "a", "children": [{"name": "b"}, {"name": "c", "children": []}]}"#).unwrap();
    let value: Value = rmp_serde::from_slice(&checked.value).unwrap();
    let leaf = |name: &str| json!({"name": name, "children": []});
    assert_eq!(value, json!({"name": "a", "children": [leaf("b"), leaf("c")]}));
    let problem = target.json(br#"{"name": "a", "children": [{"name": "b", "children": [{"nam": 1}]}]}"#).unwrap_err();
    assert!(
        problem.to_string().contains("node.children[0].children[0].nam: unknown property; did you mean `name`?"),
        "{problem}"
    );
}

#[test]
fn objects_of_many_fields_and_long_lists_keep_their_counts() {
    let properties: serde_json::Map<String, Value> =
        (0..200).map(|i| (format!("f{i}"), json!({"type": "integer"}))).collect();
    let schema = json!({"type": "object", "properties": properties});
    let mut compiler = Compiler::new(&schema);
    let ty = compiler.add(&schema, "Many");
    let graph = compiler.finish().unwrap();
    let target = Target::new(&graph, ty, "");
    let given: serde_json::Map<String, Value> = (0..200).rev().map(|i| (format!("f{i}"), json!(i))).collect();
    let checked = target.json(Value::Object(given.clone()).to_string().as_bytes()).unwrap();
    assert_eq!(rmp_serde::from_slice::<Value>(&checked.value).unwrap(), Value::Object(given));
    // The 150th field twice: the bookkeeping goes beyond the first 64.
    let twice = target.json(br#"{"f150": 1, "f150": 2}"#).unwrap_err();
    assert_eq!(twice.to_string(), "f150: given twice");
}

#[test]
fn a_get_command_takes_what_a_url_can_hold() {
    let of = |required: Value| {
        let properties = json!({"place": {"type": "object"}, "list": {"type": "array", "items": {"type": "string"}}});
        let mut document = document(&json!({"type": "object", "properties": properties, "required": required}));
        document["commands"][0]["method"] = json!("http_get_hello");
        Action::compile(&document)
    };
    assert!(of(json!(["list"])).is_ok());
    let told = of(json!(["list", "place"])).unwrap_err();
    assert_eq!(
        told[0].to_string(),
        "http_get_hello.place: neither a URL nor a form can hold an object; make it optional, or name the method `api_…`"
    );
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let mut document = document(&json!({"type": "object", "properties": {"cmd": {"type": "string"}}}));
    assert!(Action::compile(&document).is_ok());
    document["commands"][0]["method"] = json!("http_get_hello");
    document["inputs"]["Config"] =
        json!({"type": "object", "properties": {"type": {"type": "string"}, "access": true}});
    let told: Vec<_> = Action::compile(&document).unwrap_err().iter().map(|error| error.place.clone()).collect();
    assert_eq!(told, ["Config.type", "Config.access", "http_get_hello.cmd"]);
}

#[test]
fn what_is_only_written_need_not_be_told_apart() {
    let either = json!({"anyOf": [{"type": "object", "properties": {"a": true}}, {"type": "object", "properties": {"b": true}}]});
    let mut document = document(&json!({"type": "object"}));
    document["commands"][0]["replies"][0]["schema"] = either.clone();
    assert!(Action::compile(&document).is_ok());
    document["inputs"]["P"] = json!({"type": "object", "properties": {"field": either}});
    assert!(Action::compile(&document).unwrap_err()[0].problem.contains("the kind object"));
}

#[test]
fn a_type_of_nothing_but_itself_is_refused() {
    let mut document = document(&json!({"type": "object", "properties": {"field": {"$ref": "#/inputs/Loop"}}}));
    document["inputs"]["Loop"] = json!({"anyOf": [{"$ref": "#/inputs/Loop"}, {"type": "null"}]});
    let told = Action::compile(&document).unwrap_err();
    assert_eq!(told[0].to_string(), "Loop: this type is made of nothing but itself");
}
