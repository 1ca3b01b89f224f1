//! The method `web`: logging in and out by a session cookie.

use serde_json::json;
use wicketgate_tests::{Gateway, PASSWORD, Setup, costly_hash, sqlite};

fn start() -> Gateway {
    Setup::new().users(&[("ada", "['editor']"), ("bob", "[]")]).methods(&["web"]).start()
}

#[test]
fn who_logs_in_is_known_until_they_log_out() {
    let gateway = start();
    let mut ada = gateway.visitor();
    let reply = ada.log_in("ada", PASSWORD);
    let user = json!({"uid": "ada", "displayName": "The ada", "roles": ["editor", "user", "all"]});
    assert_eq!((reply.status, reply.value()), (200, json!({"user": user, "secondFactor": false})));
    assert_eq!(ada.json("authCheck", &json!({})).value(), json!({ "user": user }));
    let hello = ada.json("exampleHello", &json!({"color": "blue"}));
    assert_eq!(hello.value()["message"], "<font color=blue>Hi, The ada</font>");
    // Nobody else is.
    assert_eq!(gateway.visitor().json("authCheck", &json!({})).value(), json!({"user": null}));
    let reply = ada.json("authLogout", &json!({}));
    assert_eq!((reply.status, reply.value()), (200, json!({"user": null})));
    assert_eq!((ada.cookie.clone(), ada.uid().as_str()), (None, ""));
    // Again, and without ever having been logged in.
    assert_eq!(ada.json("authLogout", &json!({})).status, 200);
}

#[test]
fn the_cookie_is_http_only_and_lax_and_lives_as_long_as_the_session() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).append("[auth]\nlifetime = \"90s\"\n").start();
    let mut ada = gateway.visitor();
    let reply = ada.log_in("ada", PASSWORD);
    let set = reply.header("set-cookie").unwrap();
    let (pair, attributes) = set.split_once("; ").unwrap();
    assert_eq!(pair.len(), "auth=".len() + 43, "{set}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=90", "Path=/", "SameSite=Lax"]);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let reply = ada.json("authLogout", &json!({}));
    let set = reply.header("set-cookie").unwrap();
    assert!(set.starts_with("auth=; ") && set.contains("Max-Age=0") && set.contains("Path=/"), "{set}");
}

#[test]
fn the_cookie_is_called_what_the_operator_says() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).append("[auth]\ncookie = \"sid\"\n").start();
    let body = json!({"cmd": "authLogin", "params": {"username": "ada", "password": PASSWORD}}).to_string();
    let reply = gateway.post("application/json", body.as_bytes());
    let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("sid="), "{cookie}");
    let check = |cookie: &str| {
        let headers = [&format!("Cookie: theme=dark; {cookie}; lang=de") as &str];
        gateway.visitor().json_with("probeWhoami", &json!({}), &headers).value()["uid"].as_str().unwrap().to_owned()
    };
    assert_eq!(check(&cookie), "ada");
    assert_eq!(check(&cookie.replace("sid=", "auth=")), "");
}

#[test]
fn a_login_makes_a_new_session_and_ends_the_one_before() {
    let gateway = start();
    let mut ada = gateway.logged_in("ada");
    let before = ada.cookie.clone();
    assert_eq!(ada.log_in("bob", PASSWORD).value()["user"]["uid"], "bob");
    assert_ne!(ada.cookie, before);
    assert_eq!(ada.uid(), "bob");
    ada.cookie = before;
    assert_eq!(ada.uid(), "");
    // A cookie that somebody made up is not kept either.
    let mut eve = gateway.visitor();
    let planted = "A".repeat(43);
    eve.cookie = Some(planted.clone());
    assert_eq!(eve.log_in("ada", PASSWORD).status, 200);
    assert_ne!(eve.cookie, Some(planted));
}

#[test]
fn several_sessions_of_a_user_live_side_by_side() {
    let gateway = start();
    let (mut here, mut there) = (gateway.logged_in("ada"), gateway.logged_in("ada"));
    assert_ne!(here.cookie, there.cookie);
    here.json("authLogout", &json!({}));
    assert_eq!((here.uid().as_str(), there.uid().as_str()), ("", "ada"));
}

