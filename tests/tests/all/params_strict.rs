//! Parameters of JSON and MsgPack bodies: exact types, unknown names refused, all problems at once.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup};

fn details(reply: &Reply) -> Vec<(String, String)> {
    let error = reply.error();
    let details = error["details"].as_array().cloned().unwrap_or_default();
    let text = |detail: &Value, key: &str| detail[key].as_str().unwrap().to_owned();
    details.iter().map(|detail| (text(detail, "path"), text(detail, "problem"))).collect()
}

/// Calls `probeTypes` in both formats, which must agree.
fn call(gateway: &Gateway, params: &Value) -> Reply {
    let (json, msgpack) = (gateway.json("probeTypes", params), gateway.msgpack("probeTypes", params));
    assert_eq!(json.status, msgpack.status, "{params}");
    if json.status == 200 {
        assert_eq!(json.value(), msgpack.value(), "{params}");
    } else {
        assert_eq!(details(&json), details(&msgpack), "{params}");
    }
    json
}

#[test]
fn values_arrive_as_they_were_sent_and_defaults_fill_in() {
    let gateway = Setup::new().start();
    for (params, shown) in [
        (json!({}), "flag=None num=None small=7 big=None ratio=None bbox=[] words=None mode=slow place=None places=[]"),
        (
            json!({"flag": true, "num": -5, "small": 255, "big": u64::MAX, "ratio": 1.5, "bbox": [1, 2.5], "words": ["a", ""],
            "mode": "fast", "place": {"placeName": "x", "height": -9_223_372_036_854_775_808_i64}, "places": [{"placeName": "y"}]}),
            "flag=Some(true) num=Some(-5) small=255 big=Some(18446744073709551615) ratio=Some(1.5) bbox=[1.0, 2.5] \
          words=Some([\"a\", \"\"]) mode=fast place=Some(\"x^-9223372036854775808\") places=[\"y^0\"]",
        ),
        (
            json!({"flag": null, "num": null, "words": null, "place": null, "mode": "slowMotion"}),
            "flag=None num=None small=7 big=None ratio=None bbox=[] words=None mode=slow place=None places=[]",
        ),
        (
            json!({"places": [], "ratio": 3, "small": 0, "num": 0, "flag": false}),
            "flag=Some(false) num=Some(0) small=0 big=None ratio=Some(3.0) bbox=[] words=None mode=slow place=None places=[]",
        ),
    ] {
        let reply = call(&gateway, &params);
        assert_eq!((reply.status, reply.value()["debug"].as_str()), (200, Some(shown)), "{params}");
        assert_eq!(reply.value()["roles"], json!(["guest", "all"]));
    }
}

#[test]
fn a_wrong_type_is_named_with_its_path() {
    let gateway = Setup::new().start();
    for (params, path, problem) in [
        (json!({"num": 5.0}), "params.num", "expected int, got float"),
        (json!({"num": "5"}), "params.num", "expected int, got str"),
        (json!({"num": true}), "params.num", "expected int, got bool"),
        (json!({"num": [5]}), "params.num", "expected int, got list"),
        (json!({"num": {"a": 5}}), "params.num", "expected int, got object"),
        (
            json!({"num": 2_147_483_648_i64}),
            "params.num",
            "expected int from -2147483648 to 2147483647, got 2147483648",
        ),
        (json!({"small": 256}), "params.small", "expected int from 0 to 255, got 256"),
        (json!({"small": -1}), "params.small", "expected int from 0 to 255, got -1"),
        (json!({"small": null}), "params.small", "expected int, got null"),
        (json!({"big": -1}), "params.big", "expected int from 0 to 18446744073709551615, got -1"),
        (json!({"flag": 1}), "params.flag", "expected bool, got int"),
        (json!({"flag": "true"}), "params.flag", "expected bool, got str"),
        (json!({"ratio": "1.5"}), "params.ratio", "expected float, got str"),
        (json!({"ratio": true}), "params.ratio", "expected float, got bool"),
        (json!({"bbox": "1,2"}), "params.bbox", "expected list, got str"),
        (json!({"bbox": [1, 2, "3"]}), "params.bbox[2]", "expected float, got str"),
        (json!({"bbox": {"0": 1}}), "params.bbox", "expected list, got object"),
        (json!({"words": ["a", 5]}), "params.words[1]", "expected str, got int"),
        (json!({"mode": "Fast"}), "params.mode", "expected one of \"slowMotion\", \"fast\", got \"Fast\""),
        (json!({"mode": 1}), "params.mode", "expected one of \"slowMotion\", \"fast\", got int"),
        (json!({"place": "x"}), "params.place", "expected object, got str"),
        (json!({"place": []}), "params.place", "expected object, got list"),
        (json!({"place": {}}), "params.place.placeName", "required property is missing"),
        (json!({"place": {"placeName": 5}}), "params.place.placeName", "expected str, got int"),
        (
            json!({"places": [{"placeName": "a"}, {"placeName": "b", "height": "c"}]}),
            "params.places[1].height",
            "expected int, got str",
        ),
        (
            json!({"colour": 1}),
            "params.colour",
            "unknown property; expected `flag`, `num`, `small`, `big`, `ratio`, `bbox`, `words`, `mode`, `place`, `places`",
        ),
        (json!({"Num": 1}), "params.Num", "unknown property; did you mean `num`?"),
        (
            json!({"place": {"placename": "x", "placeName": "x"}}),
            "params.place.placename",
            "unknown property; did you mean `placeName`?",
        ),
        (json!({"projectUid": 5}), "params.projectUid", "expected str, got int"),
        (json!([]), "params", "expected object, got list"),
        (json!(null), "params", "expected object, got null"),
        (json!("x"), "params", "expected object, got str"),
    ] {
        let reply = call(&gateway, &params);
        assert_eq!((reply.status, details(&reply)), (400, vec![(path.to_owned(), problem.to_owned())]), "{params}");
    }
}

