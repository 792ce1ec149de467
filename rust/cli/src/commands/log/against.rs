//! Another copy of the same log: read, compared with, and what came of it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::verify::{Comparison, Fork, Held, Options, compare, epochs};
use portlog_journal::{Note, Rejection, Report};

use super::bundle_file::{BARE_CHECKPOINT, BundleFile, EXTENSION, FORK_EXTENSION};
use crate::exit::with_way_out;

/// The most bytes of a checkpoint by itself, with all its signatures.
const MAX_CHECKPOINT: u64 = 256 * 1024;
/// Names tried for a proof before it is given up.
const NAMES: u32 = 10_000;

/// A copy that the reader has kept.
#[derive(Clone, Debug)]
pub(super) enum Copy {
    Bundle(BundleFile, Box<Report>),
    Checkpoint(Note),
}

/// What a file and a copy say of each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    /// As the two states have it.
    States(Comparison),
    /// The copy is a checkpoint that no key of the file's log signed: nobody can tell.
    NotSigned(Rejection),
}

impl Told {
    /// Whether the file is the copy's state or one that continues it.
    pub(crate) const fn is_consistent(&self) -> bool {
        matches!(
            self,
            Self::States(Comparison::Same | Comparison::Continues { .. })
        )
    }

    /// The proof of two histories.
    pub(crate) const fn fork(&self) -> Option<&Fork> {
        match self {
            Self::States(Comparison::Fork(fork)) => Some(fork),
            _ => None,
        }
    }

    /// The word in JSON.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::States(Comparison::OtherLog) => "other-log",
            Self::States(Comparison::Same) => "same",
            Self::States(Comparison::Continues { .. }) => "consistent",
            Self::States(Comparison::RolledBack { .. }) => "rolled-back",
            Self::States(Comparison::Fork(_)) => "fork",
            Self::States(Comparison::CannotTell) => "cannot-tell",
            Self::NotSigned(_) => "not-signed",
        }
    }
}

/// For people.
impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = |count: u64| if count == 1 { "entry" } else { "entries" };
        match self {
            Self::States(Comparison::OtherLog) => f.write_str("it is another log"),
            Self::States(Comparison::Same) => f.write_str("consistent: the same state"),
            Self::States(Comparison::Continues { added }) => write!(
                f,
                "consistent: it continues the copy, {added} {} later",
                entries(*added)
            ),
            Self::States(Comparison::RolledBack {
                missing,
                same_until_there,
            }) => {
                write!(
                    f,
                    "ROLLED BACK: the copy has {missing} {} more; this file is older, or its tail was \
                     cut",
                    entries(*missing)
                )?;
                f.write_str(if *same_until_there {
                    "; what it has is the same"
                } else {
                    "; whether what it has is the same cannot be told from these two"
                })
            }
            Self::States(Comparison::Fork(fork)) => write!(
                f,
                "FORK: two signed histories of one log, of {} and {} entries, that cannot both be true",
                fork.smaller.checkpoint().size,
                fork.larger.checkpoint().size
            ),
            Self::States(Comparison::CannotTell) => f.write_str(
                "cannot be told: this file is longer than the copy and does not show the log's state \
                 at that size; ask for a full one, or for one that was exported after the copy left",
            ),
            Self::NotSigned(rejection) => write!(
                f,
                "NOT ITS CHECKPOINT: no key of this log's history, as this file has it, signed the \
                 copy ({rejection})"
            ),
        }
    }
}

