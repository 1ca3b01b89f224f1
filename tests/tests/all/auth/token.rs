//! The method `token`: opaque tokens and JSON Web Tokens.

use std::{
    process::Command,
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Reply, Setup};

fn whoami(gateway: &Gateway, token: &str) -> Reply {
    gateway.visitor().json_with("probeWhoami", &json!({}), &[&format!("Authorization: Bearer {token}")])
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn an_opaque_token_is_its_user_s_until_it_expires_or_is_taken_away() {
    let gateway = Setup::new().users(&[("ada", "['editor']")]).methods(&["token"]).start();
    let make = |arguments: &[&str]| {
        let (code, token, told) = gateway.run(&[&["user", "token", "ada"], arguments].concat());
        assert_eq!(code, 0, "{told}");
        token.trim().to_owned()
    };
    let (token, long) = (make(&["--purpose", "robots"]), make(&["--purpose", "hours", "--lifetime", "1h"]));
    let short = make(&["--lifetime", "1s"]);
    let file = std::fs::read_to_string(gateway.dir().join("users.toml")).unwrap();
    assert!(file.contains("robots") && !file.contains(&token) && !file.contains(&short), "{file}");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    for token in [&token, &long] {
        let reply = whoami(&gateway, token);
        assert_eq!((reply.status, &reply.value()["uid"], reply.header("set-cookie")), (200, &json!("ada"), None));
    }
    // By the command line as well, and as part of the URL of a GET command it is nothing.
    let url = format!("http://{}", gateway.address());
    let (code, said, told) = gateway.run(&["call", "probeWhoami", "--url", &url, "--token", &token]);
    assert!(code == 0 && said.contains("\"ada\""), "{said}{told}");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let statuses = [&token, &long, &short].map(|token| whoami(&gateway, token).status);
    assert_eq!(statuses, [200, 200, 401]);
    for wrong in [&token[1..], &format!("{token}x"), &token.to_uppercase(), "x", "", "a.b.c", "a b"] {
        let reply = whoami(&gateway, wrong);
        assert_eq!(reply.status, 401, "{wrong}");
        let told = reply.header("www-authenticate");
        assert_eq!(told, Some("Bearer realm=\"Wicketgate\", error=\"invalid_token\""), "{wrong}");
    }
    gateway.put("users.toml", b"[[users]]\nlogin = \"ada\"\n");
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(whoami(&gateway, &token).status, 401);
}

/// A private key as PEM, made by openssl.
fn private_key(arguments: &[&str]) -> Vec<u8> {
    let made = Command::new("openssl").arg("genpkey").args(arguments).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

struct Key {
    private: EncodingKey,
    algorithm: Algorithm,
    public: Jwk,
}

/// A key of each kind, and one that the gateway does not know.
static KEYS: LazyLock<[Key; 4]> = LazyLock::new(|| {
    let key = |private: EncodingKey, algorithm, name: &str| {
        let mut public = Jwk::from_encoding_key(&private, algorithm).unwrap();
        public.common.key_id = Some(name.into());
        Key { private, algorithm, public }
    };
    let rsa = || private_key(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let ec = private_key(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let ed = private_key(&["-algorithm", "ED25519"]);
    [
        key(EncodingKey::from_rsa_pem(&rsa()).unwrap(), Algorithm::RS256, "rsa"),
        key(EncodingKey::from_ec_pem(&ec).unwrap(), Algorithm::ES256, "ec"),
        key(EncodingKey::from_ed_pem(&ed).unwrap(), Algorithm::EdDSA, "ed"),
        key(EncodingKey::from_rsa_pem(&rsa()).unwrap(), Algorithm::RS256, "rsa"),
    ]
});

fn signed(key: &Key, claims: &Value) -> String {
    let header = Header { kid: key.public.common.key_id.clone(), ..Header::new(key.algorithm) };
    encode(&header, claims, &key.private).unwrap()
}

fn claims() -> Value {
    json!({"sub": "grace", "exp": now() + 600, "iss": "https://id.example.org", "aud": "maps", "name": "Grace Hopper",
           "roles": ["editor", "guest", 5], "rank": 7})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn start(more: &str) -> Gateway {
    let setup = Setup::new();
    let keys: Vec<_> = KEYS[..3].iter().map(|key| &key.public).collect();
    setup.put("keys.json", json!({ "keys": keys }).to_string().as_bytes());
    setup.append(&format!("[[auth.methods]]\ntype = \"token\"\njwks = \"keys.json\"\n{more}")).start()
}

const DEMANDS: &str = "issuer = \"https://id.example.org\"\naudience = \"maps\"\n";

#[test]
fn a_json_web_token_says_who_it_is() {
    let gateway = start(DEMANDS);
    for key in &KEYS[..3] {
        let told = whoami(&gateway, &signed(key, &claims())).value();
        assert_eq!((&told["uid"], &told["displayName"]), (&json!("grace"), &json!("Grace Hopper")));
        // Nobody who shows a token is a guest.
        assert_eq!(told["roles"], json!(["editor", "user", "all"]));
        assert_eq!(told["attributes"], json!({"name": "Grace Hopper", "rank": 7}));
    }
    let told = whoami(&gateway, &signed(&KEYS[1], &with("aud", json!(["other", "maps"])))).value();
    assert_eq!(told["uid"], "grace");
    let told = whoami(&gateway, &signed(&KEYS[1], &without("roles"))).value();
    assert_eq!(told["roles"], json!(["user", "all"]));
    let told = whoami(&gateway, &signed(&KEYS[1], &without("name"))).value();
    assert_eq!(told["displayName"], "grace");
}

#[test]
fn a_token_that_does_not_fulfil_what_is_asked_is_401() {
    let gateway = start(DEMANDS);
    let good = signed(&KEYS[0], &claims());
    let [head, body, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let public = serde_json::to_string(&KEYS[0].public).unwrap();
    let confused =
        encode(&Header::new(Algorithm::HS256), &claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap();
    let bad = [
        ("of another key", signed(&KEYS[3], &claims())),
        ("expired", signed(&KEYS[0], &with("exp", json!(now() - 120)))),
        ("expiring with the universe", signed(&KEYS[0], &with("exp", json!("never")))),
        ("without expiry", signed(&KEYS[0], &without("exp"))),
        ("not yet valid", signed(&KEYS[0], &with("nbf", json!(now() + 120)))),
        ("of another issuer", signed(&KEYS[0], &with("iss", json!("https://evil.example")))),
        ("of no issuer", signed(&KEYS[0], &without("iss"))),
        ("for somebody else", signed(&KEYS[0], &with("aud", json!("shop")))),
        ("for nobody", signed(&KEYS[0], &without("aud"))),
        ("of nobody", signed(&KEYS[0], &without("sub"))),
        ("of an empty user", signed(&KEYS[0], &with("sub", json!("")))),
        ("of a number", signed(&KEYS[0], &with("sub", json!(5)))),
        ("signed by nothing", format!("{}.{body}.", part(json!({"alg": "none", "typ": "JWT"})))),
        ("signed by nothing, but with a signature", format!("{}.{body}.{signature}", part(json!({"alg": "None"})))),
        ("signed by the public key as a secret", confused),
        ("of another algorithm", format!("{}.{body}.{signature}", part(json!({"alg": "RS512", "kid": "rsa"})))),
        ("with another body", format!("{head}.{}.{signature}", part(with("sub", json!("root"))))),
        ("without a signature", format!("{head}.{body}.")),
        ("cut off", format!("{head}.{body}")),
        ("with more parts", format!("{good}.{signature}")),
        ("that is no JSON", format!("{}.{body}.{signature}", BASE64_URL_SAFE_NO_PAD.encode("{"))),
        ("that is no base64", format!("{head}.***.{signature}")),
    ];
    assert_eq!(whoami(&gateway, &good).status, 200);
    for (what, token) in bad {
        let reply = whoami(&gateway, &token);
        assert_eq!(
            (reply.status, reply.info().as_str()),
            (401, "the credentials in `Authorization` are not valid"),
            "{what}"
        );
    }
    // Clocks may differ by a little.
    assert_eq!(whoami(&gateway, &signed(&KEYS[0], &with("nbf", json!(now() + 10)))).status, 200);
}

#[test]
fn a_token_for_a_certain_audience_is_not_for_a_gateway_that_names_none() {
    let gateway = start("");
    assert_eq!(whoami(&gateway, &signed(&KEYS[0], &claims())).status, 401);
    assert_eq!(whoami(&gateway, &signed(&KEYS[0], &without("aud"))).status, 200);
}

#[test]
fn a_token_that_was_valid_is_not_when_it_has_expired() {
    let gateway = start(DEMANDS);
    // The clocks may differ by 30 seconds.
    let token = signed(&KEYS[2], &with("exp", json!(now() - 25)));
    assert_eq!(whoami(&gateway, &token).status, 200);
    std::thread::sleep(std::time::Duration::from_millis(6100));
    assert_eq!(whoami(&gateway, &token).status, 401);
}

#[test]
fn an_hmac_secret_works_as_well_and_roles_may_be_another_claim() {
    let secret = "0123456789abcdef0123456789abcdef";
    let setup = Setup::new();
    setup.put("secret", format!("{secret}\n").as_bytes());
    let gateway =
        setup.append("[[auth.methods]]\ntype = \"token\"\nsecretFile = \"secret\"\nrolesClaim = \"scope\"\n").start();
    let token = |algorithm, secret: &str| {
        let claims = json!({"sub": "grace", "exp": now() + 60, "scope": "read write"});
        encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let told = whoami(&gateway, &token(algorithm, secret)).value();
        assert_eq!(told["roles"], json!(["read", "write", "user", "all"]));
    }
    assert_eq!(whoami(&gateway, &token(Algorithm::HS256, &secret.replace('0', "1"))).status, 401);
    assert_eq!(whoami(&gateway, &signed(&KEYS[0], &claims())).status, 401);
}

#[test]
fn keys_are_read_again_when_they_change() {
    let gateway = start(DEMANDS);
    let token = signed(&KEYS[3], &claims());
    assert_eq!(whoami(&gateway, &token).status, 401);
    gateway.put("keys.json", json!({ "keys": [&KEYS[3].public] }).to_string().as_bytes());
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!((whoami(&gateway, &token).status, whoami(&gateway, &signed(&KEYS[0], &claims())).status), (200, 401));
}

#[test]
fn roles_that_are_not_listed_are_nobody_s() {
    let setup = Setup::new();
    setup.put("keys.json", json!({ "keys": [&KEYS[0].public] }).to_string().as_bytes());
    let toml = format!(
        "[auth]\nroles = [\"editor\", \"viewer\"]\n[[auth.methods]]\ntype = \"token\"\njwks = \"keys.json\"\n{DEMANDS}"
    );
    let gateway = setup.append(&toml).start();
    let roles = |claim: Value| whoami(&gateway, &signed(&KEYS[0], &with("roles", claim))).value()["roles"].clone();
    assert_eq!(roles(json!(["viewer", "edtior", "admin"])), json!(["viewer", "admin", "user", "all"]));
    assert_eq!(roles(json!("viewer, editor")), json!(["viewer", "editor", "user", "all"]));
    let log = gateway.into_log();
    assert!(log.contains("there is no role \"edtior\" in `auth.roles`"), "{log}");
}
