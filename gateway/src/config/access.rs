//! Who may do what: `allow ROLE, deny ROLE`.

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

    /// The rule that decides about a caller with these roles, as it was written.
    #[must_use]
    pub fn deciding(&self, roles: &[&str]) -> Option<String> {
        let rule = self.rules.iter().find(|rule| roles.contains(&rule.role.as_str()))?;
        Some(format!("{} {}", if rule.allow { "allow" } else { "deny" }, rule.role))
    }

    /// What these rules say of a caller with these roles; `None` if they say nothing.
    #[must_use]
    pub fn decide(&self, roles: &[&str]) -> Option<bool> {
        self.rules.iter().find(|rule| roles.contains(&rule.role.as_str())).map(|rule| rule.allow)
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
