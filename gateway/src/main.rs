//! The command line of Wicketgate.

use std::process::ExitCode;

/// Plugins keep their own allocators; every buffer that crosses the boundary knows how to free itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wicketgate::cli::run()
}
