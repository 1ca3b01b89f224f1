//! The action `print`, whose command starts with another word: `printerSnapshot`.

use serde_json::json;
use wicketgate_tests::{Reply, Setup, request};

/// How many pages a PDF has, after checking that the reply is one.
fn pages(reply: &Reply) -> usize {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/pdf")), "{:?}", reply.headers);
    let text = String::from_utf8_lossy(&reply.body);
    assert!(text.starts_with("%PDF-1.") && text.trim_end().ends_with("%%EOF"), "{text}");
    text.split("/Type /Page").skip(1).filter(|rest| !rest.starts_with('s')).count()
}

#[test]
fn no_parameter_is_needed() {
    let gateway = Setup::bundled().start();
    let reply = gateway.json("printerSnapshot", &json!({}));
    assert_eq!((pages(&reply), reply.header("content-disposition")), (1, None));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    for other in [
        gateway.msgpack("printerSnapshot", &json!({})),
        gateway.post("application/json", br#"{"cmd": "printerSnapshot"}"#),
        gateway.post("application/msgpack", b"\x81\xa3cmd\xafprinterSnapshot"),
        gateway.raw(&request("POST", "/_/cmd/printerSnapshot", &[], b"")),
        gateway.raw(&request("POST", "/_/cmd/printerSnapshot", &["Content-Type: application/json"], b"{}")),
    ] {
        assert!(pages(&other) == 1 && other.body == reply.body, "{:?}", other.headers);
    }
}

#[test]
fn the_document_is_what_was_asked_for() {
    let gateway = Setup::bundled().start();
    let long = vec!["a line"; 120].join("\n");
    for (params, expected) in [
        (json!({"text": "short"}), 1),
        (json!({"title": "", "text": long}), 3),
        (json!({"title": "", "text": long, "pageSize": "a3"}), 2),
        (json!({"title": "", "text": long, "pageSize": "a5", "orientation": "landscape", "fontSize": 20}), 11),
    ] {
        for reply in [gateway.json("printerSnapshot", &params), gateway.msgpack("printerSnapshot", &params)] {
            assert_eq!(pages(&reply), expected, "{params}");
        }
    }
    let named = gateway.json("printerSnapshot", &json!({"fileName": "n\u{e4}me.pdf"}));
    let disposition = "attachment; filename=\"n_me.pdf\"; filename*=UTF-8''n%C3%A4me.pdf";
    assert_eq!((pages(&named), named.header("content-disposition")), (1, Some(disposition)));
}

#[test]
fn what_makes_no_sense_is_refused_all_at_once() {
    let gateway = Setup::bundled().start();
    let wrong =
        json!({"title": 1, "pageSize": "a6", "orientation": "up", "fontSize": 5, "fileName": "", "colour": "red"});
    for reply in [gateway.json("printerSnapshot", &wrong), gateway.msgpack("printerSnapshot", &wrong)] {
        let error = reply.error();
        let mut paths: Vec<_> =
            error["details"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        let names = ["colour", "fileName", "fontSize", "orientation", "pageSize", "title"];
        assert_eq!(
            (reply.status, paths),
            (400, names.map(|name| format!("params.{name}")).iter().map(String::as_str).collect())
        );
    }
    let endless = json!({"text": "x".repeat(50_001)});
    assert_eq!(gateway.json("printerSnapshot", &endless).status, 400);
    // Its own name is none for callers, and a command for bodies is not called by GET.
    assert_eq!(gateway.json("printSnapshot", &json!({})).status, 404);
    assert_eq!(gateway.get("/_/cmd/printerSnapshot").status, 404);
    gateway.assert_well();
}
