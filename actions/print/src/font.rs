//! Helvetica, one of the fonts that every reader of PDF has, in the encoding WinAnsi (ISO 32000-1, annex D).

/// The characters of the codes from 128 to 159. A question mark stands where there is none.
const UPPER: &str = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ";

/// How wide the characters from 32 on are, in thousandths of the font's size: Adobe's own measures.
#[rustfmt::skip]
const WIDTHS: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// A text in codes of the font. What it can't say becomes a question mark.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    text.chars().map(code).collect()
}

fn code(character: char) -> u8 {
    match character {
        ' '..='~' => character as u8,
        '\t' => b' ',
        '\u{a0}'..='\u{ff}' => character as u8,
        other => UPPER.chars().zip(128..).find(|(upper, _)| *upper == other).map_or(b'?', |(_, code)| code),
    }
}

/// How wide a text is, in thousandths of the font's size.
pub(crate) fn width(codes: &[u8]) -> u32 {
    let width = |code: &u8| code.checked_sub(32).map_or(0, |index| WIDTHS[usize::from(index)]);
    codes.iter().map(|code| u32::from(width(code))).sum()
}
