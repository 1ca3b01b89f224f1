//! `oneOf` and `anyOf`: nullable types, enums, variants, unions.

use serde_json::Value;

use super::{Compiler, Keywords, aliases, doc, scalar::choice, text};
use crate::model::{Choice, Object, Type, TypeId, Union, Variant, Variants};

/// The branches of a schema, and the keyword that they stand under.
pub(super) fn of(schema: &Keywords) -> Option<(&'static str, &[Value])> {
    let list = |key: &'static str| Some((key, schema.get(key)?.as_array()?.as_slice()));
    list("oneOf").or_else(|| list("anyOf"))
}

impl<'a> Compiler<'a> {
    pub(super) fn branches(&mut self, schema: &'a Keywords, keyword: &'static str, branches: &'a [Value]) -> TypeId {
        if schema.contains_key("type") {
            // What `#[serde(flatten)]` makes of a tagged enum.
            self.allow(schema, &[keyword, "type", "properties", "required", "additionalProperties"]);
            let branches: Vec<&'a Value> = branches.iter().collect();
            return match tag(&branches) {
                Some(tag) => self.variants(tag, &branches, Some(schema)),
                None => self.error("an enum can only be flattened if it has a tag: `#[serde(tag = \"type\")]`"),
            };
        }
        self.allow(schema, &[keyword]);
        let is_null = |branch: &&'a Value| branch.get("type").and_then(Value::as_str) == Some("null");
        let values: Vec<&'a Value> = branches.iter().filter(|branch| !is_null(branch)).collect();
        let id = match values.as_slice() {
            [single] if keyword == "anyOf" => self.compile(single),
            _ => self.alternatives(keyword, &values),
        };
        if values.len() < branches.len() { self.graph.add(Type::Optional(id)) } else { id }
    }

    /// Several types: `oneOf` is what schemars makes of enums, `anyOf` of untagged ones.
    fn alternatives(&mut self, keyword: &str, values: &[&'a Value]) -> TypeId {
        let (plain, others): (Vec<&Value>, Vec<&Value>) = values.iter().copied().partition(|branch| is_literal(branch));
        if others.is_empty() {
            return self.choices(&plain);
        }
        if let Some(tag) = tag(values) {
            return self.variants(tag, values, None);
        }
        if keyword == "oneOf" && others.iter().all(|branch| is_external(branch)) {
            let external = self.external(&others);
            if plain.is_empty() {
                return external;
            }
            let choices = self.choices(&plain);
            return self.union(vec![choices, external]);
        }
        let branches = values.iter().map(|branch| self.compile(branch)).collect();
        self.union(branches)
    }

    /// An enum whose values have docs.
    fn choices(&mut self, branches: &[&Value]) -> TypeId {
        let values = |branch: &&Value| -> Vec<Option<Choice>> {
            let listed = branch.get("enum").and_then(Value::as_array).into_iter().flatten();
            listed.chain(branch.get("const")).map(|value| choice(value, branch)).collect()
        };
        match branches.iter().flat_map(values).collect() {
            Some(choices) => self.graph.add(Type::Enum(choices)),
            None => self.error("the values of an enum are texts, whole numbers, bools or null"),
        }
    }

    fn variants(&mut self, tag: &str, branches: &[&'a Value], base: Option<&'a Keywords>) -> TypeId {
        let mut variants: Vec<Variant> = Vec::new();
        for branch in branches {
            let (Some(keywords), Some(value)) = (branch.as_object(), tag_value(branch, tag)) else { continue };
            let object = self.within(value, |this| this.variant(keywords, base));
            let at = object.fields.iter().position(|field| field.name == tag).unwrap_or_default();
            let (value, aliases, doc) = (value.to_owned(), aliases(branch), doc(branch));
            variants.push(Variant { value, aliases, doc, object, tag: at });
        }
        self.graph.add(Type::Variants(Variants { tag: tag.to_owned(), variants }))
    }

    /// A variant's fields: those of the object around it, its own, and those of the struct that it is made of.
    fn variant(&mut self, keywords: &'a Keywords, base: Option<&'a Keywords>) -> Object {
        self.allow(keywords, &["$ref", "type", "properties", "required", "additionalProperties"]);
        let common = base.map(|base| self.fields(base, Vec::new()).fields).unwrap_or_default();
        let own = self.fields(keywords, common);
        let Some(target) = text(keywords, "$ref").and_then(|reference| self.target(reference)) else { return own };
        match target.as_object() {
            Some(target) => {
                self.allow(target, &["type", "properties", "required", "additionalProperties"]);
                self.fields(target, own.fields)
            }
            None => own,
        }
    }

    /// Objects of one property each, whose name says which variant it is.
    fn external(&mut self, branches: &[&'a Value]) -> TypeId {
        let mut fields = Vec::new();
        for (branch, keywords) in branches.iter().filter_map(|branch| Some((*branch, branch.as_object()?))) {
            self.allow(keywords, &["type", "properties", "required", "additionalProperties"]);
            fields = self.fields(keywords, fields).fields;
            if let Some(last) = fields.last_mut() {
                (last.doc, last.aliases) = (doc(branch), aliases(branch));
            }
        }
        self.graph.add(Type::External(Object::new(fields, None)))
    }

    fn union(&mut self, branches: Vec<TypeId>) -> TypeId {
        // What is only written need not be told apart.
        if !self.written {
            self.unions.insert(branches.clone(), self.place.join("."));
        }
        self.graph.add(Type::Union(Union::new(branches)))
    }

    /// Tells the branches of each union apart, now that all types are complete.
    pub(super) fn resolve_unions(&mut self) {
        for index in 0..self.graph.types.len() {
            let Type::Union(union) = &self.graph.types[index] else { continue };
            match union.resolved(&self.graph) {
                Ok(resolved) => self.graph.types[index] = Type::Union(resolved),
                Err(kind) => {
                    let Some(place) = self.unions.get(&union.branches).cloned() else { continue };
                    let problem = format!(
                        "two of its variants take values of the kind {}, which can't be told apart; give the enum a tag: \
                         `#[serde(tag = \"type\")]`, with `content = \"value\"` unless each variant holds a struct",
                        kind.name()
                    );
                    self.error_at(place, problem);
                }
            }
        }
    }
}

/// The property whose text tells these objects apart.
fn tag<'a>(branches: &[&'a Value]) -> Option<&'a str> {
    let first = branches.first()?.get("properties")?.as_object()?;
    let tells = |name: &&str| branches.iter().all(|branch| tag_value(branch, name).is_some());
    first.keys().map(String::as_str).find(tells)
}

fn is_literal(branch: &Value) -> bool {
    branch.get("const").is_some() || branch.get("enum").is_some()
}

/// Whether it is an object of exactly one property, which it must have.
fn is_external(branch: &Value) -> bool {
    let properties = branch.get("properties").and_then(Value::as_object);
    let required = branch.get("required").and_then(Value::as_array);
    properties.is_some_and(|properties| properties.len() == 1) && required.is_some_and(|required| required.len() == 1)
}

/// The text that the property `name` must have in this branch.
fn tag_value<'v>(branch: &'v Value, name: &str) -> Option<&'v str> {
    branch.get("properties")?.get(name)?.get("const")?.as_str()
}
