//! The names of properties.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, Visitor},
};

use crate::model::Object;

/// Which property a name is.
pub(super) enum Key {
    /// A field, by its place.
    Field(usize),
    /// One of the target's common names, by its place.
    Common(usize),
    /// Neither.
    Other(String),
}

/// Reads the name of a property.
pub(super) struct KeySeed<'a> {
    pub(super) object: &'a Object,
    pub(super) common: &'a [&'a str],
    /// The field to expect: callers mostly follow the spec's order.
    pub(super) next: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
        if self.object.fields.get(self.next).is_some_and(|field| field.name == name) {
            return Ok(Key::Field(self.next));
        }
        if let Some(index) = self.object.names.find(name) {
            return Ok(Key::Field(index));
        }
        Ok(match self.common.iter().position(|common| *common == name) {
            Some(index) => Key::Common(index),
            None => Key::Other(name.to_owned()),
        })
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Key, E> {
        Err(E::custom("the name of a property is no UTF-8"))
    }

    fn visit_i64<E>(self, name: i64) -> Result<Key, E> {
        Ok(Key::Other(name.to_string()))
    }

    fn visit_u64<E>(self, name: u64) -> Result<Key, E> {
        Ok(Key::Other(name.to_string()))
    }
}

/// Reads a name as it is.
pub(super) struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Self::Value, E> {
        Err(E::custom("the name of a property is no UTF-8"))
    }

    fn visit_i64<E>(self, name: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_string()))
    }

    fn visit_u64<E>(self, name: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_string()))
    }
}
