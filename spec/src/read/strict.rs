//! The strict reader: a serde visitor that follows the type graph.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    put::{self, Container},
    reader::{Reader, Step},
    variants,
};
use crate::model::{Kind, Length, Type, TypeId};

/// Reads one value of one type.
pub(super) struct Seed<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) ty: &'a Type,
    pub(super) nullable: bool,
}

impl<'a> Reader<'a> {
    /// A seed for a value of that type.
    pub(super) fn seed(&mut self, ty: TypeId) -> Seed<'_, 'a> {
        let (ty, nullable) = self.graph.strip(ty);
        Seed { reader: self, ty, nullable }
    }

    /// A seed for an item of a list or of a map; `None` is any.
    pub(super) fn item(&mut self, ty: Option<TypeId>) -> Seed<'_, 'a> {
        match ty {
            Some(ty) => self.seed(ty),
            None => Seed { reader: self, ty: &Type::Any, nullable: true },
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let left = &mut self.reader.limits.values;
        *left = left.checked_sub(1).ok_or_else(|| D::Error::custom("it holds more values than are allowed"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ty.kind())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.reader.bool(self.ty, value);
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
        self.reader.float(self.ty, value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.reader.text(self.ty, value);
        Ok(())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<(), E> {
        self.reader.bytes(self.ty, value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        if self.nullable {
            put::null(&mut self.reader.out);
        } else {
            self.reader.null(self.ty);
        }
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    /// A MsgPack extension, which no type of ours is.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.reader.mismatch(self.ty, "a MsgPack extension");
        deserializer.deserialize_any(IgnoredAny).map(drop)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let reader = self.reader;
        match reader.container(self.ty, Kind::List) {
            Type::List { item, length, unique } => reader.list(Some(*item), *length, *unique, items),
            Type::Tuple(types) => reader.tuple(types, items),
            Type::Any => reader.list(None, Length::ANY, false, items),
            other => {
                reader.mismatch(other, "list");
                ignore_items(items).map(drop)
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        let reader = self.reader;
        match reader.container(self.ty, Kind::Object) {
            Type::Object(object) => reader.object(object, None, entries),
            Type::Variants(variants) => reader.variants(variants, entries),
            Type::External(object) => reader.external(object, entries),
            Type::Map { key, value, length } => reader.map(Some(*key), Some(*value), *length, entries),
            Type::Any => reader.map(None, None, Length::ANY, entries),
            Type::Str(_) => variants::datetime(reader, self.ty, entries),
            other => {
                reader.mismatch(other, "object");
                ignore_entries(entries)
            }
        }
    }
}

impl<'a> Reader<'a> {
    fn list<'de, A: SeqAccess<'de>>(
        &mut self,
        item: Option<TypeId>,
        length: Length,
        unique: bool,
        mut items: A,
    ) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::List);
        let begin = self.ranges.begin();
        let mut count = 0;
        loop {
            let (start, before) = (self.out.len(), self.problem_count());
            if self.within(Step::Index(count), |this| items.next_element_seed(this.item(item)))?.is_none() {
                break;
            }
            // A wrong item was written as null, and is no other's twin for that.
            if unique && self.problem_count() == before {
                self.ranges.add(start..self.out.len());
            }
            count += 1;
        }
        header.complete(&mut self.out, count);
        if unique && self.ranges.end(begin, &self.out).is_some() {
            self.problem("expected items that differ, but one is there twice");
        }
        if !length.holds(count) {
            self.problem(format_args!("expected {}, got {count}", length.of("item", "items")));
        }
        Ok(())
    }

    fn tuple<'de, A: SeqAccess<'de>>(&mut self, types: &'a [TypeId], mut items: A) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::List);
        let mut count = 0;
        for ty in types {
            if self.within(Step::Index(count), |this| items.next_element_seed(this.seed(*ty)))?.is_none() {
                break;
            }
            count += 1;
        }
        header.complete(&mut self.out, count);
        let more = if count == types.len() { ignore_items(items)? } else { 0 };
        if count + more != types.len() {
            let length = Length { min: types.len(), max: types.len() };
            self.problem(format_args!("expected {}, got {}", length.of("item", "items"), count + more));
        }
        Ok(())
    }
}

/// Steps over what is left; returns how many items there were.
fn ignore_items<'de, A: SeqAccess<'de>>(mut items: A) -> Result<usize, A::Error> {
    let mut count = 0;
    while items.next_element::<IgnoredAny>()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Steps over what is left.
pub(super) fn ignore_entries<'de, A: MapAccess<'de>>(mut entries: A) -> Result<(), A::Error> {
    while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
