//! Lists, tuples, maps, structs.

use serde_json::Value;

use super::{Compiler, Keywords, aliases, doc};
use crate::{
    model::{Field, Length, Object, Presence, Source, Text, Type, TypeId},
    read::put,
};

impl<'a> Compiler<'a> {
    pub(super) fn array(&mut self, schema: &'a Keywords) -> TypeId {
        let length = self.length(schema, "minItems", "maxItems");
        if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
            self.allow(schema, &["type", "prefixItems", "minItems", "maxItems"]);
            if length != (Length { min: items.len(), max: items.len() }) {
                return self.error("a tuple has as many items as it names");
            }
            let items = items.iter().enumerate();
            let items = items.map(|(i, item)| self.within(&format!("[{i}]"), |this| this.compile(item))).collect();
            return self.graph.add(Type::Tuple(items));
        }
        self.allow(schema, &["type", "items", "minItems", "maxItems", "uniqueItems", "x-uploads"]);
        let item = match schema.get("items") {
            Some(items) => self.within("[]", |this| this.compile(items)),
            None => self.graph.add(Type::Any),
        };
        let is_file =
            schema.get("items").and_then(|items| items.get("format")).is_some_and(|format| format == "upload");
        if is_file && schema.get("x-uploads").is_none() {
            return self.error("several files are `Uploads`");
        }
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        self.graph.add(Type::List { item, length, unique })
    }

    pub(super) fn object(&mut self, schema: &'a Keywords) -> TypeId {
        if !schema.contains_key("properties") && has_free_names(schema) {
            return self.map(schema);
        }
        self.allow(schema, &["type", "properties", "required", "additionalProperties"]);
        let object = self.fields(schema, Vec::new());
        self.graph.add(Type::Object(object))
    }

    fn map(&mut self, schema: &'a Keywords) -> TypeId {
        let length = self.length(schema, "minProperties", "maxProperties");
        let allowed = ["type", "minProperties", "maxProperties", "propertyNames", "additionalProperties"];
        let (key, values) = match schema.get("patternProperties").and_then(Value::as_object) {
            // schemars' way to say that the names are whole numbers.
            Some(patterns) => {
                self.allow(schema, &[&allowed[..], &["patternProperties"]].concat());
                let (signed, unsigned) = (patterns.get(r"^-?\d+$"), patterns.get(r"^\d+$"));
                let Some(values) = signed.or(unsigned).filter(|_| patterns.len() == 1) else {
                    return self.error("names by pattern are not supported; use a map or a struct");
                };
                let (min, max) =
                    if signed.is_some() { (i64::MIN.into(), i64::MAX.into()) } else { (0, u64::MAX.into()) };
                (self.graph.add(Type::Int { min, max, step: 1 }), values)
            }
            None => {
                self.allow(schema, &allowed);
                let key = match schema.get("propertyNames") {
                    Some(names) => self.within("{name}", |this| this.compile(names)),
                    None => self.graph.add(Type::Str(Text::ANY)),
                };
                if !matches!(self.graph.get(key), Type::Str(_) | Type::Enum(_)) {
                    return self.error("the names of a map are texts, values of a plain enum, or whole numbers");
                }
                (key, schema.get("additionalProperties").unwrap_or(&Value::Bool(true)))
            }
        };
        let value = self.within("{}", |this| this.compile(values));
        self.graph.add(Type::Map { key, value, length })
    }

    /// The object of a schema's properties, after those that it has anyway.
    pub(super) fn fields(&mut self, schema: &'a Keywords, mut fields: Vec<Field>) -> Object {
        let required: Vec<_> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let ty = self.within(name, |this| this.compile(property));
            let source = property.get("x-param").and_then(Source::read);
            if property.get("x-param").is_some() && source.is_none() {
                self.within(name, |this| this.error("this says nothing about where the parameter comes from"));
            }
            let presence = match property.get("default") {
                Some(value) => Presence::Default { value: value.clone(), encoded: Vec::new() },
                None if self.may_be_empty(ty, source.as_ref()) => {
                    Presence::Default { value: Value::Array(Vec::new()), encoded: Vec::new() }
                }
                None if required.contains(&name.as_str()) => Presence::Required,
                None => Presence::Optional,
            };
            let always = required.contains(&name.as_str());
            let mut key = Vec::new();
            put::text(&mut key, name);
            let deprecated = property.get("deprecated") == Some(&Value::Bool(true));
            let (name, aliases, doc) = (name.clone(), aliases(property), doc(property));
            let examples = property.get("examples").and_then(Value::as_array).cloned().unwrap_or_default();
            fields.push(Field { name, aliases, doc, examples, always, deprecated, ty, source, presence, key });
        }
        let rest = match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => None,
            Some(values) => Some(self.within("{}", |this| this.compile(values))),
        };
        let object = Object::new(fields, rest);
        if let Some(twice) = object.names.duplicate().map(str::to_owned) {
            self.error(format!("two fields are called `{twice}`"));
        }
        object
    }
}

impl Compiler<'_> {
    /// Whether a parameter that is not given is a list without items: where a list is written by repeating a name, none of
    /// them is an empty one.
    fn may_be_empty(&self, ty: TypeId, source: Option<&Source>) -> bool {
        let is_repeated = matches!(source, Some(Source::Query | Source::Header(_) | Source::Form));
        // That it is a list comes first: what is made of nothing but itself is found out later.
        self.graph.may_be_empty(ty) && (is_repeated || self.graph.uploads(ty).is_some())
    }
}

fn has_free_names(schema: &Keywords) -> bool {
    let open = |key: &str| schema.get(key).is_some_and(|values| *values != Value::Bool(false));
    open("additionalProperties") || open("patternProperties") || open("propertyNames")
}
