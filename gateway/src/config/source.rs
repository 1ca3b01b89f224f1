//! All files as one tree, with the place of everything in it.

use std::{cell::RefCell, path::Path};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue, ValueDeserializer},
};
use wicketgate_spec::read::{Checked, Problem, Rejected, Segment, Target};

use super::{
    files::{File, Files},
    mistake::{Mistake, Place},
};

/// The parsed files.
pub(super) struct Source<'t> {
    files: &'t [File],
    tree: Spanned<DeValue<'t>>,
    /// Those that are no TOML: what else is wrong with them is told when they are.
    broken: Vec<&'t Path>,
    /// Why they are none.
    syntax: Vec<Mistake>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'t> Source<'t> {
    /// Parses all files, and merges them: tables are united, lists of tables joined. What is wrong is noted.
    pub(super) fn parse(files: &'t Files) -> Self {
        let root = Spanned::new(0..0, DeValue::Table(DeTable::new()));
        let mistakes = RefCell::new(files.mistakes.clone());
        let mut source = Self { files: &files.read, tree: root, broken: Vec::new(), syntax: Vec::new(), mistakes };
        let mut merged = DeTable::new();
        for (index, file) in files.read.iter().enumerate() {
            let (table, errors) = DeTable::parse_recoverable(&file.text);
            for error in &errors {
                let position = Some(file.position(error.span().map_or(0, |span| span.start)));
                // What most often goes wrong: the backslashes of a regular expression.
                let hint =
                    if error.message().contains("escape") { "; in single quotes a `\\` is just itself" } else { "" };
                let text = format!("this is no TOML: {}{hint}", error.message());
                source.syntax.push(Mistake { file: file.path.clone(), position, path: String::new(), text });
            }
            if !errors.is_empty() {
                source.broken.push(&file.path);
            }
            let mut table = shifted_table(table.into_inner(), file.start);
            if index > 0
                && let Some((key, _)) = table.remove_entry("include")
            {
                source.note(key.span().start, "include".into(), "only the main file may include others".into());
            }
            source.merge(&mut merged, table, &mut Vec::new());
        }
        source.tree = Spanned::new(0..0, DeValue::Table(merged));
        source
    }

    fn merge(&self, into: &mut DeTable<'t>, from: DeTable<'t>, path: &mut Vec<Segment>) {
        for (key, value) in from {
            let name = key.get_ref().as_ref();
            path.push(name.into());
            let (offset, span) = (key.span().start, value.span());
            let present = into.get_key_value(name).map_or(0, |(key, _)| key.span().start);
            match (into.get_mut(name).map(Spanned::get_mut), value.into_inner()) {
                (None, value) => drop(into.insert(key, Spanned::new(span, value))),
                (Some(DeValue::Table(table)), DeValue::Table(more)) => self.merge(table, more, path),
                (Some(DeValue::Array(items)), DeValue::Array(more)) if is_joined(path) => {
                    more.into_iter().for_each(|item| items.push(item));
                }
                _ => {
                    let (file, (line, _)) = self.locate(present);
                    self.note(offset, text_of(path), format!("this is set in {}:{line} already", file.display()));
                }
            }
            path.pop();
        }
    }

    /// All that was noted so far. What concerns a broken file is left out, but that it is broken.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let told = |m: &Mistake| !self.broken.contains(&m.file.as_path());
        let mistakes = self.mistakes.into_inner().into_iter().filter(told);
        let mut mistakes: Vec<_> = mistakes.chain(self.syntax).collect();
        let order = |m: &Mistake| (self.files.iter().position(|file| file.path == m.file), m.position);
        mistakes.sort_by_key(order);
        mistakes
    }

    /// The root.
    pub(super) fn root(&self) -> At<'_, 't> {
        At { source: self, path: Vec::new() }
    }

    fn note(&self, offset: usize, path: String, text: String) {
        let (file, position) = self.locate(offset);
        let mistake = Mistake { file: file.to_owned(), position: Some(position), path, text };
        self.mistakes.borrow_mut().push(mistake);
    }

    /// The file, line and column of an offset.
    fn locate(&self, offset: usize) -> (&'t Path, (usize, usize)) {
        let file = self.files.iter().rev().find(|file| file.start <= offset).unwrap_or(&self.files[0]);
        (&file.path, file.position(offset - file.start))
    }
}

