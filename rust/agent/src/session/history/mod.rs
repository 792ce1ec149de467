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
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::{Discriminant, discriminant};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    BootTime, Coverage, CoverageDetail, CoverageItem, CoverageStatus, Direction, Event, EventKind,
    Firmware, GapReason, Heartbeat, Level, ListInfo, Moment, NameSource, Observed, PackagesInfo,
    Protocol, SeenName, WallTime,
};
use portlog_watch::OwnerKey;

pub(crate) use file::{HistoryFile, Opened, remove_damaged, set_aside};
pub(crate) use record::{Class, DeathNote, Record, Summary, Traffic, What, is_alerting, level_of};

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
/// A fault or setting that is told again within this is not kept again.
const REPEATED: Duration = Duration::from_hours(1);
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
    coverage: BTreeMap<CoverageItem, Shape>,
    lists: BTreeMap<Arc<str>, ListInfo>,
    packages: Option<(Shape, u64)>,
    latest_gap: Option<(GapReason, WallTime)>,
    latest_config: Option<(Arc<str>, Arc<str>, WallTime)>,
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

/// One owner's connections with one peer.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Stream {
    owner: OwnerKey,
    protocol: Protocol,
    remote: IpAddr,
    /// The peer's port; our own, where the peer began.
    port: u16,
    inbound: bool,
}

/// The hour that is being booked.
#[derive(Clone, Copy, Debug)]
struct RunningHour {
    hour: i64,
    sequence: u64,
    /// By heartbeats of this hour.
    booked: Heartbeat,
    /// Since the latest heartbeat.
    running: Heartbeat,
    /// What of `running` belongs to the hour before.
    carried: Heartbeat,
}

