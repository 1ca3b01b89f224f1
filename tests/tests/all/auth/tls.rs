//! What TLS has to do with who calls.

use serde_json::{Value, json};
use wicketgate_tests::{Connection, PASSWORD, Setup, TlsGateway, basic, request};

const SITE: &str =
    "[[sites]]\n[[sites.certificates]]\ncert = \"a.crt\"\nkey = \"a.key\"\n[[actions]]\ntype = \"probe\"\n";

fn start(methods: &str) -> TlsGateway {
    let setup = Setup::new().sites_and_actions(SITE).users(&[("ada", "[]")]).append(methods);
    setup.certificate("a", &["maps.example"]);
    setup.start_tls()
}

/// Status, `Set-Cookie` and body of a command that is called with TLS.
fn call(gateway: &TlsGateway, cmd: &str, params: &Value, headers: &[&str]) -> (String, String, String) {
    let body = json!({ "cmd": cmd, "params": params }).to_string();
    let mut arguments = vec!["--header", "content-type: application/json", "--data", &body, "--include"];
    headers.iter().for_each(|header| arguments.extend(["--header", header]));
    let output = gateway.curl("maps.example", "/_", &arguments);
    let (said, status) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    let cookie = head.lines().find(|line| line.to_lowercase().starts_with("set-cookie: "));
    (status, cookie.unwrap_or_default().to_owned(), body.to_owned())
}

fn login() -> Value {
    json!({"username": "ada", "password": PASSWORD})
}

#[test]
fn over_tls_the_cookie_is_secure() {
    let gateway = start("[[auth.methods]]\ntype = \"web\"\n");
    let (status, cookie, _) = call(&gateway, "authLogin", &login(), &[]);
    assert_eq!(status, "200 2");
    assert!(
        cookie.contains("; Secure") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
        "{cookie}"
    );
    // HTTP/2 may bring the cookies one by one.
    let value = cookie.split_once(": ").unwrap().1.split(';').next().unwrap();
    let (_, _, body) =
        call(&gateway, "probeWhoami", &json!({}), &["cookie: a=b", &format!("cookie: {value}"), "cookie: c=d"]);
    assert!(body.contains("\"uid\":\"ada\""), "{body}");
    let (_, cookie, _) = call(&gateway, "authLogout", &json!({}), &[&format!("cookie: {value}")]);
    assert!(cookie.contains("; Secure") && cookie.contains("Max-Age=0"), "{cookie}");
}

#[test]
fn behind_a_proxy_that_speaks_tls_it_is_as_well() {
    let setup = Setup::new().server("trustedProxies = [\"127.0.0.1\"]\n").users(&[("ada", "[]")]);
    let gateway = setup.append("[[auth.methods]]\ntype = \"web\"\ntls = true\n").start();
    let log_in = |headers: &[&str]| gateway.visitor().json_with("authLogin", &login(), headers);
    let reply = log_in(&["X-Forwarded-Proto: https"]);
    assert!(reply.header("set-cookie").is_some_and(|set| set.contains("; Secure")), "{reply:?}");
    let reply = log_in(&[]);
    assert_eq!((reply.status, reply.header("set-cookie")), (403, None));
    assert_eq!(reply.info(), "this way to log in works over https alone");
}

#[test]
fn a_method_may_need_tls() {
    let token = "[[auth.methods]]\ntype = \"token\"\ntls = true\n";
    let gateway = start(&format!(
        "[[auth.methods]]\ntype = \"basic\"\ntls = true\n[[auth.methods]]\ntype = \"web\"\ntls = true\n{token}"
    ));
    let (status, cookie, _) = call(&gateway, "authLogin", &login(), &[]);
    assert_eq!(status, "200 2");
    let (status, _, body) = call(&gateway, "probeWhoami", &json!({}), &[&basic("ada", PASSWORD)]);
    assert!(status.starts_with("200") && body.contains("\"ada\""), "{status} {body}");
    // Without TLS, credentials are refused, whether they are right or not; a cookie is a guest's, and stays.
    let plain = |header: &str| {
        let body = json!({"cmd": "probeWhoami"}).to_string();
        let request = request("POST", "/_", &["Content-Type: application/json", header], body.as_bytes());
        Connection::open(gateway.http()).send(&request).reply().unwrap()
    };
    for header in [&basic("ada", PASSWORD) as &str, &basic("ada", "wrong"), "Authorization: Bearer x"] {
        let reply = plain(header);
        assert_eq!((reply.status, reply.header("www-authenticate")), (403, None), "{header}");
    }
    let value = cookie.split_once(": ").unwrap().1.split(';').next().unwrap();
    let reply = plain(&format!("Cookie: {value}"));
    assert_eq!((reply.status, &reply.value()["uid"], reply.header("set-cookie")), (200, &json!(""), None));
    let (_, _, body) = call(&gateway, "probeWhoami", &json!({}), &[&format!("cookie: {value}")]);
    assert!(body.contains("\"uid\":\"ada\""), "{body}");
}

#[test]
fn a_token_that_is_valid_over_tls_alone_stays_so_when_it_is_known() {
    let setup = Setup::new().server("trustedProxies = [\"127.0.0.1\"]\n").users(&[("ada", "[]")]);
    setup.put("secret", b"0123456789abcdef0123456789abcdef");
    let gateway = setup
        .append("[[auth.methods]]\ntype = \"token\"\n[[auth.methods]]\ntype = \"token\"\nsecretFile = \"secret\"\ntls = true\n")
        .start();
    let claims = json!({"sub": "grace", "exp": u32::MAX});
    let key = jsonwebtoken::EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    let status = |more: &[&str]| {
        let bearer = format!("Authorization: Bearer {token}");
        gateway.visitor().json_with("probeWhoami", &json!({}), &[&[&bearer as &str], more].concat()).status
    };
    let tls = ["X-Forwarded-Proto: https"];
    assert_eq!([status(&[]), status(&tls), status(&[]), status(&tls)], [401, 200, 401, 200]);
}
