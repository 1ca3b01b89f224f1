//! Whether the caller may use an action. Decided before its parameters are looked at.

use std::sync::LazyLock;

use http::StatusCode;
use serde::Serialize;

use super::{WebError, commands::Target};
use crate::{config::Access, plugin::CallerContext};

/// Who calls.
pub(super) struct Principal {
    roles: &'static [&'static str],
    /// What plugins are told, encoded once.
    pub(super) context: CallerContext,
}

/// The caller that nobody knows: the only one so far.
static GUEST: LazyLock<Principal> = LazyLock::new(|| {
    let roles = &["guest", "all"];
    let caller = Caller { user: User { uid: "", display_name: "Guest", roles } };
    // Texts and a list of texts: there is nothing in it that can't be written.
    Principal { roles, context: CallerContext::new(rmp_serde::to_vec_named(&caller).unwrap_or_default()) }
});

#[derive(Serialize)]
struct Caller<'a> {
    user: User<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    uid: &'a str,
    display_name: &'a str,
    roles: &'a [&'a str],
}

/// Asks the action's rules, then the application's; without any rule for the caller's roles, nobody is allowed.
pub(super) fn permit(target: &Target<'_>, application: &Access) -> Result<&'static Principal, WebError> {
    let caller = &*GUEST;
    let own = target.configured.access.decide(caller.roles);
    if own.or_else(|| application.decide(caller.roles)).unwrap_or(false) {
        return Ok(caller);
    }
    let info = format!("you have no permission to use `{}`", target.command().name);
    Err(WebError::new(StatusCode::FORBIDDEN, info))
}
