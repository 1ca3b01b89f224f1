//! JSON Schema, as schemars writes it, compiled into a [`Graph`].
//!
//! Works by allow-list: a keyword that the reader could not check is an error that names the author's type and field,
//! never silently passed over.

mod branches;
mod compound;
mod defaults;
mod scalar;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::model::{Graph, Length, Named, Object, Text, Type, TypeId};

/// Something in an author's types that can't be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SchemaError {
    /// Type and field, such as `HelloParams.color`.
    pub place: String,
    /// What is wrong, and what to do about it.
    pub problem: String,
}

/// Keywords that say nothing about which values are valid.
const ANNOTATIONS: [&str; 9] =
    ["$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"];

/// A schema that is an object, as all but `true` and `false` are.
type Keywords = Map<String, Value>;

/// Compiles schemas that share definitions.
pub struct Compiler<'a> {
    /// Where `$ref` leads: a JSON object of `inputs` and `outputs`, or of `$defs`.
    root: &'a Value,
    graph: Graph,
    /// What each reference became; present before its type is complete, so that recursion ends.
    known: HashMap<String, TypeId>,
    /// Where the unions are, by their branches: they are looked at when all types are complete.
    unions: HashMap<Vec<TypeId>, String>,
    /// Whether what is compiled is written and never read.
    written: bool,
    place: Vec<String>,
    errors: Vec<SchemaError>,
}

