//! How many threads take requests.

use std::{
    thread::{available_parallelism, sleep},
    time::{Duration, Instant},
};

use wicketgate_tests::Setup;

#[test]
fn there_are_as_many_as_cores() {
    let gateway = Setup::new().start();
    gateway.assert_well();
    // A new thread has the name of the one that began it, until it takes its own.
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let names = gateway.thread_names();
        let workers = names.iter().filter(|name| name.starts_with("front")).count();
        if workers == available_parallelism().unwrap().get() {
            return;
        }
        assert!(Instant::now() < deadline, "{names:?}");
        sleep(Duration::from_millis(20));
    }
}
