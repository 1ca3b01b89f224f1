//! Errors as pages for people. Whatever is put into a page is escaped.

use http::StatusCode;

use super::RequestId;

/// The page of a site that has none of its own.
const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>{{status}} {{reason}}</title>
<h1>{{status}} {{reason}}</h1>
<p>{{info}}</p>
{{details}}<p><small>Request {{requestId}}</small></p>
</html>
";

/// Fills `page`, or else the built-in one: `{{status}}`, `{{reason}}`, `{{info}}`, `{{details}}` (a list, or nothing) and
/// `{{requestId}}`.
pub(super) fn render(
    page: Option<&str>,
    status: StatusCode,
    info: &str,
    details: &[(&str, &str)],
    id: RequestId,
) -> String {
    let mut rest = page.unwrap_or(PAGE);
    let mut out = String::with_capacity(rest.len() + info.len());
    // In one pass, so that what is put in is never looked at.
    while let Some((before, name, after)) = next_mark(rest) {
        out.push_str(before);
        match name {
            "status" => out.push_str(status.as_str()),
            "reason" => out.push_str(status.canonical_reason().unwrap_or("Error")),
            "info" => out.push_str(&escape(info)),
            "details" => out.push_str(&list(details)),
            "requestId" => out.push_str(&id.to_string()),
            other => out.push_str(&format!("{{{{{other}}}}}")),
        }
        rest = after;
    }
    out + rest
}

/// What stands before the next `{{name}}`, the name, and what follows it.
fn next_mark(text: &str) -> Option<(&str, &str, &str)> {
    let (before, marked) = text.split_once("{{")?;
    let (name, after) = marked.split_once("}}")?;
    Some((before, name, after))
}

fn list(details: &[(&str, &str)]) -> String {
    if details.is_empty() {
        return String::new();
    }
    let item = |(path, problem): &(&str, &str)| format!("<li>{}: {}</li>\n", escape(path), escape(problem));
    format!("<ul>\n{}</ul>\n", details.iter().map(item).collect::<String>())
}

/// The text as a part of an HTML page.
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
