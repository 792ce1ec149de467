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
    /// Shown beginnings of sessions that did not look at a running kernel, by the word of their
    /// provenance; `None` where they withhold it.
    pub begun: BTreeMap<Option<String>, u64>,
}

/// What is said of whatever is not known to have been observed on a running kernel.
pub const NOT_LIVE: &str = "NOT OBSERVED LIVE";

/// Whether what is shown was seen on a running kernel, at the time that it carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Observed {
    /// All of it.
    Live,
    /// Not all of it, as far as is shown.
    NotLive,
    /// Nothing that was seen is shown, and no session that did not look at a running kernel.
    Nothing,
}

impl Observed {
    /// What is said of an entry of this kind, where that is the `provenance` of its session (of its own,
    /// for the entry that begins one), as far as it is known.
    pub fn of(kind: Kind, provenance: Option<&str>) -> Self {
        match (kind, provenance.is_some_and(is_live)) {
            (Kind::Started, false) => Self::NotLive,
            (kind, true) if is_observation(kind) => Self::Live,
            (kind, false) if is_observation(kind) => Self::NotLive,
            _ => Self::Nothing,
        }
    }

    /// The text in outputs, where there is something to say.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Live => Some("live"),
            Self::NotLive => Some(NOT_LIVE),
            Self::Nothing => None,
        }
    }

    /// Whether it was, where there is something to say of it.
    pub const fn is_live(self) -> Option<bool> {
        match self {
            Self::Live => Some(true),
            Self::NotLive => Some(false),
            Self::Nothing => None,
        }
    }

    /// What is said of several files together: one that is not live marks all.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotLive, _) | (_, Self::NotLive) => Self::NotLive,
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Live, Self::Live) => Self::Live,
        }
    }
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

    /// Whether what is shown was seen on a running kernel: not, where a shown observation is not known
    /// to be, and not, where a session is shown to begin that did not look at one.
    pub fn observed(&self) -> Observed {
        if self.not_live() > 0 || !self.begun.is_empty() {
            Observed::NotLive
        } else if self.by.is_empty() {
            Observed::Nothing
        } else {
            Observed::Live
        }
    }

    /// The line that says so, where what is shown was not observed live.
    pub(super) fn warning(&self) -> Option<String> {
        if self.observed() != Observed::NotLive {
            return None;
        }
        let mut how: Vec<String> = self
            .by
            .iter()
            .map(|(word, count)| format!("{count} by {word}"))
            .collect();
        if self.not_shown > 0 {
            how.push(format!(
                "{} of which it is not shown how they were obtained",
                self.not_shown
            ));
        }
        // What such a session saw is counted already, where some of it is shown.
        let silent = |word: &Option<String>| match word {
            Some(word) => !self.by.contains_key(word),
            None => self.not_shown == 0,
        };
        for (word, count) in self.begun.iter().filter(|(word, _)| silent(word)) {
            let sessions = if *count == 1 { "session" } else { "sessions" };
            how.push(match word {
                Some(word) => format!("{count} {sessions} by {word}"),
                None => format!("{count} {sessions} of which it is not shown how they looked"),
            });
        }
        Some(format!("{NOT_LIVE}: {}.", how.join(", ")))
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
            Kind::Started => self.begins(entry),
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

    fn begins(&mut self, entry: &ShownEntry) {
        let provenance = entry.value("provenance").map(str::to_owned);
        if Observed::of(Kind::Started, provenance.as_deref()) == Observed::NotLive {
            let begun = &mut self.obtained.begun;
            let is_told_apart = begun.contains_key(&provenance) || begun.len() < MAX_PROVENANCES;
            let key = provenance.clone().filter(|_| is_told_apart);
            let count = begun.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        self.session = Some(Session {
            index: entry.index(),
            provenance,
            packages_overridden: entry.value("packages_overridden") != Some("no"),
        });
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
fn is_live(provenance: &str) -> bool {
    LIVE.contains(&provenance)
}

/// Whether entries of this kind say what was seen.
const fn is_observation(kind: Kind) -> bool {
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
