//! Two shared logs, or two parts of one, side by side.

use std::io::stdout;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::compare::{Fact, Half, OwnerRows, Relation, compare, read, relate};
use portlog_journal::verify::{Comparison, Options};
use portlog_journal::{Error as JournalError, Report};

use super::against::{Copy, Told};
use super::bundle_file::{BundleFile, reader};
use super::verify::{Checked, Found, Verified};
use crate::args::{CompareArgs, TextFormat};
use crate::exit::{Outcome, with_way_out};
use crate::output::Output;
use crate::text::paint::Paint;
use crate::time::LocalTime;
use crate::{json, text};

/// Marks that are named where one has to be chosen.
const MARKS: usize = 10;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Laid {
    /// The files: the earlier one and the later one, or the only one.
    pub(crate) files: Vec<Checked>,
    /// What they say side by side, or why not.
    pub(crate) result: Result<Box<Sides>, Refused>,
}

/// Why files are not compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refused {
    /// One of them is not what was signed.
    Rejected,
    /// They are two histories of one log, that cannot both be true.
    Fork,
}

/// Two sides.
#[derive(Debug)]
pub(crate) struct Sides {
    /// The mark that parts them, where they are of one file.
    pub(crate) mark: Option<u64>,
    /// How they hang together.
    pub(crate) relation: Relation,
    /// How the files of one log stand to each other.
    pub(crate) states: Option<Comparison>,
    /// The earlier side.
    pub(crate) before: Half,
    /// The later side.
    pub(crate) after: Half,
    /// The phone and the watch.
    pub(crate) facts: Vec<Fact>,
    /// What became of each destination.
    pub(crate) owners: Vec<OwnerRows>,
}

impl Laid {
    /// The reports of verified files.
    pub(crate) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.files.iter().filter_map(report)
    }
}

/// Lays files side by side, and prints what came of it.
pub(crate) fn run(args: &CompareArgs) -> Result<Outcome, Error> {
    let laid = lay(&args.files, args.at)?;
    let out = match args.format {
        TextFormat::Json => {
            let mut out = Vec::new();
            json::compare::write_laid(&mut out, &laid);
            out.push(b'\n');
            out
        }
        TextFormat::Text => {
            let mut out = String::new();
            let paint = Paint::of(&stdout());
            text::compare::write_laid(&mut out, &laid, &LocalTime::system(), paint);
            out.into_bytes()
        }
    };
    Output::open()?.write(&out)?;
    Ok(match laid.result {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Bad,
    })
}

/// Lays two files side by side, or the two parts of one that has a mark at entry `at`.
pub(crate) fn lay(files: &[PathBuf], at: Option<u64>) -> Result<Laid, Error> {
    match (files, at) {
        ([before, after], None) => between(before, after),
        ([file], Some(mark)) => within(file, Some(mark)),
        ([file], None) => within(file, None),
        (_, Some(_)) => bail!("--at parts one file in two; name one file, or leave it out"),
        _ => bail!("name the earlier file and the later one, or one file and a mark in it (--at)"),
    }
}

fn between(before: &Path, after: &Path) -> Result<Laid, Error> {
    let (before, after) = (BundleFile::new(before), BundleFile::new(after));
    let options = reader()?;
    let first = checked(&before, &options)?;
    let size = report(&first).map(Report::size);
    let options = Options {
        states_at: size.into_iter().collect(),
        ..options
    };
    let files = vec![first, checked(&after, &options)?];
    let [Some(earlier), Some(later)] = [0, 1].map(|at| files.get(at).and_then(report)) else {
        let result = Err(Refused::Rejected);
        return Ok(Laid { files, result });
    };
    let mut states = None;
    if earlier.origin() == later.origin() {
        let copy = Copy::Bundle(before.clone(), Box::new(earlier.clone()));
        states = match copy.compare(later, &reader()?)? {
            Told::States(Comparison::Fork(_)) => {
                let result = Err(Refused::Fork);
                return Ok(Laid { files, result });
            }
            Told::States(Comparison::RolledBack { missing, .. }) => bail!(
                "{} is the later state of the two, by {missing} entries; name the earlier file first",
                before.path().display()
            ),
            Told::States(states) => Some(states),
            Told::NotSigned(_) => None,
        };
    }
    let first_half = side(&before, earlier, 0, u64::MAX)?;
    // Of one log, what the earlier file shows is not counted again.
    let begin = match (&states, first_half.last_observation) {
        (Some(_), Some(last)) => last.saturating_add(1),
        _ => 0,
    };
    let second_half = side(&after, later, begin, u64::MAX)?;
    let sides = sides(None, states, first_half, second_half);
    Ok(Laid {
        files,
        result: Ok(Box::new(sides)),
    })
}

