//! Who calls, and what is kept for them.

use wicketgate_action::{User, prelude::*, serde_json::Value};

/// A caller
#[response]
#[derive(Default)]
pub(crate) struct Whoever {
    uid: String,
    display_name: String,
    roles: Vec<String>,
    attributes: Value,
}

impl From<&User> for Whoever {
    fn from(user: &User) -> Self {
        let User { uid, display_name, roles, attributes } = user.clone();
        Self { uid, display_name, roles, attributes: attributes.into() }
    }
}

/// Something to remember
#[params]
pub(crate) struct Entry {
    /// its name
    pub(crate) name: String,
    /// anything
    pub(crate) value: Value,
    /// how long to wait before, in milliseconds
    #[serde(default)]
    pub(crate) ms: u64,
}

/// Something that was remembered
#[params]
pub(crate) struct Name {
    /// its name
    pub(crate) name: String,
}

/// What was remembered
#[response]
pub(crate) struct Recalled {
    /// null if nothing was
    pub(crate) value: Option<Value>,
}

/// A command
#[params]
pub(crate) struct Permit {
    /// its name
    pub(crate) command: String,
    /// the project
    pub(crate) project: Option<String>,
}

/// An answer
#[response]
pub(crate) struct Permitted {
    /// whether the caller may use the command
    pub(crate) permitted: bool,
}
