//! Any URI that is made of hostile pieces.

use std::{cell::RefCell, collections::BTreeSet};

use proptest::{prelude::*, test_runner::TestRunner};
use wicketgate_tests::{Connection, Reply};

use super::{World, check, request, says_close};

const CASES: u32 = 2_000;

/// Names of what is there, and of what is beside it.
const NAMES: &[&str] = &[
    "a.txt",
    "dir",
    "inner.txt",
    "index.html",
    "in",
    "in.txt",
    "out",
    "out.txt",
    "chain",
    "up",
    "top",
    "magic",
    "loop",
    "fifo",
    "secret.txt",
    "beside",
    "www",
    "etc",
    "passwd",
    "proc",
    "self",
    "environ",
    ".env",
    ".git",
    "config",
    ".hidden",
    ".well-known",
    "security.txt",
    "with%20space.txt",
    "%c3%a4.txt",
    "100%25.txt",
    "back%5cslash.txt",
    "\\host",
    "%5chost",
    "%252e%252e",
    "x.txt",
    "localhost",
    "C:",
];

/// What may be taken for something else. Each character is a byte.
const TRICKS: &[&str] = &[
    ".",
    "..",
    "...",
    "/..",
    "/../",
    "%2e",
    "%2E%2e",
    ".%2e",
    "%252e",
    "%2f",
    "%2F",
    "%252f",
    "\\",
    "%5c",
    "%5C..",
    "//",
    "%00",
    "%0a",
    "%0d%0a",
    "%09",
    "%20",
    " ",
    "\t",
    "\u{1}",
    "\u{7f}",
    "%7f",
    "%",
    "%2",
    "%zz",
    "%u002e",
    "%25",
    "%c0%ae",
    "%e0%80%ae",
    "%ef%bc%8e",
    "%ff",
    "\u{ff}",
    "\u{c3}\u{a4}",
    "~",
    ";",
    ";x=y",
    ":",
    "::$DATA",
    "@",
    "?",
    "#",
    "&",
    "=",
    "+",
    "|",
    "<",
    "http://localhost/",
    "file:///",
];

fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just("/"),
        3 => prop::sample::select(NAMES),
        2 => prop::sample::select(TRICKS),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| format!("/{}", pieces.concat()))
}

/// Somebody who keeps a connection until the gateway says that it closes it.
struct Caller<'w> {
    world: &'w World,
    connection: Option<Connection>,
    seen: BTreeSet<u16>,
}

impl Caller<'_> {
    fn get(&mut self, target: &str) -> Option<Reply> {
        let mut connection = self.connection.take().unwrap_or_else(|| self.world.gateway.connect());
        let reply = connection.send(&request(target, "")).reply()?;
        if !says_close(&reply) {
            self.connection = Some(connection);
        }
        self.seen.insert(reply.status);
        Some(reply)
    }

    fn check(&mut self, target: &str) -> Result<(), TestCaseError> {
        let reply = self.get(target).ok_or_else(|| TestCaseError::fail("no reply"))?;
        check(&reply).map_err(TestCaseError::fail)?;
        let fits = match reply.status {
            200 => self.world.files.values().any(|content| *content == reply.body),
            308 => reply.header("location").is_some(),
            status => (400..500).contains(&status),
        };
        prop_assert!(fits, "{reply:?}");
        Ok(())
    }
}

#[test]
fn any_uri_is_refused_or_leads_to_a_file_of_the_root() {
    let world = World::start();
    let caller = RefCell::new(Caller { world: &world, connection: None, seen: BTreeSet::new() });
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&target(), |target| caller.borrow_mut().check(&target));
    result.unwrap_or_else(|e| panic!("{e}"));
    // It would prove nothing if all were the same.
    assert!(BTreeSet::from([200, 308, 400, 404]).is_subset(&caller.borrow().seen));
    drop(caller);
    world.conclude(Vec::new());
}
