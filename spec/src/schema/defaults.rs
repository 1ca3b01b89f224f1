//! Defaults and examples: each is read by the finished graph, since one that does not fit its type is the author's mistake.

use serde_json::{Map, Value};

use super::Compiler;
use crate::{
    model::{Object, Presence, Type, TypeId},
    read::{Rejected, Target},
};

/// A default that fits: the field's type, the value as documents show it, and as it is written.
type Fitting = (usize, usize, Value, Vec<u8>);

impl Compiler<'_> {
    /// Until nothing changes any more: a default may be of a type that has defaults itself.
    pub(super) fn encode_defaults(&mut self) {
        for _ in 0..=self.graph.types.len() {
            if !self.encode_once() || !self.errors.is_empty() {
                return;
            }
        }
    }

    /// Encodes all defaults by what is known of the others; returns whether that changed anything.
    fn encode_once(&mut self) -> bool {
        let mut changed = false;
        for index in 0..self.graph.types.len() {
            let mut fitting: Vec<Fitting> = Vec::new();
            let mut wrong = Vec::new();
            for (which, object) in objects(&self.graph.types[index]).enumerate() {
                for (place, field) in object.fields.iter().enumerate() {
                    let read = |value: &Value| Target::new(&self.graph, field.ty, &field.name).value(value);
                    for example in &field.examples {
                        if let Err(rejected) = read(&self.shown(field.ty, example)) {
                            wrong.push((field.name.clone(), "an example", rejected));
                        }
                    }
                    let Presence::Default { value, encoded } = &field.presence else { continue };
                    let value = self.shown(field.ty, value);
                    match read(&value) {
                        Ok(checked) if checked.value == *encoded => {}
                        Ok(checked) => fitting.push((which, place, value, checked.value)),
                        Err(rejected) => wrong.push((field.name.clone(), "the default", rejected)),
                    }
                }
            }
            changed |= !fitting.is_empty();
            for (which, place, value, encoded) in fitting {
                if let Some(object) = objects_mut(&mut self.graph.types[index]).nth(which) {
                    object.fields[place].presence = Presence::Default { value, encoded };
                }
            }
            for (field, what, rejected) in wrong {
                self.misfit(TypeId(index as u32), &field, what, &rejected);
            }
        }
        changed
    }

    /// A value as a caller would write it: schemars writes bytes as a list of numbers.
    fn shown(&self, ty: TypeId, value: &Value) -> Value {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let of = |object: &Object, entries: &Map<String, Value>| {
            let field = |name: &str| object.fields.iter().find(|field| field.name == *name).map(|field| field.ty);
            let shown = |(name, value): (&String, &Value)| {
                let value = field(name).or(object.rest).map_or_else(|| value.clone(), |ty| self.shown(ty, value));
                (name.clone(), value)
            };
            Value::Object(entries.iter().map(shown).collect())
        };
        match (self.graph.strip(ty).0, value) {
            (Type::Bytes, Value::Array(bytes)) => {
                let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
                Value::String(STANDARD.encode(bytes))
            }
            (Type::List { item, .. }, Value::Array(items)) => {
                items.iter().map(|value| self.shown(*item, value)).collect()
            }
            (Type::Tuple(types), Value::Array(items)) if types.len() == items.len() => {
                types.iter().zip(items).map(|(ty, value)| self.shown(*ty, value)).collect()
            }
            (Type::Map { value: of, .. }, Value::Object(entries)) => {
                Value::Object(entries.iter().map(|(name, value)| (name.clone(), self.shown(*of, value))).collect())
            }
            (Type::Object(object) | Type::External(object), Value::Object(entries)) => of(object, entries),
            (Type::Variants(variants), Value::Object(entries)) => {
                let tag = entries.get(&variants.tag).and_then(Value::as_str);
                let variant = variants.variants.iter().find(|variant| Some(variant.value.as_str()) == tag);
                variant.map_or_else(|| value.clone(), |variant| of(&variant.object, entries))
            }
            _ => value.clone(),
        }
    }

    fn misfit(&mut self, owner: TypeId, field: &str, what: &str, rejected: &Rejected) {
        let owner = self.graph.named(owner).map(|named| format!("{}.", named.name)).unwrap_or_default();
        self.error_at(format!("{owner}{field}"), format!("{what} does not fit the type: {rejected}"));
    }
}

fn objects(ty: &Type) -> impl Iterator<Item = &Object> {
    let (single, several) = match ty {
        Type::Object(object) | Type::External(object) => (Some(object), [].as_slice()),
        Type::Variants(variants) => (None, variants.variants.as_slice()),
        _ => (None, [].as_slice()),
    };
    single.into_iter().chain(several.iter().map(|variant| &variant.object))
}

fn objects_mut(ty: &mut Type) -> impl Iterator<Item = &mut Object> {
    let (single, several) = match ty {
        Type::Object(object) | Type::External(object) => (Some(object), [].as_mut_slice()),
        Type::Variants(variants) => (None, variants.variants.as_mut_slice()),
        _ => (None, [].as_mut_slice()),
    };
    single.into_iter().chain(several.iter_mut().map(|variant| &mut variant.object))
}
