//! Objects and maps.

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess},
};

use super::variants::DATETIME;
use super::{
    inputs::{Lookup, Origin},
    key::{Key, KeySeed, NameSeed},
    put::{self, Container},
    reader::{Notation, Place, Reader, Seen, Step},
    strict::{Seed, ignore_entries},
    words::{Misplaced, Quoted, Unknown, UnknownVariant},
};
use crate::model::{Length, Object, Text, Type, TypeId, Variant};

impl<'a> Reader<'a> {
    /// Named fields, after the tag of the variant that this is, if it is one.
    pub(super) fn object<'de, A: MapAccess<'de>>(
        &mut self,
        object: &'a Object,
        variant: Option<&'a Variant>,
        entries: A,
    ) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let (mut seen, mut length, mut next) = (Seen::default(), 0, 0);
        if let Some(variant) = variant {
            seen.insert(variant.tag);
            self.out.extend_from_slice(&object.fields[variant.tag].key);
            put::text(&mut self.out, &variant.value);
            (length, next) = (1, variant.tag + 1);
        }
        let common = self.common();
        length += self.members(object, common, &mut seen, next, None, entries)?;
        length += self.absent(object, &seen, Place::Body);
        header.complete(&mut self.out, length);
        if self.out.len() > self.limit {
            return Err(A::Error::custom("with its defaults filled in it is too large"));
        }
        Ok(())
    }

    /// The entries of an object, beginning perhaps with the field `next`; those whose `lookups` lead elsewhere are none of
    /// its properties. Returns how many were written.
    pub(super) fn members<'de, A: MapAccess<'de>>(
        &mut self,
        object: &'a Object,
        common: &'a [&'a str],
        seen: &mut Seen,
        mut next: usize,
        lookups: Option<&[Lookup]>,
        mut entries: A,
    ) -> Result<usize, A::Error> {
        let (mut length, begin) = (0, self.ranges.begin());
        let elsewhere = |index: usize| Some(&lookups?[index]).filter(|lookup| lookup.origin != Origin::Body);
        while let Some(key) = entries.next_key_seed(KeySeed { object, common, next })? {
            match key {
                Key::Field(index) if let Some(lookup) = elsewhere(index) => {
                    let name = &object.fields[index].name;
                    self.within(Step::Name(name), |this| this.problem(Misplaced(lookup)));
                    entries.next_value::<IgnoredAny>()?;
                }
                Key::Field(index) if seen.contains(index) => {
                    self.within(Step::Name(&object.fields[index].name), |this| this.problem("given twice"));
                    entries.next_value::<IgnoredAny>()?;
                }
                Key::Field(index) => {
                    let field = &object.fields[index];
                    seen.insert(index);
                    self.out.extend_from_slice(&field.key);
                    self.within(Step::Name(&field.name), |this| entries.next_value_seed(this.seed(field.ty)))?;
                    length += 1;
                    next = index + 1;
                }
                Key::Common(index) => {
                    let name = common[index];
                    self.within(Step::Name(name), |this| entries.next_value_seed(CommonSeed { reader: this, name }))?;
                }
                Key::Other(name) => match object.rest {
                    Some(rest) => {
                        self.entry(None, Some(rest), &name, &mut entries)?;
                        length += 1;
                    }
                    None => {
                        self.within(Step::Name(&name), |this| this.problem(Unknown { object, common, name: &name }));
                        entries.next_value::<IgnoredAny>()?;
                    }
                },
            }
        }
        if object.rest.is_some() {
            self.no_key_twice(begin);
        }
        Ok(length)
    }

    /// One field out of several.
    pub(super) fn external<'de, A: MapAccess<'de>>(
        &mut self,
        object: &'a Object,
        mut entries: A,
    ) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let names = || object.fields.iter().map(|field| field.name.as_str());
        let Some(key) = entries.next_key_seed(KeySeed { object, common: &[], next: 0 })? else {
            let names: Vec<_> = names().collect();
            self.problem(format_args!("expected one property out of `{}`, got none", names.join("`, `")));
            return Ok(());
        };
        match key {
            Key::Field(index) => {
                let field = &object.fields[index];
                self.out.extend_from_slice(&field.key);
                self.within(Step::Name(&field.name), |this| entries.next_value_seed(this.seed(field.ty)))?;
            }
            Key::Other(name) => {
                self.within(Step::Name(&name), |this| this.problem(UnknownVariant { object, name: &name }));
                entries.next_value::<IgnoredAny>()?;
            }
            Key::Common(_) => {}
        }
        header.complete(&mut self.out, 1);
        if entries.next_key::<IgnoredAny>()?.is_some() {
            self.problem("expected one property, got several: its name says which variant it is");
            entries.next_value::<IgnoredAny>()?;
            ignore_entries(entries)?;
        }
        Ok(())
    }

    /// Any names, each with a value of that type; `None` is any.
    pub(super) fn map<'de, A: MapAccess<'de>>(
        &mut self,
        key: Option<TypeId>,
        value: Option<TypeId>,
        length: Length,
        mut entries: A,
    ) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let begin = self.ranges.begin();
        let mut count = 0;
        while let Some(name) = entries.next_key_seed(NameSeed)? {
            if self.notation == Notation::Toml && name == DATETIME {
                let text: String = entries.next_value()?;
                header.undo(&mut self.out);
                put::text(&mut self.out, &text);
                return Ok(());
            }
            self.entry(key, value, &name, &mut entries)?;
            count += 1;
        }
        self.no_key_twice(begin);
        header.complete(&mut self.out, count);
        if !length.holds(count) {
            self.problem(format_args!("expected {}, got {count}", length.of("entry", "entries")));
        }
        Ok(())
    }

    /// An entry of a map, whose name has been read.
    fn entry<'de, A: MapAccess<'de>>(
        &mut self,
        key: Option<TypeId>,
        value: Option<TypeId>,
        name: &str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        let (start, before) = (self.out.len(), self.problem_count());
        if name.len() > self.limits.text {
            self.within(Step::Name(name), |this| this.problem("this name is too long"));
        }
        match key.map(|key| self.graph.get(key)) {
            None | Some(Type::Str(Text { pattern: None, format: None, length: Length::ANY })) => {
                put::text(&mut self.out, name);
            }
            Some(ty) => self.within(Step::Name(name), |this| this.name(ty, name)),
        }
        // A wrong name was written as null, and is no other's twin for that.
        if self.problem_count() == before {
            self.ranges.add(start..self.out.len());
        }
        self.within(Step::Written(start), |this| entries.next_value_seed(this.item(value)))
    }

    /// A name that has to be of a type.
    pub(super) fn name(&mut self, ty: &'a Type, name: &str) {
        match ty {
            Type::Int { .. } => match name.parse::<i128>() {
                Ok(value) => self.int(ty, value),
                Err(_) => self.mismatch(ty, format_args!("the name {}", Quoted(name))),
            },
            other => self.text(other, name),
        }
    }

    /// Notes a name that is there twice among those since `begin`.
    fn no_key_twice(&mut self, begin: usize) {
        if let Some(twice) = self.ranges.end(begin, &self.out) {
            self.within(Step::Written(twice.start), |this| this.problem("given twice"));
        }
    }
}

/// Reads one of [`super::Target::common`]: a text.
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
        Seed { reader: &mut *self.reader, ty: &Type::Str(Text::ANY), nullable: false }.deserialize(deserializer)?;
        let value: Cow<'_, str> = rmp_serde::from_slice(&self.reader.out[start..]).unwrap_or_default();
        let value = value.into_owned();
        self.reader.out.truncate(start);
        self.reader.keep(self.name, &value);
        Ok(())
    }
}
