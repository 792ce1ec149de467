//! How the program ends: the only place that decides an exit status.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Error, anyhow};
use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::args;
use crate::text::clean::clean;

/// What came of a command that could be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done, and the answer is bad.
    Bad,
}

/// 0: done (or nobody reads on); 1: done, and the answer is bad; 2: could not be done, which is
/// said in one line on standard error.
pub(crate) fn status(result: Result<Outcome, Error>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if standard error is closed too.
            let _ = writeln!(io::stderr(), "portlog: {}", one_line(&error));
            ExitCode::from(2)
        }
    }
}

/// The status for arguments that clap refuses, or for its help and version.
pub(crate) fn refused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return status(
            error
                .print()
                .map(|()| Outcome::Done)
                .map_err(|error| Error::new(error).context("cannot write the help")),
        );
    }
    let command = command_asked(&args::Cli::command(), env::args().skip(1));
    let said = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "no command is given".to_owned()
        }
        _ => in_one_line(&error.render().to_string()),
    };
    let _ = writeln!(io::stderr(), "portlog: {said}; see '{command} --help'");
    ExitCode::from(2)
}

/// `error` and its causes, and what to do about it.
pub(crate) fn with_way_out(error: impl Into<Error>, way_out: &str) -> Error {
    anyhow!("{}; {way_out}", one_line(&error.into()))
}

fn is_broken_pipe(error: &Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// The chain of causes in one line, without what a cause repeats of the one above it.
pub(crate) fn one_line(error: &Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if line.ends_with(&cause) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&cause);
    }
    clean(&line.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// Clap's paragraphs in one line: what is wrong, and its tips.
fn in_one_line(said: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut is_new = true;
    for line in said.lines().map(str::trim) {
        if line.starts_with("Usage: ") || line.starts_with("For more information") {
            continue;
        }
        match parts.last_mut() {
            _ if line.is_empty() => is_new = true,
            Some(part) if !is_new => {
                part.push(' ');
                part.push_str(line);
            }
            _ => {
                parts.push(line.strip_prefix("error: ").unwrap_or(line).to_owned());
                is_new = false;
            }
        }
    }
    clean(&parts.join("; ")).into_owned()
}

/// The command that was asked for, as far as its name is one: where its help is.
fn command_asked(program: &clap::Command, args: impl Iterator<Item = String>) -> String {
    let mut asked = program.get_name().to_owned();
    let mut command = program;
    for arg in args {
        let Some(subcommand) = command.find_subcommand(&arg) else {
            break;
        };
        asked.push(' ');
        asked.push_str(subcommand.get_name());
        command = subcommand;
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_one_line_without_repetition() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = Error::new(cause)
            .context("cannot read\nlist.txt")
            .context("cannot start the watch");
        assert_eq!(
            one_line(&error),
            "cannot start the watch: cannot read list.txt: no such file"
        );
        assert_eq!(one_line(&anyhow!("x: y").context("x: y")), "x: y");
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let error = Error::new(io::Error::from(io::ErrorKind::BrokenPipe)).context("cannot write");
        assert!(is_broken_pipe(&error));
        assert!(!is_broken_pipe(&anyhow!("else")));
    }

    #[test]
    fn a_usage_error_is_one_line_with_its_tip() {
        let said = "error: unexpected argument '--fro' found\n\n  tip: a similar argument exists: \
                    '--for'\n\nUsage: portlog watch --for <SPAN>\n\nFor more information, try \
                    '--help'.\n";
        assert_eq!(
            in_one_line(said),
            "unexpected argument '--fro' found; tip: a similar argument exists: '--for'"
        );
    }

    #[test]
    fn the_help_is_that_of_the_command_asked_for() {
        let program = args::Cli::command();
        let asked = |args: &[&str]| command_asked(&program, args.iter().map(|arg| (*arg).into()));
        assert_eq!(asked(&["list", "check", "x"]), "portlog list check");
        assert_eq!(asked(&["watch", "--for", "snapshot"]), "portlog watch");
        assert_eq!(asked(&["wach"]), "portlog");
    }

    #[test]
    fn the_way_out_stands_last() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = Error::new(cause).context("cannot read list.txt");
        assert_eq!(
            with_way_out(error, "check the path").to_string(),
            "cannot read list.txt: no such file; check the path"
        );
    }
}
