//! A file of users.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    time::SystemTime,
};

use serde_json::Value;

use super::{
    Mistake, Mistakes,
    access::{check_role, unlisted},
    credential::{self, check_private, hash_cost},
    files::Files,
    schema::SCHEMA,
    source::{At, Source},
};

/// A user, as a provider knows them.
#[derive(Clone, Default, PartialEq)]
pub struct UserRecord {
    /// Unique name.
    pub login: String,
    /// Name to show to people.
    pub display_name: String,
    /// Roles beside the built-in ones.
    pub roles: Vec<String>,
    /// The hash of the password (argon2id); without it there is no login by password.
    pub password: Option<String>,
    /// The secret of the second factor, in base32.
    pub totp: Option<String>,
    /// What actions may want to know.
    pub attributes: BTreeMap<String, Value>,
    /// Hashes of tokens (SHA-256).
    pub tokens: Vec<TokenRecord>,
}

/// A user's token.
#[derive(Clone, PartialEq)]
pub struct TokenRecord {
    /// SHA-256.
    pub hash: [u8; 32],
    /// From when on it is not valid any more.
    pub expires: Option<SystemTime>,
}

/// The users in a file, which is named at `at`. What is not wrong but should not stay is added to `warnings`.
pub(super) fn load(
    at: &At<'_, '_>,
    path: &Path,
    roles: Option<&[String]>,
    warnings: &mut Vec<Mistake>,
) -> Option<Vec<UserRecord>> {
    let hint = "make it with `wicketgate user add NAME`";
    let files = Files::single(path).map_err(|e| at.wrong(format!("{} can't be read: {e}; {hint}", path.display())));
    let (users, mistakes) = read(&files.ok()?, roles);
    at.adopt(mistakes);
    warnings.extend(check_private(at, path));
    let costs: HashSet<_> = users.iter().filter_map(|user| user.password.as_deref()).map(hash_cost).collect();
    if costs.len() > 1 {
        let text = "the passwords of these users take different times to check, which tells who exists; set them anew";
        warnings.push(at.place().mistake(text));
    }
    Some(users)
}

/// What is wrong with a file of users that would have this text.
///
/// # Errors
/// All of it.
pub fn check_users(path: &Path, text: String, roles: Option<&[String]>) -> Result<(), Mistakes> {
    let (_, mistakes) = read(&Files::of_text(path, text), roles);
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
}

fn read(files: &Files, roles: Option<&[String]>) -> (Vec<UserRecord>, Vec<Mistake>) {
    let source = Source::parse(files);
    source.root().read(SCHEMA.target(SCHEMA.users));
    let (mut logins, mut tokens) = (HashSet::new(), HashSet::new());
    let mut users = Vec::new();
    for item in source.root().key("users").items() {
        let Some(user) = user(&item, roles) else { continue };
        if !logins.insert(user.login.clone()) {
            item.key("login").wrong(format!("there is another user `{}`", user.login));
        }
        if !user.tokens.iter().all(|token| tokens.insert(token.hash)) {
            item.key("tokens").wrong("one of these tokens is another one's already");
        }
        users.push(user);
    }
    (users, source.into_mistakes())
}

fn user(at: &At<'_, '_>, roles: Option<&[String]>) -> Option<UserRecord> {
    let text = |key: &str| at.key(key).text().map(str::to_owned);
    let login = text("login")?;
    if let Err(text) = credential::check_login(&login) {
        at.key("login").wrong(text);
    }
    let password = text("password");
    if let Some(Err(problem)) = password.as_deref().map(credential::check_hash) {
        at.key("password").wrong(problem);
    }
    let totp = text("totp");
    if let Some(Err(problem)) = totp.as_deref().map(|secret| credential::second_factor(secret, &login)) {
        at.key("totp").wrong(problem);
    }
    Some(UserRecord {
        display_name: text("displayName").unwrap_or_else(|| login.clone()),
        roles: at.key("roles").items().filter_map(|item| role(&item, roles)).collect(),
        attributes: at.key("attributes").get().unwrap_or_default(),
        tokens: at.key("tokens").items().filter_map(|item| token(&item)).collect(),
        login,
        password,
        totp,
    })
}

fn role(at: &At<'_, '_>, listed: Option<&[String]>) -> Option<String> {
    let role = at.text()?;
    let problem = check_role(role).err().or_else(|| unlisted(role, listed));
    problem.into_iter().for_each(|problem| at.wrong(problem));
    Some(role.to_owned())
}

fn token(at: &At<'_, '_>) -> Option<TokenRecord> {
    let (hash, expires) = (at.key("hash"), at.key("expires"));
    let parsed = from_hex(hash.text()?);
    if parsed.is_none() {
        hash.wrong("expected 64 hexadecimal digits; make a token with `wicketgate user token NAME`");
    }
    let time = expires.text().map(humantime::parse_rfc3339_weak).transpose();
    let time = time.map_err(|_| expires.wrong("expected a time such as `2027-01-01T00:00:00Z`")).ok()?;
    Some(TokenRecord { hash: parsed?, expires: time })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
