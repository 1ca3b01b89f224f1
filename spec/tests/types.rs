//! Every type that parameters may have: what is taken, what is written for it, and what is said of the rest.
//! The types are schemars' own view of Rust's.

#![allow(clippy::unwrap_used, missing_docs, dead_code)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use common::Case::{Bad, Good};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wicketgate_spec::read::Target;

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Numbers {
    tiny: Option<i8>,
    #[schemars(range(min = 1, max = 10))]
    few: Option<u32>,
    #[schemars(extend("multipleOf" = 5))]
    fives: Option<i32>,
    big: Option<u64>,
    low: Option<i64>,
    #[schemars(range(min = 0.5, max = 1.5))]
    ratio: Option<f64>,
    #[schemars(extend("exclusiveMinimum" = 0))]
    positive: Option<f64>,
    single: Option<f32>,
}

#[test]
fn numbers() {
    common::check::<Numbers>(&[
        (json!({"tiny": -128, "few": 10, "fives": -15}), Good(json!({"tiny": -128, "few": 10, "fives": -15}))),
        (json!({"tiny": 128}), Bad("tiny: expected int from -128 to 127, got 128")),
        (json!({"few": 0}), Bad("few: expected int from 1 to 10, got 0")),
        (json!({"fives": 7}), Bad("fives: expected a multiple of 5, got 7")),
        (json!({"few": 5.0}), Bad("few: expected int, got float")),
        (json!({"few": "5"}), Bad("few: expected int, got str")),
        (json!({"few": true}), Bad("few: expected int, got bool")),
        (json!({"big": u64::MAX, "low": i64::MIN}), Good(json!({"big": u64::MAX, "low": i64::MIN}))),
        (
            json!({"low": u64::MAX}),
            Bad("low: expected int from -9223372036854775808 to 9223372036854775807, got 18446744073709551615"),
        ),
        (json!({"big": -1}), Bad("big: expected int from 0 to 18446744073709551615, got -1")),
        (json!({"ratio": 1}), Good(json!({"ratio": 1.0}))),
        (json!({"ratio": 2}), Bad("ratio: expected float from 0.5 to 1.5, got 2")),
        (json!({"ratio": f64::MIN_POSITIVE}), Bad("ratio: expected float from 0.5 to 1.5, got 0.00000")),
        (json!({"positive": 0}), Bad("positive: expected float greater than 0, got 0")),
        (json!({"positive": f64::MAX}), Good(json!({"positive": f64::MAX}))),
        (json!({"positive": 5e-324}), Good(json!({"positive": 5e-324}))),
        (json!({"single": 1e39}), Bad("single: expected float of 32 bits, got 1000000")),
        (json!({"tiny": null}), Good(json!({"tiny": null}))),
    ]);
}

