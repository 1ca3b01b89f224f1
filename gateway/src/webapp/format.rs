//! JSON or MsgPack: what a request is in, and what its reply shall be in.

use http::{HeaderMap, HeaderValue, header};
use wicketgate_spec::Dialect;

use crate::plugin::Format;

/// The format of a media type, whatever its parameters; `None` for all others.
pub(super) fn by_media_type(value: &HeaderValue) -> Option<Format> {
    by_name(value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii())
}

fn by_name(name: &[u8]) -> Option<Format> {
    const JSON_SUFFIX: &[u8] = b"+json";
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    let suffix = name.len().checked_sub(JSON_SUFFIX.len()).map(|start| &name[start..]);
    if is("application/json") || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(JSON_SUFFIX)) {
        return Some(Format::Json);
    }
    (is("application/msgpack") || is("application/vnd.msgpack") || is("application/x-msgpack"))
        .then_some(Format::MsgPack)
}

/// What `Accept` says of the media types that there are here: from 0 (not at all) to 1.
struct Preferences {
    json: f32,
    msgpack: f32,
    html: f32,
    problem: f32,
}

impl Preferences {
    /// Reads the header; a type that is not named has what its range has, and a problem has to be asked for by name.
    fn read(accept: &str) -> Self {
        let (mut json, mut msgpack, mut html, mut problem) = (None, None, None, None);
        let (mut application, mut text, mut any) = (None, None, None);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            let quality = quality.map_or(Some(1.0), |q| q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)));
            let quality = Some(quality.unwrap_or(0.0));
            match name.as_str() {
                "*/*" => any = quality,
                "application/*" => application = quality,
                "text/*" => text = quality,
                "text/html" => html = quality,
                "application/problem+json" => problem = quality,
                name => match by_name(name.as_bytes()) {
                    Some(Format::Json) => json = quality,
                    Some(Format::MsgPack) => msgpack = quality,
                    None => {}
                },
            }
        }
        let application = application.or(any).unwrap_or(0.0);
        Self {
            json: json.unwrap_or(application),
            msgpack: msgpack.unwrap_or(application),
            html: html.or(text).or(any).unwrap_or(0.0),
            problem: problem.unwrap_or(0.0),
        }
    }
}

/// `Accept`, its lines joined (RFC 9110 §5.3).
#[must_use]
pub fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(header::ACCEPT).iter();
    let (first, second) = (lines.next()?, lines.next());
    let Some(second) = second else { return Some(first.clone()) };
    let all: Vec<_> = [first, second].into_iter().chain(lines).map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&all.join(&b", "[..])).ok()
}

/// The format of the reply: what `Accept` prefers, else the request's own, else JSON. Never 406 (RFC 9110 §12.5.1 lets
/// a server disregard the header).
#[must_use]
pub(super) fn format_of(content_type: Option<&HeaderValue>, accept: Option<&HeaderValue>) -> Format {
    let own = content_type.and_then(by_media_type).unwrap_or(Format::Json);
    let Some(accept) = accept.and_then(|accept| accept.to_str().ok()) else { return own };
    let Preferences { json, msgpack, .. } = Preferences::read(accept);
    match json.total_cmp(&msgpack) {
        std::cmp::Ordering::Greater => Format::Json,
        std::cmp::Ordering::Less => Format::MsgPack,
        std::cmp::Ordering::Equal => own,
    }
}

/// What an error is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFormat {
    /// As replies are.
    Value(Format),
    /// A page for people.
    Html,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// A value with one member of that name, which is a text.
    Member(&'static str, Format),
    /// A text.
    Text,
}

/// The format of an error: a page if the client prefers HTML to all else, a problem if it asks for one by name and likes
/// nothing better, else that of the reply. A mount's own dialect is used in place of the gateway's, and of pages.
#[must_use]
pub fn error_format(content_type: Option<&HeaderValue>, accept: Option<&HeaderValue>, dialect: Dialect) -> ErrorFormat {
    if let Some(accept) = accept.and_then(|accept| accept.to_str().ok()) {
        let Preferences { json, msgpack, html, problem } = Preferences::read(accept);
        let value = json.max(msgpack);
        if problem > 0.0 && problem >= value.max(html) {
            return ErrorFormat::Problem;
        }
        if html > value && dialect == Dialect::Gateway {
            return ErrorFormat::Html;
        }
    }
    let format = format_of(content_type, accept);
    match dialect {
        Dialect::Gateway => ErrorFormat::Value(format),
        Dialect::Detail => ErrorFormat::Member("detail", format),
        Dialect::Message => ErrorFormat::Member("message", format),
        Dialect::Text => ErrorFormat::Text,
        Dialect::Problem => ErrorFormat::Problem,
    }
}

/// The media type of a format.
pub(super) fn media_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Json => "application/json",
        Format::MsgPack => "application/msgpack",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(content_type: Option<&'static str>, accept: Option<&'static str>) -> Format {
        let header = |text: Option<&'static str>| text.map(HeaderValue::from_static);
        format_of(header(content_type).as_ref(), header(accept).as_ref())
    }

    #[test]
    fn accept_decides_and_the_request_breaks_ties() {
        let (json, msgpack) = (Some("application/json; charset=utf-8"), Some("application/msgpack"));
        assert_eq!(chosen(json, None), Format::Json);
        assert_eq!(chosen(msgpack, None), Format::MsgPack);
        assert_eq!(chosen(msgpack, Some("*/*")), Format::MsgPack);
        assert_eq!(chosen(json, Some("text/html, application/msgpack;q=0.5, application/json;q=0.4")), Format::MsgPack);
        assert_eq!(chosen(msgpack, Some("application/msgpack;q=0, */*;q=0.1")), Format::Json);
        assert_eq!(chosen(None, Some("text/html")), Format::Json);
        assert_eq!(chosen(Some("application/problem+json"), None), Format::Json);
    }

    #[test]
    fn errors_are_told_as_the_client_likes_them() {
        let told = |accept: &'static str| error_format(None, Some(&HeaderValue::from_static(accept)), Dialect::Gateway);
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(told(browser), ErrorFormat::Html);
        assert_eq!(told("text/*"), ErrorFormat::Html);
        assert_eq!(told("*/*"), ErrorFormat::Value(Format::Json));
        assert_eq!(told("text/html, application/json"), ErrorFormat::Value(Format::Json));
        assert_eq!(told("application/msgpack, text/html;q=0.9"), ErrorFormat::Value(Format::MsgPack));
        assert_eq!(told("application/problem+json, application/json"), ErrorFormat::Problem);
        assert_eq!(told("application/problem+json;q=0.5, application/json"), ErrorFormat::Value(Format::Json));
        assert_eq!(told("application/problem+json;q=0"), ErrorFormat::Value(Format::Json));
    }
}
