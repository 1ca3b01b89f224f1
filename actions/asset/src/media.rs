//! Which media types are sent.

use std::path::Path;

/// How an operator writes media types: `text/css`, `image/*`, or `*/*` for all.
pub(crate) const PATTERN: &str = r"^([A-Za-z0-9.+-]+|\*)/\*$|^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+$";

/// What web pages are usually made of. Plain text is not among it: sources, logs and settings pass for that as well.
const USUAL: [&str; 16] = [
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/pdf",
    "application/wasm",
    "application/zip",
    "audio/*",
    "font/*",
    "image/*",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/xml",
    "video/*",
];

/// The types that may be sent, and those of them that may not.
pub(crate) struct Media {
    allowed: Vec<String>,
    denied: Vec<String>,
}

impl Media {
    /// Types by these patterns; what is denied is denied whoever allows it.
    pub(crate) fn new(allowed: &[String], denied: &[String]) -> Self {
        let lower = |patterns: &[String]| patterns.iter().map(|pattern| pattern.to_ascii_lowercase()).collect();
        let allowed = if allowed.is_empty() { USUAL.map(str::to_owned).into() } else { lower(allowed) };
        Self { allowed, denied: lower(denied) }
    }

    /// Whether a file of that name may be sent.
    pub(crate) fn allows(&self, path: &Path) -> bool {
        let guess = mime_guess::from_path(path).first_or_octet_stream();
        let is_among = |patterns: &[String]| patterns.iter().any(|pattern| covers(pattern, guess.essence_str()));
        is_among(&self.allowed) && !is_among(&self.denied)
    }
}

fn covers(pattern: &str, essence: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("*/") => true,
        // Up to the slash and with it.
        Some(kind) => essence.starts_with(kind),
        None => pattern == essence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_web_pages_are_made_of_is_sent_unless_the_operator_says_otherwise() {
        let media = Media::new(&[], &[]);
        let usual =
            "html css js mjs json geojson xml svg png jpg gif webp avif ico woff2 ttf mp3 mp4 webm pdf csv wasm zip";
        for extension in usual.split(' ') {
            assert!(media.allows(Path::new(&format!("x.{extension}"))), "{extension}");
        }
        for extension in
            ["txt", "py", "toml", "sh", "so", "sqlite", "conf", "key", "pem", "log", "exe", "rs", "", "other"]
        {
            assert!(!media.allows(Path::new(&format!("x.{extension}"))), "{extension}");
        }
    }
}
