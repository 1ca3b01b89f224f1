//! Defaults and examples: each is read by the finished graph, since one that does not fit its type is the author's mistake.

use serde_json::Value;

use super::Compiler;
use crate::{
    model::{Object, Presence, Type, TypeId},
    read::{Rejected, Target},
};

/// A default that fits: the field's type, the value as documents show it, and as it is written.
type Fitting = (usize, usize, Value, Vec<u8>);

impl Compiler<'_> {
    pub(super) fn encode_defaults(&mut self) {
        for index in 0..self.graph.types.len() {
            let mut fitting: Vec<Fitting> = Vec::new();
            let mut wrong = Vec::new();
            for (which, object) in objects(&self.graph.types[index]).enumerate() {
                for (place, field) in object.fields.iter().enumerate() {
                    for example in &field.examples {
                        if let Err(rejected) = Target::new(&self.graph, field.ty, &field.name).value(example) {
                            wrong.push((field.name.clone(), "an example", rejected));
                        }
                    }
                    let Presence::Default { value, .. } = &field.presence else { continue };
                    let value = self.shown(field.ty, value);
                    match Target::new(&self.graph, field.ty, &field.name).value(&value) {
                        Ok(checked) => fitting.push((which, place, value, checked.value)),
                        Err(rejected) => wrong.push((field.name.clone(), "the default", rejected)),
                    }
                }
            }
            for (which, place, value, encoded) in fitting {
                if let Some(object) = objects_mut(&mut self.graph.types[index]).nth(which) {
                    object.fields[place].presence = Presence::Default { value, encoded };
                }
            }
            for (field, what, rejected) in wrong {
                self.misfit(TypeId(index as u32), &field, what, &rejected);
            }
        }
    }

    /// A default as a caller would write it: schemars writes bytes as a list of numbers.
    fn shown(&self, ty: TypeId, value: &Value) -> Value {
        use base64::{Engine, engine::general_purpose::STANDARD};
        match (self.graph.strip(ty).0, value) {
            (Type::Bytes, Value::Array(bytes)) => {
                let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
                Value::String(STANDARD.encode(bytes))
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
