//! Paths of mounts: `/articles/{id:int}/notes`.

use std::fmt::{self, Display};

use wicketgate_spec::Format;

/// A path with placeholders.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Segment>);

/// What stands between two slashes: a text, or a placeholder with texts around it.
#[derive(Clone, Debug)]
struct Segment {
    before: String,
    placeholder: Option<Placeholder>,
    after: String,
}

/// A part of a path that becomes a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The parameter.
    pub name: String,
    /// What it may be.
    pub kind: Kind,
}

/// What a placeholder may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whatever a segment may be.
    Any,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text of that format.
    Format(Format),
    /// All that follows, with its slashes.
    Path,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "float" => Self::Float,
            "date" => Self::Format(Format::Date),
            "uuid" => Self::Format(Format::Uuid),
            "path" => Self::Path,
            _ => return None,
        })
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "text",
            Self::Int => "int",
            Self::Float => "float",
            Self::Format(format) => format.name(),
            Self::Path => "path",
        }
    }

    /// Whether that text is one, in which what was encoded of a segment still is: several segments hold no other slashes than
    /// those between them, so that nobody leads out of a folder by them.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Path => !text.contains(['\\', '\0']) && !text.to_ascii_lowercase().contains("%2f"),
            Self::Int => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Format(format) => format.holds(text),
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix('/').ok_or_else(|| format!("a path starts with `/`; got `{text}`"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let texts: Vec<_> = if rest.is_empty() { Vec::new() } else { rest.split('/').collect() };
        texts.into_iter().map(segment).collect::<Result<_, _>>().map(Self)
    }

    /// Checks that it makes sense as a whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self(segments) = self;
        if segments.first().is_some_and(|first| first.before.starts_with('_')) {
            return Err("paths that start with `/_` are commands' own, and never mounted".into());
        }
        let names: Vec<_> = self.placeholders().map(|one| &one.name).collect();
        if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(format!("the placeholder `{{{twice}}}` is there twice"));
        }
        let last = segments.len().saturating_sub(1);
        if segments.iter().enumerate().any(|(at, one)| one.takes_all() && (at != last || !one.is_placeholder_alone())) {
            return Err("a placeholder of kind `path` is the last segment, and all of it".into());
        }
        Ok(())
    }

    /// The same below another one.
    pub(super) fn below(&self, base: &Self) -> Self {
        Self([&base.0[..], &self.0[..]].concat())
    }

    /// The same with a text in place of a placeholder.
    ///
    /// # Errors
    /// If that is no text that a segment can be.
    pub(super) fn with(&self, name: &str, value: &str) -> Result<Self, String> {
        let fill = |one: &Segment| match &one.placeholder {
            Some(placeholder) if placeholder.name == name => {
                let filled = segment(&format!("{}{value}{}", one.before, one.after))?;
                if filled.placeholder.is_some() { Err(format!("`{value}` is no plain text")) } else { Ok(filled) }
            }
            _ => Ok(one.clone()),
        };
        self.0.iter().map(fill).collect::<Result<_, _>>().map(Self)
    }

    /// The values of its placeholders in a path that it matches, still encoded.
    pub(super) fn values<'p>(&self, path: &'p str) -> Option<Vec<&'p str>> {
        let (mut rest, mut values) = (path.strip_prefix('/').unwrap_or(path), Vec::new());
        for (at, one) in self.0.iter().enumerate() {
            if one.takes_all() {
                values.push(rest);
                return (!rest.is_empty()).then_some(values);
            }
            let (text, after) = match rest.split_once('/') {
                Some((text, after)) => (text, Some(after)),
                None => (rest, None),
            };
            match &one.placeholder {
                None if text == one.before => {}
                Some(_) => {
                    let value = text.strip_prefix(&*one.before)?.strip_suffix(&*one.after)?;
                    values.push(Some(value).filter(|value| !value.is_empty())?);
                }
                None => return None,
            }
            match after {
                Some(after) => rest = after,
                None if at + 1 == self.0.len() => return Some(values),
                None => return None,
            }
        }
        (self.0.is_empty() && rest.is_empty()).then_some(values)
    }

    /// Whether some path matches both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let both = self.0.iter().zip(&other.0);
        for (one, two) in both {
            if one.takes_all() || two.takes_all() {
                return true;
            }
            if !one.meets(two) {
                return false;
            }
        }
        let longer = if self.0.len() > other.0.len() { &self.0[other.0.len()..] } else { &other.0[self.0.len()..] };
        longer.is_empty()
    }

    /// How special it is: of two that match the same path, the one that comes first here has it.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let rank = |one: &Segment| match &one.placeholder {
            None => (0, 0, 0),
            Some(placeholder) => {
                let kind = match placeholder.kind {
                    Kind::Path => 3,
                    Kind::Any => 2,
                    _ => 1,
                };
                let around = one.before.len() + one.after.len();
                (if placeholder.kind == Kind::Path { 2 } else { 1 }, usize::MAX - around, kind)
            }
        };
        self.0.iter().map(rank).collect::<Vec<_>>()
    }

    /// Its placeholders, in their order.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|segment| segment.placeholder.as_ref())
    }

    /// As matchit wants it, without regard to what the placeholders are called: paths that match the same are the same.
    pub(super) fn route(&self) -> String {
        let mut number = 0;
        let mut route = String::new();
        for Segment { before, placeholder, after } in &self.0 {
            route.push('/');
            route.push_str(before);
            if let Some(placeholder) = placeholder {
                let star = if placeholder.kind == Kind::Path { "*" } else { "" };
                route.push_str(&format!("{{{star}{number}}}"));
                number += 1;
            }
            route.push_str(after);
        }
        if route.is_empty() { "/".into() } else { route }
    }

    /// Whether its last segment takes all that follows.
    pub(super) fn takes_all(&self) -> bool {
        self.0.last().is_some_and(Segment::takes_all)
    }

    /// Its segments, for whoever compares patterns: a text, or `None` for one with a placeholder.
    pub(super) fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.iter().map(|segment| if segment.placeholder.is_none() { Some(segment.before.as_str()) } else { None })
    }
}

