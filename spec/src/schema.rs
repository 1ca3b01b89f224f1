//! JSON Schema, as schemars writes it, compiled into a [`Graph`].
//!
//! Works by allow-list: a keyword that the reader could not check is an error that names the author's type and field,
//! never silently passed over.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    model::{Choice, Field, Graph, Object, Presence, Type, TypeId},
    read::{PROBLEMS, Rejected, Target},
};

/// Something in an author's types that can't be checked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SchemaError {
    /// Type and field, such as `HelloParams.color`.
    pub place: String,
    /// What is wrong, and what to do about it.
    pub problem: String,
}

/// Keywords that say nothing about which values are valid.
const ANNOTATIONS: [&str; 7] = ["$schema", "title", "description", "default", "examples", "deprecated", "format"];

/// Compiles schemas that share definitions.
pub struct Compiler<'a> {
    /// Where `$ref` leads: a JSON object of `inputs` and `outputs`, or of `$defs`.
    root: &'a Value,
    graph: Graph,
    /// What each reference became; present before its type is complete, so that recursion ends.
    known: HashMap<String, TypeId>,
    place: Vec<String>,
    errors: Vec<SchemaError>,
}

impl<'a> Compiler<'a> {
    /// A compiler whose references are looked up in `root`.
    #[must_use]
    pub fn new(root: &'a Value) -> Self {
        Self { root, graph: Graph::default(), known: HashMap::new(), place: Vec::new(), errors: Vec::new() }
    }

    /// Adds the type of `schema`; `name` is what errors call it.
    pub fn add(&mut self, schema: &'a Value, name: &str) -> TypeId {
        self.within(name, |this| this.compile(schema))
    }

    /// The graph, with its defaults checked and encoded.
    ///
    /// # Errors
    /// All that is wrong with the schemas.
    pub fn finish(mut self) -> Result<Graph, Vec<SchemaError>> {
        if self.errors.is_empty() {
            self.encode_defaults();
        }
        if self.errors.is_empty() { Ok(self.graph) } else { Err(self.errors) }
    }

