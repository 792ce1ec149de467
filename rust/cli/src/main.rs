//! The command line of Portlog.
//!
//! `args` is what was typed, `commands` does it, `json` and `text` say what came of it to programs
//! and to people, `live` shows a watch on a terminal, and `exit` alone decides the exit status.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod convert;
mod corroborate;
mod csv;
mod exit;
#[cfg(test)]
mod fixtures;
mod inputs;
mod json;
mod lists;
mod live;
mod output;
mod report;
mod speech;
mod text;
mod time;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match args::Cli::try_parse() {
        Ok(cli) => exit::status(commands::run(cli.command)),
        Err(error) => exit::refused(&error),
    }
}
