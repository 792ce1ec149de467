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

mod apk;
mod bench;
mod catalogue;
mod figures;
mod jvm;
mod maven;
mod native;
mod process;
mod recall;
mod stamp;
mod test;
mod tools;
mod workspace;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Developer commands of Portlog.

cargo xtask test [--only STAGE]... [--list]     run every check, or those stages; --list names them
cargo xtask apk [--release] [--abi x86_64]      the app as a signed APK
cargo xtask native [--abi ABI]... [--out DIR] [--sources DIR]
                                                libportlog.so for Android, built and checked
cargo xtask kotlin [--core|--shipped] [--tests] the app's Kotlin compiled, held to Android 4.4
cargo xtask kotlin --test SUITE [--filter TEXT] tests of the app: bridge, shell or shell-shipped
cargo xtask bench [--write] [--steady SECONDS]  what polls and snapshots cost (as root)
cargo xtask bench --lists [--write]             what compiled lists cost, beside what else one could use
cargo xtask recall [--write] [--each NUMBER]    what is seen of short connections (as root)
cargo xtask [COMMAND] --help                    this
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
    // Beside a command too: all of them are on one page.
    if env::args_os()
        .skip(1)
        .any(|word| word == "--help" || word == "-h")
    {
        print!("{USAGE}");
        return Ok(());
    }
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(lexopt::Arg::Value(command)) => match command.to_str() {
            Some("test") => test::run(test::Options::parse(arguments)?),
            Some("native") => native::run(&native::Options::parse(arguments)?),
            Some("apk") => apk::run(&apk::Options::parse(arguments)?),
            Some("kotlin") => jvm::run(&jvm::Options::parse(arguments)?),
            Some("bench") => bench::run(&bench::Options::parse(arguments)?),
            Some("recall") => recall::run(&recall::Options::parse(arguments)?),
            _ => bail!("no command is called {}\n\n{USAGE}", command.display()),
        },
        Some(other) => Err(other.unexpected().into()),
        None => bail!("no command was given\n\n{USAGE}"),
    }
}
