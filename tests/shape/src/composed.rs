//! Parameters and replies that are made of others, and a value of each type.

use std::collections::BTreeMap;

use wicketgate_action::{prelude::*, serde_json::Value};

use crate::inputs::Place;

/// Numbers, by whatever names
#[params]
pub(crate) struct MapParams {
    /// all of them
    #[serde(flatten)]
    pub(crate) numbers: BTreeMap<String, i32>,
}

/// What several commands take
#[params]
pub(crate) struct Paging {
    /// how many come before
    #[param(query)]
    #[serde(default)]
    pub(crate) offset: u32,
    /// whose they are
    #[param(header)]
    pub(crate) x_tenant: Option<String>,
}

/// A part of a list
#[params]
pub(crate) struct PageParams {
    /// what is looked for
    pub(crate) word: String,
    /// which part
    #[serde(flatten)]
    pub(crate) paging: Paging,
}

/// A value of each type
#[params]
pub(crate) struct TypesParams {
    /// a text
    text: String,
    /// a whole number
    int: i32,
    /// true or false
    flag: bool,
    /// a number
    ratio: f64,
    /// bytes
    picture: Bytes,
    /// a day
    #[schemars(extend("format" = "date"))]
    day: String,
    /// a moment
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// numbers
    list: Vec<i32>,
    /// numbers by name
    dict: BTreeMap<String, i32>,
    /// a record
    place: Place,
    /// whatever it is
    any: Value,
    /// one of two types
    either: Either,
    /// one of two words
    colour: Colour,
    /// two numbers
    numbers: Pair<i32>,
    /// two texts
    texts: Pair<String>,
}

/// A number or a text
#[params]
#[serde(untagged)]
pub(crate) enum Either {
    /// a number
    Number(i32),
    /// a text
    Text(String),
}

/// A colour
#[params]
pub(crate) enum Colour {
    /// like blood
    Red,
    /// like grass
    Green,
}

/// Two of a kind
#[params]
pub(crate) struct Pair<T> {
    /// the first
    first: T,
    /// the second
    second: T,
}

/// A moment, which is answered as a text: an author's own kind of reply
#[replies]
pub enum Moment {
    /// seconds since 1970
    #[reply(200)]
    Text(Reply<String>),
}

impl From<std::time::Duration> for Moment {
    fn from(since: std::time::Duration) -> Self {
        Self::Text(Reply::new(format!("@{}", since.as_secs())).header("X-Kind", "moment"))
    }
}
