//! Texts, and values that stand for themselves.

use regex::Regex;
use serde_json::Value;

use super::{Format, Length};

/// What a text has to be.
#[derive(Clone, Debug)]
pub struct Text {
    /// How many characters (Unicode scalar values) it may have.
    pub length: Length,
    /// What must be found in it: a pattern of the `regex` crate.
    pub pattern: Option<Regex>,
    /// What it must be readable as.
    pub format: Option<Format>,
}

impl Text {
    /// Any text.
    pub const ANY: Self = Self { length: Length::ANY, pattern: None, format: None };
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What stands in the data: a text, a whole number, a bool or null.
    pub value: Value,
    /// Other texts that are accepted for it.
    pub aliases: Vec<String>,
    /// What it means, from the author's doc comment.
    pub doc: String,
    /// The value in MsgPack.
    pub(crate) encoded: Vec<u8>,
}

impl Choice {
    /// Whether that text means it.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.value.as_str() == Some(text) || self.aliases.iter().any(|alias| alias == text)
    }

    /// One word for what these values are.
    pub(crate) fn kind(choices: &[Self]) -> &'static str {
        let kind = |choice: &Self| match choice.value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "int",
            _ => "str",
        };
        match choices {
            [first, rest @ ..] if rest.iter().all(|other| kind(other) == kind(first)) => kind(first),
            _ => "literal",
        }
    }
}
