//! Rewrite rules: a pattern for paths, and what to use instead.

use http::{StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use regex::{Captures, Regex};

use super::{Place, source::At};

/// A rule, compiled. Matching takes time in proportion to the path: the engine never backtracks.
#[derive(Debug)]
pub struct Rule {
    /// Where it stands.
    pub place: Place,
    pattern: Regex,
    /// Scheme and authority of an absolute target.
    origin: Option<String>,
    path: Template,
    query: Option<Template>,
    fragment: Option<String>,
    redirect: Option<StatusCode>,
}

/// What a rule made of a path.
#[derive(Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Scheme and authority, if the target is on another server.
    pub origin: Option<String>,
    /// The new path, still percent-encoded and not normalised.
    pub path: String,
    /// The target's query, followed by the request's.
    pub query: Option<String>,
    /// What follows the `#` of a redirect.
    pub fragment: Option<String>,
    /// The status to redirect with; `None`: the request goes on with the new path.
    pub redirect: Option<StatusCode>,
}

/// A text with captures in it.
#[derive(Debug, Default)]
struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Group(usize),
}

/// What a capture must not bring into a query: it would end there, or become another parameter.
const IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'&').add(b'+').add(b'<').add(b'=').add(b'>');

/// What an operator's query can't hold as it is; escapes stay what they are.
const OWN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// The regular expression at a place; `None` if it is none.
pub(super) fn pattern(at: &At<'_, '_>) -> Option<Regex> {
    Regex::new(at.text()?).map_err(|error| at.wrong(told(&error))).ok()
}

impl Rule {
    /// The rule at a place; `None` if something is wrong with it.
    pub(super) fn resolve(at: &At<'_, '_>) -> Option<Self> {
        let (pattern, target) = (at.key("pattern"), at.key("target"));
        let compiled = self::pattern(&pattern)?;
        let status = at.key("status").get::<u16>();
        if status.is_some_and(|status| !STATUSES.contains(&status)) {
            at.key("status").wrong("expected a status of a redirect: 301, 302, 303, 307 or 308");
            return None;
        }
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let rule = Self::new(compiled, target.text()?, status, at.place());
        rule.map_err(|problem| target.wrong(problem)).ok()
    }

    pub(crate) fn new(pattern: Regex, target: &str, status: Option<StatusCode>, place: Place) -> Result<Self, String> {
        if target.is_empty() || target.chars().any(char::is_control) {
            return Err("expected a path or a URL, without control characters".into());
        }
        let (rest, fragment) =
            target.split_once('#').map_or((target, None), |(rest, end)| (rest, Some(end.to_owned())));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        if rest.starts_with("//") {
            return Err("a path starts with one `/`; for another server, write `https:` before it".into());
        }
        let (origin, path) = origin(rest)?;
        let redirect = status.or(origin.as_ref().map(|_| StatusCode::FOUND));
        if fragment.is_some() && redirect.is_none() {
            return Err("a `#` makes sense in a redirect only; give the rule a `status`".into());
        }
        let path = Template::parse(path, &pattern)?;
        let query = query.map(|query| Template::parse(&encode(query, OWN_QUERY), &pattern)).transpose()?;
        Ok(Self { place, pattern, origin, path, query, fragment, redirect })
    }

    /// The pattern, as the operator wrote it.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// What becomes of a path (segments joined by `/`, in which `/ % ? #` and controls are percent-encoded) and a query;
    /// `None` if the rule does not match.
    #[must_use]
    pub fn apply(&self, path: &str, query: Option<&str>) -> Option<Rewritten> {
        let captures = self.pattern.captures(path)?;
        let path = self.path.fill(&captures, str::to_owned);
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let own = self.query.as_ref().map(|query| query.fill(&captures, |text| encode(text, IN_QUERY)));
        let query = match (own.filter(|own| !own.is_empty()), query.filter(|query| !query.is_empty())) {
            (Some(own), Some(query)) => Some(format!("{own}&{query}")),
            (own, query) => own.or(query.map(str::to_owned)),
        };
        let (origin, fragment) = (self.origin.clone(), self.fragment.clone());
        Some(Rewritten { origin, path, query, fragment, redirect: self.redirect })
    }
}

/// Scheme and authority, and what follows them, of a target without query.
fn origin(target: &str) -> Result<(Option<String>, &str), String> {
    let lower = target.to_ascii_lowercase();
    let Some(start) = ["http://", "https://"].iter().find(|scheme| lower.starts_with(**scheme)).map(|s| s.len()) else {
        return Ok((None, target));
    };
    let end = target[start..].find('/').map_or(target.len(), |slash| start + slash);
    let (origin, path) = target.split_at(end);
    if origin.contains('$') {
        return Err(
            "a capture may stand in the path and in the query of a URL, not before: it could name any host".into()
        );
    }
    match origin.parse::<Uri>() {
        Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) => Ok((Some(origin.to_owned()), path)),
        _ => Err(format!("`{origin}` is no URL")),
    }
}

