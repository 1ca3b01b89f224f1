//! `Authorization: Basic` (RFC 7617).

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::{
    Auth, Presented, Refusal,
    check::Then,
    password::Password,
    standing::{Standing, mark},
    user::Principal,
};
use crate::state::{Seconds, now};

/// How long a password that was right need not be checked again.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// Somebody whose password was right, and until when it need not be checked again.
pub(super) type Right = (Standing, Seconds);

/// What browsers are told to ask for.
pub(super) fn challenge(realm: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")).ok()
}

impl Auth {
    /// Whoever these credentials belong to. A user with a second factor can't use it here, and so can't log in here.
    pub(super) async fn by_basic(&self, text: &str, presented: &Presented) -> Result<Arc<Principal>, Refusal> {
        let (login, password) = decode(text).ok_or_else(|| self.invalid())?;
        let lasting = self.lasting.as_ref().ok_or_else(|| self.invalid())?;
        let digest = Sha256::new().chain_update(lasting.salt).chain_update(login.len().to_le_bytes());
        let key: [u8; 32] = digest.chain_update(&login).chain_update(password.as_bytes()).finalize().into();
        lasting.right.remove_if(&key, |right| now() >= right.1);
        // Of those who show the same password at once, one is checked and the others wait.
        let right = lasting.right.get_or_insert_async(&key, self.right(&login, &password, presented)).await?;
        if let Some(principal) = self.principal(&right.0).await? {
            return Ok(principal);
        }
        lasting.right.remove(&key);
        let right = self.right(&login, &password, presented).await?;
        self.principal(&right.0).await?.ok_or_else(|| self.invalid())
    }

    async fn right(&self, login: &str, password: &Password, presented: &Presented) -> Result<Arc<Right>, Refusal> {
        let checked = self.check_password(login, password.clone(), presented.address, Then::Nothing).await;
        let found = checked.map_err(|refusal| if let Refusal::Login = refusal { self.invalid() } else { refusal })?;
        Ok(Arc::new((Standing::new(login.to_owned(), mark(&found.record)), now() + REMEMBERED.as_secs())))
    }
}

/// Name and password: the name has no colon, but the password may have.
fn decode(text: &str) -> Option<(String, Password)> {
    let decoded = String::from_utf8(STANDARD.decode(text.trim_ascii()).ok()?).ok()?;
    let (login, password) = decoded.split_once(':')?;
    Some((login.to_owned(), Password::new(password)))
}
