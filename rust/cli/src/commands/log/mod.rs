//! Signed logs: what others shared is checked, what a journal has is shown and shared.

pub(crate) mod against;
pub(crate) mod bundle_file;
mod checkpoint;
pub(crate) mod compare;
mod convert;
pub(crate) mod corroborate;
mod export;
mod journal;
mod known;
mod mark;
mod memory;
mod progress;
mod report;
pub(crate) mod show;
pub(crate) mod verify;
mod witness;

use anyhow::Error;

use crate::args::LogCommand;
use crate::exit::Outcome;

/// Does what was asked.
pub(crate) fn run(command: LogCommand) -> Result<Outcome, Error> {
    match command {
        LogCommand::Show(args) => show::run(&args),
        LogCommand::Mark(args) => mark::run(&args),
        LogCommand::Export(args) => export::run(&args),
        LogCommand::Verify(args) => verify::run(&args),
        LogCommand::Checkpoint(args) => checkpoint::run(&args),
        LogCommand::Witness(args) => witness::run(&args),
        LogCommand::Compare(args) => compare::run(&args),
        LogCommand::Corroborate(args) => corroborate::run(&args),
        LogCommand::Convert(args) => convert::run(&args),
        LogCommand::Report(args) => report::run(&args),
    }
}
