//! What authors get wrong is told at their own line: each file in `fail/` beside what the compiler says of it.

use std::process::Command;

/// Whose words about traits are in `fail/traits/`.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn mistakes_are_told_at_the_author_s_own_line() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*.rs");
    // The macros' own words are always the same. What the compiler puts around them differs from one version to the next.
    let version = Command::new("rustc").arg("--version").output().expect("rustc runs");
    if version.stdout.starts_with(RUSTC.as_bytes()) {
        cases.compile_fail("tests/fail/traits/*.rs");
    }
}
