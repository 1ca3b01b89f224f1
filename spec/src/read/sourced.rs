//! Objects whose fields come from several places of a request: path, query, headers, cookies, a form and a body.

use std::borrow::Cow;

use rmp::Marker;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::{
    MAX_DEPTH, SoftValue,
    put::{self, Container},
    reader::{Notation, Reader, Seen, Step},
};
use crate::model::{Field, Object, Type, TypeId};

/// Where a field is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The place.
    pub origin: Origin,
    /// What paths of problems start with; `None`: what those of the body start with.
    pub label: Option<&'static str>,
}

/// A place of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A placeholder of the path.
    Path,
    /// The query.
    Query,
    /// All of the query that no other field takes; of several of a name the last.
    Rest,
    /// The header of that name.
    Header(String),
    /// The cookie of that name.
    Cookie(String),
    /// A posted form.
    Form,
    /// The body.
    Body,
}

/// The texts of a header or of a cookie, none if it is not there.
pub type Texts<'t> = dyn Fn(&Origin) -> Result<Vec<Cow<'t, str>>, NoText> + 't;

/// What a request holds, unread, but for its headers and cookies.
#[derive(Default)]
pub struct Inputs<'t> {
    /// Values of the path.
    pub path: Vec<SoftValue<'t>>,
    /// Values of the query.
    pub query: Vec<SoftValue<'t>>,
    /// Values of a form.
    pub form: Vec<SoftValue<'t>>,
    /// Whether a file of the form is there, or may come.
    pub has_files: bool,
    /// The body.
    pub body: Body<'t>,
}

/// A header that is no UTF-8.
#[derive(Debug)]
pub struct NoText;

/// A body, unread.
#[derive(Clone, Copy, Debug, Default)]
pub enum Body<'t> {
    /// None.
    #[default]
    None,
    /// JSON.
    Json(&'t str),
    /// MsgPack.
    MsgPack(&'t [u8]),
}

impl Body<'_> {
    /// How many bytes it has.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Json(text) => text.len(),
            Self::MsgPack(bytes) => bytes.len(),
        }
    }

    /// How bytes are written in it.
    pub(super) const fn notation(&self) -> Notation {
        if let Self::MsgPack(_) = self { Notation::Binary } else { Notation::Text }
    }

    fn is_object(&self) -> bool {
        match self {
            Self::None => true,
            Self::Json(text) => text.trim_ascii_start().starts_with('{'),
            Self::MsgPack(bytes) => bytes.first().is_some_and(|first| {
                matches!(Marker::from_u8(*first), Marker::FixMap(_) | Marker::Map16 | Marker::Map32)
            }),
        }
    }
}

impl Origin {
    /// The place in words.
    pub(super) const fn what(&self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query | Self::Rest => "query",
            Self::Header(_) => "headers",
            Self::Cookie(_) => "cookies",
            Self::Form => "form",
            Self::Body => "body",
        }
    }

    /// What a field is called there.
    pub(crate) fn name<'n>(&'n self, field: &'n Field) -> &'n str {
        match self {
            Self::Header(name) | Self::Cookie(name) => name,
            _ => &field.name,
        }
    }
}

/// What there is for a field.
enum Found<'i> {
    Texts(Cow<'i, [Cow<'i, str>]>),
    Rest(Vec<&'i SoftValue<'i>>),
    NoText,
}

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
            let mut places = [&inputs.path, &inputs.query, &inputs.form].into_iter();
            let value = places.find_map(|values| find(values, name));
            if let Some(text) = value.and_then(|value| value.texts.first()) {
                self.keep(name, text);
            }
        }
        if !inputs.body.is_object() {
            return self.no_object(ty, inputs.body);
        }
        length += self.read_body(object, common, &mut seen, lookups, inputs.body)?;
        length += self.absent(object, &seen, Some(lookups));
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
        let is_taken = |value: &&SoftValue<'_>| {
            let is = |other: &str| other.eq_ignore_ascii_case(&value.name);
            let mut names = object.fields.iter().flat_map(|field| field.aliases.iter().chain([&field.name]));
            names.any(|name| is(name)) || common.iter().any(|name| is(name))
        };
        let root = self.root;
        self.root = lookup.label.unwrap_or(root);
        let mut written = 0;
        for value in values.iter().filter(|value| !is_taken(value)) {
            put::text(&mut self.out, &value.name);
            self.within(Step::Name(&value.name), |this| this.soft_value(ty, &value.texts));
            written += 1;
        }
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
        let Type::Map { value: of, length, .. } = self.graph.strip(ty).0 else {
            return self.wrong("only a map can take the rest of a query");
        };
        let header = put::header(&mut self.out, Container::Map);
        for value in values {
            put::text(&mut self.out, &value.name);
            let last = &value.texts[value.texts.len() - 1..];
            self.within(Step::Name(&value.name), |this| this.soft_value(*of, last));
        }
        header.complete(&mut self.out, values.len());
        if !length.holds(values.len()) {
            self.problem(format_args!("expected {}, got {}", length.of("entry", "entries"), values.len()));
        }
    }
}

impl<'t> Inputs<'t> {
    /// What there is for the field of that index.
    fn find<'i>(
        &'i self,
        object: &Object,
        lookups: &[Lookup],
        index: usize,
        common: &[&str],
        texts: &Texts<'i>,
    ) -> Option<Found<'i>> {
        let field = &object.fields[index];
        let named = |values: &'i [SoftValue<'t>]| {
            let mut names = [&field.name].into_iter().chain(&field.aliases);
            names.find_map(|name| find(values, name)).map(|value| Found::Texts(Cow::Borrowed(&value.texts)))
        };
        match &lookups[index].origin {
            Origin::Path => named(&self.path),
            Origin::Query => named(&self.query),
            Origin::Form => named(&self.form),
            Origin::Body => None,
            origin @ (Origin::Header(_) | Origin::Cookie(_)) => match texts(origin) {
                Ok(texts) if texts.is_empty() => None,
                Ok(texts) => Some(Found::Texts(Cow::Owned(texts))),
                Err(NoText) => Some(Found::NoText),
            },
            Origin::Rest => {
                let is_taken = |name: &str| {
                    let is = |other: &str| other.eq_ignore_ascii_case(name);
                    let fields = object.fields.iter().zip(lookups);
                    let mut fields = fields.filter(|(_, lookup)| matches!(lookup.origin, Origin::Path | Origin::Query));
                    fields.any(|(field, _)| is(&field.name) || field.aliases.iter().any(|alias| is(alias)))
                        || common.iter().any(|common| is(common))
                };
                Some(Found::Rest(self.query.iter().filter(|value| !is_taken(&value.name)).collect()))
            }
        }
    }
}

/// The value of that name, in whatever case.
fn find<'v, 't>(values: &'v [SoftValue<'t>], name: &str) -> Option<&'v SoftValue<'t>> {
    values.iter().find(|value| value.name.eq_ignore_ascii_case(name))
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
