//! The command line: one file per subcommand. Errors go to stderr; exit 0 is fine, 1 failed, 2 wrong usage.

mod access;
mod call;
mod check;
mod completions;
mod describe;
mod explain;
mod new;
mod reload;
mod serve;
mod spec;
mod user;

use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// A reverse-proxy gateway with action plugins.
#[derive(Parser)]
#[command(name = "wicketgate", version)]
struct Cli {
    /// The configuration to use
    #[arg(long, global = true, value_name = "FILE", env = "WICKETGATE_CONFIG")]
    #[arg(default_value = "config/wicketgate.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve, until SIGTERM or SIGINT
    Serve,
    /// Tell all that is wrong with the configuration
    Check(check::Arguments),
    /// Tell what would become of a request, step by step
    Explain(explain::Arguments),
    /// Have the gateway that runs read its configuration again
    Reload,
    /// Call a command of a gateway that runs
    Call(call::Arguments),
    /// Write the specs of all plugins, and what follows from them: client, OpenAPI, manual
    Spec(spec::Arguments),
    /// Make a crate for a plugin of your own
    New(new::Arguments),
    /// Add users to a file, and change them
    User(user::Arguments),
    /// Write a completion script for a shell
    Completions(completions::Arguments),
    /// Print the spec of one plugin; `spec` runs this in a child process
    #[command(name = describe::NAME, hide = true)]
    Describe(describe::Arguments),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Serve => serve::run(&cli.config),
        Command::Check(arguments) => check::run(&cli.config, &arguments),
        Command::Explain(arguments) => explain::run(&cli.config, &arguments),
        Command::Reload => reload::run(&cli.config),
        Command::Call(arguments) => call::run(&cli.config, &arguments),
        Command::Spec(arguments) => spec::run(&cli.config, &arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::User(arguments) => user::run(&cli.config, &arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Describe(arguments) => describe::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever does not want to read on has what they want.
        Err(error) if error.downcast_ref().map(io::Error::kind) == Some(io::ErrorKind::BrokenPipe) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to stdout.
fn say(text: impl Display) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}
