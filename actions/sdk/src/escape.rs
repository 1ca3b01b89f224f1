//! Text for HTML.

/// Escapes `&`, `<`, `>`, `"` and `'`, so that the text can stand in HTML content or in a quoted attribute.
///
/// ```
/// assert_eq!(wicketgate_action::escape("<b>"), "&lt;b&gt;");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
