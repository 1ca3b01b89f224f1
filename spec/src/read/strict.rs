//! The strict reader: a serde visitor that follows the type graph.

use std::{
    borrow::Cow,
    fmt::{self, Display},
};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Checked, Problem, Problems, Rejected, Segment, Target,
    problem::Quoted,
    put::{self, Container},
};
use crate::model::{Choice, Field, Graph, Object, Presence, Type, TypeId};

/// One reading.
pub(super) struct Reader<'a> {
    pub(super) graph: &'a Graph,
    root: &'a str,
    common: &'a [&'a str],
    pub(super) out: Vec<u8>,
    /// The most that may be written: objects without any content still get their defaults.
    limit: usize,
    path: Vec<Step<'a>>,
    problems: Problems,
    found: Vec<(String, String)>,
}

/// A step of the path, cheap to take; it becomes a [`Segment`] only for a problem.
#[derive(Clone)]
pub(super) enum Step<'a> {
    Field(&'a str),
    Other(String),
    Index(usize),
}

impl<'a> Reader<'a> {
    /// A reading of so many bytes of input.
    pub(super) fn new(target: &Target<'a>, input: usize) -> Self {
        Self {
            graph: target.graph,
            root: target.root,
            common: target.common,
            out: Vec::with_capacity(256),
            limit: (1 << 20) + 16 * input,
            path: Vec::new(),
            problems: Problems::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<Checked, Rejected> {
        self.problems.into_result(Checked { value: self.out, common: self.found })
    }

    pub(super) fn seed(&mut self, ty: TypeId) -> Seed<'_, 'a> {
        let (ty, nullable) = self.graph.strip(ty);
        Seed { reader: self, ty, nullable }
    }

    /// Notes a problem here.
    pub(super) fn problem(&mut self, text: impl Display) {
        let (root, path) = (self.root, &self.path);
        self.problems.push(|| {
            let segment = |step: &Step<'_>| match step {
                Step::Field(name) => Segment::Key((*name).to_owned()),
                Step::Other(name) => Segment::Key(name.clone()),
                Step::Index(index) => Segment::Index(*index),
            };
            Problem { root: root.to_owned(), path: path.iter().map(segment).collect(), text: text.to_string() }
        });
    }

    /// Notes that a value is wrong, and writes null in its place: the output is thrown away in the end.
    pub(super) fn mismatch(&mut self, ty: &Type, got: impl Display) {
        match ty {
            Type::Enum(choices) => self.problem(format_args!("expected one of {}, got {got}", OneOf(choices))),
            other => self.problem(format_args!("expected {}, got {got}", other.kind())),
        }
        put::null(&mut self.out);
    }

    pub(super) fn within<R>(&mut self, step: Step<'a>, work: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let result = work(self);
        self.path.pop();
        result
    }

    /// An int, for a type that takes one.
    pub(super) fn int(&mut self, ty: &Type, value: i128) {
        match ty {
            Type::Int { min, max } if value < *min || value > *max => {
                self.problem(format_args!("expected int from {min} to {max}, got {value}"));
                put::null(&mut self.out);
            }
            Type::Any if i64::try_from(value).is_err() && u64::try_from(value).is_err() => {
                self.mismatch(ty, "a larger int")
            }
            Type::Int { .. } | Type::Any => put::int(&mut self.out, value),
            // Above 2^53 this rounds, as JSON's own readers do.
            Type::Float => put::float(&mut self.out, value as f64),
            other => self.mismatch(other, "int"),
        }
    }

    /// A text, for a type that takes one.
    pub(super) fn text(&mut self, ty: &Type, value: &str) {
        match ty {
            Type::Str | Type::Any => put::text(&mut self.out, value),
            Type::Enum(choices) if choices.iter().any(|choice| choice.value == value) => {
                put::text(&mut self.out, value)
            }
            Type::Enum(_) => self.mismatch(ty, Quoted(value)),
            other => self.mismatch(other, "str"),
        }
    }

    /// A text that belongs to the gateway rather than to the handler.
    pub(super) fn keep(&mut self, name: &str, value: &str) {
        self.found.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn common(&self) -> &'a [&'a str] {
        if self.path.is_empty() { self.common } else { &[] }
    }

    /// Accounts for the fields that were not given; returns how many were written for them.
    pub(super) fn absent(&mut self, object: &'a Object, seen: &Seen) -> usize {
        let mut written = 0;
        for (index, field) in object.fields.iter().enumerate().filter(|(index, _)| !seen.contains(*index)) {
            match &object.fields[index].presence {
                Presence::Required => {
                    self.within(Step::Field(&field.name), |this| this.problem("required property is missing"));
                }
                Presence::Optional => {}
                Presence::Default { encoded, .. } => {
                    self.out.extend_from_slice(&field.key);
                    self.out.extend_from_slice(encoded);
                    written += 1;
                }
            }
        }
        written
    }
}

/// Which fields of an object were given.
#[derive(Default)]
pub(super) struct Seen {
    first: u64,
    others: Vec<usize>,
}

impl Seen {
    pub(super) fn contains(&self, index: usize) -> bool {
        if index < 64 { self.first & (1 << index) != 0 } else { self.others.contains(&index) }
    }

