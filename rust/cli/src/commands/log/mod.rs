//! Signed logs: what others shared is checked, what a journal has is shown and shared.

pub(crate) mod against;
pub(crate) mod bundle_file;
mod convert;
mod known;
mod progress;
mod report;
pub(crate) mod verify;

use anyhow::Error;

use crate::args::LogCommand;
use crate::exit::Outcome;

/// Does what was asked.
pub(crate) fn run(command: LogCommand) -> Result<Outcome, Error> {
    match command {
        LogCommand::Verify(args) => verify::run(&args),
        LogCommand::Report(args) => report::run(&args),
        LogCommand::Convert(args) => convert::run(&args),
    }
}
