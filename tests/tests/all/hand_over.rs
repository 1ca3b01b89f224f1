//! Commands that hold the gateway's threads are handed over to their plugin's.

use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup};

/// The kind of thread that a command says it runs on: `front` is the gateway's, `probe` the plugin's.
fn thread(gateway: &Gateway, command: &str, params: &Value) -> String {
    let reply = gateway.json(command, params);
    assert_eq!(reply.status, 200, "{command}: {}", reply.text());
    reply.value()["name"].as_str().unwrap().chars().take(5).collect()
}

fn hold(gateway: &Gateway, ms: u32) -> String {
    thread(gateway, "probeHold", &json!({"ms": ms}))
}

#[test]
fn the_fourth_call_after_three_slow_ones_is_handed_over() {
    let gateway = Setup::new().start();
    for call in 1..=3 {
        assert_eq!(hold(&gateway, 30), "front", "call {call}");
    }
    // From now on all of them, quick ones too; but only those of this command.
    for ms in [30, 0, 30, 0] {
        assert_eq!(hold(&gateway, ms), "probe");
    }
    assert_eq!(thread(&gateway, "probeThread", &json!({})), "front");
    gateway.assert_well();
    let log = gateway.into_log();
    let told: Vec<_> = log.lines().filter(|line| line.contains("probeHold")).collect();
    assert!(told.len() == 1 && told[0].contains("WARN"), "{log}");
}

#[test]
fn a_command_that_waits_or_blocks_where_it_may_is_not_slow() {
    let gateway = Setup::new().start();
    for _ in 0..5 {
        assert_eq!(gateway.json("probeSleep", &json!({"ms": 30})).status, 200);
        assert_eq!(gateway.json("probeBlock", &json!({"ms": 30})).status, 200);
        assert_eq!(thread(&gateway, "probeThread", &json!({})), "front");
    }
    let log = gateway.into_log();
    for command in ["probeSleep", "probeBlock", "probeThread"] {
        assert!(!log.contains(command), "{log}");
    }
}
