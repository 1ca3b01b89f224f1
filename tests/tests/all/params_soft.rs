//! Parameters of GET commands: texts that become what the command asks for.

use wicketgate_tests::{Gateway, Setup};

/// What the handler saw.
fn all(gateway: &Gateway, target: &str) -> String {
    let reply = gateway.get(target);
    assert_eq!(reply.status, 200, "{target}: {}", reply.text());
    reply.value()["debug"].as_str().unwrap().to_owned()
}

#[test]
fn texts_become_numbers_lists_and_bools() {
    let gateway = Setup::new().start();
    for (query, shown) in [
        ("num=5", "num=Some(5) "),
        ("num=-5", "num=Some(-5) "),
        ("small=255", "small=255 "),
        ("big=18446744073709551615", "big=Some(18446744073709551615) "),
        ("ratio=1.5", "ratio=Some(1.5) "),
        ("ratio=3", "ratio=Some(3.0) "),
        ("ratio=1e3", "ratio=Some(1000.0) "),
        ("flag=true", "flag=Some(true) "),
        ("flag=YES", "flag=Some(true) "),
        ("flag=1", "flag=Some(true) "),
        ("flag=On", "flag=Some(true) "),
        ("flag=false", "flag=Some(false) "),
        ("flag=0", "flag=Some(false) "),
        ("flag=no", "flag=Some(false) "),
        ("flag=OFF", "flag=Some(false) "),
        ("bbox=11,22,33,44", "bbox=[11.0, 22.0, 33.0, 44.0] "),
        ("bbox=1,2,%203", "bbox=[1.0, 2.0, 3.0] "),
        ("bbox=1,2,+3", "bbox=[1.0, 2.0, 3.0] "),
        ("bbox=", "bbox=[] "),
        ("bbox=1&bbox=2&bbox=3", "bbox=[1.0, 2.0, 3.0] "),
        ("bbox=1,2&bbox=3", "bbox=[1.0, 2.0, 3.0] "),
        ("words=a,b", "words=Some([\"a\", \"b\"]) "),
        ("words=a%2Cb", "words=Some([\"a\", \"b\"]) "),
        ("words=a&words=", "words=Some([\"a\"]) "),
        ("mode=fast", "mode=fast "),
        ("words=%C3%A4+%26", "words=Some([\"ä &\"]) "),
    ] {
        let debug = all(&gateway, &format!("/_/cmd/probeHttpGetTypes?{query}"));
        assert!(debug.contains(shown), "{query}: {debug}");
    }
}

#[test]
fn what_becomes_nothing_is_named() {
    let gateway = Setup::new().start();
    for (query, path, problem) in [
        ("num=abc", "params.num", "expected int, got \"abc\""),
        ("num=5.0", "params.num", "expected int, got \"5.0\""),
        ("num=", "params.num", "expected int, got \"\""),
        ("num=%205", "params.num", "expected int, got \" 5\""),
        ("small=256", "params.small", "expected int from 0 to 255, got 256"),
        ("small=-1", "params.small", "expected int from 0 to 255, got -1"),
        ("ratio=nan", "params.ratio", "expected float, got \"nan\""),
        ("ratio=inf", "params.ratio", "expected float, got \"inf\""),
        ("flag=maybe", "params.flag", "expected bool, got \"maybe\""),
        ("flag=", "params.flag", "expected bool, got \"\""),
        ("bbox=1,,2", "params.bbox[1]", "expected float, got \"\""),
        ("bbox=1,x", "params.bbox[1]", "expected float, got \"x\""),
        ("mode=Fast", "params.mode", "expected one of \"slowMotion\", \"fast\", got \"Fast\""),
        ("place=x", "params.place", "expected object, got \"x\""),
    ] {
        let reply = gateway.get(&format!("/_/cmd/probeHttpGetTypes?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        let error = reply.error();
        let detail = &error["details"][0];
        assert_eq!((detail["path"].as_str(), detail["problem"].as_str()), (Some(path), Some(problem)), "{query}");
    }
    let reply = gateway.get("/_/cmd/exampleHttpGetHello");
    assert_eq!(reply.error()["details"][0]["problem"], "required property is missing");
}

#[test]
fn path_and_query_have_their_precedence() {
    let gateway = Setup::new().start();
    let start = "/_/cmd/probeHttpGetTypes";
    for (rest, expected) in [
        ("/num/1?num=2", "Some(1)"),
        ("?num=1&num=2", "Some(1)"),
        ("/num/1/num/2", "Some(2)"),
        ("/NUM/3", "Some(3)"),
        ("?nUm=3", "Some(3)"),
        ("/num/1/Num/2?NUM=3", "Some(2)"),
        ("/num/4/odd", "Some(4)"),
        ("/unknown/x?other=y&num=5", "Some(5)"),
        ("?num=6&&", "Some(6)"),
    ] {
        let debug = all(&gateway, &format!("{start}{rest}"));
        assert!(debug.contains(&format!("num={expected} ")), "{rest}: {debug}");
    }
    // An encoded slash stays inside its segment, a plus is a plus in the path.
    let words = all(&gateway, &format!("{start}/words/a%2Fb+c%3F"));
    assert!(words.contains("words=Some([\"a/b+c?\"])"), "{words}");
    // The path beats the query for lists, too.
    assert!(all(&gateway, &format!("{start}/bbox/1,2?bbox=3")).contains("bbox=[1.0, 2.0]"));
}

#[test]
fn the_seed_s_own_url_shape_is_read() {
    let gateway = Setup::new().start();
    let debug = all(&gateway, "/_/cmd/probeHttpGetTypes/words/test.one?bbox=11,22,33,44");
    assert!(debug.contains("words=Some([\"test.one\"])") && debug.contains("bbox=[11.0, 22.0, 33.0, 44.0]"), "{debug}");
}

#[test]
fn the_command_is_a_parameter_like_others_but_its_value_is_exact() {
    let gateway = Setup::new().start();
    for target in [
        "/_?cmd=probeHttpGetTypes",
        "/_?CMD=probeHttpGetTypes",
        "/_/CMD/probeHttpGetTypes",
        "/_/num/1/cmd/probeHttpGetTypes",
    ] {
        assert_eq!(gateway.get(target).status, 200, "{target}");
    }
    for (target, status) in
        [("/_/cmd/probehttpgettypes", 404), ("/_/cmd", 400), ("/_/probeHttpGetTypes", 400), ("/_?num=1", 400)]
    {
        assert_eq!(gateway.get(target).status, status, "{target}");
    }
}

#[test]
fn hostile_queries_are_refused_and_survived() {
    let gateway = Setup::new().start();
    let many = format!("/_/cmd/probeHttpGetTypes?{}", (0..2000).map(|i| format!("p{i}=1&")).collect::<String>());
    let repeats = format!("/_/cmd/probeHttpGetTypes?{}", "bbox=1&".repeat(2000));
    let segments = format!("/_/cmd/probeHttpGetTypes{}", (0..1100).map(|i| format!("/{i:x}/1")).collect::<String>());
    for target in [
        "/_/cmd/probeHttpGetTypes?words=%ff",
        "/_/cmd/probeHttpGetTypes?%ff=1",
        "/_/cmd/probeHttpGetTypes?words=%c0%ae",
        &many,
        &repeats,
        &segments,
    ] {
        let reply = gateway.get(target);
        assert_eq!(reply.status, 400, "{}", &target[..60.min(target.len())]);
        reply.error();
    }
    gateway.assert_well();
}
