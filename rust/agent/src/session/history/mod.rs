//! What happened, kept across runs: the last 10,000 records, in memory and in one file.
//!
//! What is kept of the engine's events, so that a chatty phone does not push out what matters:
//!
//! - **Findings** one by one: alerts, gaps, deaths, beginnings and ends of the watch, lists, settings,
//!   practice alerts, and coverage, lists and packages where they differ from what was kept last.
//!   Left out are sleep of less than 15 minutes, looks that were late by less than a minute (the
//!   hours count both), a fault or setting that only repeats the one before within the hour, and
//!   the pace, which changes whenever the screen goes on or off.
//! - **Ordinary** records: what was noted, the daily summaries, and one record an hour with the time
//!   watched, asleep and denied, made of the heartbeats and of what was booked since.
//! - **Traffic**: one record for each owner, peer (address, port, protocol) and hour, with the first
//!   connection whole and a count. Changes and closings are not kept, nor sockets without a peer,
//!   nor loopback unless a list speaks of it. The **apps** that the user installed are apart from
//!   everybody else.
//!
//! When there are more than 10,000, the oldest record goes of the first class in the order apps,
//! traffic, ordinary, findings that has more than its share (1,500, 3,500, 2,000, 3,000). So apps can
//! fill what others leave and never cost a finding.
//!
//! Records wait up to 30 seconds for the file, counts of the running hour up to ten minutes; an
//! alert is written at once and waited for. Nothing outside of this module knows the file. It is no
//! evidence; why it stays beside the signed log, which is, says docs/adr/0015-history-beside-the-log.md.

mod file;
mod form;
mod hour;
mod latest;
mod record;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    BootTime, Event, EventKind, Firmware, GapReason, Level, Moment, Observed, WallTime,
};

use hour::RunningHour;
use latest::Latest;
use traffic::Stream;

pub(crate) use file::{HistoryFile, Opened, remove_damaged, set_aside};
pub(crate) use record::{Class, DeathNote, Record, Summary, What, is_alerting, level_of};

/// Records kept.
pub(crate) const MOST: usize = 10_000;
/// What each class may always keep, in the order of [`Class::ALL`].
const SHARES: [usize; Class::ALL.len()] = [1_500, 3_500, 2_000, 3_000];
/// What the poll thread calls its pace when it tells that it changed.
const PACE: &str = "interval";
/// Sleep shorter than this stands only in the hours.
const LONG_SLEEP: Duration = Duration::from_mins(15);
/// A look that was late by less than this stands only in the hours.
const VERY_LATE: Duration = Duration::from_mins(1);
/// Records wait for the file at most this long.
const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Counts of records that were written before wait longer.
const UPDATE_EVERY: Duration = Duration::from_mins(10);
/// Milliseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000;

/// What is kept.
#[derive(Debug)]
pub(crate) struct History {
    records: BTreeMap<u64, Arc<Record>>,
    classes: [BTreeSet<u64>; Class::ALL.len()],
    next: u64,
    /// Records that were never written.
    fresh: BTreeSet<u64>,
    /// Records of which an earlier state was written.
    stale: BTreeSet<u64>,
    urgent: bool,
    written_at: Option<BootTime>,
    updated_at: Option<BootTime>,
    running: BTreeMap<Stream, u64>,
    running_hour: i64,
    hour: Option<RunningHour>,
    latest: Latest,
    /// Another number for every other set of traffic records.
    traffic_version: u64,
    /// Whether names that apps of the user's asked for are kept beyond memory.
    keeps_names_of_others: bool,
}

/// What is to be written now.
pub(crate) struct Due {
    /// In the order of their numbers.
    pub(crate) records: Vec<Arc<Record>>,
    /// Whether to wait until they are on the disk.
    pub(crate) sync: bool,
}

impl History {
    /// An empty one.
    pub(crate) const fn new() -> Self {
        Self {
            records: BTreeMap::new(),
            classes: [const { BTreeSet::new() }; Class::ALL.len()],
            next: 1,
            fresh: BTreeSet::new(),
            stale: BTreeSet::new(),
            urgent: false,
            written_at: None,
            updated_at: None,
            running: BTreeMap::new(),
            running_hour: i64::MIN,
            hour: None,
            latest: Latest::new(),
            traffic_version: 0,
            keeps_names_of_others: false,
        }
    }

