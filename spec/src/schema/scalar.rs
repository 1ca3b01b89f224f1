//! Numbers, texts, and values that stand for themselves.

use regex::Regex;
use serde_json::Value;

use super::{Compiler, Keywords, aliases, doc, text};
use crate::{
    model::{Bounds, Choice, Format, Text, Type, TypeId},
    read::put,
};

impl<'a> Compiler<'a> {
    pub(super) fn null(&mut self, schema: &Keywords) -> TypeId {
        self.allow(schema, &["type"]);
        let null = choice(&Value::Null, &Value::Null);
        self.graph.add(Type::Enum(null.into_iter().collect()))
    }

    pub(super) fn boolean(&mut self, schema: &Keywords) -> TypeId {
        self.allow(schema, &["type"]);
        self.graph.add(Type::Bool)
    }

    pub(super) fn integer(&mut self, schema: &Keywords) -> TypeId {
        let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
        self.allow(schema, &[&["type", "format"][..], &bounds].concat());
        // schemars writes a width as `format` alone.
        let (min, max) = match text(schema, "format").unwrap_or("int64") {
            "int8" => (i8::MIN.into(), i8::MAX.into()),
            "int16" => (i16::MIN.into(), i16::MAX.into()),
            "int32" => (i32::MIN.into(), i32::MAX.into()),
            "int64" | "int" => (i64::MIN.into(), i64::MAX.into()),
            "uint8" => (0, u8::MAX.into()),
            "uint16" => (0, u16::MAX.into()),
            "uint32" => (0, u32::MAX.into()),
            "uint64" | "uint" => (0, u64::MAX.into()),
            other if Format::of(other).is_some() => return self.error(format!("`{other}` is a format of texts")),
            other => {
                return self.error(format!("integers of format `{other}` are not supported; use i64 or u64 at most"));
            }
        };
        let [low, high, above, below, step] = bounds.map(|key| self.whole(schema, key));
        let min = [Some(min), low, above.map(|above| above + 1)].into_iter().flatten().max().unwrap_or(min);
        let max = [Some(max), high, below.map(|below| below - 1)].into_iter().flatten().min().unwrap_or(max);
        let step = step.unwrap_or(1);
        if min > max || step < 1 {
            return self.error("no whole number fits these bounds");
        }
        self.graph.add(Type::Int { min, max, step })
    }

    /// A bound that is a whole number.
    fn whole(&mut self, schema: &Keywords, key: &str) -> Option<i128> {
        let value = schema.get(key)?;
        let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
        if whole.is_none() {
            self.error(format!("`{key}` is {value}, which is no whole number"));
        }
        whole
    }

    pub(super) fn number(&mut self, schema: &Keywords) -> TypeId {
        self.allow(schema, &["type", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
        let single = match text(schema, "format") {
            Some("float") => true,
            Some("double") | None => false,
            Some(other) => return self.error(format!("numbers of format `{other}` are not supported")),
        };
        let mut bound = |key: &str, exclusive: bool| {
            let value = schema.get(key)?;
            let number = value.as_f64();
            if number.is_none() {
                self.error(format!("`{key}` is {value}, which is no number"));
            }
            Some((number?, exclusive))
        };
        let (low, above) = (bound("minimum", false), bound("exclusiveMinimum", true));
        let (high, below) = (bound("maximum", false), bound("exclusiveMaximum", true));
        // The stricter one of two.
        let min = match (low, above) {
            (Some(low), Some(above)) => Some(if low.0 > above.0 { low } else { above }),
            (low, above) => low.or(above),
        };
        let max = match (high, below) {
            (Some(high), Some(below)) => Some(if high.0 < below.0 { high } else { below }),
            (high, below) => high.or(below),
        };
        self.graph.add(Type::Float(Bounds { min, max, single }))
    }

    pub(super) fn string(&mut self, schema: &Keywords) -> TypeId {
        if let Some(encoding) = text(schema, "contentEncoding") {
            self.allow(schema, &["type", "contentEncoding", "contentMediaType"]);
            return match encoding {
                "base64" => self.graph.add(Type::Bytes),
                other => self.error(format!("texts encoded as `{other}` are not supported; use base64")),
            };
        }
        self.allow(schema, &["type", "format", "minLength", "maxLength", "pattern"]);
        if text(schema, "format") == Some("upload") {
            let max = self.count(schema, "maxLength");
            return self.graph.add(Type::Upload { max });
        }
        let length = self.length(schema, "minLength", "maxLength");
        let format = match text(schema, "format") {
            None => None,
            Some(name) => match Format::of(name) {
                Some(format) => Some(format),
                None => {
                    let known: Vec<_> = Format::names().collect();
                    return self
                        .error(format!("texts of format `{name}` are not supported; there are: {}", known.join(", ")));
                }
            },
        };
        let pattern = match text(schema, "pattern").map(Regex::new) {
            None => None,
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(e)) => return self.error(format!("the pattern is none of the `regex` crate: {e}")),
        };
        self.graph.add(Type::Str(Text { length, pattern, format }))
    }

    /// `const` or `enum`: these values and no others.
    pub(super) fn literals(&mut self, schema: &'a Keywords) -> TypeId {
        self.allow(schema, &["type", "format", "const", "enum", "minimum", "maximum"]);
        let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let values: Vec<_> = listed.chain(schema.get("const")).collect();
        let nullable = values.len() > 1 && values.iter().any(|value| value.is_null());
        let values = values.into_iter().filter(|value| !(nullable && value.is_null()));
        let Some(choices) = values.map(|value| choice(value, &Value::Null)).collect::<Option<Vec<_>>>() else {
            return self.error("the values of an enum are texts, whole numbers, bools or null");
        };
        let id = self.graph.add(Type::Enum(choices));
        if nullable { self.graph.add(Type::Optional(id)) } else { id }
    }
}

/// A value of an enum; `about` is the schema that describes it.
pub(super) fn choice(value: &Value, about: &Value) -> Option<Choice> {
    let mut encoded = Vec::new();
    match value {
        Value::Null => put::null(&mut encoded),
        Value::Bool(value) => put::bool(&mut encoded, *value),
        Value::Number(number) => {
            put::int(&mut encoded, number.as_i64().map(i128::from).or(number.as_u64().map(i128::from))?);
        }
        Value::String(text) => put::text(&mut encoded, text),
        Value::Array(_) | Value::Object(_) => return None,
    }
    Some(Choice { value: value.clone(), aliases: aliases(about), doc: doc(about), encoded })
}
