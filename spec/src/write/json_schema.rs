//! Types as JSON Schema (draft 2020-12): what OpenAPI 3.1 and editors read. It says what the reader checks, no more and no less.

use serde_json::{Map, Value, json};

use crate::model::{Bounds, Choice, Field, Format, Graph, Length, Object, Presence, Text, Type, TypeId, Variant};

/// Writes the types of one graph.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph,
    /// Where definitions are, such as `#/$defs/`.
    pub(super) definitions: &'static str,
    /// The name of the definition that a type has.
    pub(super) name: &'a dyn Fn(TypeId) -> Option<String>,
    /// Whether this is read: unknown properties are refused then.
    pub(super) strict: bool,
    /// Whether the other names of fields are properties of their own.
    pub(super) aliases: bool,
}

/// Bytes in base64, as they should be written.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

impl Writer<'_> {
    /// The definitions of all named types within `root`, by name.
    pub(super) fn define(&self, root: TypeId, into: &mut Map<String, Value>) {
        for id in self.graph.named_within(root) {
            if let Some(name) = (self.name)(id) {
                into.entry(name).or_insert_with(|| self.body(id));
            }
        }
    }

    /// A schema for a type: a reference, if it has a definition.
    pub(super) fn schema(&self, id: TypeId) -> Value {
        match (self.name)(id) {
            Some(name) => json!({ "$ref": format!("{}{name}", self.definitions) }),
            None => self.body(id),
        }
    }

    /// What a type is, whether it has a name or not.
    pub(super) fn body(&self, id: TypeId) -> Value {
        let mut schema = match self.graph.get(id) {
            Type::Any => json!({}),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Int { min, max, step } => int(*min, *max, *step),
            Type::Float(bounds) => float(bounds),
            Type::Str(text) => string(text),
            Type::Bytes => {
                let mut schema = json!({ "type": "string", "contentEncoding": "base64" });
                if self.strict {
                    schema["pattern"] = BASE64.into();
                }
                schema
            }
            // As OpenAPI 3.1 has it (§4.8.14.4): bytes that stand for themselves.
            Type::Upload { max } => {
                let mut schema = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
                if let Some(max) = max {
                    schema["maxLength"] = (*max).into();
                }
                schema
            }
            Type::List { item, length, unique } => {
                let mut schema = json!({ "type": "array", "items": self.schema(*item) });
                counted(&mut schema, *length, "minItems", "maxItems");
                if *unique {
                    schema["uniqueItems"] = true.into();
                }
                schema
            }
            Type::Tuple(items) => {
                let schemas: Vec<_> = items.iter().map(|item| self.schema(*item)).collect();
                json!({ "type": "array", "prefixItems": schemas, "minItems": items.len(), "maxItems": items.len() })
            }
            Type::Map { key, value, length } => {
                let mut schema = json!({ "type": "object", "additionalProperties": self.schema(*value) });
                match self.graph.get(*key) {
                    Type::Int { min, .. } => {
                        // A little narrower than the numbers are: that is all that a pattern can say.
                        let sign = if *min < 0 { "-?" } else { "" };
                        let pattern = format!("^(?:0|{sign}[1-9][0-9]{{0,17}})$");
                        schema["propertyNames"] = json!({ "pattern": pattern });
                    }
                    Type::Str(Text { length: Length::ANY, pattern: None, format: None }) => {}
                    _ => schema["propertyNames"] = self.schema(*key),
                }
                counted(&mut schema, *length, "minProperties", "maxProperties");
                schema
            }
            Type::Optional(inner) => nullable(self.schema(*inner)),
            Type::Enum(choices) => literals(choices),
            Type::Object(object) => self.object(object),
            Type::Variants(_) | Type::External(_) => json!({ "oneOf": self.alternatives(id) }),
            Type::Union(union) => {
                // What serde makes of an enum with and without values, or types of different kinds.
                let is_plain = |branch: &TypeId| matches!(self.graph.get(*branch), Type::Enum(_) | Type::External(_));
                let keyword = if union.branches.iter().all(is_plain) { "oneOf" } else { "anyOf" };
                json!({ keyword: self.alternatives(id) })
            }
        };
        if let Some(named) = self.graph.named(id) {
            describe(&mut schema, &named.doc);
        }
        schema
    }

    /// The schemas of what a type that is one of several may be.
    fn alternatives(&self, id: TypeId) -> Vec<Value> {
        match self.graph.get(id) {
            Type::Variants(variants) => {
                let variant = |variant: &Variant| described(self.object(&variant.object), &variant.doc);
                variants.variants.iter().map(variant).collect()
            }
            Type::External(object) => {
                let branch = |field: &Field| {
                    let mut schema = json!({
                        "type": "object", "properties": { &field.name: self.schema(field.ty) }, "required": [&field.name],
                    });
                    if self.strict {
                        schema["additionalProperties"] = false.into();
                    }
                    described(schema, &field.doc)
                };
                object.fields.iter().map(branch).collect()
            }
            Type::Union(union) => {
                let several = |branch: &TypeId| match (self.name)(*branch) {
                    Some(_) => vec![self.schema(*branch)],
                    None => self.alternatives(*branch),
                };
                union.branches.iter().flat_map(several).collect()
            }
            _ => vec![self.body(id)],
        }
    }

    fn object(&self, object: &Object) -> Value {
        self.some_fields(object, &|_| true)
    }

    /// An object of those fields that are kept.
    pub(super) fn some_fields(&self, object: &Object, is_kept: &dyn Fn(&Field) -> bool) -> Value {
        let mut properties = Map::new();
        let fields = || object.fields.iter().filter(|field| is_kept(field));
        for field in fields() {
            let mut schema = described(self.schema(field.ty), &about(field));
            if field.deprecated {
                schema["deprecated"] = true.into();
            }
            if !field.examples.is_empty() {
                schema["examples"] = field.examples.clone().into();
            }
            if let Presence::Default { value, .. } = &field.presence {
                schema["default"] = value.clone();
            }
            for alias in field.aliases.iter().filter(|_| self.aliases) {
                let doc = format!("the same as `{}`", field.name);
                properties.insert(alias.clone(), described(json!({ "allOf": [self.schema(field.ty)] }), &doc));
            }
            properties.insert(field.name.clone(), schema);
        }
        let is_required = |field: &&Field| match field.presence {
            _ if !self.strict => field.always,
            Presence::Required => field.aliases.is_empty() || !self.aliases,
            Presence::Default { .. } | Presence::Optional => false,
        };
        let required: Vec<_> = fields().filter(is_required).map(|field| &field.name).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        match object.rest {
            Some(rest) => schema["additionalProperties"] = self.schema(rest),
            None if self.strict => schema["additionalProperties"] = false.into(),
            None => {}
        }
        schema
    }
}

