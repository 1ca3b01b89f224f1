//! `[auth]`: what may stand there, and what is told of mistakes.

use std::fs;

use wicketgate_tests::{Setup, password_hash};

fn refused(toml: &str) -> String {
    Setup::new().append(toml).refused()
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let file = "[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n";
    for (toml, told) in [
        ("[auth]\ncookie = \"a b\"\n", "auth.cookie: expected the name of a cookie, such as `auth`; got `a b`"),
        ("[auth]\ncookie = \"\"\n", "auth.cookie: expected the name of a cookie"),
        ("[auth]\ncookies = \"a\"\n", "auth.cookies: unknown property; did you mean `cookie`?"),
        ("[auth]\nlifetime = \"soon\"\n", "auth.lifetime: expected a length of time"),
        ("[auth]\nsessions = 0\n", "auth.sessions: expected at least 1"),
        ("[auth]\nroles = [\"user\"]\n", "auth.roles[0]: the role `user` is there anyway"),
        ("[auth]\nroles = [\"a,b\"]\n", "auth.roles[0]: expected a role of letters"),
        (
            "[[auth.methods]]\ntype = \"web\"\n",
            "auth.methods: nobody could log in: there are no users; add `[[auth.providers]]`",
        ),
        ("[[auth.methods]]\ntype = \"wep\"\n", "auth.methods[0].type: "),
        ("[[auth.methods]]\n", "auth.methods[0]"),
        (
            "[[auth.methods]]\ntype = \"web\"\ntsl = true\n",
            "auth.methods[0].tsl: unknown property; did you mean `tls`?",
        ),
        (
            "[[auth.methods]]\ntype = \"basic\"\n[[auth.methods]]\ntype = \"basic\"\n",
            "auth.methods[1]: the method `basic` is listed twice",
        ),
        (
            "[[auth.methods]]\ntype = \"basic\"\nrealm = 'a\"b'\n",
            "auth.methods[0].realm: expected ASCII without quotes",
        ),
        ("[[auth.methods]]\ntype = \"token\"\njwks = \"none.json\"\n", "auth.methods[0].jwks: "),
        ("[[auth.methods]]\ntype = \"token\"\njwks = \"users.toml\"\n", "is no JSON Web Key Set"),
        (
            "[[auth.methods]]\ntype = \"token\"\nissuer = \"x\"\n",
            "auth.methods[0].issuer: this is said of JSON Web Tokens, which need `jwks` or `secretFile`",
        ),
        (
            "[[auth.methods]]\ntype = \"token\"\nsecretFile = \"short\"\n",
            "auth.methods[0].secretFile: the secret has 5 bytes and should have at least 32",
        ),
        (
            "[[auth.methods]]\ntype = \"token\"\nsecretFile = \"short\"\njwks = \"none.json\"\n",
            "auth.methods[0].jwks: expected one of `jwks` and `secretFile`",
        ),
        ("[[auth.providers]]\ntype = \"file\"\n", "auth.providers[0].path: required property is missing"),
        (
            "[[auth.providers]]\ntype = \"file\"\npath = \"none.toml\"\n",
            "none.toml can't be read: No such file or directory (os error 2); make it with `wicketgate user add NAME`",
        ),
        ("[[auth.providers]]\ntype = \"ldap\"\n", "auth.providers[0].type: "),
        (
            "[[auth.providers]]\ntype = \"sql\"\nquery = \"x\"\n",
            "auth.providers[0]: expected one of `url` and `urlFile`",
        ),
        (
            "[[auth.providers]]\ntype = \"sql\"\nurl = \"sqlite:x\"\n",
            "auth.providers[0].query: required property is missing",
        ),
        (
            "[[auth.providers]]\ntype = \"sql\"\nurl = \"sqlite:x\"\nquery = \"SELECT 1\"\n",
            "auth.providers[0].query: expected a query with the one parameter `$1`",
        ),
        (
            "[[auth.providers]]\ntype = \"sql\"\nurl = \"sqlite:x\"\nquery = \"$1\"\ntokenQuery = \"$1 $2\"\n",
            "auth.providers[0].tokenQuery: expected a query with the one parameter",
        ),
        ("[[auth.providers]]\ntype = \"sql\"\nurlFile = \"none\"\nquery = \"x\"\n", "auth.providers[0].urlFile: "),
    ] {
        let setup = Setup::new().users_file("").append(toml);
        setup.put("short", b"short");
        let said = setup.refused();
        assert!(said.contains(told), "{toml}: {said}");
        assert!(said.lines().all(|line| line.contains("wicketgate.toml:")), "{said}");
    }
    let said = refused(file);
    assert!(said.contains("users.toml can't be read"), "{said}");
}

