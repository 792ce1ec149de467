//! A verified bundle as JSON, as CSV, or as a folder that MVT reads.
//!
//! What is converted is a *bundle*, never a journal: presets, times and redaction then hold by
//! construction, because what is withheld is not there. A bundle is verified whole before anything of
//! it is written, and read a second time against the same digest; a file that does not check gives
//! nothing at all. What comes out carries no signature, and says so: evidence is the bundle.

mod csv;
mod draft;
mod json;
mod meaning;
mod mvt;
#[cfg(test)]
pub(crate) mod tests;

use std::io::{BufRead, Seek, Write};
use std::path::Path;

use anyhow::{Context as _, Error};
use portlog_journal::bundle::ShownEntry;
use portlog_journal::verify::{Options, entries};
use portlog_journal::{Error as JournalError, Rejection, Report, verify};

use self::draft::Draft;
pub(crate) use self::meaning::{Meaning, instant};
use crate::exit::with_way_out;

/// What a bundle is converted to. docs/EVENTS.md specifies each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// One JSON object with every shown entry.
    Json,
    /// A row for each shown entry.
    Csv,
    /// A folder that `mvt-android check-androidqf` and `check-intrusion-logs` read.
    Mvt,
}

/// Writes what `bundle` shows to `out`, which must not be there yet, readable by its owner alone.
///
/// A bundle that is not what was signed is [`Rejection`], and then nothing is written. An error is a
/// file that could not be read or written; `out` is then not there either.
pub(crate) fn convert(
    mut bundle: impl BufRead + Seek,
    options: &Options,
    form: Form,
    out: &Path,
) -> Result<Result<Report, Rejection>, Error> {
    let report = match verify(&mut bundle, options) {
        Ok(report) => report,
        Err(JournalError::Rejected(rejection)) => return Ok(Err(rejection)),
        Err(error) => return Err(unreadable(error)),
    };
    bundle
        .rewind()
        .context("cannot read the bundle a second time")?;
    let written = match form {
        Form::Json => file(out, |to| json::write(bundle, &report, to)),
        Form::Csv => file(out, |to| csv::write(bundle, &report, to)),
        Form::Mvt => folder(out, |to| mvt::write(bundle, &report, to)),
    };
    match written {
        Ok(()) => Ok(Ok(report)),
        Err(error) => match error.downcast::<Rejection>() {
            Ok(rejection) => Ok(Err(rejection)),
            Err(error) => Err(error),
        },
    }
}

fn file(out: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), Error> {
    let draft = Draft::file(out)?;
    let mut to = draft::writer(draft.path())?;
    write(&mut to)?;
    draft::finish(to, draft.path())?;
    draft.keep()
}

fn folder(out: &Path, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let draft = Draft::folder(out)?;
    write(draft.path())?;
    draft.keep()
}

/// Gives every shown entry of the bundle that `report` is about to `see`, and stops at its first error.
fn each(
    bundle: impl BufRead,
    report: &Report,
    mut see: impl FnMut(&ShownEntry) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut result = Ok(());
    let read = entries(bundle, report, |entry| {
        if result.is_ok() {
            result = see(entry);
        }
    });
    result?;
    match read {
        Ok(()) => Ok(()),
        Err(JournalError::Rejected(rejection)) => Err(rejection.into()),
        Err(error) => Err(unreadable(error)),
    }
}

fn unreadable(error: JournalError) -> Error {
    with_way_out(
        Error::new(error).context("cannot read the bundle"),
        "check the file and its disk",
    )
}
