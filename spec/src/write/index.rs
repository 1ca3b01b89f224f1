//! `spec.json`: the spec documents of all plugins with their hashes, for the gateway.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::digest;

/// The content of `spec.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    format: u32,
    actions: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    hash: String,
    spec: Value,
}

/// Why a `spec.json` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It is no `spec.json`.
    #[error("this is no spec.json: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written by another version.
    #[error("written in format {0}, but this gateway reads format {format}", format = Index::FORMAT)]
    Format(u32),
    /// A hash does not belong to its document.
    #[error("the spec of `{0}` does not match its hash: the file was edited by hand")]
    Edited(String),
}

impl Index {
    const FORMAT: u32 = 2;

    /// An index of spec documents, by name of action.
    #[must_use]
    pub fn new(documents: Vec<(String, Value)>) -> Self {
        let mut actions: Vec<_> =
            documents.into_iter().map(|(name, spec)| Entry { name, hash: digest(&spec), spec }).collect();
        actions.sort_by(|a, b| a.name.cmp(&b.name));
        Self { format: Self::FORMAT, actions }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn parse(text: &str) -> Result<Self, IndexError> {
        let index: Self = serde_json::from_str(text)?;
        if index.format != Self::FORMAT {
            return Err(IndexError::Format(index.format));
        }
        match index.actions.iter().find(|entry| digest(&entry.spec) != entry.hash) {
            Some(edited) => Err(IndexError::Edited(edited.name.clone())),
            None => Ok(index),
        }
    }

    /// The file's text.
    ///
    /// # Errors
    /// If serde_json fails, which it does not for these types.
    pub fn to_text(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Name, hash and document of each action, by name.
    pub fn actions(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.actions.iter().map(|entry| (entry.name.as_str(), entry.hash.as_str(), &entry.spec))
    }
}
