//! Where parameters come from: which sources make sense, and where each one leads at `/_` and for a mount.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use wicketgate_spec::{
    Action, Asked, Mounting,
    read::{Lookup, Origin},
    schema::SchemaError,
};

/// The action whose one command is that method with these parameters.
fn action(method: &str, params: Value) -> Result<Action, Vec<SchemaError>> {
    suggesting(method, params, &[])
}

/// The same with mounts that its author suggests.
fn suggesting(method: &str, params: Value, mounts: &[(&str, &str)]) -> Result<Action, Vec<SchemaError>> {
    let mounts: Vec<_> = mounts.iter().map(|(method, path)| json!({"method": method, "path": path})).collect();
    let reply = json!({"status": 204, "kind": "nothing", "contentType": null, "doc": "", "schema": null});
    let place = json!({"type": "object", "properties": {"name": text()}, "required": ["name"]});
    let hidden = json!({"type": "object", "properties": {"name": from("query", text())}});
    let files = json!({"type": "object", "properties": {"file": file()}});
    Action::compile(&json!({
        "action": "a", "client": "a", "doc": "",
        "config": {"$ref": "#/inputs/Config"},
        "commands": [{
            "name": "aCommand", "method": method, "doc": "", "params": {"$ref": "#/inputs/P"}, "replies": [reply],
            "mounts": mounts,
        }],
        "inputs": {"Config": {"type": "object"}, "P": params, "Place": place, "Hidden": hidden, "Files": files},
        "outputs": {},
    }))
}

/// Parameters, those with a `!` required.
fn params(fields: &[(&str, Value)]) -> Value {
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|(name, schema)| (name.trim_end_matches('!').to_owned(), schema.clone())).collect();
    let required: Vec<_> = fields.iter().filter_map(|(name, _)| name.strip_suffix('!')).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": text()})
}

fn place() -> Value {
    json!({"$ref": "#/inputs/Place"})
}

fn file() -> Value {
    json!({"type": "string", "format": "upload"})
}

fn files() -> Value {
    json!({"type": "array", "items": file(), "x-uploads": true})
}

fn map() -> Value {
    json!({"type": "object", "additionalProperties": text()})
}

/// What `#[param(…)]` makes of a field's schema: `query`, or `header=x-name`.
fn from(source: &str, mut schema: Value) -> Value {
    schema["x-param"] = match source.split_once('=') {
        Some((place, name)) => json!({"in": place, "name": name}),
        None => json!({"in": source}),
    };
    schema
}

const URL: &str = "neither a URL, a header, a cookie nor a form can hold an object";
const FILE: &str = "a file comes from a form that is posted to a method named `http_post_…`";
const FORM: &str = "a form is posted to a method that is named `http_post_…` or `http_…`";
const BODY: &str = "a body is posted to a method that is named `api_…`";
const DEEP: &str = "only a command's own parameters have a source, not what they are made of";

