//! The print action: makes a PDF of a title and a text.
//!
//! It writes with Helvetica, which every reader of PDF has by itself: nothing is embedded, and what that font has no glyph for
//! becomes a question mark.

mod font;
mod layout;
mod pdf;

use wicketgate_action::prelude::*;

use layout::Layout;

/// Parameters of `snapshot`
#[params]
pub struct SnapshotParams {
    /// what stands above the text on the first page, and in the title of the reader's window
    #[serde(default = "snapshot")]
    #[schemars(length(max = 200))]
    title: String,
    /// paragraphs, one on each line; they are wrapped to the width of the page
    #[serde(default)]
    #[schemars(length(max = 50_000))]
    text: String,
    /// size of the pages
    #[serde(default)]
    page_size: PageSize,
    /// which way round the pages are
    #[serde(default)]
    orientation: Orientation,
    /// size of the text in points, of which an inch has 72
    #[serde(default = "eleven")]
    #[schemars(range(min = 6, max = 36))]
    font_size: f32,
    /// the name to save the document by; without one it is shown
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), example = &"snapshot.pdf")]
    file_name: Option<String>,
}
fn snapshot() -> String {
    "Snapshot".into()
}
fn eleven() -> f32 {
    11.0
}

/// A size of paper
#[params]
#[derive(Clone, Copy, Debug, Default)]
pub enum PageSize {
    /// 297 × 420 mm
    A3,
    /// 210 × 297 mm
    #[default]
    A4,
    /// 148 × 210 mm
    A5,
    /// 8.5 × 11 in
    Letter,
}

/// A way to turn the paper
#[params]
#[derive(Clone, Copy, Debug, Default)]
pub enum Orientation {
    /// higher than wide
    #[default]
    Portrait,
    /// wider than high
    Landscape,
}

/// The action.
pub struct Print;

/// Print action: makes PDFs.
#[action(name = "print", client = "printer")]
impl Print {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    /// Make a PDF of a title and a text.
    fn api_snapshot(&self, _req: &Request, p: SnapshotParams) -> Result<Content> {
        let layout = Layout::new(p.page_size, p.orientation, p.font_size);
        let pages = layout.pages(&p.title, &p.text);
        let pdf = Content::new("application/pdf", pdf::document(&p.title, &layout, &pages));
        Ok(match p.file_name {
            Some(name) => pdf.attachment(name),
            None => pdf,
        })
    }
}

#[cfg(test)]
mod tests;
