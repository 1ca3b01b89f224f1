//! Whether the caller may use an action. Decided before its parameters are looked at.

use std::sync::LazyLock;

use http::StatusCode;
use serde::Serialize;

use super::{WebError, plan::Target};
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

/// Asks the target's rules.
pub(super) fn permit(target: &Target<'_>) -> Result<&'static Principal, WebError> {
    if decide(&target.rules) { Ok(&GUEST) } else { Err(refusal(&target.command().name)) }
}

/// Which rule decides about a guest, and whose it is; in words for operators.
pub(super) fn reason(target: &Target<'_>) -> String {
    let whose = ["of the action", "of the project", "of the application"];
    let mut rules = target.rules.iter().zip(whose);
    let found = rules.find_map(|(rules, whose)| Some((rules.as_ref()?.deciding(GUEST.roles)?, whose)));
    match found {
        Some((rule, whose)) => format!("`{rule}`, a rule {whose}, decides about guests"),
        None => "no rule of action, project or application says anything of guests, so that nobody is allowed".into(),
    }
}

/// The first rules that say something of the caller decide; without any, nobody is allowed.
pub(super) fn decide(rules: &[Option<&Access>]) -> bool {
    rules.iter().flatten().find_map(|rules| rules.decide(GUEST.roles)).unwrap_or(false)
}

/// 403.
pub(super) fn refusal(name: &str) -> WebError {
    WebError::new(StatusCode::FORBIDDEN, format!("you have no permission to use `{name}`"))
}