#[test]
fn mistakes_in_the_file_of_users_are_told_with_their_place_there() {
    let hash = password_hash();
    for (users, told) in [
        ("[[users]]\n", "users.toml:1:1: users[0].login: required property is missing"),
        ("[[user]]\nlogin = \"a\"\n", "users.toml:1:3: user: unknown property; did you mean `users`?"),
        ("[[users]]\nlogin = 5\n", "users.toml:2:1: users[0].login: expected str, got int"),
        ("[[users]]\nlogin = \"a:b\"\n", "users.toml:2:1: users[0].login: a login can't contain `:`"),
        ("[[users]]\nlogin = \"\"\n", "users[0].login: expected a login of 1 to 256 bytes"),
        (
            "[[users]]\nlogin = \"a\"\n[[users]]\nlogin = \"a\"\n",
            "users.toml:4:1: users[1].login: there is another user `a`",
        ),
        (
            "[[users]]\nlogin = \"a\"\npasswort = \"x\"\n",
            "users[0].passwort: unknown property; did you mean `password`?",
        ),
        (
            "[[users]]\nlogin = \"a\"\npassword = \"secret\"\n",
            "users.toml:3:1: users[0].password: expected a hash `$argon2id$…`; set a password with `wicketgate user passwd NAME`",
        ),
        (
            "[[users]]\nlogin = \"a\"\npassword = \"$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A\"\n",
            "users[0].password: expected a hash",
        ),
        (
            "[[users]]\nlogin = \"a\"\npassword = \"$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A\"\n",
            "users[0].password: this hash takes more than 1048576 KiB",
        ),
        (
            "[[users]]\nlogin = \"a\"\ntotp = \"!\"\n",
            "users[0].totp: expected at least 16 bytes in base32; make a secret with `wicketgate user totp NAME`",
        ),
        ("[[users]]\nlogin = \"a\"\ntotp = \"GEZDGNBV\"\n", "users[0].totp: expected at least 16 bytes"),
        (
            "[[users]]\nlogin = \"a\"\n[[users.tokens]]\nname = \"x\"\nhash = \"abc\"\n",
            "users[0].tokens[0].hash: expected 64 hexadecimal digits",
        ),
        (
            "[[users]]\nlogin = \"a\"\n[[users.tokens]]\nname = \"x\"\n",
            "users[0].tokens[0].hash: required property is missing",
        ),
        (
            "[[users]]\nlogin = \"a\"\n[[users.tokens]]\nname = \"x\"\nhash = \"0000000000000000000000000000000000000000000000000000000000000000\"\n[[users.tokens]]\nname = \"y\"\nhash = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
            "users[0].tokens: one of these tokens is another one's already",
        ),
        ("[[users]]\nlogin = \"a\"\nroles = \"editor\"\n", "users[0].roles: expected list, got str"),
        ("nonsense", "users.toml:1:9: this is no TOML"),
    ] {
        let setup = Setup::new().users(&[]).methods(&["web"]).users_file(users);
        let said = setup.refused();
        assert!(said.contains(told), "{users}: {said}");
        // What is secret is not repeated.
        assert!(!said.contains("$argon2i$") && !said.contains("\"secret\""), "{said}");
    }
    let fine = format!(
        "[[users]]\nlogin = \"a\"\npassword = '{hash}'\ntotp = \"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"\nattributes = {{ a = 1, b = [1.5], c = {{ d = true }} }}\n"
    );
    let setup = Setup::new().users(&[]).methods(&["web"]).users_file(&fine);
    setup.write_config();
    assert_eq!(setup.run(&["check"]).0, 0);
}

#[test]
fn a_login_that_no_guest_can_use_is_warned_of() {
    for (access, own, warned) in [
        ("allow all", "", false),
        ("deny all", "", true),
        ("deny all", "access = \"allow guest\"\n", false),
        ("allow all", "access = \"allow user, deny all\"\n", true),
    ] {
        let toml = format!("[[sites]]\n[[actions]]\ntype = \"auth\"\n{own}[[auth.methods]]\ntype = \"web\"\n");
        let provider = "[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n";
        let setup = Setup::new().access(access).sites_and_actions(&format!("{toml}{provider}")).users_file("");
        setup.write_config();
        let (code, _, said) = setup.run(&["check"]);
        assert_eq!((code, said.contains("guests may not use the action `auth`")), (0, warned), "{access} {own} {said}");
    }
}

#[test]
fn what_should_not_stay_is_warned_of() {
    let hash = password_hash();
    let other = wicketgate_tests::costly_hash();
    let users =
        format!("[[users]]\nlogin = \"a\"\npassword = '{hash}'\n[[users]]\nlogin = \"b\"\npassword = '{other}'\n");
    let setup =
        Setup::new().users(&[]).methods(&["web"]).users_file(&users).append("[auth]\ncookie = \"__Host-auth\"\n");
    setup.put("secret", &[b'x'; 40]);
    let setup = setup.append("[[auth.methods]]\ntype = \"token\"\nsecretFile = \"secret\"\n");
    setup.write_config();
    let (code, _, said) = setup.run(&["check"]);
    assert_eq!(code, 0, "{said}");
    for told in [
        "auth.providers[0].path: the passwords of these users take different times to check",
        "auth.cookie: browsers take a cookie of that name over TLS alone: set `tls = true` for the method `web`",
        "auth.methods[1].secretFile: others can read ",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn a_reload_with_a_mistake_among_users_keeps_the_old_ones() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).start();
    let mut ada = gateway.logged_in("ada");
    let before = fs::read_to_string(gateway.dir().join("users.toml")).unwrap();
    gateway.put("users.toml", format!("{before}[[users]]\nlogin = \"ada\"\n").as_bytes());
    let (code, _, told) = gateway.run(&["reload"]);
    assert!(code == 1 && told.contains("there is another user `ada`"), "{told}");
    assert_eq!(ada.uid(), "ada");
    gateway.logged_in("ada");
}

#[test]
fn methods_may_come_and_go_at_a_reload() {
    let gateway = Setup::new().users(&[("ada", "[]")]).start();
    assert_eq!(gateway.visitor().log_in("ada", wicketgate_tests::PASSWORD).status, 501);
    let config = fs::read_to_string(gateway.config()).unwrap();
    let with_web = format!("{config}[[auth.methods]]\ntype = \"web\"\n");
    fs::write(gateway.config(), &with_web).unwrap();
    assert_eq!(gateway.run(&["reload"]).0, 0);
    let mut ada = gateway.logged_in("ada");
    fs::write(gateway.config(), &config).unwrap();
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(ada.uid(), "");
    fs::write(gateway.config(), &with_web).unwrap();
    assert_eq!(gateway.run(&["reload"]).0, 0);
    assert_eq!(ada.uid(), "ada");
}