    /// Whether names that were tapped are kept for the user's own apps too, from now on. Without that
    /// they stay in memory, as those apps' connections are not in the signed log either.
    pub(crate) const fn keep_names_of_others(&mut self, keep: bool) {
        self.keeps_names_of_others = keep;
    }

    /// Forgets every record. Numbers go on: what was told by number is not mistaken for something else.
    pub(crate) fn forget(&mut self) {
        *self = Self {
            next: self.next,
            keeps_names_of_others: self.keeps_names_of_others,
            traffic_version: self.traffic_version.wrapping_add(1),
            ..Self::new()
        };
    }

    /// Takes in a record that was read back.
    pub(crate) fn load(&mut self, record: Record) {
        self.latest.remember(&record);
        self.next = self.next.max(record.sequence.saturating_add(1));
        self.insert(record);
    }

    /// Takes in an event; its number, 0 where it is not kept.
    pub(crate) fn take(&mut self, event: &Event, run: u32) -> u64 {
        let at = event.at.wall;
        let what = match &event.kind {
            EventKind::Opened {
                observed,
                after,
                by,
            } => return self.opened(observed, *after, *by, run),
            EventKind::Changed { observed, .. } => {
                self.rise(observed);
                return 0;
            }
            EventKind::Closed { .. } => return 0,
            EventKind::Heartbeat(heartbeat) => return self.heartbeat(*heartbeat),
            EventKind::Alert(alert) => {
                if is_practice(alert.observed.as_ref()) {
                    return 0;
                }
                self.urgent = true;
                What::Alert(Arc::clone(alert))
            }
            EventKind::Noted(alert, reason) => What::Noted(Arc::clone(alert), *reason),
            EventKind::Coverage(coverage) => What::Coverage(coverage.clone()),
            EventKind::List(list) => What::List(list.clone()),
            EventKind::Packages(packages) => What::Packages(packages.clone()),
            EventKind::Clock {
                before,
                jump_millis,
            } => What::Clock {
                before: *before,
                jump_millis: *jump_millis,
            },
            EventKind::Config { name, .. } if &**name == PACE => return 0,
            EventKind::Config { name, value } => What::Config {
                name: Arc::clone(name),
                value: Arc::clone(value),
            },
            EventKind::Drop { events } => What::Drop { events: *events },
            EventKind::Gap { from, reason } => {
                if is_short(*from, event.at, reason) {
                    return 0;
                }
                What::Gap {
                    from: *from,
                    reason: reason.clone(),
                    note: None,
                }
            }
            EventKind::Started(started) => What::Started(started.clone()),
            EventKind::Stopped(stopped) => What::Stopped(stopped.clone()),
        };
        if self.latest.repeats(&what, at) {
            return 0;
        }
        self.add(what, at, run)
    }

    /// Keeps something; its number.
    pub(crate) fn add(&mut self, what: What, at: WallTime, run: u32) -> u64 {
        let sequence = self.next;
        self.next = sequence.saturating_add(1);
        self.urgent |= what.is_of_a_start();
        let record = Record {
            sequence,
            at,
            run,
            what,
        };
        self.latest.remember(&record);
        self.insert(record);
        self.fresh.insert(sequence);
        sequence
    }

    /// Puts something else in the place of what has this number; whether there is such a one.
    pub(crate) fn replace(&mut self, sequence: u64, what: What) -> bool {
        let Some(record) = self.records.get_mut(&sequence) else {
            return false;
        };
        Arc::make_mut(record).what = what;
        if self.grew(sequence) {
            // Not a count: it need not wait ten minutes.
            self.updated_at = None;
        }
        true
    }

