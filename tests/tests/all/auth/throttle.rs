//! How often somebody may fail to log in.

use serde_json::json;
use wicketgate_tests::{Gateway, PASSWORD, Reply, Setup, basic};

fn start() -> Gateway {
    let setup = Setup::new().server("trustedProxies = [\"127.0.0.1\"]\n");
    setup.users(&[("ada", "[]"), ("bob", "[]")]).methods(&["web", "basic"]).start()
}

/// A login from some address, as a proxy tells it.
fn log_in(gateway: &Gateway, address: &str, login: &str, password: &str) -> Reply {
    let params = json!({"username": login, "password": password});
    gateway.visitor().json_with("authLogin", &params, &[&format!("X-Forwarded-For: {address}")])
}

fn assert_throttled(reply: &Reply) {
    assert_eq!(reply.status, 429);
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(reply.info(), "too many attempts to log in have failed; try again later");
}

#[test]
fn after_ten_failures_an_account_rests_for_that_address() {
    let gateway = start();
    let mut session = gateway.logged_in("ada");
    for login in ["ada", "nobody"] {
        for _ in 0..10 {
            assert_eq!(log_in(&gateway, "192.0.2.1", login, "wrong").status, 403);
        }
        // The right password would not help.
        assert_throttled(&log_in(&gateway, "192.0.2.1", login, PASSWORD));
        assert_throttled(&log_in(&gateway, "192.0.2.1", &login.to_uppercase(), "wrong"));
    }
    let headers = [&basic("ada", PASSWORD) as &str, "X-Forwarded-For: 192.0.2.1"];
    assert_throttled(&gateway.visitor().json_with("probeWhoami", &json!({}), &headers));
    // From elsewhere, or as somebody else, it goes on; and so do sessions.
    assert_eq!(log_in(&gateway, "192.0.2.2", "ada", PASSWORD).status, 200);
    assert_eq!(log_in(&gateway, "192.0.2.1", "bob", PASSWORD).status, 200);
    assert_eq!(session.json_with("probeWhoami", &json!({}), &["X-Forwarded-For: 192.0.2.1"]).value()["uid"], "ada");
}

#[test]
fn who_succeeds_is_not_counted() {
    let gateway = start();
    for _ in 0..12 {
        assert_eq!(log_in(&gateway, "192.0.2.1", "ada", PASSWORD).status, 200);
    }
}

#[test]
fn many_failures_at_once_are_counted_as_well() {
    let gateway = start();
    let failed = std::thread::scope(|threads| {
        let attempt = |_| threads.spawn(|| log_in(&gateway, "192.0.2.1", "ada", "wrong").status);
        let attempts: Vec<_> = (0..40).map(attempt).collect();
        attempts.into_iter().map(|thread| thread.join().unwrap()).filter(|status| *status == 403).count()
    });
    assert!((10..=12).contains(&failed), "{failed}");
}

#[test]
fn many_who_are_right_at_once_are_let_in() {
    let gateway = start();
    let by_password = || {
        let headers = [&basic("bob", PASSWORD) as &str];
        gateway.visitor().json_with("probeWhoami", &json!({}), &headers).status
    };
    let by_login = || log_in(&gateway, "192.0.2.1", "ada", PASSWORD).status;
    std::thread::scope(|threads| {
        let logins: Vec<_> = (0..30).map(|_| threads.spawn(by_login)).collect();
        let others: Vec<_> = (0..30).map(|_| threads.spawn(by_password)).collect();
        for thread in logins.into_iter().chain(others) {
            assert_eq!(thread.join().unwrap(), 200);
        }
    });
}

#[test]
fn an_address_rests_after_a_hundred() {
    let gateway = start();
    let statuses: Vec<_> =
        (0..101).map(|n| log_in(&gateway, "192.0.2.1", &format!("user{n}"), "wrong").status).collect();
    assert_eq!(statuses[..100], [403; 100]);
    assert!(matches!(statuses[100], 403 | 429), "{statuses:?}");
    // A few seconds have passed, in which some became free again.
    let next: Vec<_> = (0..20).map(|n| log_in(&gateway, "192.0.2.1", &format!("more{n}"), "wrong").status).collect();
    assert!(next.contains(&429), "{next:?}");
    assert_eq!(log_in(&gateway, "192.0.2.2", "ada", PASSWORD).status, 200);
}