#[test]
fn sources_that_make_no_sense_are_refused() {
    let nowhere = "this says nothing about where the parameter comes from";
    let secret = |name: &str| format!("the header `{name}` never reaches a plugin; `req.user()` is who calls");
    for (method, field, schema, place, problem) in [
        ("api_x", "a", from("header=Authorization", text()), "api_x.a", &*secret("authorization")),
        ("http_get_x", "a", from("header=proxy-authorization", text()), "http_get_x.a", &secret("proxy-authorization")),
        ("http_get_x", "a", from("header=Cookie", text()), "http_get_x.a", &secret("cookie")),
        ("http_x", "a", from("header=set-cookie", text()), "http_x.a", &secret("set-cookie")),
        ("api_x", "a", from("form", text()), "api_x.a", FORM),
        ("http_get_x", "a", from("form", text()), "http_get_x.a", FORM),
        ("http_get_x", "a", from("body", text()), "http_get_x.a", BODY),
        ("http_post_x", "a", from("body", text()), "http_post_x.a", BODY),
        ("http_x", "a", from("body", place()), "http_x.a", BODY),
        ("api_x", "a", from("query", place()), "api_x.a", URL),
        ("api_x", "a", from("path", place()), "api_x.a", URL),
        ("api_x", "a", from("header=x-a", map()), "api_x.a", URL),
        ("http_get_x", "a", from("cookie=a", json!({"type": "array", "items": place()})), "http_get_x.a", URL),
        ("http_post_x", "a", from("form", place()), "http_post_x.a", URL),
        (
            "http_post_x",
            "a!",
            place(),
            "http_post_x.a",
            "neither a URL nor a form can hold an object; make it optional, or name the method `api_…`",
        ),
        ("api_x", "a!", file(), "api_x.a", FILE),
        ("http_post_x", "a!", json!({"type": "array", "items": file()}), "P.a", "several files are `Uploads`"),
        ("http_get_x", "a!", file(), "http_get_x.a", FILE),
        ("http_post_x", "a!", from("query", file()), "http_post_x.a", FILE),
        ("http_post_x", "a!", from("header=x-a", file()), "http_post_x.a", FILE),
        ("api_x", "a", json!({"$ref": "#/inputs/Hidden"}), "Hidden.name", DEEP),
        ("http_post_x", "a", json!({"type": "array", "items": {"$ref": "#/inputs/Hidden"}}), "Hidden.name", DEEP),
        ("http_post_x", "a", json!({"$ref": "#/inputs/Files"}), "Files.file", DEEP),
        ("api_x", "a", from("nowhere", text()), "P.a", nowhere),
        ("api_x", "a", from("header=", text()), "P.a", nowhere),
        ("api_x", "a", from("cookie", text()), "P.a", nowhere),
        ("http_post_x", "cmd", text(), "http_post_x.cmd", "`cmd` has a meaning of its own here; choose another name"),
    ] {
        let told = action(method, params(&[(field, schema.clone())])).map(drop).unwrap_err();
        let told: Vec<_> = told.iter().map(|error| (error.place.as_str(), error.problem.as_str())).collect();
        assert_eq!(told, [(place, problem)], "{method} {schema}");
    }
}

#[test]
fn sources_of_one_of_several_types_are_refused() {
    let one_of = json!({"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "a"}, "x": from("query", text())}, "required": ["kind", "x"]},
        {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]},
    ]});
    let told = action("api_x", one_of).map(drop).unwrap_err();
    assert_eq!((told[0].place.as_str(), told[0].problem.as_str()), ("P.x", DEEP));
}

#[test]
fn sources_that_make_sense_are_taken() {
    for (method, fields) in [
        ("api_x", vec![("a!", from("path", text())), ("b", from("query", texts())), ("c!", from("body", place()))]),
        ("api_x", vec![("a", from("header=x-list", texts())), ("b", from("cookie=list", texts()))]),
        ("api_x", vec![("a!", place()), ("cmd", text())]),
        ("http_get_x", vec![("a", place()), ("b", from("header=x-b", text())), ("c", from("cookie=auth", text()))]),
        ("http_post_x", vec![("a!", file()), ("b", files()), ("c", from("form", file()))]),
        ("http_x", vec![("a!", file()), ("b", from("form", texts())), ("c", from("query", text()))]),
    ] {
        let told = action(method, params(&fields)).map(drop);
        assert!(told.is_ok(), "{method} {fields:?}: {told:?}");
    }
}

/// Each place with its label and, if it has one, its name.
fn places(lookups: Option<Vec<Lookup>>) -> Vec<String> {
    let place = |Lookup { origin, label }: Lookup| {
        let label = label.unwrap_or("params");
        match origin {
            Origin::Header(name) | Origin::Cookie(name) => format!("{label} {name}"),
            Origin::Rest => format!("{label} rest"),
            Origin::Path => format!("{label} path"),
            Origin::Query => format!("{label} query"),
            Origin::Form => format!("{label} form"),
            Origin::Body => format!("{label} body"),
        }
    };
    lookups.map_or_else(|| vec!["all".to_owned()], |lookups| lookups.into_iter().map(place).collect())
}

