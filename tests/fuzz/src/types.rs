//! Parameters of every type.

#![allow(dead_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Everything {
    flag: Option<bool>,
    #[schemars(range(min = 1, max = 10), extend("x-aliases" = ["few"]))]
    some: Option<u8>,
    big: Option<u64>,
    low: Option<i64>,
    #[schemars(range(min = 0.0, max = 1.0))]
    part: Option<f32>,
    ratio: Option<f64>,
    #[schemars(length(min = 2, max = 4), regex(pattern = "^[a-z]+$"))]
    letters: Option<String>,
    letter: Option<char>,
    #[schemars(extend("format" = "date-time"))]
    moment: Option<String>,
    #[schemars(extend("format" = "color"))]
    color: Option<String>,
    address: Option<IpAddr>,
    #[serde(default)]
    list: Vec<i32>,
    #[serde(default)]
    names: BTreeSet<String>,
    pair: Option<(String, u32)>,
    #[serde(default)]
    by_name: BTreeMap<String, i64>,
    #[serde(default)]
    by_number: BTreeMap<i64, bool>,
    shape: Option<Shape>,
    #[serde(default)]
    filter: Filter,
    which: Option<Which>,
    tree: Option<Tree>,
    #[serde(flatten)]
    spot: Spot,
    any: Option<serde_json::Value>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
enum Shape {
    Circle { radius: f64 },
    Group { members: Vec<Shape> },
    Nothing,
}

#[derive(Default, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Filter {
    #[default]
    All,
    Below(i32),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Which {
    Number(i64),
    Ratio(f64),
    Name(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Tree {
    label: String,
    #[serde(default)]
    branches: Vec<Tree>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Spot {
    #[serde(default)]
    left: i32,
    #[serde(default)]
    top: i32,
}
