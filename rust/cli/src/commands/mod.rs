//! What each command does.

pub(crate) mod devices;
mod list;
mod list_build;
pub(crate) mod list_bundled;
pub(crate) mod list_cdn;
pub(crate) mod list_diff;
mod list_resolve;
pub(crate) mod log;
pub(crate) mod owners;
mod shell;
mod snapshot;
mod watch;
mod watch_journal;
mod watched;

use anyhow::Error;

use crate::args::{Command, ListCommand};
use crate::exit::Outcome;

/// Does what was asked.
pub(crate) fn run(command: Command) -> Result<Outcome, Error> {
    match command {
        Command::Watch(args) => watch::run(&args),
        Command::Snapshot(args) => snapshot::run(&args),
        Command::Owners(args) => owners::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::List(ListCommand::Build(args)) => list_build::run(&args),
        Command::List(ListCommand::Check(args)) => list::check(&args),
        Command::List(ListCommand::Explain(args)) => list::explain(&args),
        Command::List(ListCommand::Diff(args)) => list_diff::run(&args),
        Command::List(ListCommand::Bundled(args)) => list_bundled::run(&args),
        Command::List(ListCommand::Cdn(args)) => list_cdn::run(&args),
        Command::List(ListCommand::Resolve(args)) => list_resolve::run(&args),
        Command::Log(command) => log::run(command),
        Command::Completions(args) => shell::completions(args.shell),
        Command::Man => shell::man(),
    }
}
