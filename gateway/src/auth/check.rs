//! A password is checked: in one place, however it was sent.
//!
//! 1. [`throttle`](super::throttle): there were not too many failures.
//! 2. [`provider`](super::provider): there is such a user, or not.
//! 3. It is the attempt's turn, and it is counted.
//! 4. [`password`](super::password): the work is done, also for nobody.

use std::net::IpAddr;

use super::{
    Auth, Lasting, Refusal,
    password::{self, Password},
    provider::Found,
    throttle::Attempt,
};
use crate::config::check_hash;

/// What else there is to be shown than a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The code of a second factor, if the user has one.
    SecondFactor,
    /// Nothing: whoever has a second factor is nobody here.
    Nothing,
}

impl Auth {
    /// The user of that login, if the password is theirs. It takes as long if there is no such user, and what is told is the
    /// same.
    pub(super) async fn check_password(
        &self,
        login: &str,
        password: Password,
        address: Option<IpAddr>,
        then: Then,
    ) -> Result<Found, Refusal> {
        let lasting = self.lasting.as_deref().ok_or(Refusal::Login)?;
        let (found, attempt) = self.attempt(lasting, login, address).await?;
        let hash = found.as_ref().and_then(|found| found.record.password.as_deref()).filter(|hash| usable(login, hash));
        hash.iter().for_each(|hash| lasting.passwords.imitate(hash));
        let hash = hash.filter(|_| password.as_bytes().len() <= password::LONGEST);
        let right = match lasting.passwords.verify(password, hash).await {
            Ok(right) => right,
            Err(busy) => {
                attempt.forgive();
                return Err(busy.into());
            }
        };
        let is_right = |found: &Found| right && (then == Then::SecondFactor || found.record.totp.is_none());
        let known = found.as_ref().map(|found| found.record.login.clone());
        let Some(found) = found.filter(is_right) else {
            // A name that nobody has may be a password that was typed into the wrong field.
            let user = known.as_deref().unwrap_or("(unknown)");
            tracing::info!(user, address = address.map(tracing::field::display), "a login has failed");
            return Err(Refusal::Login);
        };
        // Whoever has a second factor has not shown it yet.
        if found.record.totp.is_some() {
            attempt.forgive()
        } else {
            attempt.succeeded()
        }
        Ok(found)
    }

    /// The user of that login, if there is one, and the attempt to be them, when it is its turn.
    pub(super) async fn attempt<'l>(
        &self,
        lasting: &'l Lasting,
        login: &str,
        address: Option<IpAddr>,
    ) -> Result<(Option<Found>, Attempt<'l>), Refusal> {
        lasting.throttle.look(login, address)?;
        // A database may take its time, in which others may have their turn.
        let found = self.providers.find(login).await?;
        Ok((found, lasting.throttle.begin(login, address).await?))
    }
}

/// What is not usable is nobody's.
fn usable(login: &str, hash: &str) -> bool {
    check_hash(hash)
        .inspect_err(|_| {
            tracing::error!(user = login, "the user's password is no hash of argon2id, so they can't log in")
        })
        .is_ok()
}
