//! What a plugin says of itself, and what the gateway makes of it.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    model::{Field, Graph, Object, Type, TypeId},
    schema::{Compiler, SchemaError},
    sources,
};

/// The parts of a plugin's spec document that are no schemas.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    action: String,
    client: String,
    doc: String,
    commands: Vec<CommandDocument>,
}

#[derive(Clone, Debug, Deserialize)]
struct CommandDocument {
    name: String,
    method: String,
    doc: String,
    replies: Vec<ReplyDocument>,
    mounts: Vec<Suggested>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyDocument {
    status: Option<u16>,
    kind: ReplyKind,
    content_type: Option<String>,
    doc: String,
    schema: Value,
}

/// An action, its types compiled.
#[derive(Clone, Debug)]
pub struct Action {
    /// Name in TOML: `type = "example"`.
    pub name: String,
    /// First part of the names of its commands.
    pub client: String,
    /// From the author's doc comment.
    pub doc: String,
    /// The keys that an operator may set; an object.
    pub config: TypeId,
    /// In the author's order; a call names its command by its index here.
    pub commands: Vec<Command>,
    /// All types.
    pub graph: Graph,
}

/// A command of an action.
#[derive(Clone, Debug)]
pub struct Command {
    /// Name for callers, such as `exampleHello`.
    pub name: String,
    /// The author's method.
    pub method: String,
    /// From the author's doc comment.
    pub doc: String,
    /// Which requests it answers.
    pub verb: Verb,
    /// Its parameters; an object.
    pub params: TypeId,
    /// The replies that it may give, besides errors; at least one.
    pub replies: Vec<Reply>,
    /// Where its author would mount it.
    pub mounts: Vec<Suggested>,
}

/// A row of the table of mounts, as the author of a command would have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Suggested {
    /// The method, such as `GET`.
    pub method: String,
    /// The path below that of the mount, such as `/{id}`; may be empty.
    pub path: String,
}

/// A reply of a command.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status; `None`: the handler decides, within what is usual for the kind.
    pub status: Option<u16>,
    /// What kind of body it has.
    pub kind: ReplyKind,
    /// The media type, where that is known beforehand.
    pub content_type: Option<String>,
    /// When it is given, from a doc comment; may be empty.
    pub doc: String,
    /// The type of the value, if it is one.
    pub value: Option<TypeId>,
}

/// What kind of body a reply has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplyKind {
    /// A value in JSON or MsgPack.
    Value,
    /// None.
    Nothing,
    /// A text as it is.
    Text,
    /// Bytes as they are.
    Content,
    /// A file.
    File,
    /// The way to somewhere else.
    Redirect,
    /// Bytes as they are made.
    Stream,
}

/// Which requests a command answers, by the prefix of its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `api_…`: POST with a JSON or MsgPack body.
    Api,
    /// `http_get_…`: GET and HEAD.
    Get,
    /// `http_post_…`: POST with a form.
    Post,
    /// `http_…`: both of these.
    Http,
}

impl Reply {
    /// Whether its body is for the caller to read as it comes, and not a value or a text.
    #[must_use]
    pub const fn is_raw(&self) -> bool {
        matches!(self.kind, ReplyKind::Content | ReplyKind::File | ReplyKind::Redirect | ReplyKind::Stream)
    }

    /// Whether it is what the caller hoped for.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_none_or(|status| status < 400)
    }
}

impl Command {
    /// The types of the values that it may answer with, each once.
    pub fn values(&self) -> impl Iterator<Item = TypeId> {
        let values = || self.replies.iter().filter_map(|reply| reply.value);
        values()
            .enumerate()
            .filter(move |(at, value)| !values().take(*at).any(|other| other == *value))
            .map(|(_, value)| value)
    }
}

impl Action {
    /// Compiles a spec document.
    ///
    /// # Errors
    /// All that the reader could not check, or that is no spec document.
    pub fn compile(document: &Value) -> Result<Self, Vec<SchemaError>> {
        let parsed = Document::deserialize(document).map_err(|e| {
            vec![SchemaError { place: "spec".into(), problem: format!("this is no spec document: {e}") }]
        })?;
        let mut errors = Vec::new();
        let mut compiler = Compiler::new(document);
        let value = |key: &str| document.get(key).unwrap_or(&Value::Null);
        let config = compiler.add(value("config"), "Config");
        let mut commands = Vec::new();
        for (index, command) in parsed.commands.iter().enumerate() {
            let at = |key: &str| document.pointer(&format!("/commands/{index}/{key}")).unwrap_or(&Value::Null);
            let params = compiler.add_params(at("params"), &command.method);
            let replies = command.replies.iter().enumerate().map(|(number, reply)| {
                let schema = at("replies").pointer(&format!("/{number}/schema")).unwrap_or(&Value::Null);
                let value = (!reply.schema.is_null()).then(|| compiler.add_written(schema, &command.method));
                let ReplyDocument { status, kind, content_type, doc, .. } = reply.clone();
                Reply { status, kind, content_type, doc, value }
            });
            let replies = replies.collect();
            let Some(verb) = Verb::of(&command.method) else {
                let problem = "its name starts with neither `api_` nor `http_`".to_owned();
                errors.push(SchemaError { place: command.method.clone(), problem });
                continue;
            };
            let CommandDocument { name, method, doc, mounts, .. } = command.clone();
            commands.push(Command { name, method, doc, verb, params, replies, mounts });
        }
        let graph = compiler.finish().map_err(|found| errors.iter().cloned().chain(found).collect::<Vec<_>>())?;
        for command in &commands {
            let fits = match graph.get(command.params) {
                Type::Object(_) => true,
                Type::Variants(_) => command.verb == Verb::Api,
                _ => false,
            };
            if !fits {
                errors.push(SchemaError { place: command.method.clone(), problem: STRUCT.to_owned() });
            }
        }
        match graph.get(config) {
            Type::Object(object) => errors.extend(taken(object, "Config", &["type", "access"])),
            _ => errors.push(SchemaError { place: "Config".to_owned(), problem: STRUCT.to_owned() }),
        }
        errors.extend(commands.iter().flat_map(|command| sources::misplaced(command, &graph)));
        errors.extend(commands.iter().flat_map(|command| sources::unmountable(command, &graph)));
        let Document { action: name, client, doc, .. } = parsed;
        if errors.is_empty() { Ok(Self { name, client, doc, config, commands, graph }) } else { Err(errors) }
    }
}

const STRUCT: &str = "a struct with named fields is expected here";

/// The fields whose names mean something else there.
pub(crate) fn taken<'o>(
    object: &'o Object,
    place: &'o str,
    names: &'o [&str],
) -> impl Iterator<Item = SchemaError> + 'o {
    let is_taken = |field: &&Field| names.contains(&field.name.as_str());
    object.fields.iter().filter(is_taken).map(move |field| SchemaError {
        place: format!("{place}.{}", field.name),
        problem: format!("`{}` has a meaning of its own here; choose another name", field.name),
    })
}

impl Verb {
    /// The verb of the method of that name.
    #[must_use]
    pub fn of(method: &str) -> Option<Self> {
        if method.starts_with("api_") {
            return Some(Self::Api);
        }
        if method.starts_with("http_get_") {
            return Some(Self::Get);
        }
        if method.starts_with("http_post_") {
            return Some(Self::Post);
        }
        method.starts_with("http_").then_some(Self::Http)
    }
}

/// The hash of a spec document: SHA-256 of its compact JSON, in hexadecimal. The order of keys counts.
#[must_use]
pub fn digest(document: &Value) -> String {
    let hash = Sha256::digest(document.to_string().as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
