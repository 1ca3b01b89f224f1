//! How the files of a site are found and sent.

use http::HeaderValue;
use regex::Regex;

use super::{raw, source::At};

/// How the files of a site are found and sent.
#[derive(Clone, Debug)]
pub struct Files {
    /// The names that stand for their folder, in the order in which they are tried.
    pub index: Vec<String>,
    /// Whether `/about` may also be `about.html`.
    pub html_extension: bool,
    /// Whether folders without an index are listed.
    pub listing: bool,
    /// Whether symbolic links are followed, within the folder.
    pub symlinks: bool,
    /// Whether compressed siblings are sent in place of a file.
    pub precompressed: bool,
    /// What is compressed while it is sent.
    pub compress: MediaTypes,
    /// What replies say, in the order of the file.
    pub rules: Vec<FileRule>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            index: raw::index(),
            html_extension: false,
            listing: false,
            symlinks: true,
            precompressed: true,
            compress: MediaTypes(raw::compress()),
            rules: Vec::new(),
        }
    }
}

/// What replies say of files whose path matches.
#[derive(Clone, Debug)]
pub struct FileRule {
    pattern: Regex,
    /// `Cache-Control`.
    pub cache_control: Option<HeaderValue>,
    /// Whether browsers save the file instead of showing it.
    pub download: bool,
}

/// A set of media types, in lower case: `type/subtype`, or `type/*`.
#[derive(Clone, Debug)]
pub struct MediaTypes(Vec<String>);

impl Files {
    /// The rule for a path as clients know it (decoded segments joined by `/`), and its place in the list.
    #[must_use]
    pub fn rule(&self, path: &str) -> Option<(usize, &FileRule)> {
        self.rules.iter().enumerate().find(|(_, rule)| rule.pattern.is_match(path))
    }
}

impl MediaTypes {
    /// Whether the set has the type of a `Content-Type` value.
    #[must_use]
    pub fn contain(&self, value: &str) -> bool {
        let essence = value.split(';').next().unwrap_or_default().trim();
        let fits = |listed: &String| match listed.strip_suffix('*') {
            Some(start) => essence.starts_with(start),
            None => essence == listed,
        };
        self.0.iter().any(fits)
    }
}

/// Whether a name is hidden from clients: those that start with a dot are, but `.well-known` (RFC 8615) is not.
#[must_use]
pub fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && name != ".well-known"
}

/// The keys of a site that are about its files.
pub(super) fn resolve(at: &At<'_, '_>) -> Files {
    let default = Files::default();
    let flag = |name: &str, default: bool| at.key(name).get().unwrap_or(default);
    Files {
        index: index(&at.key("index")).unwrap_or(default.index),
        html_extension: flag("htmlExtension", default.html_extension),
        listing: flag("listing", default.listing),
        symlinks: flag("symlinks", default.symlinks),
        precompressed: flag("precompressed", default.precompressed),
        compress: compress(&at.key("compress")).unwrap_or(default.compress),
        rules: at.key("files").items().filter_map(|rule| FileRule::resolve(&rule)).collect(),
    }
}

fn index(list: &At<'_, '_>) -> Option<Vec<String>> {
    let is_name = |text: &str| !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\0']);
    for item in list.items() {
        if let Some(text) = item.text().filter(|text| !is_name(text)) {
            item.wrong(format!("expected the name of a file, without `/`, that is not hidden; got `{text}`"));
        }
    }
    list.get()
}

fn compress(list: &At<'_, '_>) -> Option<MediaTypes> {
    let token =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
    let is_type =
        |text: &str| text.split_once('/').is_some_and(|(kind, sub)| token(kind) && (sub == "*" || token(sub)));
    for item in list.items() {
        if let Some(text) = item.text().filter(|text| !is_type(text)) {
            item.wrong(format!("expected a media type such as `text/html` or `text/*`; got `{text}`"));
        }
    }
    let types: Vec<String> = list.get()?;
    Some(MediaTypes(types.iter().map(|text| text.to_ascii_lowercase()).collect()))
}

impl FileRule {
    /// The rule at a place; `None` if something is wrong with it.
    fn resolve(at: &At<'_, '_>) -> Option<Self> {
        let (pattern, cache_control) = (at.key("pattern"), at.key("cacheControl"));
        let compiled = super::rewrite::pattern(&pattern)?;
        let text = cache_control.text();
        let is_value =
            |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let header = text.filter(is_value).and_then(|text| HeaderValue::try_from(text).ok());
        if text.is_some() && header.is_none() {
            cache_control.wrong("expected a header's value such as `no-cache`: ASCII characters without line breaks");
        }
        Some(Self { pattern: compiled, cache_control: header, download: at.key("download").get().unwrap_or(false) })
    }
}
