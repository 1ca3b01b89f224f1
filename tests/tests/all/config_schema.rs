//! `config.schema.json`: what editors complete and check TOML files by, held against a validator that knows nothing of us.

use std::{fs, path::Path};

use serde_json::Value;
use wicketgate_tests::{generated_specs, python};

/// What a validator says of a configuration, by the schema of example and probe.
fn told(toml: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wicketgate.toml");
    fs::write(&file, toml).unwrap();
    let schema = generated_specs().join("config.schema.json");
    python("openapi/check_toml.py", &[schema.to_str().unwrap(), file.to_str().unwrap()], dir.path())
}

#[test]
fn our_own_files_fit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
    let files = [
        path("spec/generated/config.schema.json"),
        path("config/wicketgate.toml"),
        path("config/production.toml"),
        path("config/projects/p1.toml"),
    ];
    assert_eq!(python("openapi/check_toml.py", &files.each_ref().map(String::as_str), &root), "");
}

#[test]
fn what_check_refuses_by_its_type_the_schema_refuses_too() {
    let plugins = "[plugins]\ndir = 'p'\nspecs = 's'\n";
    assert_eq!(
        told(&format!(
            "{plugins}[[actions]]\ntype = 'probe'\naccess = 'allow all'\nnumbers = [1]\nnested = {{ depth = 5 }}\n"
        )),
        ""
    );
    assert_eq!(
        told(&format!("{plugins}[server]\nlisten = ['127.0.0.1:1', {{ address = '127.0.0.1:2', tls = true }}]\n")),
        ""
    );
    for (toml, words) in [
        ("[plugins]\ndir = 5\nspecs = 's'\n", "$.plugins.dir: 5 is not of type 'string'"),
        ("[plugins]\ndri = 'p'\n", "'dri' was unexpected"),
        ("[plugins]\ndir = 'p'\nspecs = 's'\n[server.limits]\ncalls = -1\n", "-1 is less than the minimum of 0"),
        (
            "[plugins]\ndir = 'p'\nspecs = 's'\n[server]\nlisten = [5]\n",
            "$.server.listen[0]: 5 is not valid under any of the given schemas",
        ),
        (
            "[plugins]\ndir = 'p'\nspecs = 's'\n[[actions]]\ntype = 'exampel'\n",
            "$.actions[0].type: 'exampel' is not one of ['auth', 'example', 'probe']",
        ),
        (
            "[plugins]\ndir = 'p'\nspecs = 's'\n[[actions]]\ntype = 'example'\nhelloStrin = 'x'\n",
            "$.actions[0]: Additional properties are not allowed ('helloStrin' was unexpected)",
        ),
        (
            "[plugins]\ndir = 'p'\nspecs = 's'\n[[projects]]\nuid = 'p1'\n[[projects.actions]]\ntype = 'probe'\nnested = {}\n",
            "$.projects[0].actions[0].nested: ",
        ),
    ] {
        let told = told(toml);
        assert!(told.contains(words), "{toml}: {told}");
    }
}

#[test]
fn every_key_has_its_doc() {
    let text = fs::read_to_string(generated_specs().join("config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut keys = 0;
    let definitions = schema["$defs"].as_object().unwrap().iter().map(|(name, definition)| (name.as_str(), definition));
    for (name, definition) in definitions.chain([("whole", &schema)]) {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string() || key == "type", "{name}.{key}: {property}");
            keys += 1;
        }
    }
    assert!(keys > 50, "only {keys}");
    assert_eq!(schema["$defs"]["example"]["properties"]["helloString"]["default"], "Hi");
}