    pub(super) fn insert(&mut self, index: usize) {
        if index < 64 {
            self.first |= 1 << index;
        } else {
            self.others.push(index);
        }
    }
}

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
            Type::Any => self.reader.any_map(entries),
            other => {
                self.reader.mismatch(other, "object");
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// A seed for an item of a list; `None` is any.
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

    fn any_map<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        let header = put::header(&mut self.out, Container::Map);
        let mut length = 0;
        while let Some(key) = entries.next_key_seed(KeySeed { fields: &[], common: &[], next: 0 })? {
            if let Key::Other(name) = key {
                put::text(&mut self.out, &name);
                self.within(Step::Other(name), |this| entries.next_value_seed(this.item(None)))?;
                length += 1;
            }
        }
        header.complete(&mut self.out, length);
        Ok(())
    }
}

enum Key {
    Field(usize),
    Common(usize),
    Other(String),
}

/// Reads the name of a property.
struct KeySeed<'a> {
    fields: &'a [Field],
    common: &'a [&'a str],
    /// The field to expect: callers mostly follow the spec's order.
    next: usize,
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
        if self.fields.get(self.next).is_some_and(|field| field.name == name) {
            return Ok(Key::Field(self.next));
        }
        if let Some(index) = self.fields.iter().position(|field| field.name == name) {
            return Ok(Key::Field(index));
        }
        Ok(match self.common.iter().position(|common| *common == name) {
            Some(index) => Key::Common(index),
            None => Key::Other(name.to_owned()),
        })
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Key, E> {
        Ok(Key::Other(String::from_utf8_lossy(name).into_owned()))
    }

    fn visit_i64<E>(self, name: i64) -> Result<Key, E> {
        Ok(Key::Other(name.to_string()))
    }

    fn visit_u64<E>(self, name: u64) -> Result<Key, E> {
        Ok(Key::Other(name.to_string()))
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

/// What to say of a property that is not in the spec.
struct Unknown<'a> {
    object: &'a Object,
    common: &'a [&'a str],
    name: &'a str,
}

impl Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = || self.object.fields.iter().map(|field| field.name.as_str());
        // Long names are no misspellings, and comparing them is slow.
        let near = own().chain(self.common.iter().copied()).filter(|_| self.name.len() <= 64);
        let near = near.map(|known| (strsim::damerau_levenshtein(known, self.name), known)).min();
        match near {
            Some((distance, known)) if distance <= 1 + known.len() / 4 => {
                write!(f, "unknown property; did you mean `{known}`?")
            }
            _ if self.object.fields.is_empty() => f.write_str("unknown property; none is expected here"),
            _ => write!(f, "unknown property; expected `{}`", own().collect::<Vec<_>>().join("`, `")),
        }
    }
}

/// The values of an enum, in words.
struct OneOf<'a>(&'a [Choice]);

impl Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, choice) in self.0.iter().enumerate() {
            write!(f, "{}{:?}", if index == 0 { "" } else { ", " }, choice.value)?;
        }
        Ok(())
    }
}
