//! The command line: exit codes and where messages go.

use std::{net::TcpListener, process::Command};

use wicketgate_tests::{Setup, build_dir, wicketgate};

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    for arguments in [&[][..], &["frobnicate"], &["serve", "--frobnicate"], &["serve", "--config"], &["spec", "x"]] {
        let output = wicketgate(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["help", "spec"]] {
        let output = wicketgate(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
    let help = String::from_utf8(wicketgate(&["--help"]).stdout).unwrap();
    assert!(help.contains("serve") && help.contains("spec") && !help.contains("__describe"), "{help}");
}

#[test]
fn a_configuration_that_is_not_there_is_named_with_the_remedy() {
    for command in ["serve", "spec"] {
        let output = wicketgate(&[command, "--config", "/nowhere/at/all.toml"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains("/nowhere/at/all.toml") && said.contains("--config"), "{said}");
    }
}

#[test]
fn the_configuration_may_be_named_by_the_environment() {
    let mut command = Command::new(build_dir().join("wicketgate"));
    let output = command.arg("serve").env("WICKETGATE_CONFIG", "/from/the/environment.toml").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("/from/the/environment.toml"));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let setup = Setup::new();
    let config = setup.write_config();
    let text = std::fs::read_to_string(&config).unwrap().replace("127.0.0.1:0", &address);
    std::fs::write(&config, text).unwrap();
    let output = wicketgate(&["serve", "--config", config.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&address) && said.contains("server.listen"), "{said}");
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let setup = Setup::new();
    let config = setup.write_config();
    let program = build_dir().join("wicketgate");
    for command in ["explain /", "check", "completions bash"] {
        let pipe =
            format!("{} {command} --config {} | true; exit ${{PIPESTATUS[0]}}", program.display(), config.display());
        let output = Command::new("bash").args(["-c", &pipe]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.is_empty(), "{command}: {said}");
    }
}

#[test]
fn a_log_filter_that_makes_no_sense_is_named() {
    for wanted in ["wicketgate=loud", "a=b=c"] {
        let mut command = Command::new(build_dir().join("wicketgate"));
        let output = command.args(["serve", "--config", "/nowhere.toml"]).env("RUST_LOG", wanted).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("RUST_LOG={wanted}")) && said.contains("wicketgate=trace"), "{said}");
    }
}
