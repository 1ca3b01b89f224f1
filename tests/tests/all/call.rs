//! `wicketgate call`: a command from the command line.

use serde_json::Value;
use wicketgate_tests::{Backend, Gateway, Setup};

/// Exit code, stdout and stderr of a call of this gateway.
fn call(gateway: &Gateway, arguments: &[&str]) -> (i32, String, String) {
    let url = format!("http://{}", gateway.address());
    gateway.run(&[&["call", "--url", &url], arguments].concat())
}

/// What a successful call prints, as JSON.
fn value(gateway: &Gateway, arguments: &[&str]) -> Value {
    let (code, out, said) = call(gateway, arguments);
    assert_eq!((code, said.as_str()), (0, ""), "{arguments:?}: {out}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn texts_become_what_the_spec_asks_for() {
    let gateway = Setup::new().start();
    let params =
        ["flag=yes", "num=-5", "small=9", "ratio=2", "bbox=1,2.5", "bbox=3", "words=5", "words=true", "mode=fast"];
    let expected = "flag=Some(true) num=Some(-5) small=9 big=None ratio=Some(2.0) bbox=[1.0, 2.5, 3.0] \
                    words=Some([\"5\", \"true\"]) mode=fast place=None places=[]";
    for command in ["probeTypes", "probeHttpGetTypes"] {
        for format in [&[][..], &["--msgpack"]] {
            let told = value(&gateway, &[&[command], &params[..], format].concat());
            assert_eq!(told["debug"], expected, "{command} {format:?}");
        }
    }
    let json = r#"{"places": [{"placeName": "a=b", "height": 3}], "words": ["&", "ä"]}"#;
    for format in [&[][..], &["--msgpack"]] {
        let told = value(&gateway, &[&["probeTypes", "--json", json], format].concat());
        assert!(told["debug"].as_str().unwrap().contains("places=[\"a=b^3\"]"), "{told}");
    }
    // In a URL, whatever is in a text stays in it.
    let told = value(&gateway, &["probeHttpGetTypes", "words=a&b=c%2F+ä?#"]);
    assert!(told["debug"].as_str().unwrap().contains("words=Some([\"a&b=c%2F+ä?#\"])"), "{told}");
}

#[test]
fn a_project_is_named_like_a_parameter() {
    let toml = "[[sites]]\n[[actions]]\ntype = \"example\"\n[[projects]]\nuid = \"p\"\n[[projects.actions]]\n\
                type = \"example\"\nhelloString = \"Ahoy\"\n";
    let gateway = Setup::new().sites_and_actions(toml).start();
    for command in ["exampleHello", "exampleHttpGetHello"] {
        let told = value(&gateway, &[command, "color=blue", "projectUid=p"]);
        assert_eq!(told["message"], "<font color=blue>Ahoy, Guest</font>", "{command}");
    }
}

#[test]
fn what_is_wrong_is_told_by_the_gateway() {
    let gateway = Setup::new().start();
    for (arguments, expected) in [
        (&["exampleHello", "colr=blue"][..], "unknown property; did you mean `color`?"),
        (&["exampleHello"], "required property is missing"),
        (&["probeTypes", "num=x"], "expected int, got str"),
        (&["exampleHello", "color=red"], "501 Not Implemented"),
        (&["noSuchCommand"], "404 Not Found"),
        (&["noSuchHttpGetCommand", "a=1"], "404 Not Found"),
    ] {
        let (code, out, said) = call(&gateway, arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    for arguments in [
        &["call"][..],
        &["call", "exampleHello", "color"],
        &["call", "exampleHello", "--json", "[1]"],
        &["call", "exampleHello", "--json", "{"],
        &["call", "exampleHello", "color=x", "--json", "{}"],
    ] {
        assert_eq!(gateway.run(arguments).0, 2, "{arguments:?}");
    }
    let (code, _, said) = gateway.run(&["call", "--url", "http://127.0.0.1:1", "exampleHello", "color=x"]);
    assert!(code == 1 && said.contains("http://127.0.0.1:1 can't be reached"), "{said}");
}

#[test]
fn a_reply_that_is_no_value_is_printed_as_it_is() {
    let gateway = Setup::new().start();
    let (code, out, _) = call(&gateway, &["probeHttpGetContent", "mime=text/csv"]);
    assert_eq!((code, out.as_bytes()), (0, gateway.get("/_/cmd/probeHttpGetContent/mime/text%2Fcsv").body.as_slice()));
    let (code, out, _) = call(&gateway, &["probeHttpGetRedirect", "to=/else"]);
    assert_eq!((code, out.as_str()), (0, "302 /else\n"));
    assert_eq!(call(&gateway, &["probeNothing"]), (0, String::new(), String::new()));
}

#[test]
fn a_token_is_sent_along() {
    let backend = Backend::start(|exchange| exchange.reply(200, &["Content-Type: application/json"], b"{}"));
    let setup = Setup::new();
    setup.write_config();
    for command in ["exampleHello", "exampleHttpGetHello"] {
        let arguments = ["call", "--url", &backend.url(), "--token", "t0ken", command, "color=x"];
        let (code, out, said) = setup.run(&arguments);
        assert_eq!((code, out.as_str()), (0, "{}\n"), "{said}");
        assert_eq!(backend.last().header("authorization"), Some("Bearer t0ken"), "{command}");
    }
}

#[test]
fn forms_headers_and_cookies_are_sent_where_they_belong() {
    let gateway = Setup::shapes().start();
    for (arguments, saw) in [
        (
            &["shapeHttpPostForm", "title=a b&c", "num=7", "numbers=1,2"][..],
            "title=\"a b&c\" num=Some(7) numbers=[1, 2] lang=None",
        ),
        (&["shapeHttpEither", "title=x"], "title=\"x\" num=None numbers=[] lang=None"),
        (&["shapeHeaders", "xNum=5", "words=a, b"], "x_num=5 words=[\"a\", \"b\"] x_text=\"\""),
        (&["shapeHttpGetHeaders", "xNum=5"], "x_num=5 words=[] x_text=\"\""),
        (&["shapeHttpGetCookies", "numOfIt=5", "token=a b"], "num=5 token=Some(\"a b\") secret=None"),
        (
            &["shapeMixed", "id=5", "title=x", "ifMatch=y", "theme=z"],
            "id=5 verbose=None if_match=Some(\"y\") theme=Some(\"z\") title=\"x\" tags=[] place=None",
        ),
    ] {
        let (code, out, told) = call(&gateway, arguments);
        assert_eq!(code, 0, "{arguments:?}: {told}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap()["saw"], saw, "{arguments:?}");
    }
    let (code, _, told) = call(&gateway, &["shapeHttpPostUpload", "title=x", "picture=@file"]);
    assert_eq!(code, 1);
    assert!(
        told.contains("picture is a file: post the form by another program, as with `curl -F picture=@FILE`"),
        "{told}"
    );
}

#[test]
fn completions_are_written_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = wicketgate_tests::wicketgate(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("wicketgate") && script.contains("explain"), "{shell}");
    }
    assert_eq!(wicketgate_tests::wicketgate(&["completions", "cobol"]).status.code(), Some(2));
}
