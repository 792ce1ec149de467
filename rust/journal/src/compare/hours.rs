//! The time in which something could have been seen.
//!
//! A heartbeat says how much was watched since the one before. Its time counts only where every entry
//! of it is shown, no event was lost, and the protocol's tables could be trusted throughout: else what
//! is missed in it may be what is asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use super::facts::{Field, field};
use crate::bundle::ShownEntry;
use crate::entry::{Kind, read_moment};
use crate::number;
use crate::verify::stopped_during;

/// The most tables that are told apart.
const MAX_TABLES: usize = 64;

/// The time of one side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hours {
    /// Looked at as promised.
    pub watched: Duration,
    /// The phone slept.
    pub asleep: Duration,
    /// No table could be read.
    pub denied: Duration,
    /// The watch did not run.
    pub stopped: Duration,
    /// Watched, but not all entries of that time are shown.
    pub withheld: Duration,
    /// Watched, but events of that time were lost.
    pub lossy: Duration,
    /// Watched, but a table was not to be trusted then: by table.
    pub untrusted: Vec<(Box<str>, Duration)>,
    /// Watched with every entry shown and none lost.
    pub whole: Duration,
    /// Looks in the time that counts; `None` where a heartbeat does not say.
    pub looks: Option<u64>,
    /// Heartbeats from which this is.
    pub heartbeats: u64,
    /// Events that were lost.
    pub dropped: u64,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            watched: Duration::ZERO,
            asleep: Duration::ZERO,
            denied: Duration::ZERO,
            stopped: Duration::ZERO,
            withheld: Duration::ZERO,
            lossy: Duration::ZERO,
            untrusted: Vec::new(),
            whole: Duration::ZERO,
            looks: Some(0),
            heartbeats: 0,
            dropped: 0,
        }
    }
}

impl Hours {
    /// The mean time between two looks in the time that counts.
    pub fn between_looks(&self) -> Option<Duration> {
        let looks = u128::from(self.looks?);
        let nanos = self.whole.as_nanos().checked_div(looks)?;
        let between = Duration::from_nanos(u64::try_from(nanos).ok()?);
        (!between.is_zero()).then_some(between)
    }

    /// The time in which a connection of this protocol could have been seen.
    pub fn comparable(&self, protocol: &str) -> Duration {
        let second = format!("{protocol}6");
        // Times of both tables may overlap: their sum takes off too much rather than too little.
        self.untrusted
            .iter()
            .filter(|(table, _)| **table == *protocol || **table == *second)
            .fold(self.whole, |left, (_, bad)| left.saturating_sub(*bad))
    }
}

/// The time from one heartbeat to the next, on its way.
#[derive(Debug, Default)]
struct Window {
    /// When it began: milliseconds since boot.
    start: Option<u64>,
    withheld: bool,
    lossy: bool,
    /// Tables that were bad at some time in it.
    bad: BTreeSet<Box<str>>,
    split: Split,
}

/// Whether the time that counts begins or ends within a window.
#[derive(Clone, Copy, Debug, Default)]
enum Split {
    /// Neither.
    #[default]
    No,
    /// At so many milliseconds since boot.
    At(u64),
    /// It does, and nobody knows when; or it begins and ends.
    Somewhere,
}

/// What became of a window.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Closed {
    /// It counts, but for protocols with one of these tables.
    Counts(BTreeSet<Box<str>>),
    /// What was seen in it has no time that it could be held against.
    DoesNot,
}

impl Closed {
    /// Whether sightings of this protocol in it count.
    pub(super) fn counts(&self, protocol: &str) -> bool {
        let second = format!("{protocol}6");
        match self {
            Self::Counts(bad) => !bad.contains(protocol) && !bad.contains(second.as_str()),
            Self::DoesNot => false,
        }
    }
}

/// Which part of a window that is split counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// What comes before the split.
    First,
    /// What comes after it.
    Last,
}

/// Adds up heartbeats.
#[derive(Debug, Default)]
pub(super) struct Clockwork {
    pub(super) hours: Hours,
    window: Window,
    bad: BTreeSet<Box<str>>,
    latest: Option<u64>,
}

impl Clockwork {
    /// Entries between the latest one and this are not shown.
    pub(super) const fn hole(&mut self) {
        self.window.withheld = true;
    }

    /// Between the entries read so far and the next one, what counts begins or ends.
    pub(super) const fn split(&mut self) {
        self.window.split = match (self.window.split, self.latest) {
            (Split::No, Some(latest)) => Split::At(latest),
            _ => Split::Somewhere,
        };
    }

