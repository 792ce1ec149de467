//! What the shown entries say about when somebody looked, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use portlog_model::WallTime;

use crate::bundle::ShownEntry;
use crate::entry::{Kind, read_moment};
use crate::number;

/// Words for how rows are obtained that mean: on a running kernel, at the time they carry.
const LIVE: [&str; 3] = ["live", "helper", "adb"];

/// The most ways of obtaining rows that are told apart.
const MAX_PROVENANCES: usize = 16;

/// Time, as the shown entries account for it. What is withheld is not in it: at least so much.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Watched {
    /// Looked at as promised.
    pub watched: Duration,
    /// The phone slept.
    pub asleep: Duration,
    /// No table could be read.
    pub denied: Duration,
    /// The watch did not run.
    pub stopped: Duration,
    /// Heartbeats from which this is.
    pub heartbeats: u64,
    /// Events that were lost.
    pub dropped: u64,
}

/// How what is shown was obtained.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Obtained {
    /// Shown observations by the word of their session's provenance.
    pub by: BTreeMap<String, u64>,
    /// Shown observations of which it is not known: their session's beginning is not shown.
    pub not_shown: u64,
    /// Shown observations from sessions in which the list of packages was given by hand.
    pub packages_overridden: u64,
}

impl Obtained {
    /// How many shown observations are not known to have been made on a running kernel.
    pub fn not_live(&self) -> u64 {
        self.by
            .iter()
            .filter(|(word, _)| !is_live(word))
            .map(|(_, count)| *count)
            .fold(self.not_shown, u64::saturating_add)
    }
}

/// Reads the shown entries one after the other.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) watched: Watched,
    pub(super) obtained: Obtained,
    pub(super) withheld_fields: u64,
    pub(super) first: Option<WallTime>,
    pub(super) last: Option<WallTime>,
    session: Option<Session>,
}

/// The latest `started` entry that is shown.
#[derive(Debug)]
struct Session {
    index: u64,
    provenance: Option<String>,
    packages_overridden: bool,
}

impl Account {
    pub(super) fn read(&mut self, entry: &ShownEntry) {
        let withheld = entry.fields().filter(|(_, value)| value.is_none()).count();
        self.withheld_fields = self
            .withheld_fields
            .saturating_add(u64::try_from(withheld).unwrap_or(u64::MAX));
        let time = entry.value("time").and_then(read_moment);
        if let Some((time, _)) = time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        match entry.kind() {
            Kind::Started => {
                self.session = Some(Session {
                    index: entry.index(),
                    provenance: entry.value("provenance").map(str::to_owned),
                    packages_overridden: entry.value("packages_overridden") != Some("no"),
                });
            }
            Kind::Heartbeat => self.heartbeat(entry),
            Kind::Gap => {
                let stopped = stopped_during(entry, time.map(|(time, _)| time));
                self.watched.stopped = self.watched.stopped.saturating_add(stopped);
            }
            Kind::Drop => add(&mut self.watched.dropped, entry.value("events")),
            _ => {}
        }
        if is_observation(entry.kind()) {
            self.obtained(entry.session());
        }
    }

    fn heartbeat(&mut self, entry: &ShownEntry) {
        let watched = &mut self.watched;
        watched.heartbeats = watched.heartbeats.saturating_add(1);
        for (total, name) in [
            (&mut watched.watched, "watched_ms"),
            (&mut watched.asleep, "suspended_ms"),
            (&mut watched.denied, "denied_ms"),
        ] {
            let millis = entry.value(name).and_then(number::parse).unwrap_or(0);
            *total = total.saturating_add(Duration::from_millis(millis));
        }
    }

    fn obtained(&mut self, session: Option<u64>) {
        let obtained = &mut self.obtained;
        let shown = self
            .session
            .as_ref()
            .filter(|shown| Some(shown.index) == session);
        let known = shown.and_then(|shown| shown.provenance.as_deref());
        let count = match known {
            Some(word) if obtained.by.contains_key(word) || obtained.by.len() < MAX_PROVENANCES => {
                obtained.by.entry(word.to_owned()).or_default()
            }
            _ => &mut obtained.not_shown,
        };
        *count = count.saturating_add(1);
        if shown.is_some_and(|shown| shown.packages_overridden) {
            obtained.packages_overridden = obtained.packages_overridden.saturating_add(1);
        }
    }
}

/// Whether this word of a `started` entry's `provenance` means: on a running kernel, at the time that
/// entries carry.
pub fn is_live(provenance: &str) -> bool {
    LIVE.contains(&provenance)
}

/// Whether entries of this kind say what was seen.
pub const fn is_observation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Opened
            | Kind::Changed
            | Kind::Closed
            | Kind::Alert
            | Kind::Coverage
            | Kind::Heartbeat
            | Kind::Practice
    )
}

/// For how long the watch did not run, by a `gap` entry that was noticed at `until`.
pub(crate) fn stopped_during(gap: &ShownEntry, until: Option<WallTime>) -> Duration {
    let stopped = matches!(gap.value("reason"), Some("not-running" | "died" | "fault"));
    let from = gap.value("from").and_then(read_moment);
    match (stopped, from, until) {
        (true, Some((from, _)), Some(until)) => until.since(from),
        _ => Duration::ZERO,
    }
}

fn add(total: &mut u64, value: Option<&str>) {
    *total = total.saturating_add(value.and_then(number::parse).unwrap_or(0));
}