fn within(path: &Path, mark: Option<u64>) -> Result<Laid, Error> {
    let file = BundleFile::new(path);
    let files = vec![checked(&file, &reader()?)?];
    let Some(report) = files.first().and_then(report) else {
        let result = Err(Refused::Rejected);
        return Ok(Laid { files, result });
    };
    let is_mark = |whole: &Half, index| whole.marks.iter().any(|mark| mark.index == index);
    let whole = side(&file, report, 0, u64::MAX)?;
    let Some(mark) = mark.filter(|mark| is_mark(&whole, *mark)) else {
        return Err(no_mark(path, mark, &whole));
    };
    let behind = mark.saturating_add(1);
    let before = side(&file, report, 0, behind)?;
    let after = side(&file, report, behind, u64::MAX)?;
    let sides = sides(Some(mark), None, before, after);
    Ok(Laid {
        files,
        result: Ok(Box::new(sides)),
    })
}

/// One file, and no mark at which it could be parted.
fn no_mark(path: &Path, wanted: Option<u64>, whole: &Half) -> Error {
    let path = path.display();
    let what = match wanted {
        Some(index) => anyhow!("entry {index} of {path} is no mark that it shows"),
        None => anyhow!("{path} is one file, and nothing says where to part it"),
    };
    let marks: Vec<String> = whole
        .marks
        .iter()
        .take(MARKS)
        .map(|mark| mark.index.to_string())
        .collect();
    let way_out = match marks.as_slice() {
        [] => "it shows no marks; name two files".to_owned(),
        marks => format!(
            "name a second file, or --at one of its marks: {}{}",
            marks.join(", "),
            if whole.marks.len() > MARKS {
                ", ..."
            } else {
                ""
            }
        ),
    };
    with_way_out(what, &way_out)
}

fn checked(file: &BundleFile, options: &Options) -> Result<Checked, Error> {
    let found = match file.verify(options)? {
        Ok(report) => Found::Verified(Box::new(Verified {
            report,
            against: None,
            is_enough: true,
        })),
        Err(rejection) => Found::Rejected(rejection),
    };
    Ok(Checked {
        path: file.path().to_owned(),
        found,
    })
}

fn report(file: &Checked) -> Option<&Report> {
    let Found::Verified(verified) = &file.found else {
        return None;
    };
    Some(&verified.report)
}

/// The entries of a verified file from `begin` to before `end`.
fn side(file: &BundleFile, report: &Report, begin: u64, end: u64) -> Result<Half, Error> {
    let failed = || format!("cannot compare {}", file.path().display());
    match read(file.open()?, report, begin..end) {
        Ok(half) => Ok(half),
        Err(JournalError::Rejected(_)) => {
            bail!(
                "{} changed while it was read; try again",
                file.path().display()
            )
        }
        Err(error) => Err(error).with_context(failed),
    }
}

fn sides(mark: Option<u64>, states: Option<Comparison>, before: Half, after: Half) -> Sides {
    let relation = relate(&before, &after);
    let (facts, owners) = compare(&before, &after);
    Sides {
        mark,
        relation,
        states,
        before,
        after,
        facts,
        owners,
    }
}
