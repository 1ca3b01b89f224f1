//! Who may do what: `allow ROLE, deny ROLE`.

/// The role that passes whatever the rules say.
pub const ADMIN: &str = "admin";

/// Roles that somebody has or has not by being logged in or not.
const COMPUTED_ROLES: [&str; 3] = ["all", "guest", "user"];

/// Roles that need no listing.
pub const BUILT_IN_ROLES: [&str; 4] = ["all", "guest", "user", ADMIN];

/// Whether a role can be called that.
pub(super) fn is_role(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.:-".contains(c))
}

/// Whether a user can be given that role.
///
/// # Errors
/// What is wrong, in words for the operator.
pub fn check_role(role: &str) -> Result<(), String> {
    if COMPUTED_ROLES.contains(&role) {
        return Err(format!("the role `{role}` can't be given: who has it is decided by whether they are logged in"));
    }
    if is_role(role) {
        return Ok(());
    }
    Err(format!("expected a role of letters, digits and `_.:-`; got `{role}`"))
}

/// What to tell of a role that is not among those that there are, if they are listed.
pub(super) fn unlisted(role: &str, listed: Option<&[String]>) -> Option<String> {
    let listed = listed?;
    if BUILT_IN_ROLES.contains(&role) || listed.iter().any(|other| other == role) {
        return None;
    }
    let known: Vec<_> = listed.iter().map(|role| format!("`{role}`")).collect();
    Some(format!("there is no role `{role}` in `auth.roles`; there are: {}", known.join(", ")))
}

/// Rules in order. The first one whose role the caller has decides; if none does, the parent is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    role: String,
}

impl Access {
    /// Reads the rules; an empty text has none.
    ///
    /// # Errors
    /// A text for people, naming the part that is no rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(Rule::parse).collect::<Result<_, _>>().map(|rules| Self { rules })
    }

    /// The roles that they name.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.role.as_str())
    }

    /// The rule that decides about a caller with these roles, as it was written.
    #[must_use]
    pub fn deciding(&self, roles: &[impl AsRef<str>]) -> Option<String> {
        let rule = self.deciding_rule(roles)?;
        Some(format!("{} {}", if rule.allow { "allow" } else { "deny" }, rule.role))
    }

    /// What these rules say of a caller with these roles; `None` if they say nothing.
    #[must_use]
    pub fn decide(&self, roles: &[impl AsRef<str>]) -> Option<bool> {
        self.deciding_rule(roles).map(|rule| rule.allow)
    }

    fn deciding_rule(&self, roles: &[impl AsRef<str>]) -> Option<&Rule> {
        self.rules.iter().find(|rule| roles.iter().any(|role| role.as_ref() == rule.role))
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Self, String> {
        let problem = || format!("expected `allow ROLE` or `deny ROLE`, separated by commas; got `{}`", text.trim());
        let mut words = text.split_whitespace();
        let (Some(verb), Some(role), None) = (words.next(), words.next(), words.next()) else { return Err(problem()) };
        let allow = match verb {
            "allow" => true,
            "deny" => false,
            _ => return Err(problem()),
        };
        if !is_role(role) {
            return Err(format!("expected a role of letters, digits and `_.:-`; got `{role}`"));
        }
        Ok(Self { allow, role: role.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_role_that_the_caller_has_decides() {
        let rules = Access::parse("allow editor, deny guest, allow all").unwrap();
        assert_eq!(rules.decide(&["guest", "all"]), Some(false));
        assert_eq!(rules.decide(&["user", "all"]), Some(true));
        assert_eq!(rules.decide(&["editor", "guest", "all"]), Some(true));
        assert_eq!(rules.decide(&["nobody"]), None);
        assert_eq!(Access::parse(" ").unwrap().decide(&["all"]), None);
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for text in ["allow", "allow all deny guest", "permit all", "allow all,", "Allow all"] {
            assert!(Access::parse(text).is_err_and(|e| e.contains("`allow ROLE`")), "{text}");
        }
    }
}
