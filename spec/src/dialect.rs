//! How errors are told.

/// How a mount has errors told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// `{"error": {…}}`
    #[default]
    Gateway,
    /// `{"detail": "…"}`
    Detail,
    /// `{"message": "…"}`
    Message,
    /// As a text.
    Text,
    /// As `application/problem+json` (RFC 9457).
    Problem,
}

impl Dialect {
    /// The dialect of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "gateway" => Self::Gateway,
            "detail" => Self::Detail,
            "message" => Self::Message,
            "text" => Self::Text,
            "problem" => Self::Problem,
            _ => return None,
        })
    }
}
