//! The soft reader: texts from a path or a query, turned into the values that the types ask for.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    put::{self, Container},
    reader::{Place, Reader, Seen, Step},
    words::Quoted,
};
use crate::model::{Kind, Length, Object, Type, TypeId, Union};

/// A named text, or several under one name.
#[derive(Clone, Debug)]
pub struct SoftValue<'t> {
    /// As the caller wrote it.
    pub name: Cow<'t, str>,
    /// At least one. A list takes all of them, any other type the first.
    pub texts: Vec<Cow<'t, str>>,
}

impl<'a> Reader<'a> {
    /// Reads an object whose fields are among `values`.
    pub(super) fn read_soft(&mut self, ty: TypeId, values: &[SoftValue<'_>]) {
        let Type::Object(object) = self.graph.get(ty) else {
            return self.problem("only an object can be read from a path or a query");
        };
        let find = |name: &str| values.iter().find(|value| value.name.eq_ignore_ascii_case(name));
        let header = put::header(&mut self.out, Container::Map);
        let (mut seen, mut length) = (Seen::default(), 0);
        for (index, field) in object.fields.iter().enumerate() {
            let names = [&field.name].into_iter().chain(&field.aliases);
            if let Some(value) = names.into_iter().find_map(|name| find(name)) {
                seen.insert(index);
                self.out.extend_from_slice(&field.key);
                self.within(Step::Name(&field.name), |this| this.soft_value(field.ty, &value.texts));
                length += 1;
            }
        }
        let common = self.common();
        if let Some(rest) = object.rest {
            length += self.flattened(object, rest, values, common);
        }
        for name in common {
            if let Some(text) = find(name).and_then(|value| value.texts.first()) {
                self.keep(name, text);
            }
        }
        length += self.absent(object, &seen, Place::Texts);
        header.complete(&mut self.out, length);
    }

    /// The values that are no field's, of a type into which names of all kinds are flattened; returns how many were written.
    pub(super) fn flattened(
        &mut self,
        object: &Object,
        ty: TypeId,
        values: &[SoftValue<'_>],
        common: &[&str],
    ) -> usize {
        let is_taken = |value: &&SoftValue<'_>| {
            object.fields.iter().any(|field| field.is_called(&value.name))
                || common.iter().any(|common| common.eq_ignore_ascii_case(&value.name))
        };
        let mut written = 0;
        for value in values.iter().filter(|value| !is_taken(value)) {
            put::text(&mut self.out, &value.name);
            self.within(Step::Name(&value.name), |this| this.soft_value(ty, &value.texts));
            written += 1;
        }
        written
    }

    pub(super) fn soft_value(&mut self, ty: TypeId, texts: &[Cow<'_, str>]) {
        let ty = self.graph.strip(ty).0;
        match ty {
            Type::List { item, length, unique } => self.soft_list(|_| Some(*item), *length, *unique, texts),
            Type::Tuple(types) => {
                let length = Length { min: types.len(), max: types.len() };
                self.soft_list(|index| types.get(index).copied(), length, false, texts);
            }
            ty => self.soft_text(ty, texts.first().map_or("", |text| text)),
        }
    }

    fn soft_list(
        &mut self,
        ty: impl Fn(usize) -> Option<TypeId>,
        length: Length,
        unique: bool,
        texts: &[Cow<'_, str>],
    ) {
        let header = put::header(&mut self.out, Container::List);
        let (begin, mut count) = (self.ranges.begin(), 0);
        for text in texts.iter().flat_map(|text| items(text)) {
            // Too many items are a problem of the list.
            if let Some(ty) = ty(count) {
                let start = self.out.len();
                self.within(Step::Index(count), |this| this.soft_text(this.graph.strip(ty).0, text));
                if unique {
                    self.ranges.add(start..self.out.len());
                }
            }
            count += 1;
        }
        header.complete(&mut self.out, count);
        if self.ranges.end(begin, &self.out).is_some() {
            self.problem("expected items that differ, but one is there twice");
        }
        if !length.holds(count) {
            self.problem(format_args!("expected {}, got {count}", length.of("item", "items")));
        }
    }

    fn soft_text(&mut self, ty: &'a Type, text: &str) {
        match ty {
            Type::Bool => match truth(text) {
                Some(value) => put::bool(&mut self.out, value),
                None => self.mismatch(ty, Quoted(text)),
            },
            Type::Int { .. } => match text.parse::<i128>() {
                Ok(value) => self.int(ty, value),
                Err(_) => self.mismatch(ty, Quoted(text)),
            },
            Type::Float(_) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => self.float(ty, value),
                _ => self.mismatch(ty, Quoted(text)),
            },
            Type::Enum(choices) => {
                match choices.iter().find(|choice| choice.is(text) || is_text_of(&choice.value, text)) {
                    Some(choice) => self.out.extend_from_slice(&choice.encoded),
                    None => self.mismatch(ty, Quoted(text)),
                }
            }
            Type::Str(_) | Type::Bytes | Type::Any => self.text(ty, text),
            Type::Union(union) => match self.soft_branch(union, text) {
                Some(branch) => self.soft_text(branch, text),
                None => self.mismatch(ty, Quoted(text)),
            },
            _ => self.mismatch(ty, Quoted(text)),
        }
    }

    /// The type that a text looks like.
    fn soft_branch(&self, union: &'a Union, text: &str) -> Option<&'a Type> {
        let like = |kind: Kind| match kind {
            Kind::Int => is_whole(text),
            Kind::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
            Kind::Bool => truth(text).is_some(),
            Kind::Str => true,
            Kind::Bytes | Kind::List | Kind::Object => false,
        };
        let kinds = [Kind::Int, Kind::Float, Kind::Bool, Kind::Str];
        let mut fitting = kinds.into_iter().filter(|kind| like(*kind));
        fitting.find_map(|kind| union.branch(kind)).map(|branch| self.graph.strip(branch).0)
    }
}

/// The items of a list: separated by commas and trimmed. The empty text is the empty list.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let all = if text.is_empty() { None } else { Some(text.split(',').map(str::trim)) };
    all.into_iter().flatten()
}

/// Whether it is written like a whole number, however large.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether that text means a value that is no text.
fn is_text_of(value: &Value, text: &str) -> bool {
    match value {
        Value::Bool(value) => truth(text) == Some(*value),
        Value::Number(number) => number.to_string() == text,
        _ => false,
    }
}

fn truth(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "1", "yes", "on"]) {
        return Some(true);
    }
    is(["false", "0", "no", "off"]).then_some(false)
}
