//! What the strict and the soft reader share: the output, the path, the problems.

use std::{fmt::Display, path::Path};

use serde::de::DeserializeSeed;
use serde_json::Value;

use super::{
    Checked, Limits, Lookup, Origin, Problem, Problems, Rejected, Segment, Target, put,
    put::Container,
    unique::Ranges,
    words::{Expected, Missing},
};
use crate::model::{Field, Graph, Object, Presence, Type, TypeId};

/// One reading.
pub(super) struct Reader<'a> {
    pub(super) graph: &'a Graph,
    pub(super) notation: Notation,
    pub(super) root: &'a str,
    common: &'a [&'a str],
    pub(super) out: Vec<u8>,
    /// The most that may be written: objects without any content still get their defaults.
    pub(super) limit: usize,
    pub(super) limits: Limits,
    pub(super) base: Option<&'a Path>,
    /// How much may still be set aside until a late tag says what it is.
    pub(super) aside: usize,
    /// What must not be there twice.
    pub(super) ranges: Ranges,
    problems: Problems,
    pub(super) found: Vec<(String, String)>,
}

/// How bytes are written there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// As text, in base64.
    Text,
    /// The same, and dates are a thing of their own.
    Toml,
    /// As they are.
    Binary,
}

/// A step of a path. It becomes a [`Segment`] only for a problem.
#[derive(Clone, Copy)]
pub(super) enum Step<'s> {
    Name(&'s str),
    /// The key that was written at that place of the output.
    Written(usize),
    Index(usize),
}

impl<'a> Reader<'a> {
    /// A reading of so many bytes of input.
    pub(super) fn new(target: &Target<'a>, notation: Notation, input: usize) -> Self {
        Self {
            graph: target.graph,
            notation,
            root: target.root,
            common: target.common,
            // Mostly enough for all of it; what is not used is not touched.
            out: Vec::with_capacity(256 + 2 * input),
            limit: (1 << 20) + 16 * input,
            limits: target.limits,
            base: target.base,
            aside: (1 << 20) + 16 * input,
            ranges: Ranges::default(),
            problems: Problems::new(target.problems),
            found: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<Checked, Rejected> {
        self.problems.into_result(Checked { value: self.out, common: self.found })
    }

    /// Notes a problem here.
    pub(super) fn problem(&mut self, text: impl Display) {
        let root = self.root;
        self.problems.push(|| Problem { root: root.to_owned(), path: Vec::new(), text: text.to_string() });
    }

    /// How many problems there are so far.
    pub(super) fn problem_count(&self) -> usize {
        self.problems.count()
    }

    /// Notes that a value is wrong, and writes null in its place: the output is thrown away in the end.
    pub(super) fn mismatch(&mut self, ty: &Type, got: impl Display) {
        let graph = self.graph;
        self.problem(format_args!("expected {}, got {got}", Expected { graph, ty }));
        put::null(&mut self.out);
    }

    /// Does something one step further down. Where that was is only told to the problems that come of it.
    pub(super) fn within<R>(&mut self, step: Step<'_>, work: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.problems.kept();
        let result = work(self);
        if self.problems.kept() > before {
            self.problems.lead(before, &self.segment(step));
        }
        result
    }

    #[cold]
    fn segment(&self, step: Step<'_>) -> Segment {
        let shown = |name: &str| Segment::Key(name.chars().take(64).collect());
        match step {
            Step::Name(name) => shown(name),
            Step::Written(at) => shown(&written(&self.out, at)),
            Step::Index(index) => Segment::Index(index),
        }
    }

    /// A text that belongs to the gateway rather than to the handler.
    pub(super) fn keep(&mut self, name: &str, value: &str) {
        self.found.push((name.to_owned(), value.to_owned()));
    }

    /// The common texts, for the outermost object: whoever asks first.
    pub(super) fn common(&mut self) -> &'a [&'a str] {
        std::mem::take(&mut self.common)
    }

    /// Does something with a field in the place where it is looked for.
    pub(super) fn at(&mut self, lookup: &Lookup, field: &Field, work: impl FnOnce(&mut Self)) {
        let root = self.root;
        self.root = lookup.label.unwrap_or(root);
        self.within(Step::Name(lookup.origin.name(field)), work);
        self.root = root;
    }

    /// Accounts for the fields that were not given; returns how many were written for them.
    pub(super) fn absent(&mut self, object: &'a Object, seen: &Seen, place: Place<'_>) -> usize {
        let mut written = 0;
        for (index, field) in object.fields.iter().enumerate().filter(|(index, _)| !seen.contains(*index)) {
            match &field.presence {
                Presence::Required if place.needs(index, field, self.graph) => match place {
                    Place::Each(lookups) => {
                        let (lookup, is_file) = (&lookups[index], self.graph.uploads(field.ty).is_some());
                        self.at(lookup, field, |this| this.problem(Missing { lookup, is_file }));
                    }
                    _ => self.within(Step::Name(&field.name), |this| this.problem("required property is missing")),
                },
                Presence::Required => {
                    self.out.extend_from_slice(&field.key);
                    put::header(&mut self.out, Container::List).complete(&mut self.out, 0);
                    written += 1;
                }
                Presence::Optional => {}
                Presence::Default { value, encoded } => {
                    self.out.extend_from_slice(&field.key);
                    self.default(field.ty, value, encoded);
                    written += 1;
                }
            }
        }
        written
    }

    /// What stands in for a value. Paths in it are as relative as if they had been given.
    fn default(&mut self, ty: TypeId, value: &Value, encoded: &[u8]) {
        if self.base.is_none() {
            self.out.extend_from_slice(encoded);
        } else if let Err(e) = self.seed(ty).deserialize(value) {
            // It was read once before, so that it fits.
            self.wrong(e);
        }
    }
}

/// A key, as people would write it.
fn written(out: &[u8], at: usize) -> String {
    match rmp_serde::from_slice::<serde_json::Value>(&out[at..]) {
        Ok(serde_json::Value::String(key)) => key,
        Ok(key) => key.to_string(),
        Err(_) => String::new(),
    }
}

/// Where the fields of an object are.
#[derive(Clone, Copy)]
pub(super) enum Place<'l> {
    /// In a body.
    Body,
    /// In a path or a query.
    Texts,
    /// Each in a place of its own.
    Each(&'l [Lookup]),
}

impl Place<'_> {
    fn needs(self, index: usize, field: &Field, graph: &Graph) -> bool {
        match self {
            Self::Body => true,
            Self::Texts => Origin::Query.needs(field, graph),
            Self::Each(lookups) => lookups[index].origin.needs(field, graph),
        }
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
