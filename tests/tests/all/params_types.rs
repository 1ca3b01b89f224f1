//! Parameters of every type, from the wire through the plugin and back: what the spec takes the plugin's own types take too.

use serde_json::{Value, json};
use wicketgate_tests::{Reply, Setup};

/// What is not given comes as null, or as its default.
fn completed(params: &Value) -> Value {
    let mut all = json!({
        "day": null, "letters": null, "some": null, "part": null, "address": null, "picture": "", "names": [], "pair": null,
        "byName": {}, "byNumber": {}, "shape": null, "filter": "all", "which": null, "tree": null, "nest": null, "left": 0, "top": 0, "any": null,
    });
    for (name, value) in params.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn problems(reply: &Reply) -> Vec<String> {
    let error = reply.error();
    let details = error["details"].as_array().cloned().unwrap_or_default();
    details
        .iter()
        .map(|detail| format!("{}: {}", detail["path"].as_str().unwrap(), detail["problem"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_type_goes_through_the_plugin_and_back() {
    let gateway = Setup::new().start();
    for params in [
        json!({}),
        json!({"day": "2026-01-31", "letters": "abc", "some": 10, "part": 0.5, "address": "::1"}),
        json!({"names": ["a", "b"], "pair": ["x", 5], "byName": {"a": -1}, "byNumber": {"-5": "x", "7": "y"}}),
        json!({"shape": {"type": "circle", "radiusPx": 2.5}, "filter": {"below": 5}, "which": 5, "left": 1, "top": -1}),
        json!({"shape": {"type": "nothing"}, "filter": "all", "which": "x", "tree": {"label": "a", "branches": [{"label": "b", "branches": []}]}}),
        json!({"nest": [1, [2], {"a": [3, {}]}]}),
        json!({"any": {"x": [1, 2.5, null, {"y": "z"}]}}),
    ] {
        let json = gateway.json("probeEverything", &params);
        assert_eq!((json.status, json.value()), (200, completed(&params)), "{params}");
        // In MsgPack bytes are bytes, which no JSON value is.
        let packed = gateway.msgpack("probeEverything", &params);
        assert_eq!(packed.status, 200, "{params}");
    }
    let late = gateway.json("probeEverything", &json!({"shape": {"radiusPx": 1, "type": "circle"}, "someOf": 3}));
    assert_eq!(late.value(), completed(&json!({"shape": {"type": "circle", "radiusPx": 1.0}, "some": 3})));
}

#[test]
fn bytes_are_base64_in_json_and_bytes_in_msgpack() {
    let gateway = Setup::new().start();
    let json = gateway.json("probeEverything", &json!({"picture": "AP8="}));
    assert_eq!(json.value()["picture"], "AP8=");
    let mut body = Vec::new();
    rmp::encode::write_map_len(&mut body, 2).unwrap();
    rmp::encode::write_str(&mut body, "cmd").unwrap();
    rmp::encode::write_str(&mut body, "probeEverything").unwrap();
    rmp::encode::write_str(&mut body, "params").unwrap();
    rmp::encode::write_map_len(&mut body, 1).unwrap();
    rmp::encode::write_str(&mut body, "picture").unwrap();
    rmp::encode::write_bin(&mut body, &[0, 255]).unwrap();
    let packed = gateway.post("application/msgpack", &body);
    assert_eq!(packed.status, 200);
    let bin = [0xc4, 2, 0, 255];
    assert!(packed.body.windows(4).any(|window| window == bin), "{:?}", packed.body);
    let soft = gateway.get("/_/cmd/probeHttpGetEverything/picture/_w");
    assert_eq!(soft.value()["picture"], "/w==");
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    let gateway = Setup::new().start();
    let params = json!({
        "day": "2026-02-30", "letters": "A", "some": 11, "part": 2, "address": "x", "picture": "?", "names": ["a", "a"],
        "pair": ["x"], "byName": {"a": "b"}, "byNumber": {"x": "y"}, "shape": {"type": "square"}, "filter": {"above": 1},
        "which": [], "tree": {"label": "a", "branches": [{"lable": "b"}]}, "left": 2.5,
    });
    let reply = gateway.json("probeEverything", &params);
    assert_eq!(reply.status, 400);
    assert_eq!(
        problems(&reply),
        [
            r#"params.day: expected a date such as 2026-01-31, got "2026-02-30""#,
            "params.letters: expected 2 to 4 characters, got 1",
            "params.some: expected int from 1 to 10, got 11",
            "params.part: expected float from 0 to 1, got 2",
            r#"params.address: expected an IP address, got "x""#,
            r#"params.picture: expected bytes in base64, got "?""#,
            "params.names: expected items that differ, but one is there twice",
            "params.pair: expected 2 items, got 1",
            "params.byName.a: expected int, got str",
            r#"params.byNumber.x: expected int, got the name "x""#,
            r#"params.shape.type: expected one of "circle", "nothing", got "square""#,
            "params.filter.above: unknown variant",
            "params.which: expected int or str, got list",
            "params.tree.branches[0].lable: unknown property; did you mean `label`?",
            "params.tree.branches[0].label: required property is missing",
            "params.left: expected int, got float",
        ]
    );
    let soft = gateway.get("/_/cmd/probeHttpGetEverything?some=0&day=x&names=a,a&pair=x,y&which=7&shape=circle");
    assert_eq!(
        problems(&soft),
        [
            r#"params.day: expected a date such as 2026-01-31, got "x""#,
            "params.some: expected int from 1 to 10, got 0",
            "params.names: expected items that differ, but one is there twice",
            r#"params.pair[1]: expected int, got "y""#,
            r#"params.shape: expected object, got "circle""#,
        ]
    );
}

#[test]
fn texts_and_values_are_limited() {
    let limits = "[server.limits]\ntext = \"100B\"\nvalues = 50\n";
    let gateway = Setup::new().server(limits).start();
    assert_eq!(gateway.json("probeEverything", &json!({"any": "x".repeat(100)})).status, 200);
    let long = gateway.json("probeEverything", &json!({"any": "x".repeat(101)}));
    assert_eq!(problems(&long), ["params.any: expected at most 100 bytes, got 101"]);
    assert_eq!(gateway.json("probeEverything", &json!({"any": vec![0; 48]})).status, 200);
    let many = gateway.json("probeEverything", &json!({"any": vec![0; 49]}));
    assert_eq!(many.status, 400);
    assert!(many.error()["info"].as_str().unwrap().contains("more values than are allowed"), "{:?}", many.error());
}

#[test]
fn what_only_the_author_s_own_types_refuse_is_the_caller_s_fault_as_well() {
    let gateway = Setup::new().start();
    let even = gateway.json("probeEven", &json!({"number": 4, "small": {"255": "x"}}));
    assert_eq!((even.status, even.value()), (200, json!({"count": 5})));
    for (params, told) in [
        (json!({"number": 5}), "the parameters do not fit: 5 is odd"),
        (
            json!({"number": 4, "small": {"256": "x"}}),
            "the parameters do not fit: invalid value: integer `256`, expected u8",
        ),
    ] {
        let reply = gateway.json("probeEven", &params);
        assert_eq!((reply.status, reply.info().as_str()), (400, told));
    }
}
