//! A TOML file with the place of everything in it.

use std::path::Path;

use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};
use wicketgate_spec::read::{Checked, Problem, Rejected, Segment, Target};

use super::mistake::{Mistake, Mistakes};

/// A parsed file.
pub(super) struct Source<'t> {
    file: &'t Path,
    text: &'t str,
    tree: Spanned<DeValue<'t>>,
}

impl<'t> Source<'t> {
    /// Parses `text`, the content of `file`.
    pub(super) fn parse(file: &'t Path, text: &'t str) -> Result<Self, Mistakes> {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let (span, table) = (tree.span(), tree.into_inner());
        let source = Self { file, text, tree: Spanned::new(span, DeValue::Table(table)) };
        if errors.is_empty() {
            return Ok(source);
        }
        let mistake = |error: &toml::de::Error| Mistake {
            file: file.to_owned(),
            position: error.span().map(|span| source.position(span.start)),
            path: String::new(),
            text: format!("this is no TOML: {}", error.message()),
        };
        Err(Mistakes(errors.iter().map(mistake).collect()))
    }

    /// Reads what stands at `at` as `target`; problems are told as mistakes with their places.
    pub(super) fn read(&self, at: &[Segment], target: Target<'_>) -> Result<Checked, Vec<Mistake>> {
        let Some(value) = self.find(at) else {
            return Err(vec![self.mistake(at, "required property is missing")]);
        };
        let under = |problem: Problem| self.mistake(&[at, &problem.path].concat(), problem.text);
        target.value(ValueDeserializer::from(value.clone())).map_err(|rejected| match rejected {
            Rejected::Malformed(text) => vec![self.mistake(at, text)],
            Rejected::Problems { problems, more: 0 } => problems.into_iter().map(under).collect(),
            Rejected::Problems { problems, more } => {
                let rest = self.mistake(at, format!("and {more} more mistakes"));
                problems.into_iter().map(under).chain([rest]).collect()
            }
        })
    }

    /// A mistake about what stands, or should stand, at `path`.
    pub(super) fn mistake(&self, path: &[Segment], text: impl Into<String>) -> Mistake {
        let named = Problem { root: String::new(), path: path.to_vec(), text: String::new() };
        let position = Some(self.position(self.place(path)));
        Mistake { file: self.file.to_owned(), position, path: named.path(), text: text.into() }
    }

    /// How many items the list at `path` has; none if it is no list.
    pub(super) fn items_at(&self, path: &[Segment]) -> usize {
        self.find(path).and_then(|value| value.get_ref().as_array()).map_or(0, |items| items.len())
    }

    /// The text at `path`, if there is one.
    pub(super) fn text_at(&self, path: &[Segment]) -> Option<&str> {
        self.find(path)?.get_ref().as_str()
    }

    fn find(&self, path: &[Segment]) -> Option<&Spanned<DeValue<'t>>> {
        path.iter().try_fold(&self.tree, |value, segment| step(value, segment).map(|(_, inner)| inner))
    }

    /// Where `path` is: at the key, or as close to it as the file has something.
    fn place(&self, path: &[Segment]) -> usize {
        let (mut value, mut place) = (&self.tree, 0);
        for segment in path {
            let Some((at, inner)) = step(value, segment) else { break };
            (value, place) = (inner, at);
        }
        place
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One step down, with the place of the key or the item.
fn step<'v, 't>(value: &'v Spanned<DeValue<'t>>, segment: &Segment) -> Option<(usize, &'v Spanned<DeValue<'t>>)> {
    match (value.get_ref(), segment) {
        (DeValue::Table(table), Segment::Key(key)) => {
            table.get_key_value(key.as_str()).map(|(key, inner)| (key.span().start, inner))
        }
        (DeValue::Array(items), Segment::Index(index)) => items.get(*index).map(|inner| (inner.span().start, inner)),
        _ => None,
    }
}
