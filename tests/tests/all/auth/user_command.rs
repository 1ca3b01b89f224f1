//! `wicketgate user`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use wicketgate_tests::{Setup, basic, password_hash, with_stdin};

fn user(file: &Path, arguments: &[&str], stdin: &str) -> (i32, String, String) {
    with_stdin(&[&["user", "--file", file.to_str().unwrap()], arguments].concat(), stdin)
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn users_are_added_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("users.toml");
    let add = ["add", "ada", "--roles", "editor,chief", "--display-name", "Ada ☂", "--password-stdin"];
    assert_eq!(user(&file, &add, "secret\n"), (0, String::new(), String::new()));
    assert_eq!(user(&file, &["add", "bob", "--password-stdin"], "secret").0, 0);
    assert_eq!(mode(&file), 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("[[users]]\nlogin = \"ada\"\ndisplayName = \"Ada ☂\"\nroles = [\"editor\", \"chief\"]\n"),
        "{text}"
    );
    let hashes: Vec<_> = text.lines().filter(|line| line.starts_with("password = \"$argon2id$v=19$")).collect();
    assert!(hashes.len() == 2 && hashes[0] != hashes[1] && !text.contains("secret"), "{text}");
    let (code, listed, _) = user(&file, &["list"], "");
    assert_eq!((code, listed.as_str()), (0, "ada\tAda ☂\teditor,chief\tpassword\nbob\t\t\tpassword\n"));
    let (code, _, said) = user(&dir.path().join("none.toml"), &["list"], "");
    assert!(code == 1 && said.contains("none.toml can't be read"), "{said}");
}

#[test]
fn what_stands_in_the_file_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("real.toml"), dir.path().join("users.toml"));
    let before =
        "# our users\n\n[[users]] # the first\nlogin = 'ada'\n  attributes.desk = 5 # by the window\n\n# the end\n";
    fs::write(&file, before).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(user(&link, &["add", "bob", "--password-stdin"], "x").0, 0);
    assert_eq!(user(&link, &["passwd", "ada", "--password-stdin"], "x").0, 0);
    let after = fs::read_to_string(&file).unwrap();
    for line in before.lines() {
        assert!(after.contains(line), "{line:?} is not in {after}");
    }
    assert!(after.starts_with("# our users\n"), "{after}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(mode(&file), 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    // Comments at the top stay there, also of a file without users.
    fs::write(&file, "# nobody yet\n").unwrap();
    assert_eq!(user(&link, &["add", "ada", "--password-stdin"], "x").0, 0);
    assert!(fs::read_to_string(&file).unwrap().starts_with("# nobody yet\n[[users]]\nlogin = \"ada\""));
}

#[test]
fn a_mistake_is_told_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("users.toml");
    assert_eq!(user(&file, &["add", "ada", "--password-stdin"], "x").0, 0);
    let before = fs::read_to_string(&file).unwrap();
    let long = "x".repeat(2000);
    for (arguments, stdin, told) in [
        (&["add", "ada", "--password-stdin"][..], "x", "has a user `ada` already; `wicketgate user passwd ada`"),
        (&["add", "a:b", "--password-stdin"], "x", "a login can't contain `:`"),
        (&["add", "", "--password-stdin"], "x", "expected a login of 1 to 256 bytes"),
        (&["add", "bob", "--password-stdin"], "", "a password has 1 to 1024 bytes"),
        (&["add", "bob", "--password-stdin"], "\n", "a password has 1 to 1024 bytes"),
        (&["add", "bob", "--password-stdin"], &long, "a password has 1 to 1024 bytes"),
        (&["add", "bob", "--roles", "guest", "--password-stdin"], "x", "the role `guest` can't be given"),
        (&["add", "bob", "--roles", "a b", "--password-stdin"], "x", "expected a role of letters"),
        (&["add", "bob"], "x", "there is no terminal to ask for a password; use --password-stdin"),
        (&["passwd", "bob", "--password-stdin"], "x", "has no user `bob`"),
        (&["totp", "bob"], "", "has no user `bob`"),
        (&["token", "bob"], "", "has no user `bob`"),
    ] {
        let (code, out, said) = user(&file, arguments, stdin);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
    }
    assert_eq!(user(&file, &["add"], "").0, 2);
    fs::write(&file, "[[users]\n").unwrap();
    let (code, _, said) = user(&file, &["list"], "");
    assert!(code == 1 && said.contains("users.toml is no TOML"), "{said}");
    fs::write(&file, "users = 5\n").unwrap();
    let (code, _, said) = user(&file, &["add", "bob", "--password-stdin"], "x");
    assert!(code == 1 && said.contains("`users` is no list of tables"), "{said}");
}

#[test]
fn the_file_is_the_one_of_the_configuration() {
    let setup = Setup::new().users(&[("ada", "[]")]).methods(&["basic"]);
    let config = setup.write_config();
    let add = ["user", "add", "eve", "--password-stdin", "--config", config.to_str().unwrap()];
    assert_eq!(with_stdin(&add, "a password\n").0, 0);
    let gateway = setup.start();
    let header = basic("eve", "a password");
    assert_eq!(gateway.visitor().json_with("probeWhoami", &serde_json::json!({}), &[&header]).status, 200);
    let none = Setup::new();
    let config = none.write_config();
    let (code, _, said) = with_stdin(&["user", "list", "--config", config.to_str().unwrap()], "");
    assert_eq!(code, 1);
    assert!(said.contains("has no `[[auth.providers]]` of type `file`; add one, or name a file with --file"), "{said}");
}

