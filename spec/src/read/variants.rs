//! Objects that say by a text in them which type they are: mostly at once, sometimes late.

use std::{
    borrow::Cow,
    fmt::{self, Display},
};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, value::CowStrDeserializer},
};

use super::{
    key::NameSeed,
    put,
    reader::{Notation, Reader, Step},
    strict::{Seed, ignore_entries},
    words::{Quoted, near},
};
use crate::model::{Text, Type, Variant, Variants};

/// The entries of an object, those first that were set aside until its type was known.
pub(super) struct Late<'de, A> {
    /// Name, and value in MsgPack.
    aside: std::vec::IntoIter<(Cow<'de, str>, Vec<u8>)>,
    value: Option<Vec<u8>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Late<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.aside.next() {
            Some((name, value)) => {
                self.value = Some(value);
                seed.deserialize(CowStrDeserializer::<A::Error>::new(name)).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            // Read from a reader rather than a slice: what it borrows would not live long enough.
            Some(value) => seed
                .deserialize(&mut rmp_serde::Deserializer::new(value.as_slice()))
                .map_err(|e| A::Error::custom(e.to_string())),
            None => self.rest.next_value_seed(seed),
        }
    }
}

impl<'a> Reader<'a> {
    /// Looks for the tag, and reads the object as what it says.
    pub(super) fn variants<'de, A: MapAccess<'de>>(
        &mut self,
        variants: &'a Variants,
        mut entries: A,
    ) -> Result<(), A::Error> {
        let mut aside = Vec::new();
        let variant = loop {
            match entries.next_key_seed(NameSeed)? {
                Some(name) if name == variants.tag => {
                    break self.within(Step::Name(&variants.tag), |reader| {
                        entries.next_value_seed(TagSeed { reader, variants })
                    })?;
                }
                Some(name) => {
                    let value = self.set_aside(&name, &mut entries)?;
                    aside.push((name, value));
                }
                None => {
                    self.within(Step::Name(&variants.tag), |this| this.problem(Untold { variants, got: None }));
                    break None;
                }
            }
        };
        match variant {
            Some(variant) if aside.is_empty() => self.object(&variant.object, Some(variant), entries),
            Some(variant) => {
                let entries = Late { aside: aside.into_iter(), value: None, rest: entries };
                self.object(&variant.object, Some(variant), entries)
            }
            // Of what type its other properties should be nobody knows.
            None => {
                put::null(&mut self.out);
                ignore_entries(entries)
            }
        }
    }

    /// Reads a value of any type, to be read again. Doing so at every level of a deep nesting would take time without end.
    fn set_aside<'de, A: MapAccess<'de>>(&mut self, name: &str, entries: &mut A) -> Result<Vec<u8>, A::Error> {
        let start = self.out.len();
        // They count when they are read as what they are.
        let values = self.limits.values;
        self.within(Step::Name(name), |reader| {
            entries.next_value_seed(Seed { reader, ty: &Type::Any, nullable: true })
        })?;
        self.limits.values = values;
        let value = self.out.split_off(start);
        self.aside = self.aside.checked_sub(value.len()).ok_or_else(|| {
            A::Error::custom(
                "objects that begin with other properties than the one that tells their type are too large",
            )
        })?;
        Ok(value)
    }
}

/// Reads the tag; `None` if it says nothing known.
struct TagSeed<'r, 'a> {
    reader: &'r mut Reader<'a>,
    variants: &'a Variants,
}

impl<'de, 'a> DeserializeSeed<'de> for TagSeed<'_, 'a> {
    type Value = Option<&'a Variant>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Self { reader, variants } = self;
        let start = reader.out.len();
        Seed { reader: &mut *reader, ty: &Type::Any, nullable: true }.deserialize(deserializer)?;
        let written = reader.out.split_off(start);
        let Ok(value) = rmp_serde::from_slice::<Cow<'_, str>>(&written) else {
            reader.problem(format_args!("{}, got something else than a text", Values(variants)));
            return Ok(None);
        };
        let is = |variant: &&Variant| variant.value == value || variant.aliases.iter().any(|alias| *alias == value);
        let found = variants.variants.iter().find(is);
        if found.is_none() {
            reader.problem(Untold { variants, got: Some(&value) });
        }
        Ok(found)
    }
}

/// What to say of a tag that is missing or says nothing known.
struct Untold<'v> {
    variants: &'v Variants,
    got: Option<&'v str>,
}

impl Display for Untold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(got) = self.got else {
            return write!(f, "required property is missing: {}", Values(self.variants));
        };
        write!(f, "{}, got {}", Values(self.variants), Quoted(got))?;
        let known = self.variants.variants.iter().map(|variant| variant.value.as_str());
        near(known, got).map_or(Ok(()), |near| write!(f, "; did you mean \"{near}\"?"))
    }
}

struct Values<'v>(&'v Variants);

impl Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self.0.variants.iter().map(|variant| format!("{:?}", variant.value)).collect();
        write!(f, "expected one of {}", values.join(", "))
    }
}

/// The one entry of what is a date for the `toml` crate.
pub(super) const DATETIME: &str = "$__toml_private_datetime";

/// What TOML writes without quotes, a date or a time, comes as a map of one entry. Where a date or a time is asked for it is
/// the text; a mere text has to have its quotes.
pub(super) fn datetime<'de, 'a, A: MapAccess<'de>>(
    reader: &mut Reader<'a>,
    ty: &'a Type,
    mut entries: A,
) -> Result<(), A::Error> {
    match entries.next_key_seed(NameSeed)? {
        Some(key) if key == DATETIME && reader.notation == Notation::Toml => {
            let text: String = entries.next_value()?;
            match ty {
                Type::Str(Text { format: Some(_), .. }) => reader.text(ty, &text),
                _ => reader.mismatch(ty, "a date, which has no quotes"),
            }
        }
        key => {
            reader.mismatch(ty, "object");
            if key.is_some() {
                entries.next_value::<IgnoredAny>()?;
            }
        }
    }
    ignore_entries(entries)
}