/// A field of each source that an `api_…` method may have.
fn mixed() -> Vec<(&'static str, Value)> {
    vec![
        ("id!", text()),
        ("path", from("path", text())),
        ("query", from("query", text())),
        ("header", from("header=X-Header", text())),
        ("cookie", from("cookie=The-Cookie", text())),
        ("body", from("body", place())),
        ("rest", map()),
    ]
}

#[test]
fn at_the_gateway_s_own_path_all_but_headers_and_cookies_are_where_the_way_of_asking_has_them() {
    let own = ["header x-header", "cookie The-Cookie"];
    let api = action("api_x", params(&mixed())).unwrap();
    let expected = ["params body", "params body", "params body", own[0], own[1], "params body", "params body"];
    assert_eq!(places(api.lookups(&api.commands[0], Asked::Api)), expected);

    let url = [("a", text()), ("q", from("query", text())), ("h", from("header=X-Header", text()))];
    let get = action("http_get_x", params(&url)).unwrap();
    assert_eq!(places(get.lookups(&get.commands[0], Asked::Get)), ["params query", "query query", own[0]]);

    let fields = [("a", text()), ("q", from("query", text())), ("c", from("cookie=The-Cookie", text()))];
    let form = action("http_x", params(&fields)).unwrap();
    assert_eq!(places(form.lookups(&form.commands[0], Asked::Form)), ["form form", "form form", own[1]]);
    assert_eq!(places(form.lookups(&form.commands[0], Asked::Get)), ["params query", "query query", own[1]]);

    // Where nothing is anywhere else, nobody has to look.
    let plain = action("api_x", params(&[("a", text()), ("q", from("query", text()))])).unwrap();
    assert_eq!(places(plain.lookups(&plain.commands[0], Asked::Api)), ["all"]);
    let plain = action("http_get_x", params(&[("a", text())])).unwrap();
    assert_eq!(places(plain.lookups(&plain.commands[0], Asked::Get)), ["all"]);
}

fn mounted(
    action: &Action,
    method: &str,
    placeholders: &[&str],
    rest: Option<&str>,
) -> Result<Vec<String>, Vec<String>> {
    let mounting = Mounting { method, placeholders, rest };
    action.mounted(&action.commands[0], &mounting).map(places)
}

#[test]
fn a_mount_gives_each_parameter_one_place() {
    let api = action("api_x", params(&mixed())).unwrap();
    let own = ["header x-header", "cookie The-Cookie"];
    for method in ["POST", "PUT", "PATCH"] {
        let expected =
            ["body body", "path path", "query query", own[0], own[1], "body body", "query rest"].map(str::to_owned);
        assert_eq!(mounted(&api, method, &["path"], Some("rest")), Ok(expected.into()), "{method}");
        // A placeholder has the parameter of its name, whatever its source.
        let expected =
            ["path path", "path path", "path path", own[0], own[1], "body body", "body body"].map(str::to_owned);
        assert_eq!(mounted(&api, method, &["id", "path", "query"], None), Ok(expected.into()), "{method}");
    }
    let url = action("api_x", params(&[("id!", text()), ("place", place())])).unwrap();
    for method in ["GET", "DELETE"] {
        let expected = ["query query", "query query"].map(str::to_owned);
        assert_eq!(mounted(&url, method, &["projectUid"], None), Ok(expected.into()), "{method}");
    }
    let form = action("http_x", params(&[("a", text()), ("f", from("form", text())), ("file", file())])).unwrap();
    for method in ["POST", "PUT", "PATCH"] {
        let expected = ["form form", "form form", "form form"].map(str::to_owned);
        assert_eq!(mounted(&form, method, &[], None), Ok(expected.into()), "{method}");
    }
    // A GET has no form: what would come from one is in the query, as at `/_`.
    let either = action("http_x", params(&[("a", text()), ("f!", from("form", texts()))])).unwrap();
    assert_eq!(mounted(&either, "GET", &[], None), Ok(["query query", "query query"].map(str::to_owned).into()));
    let one_of = json!({"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]},
        {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]},
    ]});
    let several = action("api_x", one_of).unwrap();
    assert_eq!(mounted(&several, "PUT", &[], None), Ok(vec!["all".to_owned()]));
    let told = "the parameters of `aCommand` are one of several types, so that all come from the body";
    for (method, placeholders) in [("GET", &[][..]), ("DELETE", &[]), ("PUT", &["projectUid"])] {
        assert_eq!(mounted(&several, method, placeholders, None), Err(vec![told.to_owned()]), "{method}");
    }
}

