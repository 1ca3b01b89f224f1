//! What is wrong with a value, and where.

use std::fmt::{self, Write};

/// One wrong thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What the path starts with, such as `params`; may be empty.
    pub root: String,
    /// The way from there.
    pub path: Vec<Segment>,
    /// What was expected and what there is.
    pub text: String,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A property.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Problem {
    /// The path as text, such as `params.bbox[2]`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut text = self.root.clone();
        for segment in &self.path {
            // Writing to a string can't fail.
            let _ = match segment {
                Segment::Key(key) if text.is_empty() => write!(text, "{key}"),
                Segment::Key(key) => write!(text, ".{key}"),
                Segment::Index(index) => write!(text, "[{index}]"),
            };
        }
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.text)
    }
}

/// All problems in one line.
pub(super) fn summary(problems: &[Problem], more: usize) -> String {
    let mut text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if more > 0 {
        let _ = write!(text, "; and {more} more");
    }
    text
}

/// Problems as they are found: bounded, since the input is a stranger's.
pub(super) struct Problems {
    kept: Vec<Problem>,
    more: usize,
    most: usize,
}

impl Problems {
    /// Keeps so many problems at most.
    pub(super) const fn new(most: usize) -> Self {
        Self { kept: Vec::new(), more: 0, most }
    }

    /// How many there are, kept or not.
    pub(super) fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// How many are kept.
    pub(super) fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Puts a step before the paths of those since `from`.
    pub(super) fn lead(&mut self, from: usize, segment: &Segment) {
        self.kept[from..].iter_mut().for_each(|problem| problem.path.insert(0, segment.clone()));
    }

    /// Keeps a problem, or only counts it: what is not kept is not put into words either.
    pub(super) fn push(&mut self, problem: impl FnOnce() -> Problem) {
        if self.kept.len() < self.most {
            self.kept.push(problem());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, super::Rejected> {
        if self.kept.is_empty() {
            Ok(value)
        } else {
            Err(super::Rejected::Problems { problems: self.kept, more: self.more })
        }
    }
}
