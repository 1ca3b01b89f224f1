//! `Authorization: Basic` (RFC 7617).

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::{Auth, Presented, Refusal, password::Password, user::Principal};
use crate::state::now;

/// How long a password that was right need not be checked again.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// What browsers are told to ask for.
pub(super) fn challenge(realm: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")).ok()
}

impl Auth {
    /// Whoever these credentials belong to. A user with a second factor can't use it here, and so can't log in here.
    pub(super) async fn by_basic(&self, text: &str, presented: &Presented) -> Result<Arc<Principal>, Refusal> {
        let (login, password) = decode(text).ok_or_else(|| self.invalid())?;
        let lasting = self.lasting.as_ref().ok_or_else(|| self.invalid())?;
        // With a salt of this process: what is in memory is good for nothing elsewhere.
        let digest = Sha256::new().chain_update(lasting.salt).chain_update(login.len().to_le_bytes());
        let key = digest.chain_update(&login).chain_update(password.as_bytes()).finalize().into();
        if let Some(principal) = self.verified(&key) {
            return Ok(principal);
        }
        let record =
            self.check_password(&login, password, presented.address).await.map_err(|refusal| match refusal {
                Refusal::Login => self.invalid(),
                other => other,
            })?;
        if record.record.totp.is_some() {
            return Err(self.invalid());
        }
        let until = record.until.min(now() + REMEMBERED.as_secs());
        Ok(self.remember(key, Principal::new((&*record.record).into()), until))
    }
}

/// Name and password: the name has no colon, but the password may have.
fn decode(text: &str) -> Option<(String, Password)> {
    let decoded = String::from_utf8(STANDARD.decode(text.trim_ascii()).ok()?).ok()?;
    let (login, password) = decoded.split_once(':')?;
    Some((login.to_owned(), Password::new(password)))
}