#[test]
fn a_gateway_that_runs_knows_them_at_once() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["web"]).start();
    let file = gateway.dir().join("users.toml");
    assert_eq!(user(&file, &["add", "eve", "--password-stdin"], "a password").0, 0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while gateway.visitor().log_in("eve", "a password").status != 200 {
        // Ten failures a minute are all that there may be.
        assert!(std::time::Instant::now() < deadline, "the file is not read again");
        std::thread::sleep(std::time::Duration::from_millis(1200));
    }
    // When the file is the configuration's, the command waits for it.
    let config = gateway.config();
    let passwd = ["user", "passwd", "eve", "--password-stdin", "--config", config.to_str().unwrap()];
    assert_eq!(with_stdin(&passwd, "another").0, 0);
    assert_eq!(gateway.visitor().log_in("eve", "another").status, 200);
    // And says so if the gateway does not take it.
    gateway.change_config("type = \"web\"", "type = \"wep\"");
    let (code, _, said) = with_stdin(&passwd, "a third");
    assert_eq!(code, 1);
    assert!(said.contains("the file is written, but the gateway that runs does not use it yet"), "{said}");
    assert!(said.contains("auth.methods[0].type"), "{said}");
    assert_eq!(gateway.visitor().log_in("eve", "another").status, 200);
}

#[test]
fn tokens_and_second_factors_are_taken_away_and_never_replaced_by_mistake() {
    let gateway = Setup::new().users(&[("ada", "[]")]).methods(&["token"]).start();
    let (_, token, _) = gateway.run(&["user", "token", "ada", "--purpose", "backup"]);
    let header = format!("Authorization: Bearer {}", token.trim());
    let status = || gateway.visitor().json_with("probeWhoami", &serde_json::json!({}), &[&header]).status;
    assert_eq!(status(), 200);
    for (arguments, told) in [
        (&["token", "ada", "--purpose", "backup"][..], "has a token `backup` already"),
        (&["token", "ada", "--purpose", "x", "--lifetime", "0s"], "a token lives for a second at least"),
        (&["token", "ada", "--purpose", "x", "--remove"], "the user `ada` has no token `x`"),
        (&["totp", "ada", "--off"], "the user `ada` has no second factor"),
    ] {
        let (code, out, said) = gateway.run(&[&["user"], arguments].concat());
        assert!(code == 1 && out.is_empty() && said.contains(told), "{arguments:?}: {said}");
    }
    assert_eq!(gateway.run(&["user", "token", "ada", "--purpose", "backup", "--remove"]).0, 0);
    assert_eq!(status(), 401);
    assert_eq!(gateway.run(&["user", "totp", "ada"]).0, 0);
    let (code, _, said) = gateway.run(&["user", "totp", "ada"]);
    assert!(code == 1 && said.contains("has a second factor already; `wicketgate user totp ada --off`"), "{said}");
}

#[test]
fn who_else_can_read_it_is_warned_of() {
    let setup = Setup::new().users(&[("ada", "[]")]).methods(&["web"]);
    setup.write_config();
    assert_eq!(setup.run(&["check"]).2, "");
    let file = setup.dir().join("users.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let (code, out, said) = setup.run(&["check"]);
    assert!(code == 0 && out.contains(": fine"), "{out}{said}");
    assert!(said.starts_with("warning: ") && said.contains("others can read") && said.contains("chmod 600"), "{said}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
    let (code, _, said) = setup.run(&["check"]);
    assert!(code == 1 && said.contains("auth.providers[0].path: others can write to"), "{said}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let log = setup.start().into_log();
    assert!(log.contains("WARN") && log.contains("others can read"), "{log}");
    assert!(!log.contains(password_hash()));
}

#[test]
fn only_what_the_gateway_takes_is_written() {
    let setup = Setup::new().users(&[("ada", "[]")]).append("[auth]\nroles = [\"editor\"]\n");
    let config = setup.write_config();
    let before = fs::read_to_string(setup.dir().join("users.toml")).unwrap();
    let add = ["user", "add", "eve", "--roles", "editro", "--password-stdin", "--config", config.to_str().unwrap()];
    let (code, _, said) = with_stdin(&add, "x");
    assert!(code == 1 && said.contains("there is no role `editro` in `auth.roles`; there are: `editor`"), "{said}");
    assert_eq!(fs::read_to_string(setup.dir().join("users.toml")).unwrap(), before);
    let (code, _, said) = setup.run(&["user", "token", "ada", "--lifetime", "9000y"]);
    assert!(code == 1 && said.contains("a hundred years at most"), "{said}");
}

#[test]
fn changes_at_the_same_time_are_all_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("users.toml");
    std::thread::scope(|threads| {
        let add = |number| {
            let file = &file;
            move || assert_eq!(user(file, &["add", &format!("u{number}"), "--password-stdin"], "x").0, 0)
        };
        (0..8).for_each(|number| drop(threads.spawn(add(number))));
    });
    let (_, listed, _) = user(&file, &["list"], "");
    assert_eq!(listed.lines().count(), 8, "{listed}");
}

#[test]
fn a_link_whose_file_is_not_there_yet_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("users.toml");
    std::os::unix::fs::symlink("real.toml", &link).unwrap();
    assert_eq!(user(&link, &["add", "ada", "--password-stdin"], "x").0, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && dir.path().join("real.toml").is_file());
}
