//! Whether the caller may use an action. Decided before its parameters are looked at.

use http::StatusCode;

use super::{WebError, plan::Target};
use crate::{auth::User, config::Access};

/// Asks the target's rules.
pub(super) fn permit(target: &Target<'_>, user: &User) -> Result<(), WebError> {
    if decide(&target.rules, user) { Ok(()) } else { Err(refusal(&target.command().name)) }
}

/// Which rule decides about a user, and whose it is; in words for operators.
pub(super) fn reason(target: &Target<'_>, user: &User) -> String {
    let who = if user.uid.is_empty() { "guests".to_owned() } else { format!("`{}`", user.uid) };
    if user.is_admin() {
        return format!("{who} has the role `admin`, which passes whatever the rules say");
    }
    let whose = ["of the action", "of the project", "of the application"];
    let mut rules = target.rules.iter().zip(whose);
    let found = rules.find_map(|(rules, whose)| Some((rules.as_ref()?.deciding(&user.roles)?, whose)));
    match found {
        Some((rule, whose)) => format!("`{rule}`, a rule {whose}, decides about {who}"),
        None => format!("no rule of action, project or application says anything of {who}, so that nobody is allowed"),
    }
}

/// The first rules that say something of the user decide; without any, nobody is allowed but an admin.
pub(super) fn decide(rules: &[Option<&Access>], user: &User) -> bool {
    user.is_admin() || rules.iter().flatten().find_map(|rules| rules.decide(&user.roles)).unwrap_or(false)
}

/// 403.
pub(super) fn refusal(name: &str) -> WebError {
    WebError::new(StatusCode::FORBIDDEN, format!("you have no permission to use `{name}`"))
}
