//! Objects whose fields come from several places of a request: what is taken from each, and what is said of the rest.

#![allow(clippy::unwrap_used)]

use std::borrow::Cow;

use serde_json::{Value, json};
use wicketgate_spec::{
    Graph, TypeId,
    read::{Body, Inputs, Lookup, NoText, Origin, SoftValue, Target},
    schema::Compiler,
};

fn compiled(schema: &Value) -> (Graph, TypeId) {
    let mut compiler = Compiler::new(schema);
    let ty = compiler.add(schema, "Test");
    (compiler.finish().unwrap(), ty)
}

/// Lookups, each as its label and, of headers and cookies, its name.
fn lookups(places: &[&'static str]) -> Vec<Lookup> {
    let lookup = |place: &&'static str| {
        let (label, name) = place.split_once(' ').unwrap_or((place, ""));
        let (origin, label) = match label {
            "path" => (Origin::Path, "path"),
            "query" => (Origin::Query, "query"),
            "rest" => (Origin::Rest, "query"),
            "header" => (Origin::Header(name.into()), "header"),
            "cookie" => (Origin::Cookie(name.into()), "cookie"),
            "form" => (Origin::Form, "form"),
            _ => (Origin::Body, "body"),
        };
        Lookup { origin, label: Some(label) }
    };
    places.iter().map(lookup).collect()
}

fn values<'t>(pairs: &[(&'t str, &[&'t str])]) -> Vec<SoftValue<'t>> {
    let value = |(name, texts): &(&'t str, &[&'t str])| SoftValue {
        name: Cow::Borrowed(*name),
        texts: texts.iter().map(|text| Cow::Borrowed(*text)).collect(),
    };
    pairs.iter().map(value).collect()
}