#[test]
fn a_failed_login_says_the_same_of_everybody() {
    let gateway = start();
    let attempts = [("ada", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("Ada", PASSWORD), (" ada", PASSWORD)];
    let replies: Vec<_> = attempts
        .iter()
        .map(|(login, password)| {
            let reply = gateway.visitor().log_in(login, password);
            assert_eq!(reply.header("set-cookie"), None);
            // All but what differs from request to request.
            let told = |(name, _): &&(String, String)| !matches!(name.as_str(), "date" | "x-request-id");
            let headers: Vec<_> = reply.headers.iter().filter(told).cloned().collect();
            (reply.status, headers, reply.info())
        })
        .collect();
    assert_eq!((replies[0].0, replies[0].2.as_str()), (403, "the user name or the password is wrong"));
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    // A session survives a failed attempt.
    let mut ada = gateway.logged_in("ada");
    assert_eq!(ada.log_in("bob", "wrong").status, 403);
    assert_eq!(ada.uid(), "ada");
}

#[test]
fn what_makes_no_sense_is_400_before_anything_is_tried() {
    let gateway = start();
    let long = "x".repeat(1025);
    for params in [
        json!({}),
        json!({"username": "ada"}),
        json!({"username": "", "password": "x"}),
        json!({"username": "ada", "password": ""}),
        json!({"username": "ada", "password": 5}),
        json!({"username": "ada", "password": long}),
        json!({"username": long, "password": "x"}),
        json!({"username": "ada", "password": PASSWORD, "more": 1}),
    ] {
        let reply = gateway.json("authLogin", &params);
        assert_eq!((reply.status, reply.header("set-cookie")), (400, None), "{params}");
        assert!(!String::from_utf8_lossy(&reply.body).contains(PASSWORD));
    }
}

#[test]
fn it_works_in_msgpack_and_with_the_command_in_the_url() {
    let gateway = start();
    let reply = gateway.msgpack("authLogin", &json!({"username": "ada", "password": PASSWORD}));
    assert_eq!(reply.value()["user"]["uid"], "ada");
    assert!(reply.header("set-cookie").is_some());
    let params = json!({"params": {"username": "ada", "password": PASSWORD}}).to_string();
    let headers = ["Content-Type: application/json"];
    let reply = gateway.visitor().send("POST", "/_/cmd/authLogin", &headers, params.as_bytes());
    assert_eq!(reply.value()["user"]["uid"], "ada");
    // No password ever stands in a URL.
    assert_eq!(gateway.get(&format!("/_/cmd/authLogin/username/ada?password={PASSWORD}")).status / 100, 4);
}

#[test]
fn without_the_method_there_is_no_login_and_no_cookie() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["basic"]).start();
    let mut ada = gateway.visitor();
    let reply = ada.log_in("ada", PASSWORD);
    assert_eq!(reply.status, 501);
    assert!(reply.info().contains("`[[auth.methods]]` of type `web`"), "{}", reply.info());
    // And none is cleared: it may be somebody else's.
    ada.cookie = Some("something".into());
    let reply = ada.json("authCheck", &json!({}));
    assert_eq!((reply.status, reply.header("set-cookie")), (200, None));
}

/// How long a failed login takes, in seconds.
fn time(gateway: &Gateway, login: &str) -> f64 {
    let started = std::time::Instant::now();
    assert_eq!(gateway.visitor().log_in(login, "wrong").status, 403);
    started.elapsed().as_secs_f64()
}

// Not how long a login takes, but that it is the same work: without it, it would be a hundredth of the time. In turn, so
// that whatever else the machine does, it does to all.
fn assert_alike(gateway: &Gateway, logins: &[&str]) {
    let mut times = vec![Vec::new(); logins.len()];
    for _ in 0..7 {
        logins.iter().zip(&mut times).for_each(|(login, times)| times.push(time(gateway, login)));
    }
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let medians: Vec<_> = times.iter().map(|times| times[3]).collect();
    let alike = |median: &f64| *median > medians[0] / 3.0 && *median < medians[0] * 3.0;
    assert!(medians.iter().all(alike), "{logins:?}: {medians:?}");
}

#[test]
fn a_login_by_password_takes_its_time_for_everybody() {
    // A user without a password, or with one that can't be used, is nobody as well.
    let hash = costly_hash();
    let users = format!("[[users]]\nlogin = \"ada\"\npassword = '{hash}'\n[[users]]\nlogin = \"mute\"\n");
    let provider = "[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n[[actions]]\ntype = \"auth\"\n\
                    [[auth.providers]]\ntype = \"sql\"\nurl = \"sqlite:p.db\"\nquery = \"SELECT * FROM p WHERE login = $1\"\n";
    let setup = Setup::new().users_file(&users).append(provider).methods(&["web"]);
    let bcrypt = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";
    sqlite(
        &setup.dir().join("p.db"),
        &format!("CREATE TABLE p (login, password); INSERT INTO p VALUES ('eve', '{bcrypt}')"),
    );
    let gateway = setup.start();
    assert_alike(&gateway, &["ada", "mute", "eve", "nobody"]);
    let log = gateway.into_log();
    assert!(log.contains("user=\"eve\"") && log.contains("no hash of argon2id") && !log.contains("$2b$"), "{log}");
}

#[test]
fn a_few_threads_check_passwords_however_many_log_in() {
    let gateway = start();
    std::thread::scope(|threads| {
        for number in 0..20 {
            let gateway = &gateway;
            threads.spawn(move || gateway.visitor().log_in(&format!("user{number}"), "wrong"));
        }
    });
    let names = gateway.thread_names();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(names.iter().filter(|name| name.trim() == "password").count(), cores.div_ceil(2), "{names:?}");
}

#[test]
fn that_time_is_the_one_of_the_operator_s_own_hashes() {
    // 64 MiB and three passes.
    let costly = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$3KHwFKVKX1y4dRNbO3bVCdsMcMGbLLXYq1LdMQjbhuM";
    let setup = Setup::new().users(&[]).methods(&["web"]);
    let gateway = setup.users_file(&format!("[[users]]\nlogin = \"ada\"\npassword = '{costly}'\n")).start();
    assert_alike(&gateway, &["ada", "nobody"]);
}

#[test]
fn the_log_tells_of_failures_but_of_no_name_that_nobody_has() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web", "basic"]).start();
    let id = gateway.visitor().log_in("ada", "wrong").error()["requestId"].as_str().unwrap().to_owned();
    gateway.visitor().log_in("my password", "x");
    let headers = [&wicketgate_tests::basic("ada", "wrong") as &str];
    assert_eq!(gateway.visitor().json_with("probeWhoami", &json!({}), &headers).status, 401);
    let log = gateway.into_log();
    assert!(log.contains("a login has failed user=\"ada\" address=127.0.0.1"), "{log}");
    assert!(log.contains("a login has failed user=\"(unknown)\"") && !log.contains("my password"), "{log}");
    let told = |id: &str, text: &str| log.lines().any(|line| line.contains(id) && line.contains(text));
    assert!(told(&id, "refused: the user name or the password is wrong"), "{log}");
    assert!(told("refused: the credentials", "address=127.0.0.1"), "{log}");
}