#[test]
fn what_does_not_go_together_is_told() {
    let fields = [("id!", text()), ("place!", place()), ("map", map())];
    for (method, fields, http, placeholders, rest, expected) in [
        ("http_get_x", &[("a", text())][..], "POST", &[][..], None, &["`aCommand` answers GET alone"][..]),
        (
            "http_post_x",
            &[("a", text())],
            "DELETE",
            &[],
            None,
            &["`aCommand` takes a form: mount it as POST, PUT or PATCH"],
        ),
        (
            "http_x",
            &[("a", text())],
            "DELETE",
            &[],
            None,
            &["`aCommand` answers GET and forms: mount it as GET, POST, PUT or PATCH"],
        ),
        ("api_x", &fields, "PUT", &["name"], None, &["the placeholder `{name}` is no parameter of `aCommand`"]),
        ("api_x", &fields, "PUT", &["place"], None, &["no path can hold `place` of `aCommand`"]),
        (
            "api_x",
            &fields,
            "PUT",
            &[],
            Some("id"),
            &["`rest` names a map among the parameters of `aCommand`, which `id` is not"],
        ),
        (
            "api_x",
            &fields,
            "PUT",
            &[],
            Some("none"),
            &["`rest` names a map among the parameters of `aCommand`, which `none` is not"],
        ),
        ("api_x", &fields, "GET", &["id"], None, &["`aCommand` needs `place`, which no URL can hold"]),
        (
            "api_x",
            &[("a", from("path", text())), ("b", from("body", text()))],
            "DELETE",
            &["c"],
            None,
            &[
                "the placeholder `{c}` is no parameter of `aCommand`",
                "`a` of `aCommand` comes from the path, which has no `{a}`",
                "`b` of `aCommand` comes from the body, which DELETE has not",
            ],
        ),
        // A file is in no URL.
        ("http_x", &[("a!", file())], "GET", &[], None, &["`aCommand` needs `a`, which no URL can hold"]),
        // What has a place of its own is in no path.
        (
            "api_x",
            &[("a", from("header=x-a", text()))],
            "GET",
            &["a"],
            None,
            &["`a` of `aCommand` comes from a header, and not from the path"],
        ),
    ] {
        let told = mounted(&action(method, params(fields)).unwrap(), http, placeholders, rest);
        assert_eq!(told, Err(expected.iter().map(|text| (*text).to_owned()).collect()), "{method} {http}");
    }
}

#[test]
fn mounts_that_nobody_could_make_are_refused() {
    let fields = [("id", text()), ("place", place()), ("page", from("path", text()))];
    for (method, mount, problem) in [
        ("api_x", ("GET", "/{number}"), "the placeholder `{number}` is no parameter of `aCommand`"),
        ("api_x", ("PUT", "/a/{id}/b-{nam:int}.c"), "the placeholder `{nam}` is no parameter of `aCommand`"),
        ("api_x", ("PUT", "/{place}"), "no path can hold `place` of `aCommand`"),
        ("http_get_x", ("POST", "/{id}"), "`aCommand` answers GET alone"),
        ("http_post_x", ("GET", "/{id}"), "`aCommand` takes a form: mount it as POST, PUT or PATCH"),
        ("http_x", ("DELETE", "/{id}"), "`aCommand` answers GET and forms: mount it as GET, POST, PUT or PATCH"),
    ] {
        let told = suggesting(method, params(&fields), &[mount]).map(drop).unwrap_err();
        let told: Vec<_> = told.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("{method}, `#[mount({}, \"{}\")]`: {problem}", mount.0, mount.1)]);
    }
    // A parameter of the path may be in what comes before.
    let fine = [("GET", ""), ("GET", "/{id:int}"), ("DELETE", "/{projectUid}/{page}-{id}"), ("PUT", "/{page:path}")];
    assert!(suggesting("api_x", params(&fields), &fine).is_ok());
}