impl<'a> Compiler<'a> {
    /// A compiler whose references are looked up in `root`.
    #[must_use]
    pub fn new(root: &'a Value) -> Self {
        Self {
            root,
            graph: Graph::default(),
            known: HashMap::new(),
            unions: HashMap::new(),
            written: false,
            place: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Adds the type of `schema`; `name` is what errors call it.
    pub fn add(&mut self, schema: &'a Value, name: &str) -> TypeId {
        self.within(name, |this| this.compile(schema))
    }

    /// Adds the type of a command's parameters: a map is an object without fields of its own.
    pub(crate) fn add_params(&mut self, schema: &'a Value, name: &str) -> TypeId {
        let id = self.add(schema, name);
        if let Type::Map { key, value, length } = self.graph.get(id)
            && matches!(self.graph.get(*key), Type::Str(Text { length: Length::ANY, pattern: None, format: None }))
            && *length == Length::ANY
        {
            let of = *value;
            self.graph.types[id.0 as usize] = Type::Object(Object::new(Vec::new(), Some(of)));
        }
        id
    }

    /// Adds the type of `schema`, which is written and never read.
    pub fn add_written(&mut self, schema: &'a Value, name: &str) -> TypeId {
        self.written = true;
        let id = self.add(schema, name);
        self.written = false;
        id
    }

    /// The graph, with its unions resolved and its defaults checked and encoded.
    ///
    /// # Errors
    /// All that is wrong with the schemas.
    pub fn finish(mut self) -> Result<Graph, Vec<SchemaError>> {
        self.refuse_loops();
        if self.errors.is_empty() {
            self.resolve_unions();
        }
        if self.errors.is_empty() {
            self.encode_defaults();
        }
        if self.errors.is_empty() { Ok(self.graph) } else { Err(self.errors) }
    }

    /// A type that is nothing but itself, or null, has no values.
    fn refuse_loops(&mut self) {
        for (id, named) in self.graph.names.clone() {
            let (mut at, mut steps) = (id, 0);
            while let Type::Optional(inner) = self.graph.get(at) {
                (at, steps) = (*inner, steps + 1);
                if steps > self.graph.types.len() {
                    self.error_at(named.name, "this type is made of nothing but itself".to_owned());
                    break;
                }
            }
        }
    }

    fn within<R>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> R) -> R {
        self.place.push(name.to_owned());
        let result = work(self);
        self.place.pop();
        result
    }

    fn error(&mut self, problem: impl Into<String>) -> TypeId {
        self.error_at(self.place.join("."), problem.into());
        self.graph.add(Type::Any)
    }

    fn error_at(&mut self, place: String, problem: String) {
        let error = SchemaError { place, problem };
        // A type that is used twice is wrong once.
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn compile(&mut self, schema: &'a Value) -> TypeId {
        let schema = match schema {
            Value::Bool(true) => return self.graph.add(Type::Any),
            Value::Object(schema) => schema,
            _ => return self.error("this type accepts no value"),
        };
        if let Some(reference) = text(schema, "$ref") {
            return self.reference(schema, reference);
        }
        if let Some((keyword, branches)) = branches::of(schema) {
            return self.branches(schema, keyword, branches);
        }
        if schema.contains_key("const") || schema.contains_key("enum") {
            return self.literals(schema);
        }
        match schema.get("type") {
            None => {
                self.allow(schema, &[]);
                self.graph.add(Type::Any)
            }
            Some(Value::String(name)) => self.typed(schema, name),
            Some(Value::Array(names)) => match names.as_slice() {
                [Value::String(name), Value::String(null)] if null == "null" => {
                    let inner = self.typed(schema, name);
                    self.graph.add(Type::Optional(inner))
                }
                _ => self.error("a list of types is not supported; use an untagged enum"),
            },
            Some(_) => self.error("`type` is neither a name nor a list of names"),
        }
    }

    fn reference(&mut self, schema: &'a Keywords, reference: &str) -> TypeId {
        self.allow(schema, &["$ref"]);
        if let Some(known) = self.known.get(reference) {
            return *known;
        }
        let Some(target) = self.target(reference) else {
            return self.error(format!("`{reference}` leads nowhere"));
        };
        let id = self.graph.add(Type::Any);
        self.known.insert(reference.to_owned(), id);
        let name = decoded(reference.rsplit('/').next().unwrap_or(reference));
        // Named after the type alone: where it is used matters less than where it is written.
        let place = std::mem::take(&mut self.place);
        let compiled = self.within(&name, |this| this.compile(target));
        self.place = place;
        let ty = self.graph.get(compiled).clone();
        if self.graph.named(compiled).is_none() {
            // Nobody else refers to it.
            self.graph.types[compiled.0 as usize] = Type::Any;
        }
        self.graph.types[id.0 as usize] = ty;
        self.graph.names.push((id, Named { name, doc: doc(target) }));
        id
    }

    /// Where a reference leads.
    fn target(&self, reference: &str) -> Option<&'a Value> {
        self.root.pointer(&decoded(reference.strip_prefix('#')?))
    }

    fn typed(&mut self, schema: &'a Keywords, name: &str) -> TypeId {
        match name {
            "null" => self.null(schema),
            "boolean" => self.boolean(schema),
            "integer" => self.integer(schema),
            "number" => self.number(schema),
            "string" => self.string(schema),
            "array" => self.array(schema),
            "object" => self.object(schema),
            other => self.error(format!("values of type `{other}` are not supported")),
        }
    }

    /// Reports the keywords of `schema` that are neither annotations nor in `checked`.
    fn allow(&mut self, schema: &Keywords, checked: &[&str]) {
        let known = |key: &str| ANNOTATIONS.contains(&key) || checked.contains(&key) || key.starts_with("x-");
        for key in schema.keys().filter(|key| !known(key)) {
            self.error(format!("the constraint `{key}` is not supported here, so it would not be checked"));
        }
    }

    /// A number of characters, items or entries.
    fn count(&mut self, schema: &Keywords, key: &str) -> Option<usize> {
        let value = schema.get(key)?;
        let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
        if count.is_none() {
            self.error(format!("`{key}` is {value}, which is no number of things"));
        }
        count
    }

    /// The two keywords that say how many there may be.
    fn length(&mut self, schema: &Keywords, min: &str, max: &str) -> crate::model::Length {
        let min = self.count(schema, min).unwrap_or(0);
        crate::model::Length { min, max: self.count(schema, max).unwrap_or(usize::MAX) }
    }
}

/// A reference is part of a URI.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn text<'s>(schema: &'s Keywords, key: &str) -> Option<&'s str> {
    schema.get(key).and_then(Value::as_str)
}

fn doc(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn aliases(schema: &Value) -> Vec<String> {
    let listed = schema.get("x-aliases").and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str).map(str::to_owned).collect()
}
