//! What stands where: lines of a text, and pages of lines.

use crate::{Orientation, PageSize, font};

/// Space around the text, in points: two centimetres.
const MARGIN: f32 = 56.7;

/// How large the title is beside the text.
const TITLE: f32 = 1.6;

/// From one line to the next, beside the size of the font.
const LEADING: f32 = 1.3;

/// The measures of a page, in points.
pub(crate) struct Layout {
    /// Width of the paper.
    pub(crate) width: f32,
    /// Height of the paper.
    pub(crate) height: f32,
    font_size: f32,
}

/// A line of text, ready to be written.
pub(crate) struct Line {
    /// The text in codes of the font.
    pub(crate) codes: Vec<u8>,
    /// Size of the font.
    pub(crate) size: f32,
    /// Where it starts, from the left.
    pub(crate) x: f32,
    /// Where it stands, from the bottom.
    pub(crate) y: f32,
}

impl Layout {
    /// Such pages, with text of that size.
    pub(crate) fn new(page_size: PageSize, orientation: Orientation, font_size: f32) -> Self {
        let (short, long) = match page_size {
            PageSize::A3 => (841.89, 1190.55),
            PageSize::A4 => (595.28, 841.89),
            PageSize::A5 => (419.53, 595.28),
            PageSize::Letter => (612.0, 792.0),
        };
        let (width, height) = match orientation {
            Orientation::Portrait => (short, long),
            Orientation::Landscape => (long, short),
        };
        Self { width, height, font_size }
    }

    /// The lines of each page; there is one at least.
    pub(crate) fn pages(&self, title: &str, text: &str) -> Vec<Vec<Line>> {
        let title = if title.is_empty() { Vec::new() } else { self.wrapped(title, TITLE * self.font_size) };
        let lines = title.into_iter().chain(self.wrapped(text, self.font_size));
        let (mut pages, mut y) = (vec![Vec::new()], self.height - MARGIN);
        for (codes, size) in lines {
            y -= LEADING * size;
            if y < MARGIN {
                pages.push(Vec::new());
                y = self.height - MARGIN - LEADING * size;
            }
            if let Some(page) = pages.last_mut() {
                page.push(Line { codes, size, x: MARGIN, y });
            }
        }
        pages
    }

    /// The lines of a text in that size.
    fn wrapped(&self, text: &str, size: f32) -> Vec<(Vec<u8>, f32)> {
        // In the font's own measure.
        let room = ((self.width - 2.0 * MARGIN) / size * 1000.0) as u32;
        text.lines().flat_map(|paragraph| wrap(&font::encode(paragraph), room)).map(|codes| (codes, size)).collect()
    }
}

/// The lines of a paragraph: as many words as there is room for. A word that is too long by itself is broken.
fn wrap(paragraph: &[u8], room: u32) -> Vec<Vec<u8>> {
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    for word in paragraph.split(|code| *code == b' ').filter(|word| !word.is_empty()) {
        for part in broken(word, room) {
            if !line.is_empty() && font::width(&line) + font::width(b" ") + font::width(part) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(b' ');
            }
            line.extend_from_slice(part);
        }
    }
    // A paragraph without words is an empty line.
    lines.push(line);
    lines
}

/// The parts of a word that fit on a line each.
fn broken(word: &[u8], room: u32) -> Vec<&[u8]> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for end in 1..word.len() {
        if font::width(&word[start..=end]) > room {
            parts.push(&word[start..end]);
            start = end;
        }
    }
    parts.push(&word[start..]);
    parts
}
