//! JSON or MsgPack: what a request is in, and what its reply shall be in.

use http::HeaderValue;

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

/// The format of the reply: what `Accept` prefers, else the request's own, else JSON. Never 406 (RFC 9110 §12.5.1 lets
/// a server disregard the header).
#[must_use]
pub fn format_of(content_type: Option<&HeaderValue>, accept: Option<&HeaderValue>) -> Format {
    let own = content_type.and_then(by_media_type).unwrap_or(Format::Json);
    let Some(accept) = accept.and_then(|accept| accept.to_str().ok()) else { return own };
    let (mut json, mut msgpack, mut any) = (None, None, None);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let quality = quality.map_or(Some(1.0), |q| q.parse::<f32>().ok()).unwrap_or(0.0);
        match by_name(name.as_bytes()) {
            Some(Format::Json) => json = Some(quality),
            Some(Format::MsgPack) => msgpack = Some(quality),
            None if name == "*/*" || name.eq_ignore_ascii_case("application/*") => any = Some(quality),
            None => {}
        }
    }
    let quality = |format: Option<f32>| format.or(any).unwrap_or(0.0);
    match quality(json).total_cmp(&quality(msgpack)) {
        std::cmp::Ordering::Greater => Format::Json,
        std::cmp::Ordering::Less => Format::MsgPack,
        std::cmp::Ordering::Equal => own,
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
}