impl Template {
    fn parse(text: &str, pattern: &Regex) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('$') {
            parts.push(Part::Text(escaped(before)?));
            let (part, left) = reference(after, pattern)?;
            parts.push(part);
            rest = left;
        }
        parts.push(Part::Text(escaped(rest)?));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self(parts))
    }

    fn fill(&self, captures: &Captures<'_>, encode: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Group(group) => captures.get(*group).map_or_else(String::new, |found| encode(found.as_str())),
        };
        self.0.iter().map(part).collect()
    }
}

/// What a `$` stands for, and what follows it: one digit, a name in braces, or a second `$` for itself.
fn reference<'t>(after: &'t str, pattern: &Regex) -> Result<(Part, &'t str), String> {
    if let Some(rest) = after.strip_prefix('$') {
        return Ok((Part::Text("$".into()), rest));
    }
    if let Some((name, rest)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
        let group = pattern.capture_names().position(|known| known == Some(name));
        let group =
            group.ok_or_else(|| format!("`${{{name}}}` is not in the pattern: name a group by `(?<{name}>…)`"))?;
        return Ok((Part::Group(group), rest));
    }
    match after.chars().next().and_then(|digit| digit.to_digit(10)) {
        Some(group @ 1..) if (group as usize) < pattern.captures_len() => {
            Ok((Part::Group(group as usize), &after[1..]))
        }
        Some(group @ 1..) => {
            Err(format!("`${group}` is not in the pattern: it has {} of them", pattern.captures_len() - 1))
        }
        _ => Err("expected `$1` to `$9`, `${name}`, or `$$` for a `$`".into()),
    }
}

/// The operator's own text, if its escapes are sound.
fn escaped(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let is_code = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    if memchr::memchr_iter(b'%', bytes).any(|at| !is_code(at)) {
        return Err("a `%` is not followed by two hexadecimal digits; write `%25` for a `%`".into());
    }
    Ok(text.to_owned())
}

/// Encodes what a URI can't hold, and leaves what is encoded already.
pub(crate) fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

/// A regular expression's error in one line.
fn told(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("this is no regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(pattern: &str, target: &str) -> Result<Rule, String> {
        Rule::new(Regex::new(pattern).unwrap(), target, None, Place::default())
    }

    fn applied(pattern: &str, target: &str, path: &str, query: Option<&str>) -> String {
        let done = rule(pattern, target).unwrap().apply(path, query).unwrap();
        let query = done.query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{}{query}", done.origin.unwrap_or_default(), done.path)
    }

    #[test]
    fn captures_are_put_in() {
        assert_eq!(applied("^/a/(.+)$", "/b/$1", "/a/x/y", None), "/b/x/y");
        assert_eq!(applied("^/a/(?<n>.)", "b/${n}0$$", "/a/x", Some("q=1")), "/b/x0$?q=1");
        assert_eq!(applied("^/a/(.+)$", "/b?p=$1&c", "/a/x&y=+#", Some("q")), "/b?p=x%26y%3D%2B%23&c&q");
        assert_eq!(applied("^/(.*)$", "https://h:1/x/$1", "/a", Some("q")), "https://h:1/x/a?q");
        assert_eq!(applied("^/(a)?", "/x$1", "/", None), "/x");
    }

    #[test]
    fn a_target_that_makes_no_sense_is_refused() {
        for target in [
            "",
            "/$0",
            "/$2",
            "/${n}",
            "/$",
            "/a$b",
            "/%",
            "/%4",
            "/x#y",
            "//cdn.example/$1",
            "https://$1/",
            "http://",
            "/\n",
        ] {
            assert!(rule("(.)", target).is_err(), "{target}");
        }
    }

    /// Patterns of all kinds, with nested repetitions: what makes engines that backtrack take for ever.
    fn pattern() -> impl Strategy<Value = String> {
        let leaf = prop_oneof!["[a-c]", Just(".".to_owned()), Just(r"\w".to_owned()), Just("[^/]".to_owned())];
        leaf.prop_recursive(4, 12, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|p| format!("({p})*")),
                inner.clone().prop_map(|p| format!("(?:{p})+?")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("{a}{b}")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Would take years, were it not linear. What comes out holds nothing that a capture brought along.
        #[test]
        fn any_rule_is_done_with_the_longest_path(pattern in pattern(), unit in "[abc/]{1,4}|a%0A|a%3Fb") {
            let rule = rule(&format!("^/({pattern})x?$"), "/y/$1?q=$1").unwrap();
            let path = format!("/{}!", unit.repeat(8190 / unit.len()));
            if let Some(done) = rule.apply(&path, None) {
                prop_assert!(!done.path.contains(['?', '#', '\r', '\n']));
                prop_assert!(!done.query.unwrap_or_default().contains(['&', '#', '\r', '\n']));
            }
        }
    }
}
