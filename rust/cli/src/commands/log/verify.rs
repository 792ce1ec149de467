//! Whether shared logs are what was signed.

use std::io::stdout;
use std::path::PathBuf;

use anyhow::{Error, bail};
use portlog_journal::verify::{EvidenceLevel, ForkReport, Options};
use portlog_journal::{Rejection, Report};

use super::against::{Copy, Told, write_proof};
use super::bundle_file::{Any, BundleFile, expanded, reader};
use super::known;
use crate::args::{RequiredLevel, TextFormat, VerifyArgs};
use crate::exit::Outcome;
use crate::json;
use crate::output::{Output, notice};
use crate::text;
use crate::text::paint::Paint;
use crate::time::LocalTime;

/// What came of one file.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The file, as it was named.
    pub(crate) path: PathBuf,
    /// What was found.
    pub(crate) found: Found,
}

/// What was found of a file.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is what was signed.
    Verified(Box<Verified>),
    /// It proves that there are two signed histories of one log.
    Fork(Box<Forked>),
    /// It is not, or cannot be checked by this version.
    Rejected(Rejection),
    /// It could not be read.
    Unreadable(String),
}

/// A file that checks.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What is certain of it.
    pub(crate) report: Report,
    /// How it stands to the reader's copy, where one was named.
    pub(crate) against: Option<Against>,
    /// Whether its level is as high as was asked for.
    pub(crate) is_enough: bool,
}

/// A proof of two histories that checks.
#[derive(Debug)]
pub(crate) struct Forked {
    /// What is certain of it.
    pub(crate) report: ForkReport,
    /// Whether as much is known of the signer as was asked for.
    pub(crate) is_enough: bool,
}

/// How a file stands to the reader's copy.
#[derive(Debug)]
pub(crate) struct Against {
    /// What the two say of each other.
    pub(crate) told: Told,
    /// Where the proof of two histories was written.
    pub(crate) fork_proof: Option<PathBuf>,
}

impl Checked {
    /// Whether nothing speaks against the file.
    fn is_good(&self) -> bool {
        match &self.found {
            Found::Verified(verified) => {
                verified.is_enough
                    && verified
                        .against
                        .as_ref()
                        .is_none_or(|against| against.told.is_consistent())
            }
            Found::Fork(forked) => forked.is_enough,
            Found::Rejected(_) | Found::Unreadable(_) => false,
        }
    }
}

/// Checks files, and prints what came of it.
pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome, Error> {
    let files = expanded(&args.files)?;
    if args.fork_proof.is_some() && files.len() > 1 {
        bail!(
            "--fork-proof names one file, and {} are to be checked; leave it out",
            files.len()
        );
    }
    let mut options = Options {
        pinned: args.key.as_deref().map(known::log_key).transpose()?,
        witnesses: known::witnesses(&args.witnesses)?,
        ..reader()?
    };
    let copy = match &args.against {
        Some(path) => Some(Copy::read(path, &reader()?)?),
        None => None,
    };
    options.states_at.extend(copy.as_ref().map(Copy::size));
    let mut checked = Vec::with_capacity(files.len());
    for file in &files {
        let found = match found(file, &options, copy.as_ref(), args) {
            Ok(found) => found,
            Err(error) if files.len() == 1 => return Err(error),
            Err(error) => Found::Unreadable(crate::exit::one_line(&error)),
        };
        checked.push(Checked {
            path: file.path().to_owned(),
            found,
        });
    }
    write(&checked, args)?;
    let unreadable = checked
        .iter()
        .filter(|file| matches!(file.found, Found::Unreadable(_)));
    for file in unreadable.clone() {
        if let Found::Unreadable(why) = &file.found {
            notice(why);
        }
    }
    match unreadable.count() {
        0 if checked.iter().all(Checked::is_good) => Ok(Outcome::Done),
        0 => Ok(Outcome::Bad),
        count => bail!(
            "{count} of {} files could not be read, see above",
            checked.len()
        ),
    }
}

fn found(
    file: &BundleFile,
    options: &Options,
    copy: Option<&Copy>,
    args: &VerifyArgs,
) -> Result<Found, Error> {
    let least = args
        .require
        .map_or(EvidenceLevel::SelfConsistent, RequiredLevel::level);
    let mut report = match file.verify_any(options)? {
        Ok(Any::Bundle(report)) => *report,
        Ok(Any::Fork(report)) => {
            return Ok(Found::Fork(Box::new(Forked {
                is_enough: match least {
                    EvidenceLevel::SelfConsistent => true,
                    EvidenceLevel::Pinned => report.pinned || !report.seen.is_empty(),
                    EvidenceLevel::Witnessed => !report.seen.is_empty(),
                },
                report: *report,
            })));
        }
        Err(rejection) => return Ok(Found::Rejected(rejection)),
    };
    let against = match copy {
        Some(copy) => Some(compared(file, &report, copy, args)?),
        None => None,
    };
    // A copy that was kept is how a reader knows a log, as much as its key.
    report.pinned |= against
        .as_ref()
        .is_some_and(|against| against.told.is_consistent());
    Ok(Found::Verified(Box::new(Verified {
        is_enough: report.level() >= least,
        report,
        against,
    })))
}

fn compared(
    file: &BundleFile,
    report: &Report,
    copy: &Copy,
    args: &VerifyArgs,
) -> Result<Against, Error> {
    let told = copy.compare(report, &reader()?)?;
    let fork_proof = match told.fork() {
        Some(fork) => {
            let proof = copy.proof(fork, file, report)?;
            let wanted = args.fork_proof.as_deref();
            Some(write_proof(&proof, file.path(), wanted)?)
        }
        None => None,
    };
    Ok(Against { told, fork_proof })
}

fn write(checked: &[Checked], args: &VerifyArgs) -> Result<(), Error> {
    let out = match args.format {
        TextFormat::Json => {
            let mut out = Vec::new();
            json::verify::write_checked(&mut out, checked);
            out.push(b'\n');
            out
        }
        TextFormat::Text => {
            let mut out = String::new();
            let local = LocalTime::system();
            match checked {
                [one] => text::verify::write_one(&mut out, one, &local, Paint::of(&stdout())),
                several => {
                    text::verify::write_table(&mut out, several, &local, Paint::of(&stdout()));
                }
            }
            out.into_bytes()
        }
    };
    Output::open()?.write(&out)
}
