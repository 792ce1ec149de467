//! A shared log as one page for people.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Error, bail};
use portlog_journal::Error as JournalError;
use portlog_journal::verify::Options;

use super::bundle_file::{BundleFile, reader};
use super::known;
use crate::args::ReportArgs;
use crate::exit::{Outcome, with_way_out};
use crate::output::notice;
use crate::report;

/// Checks the file, and writes the page about it. Of a file that is rejected no page is written.
pub(crate) fn run(args: &ReportArgs) -> Result<Outcome, Error> {
    let options = Options {
        pinned: args.key.as_deref().map(known::log_key).transpose()?,
        witnesses: known::witnesses(&args.witnesses)?,
        ..reader()?
    };
    let file = BundleFile::new(&args.file);
    let report = match file.verify(&options)? {
        Ok(report) => report,
        Err(rejection) => {
            notice(format!(
                "{} does not check: {rejection}; no report was written",
                args.file.display()
            ));
            return Ok(Outcome::Bad);
        }
    };
    if is_same(&args.file, &args.output) {
        bail!("-o names the log itself, which would be lost; name another file");
    }
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let language = args.language.language();
    let page = match report::page(file.open()?, &name, &report, language) {
        Ok(page) => page,
        Err(JournalError::Rejected(_)) => {
            bail!(
                "{} was changed while it was read; nothing of it is shown, run the command again",
                args.file.display()
            );
        }
        Err(error) => {
            return Err(Error::new(error).context(format!("cannot read {}", args.file.display())));
        }
    };
    write(&args.output, &page)?;
    report.first_lines().iter().for_each(notice);
    Ok(Outcome::Done)
}

/// Writes beside the place and then renames: whoever opens the page finds all of it.
fn write(output: &Path, page: &str) -> Result<(), Error> {
    let cannot = || format!("cannot write {}", output.display());
    let Some(name) = output.file_name() else {
        bail!("{}: it is no name of a file; name one with -o", cannot());
    };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = output.with_file_name(beside);
    let written = fs::write(&beside, page).and_then(|()| fs::rename(&beside, output));
    written.with_context(cannot).map_err(|error| {
        fs::remove_file(&beside).ok();
        with_way_out(error, "name a file in a folder that you may write to")
    })
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}
