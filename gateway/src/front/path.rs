//! The path of a request: the only thing by which a file or a command can be reached.

use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode_byte, utf8_percent_encode};

use crate::webapp::WebError;

/// The longest path, in bytes. It is what every rule and every lookup works on.
const LONGEST: usize = 8192;

/// What is encoded in a URI: all but unreserved characters and those that mean nothing in a path (RFC 3986 §3.3).
const IN_URI: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A normalised path: split at `/` first, each segment percent-decoded once, empty segments and `.` dropped, `..`
/// resolved. A segment may hold a `/` that was encoded; it then names no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath {
    segments: Vec<String>,
    /// Whether a folder was asked for: the path ends with `/`, `.` or `..`.
    is_folder: bool,
}

impl RequestPath {
    /// Reads the path of a URI (RFC 3986 §3.3).
    ///
    /// # Errors
    /// 400 if it does not start with `/`, is badly encoded, leads above `/`, or holds a NUL; 414 if it has more than
    /// 8192 bytes.
    pub fn parse(raw: &str) -> Result<Self, WebError> {
        let malformed = |what: &str| WebError::bad_request(format!("malformed path: {what}"));
        Self::check_length(raw)?;
        let rest = raw.strip_prefix('/').ok_or_else(|| malformed("it does not start with `/`"))?;
        let (mut segments, mut is_folder): (Vec<String>, _) = (Vec::new(), true);
        for segment in rest.split('/') {
            let decoded = decode(segment).map_err(malformed)?;
            is_folder = matches!(decoded.as_str(), "" | "." | "..");
            match decoded.as_str() {
                "" | "." => {}
                ".." => {
                    segments.pop().ok_or_else(|| malformed("it leads above `/`"))?;
                }
                _ => segments.push(decoded),
            }
        }
        Ok(Self { segments, is_folder })
    }

    /// Checks the length of a path, which is looked at before all else.
    ///
    /// # Errors
    /// 414 if it has more than 8192 bytes.
    pub fn check_length(raw: &str) -> Result<(), WebError> {
        if raw.len() <= LONGEST {
            return Ok(());
        }
        let info = format!("the path is longer than {LONGEST} bytes");
        Err(WebError::new(StatusCode::URI_TOO_LONG, info))
    }

    /// The segments, without any `/` around them.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The segments, taken.
    #[must_use]
    pub fn into_segments(self) -> Vec<String> {
        self.segments
    }

    /// Whether a folder was asked for.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// What is left below `prefix`; `None` if the path is not there.
    pub(super) fn below(&self, prefix: &[String]) -> Option<Self> {
        let rest = self.segments.strip_prefix(prefix)?;
        Some(Self { segments: rest.to_vec(), is_folder: self.is_folder })
    }

    /// The path as rules see it: decoded, but for `/ % ? #` and control characters in a segment.
    pub(super) fn to_text(&self) -> String {
        self.joined(|segment, text| {
            // Most segments are texts that nothing has to be encoded of.
            if !segment.bytes().any(|byte| matches!(byte, b'/' | b'%' | b'?' | b'#') || !(0x20..0x7f).contains(&byte)) {
                return text.push_str(segment);
            }
            for c in segment.chars() {
                if matches!(c, '/' | '%' | '?' | '#') || c.is_control() {
                    text.extend(c.encode_utf8(&mut [0; 4]).bytes().map(percent_encode_byte));
                } else {
                    text.push(c);
                }
            }
        })
    }

    /// The path as it stands in a URI.
    pub(super) fn to_uri(&self) -> String {
        self.joined(|segment, uri| uri.extend(utf8_percent_encode(segment, IN_URI)))
    }

    fn joined(&self, push: impl Fn(&str, &mut String)) -> String {
        let mut text = String::with_capacity(self.segments.iter().map(|segment| segment.len() + 1).sum::<usize>() + 1);
        for segment in &self.segments {
            text.push('/');
            push(segment, &mut text);
        }
        if self.is_folder || self.segments.is_empty() {
            text.push('/');
        }
        text
    }

    /// Whether the path starts with `/_`.
    #[must_use]
    pub fn is_command(&self) -> bool {
        self.segments.first().is_some_and(|first| first.starts_with('_'))
    }
}

/// Decodes one segment. Unlike the library, refuses `%` that starts no code.
fn decode(segment: &str) -> Result<String, &'static str> {
    if !segment.contains('%') {
        return Ok(segment.to_owned());
    }
    let bytes = segment.as_bytes();
    let is_code = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    if memchr::memchr_iter(b'%', bytes).any(|at| !is_code(at)) {
        return Err("a `%` in it is not followed by two hexadecimal digits");
    }
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| "it is not UTF-8")?;
    if decoded.contains('\0') { Err("it holds a NUL") } else { Ok(decoded.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_has_one_form() {
        let cases: [(&str, &[&str], bool); 16] = [
            ("/", &[], true),
            ("/a", &["a"], false),
            ("/a/", &["a"], true),
            ("//a///b", &["a", "b"], false),
            ("/./a/./b/.", &["a", "b"], true),
            ("/a/../b", &["b"], false),
            ("/a/b/..", &["a"], true),
            ("/%61", &["a"], false),
            ("/%2e%2E/..", &[], true),
            ("/a/%2e%2e/_", &["_"], false),
            ("/%5f/x", &["_", "x"], false),
            ("//_", &["_"], false),
            ("/x/../_/y", &["_", "y"], false),
            ("/a%2Fb", &["a/b"], false),
            ("/%2541", &["%41"], false),
            ("/%C3%A4", &["ä"], false),
        ];
        for (raw, segments, is_folder) in cases {
            match RequestPath::parse(raw) {
                Ok(path) => {
                    assert_eq!(path.segments(), segments, "{raw}");
                    assert_eq!(path.is_folder(), is_folder, "{raw}");
                }
                // Leads above the root.
                Err(_) => assert_eq!(raw, "/%2e%2E/.."),
            }
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for raw in ["", "a", "*", "/..", "/a/../..", "/%", "/%4", "/%zz", "/%ff", "/%c0%ae", "/a%00b", "/%2e%2e/x"] {
            assert_eq!(RequestPath::parse(raw).map_err(|e| e.status().as_u16()), Err(400), "{raw}");
        }
    }
}
