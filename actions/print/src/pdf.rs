//! The format PDF (ISO 32000-1).

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::layout::{Layout, Line};

/// The name of the font within the document.
const FONT: Name<'static> = Name(b"F1");

/// A document of these pages.
pub(crate) fn document(title: &str, layout: &Layout, pages: &[Vec<Line>]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    // Each object has a number, and others refer to it by that.
    let mut last = 0;
    let mut number = || {
        last += 1;
        Ref::new(last)
    };
    let (catalog, tree, font, info) = (number(), number(), number(), number());
    let ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (number(), number())).collect();

    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).title(TextStr(title)).producer(TextStr("Wicketgate"));
    pdf.type1_font(font).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for (lines, (page, content)) in pages.iter().zip(ids) {
        let mut dictionary = pdf.page(page);
        dictionary.parent(tree).contents(content);
        dictionary.media_box(Rect::new(0.0, 0.0, layout.width, layout.height));
        dictionary.resources().fonts().pair(FONT, font);
        dictionary.finish();
        pdf.stream(content, &written(lines));
    }
    pdf.finish()
}

/// What is written on a page.
fn written(lines: &[Line]) -> Vec<u8> {
    let mut content = Content::new();
    for line in lines {
        content.begin_text();
        content.set_font(FONT, line.size).next_line(line.x, line.y).show(Str(&line.codes));
        content.end_text();
    }
    content.finish().to_vec()
}
