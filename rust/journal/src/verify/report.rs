//! What a verification found.

use std::collections::BTreeMap;
use std::fmt;

use portlog_model::WallTime;

use super::chain::Chain;
use super::watched::{Obtained, Watched};
use crate::bundle::Mode;
use crate::calendar::{self, UtcOffset};
use crate::digest::Hash;
use crate::note::Note;
use crate::origin::Origin;

/// How much speaks for a log that holds together. Ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum EvidenceLevel {
    /// It is consistent in itself; who signed is not known.
    SelfConsistent,
    /// The reader knew the log before.
    Pinned,
    /// A witness that the reader knows saw this state or an earlier one.
    Witnessed,
}

impl EvidenceLevel {
    /// `L0`, `L1` or `L3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfConsistent => "L0",
            Self::Pinned => "L1",
            Self::Witnessed => "L3",
        }
    }
}

impl fmt::Display for EvidenceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A witness that the reader knows and that signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// The name of its key.
    pub witness: String,
    /// The size of the largest state that it signed. It says nothing of entries from there on.
    pub size: u64,
    /// When it signed that, in seconds since 1970, by its own clock.
    pub time: u64,
}

/// The state of the log at an earlier size, as far as a bundle shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Prefix {
    pub(crate) root: Hash,
    /// The proof that the bundle's checkpoint continues it, where it was asked for and is known.
    pub(crate) consistency: Option<Vec<Hash>>,
    /// The checkpoint of that size, where the bundle has it.
    pub(crate) note: Option<Note>,
}

/// What is certain of a bundle that checks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// Chosen entries, or all leaves.
    pub mode: Mode,
    /// The checkpoint that everything shown was checked against.
    pub checkpoint: Note,
    /// The keys that signed.
    pub chain: Chain,
    /// Entries shown.
    pub shown: u64,
    /// Fields of shown entries that are withheld.
    pub withheld_fields: u64,
    /// Whether the reader named this log's key.
    pub pinned: bool,
    /// Known witnesses that signed, in order of name.
    pub seen: Vec<Seen>,
    /// How many of them the reader asks for.
    pub(super) quorum: usize,
    /// Signatures in other names that nobody here can check. They claim nothing.
    pub unchecked_signatures: u64,
    /// How what is shown was obtained.
    pub obtained: Obtained,
    /// Hours, as far as shown entries account for them.
    pub watched: Watched,
    /// The earliest and the latest time of shown entries, by the phone's clock.
    pub period: Option<(WallTime, WallTime)>,
    /// The reader's clock, in seconds since 1970.
    pub now: u64,
    /// The digest of the file.
    pub sha256: Hash,
    pub(crate) prefixes: BTreeMap<u64, Prefix>,
}

impl Report {
    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.checkpoint.checkpoint().origin
    }

    /// Entries of the log.
    pub const fn size(&self) -> u64 {
        self.checkpoint.checkpoint().size
    }

    /// How much speaks for it.
    pub fn level(&self) -> EvidenceLevel {
        if self.quorum > 0 && self.seen.len() >= self.quorum {
            EvidenceLevel::Witnessed
        } else if self.pinned {
            EvidenceLevel::Pinned
        } else {
            EvidenceLevel::SelfConsistent
        }
    }

    /// How many milliseconds before the reader's clock the newest shown entry is, by the phone's, in
    /// whole seconds as the reader's is read: negative where it is ahead. `None` where no time is shown.
    /// A log whose end was cut checks as well as the whole one, so its age is all that a reader sees
    /// of that.
    pub fn newest_age_ms(&self) -> Option<i64> {
        let (_, newest) = self.period?;
        let now = i64::try_from(self.now).unwrap_or(i64::MAX);
        let seconds = now.saturating_sub(newest.as_millis().div_euclid(1000));
        Some(seconds.saturating_mul(1000))
    }

    /// The lines that every output begins with, in this order and wording.
    pub fn first_lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Unchanged since it was signed. Signer: {}.", self.signer()),
            "This does not prove that the phone reported the truth, what was sent, who is \
             responsible, or that nobody provoked it."
                .to_owned(),
            format!(
                "{} of {} entries shown, chosen by the sharer.",
                self.shown,
                self.size()
            ),
        ];
        lines.extend(self.obtained.warning());
        lines
    }

    fn signer(&self) -> String {
        let mut words = Vec::new();
        if self.pinned {
            words.push("known to you".to_owned());
        }
        if let Some(latest) = self.seen.iter().map(|seen| seen.time).max() {
            let count = self.seen.len();
            let plural = if count == 1 { "witness" } else { "witnesses" };
            words.push(format!("seen by {count} {plural} on {}", date(latest)));
        }
        if words.is_empty() {
            words.push("unknown".to_owned());
        }
        words.join(", ")
    }
}

/// The day of a time in seconds since 1970, in UTC.
fn date(seconds: u64) -> String {
    let millis = seconds
        .checked_mul(1000)
        .and_then(|millis| i64::try_from(millis).ok());
    millis
        .and_then(|millis| calendar::write(WallTime::from_millis(millis), UtcOffset::UNKNOWN))
        .and_then(|text| text.get(..10).map(str::to_owned))
        .unwrap_or_else(|| "a day beyond the calendar".to_owned())
}
