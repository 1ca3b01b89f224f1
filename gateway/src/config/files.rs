//! The files of a configuration: the main one, and those that it includes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use glob::{MatchOptions, Pattern};
use toml::de::{DeTable, DeValue};

use super::{
    InputFolder,
    mistake::{Mistake, Mistakes},
};

/// Names that start with a dot are nobody's configuration: editors put locks and copies there.
pub(super) const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A file that was read.
pub(super) struct File {
    /// As the operator named it.
    pub(super) path: PathBuf,
    /// The same without links and dots.
    real: PathBuf,
    pub(super) text: String,
    /// Where its text would start if all files stood one after the other.
    pub(super) start: usize,
    /// Where each of its lines starts.
    lines: Vec<usize>,
}

impl File {
    /// Line and column of a byte offset, both from 1; columns count characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        (line, self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1))
    }
}

/// What was read, and what could not be.
pub(super) struct Files {
    /// The main file first.
    pub(super) read: Vec<File>,
    /// Folders in which a file may appear that belongs to the configuration then.
    pub(super) folders: Vec<InputFolder>,
    pub(super) mistakes: Vec<Mistake>,
}

/// Reads the file at `main`, and what it includes.
///
/// # Errors
/// If the main file can't be read.
pub(super) fn read(main: &Path) -> Result<Files, Mistakes> {
    let read = main.canonicalize().and_then(|real| Ok((real, fs::read_to_string(main)?)));
    let (real, text) = read.map_err(|e| {
        let text = format!("the configuration can't be read: {e}; name another file with --config");
        Mistakes(vec![Mistake { file: main.to_owned(), position: None, path: String::new(), text }])
    })?;
    let mut files = Files { read: Vec::new(), folders: Vec::new(), mistakes: Vec::new() };
    let patterns = includes(&text);
    files.add(main.to_owned(), real, text);
    for (index, (pattern, offset)) in patterns.into_iter().enumerate() {
        if let Err(text) = files.include(main, &pattern) {
            let position = Some(files.read[0].position(offset));
            files.mistakes.push(Mistake { file: main.to_owned(), position, path: format!("include[{index}]"), text });
        }
    }
    Ok(files)
}

/// The patterns of `include`, with their places. What is wrong with them is told when the whole is read.
fn includes(text: &str) -> Vec<(String, usize)> {
    let (table, _) = DeTable::parse_recoverable(text);
    let Some(DeValue::Array(patterns)) = table.get_ref().get("include").map(toml::Spanned::get_ref) else {
        return Vec::new();
    };
    let pattern = |item: &toml::Spanned<DeValue<'_>>| Some((item.get_ref().as_str()?.to_owned(), item.span().start));
    patterns.iter().filter_map(pattern).collect()
}

impl Files {
    /// A file that stands for itself.
    pub(super) fn single(path: &Path) -> io::Result<Self> {
        Ok(Self::of_text(path, fs::read_to_string(path)?))
    }

    /// The same, with that text in it.
    pub(super) fn of_text(path: &Path, text: String) -> Self {
        let mut files = Self { read: Vec::new(), folders: Vec::new(), mistakes: Vec::new() };
        files.add(path.to_owned(), path.to_owned(), text);
        files
    }

    fn add(&mut self, path: PathBuf, real: PathBuf, text: String) {
        let start = self.read.last().map_or(0, |last| last.start + last.text.len() + 1);
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        self.read.push(File { path, real, text, start, lines });
    }

    /// Reads what a pattern stands for, in the order of names. A plain name has to exist.
    fn include(&mut self, main: &Path, pattern: &str) -> Result<(), String> {
        let base = main.parent().unwrap_or(Path::new(""));
        let paths = if pattern.contains(['*', '?', '[']) {
            let whole =
                Path::new(&Pattern::escape(base.to_str().ok_or("the folder's name is not UTF-8")?)).join(pattern);
            let whole = whole.to_str().unwrap_or_default();
            let found = glob::glob_with(whole, OPTIONS).map_err(|e| format!("this is no pattern: {e}"))?;
            let (folder, names) = pattern.rsplit_once('/').unwrap_or(("", pattern));
            self.folders.push(InputFolder { path: base.join(folder), names: names.to_owned() });
            found.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?
        } else {
            vec![base.join(pattern)]
        };
        for path in paths {
            let unreadable = |e| format!("{} can't be read: {e}", path.display());
            // One file may have several names: `./a.toml` is `a.toml`.
            let real = path.canonicalize().map_err(unreadable)?;
            if self.read.iter().any(|file| file.real == real) {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(unreadable)?;
            self.add(path, real, text);
        }
        Ok(())
    }
}
