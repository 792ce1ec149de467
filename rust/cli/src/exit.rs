//! How the program ends: the only place that decides an exit status.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Error;

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
    let said = error.render().to_string();
    let _ = writeln!(io::stderr(), "portlog: {}", usage_line(&said));
    ExitCode::from(2)
}

fn is_broken_pipe(error: &Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// The chain of causes in one line, without what a cause repeats of the one above it.
fn one_line(error: &Error) -> String {
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

/// Clap's paragraphs in one line: what is wrong, its tips, and where the help is.
fn usage_line(said: &str) -> String {
    let mut parts = Vec::new();
    let mut command = "portlog";
    let mut paragraph = String::new();
    for line in said.lines().chain([""]) {
        let line = line.trim();
        if let Some(usage) = line.strip_prefix("Usage: ") {
            command = command_of(usage);
        } else if line.starts_with("For more information") {
        } else if line.is_empty() {
            if !paragraph.is_empty() {
                parts.push(std::mem::take(&mut paragraph));
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    format!("{}; see '{command} --help'", clean(&parts.join("; ")))
}

/// The words of a usage line before its arguments.
fn command_of(usage: &str) -> &str {
    let length: usize = usage
        .split(' ')
        .take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|word| word.len() + 1)
        .sum();
    usage
        .get(..length.saturating_sub(1))
        .filter(|command| !command.is_empty())
        .unwrap_or("portlog")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

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
            usage_line(said),
            "unexpected argument '--fro' found; tip: a similar argument exists: '--for'; see \
             'portlog watch --help'"
        );
    }
}
