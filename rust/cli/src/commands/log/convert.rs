//! A shared log as JSON, as a table, or as a folder for MVT.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::{Context as _, Error};
use portlog_journal::verify::Options;

use super::bundle_file::{reader, refuse_bare};
use super::known;
use crate::args::ConvertArgs;
use crate::convert::{Form, convert};
use crate::exit::{Outcome, with_way_out};
use crate::output::notice;

/// Checks the file, and writes what it discloses.
pub(super) fn run(args: &ConvertArgs) -> Result<Outcome, Error> {
    let options = Options {
        pinned: args.key.as_deref().map(known::log_key).transpose()?,
        witnesses: known::witnesses(&args.witnesses)?,
        ..reader()?
    };
    converted(&args.file, &options, args.form.form(), &args.output)
}

/// Writes what the bundle at `path` discloses to `out`, and tells how far it can be relied on. Of a file
/// that is rejected nothing is written.
pub(super) fn converted(
    path: &Path,
    options: &Options,
    form: Form,
    out: &Path,
) -> Result<Outcome, Error> {
    let file = File::open(path)
        .with_context(|| format!("cannot read {}", path.display()))
        .map_err(|error| with_way_out(error, "name a file that 'portlog log export' wrote"))?;
    let mut reader = BufReader::with_capacity(128 * 1024, file);
    let begin = reader
        .fill_buf()
        .with_context(|| format!("cannot read {}", path.display()))?;
    refuse_bare(begin, path)?;
    match convert(reader, options, form, out)? {
        Ok(report) => {
            report.first_lines().iter().for_each(notice);
            Ok(Outcome::Done)
        }
        Err(rejection) => {
            notice(format!(
                "{} does not check: {rejection}; nothing was written",
                path.display()
            ));
            Ok(Outcome::Bad)
        }
    }
}
