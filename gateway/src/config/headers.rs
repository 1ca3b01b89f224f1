//! Response headers of a site: safe defaults, changed by the operator.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::source::At;

/// What every reply of a site gets unless it says otherwise itself.
#[derive(Clone, Debug)]
pub struct SiteHeaders(pub HeaderMap);

/// The reply's own business, or the connection's.
const RESERVED: [HeaderName; 13] = [
    header::LOCATION,
    header::ALLOW,
    header::VARY,
    header::LAST_MODIFIED,
    header::ACCEPT_RANGES,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::CONTENT_TYPE,
    header::CONTENT_RANGE,
    header::DATE,
    header::ETAG,
];

impl Default for SiteHeaders {
    /// Browsers run and show only what this site itself delivers, and tell other sites as little as possible.
    fn default() -> Self {
        let csp = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";
        let pairs = [
            (header::CONTENT_SECURITY_POLICY, csp),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
            (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(self), microphone=()"),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        ];
        Self(pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect())
    }
}

/// The table `headers` of a site.
pub(super) fn resolve(at: &At<'_, '_>) -> SiteHeaders {
    let mut headers = SiteHeaders::default();
    for name in at.names() {
        let at = at.key(name);
        let Some(text) = at.text() else { continue };
        match (HeaderName::try_from(name), HeaderValue::try_from(text)) {
            (Ok(name), _) if RESERVED.contains(&name) => {
                at.wrong("this header is the gateway's own to set: it belongs to each reply");
            }
            (Ok(name), _) if name.as_str().starts_with("access-control-") => {
                at.wrong("this header belongs to CORS: configure `[sites.cors]`");
            }
            (Ok(name), _) if text.is_empty() => drop(headers.0.remove(name)),
            (Ok(name), Ok(value)) => drop(headers.0.insert(name, value)),
            (Err(_), _) => at.wrong(format!("`{name}` is no header name")),
            (_, Err(_)) => at.wrong("a header's value has no line breaks or other control characters"),
        }
    }
    headers
}