/// What is written, or all that is wrong.
fn read(schema: &Value, places: &[&'static str], inputs: &Inputs<'_>) -> Result<Value, String> {
    let (graph, ty) = compiled(schema);
    let target = Target { common: &["projectUid"], ..Target::new(&graph, ty, "body") };
    let texts = |origin: &Origin| match origin {
        Origin::Header(name) if name == "x-num" => Ok(vec!["7".into(), "8".into()]),
        Origin::Header(name) if name == "x-list" => Ok(vec!["1,2".into(), "3".into()]),
        Origin::Header(name) if name == "x-bytes" => Err(NoText),
        Origin::Cookie(name) if name == "theme" => Ok(vec!["dark".into()]),
        _ => Ok(Vec::new()),
    };
    let checked = target.sourced(&lookups(places), inputs, &texts).map_err(|rejected| rejected.to_string())?;
    Ok(rmp_serde::from_slice(&checked.value).unwrap())
}

/// An object with fields of these types, in this order.
fn object(fields: &[(&str, &str)]) -> Value {
    let schema = |(name, ty): &(&str, &str)| {
        let schema = match *ty {
            "list" => json!({"type": "array", "items": {"type": "integer"}}),
            "map" => json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            ty => json!({"type": ty}),
        };
        ((*name).to_owned(), schema)
    };
    let required: Vec<_> = fields.iter().map(|(name, _)| *name).filter(|name| !name.starts_with("any")).collect();
    let properties: serde_json::Map<String, Value> = fields.iter().map(schema).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

#[test]
fn each_field_is_read_from_its_own_place() {
    let fields = [
        ("id", "integer"),
        ("flag", "boolean"),
        ("num", "integer"),
        ("list", "list"),
        ("theme", "string"),
        ("title", "string"),
        ("rest", "map"),
    ];
    let places = ["path", "query", "header x-num", "header x-list", "cookie theme", "body", "rest"];
    let expected = json!({
        "id": 5, "flag": true, "num": 7, "list": [1, 2, 3], "theme": "dark", "title": "t", "rest": {"a": 2, "title": 3},
    });
    let query = [("flag", &["yes"][..]), ("id", &["6"]), ("projectUid", &["p"]), ("a", &["1", "2"]), ("title", &["3"])];
    let text = json!({"title": "t"}).to_string();
    let packed = rmp_serde::to_vec_named(&json!({"title": "t"})).unwrap();
    for body in [Body::Json(&text), Body::MsgPack(&packed)] {
        let inputs = Inputs { path: values(&[("ID", &["5"])]), query: values(&query), body, ..Inputs::default() };
        assert_eq!(read(&object(&fields), &places, &inputs), Ok(expected.clone()));
    }
}

#[test]
fn all_that_is_wrong_is_told_with_its_place() {
    let fields =
        [("id", "integer"), ("num", "integer"), ("bytes", "string"), ("title", "string"), ("anyText", "string")];
    let places = ["path", "query", "header x-bytes", "body", "cookie none"];
    let body = json!({"id": 1, "titel": "t", "anyText": 5}).to_string();
    let inputs = Inputs {
        path: values(&[("id", &["x"])]),
        query: values(&[("title", &["ignored"])]),
        body: Body::Json(&body),
        ..Inputs::default()
    };
    let told = read(&object(&fields), &places, &inputs).unwrap_err();
    let expected = [
        "path.id: expected int, got \"x\"",
        "header.x-bytes: expected text, got bytes that are no UTF-8",
        "body.id: unknown property; it belongs to the path",
        "body.titel: unknown property; did you mean `title`?",
        "body.anyText: unknown property; it belongs to the cookies",
        "query.num: required parameter is missing",
        "body.title: required property is missing",
    ];
    assert_eq!(told.split("; ").collect::<Vec<_>>(), expected.join("; ").split("; ").collect::<Vec<_>>());
}

#[test]
fn a_body_is_an_object_and_nothing_follows_it() {
    let (fields, places) = (object(&[("title", "string")]), ["body"]);
    let packed = rmp_serde::to_vec_named(&json!({"title": "t"})).unwrap();
    for (body, expected) in [
        (Body::None, "body.title: required property is missing"),
        (Body::Json("[]"), "body: expected object, got list"),
        (Body::Json("5"), "body: expected object, got int"),
        (Body::Json("null"), "body: expected object, got null"),
        (Body::Json("{\"title\": \"t\"} x"), "trailing characters at line 1 column 16"),
        (Body::Json("{\"title\": \"t\", \"title\": \"u\"}"), "body.title: given twice"),
        (Body::MsgPack(&[0x90]), "body: expected object, got list"),
        (Body::MsgPack(&[&packed[..], &[0xc0]].concat()), "there are bytes after the value"),
    ] {
        let told = read(&fields, &places, &Inputs { body, ..Inputs::default() }).unwrap_err();
        assert_eq!(told, expected);
    }
}

#[test]
fn names_that_are_flattened_are_where_the_others_are() {
    let mut schema = object(&[("num", "integer")]);
    schema["additionalProperties"] = json!({"type": "integer"});
    let pairs = values(&[("a", &["1", "2"]), ("num", &["9"]), ("PROJECTUID", &["p"]), ("b", &["3"])]);
    let expected = json!({"num": 7, "a": 1, "b": 3});
    let inputs = Inputs { query: pairs.clone(), ..Inputs::default() };
    assert_eq!(read(&schema, &["header x-num", "query"], &inputs), Ok(expected.clone()));
    let inputs = Inputs { form: pairs, ..Inputs::default() };
    assert_eq!(read(&schema, &["header x-num", "form"], &inputs), Ok(expected.clone()));
    let body = json!({"a": 1, "b": 3, "projectUid": "p"}).to_string();
    let inputs = Inputs { body: Body::Json(&body), ..Inputs::default() };
    assert_eq!(read(&schema, &["header x-num", "body"], &inputs), Ok(expected));
    let inputs = Inputs { query: values(&[("a", &["x"])]), ..Inputs::default() };
    let told = read(&schema, &["header x-num", "query"], &inputs).unwrap_err();
    assert_eq!(told, "query.a: expected int, got \"x\"");
}

#[test]
fn a_list_that_is_not_given_is_empty_where_names_are_repeated() {
    let list = |least: u32| json!({"type": "array", "items": {"type": "string"}, "minItems": least});
    let schema = |least| json!({"type": "object", "properties": {"a": list(least)}, "required": ["a"]});
    for place in ["query", "form", "header x-none"] {
        assert_eq!(read(&schema(0), &[place], &Inputs::default()), Ok(json!({"a": []})), "{place}");
    }
    for (least, place) in [(0, "path"), (0, "body"), (0, "cookie none"), (1, "query"), (1, "form")] {
        assert!(read(&schema(least), &[place], &Inputs::default()).is_err(), "{least} {place}");
    }
    let (graph, ty) = compiled(&schema(0));
    let target = Target::new(&graph, ty, "params");
    let value = target.soft(&[]).unwrap().value;
    assert_eq!(rmp_serde::from_slice::<Value>(&value).unwrap(), json!({"a": []}));
    assert!(target.json(b"{}").is_err());
}
