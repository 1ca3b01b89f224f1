//! What the document says of each operation: its words, where its parameters are, and what it answers.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{operations, parameters, written};

/// The media types of a body, with a `!` before them if it is required.
fn body(operation: &Value) -> String {
    let body = &operation["requestBody"];
    let types: Vec<_> = body["content"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!("{}{}", if body["required"] == true { "!" } else { "" }, types.join(" "))
}

#[test]
fn every_operation_is_told_of_once_with_words() {
    let (_setup, document) = written();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(tags, ["auth", "example", "shape"]);
    assert_eq!(document["security"], json!([{}, {"session": []}, {"basic": []}, {"token": []}]));
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!((&schemes["session"]["in"], &schemes["basic"]["scheme"]), (&json!("cookie"), &json!("basic")));
    assert_eq!(schemes["token"]["scheme"], "bearer");
    let mut ids = HashSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        let command = id.split('_').next().unwrap();
        assert!(!path.starts_with("/_/") || path == format!("/_/cmd/{command}"), "{path} {id}");
        assert!(operation["tags"][0].as_str().is_some_and(|tag| tags.contains(&tag) && id.starts_with(tag)), "{id}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
        assert!(operation.get("description").is_none_or(|text| text.as_str().is_some_and(|text| !text.is_empty())));
        for (status, response) in operation["responses"].as_object().unwrap() {
            let told = response["description"].as_str().unwrap_or_default();
            assert!(!told.is_empty() && told != "OK", "{id} {status}");
        }
        // A placeholder and a parameter are one thing.
        let mut named: Vec<_> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        let told = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = told.iter().filter(|one| one["in"] == "path");
        let mut in_path: Vec<_> = in_path.map(|one| one["name"].as_str().unwrap()).collect();
        named.sort_unstable();
        in_path.sort_unstable();
        assert_eq!(named, in_path, "{method} {path}");
        assert!(told.iter().filter(|one| one["in"] == "path").all(|one| one["required"] == true), "{method} {path}");
    }
    for id in [
        "shapeRead",
        "shapeRead_get",
        "shapeRead_get_2",
        "shapeHttpEither",
        "shapeHttpEither_get",
        "shapeHttpEither_patch",
    ] {
        assert!(ids.contains(id), "{id}: {ids:?}");
    }
    assert_eq!(no_nulls(&document), None);
}

/// Where there is a null that a document must not have.
fn no_nulls(value: &Value) -> Option<String> {
    match value {
        // What the author says a value is by default, or for example, may be null.
        Value::Object(members) => members.iter().find_map(|(name, member)| match name.as_str() {
            "default" | "example" | "examples" | "enum" | "const" => None,
            _ if member.is_null() => Some(name.clone()),
            _ => no_nulls(member),
        }),
        Value::Array(items) => items.iter().find_map(no_nulls),
        _ => None,
    }
}

const BOTH: &str = "application/json application/msgpack";
const FORMS: &str = "application/x-www-form-urlencoded multipart/form-data";

#[test]
fn each_parameter_is_where_the_row_has_it() {
    let (_setup, document) = written();
    let common = ["query localeUid", "query projectUid"];
    for (path, method, expected, content) in [
        (
            "/articles/{id}",
            "get",
            &["path id!", "query verbose", "header x-request-id", "cookie session-token"][..],
            String::new(),
        ),
        (
            "/articles/{id}",
            "put",
            &["path id!", "query verbose", "header if-match", "cookie theme"],
            format!("!{BOTH}"),
        ),
        ("/articles/new", "get", &[], String::new()),
        ("/cs_api/{command}", "post", &["path command!", "query parameters"], String::new()),
        ("/ev_api/{command}", "post", &["path command!", "query parameters"], String::new()),
        ("/days/{day}.json", "get", &["path day!"], String::new()),
        // Its own row calls it `{file}`, but the path is the same.
        ("/articles/{id}", "delete", &["path id!"], String::new()),
        (
            "/query",
            "get",
            &["query num!", "query other", "query words", "query numbers", "query flag", "query day"],
            String::new(),
        ),
        ("/form", "post", &["query lang"], format!("!{FORMS}")),
        ("/form", "patch", &["query lang"], format!("!{FORMS}")),
        ("/form", "get", &["query title!", "query num", "query numbers", "query lang"], String::new()),
        ("/one", "post", &[], format!("!{BOTH}")),
        ("/upload", "post", &[], "!multipart/form-data".into()),
        ("/small", "post", &[], "!multipart/form-data".into()),
        ("/map", "put", &[], BOTH.into()),
        ("/types", "put", &[], format!("!{BOTH}")),
        ("/headers", "get", &["header x-num!", "header x-my_words", "header x-text"], String::new()),
        ("/cookies", "get", &["cookie num_of_it!", "cookie session-token", "cookie auth"], String::new()),
        ("/nothing", "delete", &[], String::new()),
    ] {
        let operation = &document["paths"][path][method];
        let mut told = parameters(operation);
        told.retain(|one| !common.contains(&one.as_str()));
        told.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(
            (told, body(operation)),
            (expected.into_iter().map(str::to_owned).collect(), content),
            "{method} {path}"
        );
    }
    for (path, method, place) in
        [("/head/{projectUid}", "get", "projectUid"), ("/pages/{localeUid}", "get", "localeUid")]
    {
        let told = parameters(&document["paths"][path][method]);
        assert!(told.contains(&format!("path {place}!")) && !told.contains(&format!("query {place}")), "{told:?}");
    }
    let day = &document["paths"]["/days/{day}.json"]["get"]["parameters"][0];
    assert_eq!((&day["name"], &day["schema"]["format"]), (&json!("day"), &json!("date")));
    assert_eq!(parameters(&document["paths"]["/settled/p1"]["get"]), ["query localeUid"]);
    let body = &document["paths"]["/articles/{id}"]["put"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["required"], json!(["title"]));
    let names: HashSet<_> = body["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, HashSet::from(["title", "tags", "place"]));
    assert_eq!(body["additionalProperties"], false);
    assert_eq!(document["components"]["schemas"]["ShapeOneOfRequest"]["required"], json!(["params"]));
    assert_eq!(document["components"]["schemas"]["ShapeMapRequest"].get("required"), None);
    let file = &document["paths"]["/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"];
    assert_eq!(file["required"], json!(["title", "picture"]));
}

#[test]
fn each_status_has_a_response_and_errors_are_in_the_row_s_dialect() {
    let (_setup, document) = written();
    for path in ["/_/cmd/shapeOutcome", "/outcomes/empty"] {
        let method = if path.starts_with("/_") { "post" } else { "get" };
        let responses = &document["paths"][path][method]["responses"];
        for (status, types) in [
            ("200", &["application/json", "application/msgpack", "text/plain"][..]),
            ("201", &["application/json", "application/msgpack"]),
            ("204", &[]),
            ("404", &["application/json", "application/msgpack"]),
            ("409", &["text/plain"]),
            ("451", &["text/plain"]),
        ] {
            let told = responses[status]["content"].as_object();
            let told: Vec<_> = told.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            assert!(types.iter().all(|name| told.contains(name)), "{path} {status}: {told:?}");
            assert_eq!(told.is_empty(), types.is_empty(), "{path} {status}: {told:?}");
        }
        assert!(responses["201"]["headers"].get("Location").is_some());
        let undeclared = ["410", "422"];
        assert!(undeclared.iter().all(|status| responses.get(status).is_none()));
    }
    for (path, method, component, types) in [
        ("/articles/{id}", "get", "Error", &["application/json", "application/msgpack", "text/html"][..]),
        ("/cs_api/{command}", "post", "ErrorDetail", &["application/json", "application/msgpack"]),
        ("/query", "get", "ErrorMessage", &["application/json", "application/msgpack"]),
        ("/head/{projectUid}", "get", "ErrorText", &["text/plain"]),
        ("/one", "post", "ErrorProblem", &[]),
    ] {
        let response = &document["paths"][path][method]["responses"]["400"];
        assert_eq!(response["$ref"], format!("#/components/responses/{component}"), "{path}");
        let told: HashSet<_> = document["components"]["responses"][component]["content"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected: HashSet<_> = types.iter().copied().chain(["application/problem+json"]).collect();
        assert_eq!(told, expected, "{path}");
    }
    let member = |component: &str, name: &str| {
        let at = format!("/components/responses/{component}/content/application~1json/schema/properties/{name}/type");
        document.pointer(&at).cloned()
    };
    assert_eq!(member("ErrorDetail", "detail"), Some(json!("string")));
    assert_eq!(member("ErrorMessage", "message"), Some(json!("string")));
    // A row for another protocol refuses what does not ask for it.
    assert!(document["paths"]["/ws"]["get"]["responses"].get("426").is_some());
    assert!(document["paths"]["/query"]["get"]["responses"].get("426").is_none());
}
