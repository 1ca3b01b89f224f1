//! What is wrong with a configuration, and where.

use std::{
    fmt::{self, Write},
    path::PathBuf,
};

/// One mistake.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// The file, as the operator named it.
    pub file: PathBuf,
    /// Line and column, from 1; none if the file as a whole is meant.
    pub position: Option<(usize, usize)>,
    /// The key, such as `actions[0].helloString`; may be empty.
    pub path: String,
    /// What was expected, what there is, and what to do.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some((line, column)) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        if !self.path.is_empty() {
            write!(f, " {}:", self.path)?;
        }
        // What somebody wrote is repeated, but a mistake is one line.
        f.write_str(" ")?;
        self.text
            .chars()
            .try_for_each(|c| if c.is_control() { write!(f, "{}", c.escape_default()) } else { f.write_char(c) })
    }
}

/// Where something stands in the files.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The file, as the operator named it.
    pub file: PathBuf,
    /// Line and column, from 1.
    pub position: (usize, usize),
    /// The key, such as `actions[0]`.
    pub path: String,
}

impl Place {
    /// A mistake that shows only when the configuration is put to use.
    pub fn mistake(&self, text: impl Into<String>) -> Mistake {
        let position = Some(self.position);
        Mistake { file: self.file.clone(), position, path: self.path.clone(), text: text.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.position.0)
    }
}

/// All mistakes of a configuration, one per line.
#[derive(Debug)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// These, by file and place.
    #[must_use]
    pub fn sorted(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        Self(mistakes)
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            write!(f, "{}{mistake}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
