//! `openapi.json`, held against a validator and against the gateway itself, by tools that know nothing of either.

use std::{path::Path, process::Output};

use serde_json::Value;
use wicketgate_tests::{Gateway, Setup, generated_specs, openapi_dir, python_tool};

/// The commands of the probe that hang, panic or block on purpose are left out.
const COMMANDS: &str = "^/_/cmd/(authLogin|authCheck|authLogout|authVerify|exampleHello|exampleHttpGetHello|probeEverything|probeHttpGetEverything|probeTypes|probeHttpGetTypes)$";

pub(crate) fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

/// Has schemathesis ask a gateway for the paths of a document that match, each operation up to so many times; what it says.
pub(crate) fn schemathesis(gateway: &Gateway, document: &Path, paths: &str, examples: u32, dir: &Path) -> String {
    let (url, settings) = (format!("http://{}", gateway.address()), openapi_dir().join("schemathesis.toml"));
    let examples = examples.to_string();
    let arguments = [
        &["--config-file", settings.to_str().unwrap(), "run", document.to_str().unwrap(), "--url", &url][..],
        &["--include-path-regex", paths, "--phases", "coverage,fuzzing", "--max-examples", &examples],
        // At `/_` any other method is 400, and a command by the wrong verb 404: the tool would have both be 405.
        &["--exclude-checks", "unsupported_method,allow_header_conformance"],
        &["--generation-deterministic", "--workers", "1", "--continue-on-failure", "--request-timeout", "10"],
        &["--no-color"],
    ];
    let output = python_tool("schemathesis", &arguments.concat(), dir);
    assert_success(&output);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_is_valid() {
    let dir = tempfile::tempdir().unwrap();
    let document = generated_specs().join("openapi.json");
    assert_success(&python_tool("openapi-spec-validator", &[document.to_str().unwrap()], dir.path()));
}

#[test]
fn the_gateway_does_what_it_says() {
    let setup = Setup::new().users(&[("ada", "[]")]).methods(&["web", "basic", "token"]);
    let (gateway, dir) = (setup.start(), tempfile::tempdir().unwrap());
    let document = generated_specs().join("openapi.json");
    let said = schemathesis(&gateway, &document, COMMANDS, 50, dir.path());
    assert!(said.contains("Selected: 10/"), "{said}");
    gateway.assert_well();
}

#[test]
fn it_describes_commands_and_errors() {
    let text = std::fs::read_to_string(generated_specs().join("openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let at = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_else(|| panic!("{pointer} is not there"));
    assert_eq!(at("/openapi"), "3.1.0");
    let hello = at("/paths/~1_~1cmd~1exampleHello/post");
    assert_eq!((&hello["operationId"], &hello["summary"]), (&"exampleHello".into(), &"Say hello in a colour.".into()));
    let params = at("/components/schemas/ExampleHelloRequest/properties/params");
    assert_eq!(params["required"], serde_json::json!(["color"]));
    assert_eq!(params["additionalProperties"], false);
    assert_eq!(params["properties"]["color"]["description"], "color for the message");
    let letters = at("/components/schemas/ProbeEverythingRequest/properties/params/properties/letters");
    assert_eq!((&letters["examples"], &letters["maxLength"]), (&serde_json::json!(["abc"]), &4.into()));
    for status in ["400", "403", "404", "413", "415", "500", "503", "504", "default"] {
        assert_eq!(hello["responses"][status]["$ref"], "#/components/responses/Error", "{status}");
    }
    let names = |pointer: &str| -> Vec<String> {
        let parameters = at(pointer);
        parameters.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    // What no URL can hold is not among them.
    let url = names("/paths/~1_~1cmd~1probeHttpGetEverything/get/parameters");
    assert!(url.contains(&"names".to_owned()) && !url.contains(&"shape".to_owned()), "{url:?}");
    assert_eq!(at("/paths/~1_~1cmd~1probeNothing/post/responses/204/description"), "nothing");
    assert!(at("/paths/~1_~1cmd~1probeHttpGetFile/get/responses").get("304").is_some());
    assert!(at("/paths/~1_~1cmd~1probeHttpGetRedirect/get/responses").get("3XX").is_some());
}
