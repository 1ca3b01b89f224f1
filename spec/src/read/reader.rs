//! What the strict and the soft reader share: the output, the path, the problems.

use std::fmt::Display;

use super::{
    Checked, Problem, Problems, Rejected, Segment, Target, put,
    words::{OneOf, Quoted},
};
use crate::model::{Graph, Object, Presence, Type};

/// One reading.
pub(super) struct Reader<'a> {
    pub(super) graph: &'a Graph,
    root: &'a str,
    common: &'a [&'a str],
    pub(super) out: Vec<u8>,
    /// The most that may be written: objects without any content still get their defaults.
    pub(super) limit: usize,
    path: Vec<Step<'a>>,
    problems: Problems,
    pub(super) found: Vec<(String, String)>,
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
            problems: Problems::new(target.problems),
            found: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<Checked, Rejected> {
        self.problems.into_result(Checked { value: self.out, common: self.found })
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
        for (_, field) in object.fields.iter().enumerate().filter(|(index, _)| !seen.contains(*index)) {
            match &field.presence {
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