#[test]
fn json_numbers_are_exactly_those_that_were_written() {
    for (text, expected) in [
        (r#"{"ratio": 1.2345678901234567}"#, Ok(1.234_567_890_123_456_7)),
        (r#"{"ratio": 0.7500000000000001}"#, Ok(0.750_000_000_000_000_1)),
        (r#"{"ratio": 1.0000000000000002}"#, Ok(1.000_000_000_000_000_2)),
        (r#"{"ratio": NaN}"#, Err("expected")),
        (r#"{"ratio": 1e999}"#, Err("number out of range")),
        (r#"{"ratio": Infinity}"#, Err("expected value")),
    ] {
        match (common::json::<Numbers>(text.as_bytes()), expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value["ratio"].as_f64().unwrap().to_bits(), f64::to_bits(expected)),
            (Err(told), Err(words)) => assert!(told.contains(words), "{text}: {told}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }
    for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let bytes = rmp_serde::to_vec(&BTreeMap::from([("ratio", special)])).unwrap();
        let told = common::msgpack::<Numbers>(&bytes).unwrap_err();
        assert!(told.starts_with("ratio: expected float, got "), "{told}");
    }
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Texts {
    #[schemars(length(min = 2, max = 4))]
    short: Option<String>,
    #[schemars(regex(pattern = r"^[a-z]+\d*$"))]
    code: Option<String>,
    letter: Option<char>,
    #[schemars(extend("format" = "date"))]
    date: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    datetime: Option<String>,
    #[schemars(extend("format" = "duration"))]
    duration: Option<String>,
    #[schemars(url)]
    url: Option<String>,
    #[schemars(email)]
    email: Option<String>,
    #[schemars(extend("format" = "uuid"))]
    uuid: Option<String>,
    #[schemars(extend("format" = "regex"))]
    regex: Option<String>,
    #[schemars(extend("format" = "color"))]
    color: Option<String>,
    #[schemars(extend("format" = "path"))]
    path: Option<String>,
    ip: Option<std::net::IpAddr>,
}

#[test]
fn texts() {
    let good = |key: &str, text: &str| (json!({key: text}), Good(json!({key: text})));
    let bad = |key: &str, text: &str, problem: &'static str| (json!({key: text}), Bad(problem));
    common::check::<Texts>(&[
        good("short", "äöü"),
        bad("short", "ä", "short: expected 2 to 4 characters, got 1"),
        bad("short", "abcde", "short: expected 2 to 4 characters, got 5"),
        good("code", "abc12"),
        bad("code", "Abc", r#"code: expected a text that matches ^[a-z]+\d*$, got "Abc""#),
        good("letter", "ß"),
        bad("letter", "", "letter: expected 1 character, got 0"),
        good("date", "2024-02-29"),
        bad("date", "2023-02-29", r#"date: expected a date such as 2026-01-31, got "2023-02-29""#),
        bad("date", "20240229", "date: expected a date"),
        bad("date", "2024-02-29T00:00:00", "date: expected a date"),
        good("datetime", "2024-02-29T12:00:00.5+01:00"),
        good("datetime", "2024-02-29t12:00:00z"),
        bad("datetime", "2024-02-29T12:00:00", "datetime: expected a date and time such as 2026-01-31T12:00:00Z, got"),
        bad("datetime", "2024-02-29T25:00:00Z", "datetime: expected a date and time"),
        good("duration", "P1DT2H3M4.5S"),
        good("duration", "P3W"),
        bad("duration", "P", "duration: expected a duration such as PT1H30M"),
        bad("duration", "PT", "duration: expected a duration"),
        bad("duration", "1h", "duration: expected a duration"),
        good("url", "https://example.org/a?b#c"),
        bad("url", "/relative", "url: expected an absolute URL"),
        good("path", "../a folder/\u{e4}.txt"),
        bad("path", "", "path: expected a path, got \"\""),
        bad("path", "a\0b", "path: expected a path, got"),
        good("email", "a.b@example.org"),
        bad("email", "a.b", "email: expected an e-mail address"),
        good("uuid", "67e55044-10b1-426f-9247-bb680e5fe0c8"),
        bad("uuid", "67e5504410b1426f9247bb680e5fe0c8", "uuid: expected a UUID"),
        good("regex", "^a+$"),
        bad("regex", "(", "regex: expected a regular expression"),
        good("color", "#ff0000"),
        good("color", "rgb(255 0 0 / 50%)"),
        good("color", "rebeccapurple"),
        bad("color", "ff0000", "color: expected a CSS color such as #ff0000"),
        bad("color", "reddish", "color: expected a CSS color"),
        good("ip", "::1"),
        bad("ip", "1.2.3", "ip: expected an IP address"),
    ]);
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Folders {
    #[schemars(extend("format" = "path"))]
    one: String,
    #[serde(default = "many")]
    many: Vec<Folder>,
    plain: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Folder(#[schemars(extend("format" = "path"))] String);

fn many() -> Vec<Folder> {
    vec![Folder("default".into())]
}

#[test]
fn relative_paths_start_at_the_folder_of_their_file() {
    let (graph, ty) = common::graph::<Folders>();
    let read = |base: Option<&str>, input: Value| {
        let target = Target { base: base.map(Path::new), ..Target::new(&graph, ty, "") };
        rmp_serde::from_slice::<Value>(&target.toml(input).unwrap().value).unwrap()
    };
    let given = json!({"one": "a", "many": ["../b", "/c"], "plain": "a"});
    assert_eq!(read(Some("/etc"), given.clone()), json!({"one": "/etc/a", "many": ["/etc/../b", "/c"], "plain": "a"}));
    assert_eq!(read(None, given.clone()), given);
    // What stands in for nothing is no different.
    assert_eq!(read(Some("/etc"), json!({"one": "a"})), json!({"one": "/etc/a", "many": ["/etc/default"]}));
    assert_eq!(read(None, json!({"one": "a"})), json!({"one": "a", "many": ["default"]}));
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Collections {
    #[schemars(length(min = 1, max = 3))]
    list: Option<Vec<i32>>,
    set: Option<BTreeSet<String>>,
    pair: Option<(i32, String)>,
    four: Option<[f64; 4]>,
    map: Option<HashMap<String, u8>>,
    by_number: Option<BTreeMap<i64, String>>,
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z]$", "type": "string"}))]
    letters: Option<BTreeMap<String, i32>>,
    any: Option<Value>,
}

#[test]
fn lists_sets_tuples_and_maps() {
    common::check::<Collections>(&[
        (json!({"list": [1, 2]}), Good(json!({"list": [1, 2]}))),
        (json!({"list": []}), Bad("list: expected 1 to 3 items, got 0")),
        (json!({"list": [1, "x", 3]}), Bad("list[1]: expected int, got str")),
        (json!({"list": {"0": 1}}), Bad("list: expected list, got object")),
        (json!({"set": ["b", "a"]}), Good(json!({"set": ["b", "a"]}))),
        (json!({"set": ["b", "a", "b"]}), Bad("set: expected items that differ, but one is there twice")),
        (json!({"pair": [1, "x"]}), Good(json!({"pair": [1, "x"]}))),
        (json!({"pair": ["x", 1]}), Bad("pair[0]: expected int, got str; pair[1]: expected str, got int")),
        (json!({"pair": [1]}), Bad("pair: expected 2 items, got 1")),
        (json!({"pair": [1, "x", 2, 3]}), Bad("pair: expected 2 items, got 4")),
        (json!({"four": [1, 2, 3, 4.5]}), Good(json!({"four": [1.0, 2.0, 3.0, 4.5]}))),
        (json!({"four": [1, 2, 3]}), Bad("four: expected 4 items, got 3")),
        (json!({"map": {"a": 1, "b": 255}}), Good(json!({"map": {"a": 1, "b": 255}}))),
        (json!({"map": {"a": 1, "b": 256}}), Bad("map.b: expected int from 0 to 255, got 256")),
        (json!({"by_number": {"x": "y"}}), Bad(r#"by_number.x: expected int, got the name "x""#)),
        (json!({"letters": {"a": 1, "B": 2}}), Bad(r#"letters.B: expected a text that matches ^[a-z]$, got "B""#)),
        (json!({"any": [{"x": [1, 2.5, null, true, "y"]}]}), Good(json!({"any": [{"x": [1, 2.5, null, true, "y"]}]}))),
    ]);
    // In MsgPack the names are numbers, as serde's own maps read them.
    let value = common::json_bytes::<Collections>(br#"{"by_number": {"-5": "a", "7": "b"}}"#).unwrap();
    let read: BTreeMap<String, BTreeMap<i64, String>> = rmp_serde::from_slice(&value).unwrap();
    assert_eq!(read["by_number"], BTreeMap::from([(-5, "a".into()), (7, "b".into())]));
    for (text, told) in [
        (r#"{"map": {"a": 1, "b": 2, "a": 3}}"#, "map.a: given twice"),
        (r#"{"any": [{"x": {"y": 1, "z": 2, "y": 1}}]}"#, "any[0].x.y: given twice"),
        (r#"{"by_number": {"1": "a", "01": "b"}}"#, "by_number.1: given twice"),
    ] {
        assert_eq!(common::json::<Collections>(text.as_bytes()).unwrap_err(), told);
    }
}

/// A colour
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Color {
    /// like blood
    DarkRed,
    /// like the sea
    #[serde(alias = "ocean")]
    #[schemars(extend("x-aliases" = ["ocean"]))]
    Blue,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Enums {
    color: Option<Color>,
    colors: Option<BTreeMap<String, Color>>,
    #[schemars(extend("const" = 5))]
    five: Option<i32>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Odd {
    #[schemars(schema_with = "small_odds")]
    odd: i32,
    yes: Option<bool>,
    #[schemars(schema_with = "base64")]
    bytes: String,
}

fn base64(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "string", "contentEncoding": "base64"})
}

fn small_odds(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "integer", "enum": [1, 3, 5]})
}

#[test]
fn enums_and_literals() {
    common::check::<Enums>(&[
        (json!({"color": "darkRed"}), Good(json!({"color": "darkRed"}))),
        (json!({"color": "ocean"}), Good(json!({"color": "blue"}))),
        (json!({"color": "DarkRed"}), Bad(r#"color: expected one of "darkRed", "blue", got "DarkRed""#)),
        (json!({"color": 5}), Bad(r#"color: expected one of "darkRed", "blue", got int"#)),
        (json!({"colors": {"x": "blue"}}), Good(json!({"colors": {"x": "blue"}}))),
        (json!({"five": 5}), Good(json!({"five": 5}))),
        (json!({"five": 6}), Bad("five: expected 5, got 6")),
    ]);
    assert!(common::json_bytes::<Odd>(br#"{"odd": 3, "bytes": "AP8="}"#).is_ok());
    for (input, told) in [
        (r#"{"odd": 4, "bytes": "AP8="}"#, "odd: expected one of 1, 3, 5, got 4"),
        (r#"{"odd": "3", "bytes": "AP8="}"#, r#"odd: expected one of 1, 3, 5, got "3""#),
        (r#"{"odd": 3, "bytes": "A"}"#, r#"bytes: expected bytes in base64, got "A""#),
        (r#"{"odd": 3, "bytes": 5}"#, "bytes: expected bytes, got int"),
    ] {
        assert_eq!(common::json::<Odd>(input.as_bytes()).unwrap_err(), told);
    }
}

#[test]
fn bytes_are_base64_in_text_and_themselves_in_msgpack() {
    use rmp::encode;
    let written = common::json_bytes::<Odd>(br#"{"odd": 1, "bytes": "AP8="}"#).unwrap();
    let mut packed = Vec::new();
    encode::write_map_len(&mut packed, 2).unwrap();
    encode::write_str(&mut packed, "odd").unwrap();
    encode::write_uint(&mut packed, 1).unwrap();
    encode::write_str(&mut packed, "bytes").unwrap();
    let mut text = packed.clone();
    encode::write_bin(&mut packed, &[0, 255]).unwrap();
    assert!(written.ends_with(&packed[packed.len() - 4..]), "{written:?}");
    assert_eq!(common::msgpack_bytes::<Odd>(&packed).unwrap(), written);
    encode::write_str(&mut text, "AP8=").unwrap();
    assert_eq!(common::msgpack::<Odd>(&text).unwrap_err(), "bytes: expected bytes, got str");
    // Without padding, and in the alphabet of URLs, as people put it into them.
    assert_eq!(common::soft_bytes::<Odd>(&[("odd", "1"), ("bytes", "AP8")]).unwrap(), written);
    assert!(common::soft_bytes::<Odd>(&[("odd", "1"), ("bytes", "_-8=")]).is_ok());
}

#[test]
fn texts_of_a_query_become_what_the_types_ask_for() {
    fn check<T: JsonSchema>(name: &str, text: &str, expected: Result<Value, &str>) {
        let got = common::soft::<T>(&[(name, text)]);
        let expected = expected.map(|value| json!({name: value})).map_err(str::to_owned);
        assert_eq!(got, expected, "{name}={text}");
    }
    check::<Numbers>("few", "3", Ok(json!(3)));
    check::<Numbers>("few", "11", Err("few: expected int from 1 to 10, got 11"));
    check::<Numbers>("few", "abc", Err(r#"few: expected int, got "abc""#));
    check::<Numbers>("ratio", "1", Ok(json!(1.0)));
    check::<Numbers>("ratio", "nan", Err(r#"ratio: expected float, got "nan""#));
    check::<Texts>("date", "2026-01-31", Ok(json!("2026-01-31")));
    check::<Texts>("color", "x", Err(r#"color: expected a CSS color such as #ff0000, got "x""#));
    check::<Collections>("list", "1,2, 3", Ok(json!([1, 2, 3])));
    check::<Collections>("list", "1,,2", Err(r#"list[1]: expected int, got """#));
    check::<Collections>("list", "", Err("list: expected 1 to 3 items, got 0"));
    check::<Collections>("set", "b, a", Ok(json!(["b", "a"])));
    check::<Collections>("set", "a,a", Err("set: expected items that differ, but one is there twice"));
    check::<Collections>("pair", "5, x", Ok(json!([5, "x"])));
    check::<Collections>("pair", "5, x, y", Err("pair: expected 2 items, got 3"));
    check::<Collections>("map", "a", Err(r#"map: expected object, got "a""#));
    check::<Enums>("five", "5", Ok(json!(5)));
    check::<Enums>("color", "ocean", Ok(json!("blue")));
    check::<Enums>("color", "green", Err(r#"color: expected one of "darkRed", "blue", got "green""#));
    check::<Choices>("which", "5", Ok(json!(5)));
    check::<Choices>("which", "5.5", Ok(json!(5.5)));
    let large = "9".repeat(44);
    check::<Choices>("which", &large, Err(&format!("which: expected int, got {:?}…", &large[..40])));
    check::<Choices>("which", "yes", Ok(json!("yes")));
    check::<Choices>("shape", "circle", Err(r#"shape: expected object, got "circle""#));
    assert_eq!(common::soft::<Names>(&[("TINT", "x"), ("widthpx", "1")]).unwrap()["theColor"], json!("x"));
}

#[test]
fn limits_hold() {
    let limits = |values, text| wicketgate_spec::read::Limits { values, text };
    let list = br#"{"any": [1, [2, 3], "four"]}"#;
    assert!(common::limited::<Collections>(list, limits(7, 4)).is_ok());
    assert!(
        common::limited::<Collections>(list, limits(6, 4))
            .unwrap_err()
            .starts_with("it holds more values than are allowed")
    );
    assert_eq!(
        common::limited::<Collections>(list, limits(7, 3)).unwrap_err(),
        "any[2]: expected at most 3 bytes, got 4"
    );
    // Objects whose tags come late are read twice, but not at each of many levels.
    let deep = |depth: usize, first: &str| {
        let inner =
            format!(r#"{{"members": [{}], "type": "group"}}"#, vec![r#"{"type": "nothing"}"#; 20_000].join(","));
        (0..depth).fold(inner, |inner, _| format!(r#"{{{first}"members": [{inner}], "type": "group"}}"#))
    };
    let shape = |text: String| common::json::<Choices>(format!(r#"{{"shape": {text}}}"#).as_bytes());
    assert!(shape(deep(2, "")).is_ok());
    assert!(
        shape(deep(55, "")).unwrap_err().contains("begin with other properties than the one that tells their type")
    );
    let twice = shape(deep(55, r#""type": "group", "#)).unwrap_err();
    assert!(twice.contains("given twice; and "), "{twice}");
}

/// A shape
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
enum Shape {
    /// round
    Circle { radius: f64 },
    /// several of them
    Group { members: Vec<Shape> },
    /// none
    Nothing,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Filter {
    /// all of them
    All,
    /// those below
    Below(i32),
    /// those between
    Between { low: i32, high: i32 },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum IdOrNames {
    Id(i32),
    Ratio(f64),
    Name(String),
    Names(Vec<String>),
    Shape(Shape),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Choices {
    shape: Option<Shape>,
    filter: Option<Filter>,
    which: Option<IdOrNames>,
}

#[test]
fn variants_and_unions() {
    let same = |value: Value| (value.clone(), Good(value));
    common::check::<Choices>(&[
        same(json!({"shape": {"type": "circle", "radius": 1.5}})),
        same(json!({"shape": {"type": "nothing"}})),
        same(json!({"shape": null})),
        // The tag may come late, and is then written first.
        (json!({"shape": {"radius": 2, "type": "circle"}}), Good(json!({"shape": {"type": "circle", "radius": 2.0}}))),
        same(
            json!({"shape": {"type": "group", "members": [{"type": "circle", "radius": 1.0}, {"type": "group", "members": []}]}}),
        ),
        (
            json!({"shape": {"members": [{"radius": 1, "type": "circle"}], "type": "group"}}),
            Good(json!({"shape": {"type": "group", "members": [{"type": "circle", "radius": 1.0}]}})),
        ),
        (
            json!({"shape": {"radius": 1}}),
            Bad(r#"shape.type: required property is missing: expected one of "circle", "group", "nothing""#),
        ),
        (
            json!({"shape": {"type": "circel"}}),
            Bad(r#"shape.type: expected one of "circle", "group", "nothing", got "circel"; did you mean "circle"?"#),
        ),
        (json!({"shape": {"type": 5}}), Bad("shape.type: expected one of")),
        (json!({"shape": {"type": "circle"}}), Bad("shape.radius: required property is missing")),
        (json!({"shape": {"radius": "x", "type": "circle"}}), Bad("shape.radius: expected float, got str")),
        (json!({"shape": {"type": "circle", "radius": 1, "size": 1}}), Bad("shape.size: unknown property")),
        (
            json!({"shape": {"type": "group", "members": [{"type": "circle", "radius": false}]}}),
            Bad("shape.members[0].radius: expected float, got bool"),
        ),
        (json!({"shape": "circle"}), Bad("shape: expected object, got str")),
        same(json!({"filter": "all"})),
        same(json!({"filter": {"below": 5}})),
        same(json!({"filter": {"between": {"low": 1, "high": 2}}})),
        (json!({"filter": "none"}), Bad(r#"filter: expected "all", got "none""#)),
        (json!({"filter": {"belov": 5}}), Bad("filter.belov: unknown variant; did you mean `below`?")),
        (json!({"filter": {"below": 5, "between": {}}}), Bad("filter: expected one property, got several")),
        (json!({"filter": {}}), Bad("filter: expected one property out of `below`, `between`, got none")),
        (json!({"filter": 5}), Bad(r#"filter: expected "all" or object, got int"#)),
        same(json!({"which": 5})),
        same(json!({"which": 5.5})),
        same(json!({"which": "x"})),
        same(json!({"which": ["x", "y"]})),
        same(json!({"which": {"type": "nothing"}})),
        (json!({"which": ["x", 5]}), Bad("which[1]: expected str, got int")),
        (json!({"which": true}), Bad("which: expected int or float or str or list or object, got bool")),
    ]);
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    #[schemars(extend("x-aliases" = ["colour", "tint"]))]
    the_color: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(flatten)]
    size: Size,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Size {
    width_px: u32,
    #[serde(default = "hundred")]
    height_px: u32,
}
fn hundred() -> u32 {
    100
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Open {
    known: i32,
    #[serde(flatten)]
    rest: HashMap<String, bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Marked {
    label: String,
    #[serde(flatten)]
    shape: Shape,
}

#[test]
fn renamed_aliased_and_flattened_fields() {
    common::check::<Names>(&[
        (
            json!({"theColor": "x", "widthPx": 1, "type": "y"}),
            Good(json!({"theColor": "x", "widthPx": 1, "type": "y", "heightPx": 100})),
        ),
        (
            json!({"tint": "x", "widthPx": 1, "heightPx": 2}),
            Good(json!({"theColor": "x", "widthPx": 1, "heightPx": 2})),
        ),
        (json!({"tint": "x", "colour": "y", "widthPx": 1}), Bad("theColor: given twice")),
        (
            json!({"theColour": "x", "widthPx": 1}),
            Bad("theColour: unknown property; did you mean `theColor`?; theColor: required property is missing"),
        ),
        (
            json!({"theColor": "x", "size": {}}),
            Bad(
                "size: unknown property; expected `theColor`, `type`, `widthPx`, `heightPx`; widthPx: required property is missing",
            ),
        ),
    ]);
    common::check::<Open>(&[
        (json!({"known": 1, "a": true, "b": false}), Good(json!({"known": 1, "a": true, "b": false}))),
        (json!({"known": 1, "a": 1}), Bad("a: expected bool, got int")),
    ]);
    common::check::<Marked>(&[
        (
            json!({"label": "x", "type": "circle", "radius": 1}),
            Good(json!({"label": "x", "type": "circle", "radius": 1.0})),
        ),
        (json!({"type": "circle", "radius": 1}), Bad("label: required property is missing")),
        (json!({"label": "x", "type": "nothing", "radius": 1}), Bad("radius: unknown property")),
    ]);
}

/// A tree
#[derive(JsonSchema, Serialize, Deserialize)]
struct Node {
    name: String,
    #[serde(default)]
    children: Vec<Node>,
    parent: Option<Box<Node>>,
}

#[test]
fn recursion_and_depth() {
    common::check::<Node>(&[(
        json!({"name": "a", "parent": {"name": "b"}, "children": [{"name": "c"}]}),
        Good(
            json!({"name": "a", "parent": {"name": "b", "children": []}, "children": [{"name": "c", "children": []}]}),
        ),
    )]);
    let nested = |depth: usize| {
        (0..depth).fold(json!({"name": "x", "children": []}), |inner, _| json!({"name": "x", "children": [inner]}))
    };
    assert!(common::json::<Node>(nested(60).to_string().as_bytes()).is_ok());
    assert!(common::msgpack::<Node>(&rmp_serde::to_vec(&nested(60)).unwrap()).is_ok());
    let deep = format!("{}1", r#"{"name": "x", "children": ["#.repeat(100_000));
    assert!(common::json::<Node>(deep.as_bytes()).unwrap_err().contains("recursion limit"));
    let deep: Vec<u8> = std::iter::repeat_n([0x91_u8], 100_000).flatten().collect();
    assert!(common::msgpack::<Value>(&deep).unwrap_err().contains("depth limit"));
}

/// Not closed by serde, as whatever is only written.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loose {
    a_b: i32,
    #[serde(default = "seven", skip_serializing_if = "is_zero")]
    x: i32,
}
fn seven() -> i32 {
    7
}
fn is_zero(number: &i32) -> bool {
    *number == 0
}
impl Default for Loose {
    fn default() -> Self {
        Self { a_b: 1, x: 0 }
    }
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum OfStructs {
    First(Loose),
    Second(Size),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Single {
    /// the only one
    #[schemars(extend("x-aliases" = ["one"]))]
    Only,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Inner {
    Filter(Filter),
    Number(i64),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Größe {
    of: Option<OfStructs>,
    #[serde(default)]
    loose: Loose,
    single: Option<Single>,
    inner: Option<Inner>,
}

#[test]
fn types_of_types() {
    let with = |mut value: Value| {
        value["loose"] = json!({"aB": 1, "x": 7});
        Good(value)
    };
    common::check::<Größe>(&[
        (json!({}), with(json!({}))),
        (json!({"of": {"type": "first", "aB": 5}}), with(json!({"of": {"type": "first", "aB": 5, "x": 7}}))),
        (
            json!({"of": {"widthPx": 5, "type": "second"}}),
            with(json!({"of": {"type": "second", "widthPx": 5, "heightPx": 100}})),
        ),
        (
            json!({"of": {"type": "first", "widthPx": 5}}),
            Bad("of.widthPx: unknown property; expected `type`, `aB`, `x`; of.aB: required"),
        ),
        (json!({"single": "one"}), with(json!({"single": "only"}))),
        (json!({"inner": "all"}), with(json!({"inner": "all"}))),
        (json!({"inner": {"below": 5}}), with(json!({"inner": {"below": 5}}))),
        (json!({"inner": 5}), with(json!({"inner": 5}))),
        (json!({"inner": {"above": 5}}), Bad("inner.above: unknown variant")),
    ]);
}

/// Itself in lists and maps.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Nest {
    List(Vec<Nest>),
    Map(BTreeMap<String, Nest>),
    Number(i64),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Nested {
    nest: Option<Nest>,
}

#[test]
fn types_that_are_made_of_themselves_in_every_way() {
    let same = |value: Value| (value.clone(), Good(value));
    common::check::<Nested>(&[
        same(json!({"nest": [1, [2, {"a": [3]}], {"b": 4}]})),
        (json!({"nest": [1, [2, {"a": ["x"]}]]}), Bad("nest[1][1].a[0]: expected list or object or int, got str")),
    ]);
}

#[test]
fn what_is_wrong_is_told_once() {
    common::check::<Collections>(&[
        (json!({"set": [1, 2]}), Bad("set[0]: expected str, got int; set[1]: expected str, got int")),
        (
            json!({"by_number": {"a": "x", "b": "y"}}),
            Bad(r#"by_number.a: expected int, got the name "a"; by_number.b: expected int, got the name "b""#),
        ),
    ]);
    let limits = wicketgate_spec::read::Limits { values: 100, text: 5 };
    assert_eq!(
        common::limited::<Collections>(br#"{"any": {"long name": 1}}"#, limits).unwrap_err(),
        "any.long name: this name is too long"
    );
    // A thing of the toml crate's is nothing that strangers can write.
    let forged = json!({"date": {"$__toml_private_datetime": "2026-01-31"}});
    common::check::<Texts>(&[(forged, Bad("date: expected str, got object"))]);
    let told = common::msgpack::<Collections>(&[0x81, 0xa2, 0xff, 0xfe, 1]).unwrap_err();
    assert!(told.contains("utf8"), "{told}");
    let bytes = [&[0x81, 0xa3][..], b"any", &[0xc4, 1, 1]].concat();
    assert_eq!(common::msgpack::<Collections>(&bytes).unwrap_err(), "any: expected any value of JSON, got bytes");
}

#[test]
fn other_names_of_a_query_are_kept_where_they_are_asked_for() {
    let value = common::soft::<Open>(&[("KNOWN", "1"), ("a", "yes"), ("b", "off")]);
    assert_eq!(value, Ok(json!({"known": 1, "a": true, "b": false})));
    assert_eq!(common::soft::<Open>(&[("known", "1"), ("a", "5")]), Err(r#"a: expected bool, got "5""#.into()));
}
