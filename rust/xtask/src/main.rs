//! `cargo xtask`: what a developer of Portlog runs. One file holds one command.
//!
//! A Rust program rather than shell scripts, so that a developer's machine and CI run the very
//! same steps, and so that a missing tool is installed or named instead of failing somewhere.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal: printing is what it does"
)]

mod process;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Developer commands of Portlog.

cargo xtask test [--only STAGE]... [--list]   run every check, or those stages; --list names them
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(lexopt::Arg::Value(command)) => match command.to_str() {
            Some("test") => test::run(test::Options::parse(arguments)?),
            _ => bail!("no command is called {}\n\n{USAGE}", command.display()),
        },
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => {
            print!("{USAGE}");
            Ok(())
        }
        Some(other) => Err(other.unexpected().into()),
        None => bail!("no command was given\n\n{USAGE}"),
    }
}