impl Copy {
    /// Reads and checks the copy at `path`: a bundle, or a checkpoint by itself.
    pub(super) fn read(path: &Path, options: &Options) -> Result<Self, Error> {
        let file = BundleFile::new(path);
        if !file.first_line()?.starts_with(BARE_CHECKPOINT) {
            return match file.verify(options)? {
                Ok(report) => Ok(Self::Bundle(file, Box::new(report))),
                Err(rejection) => Err(with_way_out(
                    anyhow!("the copy {} does not check: {rejection}", path.display()),
                    "--against takes a bundle, or a checkpoint as 'log checkpoint' prints it",
                )),
            };
        }
        let mut text = String::new();
        file.open()?
            .take(MAX_CHECKPOINT)
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let note = Note::parse(&text).map_err(|rejection| {
            with_way_out(
                anyhow!("the copy {} is no checkpoint: {rejection}", path.display()),
                "--against takes a bundle, or a checkpoint as 'log checkpoint' prints it",
            )
        })?;
        Ok(Self::Checkpoint(note))
    }

    /// The size of its state.
    pub(super) fn size(&self) -> u64 {
        self.note().checkpoint().size
    }

    /// Its checkpoint.
    pub(super) fn note(&self) -> &Note {
        match self {
            Self::Bundle(_, report) => &report.checkpoint,
            Self::Checkpoint(note) => note,
        }
    }

    /// Compares a verified file with it. The file was verified with this copy's size among
    /// [`Options::states_at`].
    pub(super) fn compare(&self, report: &Report, options: &Options) -> Result<Told, Error> {
        let held = match self {
            Self::Checkpoint(note) => Held::Checkpoint(note.clone()),
            Self::Bundle(file, copy) if copy.size() > report.size() => {
                let again = Options {
                    states_at: vec![report.size()],
                    ..options.clone()
                };
                let copy = file
                    .verify(&again)?
                    .with_context(|| format!("{} changed meanwhile", file.path().display()))?;
                Held::Bundle(Box::new(copy))
            }
            Self::Bundle(_, copy) => Held::Bundle(copy.clone()),
        };
        Ok(match compare(report, &held) {
            Ok(comparison) => Told::States(comparison),
            Err(rejection) => Told::NotSigned(rejection),
        })
    }

    /// The proof of a fork between `file`, which `report` is about, and this copy, as text.
    pub(super) fn proof(
        &self,
        fork: &Fork,
        file: &BundleFile,
        report: &Report,
    ) -> Result<String, Error> {
        let own = epochs(file.open()?, report).context("cannot read the file again")?;
        let copys = match self {
            Self::Bundle(file, copy) => {
                epochs(file.open()?, copy).context("cannot read the copy again")?
            }
            Self::Checkpoint(_) => own.clone(),
        };
        // As `compare` has it: of two alike in size, the copy is the smaller.
        let (smaller, larger) = if self.size() <= report.size() {
            (&copys, &own)
        } else {
            (&own, &copys)
        };
        Ok(fork.to_text(smaller, larger))
    }
}

/// Writes the proof of a fork that `input` shows: to `wanted`, or beside the input under a name that
/// is free. Nothing is ever overwritten.
pub(super) fn write_proof(
    text: &str,
    input: &Path,
    wanted: Option<&Path>,
) -> Result<PathBuf, Error> {
    if let Some(path) = wanted {
        return match create(path, text) {
            Ok(()) => Ok(path.to_owned()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
                "{} is there already and is not overwritten; name another file with --fork-proof",
                path.display()
            ),
            Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
        };
    }
    let name = input.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(EXTENSION).unwrap_or(&name);
    for number in 1..NAMES {
        let name = match number {
            1 => format!("{stem}{FORK_EXTENSION}"),
            _ => format!("{stem}-{number}{FORK_EXTENSION}"),
        };
        let path = input.with_file_name(name);
        match create(&path, text) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                let error = Error::new(error).context(format!(
                    "cannot write the fork's proof to {}",
                    path.display()
                ));
                return Err(with_way_out(error, "--fork-proof FILE names another place"));
            }
        }
    }
    bail!(
        "there are {NAMES} proofs beside {} already; --fork-proof FILE names another place",
        input.display()
    )
}

/// A new file with this text, or none.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .inspect_err(|_| {
            // Half a proof is none; the error that is told is the first one.
            let _ = fs::remove_file(path);
        })
}
