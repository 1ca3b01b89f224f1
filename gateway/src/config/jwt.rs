//! What a JSON Web Token has to fulfil (RFC 7519, RFC 8725).

use std::{fs, path::Path};

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Validation,
    jwk::{JwkSet, PublicKeyUse},
};

use super::{Mistake, credential::check_private, raw, source::At};

/// A shorter HMAC secret could be guessed (RFC 7518 §3.2).
const SHORTEST_SECRET: usize = 32;

/// How far the clocks of two machines may differ, in seconds.
const LEEWAY: u64 = 30;

/// What a JSON Web Token has to fulfil.
pub struct Jwt {
    /// By one of which it has to be signed.
    pub keys: Vec<JwtKey>,
    /// The claim that holds the roles.
    pub roles_claim: String,
}

/// A key, and what a token that is signed by it has to fulfil.
pub struct JwtKey {
    /// Its name.
    pub id: Option<String>,
    /// The key.
    pub key: DecodingKey,
    /// Algorithms, times, issuer and audience.
    pub validation: Validation,
}

/// What a method of type `token` says of JSON Web Tokens: nothing, or something usable.
///
/// `None`: something is wrong, and has been told.
pub(super) fn resolve(at: &At<'_, '_>, warnings: &mut Vec<Mistake>) -> Option<Option<Jwt>> {
    let (jwks, secret) = (at.key("jwks"), at.key("secretFile"));
    let keys = match (jwks.file(), secret.file()) {
        (None, None) => {
            for key in ["issuer", "audience", "rolesClaim"].map(|key| at.key(key)) {
                if key.exists() {
                    key.wrong("this is said of JSON Web Tokens, which need `jwks` or `secretFile`");
                }
            }
            return Some(None);
        }
        (Some(_), Some(_)) => Err((&jwks, "expected one of `jwks` and `secretFile`".to_owned())),
        (Some(file), None) => key_set(&file).map_err(|text| (&jwks, text)),
        (None, Some(file)) => {
            warnings.extend(check_private(&secret, &file));
            hmac(&file).map_err(|text| (&secret, text))
        }
    };
    let keys = keys.map_err(|(at, text)| at.wrong(text)).ok()?;
    let text = |key: &str| at.key(key).text();
    let demand = |(id, key, algorithms): Key| {
        let mut validation = Validation::new(algorithms[0]);
        validation.algorithms = algorithms;
        (validation.leeway, validation.validate_nbf) = (LEEWAY, true);
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = text("issuer") {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = text("audience") {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        JwtKey { id, key, validation }
    };
    let roles_claim = text("rolesClaim").map_or_else(raw::roles_claim, str::to_owned);
    Some(Some(Jwt { keys: keys.into_iter().map(demand).collect(), roles_claim }))
}

type Key = (Option<String>, DecodingKey, Vec<Algorithm>);

fn hmac(file: &Path) -> Result<Vec<Key>, String> {
    let secret = fs::read(file).map_err(|e| format!("{} can't be read: {e}", file.display()))?;
    let secret = secret.strip_suffix(b"\n").unwrap_or(&secret);
    let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
    if secret.len() < SHORTEST_SECRET {
        let length = secret.len();
        return Err(format!("the secret has {length} bytes and should have at least {SHORTEST_SECRET}"));
    }
    let algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    Ok(vec![(None, DecodingKey::from_secret(secret), algorithms)])
}

/// The keys that signatures can be verified by; others, such as those for encryption, are passed over.
fn key_set(file: &Path) -> Result<Vec<Key>, String> {
    let text = fs::read(file).map_err(|e| format!("{} can't be read: {e}", file.display()))?;
    let set: JwkSet =
        serde_json::from_slice(&text).map_err(|e| format!("{} is no JSON Web Key Set: {e}", file.display()))?;
    let mut keys = Vec::new();
    for jwk in set.keys {
        let common = &jwk.common;
        if matches!(common.public_key_use, Some(PublicKeyUse::Encryption)) {
            continue;
        }
        let Ok(key) = DecodingKey::from_jwk(&jwk) else { continue };
        let own = common.key_algorithm.and_then(|algorithm| algorithm.to_string().parse().ok());
        let algorithms = own.map_or_else(|| key.family().algorithms().to_vec(), |own| vec![own]);
        if key.family() == AlgorithmFamily::Hmac || algorithms.is_empty() {
            return Err(format!("{} holds a symmetric key: use `secretFile` for it", file.display()));
        }
        keys.push((common.key_id.clone(), key, algorithms));
    }
    if keys.is_empty() { Err(format!("{} holds no key for signatures", file.display())) } else { Ok(keys) }
}
