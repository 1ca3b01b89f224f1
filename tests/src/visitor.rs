//! Users of a gateway, and somebody who logs in to it.

use std::{fs, os::unix::fs::PermissionsExt, sync::LazyLock};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    client::{Reply, request},
    gateway::{Gateway, Setup, with_stdin},
};

/// The password of all users.
pub const PASSWORD: &str = "correct horse: battery";

/// Its hash, as cheap to check as may be: what it takes to log in is measured elsewhere.
pub fn password_hash() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::default(), params);
        argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
    });
    &HASH
}

/// The same, made by `wicketgate user add`.
pub fn costly_hash() -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("users.toml");
    let add = ["user", "--file", file.to_str().unwrap(), "add", "somebody", "--password-stdin"];
    assert_eq!(with_stdin(&add, &format!("{PASSWORD}\n")).0, 0);
    let text = fs::read_to_string(file).unwrap();
    text.lines().find_map(|line| line.strip_prefix("password = ")).unwrap().trim_matches('"').to_owned()
}

/// The header of that user.
pub fn basic(login: &str, password: &str) -> String {
    format!("Authorization: Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

impl Setup {
    /// Users with these logins and roles (`[]` is none) in `users.toml`, and the action `auth` for everybody. Methods are to
    /// be added.
    pub fn users(self, users: &[(&str, &str)]) -> Self {
        let hash = password_hash();
        let user = |(login, roles): &(&str, &str)| {
            format!(
                "[[users]]\nlogin = {login:?}\ndisplayName = \"The {login}\"\nroles = {roles}\npassword = '{hash}'\n"
            )
        };
        self.users_file(&users.iter().map(user).collect::<String>()).append(
            "[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n\
             [[actions]]\ntype = \"auth\"\naccess = \"allow all\"\n",
        )
    }

    /// Writes `users.toml`.
    pub fn users_file(self, toml: &str) -> Self {
        let file = self.put("users.toml", toml.as_bytes());
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// Ways to log in, without more keys.
    pub fn methods(self, methods: &[&str]) -> Self {
        let tables: String = methods.iter().map(|name| format!("[[auth.methods]]\ntype = {name:?}\n")).collect();
        self.append(&tables)
    }
}

/// Somebody with a cookie jar that holds one cookie, `auth`.
pub struct Visitor<'g> {
    gateway: &'g Gateway,
    /// The cookie's value.
    pub cookie: Option<String>,
}

impl Gateway {
    /// Somebody without a cookie.
    pub fn visitor(&self) -> Visitor<'_> {
        Visitor { gateway: self, cookie: None }
    }

    /// Somebody who has logged in.
    pub fn logged_in(&self, login: &str) -> Visitor<'_> {
        let mut visitor = self.visitor();
        let reply = visitor.log_in(login, PASSWORD);
        assert_eq!(reply.status, 200, "{reply:?}");
        visitor
    }
}

impl Visitor<'_> {
    /// Logs in.
    pub fn log_in(&mut self, login: &str, password: &str) -> Reply {
        self.json("authLogin", &json!({"username": login, "password": password}))
    }

    /// Calls a command.
    pub fn json(&mut self, cmd: &str, params: &Value) -> Reply {
        self.json_with(cmd, params, &[])
    }

    /// Calls a command, with more headers.
    pub fn json_with(&mut self, cmd: &str, params: &Value, headers: &[&str]) -> Reply {
        let body = json!({ "cmd": cmd, "params": params }).to_string();
        let headers = [&["Content-Type: application/json"], headers].concat();
        self.send("POST", "/_", &headers, body.as_bytes())
    }

    /// GETs a target, with more headers.
    pub fn get_with(&mut self, target: &str, headers: &[&str]) -> Reply {
        self.send("GET", target, headers, b"")
    }

    /// Sends a request with the cookie, and keeps what becomes of it.
    pub fn send(&mut self, method: &str, target: &str, headers: &[&str], body: &[u8]) -> Reply {
        let cookie = self.cookie.as_ref().map(|value| format!("Cookie: auth={value}"));
        let headers: Vec<_> = headers.iter().copied().chain(cookie.as_deref()).collect();
        let reply = self.gateway.raw(&request(method, target, &headers, body));
        if let Some(set) = reply.header("set-cookie") {
            let value = set.split(';').next().unwrap().strip_prefix("auth=").unwrap();
            self.cookie = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
        reply
    }

    /// The uid that the gateway knows this caller by; empty for a guest.
    pub fn uid(&mut self) -> String {
        let reply = self.json("probeWhoami", &json!({}));
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.value()["uid"].as_str().unwrap().to_owned()
    }
}