/// A place in the tree, whether anything stands there or not.
#[derive(Clone)]
pub(super) struct At<'s, 't> {
    source: &'s Source<'t>,
    path: Vec<Segment>,
}

impl<'s, 't> At<'s, 't> {
    /// What stands under `key`.
    pub(super) fn key(&self, key: &str) -> Self {
        Self { source: self.source, path: [&self.path[..], &[key.into()]].concat() }
    }

    /// The items, if this is a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'s, 't> {
        let length = self.find().and_then(|value| value.get_ref().as_array()).map_or(0, |items| items.len());
        let (source, path) = (self.source, self.path.clone());
        (0..length).map(move |index| Self { source, path: [&path[..], &[index.into()]].concat() })
    }

    /// The names, if this is a table.
    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> + use<'s, 't> {
        let table = self.find().and_then(|value| value.get_ref().as_table());
        table.into_iter().flat_map(|table| table.keys().map(|key| key.get_ref().as_ref()))
    }

    /// Whether anything stands here.
    pub(super) fn exists(&self) -> bool {
        self.find().is_some()
    }

    /// The value; `None` if there is none, or one of another type: that is told by reading the whole.
    pub(super) fn get<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(ValueDeserializer::from(self.find()?.clone())).ok()
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&'s str> {
        self.find()?.get_ref().as_str()
    }

    /// The path that is meant by the text here: relative to its file.
    pub(super) fn file(&self) -> Option<std::path::PathBuf> {
        let text = self.text()?;
        Some(self.base().join(text))
    }

    /// What relative paths are relative to.
    pub(super) fn base(&self) -> &'t Path {
        let (file, _) = self.source.locate(self.find().map_or(0, |value| value.span().start));
        file.parent().unwrap_or(Path::new(""))
    }

    /// Notes what is wrong here.
    pub(super) fn wrong(&self, text: impl Into<String>) {
        self.source.note(self.offset(), text_of(&self.path), text.into());
    }

    /// Notes what is wrong with a file of its own that is named here.
    pub(super) fn adopt(&self, mistakes: Vec<Mistake>) {
        self.source.mistakes.borrow_mut().extend(mistakes);
    }

    /// Where this is.
    pub(super) fn place(&self) -> Place {
        let (file, position) = self.source.locate(self.offset());
        Place { file: file.to_owned(), position, path: text_of(&self.path) }
    }

    /// Reads what stands here as `target`; notes all problems.
    pub(super) fn read(&self, target: Target<'_>) -> Option<Checked> {
        let Some(value) = self.find() else {
            self.wrong("required property is missing");
            return None;
        };
        let under = |problem: Problem| {
            let at = Self { source: self.source, path: [&self.path[..], &problem.path].concat() };
            at.wrong(problem.text);
        };
        match target.toml(ValueDeserializer::from(value.clone())) {
            Ok(checked) => return Some(checked),
            Err(Rejected::Malformed(text)) => self.wrong(text),
            Err(Rejected::Problems { problems, .. }) => problems.into_iter().for_each(under),
        }
        None
    }

    fn find(&self) -> Option<&'s Spanned<DeValue<'t>>> {
        self.path.iter().try_fold(&self.source.tree, |value, segment| step(value, segment).map(|(_, inner)| inner))
    }

    /// At the key, or as close to it as the files have something.
    fn offset(&self) -> usize {
        let (mut value, mut place) = (&self.source.tree, 0);
        for segment in &self.path {
            let Some((at, inner)) = step(value, segment) else { break };
            (value, place) = (inner, at);
        }
        place
    }
}

fn text_of(path: &[Segment]) -> String {
    Problem { root: String::new(), path: path.to_vec(), text: String::new() }.path()
}

/// Whether the lists of all files at this path are one.
fn is_joined(path: &[Segment]) -> bool {
    matches!(path, [Segment::Key(name)] if matches!(name.as_str(), "sites" | "actions" | "projects" | "mounts"))
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

/// A tree whose places count from the start of the first file.
fn shifted_table<'t>(table: DeTable<'t>, by: usize) -> DeTable<'t> {
    let key = |key: Spanned<DeString<'t>>| Spanned::new(key.span().start + by..key.span().end + by, key.into_inner());
    table.into_iter().map(|(name, value)| (key(name), shifted(value, by))).collect()
}

fn shifted(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = value.span().start + by..value.span().end + by;
    let moved = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(shifted_table(table, by)),
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| shifted(item, by)).collect()),
        other => other,
    };
    Spanned::new(span, moved)
}
