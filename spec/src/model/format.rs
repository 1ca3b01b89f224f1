//! What texts can be asked to be, by the names of JSON Schema's `format`.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;

/// What a text must be readable as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `full-date` of RFC 3339, such as `2026-01-31`.
    Date,
    /// `date-time` of RFC 3339, such as `2026-01-31T12:00:00Z`.
    DateTime,
    /// A time of day without an offset, such as `12:00:00`.
    Time,
    /// Date and time without an offset, such as `2026-01-31T12:00:00`.
    LocalDateTime,
    /// `duration` of RFC 3339, appendix A (ISO 8601), such as `PT1H30M`.
    Duration,
    /// An absolute URL (WHATWG).
    Url,
    /// An e-mail address (RFC 5321).
    Email,
    /// A UUID in its hyphenated form (RFC 9562).
    Uuid,
    /// A regular expression in the syntax of the `regex` crate.
    Regex,
    /// A colour of CSS, such as `#ff0000`, `red` or `rgb(255 0 0)`.
    Color,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A path of a file or a folder. In a configuration it is relative to the file that it stands in.
    Path,
}

/// Name in schemas, name for people, example.
const NAMES: [(Format, &str, &str); 14] = [
    (Format::Date, "date", "a date such as 2026-01-31"),
    (Format::DateTime, "date-time", "a date and time such as 2026-01-31T12:00:00Z"),
    (Format::Time, "partial-time", "a time such as 12:00:00"),
    (Format::LocalDateTime, "partial-date-time", "a date and time such as 2026-01-31T12:00:00"),
    (Format::Duration, "duration", "a duration such as PT1H30M"),
    (Format::Url, "uri", "an absolute URL"),
    (Format::Email, "email", "an e-mail address"),
    (Format::Uuid, "uuid", "a UUID such as 00000000-0000-4000-8000-000000000000"),
    (Format::Regex, "regex", "a regular expression"),
    (Format::Color, "color", "a CSS color such as #ff0000"),
    (Format::Ip, "ip", "an IP address"),
    (Format::Ipv4, "ipv4", "an IPv4 address"),
    (Format::Ipv6, "ipv6", "an IPv6 address"),
    (Format::Path, "path", "a path"),
];

impl Format {
    /// The format of that name in a schema.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        // What people write for the two that have other names in JSON Schema.
        let name = match name {
            "url" => "uri",
            "datetime" => "date-time",
            other => other,
        };
        NAMES.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }

    /// The name in schemas.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// What is expected, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.entry().2
    }

    /// All names that [`Format::of`] knows.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name, _)| *name)
    }

    fn entry(self) -> &'static (Self, &'static str, &'static str) {
        // The table has a row for each.
        NAMES.iter().find(|(format, ..)| *format == self).unwrap_or(&NAMES[0])
    }

    /// Whether `text` is one.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Date => DATE.is_match(text) && text.parse::<jiff::civil::Date>().is_ok(),
            Self::DateTime => DATE_TIME.is_match(text) && text.parse::<jiff::Timestamp>().is_ok(),
            Self::Time => TIME.is_match(text) && text.parse::<jiff::civil::Time>().is_ok(),
            Self::LocalDateTime => LOCAL.is_match(text) && text.parse::<jiff::civil::DateTime>().is_ok(),
            Self::Duration => DURATION.is_match(text) && !text.ends_with(['P', 'T']),
            Self::Url => url::Url::parse(text).is_ok(),
            Self::Email => email_address::EmailAddress::is_valid(text),
            Self::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            // Read, not compiled: a few letters can stand for a large automaton.
            Self::Regex => regex_syntax::ast::parse::Parser::new().parse(text).is_ok(),
            // The crate takes hexadecimal digits without a `#`; CSS does not.
            Self::Color => !text.bytes().all(|byte| byte.is_ascii_hexdigit()) && csscolorparser::parse(text).is_ok(),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            // Whether anything is there is for its reader to see.
            Self::Path => !text.is_empty() && !text.contains('\0'),
        }
    }
}

// What jiff reads is more than RFC 3339: these say how it has to be written, jiff whether there is such a day.
static DATE: LazyLock<Regex> = LazyLock::new(|| shape("[0-9]{4}-[0-9]{2}-[0-9]{2}"));
static TIME: LazyLock<Regex> = LazyLock::new(|| shape(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"));
static LOCAL: LazyLock<Regex> =
    LazyLock::new(|| shape(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,9})?"));
static DATE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    shape(r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
});
/// Numbers of a length that every reader takes. That the last of it says something is looked at apart.
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"(T([0-9]{1,6}H)?([0-9]{1,8}M)?([0-9]{1,9}(\.[0-9]{1,9})?S)?)?";
    shape(&format!("P([0-9]{{1,4}}W|([0-9]{{1,4}}Y)?([0-9]{{1,4}}M)?([0-9]{{1,6}}D)?{time})"))
});

/// # Panics
/// If the pattern is none: seen in the tests of each format.
#[allow(clippy::expect_used)]
fn shape(pattern: &str) -> Regex {
    Regex::new(&format!(r"\A(?:{pattern})\z")).expect("a pattern")
}
