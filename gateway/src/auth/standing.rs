//! Somebody who has shown who they are, and is looked up again from time to time: another configuration, or a database,
//! may say otherwise.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use sha2::{Digest, Sha256};

use super::{Auth, user::Principal};
use crate::{
    config::{UserRecord, hex},
    state::{Seconds, StateError, now},
};

/// Somebody whose password was right: for as long as it is the same one, and there is such a user.
pub(super) struct Standing {
    pub(super) login: String,
    /// See [`mark`].
    pub(super) mark: String,
    /// Who it is, as far as that is known already.
    known: ArcSwapOption<Known>,
}

/// Who somebody is, for a while.
struct Known {
    principal: Arc<Principal>,
    /// The configuration that says so.
    generation: u64,
    /// Until when a database's answer holds.
    until: Seconds,
}

impl Standing {
    pub(super) fn new(login: String, mark: String) -> Self {
        Self { login, mark, known: ArcSwapOption::empty() }
    }
}

/// What of a user must stay as it is for those who are logged in: another password, or another second factor, ends their
/// sessions.
pub(super) fn mark(record: &UserRecord) -> String {
    let (password, totp) = (record.password.as_deref(), record.totp.as_deref());
    let hash = Sha256::new().chain_update(password.unwrap_or_default()).chain_update([0]);
    hex(&hash.chain_update(totp.unwrap_or_default()).finalize()[..16])
}

impl Auth {
    /// Who it is by this configuration; `None` if the user is gone or has another password.
    pub(super) async fn principal(&self, standing: &Standing) -> Result<Option<Arc<Principal>>, StateError> {
        let current = |known: &Arc<Known>| known.generation == self.generation && now() < known.until;
        let before = standing.known.load_full();
        if let Some(known) = before.as_ref().filter(|known| current(known)) {
            return Ok(Some(known.principal.clone()));
        }
        let found = self.providers.find(&standing.login).await?;
        let Some(found) = found.filter(|found| mark(&found.record) == standing.mark) else { return Ok(None) };
        let user = self.listed.keep((&*found.record).into());
        // What has not changed need not be encoded, and read by plugins, again.
        let principal = match before {
            Some(known) if known.principal.user == user => known.principal.clone(),
            _ => Principal::new(user),
        };
        let (generation, until) = (self.generation, found.until);
        standing.known.store(Some(Arc::new(Known { principal: principal.clone(), generation, until })));
        Ok(Some(principal))
    }
}
