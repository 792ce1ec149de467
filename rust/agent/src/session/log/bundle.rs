//! A bundle as its reader meets it: checked first, then what it shows in a few lines.
//!
//! The same for what this phone is about to share and for what somebody gave it: a preview is the
//! check of a file that was made, and not a guess at it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::{Kind, OwnerText};
use portlog_journal::verify::{Options, entries};
use portlog_journal::{Error as JournalError, Origin, Report, verify};
use portlog_words::clean;
use portlog_words::log::{LogSentence, Withheld};

use super::entry;
use super::views::{KindCount, LogRow};
use crate::Error;
use crate::session::render::Voice;

/// Owners and hosts that are listed, each.
const MOST_LISTED: usize = 20;
/// Owners and hosts that are told apart, each.
const MOST_COUNTED: usize = 10_000;
/// Entries that are shown.
const MOST_ROWS: usize = 100;

/// A bundle that checks.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) report: Report,
    pub(super) contents: Contents,
}

/// What a bundle shows.
#[derive(Debug, Default)]
pub(super) struct Contents {
    kinds: BTreeMap<Kind, u64>,
    owners: BTreeSet<String>,
    hosts: BTreeSet<String>,
    withheld: BTreeSet<&'static str>,
    marks: bool,
    rows: Vec<LogRow>,
    /// Who the UIDs are, by the index of the packages entry and the UID.
    known: BTreeMap<(u64, u64), String>,
}

/// Opens a file that somebody named.
pub(super) fn open(path: &Path) -> Result<BufReader<File>, Error> {
    let opened = File::open(path).and_then(|file| {
        let about = file.metadata()?;
        if about.is_file() {
            Ok(file)
        } else {
            Err(std::io::Error::other("it is not a file"))
        }
    });
    opened.map(BufReader::new).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// The log that a file claims to be of, which a reader may know. It says nothing by itself.
pub(super) fn claimed_origin(path: &Path) -> Result<Option<Origin>, Error> {
    /// The header's lines.
    const LINES: usize = 8;
    let mut reader = open(path)?;
    for _ in 0..LINES {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut reader, 8_449);
        let read = limited
            .read_until(b'\n', &mut line)
            .map_err(|source| Error::Read {
                path: path.to_owned(),
                source,
            })?;
        if read == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&line);
        if let Some(origin) = line.strip_prefix("origin ") {
            return Ok(Origin::parse(origin.trim_end()));
        }
    }
    Ok(None)
}

/// Checks the bundle at `path`, then reads what it shows.
pub(super) fn check(
    path: &Path,
    options: &Options,
    voice: Voice,
) -> Result<Result<Checked, JournalError>, Error> {
    let report = match verify(open(path)?, options) {
        Ok(report) => report,
        Err(error) => return Ok(Err(error)),
    };
    let mut contents = Contents::default();
    match entries(open(path)?, &report, |entry| contents.take(entry, voice)) {
        Ok(()) => Ok(Ok(Checked { report, contents })),
        Err(error) => Ok(Err(error)),
    }
}

impl Contents {
    fn take(&mut self, shown: &ShownEntry, voice: Voice) {
        let count = self.kinds.entry(shown.kind()).or_default();
        *count = count.saturating_add(1);
        if shown.kind() == Kind::Packages {
            self.learn(shown);
        }
        self.marks |= shown.kind() == Kind::Mark && shown.value("text").is_some();
        for (name, value) in shown.fields() {
            let withheld = match name.split('.').next() {
                _ if value.is_some() => continue,
                Some("local") => "local",
                Some("remote") => "remote",
                Some("names") => "names",
                // Of a packages entry, the UIDs that are not shown are withheld as a matter of course.
                Some("owner") if shown.kind() == Kind::Packages => continue,
                Some("owner" | "uid") => "owner",
                Some("program") => "program",
                Some("text") => "text",
                Some("entry") => "entry",
                _ => {
                    self.withhold_other(shown.kind(), &name);
                    continue;
                }
            };
            self.withheld.insert(withheld);
        }
        if is_of_connection(shown.kind()) {
            let owner = self.owner_of(shown);
            insert(&mut self.owners, owner);
            let host = shown.value("names").or_else(|| shown.value("remote"));
            insert(&mut self.hosts, host.map(clean));
        }
        if self.rows.len() < MOST_ROWS {
            let owner = self.owner_of(shown);
            self.rows.push(entry::of_shown(shown, owner, voice));
        }
    }

    fn learn(&mut self, packages: &ShownEntry) {
        for (_, value) in packages.fields() {
            let Some((text, owner)) = value.and_then(|text| Some((text, OwnerText::parse(text)?)))
            else {
                continue;
            };
            if self.known.len() < MOST_COUNTED {
                let name = clean(&entry::owner_name(text));
                self.known.insert((packages.index(), owner.uid), name);
            }
        }
    }

    fn owner_of(&self, shown: &ShownEntry) -> Option<String> {
        let uid: u64 = shown.value("uid")?.parse().ok()?;
        let by = shown.value("owner").and_then(|index| index.parse().ok());
        let known = by.and_then(|index: u64| self.known.get(&(index, uid)));
        Some(known.cloned().unwrap_or_else(|| format!("UID {uid}")))
    }

    fn withhold_other(&mut self, kind: Kind, name: &str) {
        let field = kind.fields().iter().find(|(field, _)| *field == name);
        self.withheld.extend(field.map(|(field, _)| *field));
    }

    /// What sorts of entries, most first.
    pub(super) fn kinds(&self, voice: Voice) -> Vec<KindCount> {
        let mut kinds: Vec<KindCount> = self
            .kinds
            .iter()
            .map(|(kind, count)| KindCount {
                kind: *kind,
                text: entry::kind_text(*kind, voice),
                count: *count,
            })
            .collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        kinds
    }

    /// Owners that are named, and how many more.
    pub(super) fn owners(&self) -> (Vec<String>, u64) {
        listed(&self.owners)
    }

    /// Hosts and addresses that are told, and how many more.
    pub(super) fn hosts(&self) -> (Vec<String>, u64) {
        listed(&self.hosts)
    }

    /// What is withheld, each in a sentence.
    pub(super) fn withheld(&self, voice: Voice) -> Vec<String> {
        let say = |name: &&'static str| {
            let what = match *name {
                "local" => Withheld::Local,
                "remote" => Withheld::Remote,
                "names" => Withheld::Names,
                "owner" => Withheld::Owner,
                "program" => Withheld::Program,
                "text" => Withheld::Words,
                "entry" => Withheld::Entry,
                other => Withheld::Field(other),
            };
            voice.of_log(&LogSentence::Withheld(what))
        };
        self.withheld.iter().map(say).collect()
    }

    /// Whether the words of marks are shown.
    pub(super) const fn shows_marks(&self) -> bool {
        self.marks
    }

    /// The first shown entries.
    pub(super) fn rows(self) -> Vec<LogRow> {
        self.rows
    }
}

const fn is_of_connection(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Opened | Kind::Changed | Kind::Closed | Kind::Alert
    )
}

fn insert(set: &mut BTreeSet<String>, item: Option<String>) {
    if set.len() < MOST_COUNTED {
        set.extend(item);
    }
}

fn listed(set: &BTreeSet<String>) -> (Vec<String>, u64) {
    let more = set.len().saturating_sub(MOST_LISTED);
    let listed = set.iter().take(MOST_LISTED).cloned().collect();
    (listed, u64::try_from(more).unwrap_or(u64::MAX))
}
