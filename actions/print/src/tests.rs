//! The action as callers see it: what it writes is read back by another program's eyes.

use lopdf::{Document, Object};
use wicketgate_action::{
    serde_json::{Value, json},
    testing::{Reply, Tester},
};

use super::Print;

fn print(params: Value) -> Reply {
    Tester::<Print>::new(json!({})).unwrap().call("printerSnapshot", params)
}

fn document(params: Value) -> Document {
    let reply = print(params);
    assert_eq!((reply.status, reply.content_type.as_str()), (200, "application/pdf"), "{}", reply.info);
    assert!(reply.body.starts_with(b"%PDF-1.") && reply.body.trim_ascii_end().ends_with(b"%%EOF"));
    Document::load_mem(&reply.body).unwrap()
}

/// The lines of a page, from 1.
fn lines(document: &Document, page: u32) -> Vec<String> {
    document.extract_text(&[page]).unwrap().lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

/// The text of all pages, in one line.
fn text(document: &Document) -> String {
    document.get_pages().keys().flat_map(|page| lines(document, *page)).collect::<Vec<_>>().join(" ")
}

/// Width and height of the first page, in points.
fn size(document: &Document) -> (i64, i64) {
    let page = document.get_dictionary(document.get_pages()[&1]).unwrap();
    let sides = page.get(b"MediaBox").and_then(Object::as_array).unwrap();
    let side = |index: usize| sides[index].as_float().unwrap().round() as i64;
    assert_eq!((side(0), side(1)), (0, 0));
    (side(2), side(3))
}

#[test]
fn without_parameters_there_is_a_page_with_a_title() {
    let document = document(json!({}));
    assert_eq!((document.get_pages().len(), size(&document), text(&document)), (1, (595, 842), "Snapshot".into()));
    let info = document.trailer.get(b"Info").and_then(Object::as_reference).unwrap();
    let title = document.get_dictionary(info).and_then(|info| info.get(b"Title")).unwrap();
    assert_eq!(title.as_str().unwrap(), b"Snapshot");
    let nothing = self::document(json!({"title": "", "text": ""}));
    assert_eq!((nothing.get_pages().len(), text(&nothing)), (1, String::new()));
}

#[test]
fn a_text_is_wrapped_and_nothing_of_it_is_lost() {
    let words: Vec<_> = (0..3000).map(|i| format!("word{i}")).collect();
    for params in
        [json!({}), json!({"pageSize": "a5", "fontSize": 36}), json!({"orientation": "landscape", "fontSize": 6})]
    {
        let mut all = json!({"title": "", "text": words.join(" ")});
        all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
        let document = document(all);
        assert!(document.get_pages().len() > 1, "{params}");
        assert_eq!(text(&document), words.join(" "), "{params}");
    }
}

#[test]
fn paragraphs_begin_lines_and_long_words_are_broken() {
    let document = document(json!({"title": "T", "text": "one  two\n\n three\tfour\r\nfive"}));
    assert_eq!(lines(&document, 1), ["T", "one two", "three four", "five"]);
    let long = self::document(json!({"title": "", "text": "x".repeat(1000)}));
    let lines = lines(&long, 1);
    // An `x` is half as wide as the font is high, and the page has room for 481.88 points.
    assert!(lines.iter().rev().skip(1).all(|line| line.len() == 87), "{lines:?}");
    assert_eq!(lines.concat(), "x".repeat(1000));
}

#[test]
fn long_texts_take_as_many_pages_as_they_need() {
    // 728.49 points of 14.3 a line are 50 lines on a page.
    for (count, pages) in [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3)] {
        let document = document(json!({"title": "", "text": vec!["line"; count].join("\n")}));
        assert_eq!(document.get_pages().len(), pages, "{count}");
    }
    let most =
        document(json!({"pageSize": "a5", "orientation": "landscape", "fontSize": 36, "text": "\n".repeat(50_000)}));
    assert_eq!(most.get_pages().len(), 8334);
}

#[test]
fn pages_have_the_size_that_was_asked_for() {
    for (page, portrait) in [("a3", (842, 1191)), ("a4", (595, 842)), ("a5", (420, 595)), ("letter", (612, 792))] {
        assert_eq!(size(&document(json!({"pageSize": page}))), portrait);
        let landscape = document(json!({"pageSize": page, "orientation": "landscape"}));
        assert_eq!(size(&landscape), (portrait.1, portrait.0));
    }
}

#[test]
fn what_the_font_can_t_say_is_a_question_mark() {
    for (given, expected) in [
        (
            "Gr\u{fc}\u{df}e: 5 \u{20ac} \u{2013} \u{201e}\u{152}uvre\u{201c} \u{178}",
            "Gr\u{fc}\u{df}e: 5 \u{20ac} \u{2013} \u{201e}\u{152}uvre\u{201c} \u{178}",
        ),
        ("(a) \\ b) %", "(a) \\ b) %"),
        ("\u{4e2d}\u{6587} \u{1f600} \u{7f}\u{81}\0", "?? ? ???"),
    ] {
        assert_eq!(text(&document(json!({"title": "", "text": given}))), expected, "{given:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for wrong in [
        json!({"title": "x".repeat(201)}),
        json!({"text": "x".repeat(50_001)}),
        json!({"text": 5}),
        json!({"pageSize": "A4"}),
        json!({"pageSize": "a6"}),
        json!({"orientation": ""}),
        json!({"fontSize": 5.9}),
        json!({"fontSize": 36.5}),
        json!({"fontSize": "11"}),
        json!({"fileName": ""}),
        json!({"pages": 1}),
    ] {
        let reply = print(wrong.clone());
        assert_eq!(reply.status, 400, "{wrong}");
        let name = wrong.as_object().unwrap().keys().next().unwrap();
        assert!(reply.info.starts_with(&format!("params.{name}: ")), "{}", reply.info);
    }
    assert_eq!(print(json!({"fileName": "a.pdf", "fontSize": 36, "title": "x".repeat(200)})).status, 200);
}