    fn within<R>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> R) -> R {
        self.place.push(name.to_owned());
        let result = work(self);
        self.place.pop();
        result
    }

    fn error(&mut self, problem: impl Into<String>) -> TypeId {
        self.errors.push(SchemaError { place: self.place.join("."), problem: problem.into() });
        self.graph.add(Type::Any)
    }

    fn compile(&mut self, schema: &'a Value) -> TypeId {
        let schema = match schema {
            Value::Bool(true) => return self.graph.add(Type::Any),
            Value::Object(schema) => schema,
            _ => return self.error("this type accepts no value"),
        };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.reference(schema, reference);
        }
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            return self.nullable(schema, branches);
        }
        if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
            return self.choices(schema, branches);
        }
        let Some(names) = schema.get("type") else {
            self.allow(schema, &[]);
            return self.graph.add(Type::Any);
        };
        match names {
            Value::String(name) => self.typed(schema, name),
            Value::Array(names) => match names.as_slice() {
                [Value::String(name), Value::String(null)] if null == "null" => {
                    let inner = self.typed(schema, name);
                    self.graph.add(Type::Optional(inner))
                }
                _ => self.error("values of several types are not supported; use an enum or a struct"),
            },
            _ => self.error("`type` is neither a name nor a list of names"),
        }
    }

    fn reference(&mut self, schema: &'a Map<String, Value>, reference: &str) -> TypeId {
        self.allow(schema, &["$ref"]);
        if let Some(known) = self.known.get(reference) {
            return *known;
        }
        let Some(target) = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) else {
            return self.error(format!("`{reference}` leads nowhere"));
        };
        let id = self.graph.add(Type::Any);
        self.known.insert(reference.to_owned(), id);
        let name = reference.rsplit('/').next().unwrap_or(reference);
        // Named after the type alone: where it is used matters less than where it is written.
        let place = std::mem::take(&mut self.place);
        let compiled = self.within(name, |this| this.compile(target));
        self.place = place;
        let mut ty = self.graph.get(compiled).clone();
        if let Type::Object(object) = &mut ty {
            name.clone_into(&mut object.name);
        }
        self.graph.types[id.0 as usize] = ty;
        id
    }

    /// `anyOf` of a type and null.
    fn nullable(&mut self, schema: &'a Map<String, Value>, branches: &'a [Value]) -> TypeId {
        self.allow(schema, &["anyOf"]);
        let is_null = |branch: &Value| branch.get("type").and_then(Value::as_str) == Some("null");
        match branches {
            [inner, null] if is_null(null) => {
                let inner = self.compile(inner);
                self.graph.add(Type::Optional(inner))
            }
            _ => self.error("values of several types are not supported; use an enum or a struct"),
        }
    }

    /// `oneOf` of texts: an enum whose values have docs.
    fn choices(&mut self, schema: &'a Map<String, Value>, branches: &'a [Value]) -> TypeId {
        self.allow(schema, &["oneOf"]);
        let mut choices = Vec::new();
        for branch in branches {
            let single = branch.get("const").and_then(Value::as_str);
            let several = branch.get("enum").and_then(Value::as_array);
            let several = several.into_iter().flatten().filter_map(Value::as_str);
            let before = choices.len();
            choices.extend(
                single.into_iter().chain(several).map(|value| Choice { value: value.to_owned(), doc: doc(branch) }),
            );
            if choices.len() == before {
                return self
                    .error("an enum whose variants carry values is not supported; its variants must be plain names");
            }
        }
        self.graph.add(Type::Enum(choices))
    }

    fn typed(&mut self, schema: &'a Map<String, Value>, name: &str) -> TypeId {
        let ty = match name {
            "boolean" => self.allow(schema, &["type"]).then_some(Type::Bool),
            "integer" => self.integer(schema),
            "number" => self.allow(schema, &["type"]).then_some(Type::Float),
            "string" => self.string(schema),
            "array" => self.array(schema),
            "object" => return self.object(schema),
            other => return self.error(format!("values of type `{other}` are not supported")),
        };
        self.graph.add(ty.unwrap_or(Type::Any))
    }

    fn integer(&mut self, schema: &Map<String, Value>) -> Option<Type> {
        self.allow(schema, &["type", "minimum", "maximum"]);
        let format = schema.get("format").and_then(Value::as_str).unwrap_or("int64");
        // schemars writes a width as `format` alone.
        let (min, max) = match format {
            "int8" => (i8::MIN.into(), i8::MAX.into()),
            "int16" => (i16::MIN.into(), i16::MAX.into()),
            "int32" => (i32::MIN.into(), i32::MAX.into()),
            "int64" | "int" => (i64::MIN.into(), i64::MAX.into()),
            "uint8" => (0, u8::MAX.into()),
            "uint16" => (0, u16::MAX.into()),
            "uint32" => (0, u32::MAX.into()),
            "uint64" | "uint" => (0, u64::MAX.into()),
            other => {
                self.error(format!("integers of format `{other}` are not supported; use i64 or u64 at most"));
                return None;
            }
        };
        let bound = |key: &str| {
            schema.get(key).and_then(|value| value.as_i64().map(i128::from).or(value.as_u64().map(i128::from)))
        };
        let (low, high) = (bound("minimum").unwrap_or(min), bound("maximum").unwrap_or(max));
        Some(Type::Int { min: low.max(min), max: high.min(max) })
    }

    fn string(&mut self, schema: &Map<String, Value>) -> Option<Type> {
        if let Some(format) = schema.get("format") {
            self.error(format!("texts of format {format} are not supported"));
        }
        self.allow(schema, &["type", "enum", "const"]);
        let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let values: Vec<_> = listed.chain(schema.get("const")).filter_map(Value::as_str).collect();
        let choice = |value: &&str| Choice { value: (*value).to_owned(), doc: String::new() };
        Some(if values.is_empty() { Type::Str } else { Type::Enum(values.iter().map(choice).collect()) })
    }

    fn array(&mut self, schema: &'a Map<String, Value>) -> Option<Type> {
        self.allow(schema, &["type", "items"]);
        let Some(items) = schema.get("items") else {
            self.error("a list needs one type for its items; tuples are not supported");
            return None;
        };
        Some(Type::List(self.within("[]", |this| this.compile(items))))
    }

    fn object(&mut self, schema: &'a Map<String, Value>) -> TypeId {
        self.allow(schema, &["type", "properties", "required", "additionalProperties"]);
        match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(values) if !schema.contains_key("properties") => {
                let values = self.within("{}", |this| this.compile(values));
                return self.graph.add(Type::Map(values));
            }
            Some(_) => {
                return self.error("a struct that is a map as well is not supported; give the map a field of its own");
            }
        }
        let required: Vec<_> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let ty = self.within(name, |this| this.compile(property));
            let presence = match property.get("default") {
                Some(value) => Presence::Default { value: value.clone(), encoded: Vec::new() },
                None if required.contains(&name.as_str()) => Presence::Required,
                None => Presence::Optional,
            };
            let mut key = Vec::new();
            crate::read::put::text(&mut key, name);
            fields.push(Field { name: name.clone(), doc: doc(property), ty, presence, key });
        }
        let title = schema.get("title").and_then(Value::as_str).unwrap_or_default();
        let doc = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        self.graph.add(Type::Object(Object { name: title.to_owned(), doc: doc.to_owned(), fields }))
    }

    /// Reports the keywords of `schema` that are neither annotations nor in `checked`.
    fn allow(&mut self, schema: &Map<String, Value>, checked: &[&str]) -> bool {
        let unknown = |key: &&String| {
            let key = key.as_str();
            !(ANNOTATIONS.contains(&key) || checked.contains(&key) || key.starts_with("x-"))
        };
        let unknown: Vec<_> = schema.keys().filter(unknown).cloned().collect();
        for key in &unknown {
            self.error(format!("the constraint `{key}` is not supported, so it would not be checked"));
        }
        unknown.is_empty()
    }

    /// Reads each default by the finished graph: a default of the wrong type is the author's mistake.
    fn encode_defaults(&mut self) {
        for index in 0..self.graph.types.len() {
            let Type::Object(object) = &self.graph.types[index] else { continue };
            let (owner, mut encoded) = (object.name.clone(), Vec::new());
            for field in &object.fields {
                let Presence::Default { value, .. } = &field.presence else { continue };
                let read =
                    Target { graph: &self.graph, ty: field.ty, root: &field.name, common: &[], problems: PROBLEMS }
                        .value(value);
                encoded.push((field.name.clone(), read));
            }
            for (name, read) in encoded {
                let Type::Object(object) = &mut self.graph.types[index] else { continue };
                let field = object.fields.iter_mut().find(|field| field.name == name);
                match (read, field.map(|field| &mut field.presence)) {
                    (Ok(checked), Some(Presence::Default { encoded, .. })) => *encoded = checked.value,
                    (Err(rejected), _) => self.wrong_default(&owner, &name, &rejected),
                    _ => {}
                }
            }
        }
    }

    fn wrong_default(&mut self, owner: &str, field: &str, rejected: &Rejected) {
        let problem = format!("the default does not fit the type: {rejected}");
        self.errors.push(SchemaError { place: format!("{owner}.{field}"), problem });
    }
}

fn doc(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}
