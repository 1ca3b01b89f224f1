//! The strict reader: a serde visitor that follows the type graph.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    key::{Key, KeySeed},
    put::{self, Container},
    reader::{Reader, Seen, Step},
    words::Unknown,
};
use crate::model::{Object, Type, TypeId};

/// Reads one value of one type.
pub(super) struct Seed<'r, 'a> {
    reader: &'r mut Reader<'a>,
    ty: &'a Type,
    nullable: bool,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ty.kind())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        match self.ty {
            Type::Bool | Type::Any => put::bool(&mut self.reader.out, value),
            other => self.reader.mismatch(other, "bool"),
        }
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.reader.int(self.ty, value.into());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.reader.int(self.ty, value.into());
        Ok(())
    }

    /// TOML's way to hand over what fits neither of the above.
    fn visit_i128<E>(self, value: i128) -> Result<(), E> {
        self.reader.int(self.ty, value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        match self.ty {
            Type::Float | Type::Any if value.is_finite() => put::float(&mut self.reader.out, value),
            // MsgPack can say what JSON can't, and what no reply could repeat.
            Type::Float | Type::Any => self.reader.mismatch(self.ty, value),
            other => self.reader.mismatch(other, "float"),
        }
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.reader.text(self.ty, value);
        Ok(())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<(), E> {
        match self.ty {
            Type::Any => put::bytes(&mut self.reader.out, value),
            other => self.reader.mismatch(other, "bytes"),
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        if self.nullable || matches!(self.ty, Type::Any) {
            put::null(&mut self.reader.out);
        } else {
            self.reader.mismatch(self.ty, "null");
        }
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    /// A MsgPack extension, which no type of ours is.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.reader.mismatch(self.ty, "a MsgPack extension");
        deserializer.deserialize_any(IgnoredAny).map(drop)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let reader = self.reader;
        let item = match self.ty {
            Type::List(item) => Some(*item),
            Type::Any => None,
            other => {
                reader.mismatch(other, "list");
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(());
            }
        };
        let header = put::header(&mut reader.out, Container::List);
        let mut length = 0;
        while reader.within(Step::Index(length), |reader| items.next_element_seed(reader.item(item)))?.is_some() {
            length += 1;
        }
        header.complete(&mut reader.out, length);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        match self.ty {
            Type::Object(object) => self.reader.object(object, entries),
            Type::Map(values) => self.reader.map(Some(*values), entries),
            Type::Any => self.reader.map(None, entries),
            other => {
                self.reader.mismatch(other, "object");
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// A seed for a value of that type.
    pub(super) fn seed(&mut self, ty: TypeId) -> Seed<'_, 'a> {
        let (ty, nullable) = self.graph.strip(ty);
        Seed { reader: self, ty, nullable }
    }

    /// A seed for an item of a list or of a map; `None` is any.
    fn item(&mut self, ty: Option<TypeId>) -> Seed<'_, 'a> {
        match ty {
            Some(ty) => self.seed(ty),
            None => Seed { reader: self, ty: &Type::Any, nullable: true },
        }
    }

    fn object<'de, A: MapAccess<'de>>(&mut self, object: &'a Object, mut entries: A) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let (mut seen, mut length, mut next) = (Seen::default(), 0, 0);
        let common = self.common();
        while let Some(key) = entries.next_key_seed(KeySeed { fields: &object.fields, common, next })? {
            match key {
                Key::Field(index) if seen.contains(index) => {
                    self.within(Step::Field(&object.fields[index].name), |this| this.problem("given twice"));
                    entries.next_value::<IgnoredAny>()?;
                }
                Key::Field(index) => {
                    let field = &object.fields[index];
                    seen.insert(index);
                    self.out.extend_from_slice(&field.key);
                    self.within(Step::Field(&field.name), |this| entries.next_value_seed(this.seed(field.ty)))?;
                    length += 1;
                    next = index + 1;
                }
                Key::Common(index) => {
                    let name = common[index];
                    self.within(Step::Field(name), |this| entries.next_value_seed(CommonSeed { reader: this, name }))?;
                }
                Key::Other(name) => {
                    let shown = name.chars().take(64).collect();
                    self.within(Step::Other(shown), |this| this.problem(Unknown { object, common, name: &name }));
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        length += self.absent(object, &seen);
        header.complete(&mut self.out, length);
        if self.out.len() > self.limit {
            return Err(A::Error::custom("with its defaults filled in it is too large"));
        }
        Ok(())
    }

    /// Any names, each with a value of that type; `None` is any.
    fn map<'de, A: MapAccess<'de>>(&mut self, ty: Option<TypeId>, mut entries: A) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let mut length = 0;
        while let Some(key) = entries.next_key_seed(KeySeed { fields: &[], common: &[], next: 0 })? {
            if let Key::Other(name) = key {
                put::text(&mut self.out, &name);
                self.within(Step::Other(name), |this| entries.next_value_seed(this.item(ty)))?;
                length += 1;
            }
        }
        header.complete(&mut self.out, length);
        Ok(())
    }
}

/// Reads one of [`Target::common`]: a text.
struct CommonSeed<'r, 'a> {
    reader: &'r mut Reader<'a>,
    name: &'a str,
}

impl<'de> DeserializeSeed<'de> for CommonSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // A second one is an error of its own; the others are those of a text.
        if self.reader.found.iter().any(|(name, _)| name == self.name) {
            self.reader.problem("given twice");
            return deserializer.deserialize_any(IgnoredAny).map(drop);
        }
        let start = self.reader.out.len();
        Seed { reader: &mut *self.reader, ty: &Type::Str, nullable: false }.deserialize(deserializer)?;
        let value: Cow<'_, str> = rmp_serde::from_slice(&self.reader.out[start..]).unwrap_or_default();
        let value = value.into_owned();
        self.reader.out.truncate(start);
        self.reader.keep(self.name, &value);
        Ok(())
    }
}
