//! Arbitrary bytes, and inputs that are nearly right.

#![allow(clippy::unwrap_used)]

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

const NAMES: [&str; 26] = [
    "flag",
    "some",
    "few",
    "big",
    "low",
    "part",
    "ratio",
    "letters",
    "letter",
    "moment",
    "color",
    "address",
    "list",
    "names",
    "pair",
    "byName",
    "byNumber",
    "shape",
    "filter",
    "which",
    "tree",
    "left",
    "top",
    "any",
    "projectUid",
    "type",
];

/// Values as callers send them: of all kinds, and under the right names more often than not.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..12).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(
            &["abc", "red", "::1", "circle", "group", "nothing", "all", "2026-01-31T00:00:00Z", "é"][..]
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let name = prop_oneof![
            8 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
            2 => prop::sample::select(&["radius", "members", "below", "label", "branches", "5", "-7"][..]).prop_map(str::to_owned),
            1 => ".{0,5}",
        ];
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((name, inner), 0..8).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Single parameters that mostly fit.
fn fitting() -> impl Strategy<Value = Value> {
    let shape = prop_oneof![
        any::<f64>().prop_map(|radius| json!({"radius": radius, "type": "circle"})),
        Just(json!({"type": "nothing"})),
        vec(Just(json!({"members": [], "type": "group"})), 0..4)
            .prop_map(|members| json!({"members": members, "type": "group"})),
    ];
    (any::<Option<bool>>(), 0_u8..12, any::<u64>(), shape, vec(any::<i32>(), 0..5), prop::option::of(".{0,5}")).prop_map(
        |(flag, some, big, shape, list, which)| {
            json!({"flag": flag, "few": some, "big": big, "shape": shape, "list": list, "which": which, "byNumber": {"5": true}})
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn arbitrary_bytes(input in vec(any::<u8>(), 0..400)) {
        wicketgate_fuzz::json(&input);
        wicketgate_fuzz::msgpack(&input);
        wicketgate_fuzz::soft(&input);
        wicketgate_fuzz::message(&input);
    }

    #[test]
    fn values_of_all_kinds(value in value()) {
        let (text, packed) = (value.to_string(), rmp_serde::to_vec(&value).unwrap());
        wicketgate_fuzz::json(text.as_bytes());
        wicketgate_fuzz::msgpack(&packed);
        wicketgate_fuzz::message(json!({"cmd": "x", "params": value}).to_string().as_bytes());
        // Cut off, and with a byte changed.
        let at = text.len() / 2;
        wicketgate_fuzz::json(&text.as_bytes()[..at]);
        wicketgate_fuzz::msgpack(&packed[..packed.len() / 2]);
        let mut changed = packed;
        let middle = changed.len() / 2;
        changed[middle] ^= 0x55;
        wicketgate_fuzz::msgpack(&changed);
    }

    #[test]
    fn values_that_mostly_fit(value in fitting()) {
        wicketgate_fuzz::json(value.to_string().as_bytes());
        wicketgate_fuzz::msgpack(&rmp_serde::to_vec(&value).unwrap());
    }

    #[test]
    fn queries(pairs in vec((prop::sample::select(&NAMES[..]), ".{0,10}"), 0..10)) {
        let query: Vec<_> = pairs.iter().map(|(name, text)| format!("{name}={text}")).collect();
        wicketgate_fuzz::soft(query.join("&").as_bytes());
    }
}

#[test]
fn inputs_that_are_made_to_hurt() {
    let keys = |count: usize, key: &dyn Fn(usize) -> String| {
        let entries: Vec<_> = (0..count).map(|n| format!("{:?}:1", key(n))).collect();
        format!("{{{}}}", entries.join(","))
    };
    let unknown = keys(100_000, &|n| format!("unknown{n}"));
    let same = keys(9000, &|_| "a".into());
    let long = format!("{{\"any\": \"{}\"}}", "x".repeat(90_000));
    for text in [
        unknown.clone(),
        format!("{{\"any\": {same}}}"),
        format!("{{\"byName\": {same}}}"),
        format!("{{\"any\": {}}}", keys(9000, &|n| format!("key{n}"))),
        format!("{{\"any\": {}", "[".repeat(500_000)),
        format!("{{\"tree\": {}", "{\"branches\":[".repeat(100_000)),
        format!("{{\"shape\": {}", "{\"members\":[".repeat(100_000)),
        format!("{{\"list\": [{}1]}}", "1,".repeat(200_000)),
        format!("{{\"names\": [{}\"a\"]}}", "\"a\",".repeat(9000)),
        long,
    ] {
        wicketgate_fuzz::json(text.as_bytes());
        wicketgate_fuzz::message(format!("{{\"cmd\":\"x\",\"params\":{text}}}").as_bytes());
    }
    // Lengths that are only claimed.
    for claim in [
        &[0xdf, 0xff, 0xff, 0xff, 0xff][..],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0x81, 0xa3, b'a', b'n', b'y', 0xdb, 0xff, 0xff, 0xff, 0xff],
        &[0x81, 0xa3, b'a', b'n', b'y', 0xc6, 0xff, 0xff, 0xff, 0xff],
        &[0x81, 0xa4, b'l', b'i', b's', b't', 0xdd, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3],
    ] {
        wicketgate_fuzz::msgpack(claim);
        wicketgate_fuzz::message(claim);
    }
    wicketgate_fuzz::msgpack(&[0x91; 300_000]);
    wicketgate_fuzz::msgpack(&[0x81; 300_000]);
}
