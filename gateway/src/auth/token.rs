//! `Authorization: Bearer` (RFC 6750): opaque tokens of users, and JSON Web Tokens (RFC 7519).

use std::sync::Arc;

use http::HeaderValue;
use jsonwebtoken::{decode, decode_header};
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    Auth, Presented, Refusal,
    user::{Principal, User},
};
use crate::{
    config::{Jwt, split_roles},
    state::{Seconds, now},
};

/// How many tokens are remembered.
const REMEMBERED: usize = 10_000;

/// How long a token need not be looked up again, in seconds.
const REMEMBERED_FOR: Seconds = 10;

/// Claims that are no attributes of the user (RFC 7519 §4.1).
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// What callers are told to send.
pub(super) fn challenge(realm: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("Bearer realm=\"{realm}\", error=\"invalid_token\"")).ok()
}

/// What was found for a token.
#[derive(Clone)]
struct Known {
    /// Nobody, if it was not valid.
    principal: Option<Arc<Principal>>,
    /// Whether it is valid over TLS alone; if it is not valid, whether it was shown over TLS.
    tls: bool,
    until: Seconds,
}

/// Tokens that were looked up, by their digests.
pub(super) struct Tokens(Cache<[u8; 32], Known>);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Auth {
    /// Whoever this token belongs to. Tokens that were never seen are throttled by address if they are not valid.
    pub(super) async fn by_token(&self, token: &str, presented: &Presented) -> Result<Arc<Principal>, Refusal> {
        if !self.tokens.iter().any(|method| presented.may_use(method.tls)) {
            return Err(Refusal::Tls);
        }
        let lasting = self.lasting.as_ref().ok_or_else(|| self.invalid())?;
        let key = Sha256::new().chain_update(lasting.salt).chain_update(token).finalize().into();
        // What is not valid over TLS is not without it; the other way round it may be.
        let counts = |known: &Known| match known.principal {
            Some(_) => presented.may_use(known.tls),
            None => known.tls || !presented.tls,
        };
        if let Some(known) = self.known_tokens.0.get(&key).filter(|known| now() < known.until && counts(known)) {
            return known.principal.ok_or_else(|| self.invalid());
        }
        let attempt = lasting.throttle.token(presented.address)?;
        for method in self.tokens.iter().filter(|method| presented.may_use(method.tls)) {
            let found = match &method.jwt {
                Some(jwt) => claimed(jwt, token).map(|(user, until)| (self.listed.keep(user), until)),
                None => match self.providers.find_by_token(token).await {
                    Ok(found) => found.map(|found| (self.listed.keep((&*found.record).into()), found.until)),
                    Err(e) => {
                        attempt.forgive();
                        return Err(e.into());
                    }
                },
            };
            if let Some((user, until)) = found {
                attempt.forgive();
                let (principal, until) = (Principal::new(user), until.min(now() + REMEMBERED_FOR));
                let known = Known { principal: Some(principal.clone()), tls: method.tls, until };
                self.known_tokens.0.insert(key, known);
                return Ok(principal);
            }
        }
        let until = now() + REMEMBERED_FOR;
        self.known_tokens.0.insert(key, Known { principal: None, tls: presented.tls, until });
        Err(self.invalid())
    }
}

/// Whom a JSON Web Token names, and until when, if it is signed by a key that it may be signed by.
fn claimed(jwt: &Jwt, token: &str) -> Option<(User, Seconds)> {
    let id = decode_header(token).ok()?.kid;
    let named = |key: &&crate::config::JwtKey| key.id.is_none() || id.is_none() || key.id == id;
    let keys = jwt.keys.iter().filter(named);
    let decoded = keys.filter_map(|key| {
        let decoded = decode::<Map<String, Value>>(token, &key.key, &key.validation);
        decoded.inspect_err(|e| tracing::debug!("a JSON Web Token is refused: {e}")).ok()
    });
    let claims = { decoded }.next()?;
    let mut claims = claims.claims;
    let uid = claims.get("sub")?.as_str().filter(|uid| !uid.is_empty())?.to_owned();
    let until = claims.get("exp")?.as_f64()? as Seconds;
    let roles = claims.remove(&jwt.roles_claim).map_or_else(Vec::new, roles);
    let names = ["name", "preferred_username"].into_iter();
    let name = names.filter_map(|name| claims.get(name)?.as_str()).next().unwrap_or(&uid).to_owned();
    let attributes = claims.into_iter().filter(|(name, _)| !REGISTERED.contains(&name.as_str())).collect();
    Some((User::known(&uid, &name, &roles, attributes), until))
}

/// A list of texts, or a text with spaces (as OAuth's `scope`) or commas.
fn roles(claim: Value) -> Vec<String> {
    match claim {
        Value::String(text) => split_roles(&text),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
