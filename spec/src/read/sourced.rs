//! Objects whose fields come from several places of a request: path, query, headers, cookies, a form and a body.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::{
    Body, Inputs, Lookup, MAX_DEPTH, Origin, SoftValue, Texts,
    inputs::Found,
    put::{self, Container},
    reader::{Place, Reader, Seen, Step},
};
use crate::model::{Object, Type, TypeId};

impl<'a> Reader<'a> {
    /// Reads an object. An error is what is wrong with the syntax of the body.
    pub(super) fn read_sourced<'i>(
        &mut self,
        ty: TypeId,
        lookups: &[Lookup],
        inputs: &'i Inputs<'i>,
        texts: &Texts<'i>,
    ) -> Result<(), String> {
        let Type::Object(object) = self.graph.get(ty) else {
            self.problem("only an object can be read from several places");
            return Ok(());
        };
        let common = self.common();
        let header = put::header(&mut self.out, Container::Map);
        let (mut seen, mut length) = (Seen::default(), 0);
        for (index, (field, lookup)) in object.fields.iter().zip(lookups).enumerate() {
            let is_upload = inputs.has_files && lookup.origin == Origin::Form && self.graph.uploads(field.ty).is_some();
            let found = inputs.find(object, lookups, index, common, texts);
            if found.is_none() && !is_upload {
                continue;
            }
            seen.insert(index);
            length += 1;
            self.out.extend_from_slice(&field.key);
            self.at(lookup, field, |this| match found {
                Some(Found::Texts(texts)) => this.soft_value(field.ty, &texts),
                Some(Found::Rest(values)) => this.soft_map(field.ty, &values),
                Some(Found::NoText) => this.wrong("expected text, got bytes that are no UTF-8"),
                None => put::text(&mut this.out, &field.name),
            });
        }
        if let (Some(of), Some(lookup)) = (object.rest, lookups.get(object.fields.len())) {
            length += self.soft_rest(object, of, lookup, inputs, common);
        }
        for name in common {
            if let Some(text) = inputs.text(name) {
                self.keep(name, &text);
            }
        }
        if !inputs.body.is_object() {
            return self.no_object(ty, inputs.body);
        }
        length += self.read_body(object, common, &mut seen, lookups, inputs.body)?;
        length += self.absent(object, &seen, Place::Each(lookups));
        header.complete(&mut self.out, length);
        if self.out.len() > self.limit {
            return Err("with its defaults filled in it is too large".into());
        }
        Ok(())
    }

    /// The names that are flattened into an object, where they are in no body; returns how many were written.
    fn soft_rest(
        &mut self,
        object: &Object,
        ty: TypeId,
        lookup: &Lookup,
        inputs: &Inputs<'_>,
        common: &[&str],
    ) -> usize {
        let values = match lookup.origin {
            Origin::Query => &inputs.query,
            Origin::Form => &inputs.form,
            _ => return 0,
        };
        let root = self.root;
        self.root = lookup.label.unwrap_or(root);
        let written = self.flattened(object, ty, values, common);
        self.root = root;
        written
    }

    fn read_body(
        &mut self,
        object: &'a Object,
        common: &'a [&'a str],
        seen: &mut Seen,
        lookups: &[Lookup],
        body: Body<'_>,
    ) -> Result<usize, String> {
        let members = Members { reader: self, object, common, seen, lookups };
        match body {
            Body::None => Ok(0),
            Body::Json(text) => {
                let mut deserializer = serde_json::Deserializer::from_str(text);
                let read = members.deserialize(&mut deserializer);
                read.and_then(|length| deserializer.end().map(|()| length)).map_err(|e| e.to_string())
            }
            Body::MsgPack(bytes) => {
                let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
                deserializer.set_max_depth(MAX_DEPTH);
                let length = members.deserialize(&mut deserializer).map_err(|e| e.to_string())?;
                match IgnoredAny::deserialize(&mut deserializer) {
                    Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(length),
                    _ => Err("there are bytes after the value".into()),
                }
            }
        }
    }

    /// Says that the body should have been an object.
    fn no_object(&mut self, ty: TypeId, body: Body<'_>) -> Result<(), String> {
        match body {
            Body::None => Ok(()),
            Body::Json(text) => {
                let mut deserializer = serde_json::Deserializer::from_str(text);
                let read = self.seed(ty).deserialize(&mut deserializer).and_then(|()| deserializer.end());
                read.map_err(|e| e.to_string())
            }
            Body::MsgPack(bytes) => {
                let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
                self.seed(ty).deserialize(&mut deserializer).map_err(|e| e.to_string())
            }
        }
    }

    /// A map of what is left of a query.
    fn soft_map(&mut self, ty: TypeId, values: &[&SoftValue<'_>]) {
        let Type::Map { key, value: of, length } = self.graph.strip(ty).0 else {
            return self.wrong("only a map can take the rest of a query");
        };
        let header = put::header(&mut self.out, Container::Map);
        for value in values {
            self.within(Step::Name(&value.name), |this| this.name(this.graph.get(*key), &value.name));
            let last = &value.texts[value.texts.len() - 1..];
            self.within(Step::Name(&value.name), |this| this.soft_value(*of, last));
        }
        header.complete(&mut self.out, values.len());
        if !length.holds(values.len()) {
            self.problem(format_args!("expected {}, got {}", length.of("entry", "entries"), values.len()));
        }
    }
}

/// Reads the members of the body's object; gives how many were written.
struct Members<'r, 'a, 'l> {
    reader: &'r mut Reader<'a>,
    object: &'a Object,
    common: &'a [&'a str],
    seen: &'r mut Seen,
    lookups: &'l [Lookup],
}

impl<'de> DeserializeSeed<'de> for Members<'_, '_, '_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, '_, '_> {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<usize, A::Error> {
        let Self { reader, object, common, seen, lookups } = self;
        reader.members(object, common, seen, 0, Some(lookups), entries)
    }
}
