//! What logins, hashes of passwords and secrets of second factors have to look like, and who may read them.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use argon2::password_hash::phc::PasswordHash;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use super::{Mistake, source::At};

/// The longest login, in bytes.
const LONGEST_LOGIN: usize = 256;

/// The most memory that checking a password may take, in KiB.
const MOST_MEMORY: u32 = 1 << 20;

/// Whether somebody can be called that.
///
/// # Errors
/// What is wrong, in words for the operator.
pub fn check_login(login: &str) -> Result<(), String> {
    if login.is_empty() || login.len() > LONGEST_LOGIN {
        return Err(format!("expected a login of 1 to {LONGEST_LOGIN} bytes"));
    }
    if login.contains(':') || login.chars().any(char::is_control) || login.trim() != login {
        return Err("a login can't contain `:` or control characters, nor start or end with a space".into());
    }
    Ok(())
}

/// Whether passwords can be held against that hash.
///
/// # Errors
/// What is wrong, in words for the operator.
pub fn check_hash(hash: &str) -> Result<(), String> {
    let problem = || "expected a hash `$argon2id$…`; set a password with `wicketgate user passwd NAME`".to_owned();
    let hash = PasswordHash::new(hash).map_err(|_| problem())?;
    let params = argon2::Params::try_from(&hash).map_err(|_| problem())?;
    if hash.algorithm != argon2::ARGON2ID_IDENT || hash.hash.is_none() {
        return Err(problem());
    }
    if params.m_cost() > MOST_MEMORY {
        return Err(format!("this hash takes more than {MOST_MEMORY} KiB of memory for each login"));
    }
    Ok(())
}

/// Whether a file with secrets, which is named at `at`, is its owner's alone: a warning if others can read it, and a mistake
/// if they can write to it.
pub(super) fn check_private(at: &At<'_, '_>, path: &Path) -> Option<Mistake> {
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.mode());
    if mode & 0o022 != 0 {
        at.wrong(format!("others can write to {0}; run `chmod 600 {0}`", path.display()));
        return None;
    }
    let readable = mode & 0o077 != 0;
    let text = format!("others can read {0}; run `chmod 600 {0}`", path.display());
    readable.then(|| at.place().mistake(text))
}

/// The roles in a text: separated by commas or spaces.
#[must_use]
pub fn split_roles(text: &str) -> Vec<String> {
    let is_between = |c: char| c == ',' || c.is_whitespace();
    text.split(is_between).filter(|role| !role.is_empty()).map(str::to_owned).collect()
}

/// What is kept of a token: SHA-256. It is random, so that it needs no salt.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What it costs to check a password against that hash: memory times passes; 0 if it is none.
#[must_use]
pub fn hash_cost(hash: &str) -> u64 {
    let params = PasswordHash::new(hash).ok().and_then(|hash| argon2::Params::try_from(&hash).ok());
    params.map_or(0, |params| u64::from(params.m_cost()) * u64::from(params.t_cost()))
}

/// The second factor with that secret: six digits every 30 seconds (RFC 6238).
///
/// # Errors
/// What is wrong, in words for the operator.
pub fn second_factor(secret: &str, login: &str) -> Result<Totp, String> {
    let problem = |_| "expected at least 16 bytes in base32; make a secret with `wicketgate user totp NAME`".to_owned();
    let secret = Secret::try_from_base32(secret).map_err(|e| problem(e.to_string()))?;
    let factor = Builder::new().with_secret(secret).with_account_name(login).with_issuer(Some("Wicketgate"));
    factor.build().map_err(|e| problem(e.to_string()))
}