    /// Everything kept, oldest first, with the running hour as it is now.
    pub(crate) fn records(&mut self) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.sync_hour();
        self.records.values()
    }

    /// What stands under a number.
    pub(crate) fn get(&self, sequence: u64) -> Option<&Arc<Record>> {
        self.records.get(&sequence)
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Another number for every other set of traffic records.
    pub(crate) const fn traffic_version(&self) -> u64 {
        self.traffic_version
    }

    /// What is to be written at `now`, if anything; `all` of it, or what has waited long enough.
    pub(crate) fn due(&mut self, now: BootTime, all: bool) -> Option<Due> {
        let waited = |since: Option<BootTime>, long: Duration| {
            since.is_none_or(|since| now.since(since) >= long || now < since)
        };
        let update = all || waited(self.updated_at, UPDATE_EVERY);
        let write = all || self.urgent || waited(self.written_at, WRITE_EVERY);
        if !(update || (write && !self.fresh.is_empty())) {
            return None;
        }
        if update {
            self.sync_hour();
            self.updated_at = Some(now);
            self.fresh.append(&mut self.stale);
        }
        self.written_at = Some(now);
        let sync = std::mem::take(&mut self.urgent) || all;
        let records: Vec<Arc<Record>> = std::mem::take(&mut self.fresh)
            .iter()
            .filter_map(|sequence| self.records.get(sequence).cloned())
            .collect();
        (!records.is_empty()).then_some(Due { records, sync })
    }

    /// What could not be written waits again.
    pub(crate) fn put_back(&mut self, due: &Due) {
        self.fresh
            .extend(due.records.iter().map(|record| record.sequence));
    }

    /// A record says something else than before; whether an earlier state of it was written.
    fn grew(&mut self, sequence: u64) -> bool {
        let was_written = !self.fresh.contains(&sequence);
        if was_written {
            self.stale.insert(sequence);
        }
        was_written
    }

    fn insert(&mut self, record: Record) {
        let (sequence, class) = (record.sequence, record.class());
        if let Some(before) = self.records.insert(sequence, Arc::new(record)) {
            self.class_mut(before.class()).remove(&sequence);
        }
        self.class_mut(class).insert(sequence);
        if matches!(class, Class::Apps | Class::Traffic) {
            self.traffic_version += 1;
        }
        while self.records.len() > MOST && self.forget_one() {}
    }

    /// Forgets the oldest of the first class that has more than its share.
    fn forget_one(&mut self) -> bool {
        let found = Class::ALL
            .into_iter()
            .zip(SHARES)
            .find(|(class, share)| self.class_mut(*class).len() > *share)
            .and_then(|(class, _)| self.class_mut(class).pop_first());
        let Some(sequence) = found else {
            return false;
        };
        self.records.remove(&sequence);
        self.fresh.remove(&sequence);
        self.stale.remove(&sequence);
        self.traffic_version += 1;
        true
    }

    fn class_mut(&mut self, class: Class) -> &mut BTreeSet<u64> {
        let [apps, traffic, ordinary, findings] = &mut self.classes;
        match class {
            Class::Apps => apps,
            Class::Traffic => traffic,
            Class::Ordinary => ordinary,
            Class::Finding => findings,
        }
    }
}

/// Whether a gap is so short that the hours' account of it is enough.
fn is_short(from: Option<Moment>, at: Moment, reason: &GapReason) -> bool {
    let Some(from) = from else { return false };
    match reason {
        GapReason::Suspended => at.since(from) < LONG_SLEEP,
        GapReason::Late => at.since(from) < VERY_LATE,
        GapReason::Died(_)
        | GapReason::Fault(_)
        | GapReason::NotRunning
        | GapReason::Unreachable(_)
        | GapReason::Unreadable(_) => false,
    }
}

fn is_practice(observed: Option<&Arc<Observed>>) -> bool {
    observed.is_some_and(|observed| observed.connection.practice)
}

/// Whether an owner comes with the phone, as far as that is known.
pub(crate) const fn comes_with_the_phone(firmware: Firmware) -> bool {
    match firmware {
        Firmware::Mixed | Firmware::Preloaded | Firmware::Yes => true,
        Firmware::No | Firmware::Unknown => false,
    }
}

/// Alerts that are no practice, by level: matches and possible ones.
pub(crate) fn alerts<'a>(records: impl Iterator<Item = &'a Arc<Record>>) -> (u64, u64) {
    let (mut matches, mut possible) = (0, 0);
    for record in records {
        if let What::Alert(alert) = &record.what {
            match alert.level {
                Level::Match => matches += 1,
                Level::Possible => possible += 1,
                Level::Noted => {}
            }
        }
    }
    (matches, possible)
}

#[cfg(test)]
mod tests;
