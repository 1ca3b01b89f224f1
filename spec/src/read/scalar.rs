//! Single values, checked against the types that take them and written.

use std::{fmt::Display, path::Path};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::{
    put,
    reader::{Notation, Reader},
    words::Quoted,
};
use crate::model::{Choice, Format, Kind, Length, Text, Type, Union};

impl<'a> Reader<'a> {
    /// The branch of a union that takes values of that kind.
    pub(super) fn branch(&self, union: &Union, kind: Kind) -> Option<&'a Type> {
        union.branch(kind).map(|branch| self.graph.strip(branch).0)
    }

    /// The type for a container of that kind: one branch, if there are several.
    pub(super) fn container(&self, ty: &'a Type, kind: Kind) -> &'a Type {
        match ty {
            Type::Union(union) => self.branch(union, kind).map_or(ty, |branch| self.container(branch, kind)),
            other => other,
        }
    }

    /// Null, where it is not allowed beside another type.
    pub(super) fn null(&mut self, ty: &Type) {
        let is_null =
            |ty: &Type| matches!(ty, Type::Enum(choices) if choices.iter().any(|choice| choice.value.is_null()));
        let takes = match ty {
            Type::Any => true,
            Type::Union(union) => union.branches.iter().any(|branch| {
                let (ty, nullable) = self.graph.strip(*branch);
                nullable || is_null(ty)
            }),
            other => is_null(other),
        };
        if takes { put::null(&mut self.out) } else { self.mismatch(ty, "null") }
    }

    /// A bool.
    pub(super) fn bool(&mut self, ty: &'a Type, value: bool) {
        match ty {
            Type::Bool | Type::Any => put::bool(&mut self.out, value),
            Type::Enum(choices) if choices.iter().any(|choice| choice.value == Value::Bool(value)) => {
                put::bool(&mut self.out, value);
            }
            Type::Union(union) => match self.branch(union, Kind::Bool) {
                Some(branch) => self.bool(branch, value),
                None => self.mismatch(ty, "bool"),
            },
            other => self.mismatch(other, "bool"),
        }
    }

    /// A whole number.
    pub(super) fn int(&mut self, ty: &'a Type, value: i128) {
        match ty {
            Type::Int { min, max, .. } if value < *min || value > *max => {
                self.wrong(format_args!("expected int from {min} to {max}, got {value}"));
            }
            Type::Int { step, .. } if *step != 1 && value % step != 0 => {
                self.wrong(format_args!("expected a multiple of {step}, got {value}"));
            }
            Type::Any if i64::try_from(value).is_err() && u64::try_from(value).is_err() => {
                self.mismatch(ty, "a larger int");
            }
            Type::Int { .. } | Type::Any => put::int(&mut self.out, value),
            // Above 2^53 this rounds, as JSON's own readers do.
            Type::Float(_) => self.float(ty, value as f64),
            Type::Enum(choices) if choices.iter().any(|choice| is_int(&choice.value, value)) => {
                put::int(&mut self.out, value);
            }
            Type::Union(union) => match self.branch(union, Kind::Int) {
                Some(branch) => self.int(branch, value),
                None => self.mismatch(ty, "int"),
            },
            Type::Enum(choices) if Choice::kind(choices) == "int" => self.mismatch(ty, value),
            other => self.mismatch(other, "int"),
        }
    }

    /// A floating-point number.
    pub(super) fn float(&mut self, ty: &'a Type, value: f64) {
        match ty {
            // MsgPack can say what JSON can't, and what no reply could repeat.
            Type::Float(_) | Type::Any if !value.is_finite() => self.mismatch(ty, value),
            Type::Any => put::float(&mut self.out, value),
            Type::Float(bounds) if bounds.holds(value) => put::float(&mut self.out, value),
            Type::Float(bounds) => self.wrong(format_args!("expected {bounds}, got {value}")),
            Type::Union(union) => match self.branch(union, Kind::Float) {
                Some(branch) => self.float(branch, value),
                None => self.mismatch(ty, "float"),
            },
            other => self.mismatch(other, "float"),
        }
    }

    /// A text.
    pub(super) fn text(&mut self, ty: &'a Type, value: &str) {
        if self.is_too_long(value.len()) {
            return;
        }
        match ty {
            Type::Any | Type::Str(Text { length: Length::ANY, pattern: None, format: None }) => {
                put::text(&mut self.out, value);
            }
            Type::Str(text) => match misfit(text, value) {
                None if text.format == Some(Format::Path) => self.path(value),
                None => put::text(&mut self.out, value),
                Some(problem) => self.wrong(problem),
            },
            Type::Enum(choices) => match choices.iter().find(|choice| choice.is(value)) {
                Some(choice) => self.out.extend_from_slice(&choice.encoded),
                None => self.mismatch(ty, Quoted(value)),
            },
            Type::Bytes if self.notation != Notation::Binary => match base64(value) {
                Some(bytes) => put::bytes(&mut self.out, &bytes),
                None => self.wrong(format_args!("expected bytes in base64, got {}", Quoted(value))),
            },
            Type::Union(union) => match self.branch(union, Kind::Str) {
                Some(branch) => self.text(branch, value),
                None => self.mismatch(ty, "str"),
            },
            other => self.mismatch(other, "str"),
        }
    }

    /// A path, which starts at the folder of its file if there is one.
    fn path(&mut self, value: &str) {
        let path = self.base.map(|base| base.join(value));
        match path.as_deref().map_or(Some(value), Path::to_str) {
            Some(path) => put::text(&mut self.out, path),
            None => self.wrong("expected a path whose folders all have names in UTF-8"),
        }
    }

    /// Bytes.
    pub(super) fn bytes(&mut self, ty: &'a Type, value: &[u8]) {
        if self.is_too_long(value.len()) {
            return;
        }
        match ty {
            Type::Bytes => put::bytes(&mut self.out, value),
            // No JSON could say it.
            Type::Any => self.wrong("expected any value of JSON, got bytes"),
            Type::Union(union) => match self.branch(union, Kind::Bytes) {
                Some(branch) => self.bytes(branch, value),
                None => self.mismatch(ty, "bytes"),
            },
            other => self.mismatch(other, "bytes"),
        }
    }

    /// Whether a text of so many bytes is too long, which is noted.
    fn is_too_long(&mut self, length: usize) -> bool {
        let limit = self.limits.text;
        if length > limit {
            self.wrong(format_args!("expected at most {limit} bytes, got {length}"));
        }
        length > limit
    }

    /// Notes a problem, and writes null in the value's place.
    pub(super) fn wrong(&mut self, problem: impl Display) {
        self.problem(problem);
        put::null(&mut self.out);
    }
}

