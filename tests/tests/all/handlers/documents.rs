//! Rows 31 to 36: routes, and the document that describes them.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup};

use super::ROWS;

/// A gateway that serves its own document, and that.
fn served() -> (Gateway, Value) {
    let setup = Setup::shapes().append(ROWS);
    setup.write_config();
    let (code, _, told) = setup.run(&["spec", "--out", setup.www().to_str().unwrap()]);
    assert_eq!(code, 0, "{told}");
    let gateway = setup.start();
    let reply = gateway.get("/openapi.json");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json; charset=utf-8")), "row 33");
    (gateway, serde_json::from_slice(&reply.body).unwrap())
}

/// Everything of the document that has this key, wherever it is.
fn all<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            if name == key {
                found.push(member);
            }
            all(member, key, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

#[test]
fn routes_and_their_document() {
    let (_gateway, document) = served();
    assert_eq!(document["openapi"], "3.1.0", "row 33");
    assert!(document["tags"].as_array().unwrap().iter().any(|tag| tag["name"] == "shape"), "row 33");
    let at = |path: &str, method: &str| &document["paths"][path][method];
    let ids: Vec<_> = [("/_/cmd/shapeMixed", "post"), ("/articles/{id}", "put"), ("/text/{id}", "put")]
        .map(|(path, method)| at(path, method)["operationId"].as_str().unwrap())
        .into();
    assert_eq!(ids, ["shapeMixed", "shapeMixed_put", "shapeMixed_put_2"], "row 31");
    let moment = at("/_/cmd/shapeHttpGetMoment", "get");
    assert_eq!(moment["operationId"], "shapeHttpGetMoment", "row 32");
    assert_eq!(moment["summary"], "Answer in a way of the author's own.", "row 32");
    assert!(moment["description"].as_str().unwrap().ends_with("It is a text that stands for a moment."), "row 32");
    assert_eq!(moment["responses"]["200"]["content"]["text/plain"]["schema"]["type"], "string", "row 29");

    let outcome = &at("/_/cmd/shapeOutcome", "post")["responses"];
    for status in ["200", "201", "204", "400", "403", "404", "409", "451", "500"] {
        assert!(outcome[status]["description"].as_str().is_some_and(|text| !text.is_empty()), "row 25: {status}");
    }
    assert!(at("/_/cmd/shapeRaiseUndeclared", "post")["responses"].get("410").is_none(), "row 26");
    let raw = &at("/_/cmd/shapeCreatedContent", "post")["responses"];
    assert_eq!(raw["201"]["content"].as_object().unwrap().keys().collect::<Vec<_>>(), ["*/*"], "row 28");
    assert_eq!(outcome["451"]["content"]["text/plain"]["schema"]["type"], "string", "row 27");
    let parameters = |path: &str, method: &str| -> Vec<String> {
        let of = |one: &Value| {
            let needed = if one["required"] == true { "!" } else { "" };
            format!("{} {}{needed}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap())
        };
        at(path, method)["parameters"].as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(sorted(parameters("/head", "patch")), ["query localeUid", "query projectUid"], "row 17");
    let paging = ["query word!", "query offset", "header x-tenant", "query localeUid", "query projectUid"];
    assert_eq!(sorted(parameters("/page", "get")), sorted(paging.map(str::to_owned).into()), "row 18");
    let read = ["path id!", "query verbose", "header x-request-id", "cookie session-token", "query localeUid"];
    let told = parameters("/articles/{id}", "get");
    assert!(read.iter().all(|one| told.contains(&(*one).to_owned())), "row 34: {told:?}");
    assert!(parameters("/query", "get").contains(&"query words".to_owned()), "row 4");
    assert_eq!(document["components"]["securitySchemes"]["session"]["in"], "cookie", "row 35");
    assert_eq!(document["components"]["securitySchemes"]["session"]["type"], "apiKey", "row 35");
    for key in ["format", "minimum", "maximum", "description", "summary", "pattern"] {
        let mut found = Vec::new();
        all(&document, key, &mut found);
        assert!(found.iter().all(|value| !value.is_null()), "row 36: {key}");
    }
    let missing = at("/articles/{id}", "get")["responses"]["404"]["description"].as_str().unwrap();
    assert_eq!(missing, "there is no such command, project or action", "row 36");

    let denied = Setup::shapes().access("allow user, deny all").append(ROWS).start();
    assert_eq!(denied.get("/articles/5").status, 403, "row 35");
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

#[test]
fn a_type_of_each_kind_is_taken_answered_and_documented() {
    let place = json!({"name": "here", "at": [1.5, 2.0]});
    let sent = json!({
        "text": "t", "int": 1, "flag": true, "ratio": 0.5, "picture": "AAH/", "day": "2026-01-31",
        "at": "2026-01-31T12:00:00Z", "list": [1], "dict": {"a": 1}, "place": place, "any": [null, {"x": 1}],
        "either": "text", "colour": "green", "numbers": {"first": 1, "second": 2}, "texts": {"first": "a", "second": "b"},
    });
    let (gateway, document) = served();
    assert_eq!(gateway.json("shapeTypes", &sent).value(), sent, "row 34");
    let schemas = &document["components"]["schemas"];
    let request = &schemas["ShapeTypesRequest"]["properties"]["params"];
    let mut required: Vec<_> =
        request["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    required.sort_unstable();
    let mut all: Vec<_> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    all.sort_unstable();
    assert_eq!(required, all, "row 34");
    for (name, expected) in [
        ("text", json!({"type": "string"})),
        ("int", json!({"type": "integer", "format": "int32"})),
        ("flag", json!({"type": "boolean"})),
        ("ratio", json!({"type": "number", "format": "double"})),
        ("picture", json!({"type": "string", "contentEncoding": "base64"})),
        ("day", json!({"type": "string", "format": "date"})),
        ("at", json!({"type": "string", "format": "date-time"})),
        ("list", json!({"type": "array", "items": {"type": "integer"}})),
        ("dict", json!({"type": "object", "additionalProperties": {"type": "integer"}})),
        ("place", json!({"$ref": "#/components/schemas/ShapePlace"})),
        ("any", json!({"description": "whatever it is"})),
        ("either", json!({"$ref": "#/components/schemas/ShapeEither"})),
        ("colour", json!({"$ref": "#/components/schemas/ShapeColour"})),
        ("numbers", json!({"$ref": "#/components/schemas/ShapePair"})),
        ("texts", json!({"$ref": "#/components/schemas/ShapePair2"})),
    ] {
        assert!(holds(&request["properties"][name], &expected), "row 34: {name}: {}", request["properties"][name]);
    }
    assert_eq!(request["properties"]["any"].as_object().unwrap().len(), 1, "row 34");
    for (name, expected) in [
        ("ShapeEither", json!({"anyOf": [{"type": "integer"}, {"type": "string"}]})),
        ("ShapeColour", json!({"oneOf": [{"const": "red"}, {"const": "green"}]})),
        ("ShapePair", json!({"properties": {"first": {"type": "integer"}}, "required": ["first", "second"]})),
        ("ShapePair2", json!({"properties": {"first": {"type": "string"}}, "required": ["first", "second"]})),
    ] {
        assert!(holds(&schemas[name], &expected), "row 34: {name}: {}", schemas[name]);
    }
}

/// Whether all that is expected is there, however much more there is.
fn holds(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(members), Value::Object(expected)) => {
            expected.iter().all(|(name, one)| members.get(name).is_some_and(|member| holds(member, one)))
        }
        (Value::Array(items), Value::Array(expected)) => {
            items.len() == expected.len() && items.iter().zip(expected).all(|(item, one)| holds(item, one))
        }
        _ => value == expected,
    }
}
