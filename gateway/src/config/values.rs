//! Values that are written as texts: rules, networks, sizes, times, hosts. What is no such value is noted, and something
//! harmless takes its place.

use std::{net::IpAddr, time::Duration};

use bytesize::ByteSize;
use ipnet::IpNet;

use super::{Access, access::unlisted, raw, source::At};

/// Rules of access; none if there are none, or unusable ones. They may name the `roles` that there are, if these are listed.
pub(super) fn access(at: &At<'_, '_>, roles: Option<&[String]>) -> Access {
    let parsed = at.text().map(Access::parse).transpose();
    let access = parsed.map_err(|problem| at.wrong(problem)).ok().flatten().unwrap_or_default();
    access.roles().filter_map(|role| unlisted(role, roles)).for_each(|problem| at.wrong(problem));
    access
}

/// A network, or a single address.
pub(super) fn network(at: &At<'_, '_>) -> Option<IpNet> {
    let text = at.text()?;
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    if network.is_none() {
        at.wrong(format!("expected a network or an address, such as `10.0.0.0/8` or `::1`; got `{text}`"));
    }
    network
}

/// A size in bytes.
pub(super) fn size(at: &At<'_, '_>, default: &str) -> usize {
    let text = at.text().unwrap_or(default);
    let size = text.parse::<ByteSize>().ok().and_then(|size| usize::try_from(size.as_u64()).ok());
    size.unwrap_or_else(|| {
        at.wrong(format!("expected a size such as `10MB` or `512KiB`; got `{text}`"));
        0
    })
}

/// A length of time that is not nothing.
pub(super) fn time(at: &At<'_, '_>, default: &str) -> Duration {
    let text = at.text().unwrap_or(default);
    // Longer times can't be told to a plugin, and are a mistake anyway.
    let fits = |time: &Duration| !time.is_zero() && time.as_millis() < u32::MAX.into();
    text.parse::<humantime::Duration>().ok().map(Duration::from).filter(fits).unwrap_or_else(|| {
        at.wrong(format!("expected a length of time such as `30s` or `1m 30s`, not 0 and below 49 days; got `{text}`"));
        Duration::from_secs(1)
    })
}

/// A number that is not nothing.
pub(super) fn at_least_one(at: &At<'_, '_>, default: u32) -> u32 {
    let number = at.get().unwrap_or(default);
    if number == 0 {
        at.wrong("expected at least 1");
    }
    number
}

/// What a site is called when it does not say.
pub(super) fn host(at: &At<'_, '_>) -> String {
    let text = at.text().map_or_else(raw::any, str::to_owned);
    // The dot of the root is no part of the name, and `*.` is no name.
    let host = text.strip_suffix('.').filter(|name| *name != "*").unwrap_or(&text).to_ascii_lowercase();
    if !is_host(&host) {
        at.wrong(format!("expected a host name without port, `*.suffix`, or `*`; got `{text}`"));
    }
    host
}

/// Whether the text can stand for hosts: a name, an IP address, `*.suffix`, or `*`.
fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let bracketed = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    text == "*"
        || (!name.is_empty() && name.chars().all(plain))
        || name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).is_some_and(|ip| ip.chars().all(bracketed))
}
