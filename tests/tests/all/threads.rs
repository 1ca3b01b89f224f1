//! How many threads take requests.

use std::thread::available_parallelism;

use wicketgate_tests::Setup;

#[test]
fn there_are_as_many_as_cores() {
    let gateway = Setup::new().start();
    gateway.assert_well();
    let names = gateway.thread_names();
    let workers = names.iter().filter(|name| name.starts_with("front")).count();
    assert_eq!(workers, available_parallelism().unwrap().get(), "{names:?}");
}