/// Adds a doc to a schema that has none, or another one.
pub(super) fn describe(schema: &mut Value, doc: &str) {
    if !doc.is_empty() {
        schema["description"] = doc.into();
    }
}

/// A schema with a doc.
fn described(mut schema: Value, doc: &str) -> Value {
    describe(&mut schema, doc);
    schema
}

/// A field's doc, and what else it is called.
fn about(field: &Field) -> String {
    let aliases: Vec<_> = field.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = if aliases.is_empty() { String::new() } else { format!(" (also accepted: {})", aliases.join(", ")) };
    format!("{}{also}", field.doc).trim().to_owned()
}

fn counted(schema: &mut Value, length: Length, min: &str, max: &str) {
    if length.min > 0 {
        schema[min] = length.min.into();
    }
    if length.max < usize::MAX {
        schema[max] = length.max.into();
    }
}

fn int(min: i128, max: i128, step: i128) -> Value {
    let mut schema = json!({ "type": "integer" });
    let format = match (min, max) {
        _ if min >= i32::MIN.into() && max <= i32::MAX.into() => "int32",
        _ if max <= i64::MAX.into() => "int64",
        _ => "uint64",
    };
    schema["format"] = format.into();
    let whole = |bound: i128| {
        i64::try_from(bound).map(Value::from).or(u64::try_from(bound).map(Value::from)).unwrap_or_default()
    };
    (schema["minimum"], schema["maximum"]) = (whole(min), whole(max));
    if step != 1 {
        schema["multipleOf"] = whole(step);
    }
    schema
}

fn float(bounds: &Bounds) -> Value {
    let mut schema = json!({ "type": "number", "format": if bounds.single { "float" } else { "double" } });
    if let Some((min, exclusive)) = bounds.min {
        schema[if exclusive { "exclusiveMinimum" } else { "minimum" }] = min.into();
    }
    if let Some((max, exclusive)) = bounds.max {
        schema[if exclusive { "exclusiveMaximum" } else { "maximum" }] = max.into();
    }
    schema
}

fn string(text: &Text) -> Value {
    let mut schema = json!({ "type": "string" });
    counted(&mut schema, text.length, "minLength", "maxLength");
    if let Some(pattern) = &text.pattern {
        schema["pattern"] = pattern.as_str().into();
    }
    match text.format {
        // Of which JSON Schema knows nothing.
        Some(Format::Ip) => schema["anyOf"] = json!([{ "format": "ipv4" }, { "format": "ipv6" }]),
        Some(format) => schema["format"] = format.name().into(),
        None => {}
    }
    schema
}

fn literals(choices: &[Choice]) -> Value {
    if choices.iter().all(|choice| choice.doc.is_empty() && choice.aliases.is_empty()) {
        return match choices {
            [single] => json!({ "const": single.value }),
            _ => json!({ "enum": choices.iter().map(|choice| &choice.value).collect::<Vec<_>>() }),
        };
    }
    let branch = |choice: &Choice| {
        let mut schema = if choice.aliases.is_empty() {
            json!({ "const": choice.value })
        } else {
            let values =
                [choice.value.clone()].into_iter().chain(choice.aliases.iter().map(|alias| alias.as_str().into()));
            json!({ "enum": values.collect::<Vec<_>>() })
        };
        describe(&mut schema, &choice.doc);
        schema
    };
    json!({ "oneOf": choices.iter().map(branch).collect::<Vec<_>>() })
}

/// The schema, or null.
fn nullable(schema: Value) -> Value {
    let is_simple =
        schema["type"].is_string() && !["enum", "const", "anyOf"].iter().any(|key| schema.get(key).is_some());
    match schema {
        Value::Object(mut schema) if is_simple => {
            let name = schema["type"].take();
            schema["type"] = json!([name, "null"]);
            Value::Object(schema)
        }
        schema => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}
