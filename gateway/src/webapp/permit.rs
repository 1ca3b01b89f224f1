//! Whether the caller may use an action. Decided before its parameters are looked at.

use http::StatusCode;

use super::{WebError, plan::Target};
use crate::{auth::User, config::Access};

/// Asks the target's rules.
pub(super) fn permit(target: &Target<'_>, user: &User) -> Result<(), WebError> {
    if decide(&target.rules, user) { Ok(()) } else { Err(refusal(&target.command().name)) }
}

/// Which rule decides whether a user may use a command, and whose it is; in words for operators.
pub(super) fn reason(target: &Target<'_>, user: &User) -> String {
    let whose = ["of the action", "of the project", "of the application"];
    words(user, target.rules.iter().copied().zip(whose), "rule of action, project or application")
}

/// The same for a project.
pub(super) fn reason_of_project(project: &Access, application: &Access, user: &User) -> String {
    let rules = [(Some(project), "of the project"), (Some(application), "of the application")];
    words(user, rules.into_iter(), "rule of project or application")
}

fn words<'a>(user: &User, mut rules: impl Iterator<Item = (Option<&'a Access>, &'static str)>, none: &str) -> String {
    let who = if user.uid.is_empty() { "guests".to_owned() } else { format!("`{}`", user.uid) };
    if user.is_admin() {
        return format!("{who} has the role `admin`, which passes whatever the rules say");
    }
    match rules.find_map(|(rules, whose)| Some((rules?.deciding(&user.roles)?, whose))) {
        Some((rule, whose)) => format!("`{rule}`, a rule {whose}, decides about {who}"),
        None => format!("no {none} says anything of {who}, so that nobody is allowed"),
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