    /// Reads an entry; what became of the window that it closes. `counted` is whether it stands in
    /// the range that counts, `part` which part counts of a window that is split.
    pub(super) fn entry(
        &mut self,
        entry: &ShownEntry,
        counted: bool,
        part: Part,
    ) -> Option<Closed> {
        let time = entry.value("time").and_then(read_moment);
        let boot = time.and_then(|(_, boot)| boot);
        let closed = match entry.kind() {
            Kind::Started => {
                self.bad.clear();
                self.open(boot);
                Some(Closed::DoesNot)
            }
            Kind::Stopped => {
                self.open(None);
                Some(Closed::DoesNot)
            }
            Kind::Heartbeat => {
                let closed = self.heartbeat(entry, counted, part);
                self.open(boot);
                Some(closed)
            }
            Kind::Coverage => {
                self.coverage(entry);
                None
            }
            Kind::Drop => {
                self.window.lossy = true;
                if counted {
                    let events = entry.value("events").and_then(number::parse);
                    let dropped = &mut self.hours.dropped;
                    *dropped = dropped.saturating_add(events.unwrap_or(0));
                }
                None
            }
            Kind::Gap => {
                if counted {
                    let stopped = stopped_during(entry, time.map(|(time, _)| time));
                    add(&mut self.hours.stopped, Some(stopped));
                }
                None
            }
            _ => None,
        };
        if boot.is_some() {
            self.latest = boot;
        }
        closed
    }

    fn open(&mut self, start: Option<u64>) {
        self.window = Window {
            start,
            bad: self.bad.clone(),
            ..Window::default()
        };
    }

    fn heartbeat(&mut self, entry: &ShownEntry, counted: bool, part: Part) -> Closed {
        let millis = |name| match field(entry, name) {
            Field::Value(value) => number::parse(value).map(Duration::from_millis),
            Field::Nothing | Field::Withheld => None,
        };
        let hours = &mut self.hours;
        if counted {
            hours.heartbeats = hours.heartbeats.saturating_add(1);
            add(&mut hours.asleep, millis("suspended_ms"));
            add(&mut hours.denied, millis("denied_ms"));
        }
        let window = std::mem::take(&mut self.window);
        let all = millis("watched_ms");
        let watched = match (all, window.split, window.start) {
            (Some(watched), Split::No, _) if counted => watched,
            (Some(watched), Split::At(at), Some(start)) => {
                // Where in the window one did not look is not known: the earlier part gets as much
                // time as it can have had, the later one as little. Both err towards saying nothing.
                let first = Duration::from_millis(at.saturating_sub(start)).min(watched);
                match part {
                    Part::First => first,
                    Part::Last => watched.saturating_sub(first),
                }
            }
            _ => return Closed::DoesNot,
        };
        add(&mut hours.watched, Some(watched));
        if window.withheld {
            add(&mut hours.withheld, Some(watched));
            return Closed::DoesNot;
        }
        if window.lossy {
            add(&mut hours.lossy, Some(watched));
            return Closed::DoesNot;
        }
        add(&mut hours.whole, Some(watched));
        let looks = match field(entry, "polls") {
            Field::Value(looks) => number::parse(looks),
            Field::Nothing | Field::Withheld => None,
        };
        let looks = looks
            .zip(all)
            .and_then(|(looks, all)| share(looks, watched, all));
        hours.looks = hours
            .looks
            .zip(looks)
            .map(|(sum, more)| sum.saturating_add(more));
        for table in &window.bad {
            match hours.untrusted.iter_mut().find(|(name, _)| name == table) {
                Some((_, bad)) => add(bad, Some(watched)),
                None => hours.untrusted.push((table.clone(), watched)),
            }
        }
        Closed::Counts(window.bad)
    }

    fn coverage(&mut self, entry: &ShownEntry) {
        let Field::Value(table) = field(entry, "table") else {
            // Some table; which, is not told.
            self.window.withheld = true;
            return;
        };
        // Denied time is none of what heartbeats call watched.
        let good = matches!(
            field(entry, "status"),
            Field::Value("readable" | "absent" | "denied") | Field::Nothing
        );
        if good {
            self.bad.remove(table);
        } else if self.bad.len() < MAX_TABLES {
            self.bad.insert(table.into());
            self.window.bad.insert(table.into());
        } else {
            self.window.withheld = true;
        }
    }
}

/// The share of a count that belongs to a part of a time.
fn share(count: u64, part: Duration, whole: Duration) -> Option<u64> {
    if part == whole {
        return Some(count);
    }
    let share = u128::from(count).checked_mul(part.as_millis())?;
    u64::try_from(share.checked_div(whole.as_millis())?).ok()
}

fn add(total: &mut Duration, more: Option<Duration>) {
    *total = total.saturating_add(more.unwrap_or_default());
}