fn is_int(choice: &Value, value: i128) -> bool {
    choice.as_i64().map(i128::from).or(choice.as_u64().map(i128::from)) == Some(value)
}

/// What is wrong with a text, if anything is.
fn misfit(text: &Text, value: &str) -> Option<String> {
    let Text { length, pattern, format } = text;
    if *length != Length::ANY {
        let count = value.chars().count();
        if !length.holds(count) {
            return Some(format!("expected {}, got {count}", length.of("character", "characters")));
        }
    }
    if let Some(format) = format.filter(|format| !format.holds(value)) {
        return Some(format!("expected {}, got {}", format.words(), Quoted(value)));
    }
    let pattern = pattern.as_ref().filter(|pattern| !pattern.is_match(value))?;
    Some(format!("expected a text that matches {pattern}, got {}", Quoted(value)))
}

/// The bytes that are written in base64 (RFC 4648), in either alphabet, padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let (padded, url) = (text.ends_with('='), text.contains(['-', '_']));
    let engine = match (url, padded || text.len().is_multiple_of(4)) {
        (false, true) => &STANDARD,
        (false, false) => &STANDARD_NO_PAD,
        (true, true) => &URL_SAFE,
        (true, false) => &URL_SAFE_NO_PAD,
    };
    engine.decode(text).ok()
}
