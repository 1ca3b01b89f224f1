//! Users, as commands see them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;
use serde_json::Value;

use crate::config::{ADMIN, BUILT_IN_ROLES, UserRecord};

/// Who somebody is.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Unique name; empty for a guest.
    pub uid: String,
    /// Name to show to people.
    pub display_name: String,
    /// All roles, `all` among them.
    pub roles: Vec<String>,
    /// What a provider or a token says besides.
    pub attributes: BTreeMap<String, Value>,
}

impl User {
    /// Somebody who has not said who they are.
    #[must_use]
    pub fn guest() -> Self {
        let roles = ["guest", "all"].map(str::to_owned).into();
        Self { uid: String::new(), display_name: "Guest".into(), roles, attributes: BTreeMap::new() }
    }

    /// Somebody who is logged in, and has these roles besides.
    #[must_use]
    pub fn known(uid: &str, display_name: &str, own: &[String], attributes: BTreeMap<String, Value>) -> Self {
        // Whoever is logged in is no guest, whatever a database or a token says.
        let own = own.iter().map(String::as_str).filter(|role| *role != "guest");
        let mut roles: Vec<String> = Vec::new();
        for role in own.chain(["user", "all"]) {
            if !roles.iter().any(|other| other == role) {
                roles.push(role.to_owned());
            }
        }
        Self { uid: uid.to_owned(), display_name: display_name.to_owned(), roles, attributes }
    }

    /// Whether no rule can keep them out.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == ADMIN)
    }
}

impl From<&UserRecord> for User {
    fn from(record: &UserRecord) -> Self {
        Self::known(&record.login, &record.display_name, &record.roles, record.attributes.clone())
    }
}

/// The roles that there are, if the operator has listed them.
pub(super) struct Listed {
    roles: Option<Vec<String>>,
    /// Those that were missed already.
    told: Mutex<BTreeSet<String>>,
}

impl Listed {
    pub(super) fn new(roles: Option<Vec<String>>) -> Self {
        Self { roles, told: Mutex::default() }
    }

    /// The user without the roles that there are not: a database or a token may name others. The log gets to know, once.
    pub(super) fn keep(&self, mut user: User) -> User {
        let Some(listed) = &self.roles else { return user };
        user.roles.retain(|role| {
            let kept = BUILT_IN_ROLES.contains(&role.as_str()) || listed.contains(role);
            if !kept && self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(role.clone()) {
                tracing::warn!(user = %user.uid, "there is no role {role:?} in `auth.roles`, so that nobody has it");
            }
            kept
        });
        user
    }
}

/// Who calls, and what plugins are told of them: encoded once, and shared by all calls.
#[derive(Debug)]
pub struct Principal {
    /// Who it is.
    pub user: User,
    /// Never given to another one, so that a plugin need not read what it has read.
    pub id: u64,
    /// A MsgPack map, in which `user` is the [`User`].
    pub context: Arc<Vec<u8>>,
}

#[derive(Serialize)]
struct Context<'u> {
    user: &'u User,
}

impl Principal {
    /// The one who is that user.
    #[must_use]
    pub fn new(user: User) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Texts, lists of texts and JSON values: there is nothing in it that can't be written.
        let context = rmp_serde::to_vec_named(&Context { user: &user }).unwrap_or_default();
        Arc::new(Self { user, id: NEXT.fetch_add(1, Ordering::Relaxed), context: Arc::new(context) })
    }

    /// Somebody who has not said who they are.
    #[must_use]
    pub fn guest() -> Arc<Self> {
        static GUEST: LazyLock<Arc<Principal>> = LazyLock::new(|| Principal::new(User::guest()));
        GUEST.clone()
    }
}