#[test]
fn without_a_trusted_proxy_nobody_can_be_somebody_else() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).start();
    for number in 0..10 {
        assert_eq!(log_in(&gateway, &format!("192.0.2.{number}"), "ada", "wrong").status, 403);
    }
    assert_throttled(&log_in(&gateway, "192.0.2.99", "ada", "wrong"));
}

#[test]
fn the_last_address_that_is_no_proxy_s_counts() {
    let setup = Setup::new().server("trustedProxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n");
    let gateway = setup.users(&[("ada", "[]")]).methods(&["web"]).start();
    for number in 0..10 {
        // What stands before was written by the client.
        let told = format!("203.0.113.{number}, 192.0.2.1, 10.0.0.{number}");
        assert_eq!(log_in(&gateway, &told, "ada", "wrong").status, 403);
    }
    assert_throttled(&log_in(&gateway, "198.51.100.7, 192.0.2.1", "ada", "wrong"));
    assert_eq!(log_in(&gateway, "192.0.2.1, 198.51.100.7", "ada", PASSWORD).status, 200);
}

#[test]
fn a_proxy_may_tell_addresses_with_ports() {
    let gateway = start();
    for port in 0..10 {
        assert_eq!(log_in(&gateway, &format!("192.0.2.1:{port}"), "ada", "wrong").status, 403);
        assert_eq!(log_in(&gateway, &format!("[2001:db8::1]:{port}"), "ada", "wrong").status, 403);
    }
    assert_throttled(&log_in(&gateway, "192.0.2.1", "ada", "wrong"));
    assert_throttled(&log_in(&gateway, "2001:db8::1", "ada", "wrong"));
    assert_eq!(log_in(&gateway, "192.0.2.2:1", "ada", PASSWORD).status, 200);
}

#[test]
fn guessed_tokens_are_throttled_and_valid_ones_that_are_known_are_not() {
    let setup = Setup::new().server("trustedProxies = [\"127.0.0.1\"]\n").users(&[("ada", "[]")]);
    let gateway = setup.methods(&["token"]).start();
    let (_, token, _) = gateway.run(&["user", "token", "ada"]);
    assert_eq!(gateway.run(&["reload"]).0, 0);
    let show = |token: &str, address: &str| {
        let headers =
            [&format!("Authorization: Bearer {}", token.trim()) as &str, &format!("X-Forwarded-For: {address}")];
        gateway.visitor().json_with("probeWhoami", &json!({}), &headers).status
    };
    assert_eq!(show(&token, "192.0.2.1"), 200);
    let guesses: Vec<_> = (0..120).map(|number| show(&format!("guess{number}"), "192.0.2.1")).collect();
    assert!(guesses[..100].iter().all(|status| *status == 401) && guesses.contains(&429), "{guesses:?}");
    // One that is wrong again and again is one.
    assert!((0..300).all(|_| show("wrong", "192.0.2.2") == 401));
    assert_eq!((show(&token, "192.0.2.1"), show(&token, "192.0.2.2")), (200, 200));
}

#[test]
fn logins_that_nobody_waits_for_are_given_up() {
    let gateway = start();
    // So many that they would take a minute.
    let abandoned: Vec<_> = (0..400)
        .map(|number| {
            let body = json!({"cmd": "authLogin", "params": {"username": format!("u{number}"), "password": PASSWORD}})
                .to_string();
            let headers =
                ["Content-Type: application/json", &format!("X-Forwarded-For: 10.1.{}.{}", number / 250, number % 250)];
            let mut connection = gateway.connect();
            connection.send(&wicketgate_tests::request("POST", "/_", &headers, body.as_bytes()));
            connection
        })
        .collect();
    drop(abandoned);
    let started = std::time::Instant::now();
    while log_in(&gateway, "192.0.2.1", "ada", PASSWORD).status != 200 {
        assert!(started.elapsed().as_secs() < 10, "the way is not free");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
