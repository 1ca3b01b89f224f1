//! Bodies that are made to hurt: each is refused, and the gateway goes on answering.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup};

fn params(text: &str) -> Vec<u8> {
    format!(r#"{{"cmd": "probeEverything", "params": {text}}}"#).into_bytes()
}

fn assert_refused(gateway: &Gateway, media: &str, body: &[u8], told: &str) -> Value {
    let reply = gateway.post(media, body);
    let error = if media == "application/json" { reply.error() } else { reply.value()["error"].clone() };
    assert_eq!(reply.status, 400, "{told}: {error}");
    assert!(error.to_string().contains(told), "{told}: {error}");
    assert!(error.to_string().len() < 20_000);
    error
}

#[test]
fn json_that_is_made_to_hurt_is_400() {
    let gateway = Setup::new().start();
    let keys = |count: usize, key: &dyn Fn(usize) -> String| {
        format!("{{{}}}", (0..count).map(|n| format!("{:?}:1", key(n))).collect::<Vec<_>>().join(","))
    };
    let unknown = keys(100_000, &|n| format!("unknown{n}"));
    let error = assert_refused(&gateway, "application/json", &params(&unknown), "unknown property");
    assert_eq!(error["details"].as_array().unwrap().len(), 20);
    for (text, told) in [
        (format!(r#"{{"any": {}}}"#, keys(100_000, &|_| "same".into())), "given twice"),
        (format!(r#"{{"byName": {}}}"#, keys(100_000, &|n| format!("k{}", n % 50_000))), "given twice"),
        (format!(r#"{{"some": 1, "few": 2, "someOf": {}}}"#, keys(9, &|n| n.to_string())), "given twice"),
        (format!(r#"{{"any": {}1{}}}"#, "[".repeat(1000), "]".repeat(1000)), "recursion limit"),
        (
            format!(r#"{{"tree": {}1{}}}"#, r#"{"label":"","branches":["#.repeat(500), "]}".repeat(500)),
            "recursion limit",
        ),
        (format!(r#"{{"names": [{}"x"]}}"#, r#""x","#.repeat(100_000)), "one is there twice"),
        (format!(r#"{{"any": [{}1]}}"#, "1,".repeat(1_000_000)), "more values than are allowed"),
        (r#"{"part": 1e400}"#.to_owned(), "number out of range"),
        (r#"{"part": NaN}"#.to_owned(), "expected"),
        (format!(r#"{{"part": 1{}}}"#, "0".repeat(100_000)), "number out of range"),
    ] {
        assert_refused(&gateway, "application/json", &params(&text), told);
    }
    gateway.assert_well();
}

#[test]
fn msgpack_that_is_made_to_hurt_is_400() {
    let gateway = Setup::new().start();
    let body = |params: &[u8]| {
        [
            &rmp_serde::to_vec(&json!("cmd")).unwrap()[..],
            &rmp_serde::to_vec("probeEverything").unwrap(),
            &rmp_serde::to_vec("params").unwrap(),
            params,
        ]
        .concat()
    };
    let body = |params: &[u8]| [&[0x82][..], &body(params)].concat();
    let any = |value: &[u8]| body(&[&[0x81][..], &rmp_serde::to_vec("any").unwrap(), value].concat());
    for (bytes, told) in [
        // Lengths of 4 GiB that are only claimed.
        (any(&[0xdd, 0xff, 0xff, 0xff, 0xff]), "no complete MsgPack map"),
        (any(&[0xdf, 0xff, 0xff, 0xff, 0xff]), "no complete MsgPack map"),
        (any(&[0xdb, 0xff, 0xff, 0xff, 0xff]), "no complete MsgPack map"),
        (any(&[0xc6, 0xff, 0xff, 0xff, 0xff]), "no complete MsgPack map"),
        (body(&[0xdf, 0xff, 0xff, 0xff, 0xff]), "no complete MsgPack map"),
        (any(&[&[0x91; 1000][..], &[0]].concat()), "depth limit"),
        (any(&[&[0xdc, 0xff, 0xff][..], &[0xc1; 65535]].concat()), "no complete MsgPack map"),
        (any(&[0xd4, 1, 1]), "MsgPack extension"),
        (any(&[&[0xcb][..], &f64::NAN.to_be_bytes()].concat()), "got NaN"),
    ] {
        let error = assert_refused(&gateway, "application/msgpack", &bytes, told);
        assert_eq!(error["status"], 400);
    }
    gateway.assert_well();
}
