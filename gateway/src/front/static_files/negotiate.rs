//! Which coding a client gets (`Accept-Encoding`; RFC 9110 §12.5.3).

use http::{HeaderMap, StatusCode, header};

use crate::{front::coding::Coding, webapp::WebError};

/// How a coded form of a file comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// There is none.
    Missing,
    /// It is made here.
    Made,
    /// The operator has put it beside the file.
    Sibling,
}

/// The forms of a file, in the order of [`Coding::ALL`].
pub(super) type Forms = [Form; 3];

/// How much a client likes a coding, in thousandths; 0 is not at all.
type Weight = u16;

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    plain: Weight,
    coded: [Weight; 3],
}

impl Accepted {
    /// Without the header, no coding is wanted.
    const PLAIN: Self = Self { plain: 1000, coded: [0; 3] };

    /// Reads the header's lines. What is no weight makes its item void.
    pub(super) fn read<'v>(values: impl Iterator<Item = &'v [u8]>) -> Self {
        let (mut plain, mut coded, mut others, mut any) = (None, [None; 3], None, false);
        for item in values.flat_map(|value| value.split(|byte| *byte == b',')) {
            any = true;
            let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let name = parts.next().unwrap_or_default();
            let Some(weight) = parts.next().map_or(Some(1000), weight).filter(|_| parts.next().is_none()) else {
                continue;
            };
            match Coding::named(name) {
                Some(coding) => coded[coding as usize] = Some(weight),
                None if name == b"*" => others = Some(weight),
                None if name.eq_ignore_ascii_case(b"identity") => plain = Some(weight),
                None => {}
            }
        }
        if !any {
            return Self::PLAIN;
        }
        // What is not named is as good as `*`; the plain form is fine unless it is ruled out.
        Self { plain: plain.or(others).unwrap_or(1), coded: coded.map(|weight| weight.or(others).unwrap_or(0)) }
    }

    /// The same from all headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self::read(headers.get_all(header::ACCEPT_ENCODING).iter().map(http::HeaderValue::as_bytes))
    }

    /// The best of what there is: what the client likes most, then what the operator has made, then what is smallest.
    /// `None` is the plain form.
    ///
    /// # Errors
    /// 406 if nothing of it will do.
    pub(super) fn choose(&self, forms: Forms) -> Result<Option<Coding>, WebError> {
        let mut best = (self.plain, Form::Missing, None);
        for coding in Coding::ALL {
            let (weight, form) = (self.coded[coding as usize], forms[coding as usize]);
            // The plain form counts as one that is made, but comes last.
            let better = weight > best.0 || (weight == best.0 && form > best.1);
            if weight > 0 && form != Form::Missing && better {
                best = (weight, form, Some(coding));
            }
        }
        if best.0 > 0 { Ok(best.2) } else { Err(not_acceptable()) }
    }
}

/// `q=0.5` in thousandths; `None` if it is no weight (RFC 9110 §12.4.2).
fn weight(text: &[u8]) -> Option<Weight> {
    let value = text.strip_prefix(b"q=").or_else(|| text.strip_prefix(b"Q="))?;
    let (whole, fraction) = match value {
        [whole] => (whole, &b""[..]),
        [whole, b'.', fraction @ ..] => (whole, fraction),
        _ => return None,
    };
    if fraction.len() > 3 || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |place: usize| fraction.get(place).map_or(0, |digit| Weight::from(digit - b'0'));
    let thousandths = digit(0) * 100 + digit(1) * 10 + digit(2);
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(1000),
        _ => None,
    }
}

fn not_acceptable() -> WebError {
    let info = "the file can't be sent in a coding that `Accept-Encoding` allows; allow `identity`";
    WebError::new(StatusCode::NOT_ACCEPTABLE, info)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Forms = [Form::Made; 3];

    fn chosen(header: &str, forms: Forms) -> Option<&'static str> {
        let chosen = Accepted::read([header.as_bytes()].into_iter()).choose(forms).ok()?;
        Some(chosen.map_or("identity", Coding::name))
    }

    #[test]
    fn the_client_s_wish_comes_before_the_server_s() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip, deflate, zstd", Some("zstd")),
            ("GZIP", Some("gzip")),
            ("x-gzip", Some("gzip")),
            ("", Some("identity")),
            ("deflate", Some("identity")),
            ("*", Some("br")),
            ("br;q=0, *", Some("zstd")),
            ("gzip;q=1, br;q=0.9", Some("gzip")),
            ("gzip;q=0.001", Some("gzip")),
            ("gzip ; Q=0.5 , br;q=0.4", Some("gzip")),
            ("identity, gzip;q=0.5", Some("identity")),
            ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
            ("gzip;q=0", Some("identity")),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("*;q=0, gzip", Some("gzip")),
            ("identity;q=0, br;q=0.1", Some("br")),
            // What is no weight makes the item void.
            ("gzip;q=9, zstd", Some("zstd")),
            ("gzip;q=-1", Some("identity")),
            ("gzip;q=1.0000", Some("identity")),
            ("gzip;q=1.001", Some("identity")),
            ("gzip;q=nan", Some("identity")),
            ("gzip;level=9", Some("identity")),
            ("gzip;q=1;x=y", Some("identity")),
            (";;,,;q=1", Some("identity")),
        ] {
            assert_eq!(chosen(header, ALL), expected, "{header}");
        }
    }

    #[test]
    fn what_the_operator_made_comes_before_what_is_made_here() {
        let forms = [Form::Made, Form::Made, Form::Sibling];
        assert_eq!(chosen("gzip, br, zstd", forms), Some("gzip"));
        assert_eq!(chosen("gzip;q=0.9, br", forms), Some("br"));
        let only = [Form::Missing, Form::Missing, Form::Sibling];
        assert_eq!(chosen("br, zstd", only), Some("identity"));
        assert_eq!(chosen("br, identity;q=0", only), None);
        assert_eq!(chosen("identity;q=0", [Form::Missing; 3]), None);
    }

    #[test]
    fn without_the_header_nothing_is_coded() {
        assert_eq!(Accepted::read(std::iter::empty()), Accepted::PLAIN);
    }
}
