//! The soft reader: texts from a path or a query, turned into the values that the types ask for.

use std::borrow::Cow;

use super::{
    put::{self, Container},
    reader::{Reader, Seen, Step},
    words::Quoted,
};
use crate::model::{Type, TypeId};

/// A named text, or several under one name.
#[derive(Clone, Debug)]
pub struct SoftValue<'t> {
    /// As the caller wrote it.
    pub name: Cow<'t, str>,
    /// At least one. A list takes all of them, any other type the first.
    pub texts: Vec<Cow<'t, str>>,
}

impl Reader<'_> {
    /// Reads an object whose fields are among `values`.
    pub(super) fn read_soft(&mut self, ty: TypeId, values: &[SoftValue<'_>]) {
        let Type::Object(object) = self.graph.get(ty) else {
            return self.problem("only an object can be read from a path or a query");
        };
        let find = |name: &str| values.iter().find(|value| value.name.eq_ignore_ascii_case(name));
        let header = put::header(&mut self.out, Container::Map);
        let (mut seen, mut length) = (Seen::default(), 0);
        for (index, field) in object.fields.iter().enumerate() {
            if let Some(value) = find(&field.name) {
                seen.insert(index);
                self.out.extend_from_slice(&field.key);
                self.within(Step::Field(&field.name), |this| this.soft_value(field.ty, &value.texts));
                length += 1;
            }
        }
        for name in self.common() {
            if let Some(text) = find(name).and_then(|value| value.texts.first()) {
                self.keep(name, text);
            }
        }
        length += self.absent(object, &seen);
        header.complete(&mut self.out, length);
    }

    fn soft_value(&mut self, ty: TypeId, texts: &[Cow<'_, str>]) {
        match self.graph.strip(ty).0 {
            Type::List(item) => {
                let header = put::header(&mut self.out, Container::List);
                let mut length = 0;
                for text in texts.iter().flat_map(|text| items(text)) {
                    self.within(Step::Index(length), |this| this.soft_text(this.graph.strip(*item).0, text));
                    length += 1;
                }
                header.complete(&mut self.out, length);
            }
            ty => self.soft_text(ty, texts.first().map_or("", |text| text)),
        }
    }

    fn soft_text(&mut self, ty: &Type, text: &str) {
        match ty {
            Type::Bool => match truth(text) {
                Some(value) => put::bool(&mut self.out, value),
                None => self.mismatch(ty, Quoted(text)),
            },
            Type::Int { .. } => match text.parse::<i128>() {
                Ok(value) => self.int(ty, value),
                Err(_) => self.mismatch(ty, Quoted(text)),
            },
            Type::Float => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => put::float(&mut self.out, value),
                _ => self.mismatch(ty, Quoted(text)),
            },
            Type::Str | Type::Enum(_) | Type::Any => self.text(ty, text),
            Type::List(_) | Type::Map(_) | Type::Optional(_) | Type::Object(_) => self.mismatch(ty, Quoted(text)),
        }
    }
}

/// The items of a list: separated by commas and trimmed. The empty text is the empty list.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let all = if text.is_empty() { None } else { Some(text.split(',').map(str::trim)) };
    all.into_iter().flatten()
}

fn truth(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "1", "yes", "on"]) {
        return Some(true);
    }
    is(["false", "0", "no", "off"]).then_some(false)
}