/// A piece of coverage without its counts.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Shape {
    status: CoverageStatus,
    has_bad_rows: bool,
    details: Vec<Discriminant<CoverageDetail>>,
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
            coverage: BTreeMap::new(),
            lists: BTreeMap::new(),
            packages: None,
            latest_gap: None,
            latest_config: None,
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
        self.remember(&record);
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
        if self.repeats(&what, at) {
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
        self.remember(&record);
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
        if !self.fresh.contains(&sequence) {
            self.stale.insert(sequence);
            // Not a count: it need not wait ten minutes.
            self.updated_at = None;
        }
        true
    }

    /// Books the time since the latest heartbeat.
    pub(crate) fn account(&mut self, now: WallTime, running: Heartbeat, run: u32) {
        let hour = now.as_millis().div_euclid(HOUR);
        if let Some(current) = &mut self.hour
            && current.hour == hour
        {
            current.running = running;
            return;
        }
        let (before, carried) = (self.hour, running);
        self.sync_hour();
        let booked = Heartbeat::default();
        // After a restart within the hour its record goes on.
        let known = self.records.values().rev().find_map(|record| {
            let What::Hour(heartbeat) = record.what else {
                return None;
            };
            (record.at.as_millis().div_euclid(HOUR) == hour).then_some((record.sequence, heartbeat))
        });
        let (sequence, booked) = match known {
            Some((sequence, heartbeat)) if before.is_none() => (sequence, heartbeat),
            _ => (self.add(What::Hour(booked), now, run), booked),
        };
        self.hour = Some(RunningHour {
            hour,
            sequence,
            booked,
            running,
            carried: if before.is_some() {
                carried
            } else {
                Heartbeat::default()
            },
        });
    }

    /// A run begins or ends: its time since the latest heartbeat is another's.
    pub(crate) fn end_account(&mut self) {
        self.sync_hour();
        self.hour = None;
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

    fn opened(
        &mut self,
        observed: &Arc<Observed>,
        after: Option<Moment>,
        by: Moment,
        run: u32,
    ) -> u64 {
        let connection = &observed.connection;
        let remote = connection.remote;
        let is_loopback = remote.address().is_loopback() && observed.matches.is_empty();
        if connection.own || connection.practice || remote.is_unset() || is_loopback {
            return 0;
        }
        let hour = by.wall.as_millis().div_euclid(HOUR);
        if hour != self.running_hour {
            self.running_hour = hour;
            self.running.clear();
        }
        let stream = Stream::of(observed);
        if let Some(sequence) = self.running.get(&stream)
            && let Some(record) = self.records.get_mut(sequence)
            && let What::Traffic(traffic) = &mut Arc::make_mut(record).what
        {
            // What was there at a run's first look may be what was counted before it.
            traffic.count = traffic.count.saturating_add(u64::from(after.is_some()));
            traffic.last = traffic.last.max(by.wall);
            traffic.level = traffic.level.max(level_of(observed));
            if !self.fresh.contains(sequence) {
                self.stale.insert(*sequence);
            }
            return 0;
        }
        let traffic = Traffic {
            opened: self.as_kept(observed),
            after,
            by,
            last: by.wall,
            count: 1,
            level: level_of(observed),
        };
        let sequence = self.add(What::Traffic(traffic), by.wall, run);
        self.running.insert(stream, sequence);
        sequence
    }

    /// What of a connection is kept.
    fn as_kept(&self, observed: &Arc<Observed>) -> Arc<Observed> {
        let is_tapped = |name: &SeenName| name.source == NameSource::Tap;
        if self.keeps_names_of_others
            || observed.owner.firmware != Firmware::No
            || !observed.names.iter().any(is_tapped)
        {
            return Arc::clone(observed);
        }
        let mut kept = Observed::clone(observed);
        kept.names.retain(|name| !is_tapped(name));
        Arc::new(kept)
    }

    /// A connection that is known says more than when it opened.
    fn rise(&mut self, observed: &Observed) {
        if observed.matches.is_empty() {
            return;
        }
        if let Some(sequence) = self.running.get(&Stream::of(observed))
            && let Some(record) = self.records.get_mut(sequence)
            && let What::Traffic(traffic) = &record.what
            && level_of(observed) > traffic.level
            && let What::Traffic(traffic) = &mut Arc::make_mut(record).what
        {
            traffic.level = level_of(observed);
            if !self.fresh.contains(sequence) {
                self.stale.insert(*sequence);
            }
        }
    }

    fn heartbeat(&mut self, heartbeat: Heartbeat) -> u64 {
        let Some(hour) = &mut self.hour else {
            return 0;
        };
        hour.booked = sum(hour.booked, difference(heartbeat, hour.carried));
        hour.carried = Heartbeat::default();
        hour.running = Heartbeat::default();
        hour.sequence
    }

    /// Brings the running hour's record up to date.
    fn sync_hour(&mut self) {
        let Some(hour) = self.hour else { return };
        let now = hour.total();
        if let Some(record) = self.records.get_mut(&hour.sequence)
            && record.what != What::Hour(now)
        {
            Arc::make_mut(record).what = What::Hour(now);
            if !self.fresh.contains(&hour.sequence) {
                self.stale.insert(hour.sequence);
            }
        }
    }

    /// Whether `what` says no more than what was kept last.
    fn repeats(&self, what: &What, at: WallTime) -> bool {
        let lately = |then: WallTime| at.since(then) < REPEATED && at >= then;
        match what {
            What::Coverage(coverage) => {
                self.coverage.get(&coverage.item) == Some(&Shape::of(coverage))
            }
            What::List(list) => self.lists.get(&list.name) == Some(list),
            What::Packages(packages) => self.packages.as_ref() == Some(&shape_of(packages)),
            What::Gap { reason, .. } => {
                matches!(reason, GapReason::Fault(_))
                    && self
                        .latest_gap
                        .as_ref()
                        .is_some_and(|(latest, then)| latest == reason && lately(*then))
            }
            What::Config { name, value } => {
                self.latest_config
                    .as_ref()
                    .is_some_and(|(latest_name, latest_value, then)| {
                        (latest_name, latest_value) == (name, value) && lately(*then)
                    })
            }
            _ => false,
        }
    }

    /// Keeps in mind what the next record is compared with.
    fn remember(&mut self, record: &Record) {
        match &record.what {
            What::Coverage(coverage) => {
                self.coverage.insert(coverage.item, Shape::of(coverage));
            }
            What::List(list) => {
                if self.lists.len() >= 256 {
                    self.lists.clear();
                }
                self.lists.insert(Arc::clone(&list.name), list.clone());
            }
            What::Packages(packages) => self.packages = Some(shape_of(packages)),
            What::Gap { reason, .. } => self.latest_gap = Some((reason.clone(), record.at)),
            What::Config { name, value } => {
                self.latest_config = Some((Arc::clone(name), Arc::clone(value), record.at));
            }
            _ => {}
        }
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

impl RunningHour {
    fn total(&self) -> Heartbeat {
        sum(self.booked, difference(self.running, self.carried))
    }
}

impl Stream {
    fn of(observed: &Observed) -> Self {
        let connection = &observed.connection;
        let inbound = connection.direction == Direction::In;
        let end = if inbound {
            connection.local
        } else {
            connection.remote
        };
        Self {
            owner: OwnerKey::of(&observed.owner),
            protocol: connection.protocol(),
            remote: connection.remote.address(),
            port: end.port(),
            inbound,
        }
    }
}

impl Shape {
    fn of(coverage: &Coverage) -> Self {
        Self {
            status: coverage.status,
            has_bad_rows: coverage.bad_rows > 0,
            details: coverage.details.iter().map(discriminant).collect(),
        }
    }
}

fn shape_of(packages: &PackagesInfo) -> (Shape, u64) {
    (Shape::of(&packages.coverage), packages.packages)
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

fn sum(a: Heartbeat, b: Heartbeat) -> Heartbeat {
    Heartbeat {
        awake: a.awake.saturating_add(b.awake),
        suspended: a.suspended.saturating_add(b.suspended),
        polls: a.polls.saturating_add(b.polls),
        watched: a.watched.saturating_add(b.watched),
        denied: a.denied.saturating_add(b.denied),
        connections: b.connections.max(a.connections),
    }
}

fn difference(a: Heartbeat, b: Heartbeat) -> Heartbeat {
    Heartbeat {
        awake: a.awake.saturating_sub(b.awake),
        suspended: a.suspended.saturating_sub(b.suspended),
        polls: a.polls.saturating_sub(b.polls),
        watched: a.watched.saturating_sub(b.watched),
        denied: a.denied.saturating_sub(b.denied),
        connections: a.connections,
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
