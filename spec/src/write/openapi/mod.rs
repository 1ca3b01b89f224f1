//! `openapi.json`: every command, at `/_` and where it is mounted, for the tools that read OpenAPI 3.1.

mod bodies;
mod errors;
mod operation;
mod parameters;
mod replies;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::{
    json_schema::{Writer, describe},
    names::{self, Names},
};
use crate::{
    Dialect,
    document::{Action, Command, Verb},
    model::TypeId,
    read::Lookup,
    sources::Asked,
};
use operation::{Shape, operation};

const ABOUT: &str = "The commands of this gateway. Made from the plugins' own types and comments.\n\n\
    In MsgPack, texts that are described as base64 are bytes (bin). In a URL, lists are items with commas between them, \
    and `yes`, `no`, `on`, `off`, `1` and `0` are bools as well.";

const DEFINITIONS: &str = "#/components/schemas/";

/// A row of the table of mounts, for one method.
pub struct Mounted<'m> {
    /// The path, its placeholders in braces.
    pub path: String,
    /// The method.
    pub method: &'m str,
    /// The command.
    pub command: &'m str,
    /// Where its parameters are; `None`: all in the body.
    pub lookups: Option<&'m [Lookup]>,
    /// Parameters whose value the path itself has.
    pub settled: Vec<&'m str>,
    /// The placeholders that are no parameters of the command's own.
    pub others: Vec<&'m str>,
    /// Formats that the path demands of its placeholders, whatever the parameters may be.
    pub formats: Vec<(&'m str, &'static str)>,
    /// How errors are told.
    pub errors: Dialect,
    /// Whether it is for another protocol alone.
    pub is_upgrade: bool,
}

/// The file's text for `actions`, in their order, and for what is mounted.
#[must_use]
pub fn openapi(actions: &[&Action], mounted: &[Mounted<'_>]) -> String {
    let mut document = Document::default();
    document.schemas.insert("Error".into(), errors::error());
    document.schemas.insert("Problem".into(), errors::problem());
    for (action, names) in actions.iter().zip(Names::all(actions)) {
        document.tags.push(json!({ "name": action.name, "description": action.doc }));
        document.add(action, &names, mounted);
    }
    let Document { schemas, paths, tags, .. } = document;
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wicketgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
        },
        "servers": [{ "url": "/" }],
        // Whether a caller has to say who they are is in the configuration.
        "security": [{}, { "session": [] }, { "basic": [] }, { "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": errors::responses(mounted.iter().map(|row| row.errors)),
            "securitySchemes": security_schemes(),
        },
    });
    format!("{document:#}\n")
}

/// The document as it grows.
#[derive(Default)]
struct Document {
    schemas: Map<String, Value>,
    paths: Map<String, Value>,
    tags: Vec<Value>,
    /// The ids that operations have.
    ids: HashSet<String>,
    /// The paths with placeholders, by what they are without the names of these.
    templates: HashMap<String, String>,
}

impl Document {
    fn add(&mut self, action: &Action, names: &Names, mounted: &[Mounted<'_>]) {
        let name = |id: TypeId| names.get(id).map(str::to_owned);
        let graph = &action.graph;
        let writer = |strict| Writer { graph, definitions: DEFINITIONS, name: &name, strict, aliases: false };
        let (read, written) = (writer(true), writer(false));
        for command in &action.commands {
            // Written out where it is asked for, since every command takes more than its own parameters.
            graph.parts(command.params).into_iter().for_each(|part| read.define(part, &mut self.schemas));
            command.values().for_each(|value| written.define(value, &mut self.schemas));
            if command.verb == Verb::Api {
                let request = bodies::message(action, command, &read);
                self.schemas.insert(names::request(&command.name), request);
            }
            let mut add = |path: &str, method: &str, shape: &Shape<'_>| {
                let mut operation = operation(action, command, shape, &read, &written);
                operation["operationId"] = self.id(command, method, shape).into();
                let path = self.templated(path, &mut operation);
                self.paths.entry(path).or_insert_with(|| json!({}))[method] = operation;
            };
            for asked in [Asked::Api, Asked::Get, Asked::Form].into_iter().filter(|asked| command.verb.answers(*asked))
            {
                let method = if asked == Asked::Get { "get" } else { "post" };
                add(&format!("/_/cmd/{}", command.name), method, &Shape::native(action, command, asked));
            }
            for row in mounted.iter().filter(|row| row.command == command.name) {
                add(&row.path, &row.method.to_ascii_lowercase(), &Shape::Mounted(row));
            }
        }
    }

    /// The path that an operation is under: paths that differ in the names of placeholders alone are one (OpenAPI 3.1
    /// §4.8.8.1), whose first names all have.
    fn templated(&mut self, path: &str, operation: &mut Value) -> String {
        let names = |path: &str| -> Vec<String> {
            path.split('{').skip(1).filter_map(|after| Some(after.split_once('}')?.0.to_owned())).collect()
        };
        let own = names(path);
        let bare = own.iter().fold(path.to_owned(), |bare, name| bare.replace(&format!("{{{name}}}"), "{}"));
        let first = self.templates.entry(bare).or_insert_with(|| path.to_owned()).clone();
        let renamed = own.into_iter().zip(names(&first)).collect::<HashMap<_, _>>();
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "path") {
            if let Some(name) = parameter["name"].as_str().and_then(|name| renamed.get(name)) {
                parameter["name"] = name.as_str().into();
            }
        }
        first
    }

    /// The command's name, if it is free; else with the method and, if need be, a number.
    fn id(&mut self, command: &Command, method: &str, shape: &Shape<'_>) -> String {
        let name = &command.name;
        let plain = matches!(shape, Shape::Native { .. }).then(|| name.clone());
        let numbered = (2..).map(|number| format!("{name}_{method}_{number}"));
        let mut free = plain.into_iter().chain([format!("{name}_{method}")]).chain(numbered);
        free.find(|id| self.ids.insert(id.clone())).unwrap_or_default()
    }
}

/// How callers may show who they are.
fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "auth",
            "description": "the session cookie, from `authLogin`; `auth.cookie` of the configuration is its name",
        },
        "basic": { "type": "http", "scheme": "basic" },
        "token": { "type": "http", "scheme": "bearer" },
    })
}

/// What every command takes.
fn common() -> Map<String, Value> {
    let text = |doc: &str| json!({ "type": "string", "description": doc });
    let project = text("the project in which the command is asked for");
    let locale = text("the language of the caller");
    [("projectUid".to_owned(), project), ("localeUid".to_owned(), locale)].into_iter().collect()
}

/// A value in JSON or in MsgPack.
fn both(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema }, "application/msgpack": { "schema": schema } })
}
