//! `openapi.json` of commands that are mounted, beside the same commands at `/_`: it is valid, says what the gateway does, and
//! the gateway does what it says.

mod operations;
mod required;

use serde_json::Value;
use wicketgate_tests::{Setup, python_tool};

use super::{
    mounts::ROWS,
    openapi::{assert_success, schemathesis},
};

/// Rows beside those that the tests of mounts have.
const MORE: &str = r#"
[[mounts]]
path = "/outcomes/{which}"
where = { which = ["article", "words", "created", "empty", "missing", "conflict"] }
GET = "shapeOutcome"
errors = "message"
[[mounts]]
path = "/raised"
POST = "shapeRaiseUndeclared"
errors = "problem"
[[mounts]]
path = "/types"
PUT = "shapeTypes"
errors = "problem"
[[mounts]]
path = "/map"
PUT = "shapeMap"
errors = "text"
[[mounts]]
path = "/pages/{localeUid}"
GET = "shapeHttpGetPage"
[[mounts]]
path = "/headers"
GET = "shapeHeaders"
errors = "detail"
[[mounts]]
path = "/cookies"
GET = "shapeHttpGetCookies"
[[mounts]]
path = "/small"
POST = "shapeHttpPostSmall"
[[mounts]]
path = "/settled/{projectUid}"
where = { projectUid = ["p1"] }
GET = "shapeHttpGetHead"
[[mounts]]
path = "/articles/{file}"
DELETE = "shapeFile"
[[mounts]]
path = "/nothing"
DELETE = "shapeNothing"
"#;

/// The document of all these rows, and what it was made with.
fn written() -> (Setup, Value) {
    let setup = Setup::shapes().append(ROWS).append(MORE);
    setup.write_config();
    let out = setup.dir().join("out");
    let (code, _, told) = setup.run(&["spec", "--out", out.to_str().unwrap()]);
    assert_eq!(code, 0, "{told}");
    let text = std::fs::read_to_string(out.join("openapi.json")).unwrap();
    (setup, serde_json::from_str(&text).unwrap())
}

/// All operations, each with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The parameters of an operation as `path id!`, those with a `!` required.
fn parameters(operation: &Value) -> Vec<String> {
    let told = |one: &Value| {
        let needed = if one["required"] == true { "!" } else { "" };
        format!("{} {}{needed}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap())
    };
    operation["parameters"].as_array().into_iter().flatten().map(told).collect()
}

#[test]
fn it_is_valid_with_mounts_as_well() {
    let (setup, _) = written();
    assert_success(&python_tool("openapi-spec-validator", &["out/openapi.json"], setup.dir()));
}

#[test]
fn the_gateway_does_what_it_says_where_commands_are_mounted() {
    let (setup, document) = written();
    let gateway = setup.start();
    // `/ws` asks for another protocol, `/raised` answers what it does not declare, and `/small` takes less than it says.
    let paths = "^/(articles|numbers|days|files|cs_api|ev_api|query|form|one|head|upload|outcomes|types|map|pages|headers|cookies|settled|nothing)";
    let document_file = gateway.dir().join("out/openapi.json");
    let told = schemathesis(&gateway, &document_file, paths, 20, gateway.dir());
    let count = operations(&document)
        .filter(|(path, _, _)| !path.starts_with("/_/") && !["/ws", "/raised", "/small"].contains(path))
        .count();
    assert!(told.contains(&format!("Selected: {count}/")), "{told}");
    gateway.assert_well();
}
