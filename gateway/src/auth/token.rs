//! `Authorization: Bearer` (RFC 6750): opaque tokens of users, and JSON Web Tokens (RFC 7519).

use std::sync::Arc;

use http::HeaderValue;
use jsonwebtoken::{decode, decode_header};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    Auth, Presented, Refusal,
    provider::Attributes,
    user::{Principal, User},
};
use crate::{
    config::Jwt,
    state::{Seconds, now},
};

/// How long a token that was valid need not be looked up again, in seconds.
const REMEMBERED: Seconds = 60;

/// Claims that are no attributes of the user (RFC 7519 §4.1).
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// What callers are told to send.
pub(super) fn challenge(realm: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("Bearer realm=\"{realm}\", error=\"invalid_token\"")).ok()
}

impl Auth {
    /// Whoever this token belongs to.
    pub(super) async fn by_token(&self, token: &str, presented: &Presented) -> Result<Arc<Principal>, Refusal> {
        let usable = |method: &&crate::config::Token| presented.tls || !method.tls;
        let methods: Vec<_> = self.tokens.iter().filter(usable).collect();
        if methods.is_empty() {
            return Err(Refusal::Tls);
        }
        let lasting = self.lasting.as_ref().ok_or_else(|| self.invalid())?;
        let key = Sha256::new().chain_update(lasting.salt).chain_update(token).finalize().into();
        if let Some(principal) = self.verified(&key) {
            return Ok(principal);
        }
        for method in methods {
            let found = match &method.jwt {
                Some(jwt) => claimed(jwt, token),
                None => {
                    let found = self.providers.find_by_token(token).await?;
                    found.map(|found| ((&*found.record).into(), found.until))
                }
            };
            if let Some((user, until)) = found {
                let until = until.min(now() + REMEMBERED);
                return Ok(self.remember(key, Principal::new(user), until));
            }
        }
        Err(self.invalid())
    }
}

/// Whom a JSON Web Token names, and until when, if it is signed by a key that it may be signed by.
fn claimed(jwt: &Jwt, token: &str) -> Option<(User, Seconds)> {
    let id = decode_header(token).ok()?.kid;
    let named = |key: &&crate::config::JwtKey| key.id.is_none() || id.is_none() || key.id == id;
    let keys = jwt.keys.iter().filter(named);
    let claims = keys.filter_map(|key| decode::<Map<String, Value>>(token, &key.key, &key.validation).ok()).next()?;
    let mut claims = claims.claims;
    let uid = claims.get("sub")?.as_str().filter(|uid| !uid.is_empty())?.to_owned();
    let until = claims.get("exp")?.as_f64()? as Seconds;
    let roles = claims.remove(&jwt.roles_claim).map_or_else(Vec::new, roles);
    let names = ["name", "preferred_username"].into_iter();
    let name = names.filter_map(|name| claims.get(name)?.as_str()).next().unwrap_or(&uid).to_owned();
    let attributes: Attributes = claims.into_iter().filter(|(name, _)| !REGISTERED.contains(&name.as_str())).collect();
    Some((User::known(&uid, &name, &roles, attributes), until))
}

/// A list of texts, or a text with spaces (as OAuth's `scope`).
fn roles(claim: Value) -> Vec<String> {
    match claim {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
