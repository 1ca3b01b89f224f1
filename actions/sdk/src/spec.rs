//! The spec document: what this plugin's types say of its commands and its configuration.

use schemars::{
    SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

use crate::{
    action::Action,
    output::{ReplyInfo, schema_of},
};

/// The document of action `A`: a JSON object whose schemas refer to `#/inputs/…` (read) and `#/outputs/…` (written).
pub(crate) fn document<A: Action>() -> Value {
    let mut inputs = generator("/inputs", Contract::Deserialize);
    let mut outputs = generator("/outputs", Contract::Serialize);
    let config = schema_of::<A::Config>(&mut inputs);
    let commands: Vec<Value> = A::COMMANDS
        .iter()
        .map(|command| {
            let info = &command.info;
            json!({
                "name": info.name,
                "method": info.method,
                "doc": info.doc,
                "params": (info.params)(&mut inputs),
                "mounts": info.mounts.iter().map(|(method, path)| json!({"method": method, "path": path})).collect::<Vec<_>>(),
                "replies": (info.replies)(&mut outputs).iter().map(reply).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "action": A::NAME,
        "client": A::CLIENT,
        "doc": A::DOC,
        "config": config,
        "commands": commands,
        "inputs": definitions(&mut inputs),
        "outputs": definitions(&mut outputs),
    })
}

fn reply(reply: &ReplyInfo) -> Value {
    let ReplyInfo { status, kind, content_type, doc, schema } = reply;
    json!({ "status": status, "kind": kind, "contentType": content_type, "doc": doc, "schema": schema })
}

fn generator(path: &'static str, contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = path.into();
        settings.contract = contract;
    });
    settings.into_generator()
}

fn definitions(generator: &mut SchemaGenerator) -> Map<String, Value> {
    generator.take_definitions(true)
}