#[test]
fn numbers_beyond_all_integers_are_no_integers() {
    let gateway = Setup::new().start();
    let post = |number: &str| {
        let body = format!(r#"{{"cmd": "probeTypes", "params": {{"big": {number}}}}}"#);
        gateway.post("application/json", body.as_bytes())
    };
    assert_eq!(post("18446744073709551615").status, 200);
    for number in ["18446744073709551616", "1e3", "1.0", "-0.0", "99999999999999999999999999999999"] {
        assert_eq!(details(&post(number)), [("params.big".into(), "expected int, got float".into())], "{number}");
    }
    assert_eq!(post("1e999").status, 400);
    assert_eq!(post("01").status, 400);
}

#[test]
fn all_problems_are_told_at_once_in_order() {
    let gateway = Setup::new().start();
    let params = json!({"flag": 1, "zzz": 2, "bbox": [true, 1, "x"], "place": {"height": 1.5}, "num": 1});
    let reply = call(&gateway, &params);
    let paths: Vec<_> = details(&reply).into_iter().map(|(path, _)| path).collect();
    let expected = [
        "params.flag",
        "params.zzz",
        "params.bbox[0]",
        "params.bbox[2]",
        "params.place.height",
        "params.place.placeName",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn problems_are_bounded() {
    let gateway = Setup::new().start();
    let unknown: serde_json::Map<String, Value> = (0..1000).map(|i| (format!("unknown{i}"), json!(i))).collect();
    let reply = call(&gateway, &Value::Object(unknown));
    assert_eq!((reply.status, details(&reply).len()), (400, 20));
    assert!(reply.info().contains("980 more"), "{}", reply.info());
    for params in [
        json!({"mode": "x".repeat(100_000)}),
        json!({"x".repeat(100_000): 1}),
        json!({"place": {"é".repeat(100_000): 1}}),
    ] {
        let reply = call(&gateway, &params);
        assert!(reply.status == 400 && reply.body.len() < 1000, "{}", reply.body.len());
    }
    // What is not told is not put into words either: this would take minutes.
    let many = format!("{{\"cmd\": \"probeTypes\", \"params\": {{{}\"num\": 1}}}}", "\"unknown\": 1, ".repeat(600_000));
    let reply = gateway.post("application/json", many.as_bytes());
    assert!(reply.info().contains("599980 more"), "{}", reply.info());
}

#[test]
fn a_property_given_twice_is_refused() {
    let gateway = Setup::new().start();
    let reply =
        gateway.post("application/json", br#"{"cmd": "probeTypes", "params": {"num": 1, "flag": true, "num": 2}}"#);
    assert_eq!(details(&reply), [("params.num".into(), "given twice".into())]);
    let msgpack = b"\x82\xa3cmd\xaaprobeTypes\xa6params\x82\xa3num\x01\xa3num\x02";
    assert_eq!(details(&gateway.post("application/msgpack", msgpack)), [("params.num".into(), "given twice".into())]);
}

#[test]
fn parameters_may_come_before_the_command() {
    let gateway = Setup::new().start();
    let reply = gateway.post("application/json", br#"{"params": {"color": "x"}, "cmd": "exampleHello"}"#);
    assert_eq!(reply.status, 200);
    let msgpack = b"\x82\xa6params\x81\xa5color\xa1x\xa3cmd\xacexampleHello";
    assert_eq!(gateway.post("application/msgpack", msgpack).status, 200);
}

#[test]
fn what_only_msgpack_can_say_is_named_as_well() {
    let gateway = Setup::new().start();
    let with = |value: &[u8]| {
        let body = [&b"\x82\xa3cmd\xaaprobeTypes\xa6params\x81\xa3num"[..], value].concat();
        gateway.post("application/msgpack", &body)
    };
    for (value, problem) in [
        (&b"\xc4\x01x"[..], "expected int, got bytes"),
        (b"\xd4\x05x", "expected int, got a MsgPack extension"),
        (b"\xca\x3f\x80\x00\x00", "expected int, got float"),
        (b"\xca\x7f\xc0\x00\x00", "expected int, got float"),
    ] {
        assert_eq!(details(&with(value)), [("params.num".to_owned(), problem.to_owned())], "{value:x?}");
    }
    // NaN and the infinities: no JSON reply could repeat them.
    for (value, shown) in [(&b"\xca\x7f\xc0\x00\x00"[..], "NaN"), (b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", "inf")] {
        let body = [&b"\x82\xa3cmd\xaaprobeTypes\xa6params\x81\xa5ratio"[..], value].concat();
        let problem = format!("expected float, got {shown}");
        assert_eq!(details(&gateway.post("application/msgpack", &body)), [("params.ratio".to_owned(), problem)]);
    }
    // All widths of an int are ints.
    for value in [
        &b"\x05"[..],
        b"\xcc\x05",
        b"\xcd\x00\x05",
        b"\xce\x00\x00\x00\x05",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x05",
        b"\xd0\x05",
        b"\xd3\x00\x00\x00\x00\x00\x00\x00\x05",
    ] {
        let shown = with(value).value()["debug"].as_str().unwrap().to_owned();
        assert!(shown.contains("num=Some(5)"), "{shown}");
    }
    // A name that is no text is an unknown property.
    let number = gateway.post("application/msgpack", b"\x82\xa3cmd\xaaprobeTypes\xa6params\x81\x05\x05");
    assert_eq!(details(&number)[0].0, "params.5");
}