/// As it is written, without kinds; also how OpenAPI has it.
impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Segment { before, placeholder, after } in &self.0 {
            write!(f, "/{before}")?;
            if let Some(placeholder) = placeholder {
                write!(f, "{{{}}}", placeholder.name)?;
            }
            f.write_str(after)?;
        }
        if self.0.is_empty() { f.write_str("/") } else { Ok(()) }
    }
}

impl Segment {
    fn takes_all(&self) -> bool {
        self.placeholder.as_ref().is_some_and(|one| one.kind == Kind::Path)
    }

    /// Whether some text is both.
    fn meets(&self, other: &Self) -> bool {
        let fits = |text: &str, one: &Self| {
            text.len() > one.before.len() + one.after.len()
                && text.starts_with(&*one.before)
                && text.ends_with(&*one.after)
        };
        match (&self.placeholder, &other.placeholder) {
            (None, None) => self.before == other.before,
            (None, Some(_)) => fits(&self.before, other),
            (Some(_), None) => fits(&other.before, self),
            (Some(_), Some(_)) => {
                let starts = self.before.starts_with(&*other.before) || other.before.starts_with(&*self.before);
                starts && (self.after.ends_with(&*other.after) || other.after.ends_with(&*self.after))
            }
        }
    }

    fn is_placeholder_alone(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

fn segment(text: &str) -> Result<Segment, String> {
    let usage =
        || format!("a segment is a text, or one placeholder such as `{{id}}` with texts around it; got `{text}`");
    let literal = |text: &str| {
        if text.contains(['{', '}']) {
            return Err(usage());
        }
        if text.contains(['/', '%', '?', '#']) || text.chars().any(char::is_control) {
            return Err(format!("a path is written as it reads decoded, without `%`, `?` and `#`; got `{text}`"));
        }
        Ok(text.to_owned())
    };
    if matches!(text, "" | "." | "..") {
        return Err("a path has no empty segment, and neither `.` nor `..`".into());
    }
    let Some((before, rest)) = text.split_once('{') else {
        return Ok(Segment { before: literal(text)?, placeholder: None, after: String::new() });
    };
    let (inside, after) = rest.split_once('}').ok_or_else(usage)?;
    let (name, kind) = match inside.split_once(':') {
        None => (inside, Kind::Any),
        Some((name, kind)) => {
            let unknown = || format!("`{kind}` is no kind of placeholder; there are int, float, date, uuid and path");
            (name, Kind::of(kind).ok_or_else(unknown)?)
        }
    };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(usage());
    }
    let placeholder = Some(Placeholder { name: name.to_owned(), kind });
    Ok(Segment { before: literal(before)?, placeholder, after: literal(after)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matches_the_same_is_the_same() {
        for (text, route, shown) in [
            ("/", "/", "/"),
            ("/a/b", "/a/b", "/a/b"),
            ("/a/", "/a", "/a"),
            ("/a/{id}", "/a/{0}", "/a/{id}"),
            ("/a/{x:int}/", "/a/{0}", "/a/{x}"),
            ("/{a}/{b:date}", "/{0}/{1}", "/{a}/{b}"),
            ("/img-{id}.png", "/img-{0}.png", "/img-{id}.png"),
            ("/files/{file:path}", "/files/{*0}", "/files/{file}"),
            ("/größe", "/größe", "/größe"),
        ] {
            let pattern = Pattern::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert_eq!((pattern.route().as_str(), pattern.to_string().as_str()), (route, shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let wrong = [
            "",
            "a",
            "//a",
            "/a//b",
            "/./a",
            "/../a",
            "/_",
            "/_/x",
            "/_x/{id}",
            "/{",
            "/{}",
            "/}",
            "/{a}{b}",
            "/{a}/{a}",
            "/{a:what}",
            "/{a b}",
            "/a%20b",
            "/a?b",
            "/{a:path}/b",
            "/x{a:path}",
            "/{{a}}",
        ];
        for text in wrong {
            assert!(Pattern::parse(text).and_then(|pattern| pattern.check()).is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_meet_where_a_path_matches_both() {
        let pattern = |text: &str| Pattern::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        for (one, two, meet) in [
            ("/a/{b}", "/a/b", true),
            ("/a/{b}", "/{c}/b", true),
            ("/a/{b}", "/a/b/c", false),
            ("/a/{b:path}", "/a/b/c", true),
            ("/a/{b:path}", "/a", false),
            ("/img-{a}.png", "/doc-{a}.pdf", false),
            ("/img-{a}.png", "/img-{b}", true),
            ("/img-{a}", "/{a}.png", true),
            ("/img-{a}", "/img-", false),
            ("/", "/", true),
            ("/", "/a", false),
        ] {
            let (one_pattern, two_pattern) = (pattern(one), pattern(two));
            assert_eq!(one_pattern.meets(&two_pattern), meet, "{one} {two}");
            assert_eq!(two_pattern.meets(&one_pattern), meet, "{two} {one}");
        }
        for (text, path, values) in [
            ("/a/{b}", "/a/x", Some(vec!["x"])),
            ("/a/{b}", "/a/", None),
            ("/a/{b}", "/a/x/y", None),
            ("/a/{b:path}", "/a/x/y", Some(vec!["x/y"])),
            ("/img-{a}.png", "/img-1.png", Some(vec!["1"])),
            ("/img-{a}.png", "/img-.png", None),
            ("/{a}/b/{c}", "/1/b/2", Some(vec!["1", "2"])),
            ("/", "/", Some(vec![])),
            ("/", "/a", None),
        ] {
            assert_eq!(pattern(text).values(path), values, "{text} {path}");
        }
    }

    #[test]
    fn a_kind_holds_what_it_is_called() {
        let uuid = "00000000-0000-4000-8000-000000000000";
        for (kind, holds, fails) in [
            ("int", ["0", "-12", "99999999999999999999"], ["", "-", "1.5"]),
            ("float", ["0", "-1.5", "1e3"], ["", "x", "inf"]),
            ("date", ["2026-01-31", "2024-02-29", "0001-01-01"], ["2026-02-30", "2026-1-1", "x"]),
            ("uuid", [uuid, uuid, uuid], ["x", "0", "-"]),
        ] {
            let kind = Kind::of(kind).unwrap_or(Kind::Any);
            assert!(holds.iter().all(|text| kind.holds(text)), "{kind:?}");
            assert!(!fails.iter().any(|text| kind.holds(text)), "{kind:?}");
        }
    }
}
