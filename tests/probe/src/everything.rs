//! Parameters of every other type, which are also the answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use wicketgate_action::{prelude::*, serde_json};

/// One of everything
#[params]
pub(crate) struct Everything {
    /// a day
    #[schemars(extend("format" = "date"))]
    day: Option<String>,
    /// two to four letters
    #[schemars(example = &"abc", length(min = 2, max = 4), regex(pattern = "^[a-z]+$"))]
    letters: Option<String>,
    /// one to ten
    #[serde(alias = "few", alias = "someOf")]
    #[schemars(range(min = 1, max = 10))]
    some: Option<u8>,
    /// a part of the whole
    #[schemars(range(min = 0.0, max = 1.0))]
    part: Option<f32>,
    /// an address
    address: Option<IpAddr>,
    /// a picture
    #[serde(default)]
    picture: Bytes,
    /// names, each once
    #[serde(default)]
    names: BTreeSet<String>,
    /// a word and how often
    pair: Option<(String, u32)>,
    /// numbers by name
    #[serde(default)]
    by_name: BTreeMap<String, i64>,
    /// names by number
    #[serde(default)]
    by_number: BTreeMap<i64, String>,
    /// a shape
    shape: Option<Shape>,
    /// a filter
    #[serde(default)]
    filter: Filter,
    /// a number or a name
    which: Option<Which>,
    /// a tree
    tree: Option<Tree>,
    /// lists in lists
    nest: Option<Nest>,
    /// where it is
    #[serde(flatten)]
    spot: Spot,
    /// anything
    any: Option<serde_json::Value>,
}

/// A shape
#[params]
#[serde(tag = "type")]
pub(crate) enum Shape {
    /// round
    Circle {
        /// how far from the middle
        radius_px: f64,
    },
    /// none at all
    Nothing,
}

/// A filter
#[params]
#[derive(Default)]
pub(crate) enum Filter {
    /// all of them
    #[default]
    All,
    /// those below a number
    Below(i32),
}

/// A number or a name
#[params]
#[serde(untagged)]
pub(crate) enum Which {
    /// by number
    Number(i64),
    /// by name
    Name(String),
}

/// A tree
#[params]
pub(crate) struct Tree {
    /// what it says
    label: String,
    /// what grows on it
    #[serde(default)]
    branches: Vec<Tree>,
}

/// Made of itself
#[params]
#[serde(untagged)]
pub(crate) enum Nest {
    /// more of them
    List(Vec<Nest>),
    /// under names
    Named(BTreeMap<String, Nest>),
    /// none
    Number(i64),
}

/// Where something is
#[params]
pub(crate) struct Spot {
    /// from the left
    #[serde(default)]
    left: i32,
    /// from the top
    #[serde(default)]
    top: i32,
}

/// A number that only its own type knows to be wrong
#[params]
pub(crate) struct EvenParams {
    /// an even number
    number: Even,
    /// by small numbers
    #[serde(default)]
    small: BTreeMap<u8, String>,
}

impl EvenParams {
    /// How many there are.
    pub(crate) fn sum(&self) -> u32 {
        self.number.0 + self.small.len() as u32
    }
}

/// An even number
#[params]
#[serde(try_from = "u32", into = "u32")]
#[derive(Clone, Copy)]
pub(crate) struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number.is_multiple_of(2) { Ok(Self(number)) } else { Err(format!("{number} is odd")) }
    }
}

impl From<Even> for u32 {
    fn from(even: Even) -> Self {
        even.0
    }
}
