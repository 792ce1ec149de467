//! The state of a session, brought up to date by the poll thread as it hands events over, and read
//! by the front end's threads. Every lock on it is short: words are put together outside.

mod deaths;
mod parcel;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portlog_model::{
    Alert, CoverageItem, DeathReason, Event, EventKind, GapReason, Moment, NotedReason, Observed,
    Platform, PracticeLink, Provenance, Started, Table, WallTime, WatchState,
};
use portlog_owners::PackageEntry;
use portlog_sockets::counters::{Totals, UidBytes};
use portlog_watch::{ClaimKey, MuteRule, OwnerKey, Watch};

use super::SessionSettings;
use super::assemble;
use super::board::Connections;
use super::history::{DeathNote, History, Summary, What, comes_with_the_phone};
use super::practice::{Chain, Ending, News};
use super::render::{Voice, claim_key};
use crate::outlet::{Delivery, Look};
pub(crate) use parcel::{Content, Parcel, Phase, Trouble};

/// The local hour after which the day's noted things are told.
const SUMMARY_HOUR: i64 = 20;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Owners that a summary names.
const SUMMARY_OWNERS: usize = 8;
/// Claims and owners that are kept in mind.
const MOST: usize = 4_096;

/// What a session knows.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and no two make a state"
)]
pub(crate) struct Desk {
    pub(crate) settings: SessionSettings,
    pub(crate) platform: Platform,
    /// Whether this Android lets no app read the socket tables.
    refuses_apps: bool,
    pub(crate) phase: Phase,
    /// The number of the run, from 1.
    pub(crate) run: u32,
    /// Whether the run was told to end.
    pub(crate) told_to_end: bool,
    pub(crate) connections: Connections,
    pub(crate) history: History,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) mutes: BTreeSet<MuteRule>,
    pub(crate) chain: Chain,
    /// Lists in force.
    pub(crate) lists: u64,
    pub(crate) since: Option<WallTime>,
    pub(crate) last_look: Option<WallTime>,
    pub(crate) polls: u64,
    pub(crate) provenance: Option<Provenance>,
    /// Claims of which more connections were counted than their alert said.
    pub(crate) claims: BTreeMap<ClaimKey, (u64, WallTime)>,
    /// Firmware owners of which a socket was seen in this session.
    pub(crate) firmware: BTreeSet<OwnerKey>,
    /// What the phone's framework told; `None` before it told anything.
    pub(crate) packages: Option<Arc<[PackageEntry]>>,
    pub(crate) apps_withheld: bool,
    /// Bytes received and sent, by UID.
    pub(crate) bytes: BTreeMap<u32, (u64, u64)>,
    /// What was noted since the latest summary.
    pub(crate) noted: Summary,
    pub(crate) summary_day: Option<i64>,
    /// Whether the small file of the session says something else than the desk.
    pub(crate) kept_changed: bool,
    /// What became of practice alerts (the link that failed, if one did) and is not in the log yet.
    pub(crate) practised: Vec<Option<PracticeLink>>,
    /// What the system said of deaths whose gap is not told yet.
    pub(crate) deaths: Vec<(DeathReason, DeathNote)>,
    /// The boot is another than when the engine's state was written last.
    pub(crate) rebooted: bool,
    pub(crate) watched: Option<WatchedCache>,
    minute: u64,
}

/// Counts over the history that are put together anew only when it has other records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WatchedCache {
    pub(crate) version: u64,
    pub(crate) owners_in_run: usize,
    pub(crate) owners: u64,
    pub(crate) destinations: u64,
}

impl Desk {
    /// A desk at which nothing happened yet.
    pub(crate) fn new(settings: SessionSettings, sdk: u32, chain: Chain) -> Self {
        Self {
            settings,
            platform: assemble::platform(sdk),
            refuses_apps: assemble::refuses_apps(sdk),
            phase: Phase::Stopped,
            run: 0,
            told_to_end: false,
            connections: Connections::default(),
            history: History::new(),
            troubles: Vec::new(),
            mutes: BTreeSet::new(),
            chain,
            lists: 0,
            since: None,
            last_look: None,
            polls: 0,
            provenance: None,
            claims: BTreeMap::new(),
            firmware: BTreeSet::new(),
            packages: None,
            apps_withheld: false,
            bytes: BTreeMap::new(),
            noted: Summary::default(),
            summary_day: None,
            kept_changed: false,
            practised: Vec::new(),
            deaths: Vec::new(),
            rebooted: false,
            watched: None,
            minute: 0,
        }
    }

    /// Whether the watch runs, for sentences.
    pub(crate) const fn watch_state(&self) -> WatchState {
        self.phase.watch_state(self.refuses_apps)
    }

    /// In which language, zone and platform things are said.
    pub(crate) const fn voice(&self) -> Voice {
        Voice {
            language: self.settings.language,
            utc_offset_seconds: self.settings.utc_offset_seconds,
            platform: self.platform,
        }
    }

    /// Takes a reading of byte counters.
    pub(crate) fn count_bytes(&mut self, rows: &[UidBytes]) {
        self.bytes.clear();
        for row in rows.iter().take(Totals::MAX_UIDS) {
            let (received, sent) = self.bytes.entry(row.uid.get()).or_default();
            *received = received.saturating_add(row.received);
            *sent = sent.saturating_add(row.sent);
        }
    }

    /// Counts what was noted since the latest summary, after the history was read back.
    pub(crate) fn note_since_summary(&mut self) {
        let mut noted = Vec::new();
        for record in self.history.records() {
            match &record.what {
                What::Summary(_) => noted.clear(),
                What::Noted(alert, reason) => noted.push((Arc::clone(alert), *reason)),
                _ => {}
            }
        }
        for (alert, reason) in noted {
            self.note(&alert, reason);
        }
    }

    /// Takes a delivery of the poll thread in; what there is to tell goes to `parcels`.
    pub(crate) fn take(
        &mut self,
        delivery: &Delivery<'_>,
        events: &mut Vec<Event>,
        parcels: &mut Vec<Parcel>,
    ) {
        for event in events.drain(..) {
            self.take_event(event, delivery.watch, parcels);
        }
        if let Some(look) = &delivery.look {
            self.look(look, delivery.at, parcels);
        }
        self.connections.pass_time(delivery.at.boot);
    }

    /// A run ended; `why` where nobody asked for it.
    pub(crate) fn end_run(&mut self, at: Moment, parcels: &mut Vec<Parcel>) {
        let why = "the poll thread ended";
        self.phase = if self.told_to_end {
            Phase::Stopped
        } else {
            Phase::Failed(Arc::from(why))
        };
        self.since = None;
        self.history.end_account();
        self.connections.clear();
        let news = self.chain.stopped();
        self.tell_news(news, at, parcels);
    }

    /// Forgets what was seen; what is in force and what the user chose stays.
    pub(crate) fn forget(&mut self) {
        self.history.forget();
        self.claims.clear();
        self.firmware.clear();
        self.noted = Summary::default();
        self.deaths.clear();
        self.watched = None;
        self.connections.touch();
    }

    /// Keeps what a step of a practice alert brought.
    pub(crate) fn tell_news(&mut self, news: News, at: Moment, parcels: &mut Vec<Parcel>) {
        for (link, state) in news.links {
            parcels.push(self.parcel(at, 0, Content::Link(link, state)));
        }
        if let Some(ending) = news.ended {
            let failed = match ending {
                Ending::Passed => None,
                Ending::FailedAt(link) => Some(link),
            };
            self.kept_changed |= failed.is_none();
            self.practised.push(failed);
            self.record(What::Practice { failed }, at, at.wall, parcels);
        }
    }

    /// Keeps something of the session's own and tells it.
    pub(crate) fn record(
        &mut self,
        what: What,
        now: Moment,
        at: WallTime,
        parcels: &mut Vec<Parcel>,
    ) {
        let sequence = self.history.add(what, at, self.run);
        self.tell_record(sequence, now, parcels);
    }

    /// Tells what stands under a number in the history.
    pub(crate) fn tell_record(&mut self, sequence: u64, now: Moment, parcels: &mut Vec<Parcel>) {
        if let Some(record) = self.history.get(sequence).map(Arc::clone) {
            parcels.push(self.parcel(now, sequence, Content::Record(record)));
        }
    }

    /// Something went wrong with what is kept: told once.
    pub(crate) fn tell_trouble(&mut self, trouble: Trouble, at: Moment, parcels: &mut Vec<Parcel>) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble.clone());
            self.connections.touch();
            parcels.push(self.parcel(at, 0, Content::Trouble(trouble)));
        }
    }

    fn take_event(&mut self, event: Event, watch: &Watch, parcels: &mut Vec<Parcel>) {
        if let Some(observed) = connection_of(&event.kind) {
            if observed.connection.own {
                return;
            }
            self.note_owner(observed);
            self.note_claims(observed, watch);
        }
        let news = self.chain.take(&event.kind);
        match &event.kind {
            EventKind::Started(started) => self.started(started, event.at, watch),
            EventKind::Gap {
                from,
                reason: GapReason::NotRunning,
            } => {
                self.connections.take(&event);
                return self.tell_not_running(*from, event.at, parcels);
            }
            EventKind::Noted(alert, reason) => self.note(alert, *reason),
            _ => {}
        }
        self.connections.take(&event);
        let sequence = self.history.take(&event, self.run);
        let Event { at, kind } = event;
        parcels.push(self.parcel(at, sequence, Content::Event(kind)));
        self.tell_news(news, at, parcels);
    }

    fn started(&mut self, started: &Started, at: Moment, watch: &Watch) {
        self.provenance = Some(started.provenance);
        self.since = Some(at.wall);
        self.polls = 0;
        let claims: Vec<ClaimKey> = self
            .history
            .records()
            .filter_map(|record| claim_key(record.alert()?))
            .collect();
        for key in claims {
            self.note_claim(key, watch);
        }
    }

    fn look(&mut self, look: &Look<'_>, at: Moment, parcels: &mut Vec<Parcel>) {
        self.polls = look.polls;
        let phase = if look.readable {
            self.last_look = Some(at.wall);
            Phase::Watching
        } else {
            Phase::Denied
        };
        if self.phase != phase {
            self.phase = phase;
            self.connections.touch();
        }
        self.connections.count(look.batch);
        self.history.account(at.wall, look.account, self.run);
        // What was watched is spelled to the minute.
        let minute = at.boot.as_nanos() / 60_000_000_000;
        if self.minute != minute {
            self.minute = minute;
            self.connections.touch();
        }
        let tcp = self
            .connections
            .coverage_of(CoverageItem::Table(Table::Tcp));
        let news = self.chain.looked(at, tcp);
        self.tell_news(news, at, parcels);
        for (reason, note) in std::mem::take(&mut self.deaths) {
            self.take_death(reason, note, at, parcels);
        }
        self.summarise(at, parcels);
    }

    /// Once a day, at the first look of the evening, what was noted is told in one.
    fn summarise(&mut self, at: Moment, parcels: &mut Vec<Parcel>) {
        let offset = i64::from(self.settings.utc_offset_seconds).saturating_mul(1_000);
        let local = at.wall.as_millis().saturating_add(offset);
        let day = local.div_euclid(DAY);
        let is_evening = local.rem_euclid(DAY) >= SUMMARY_HOUR * HOUR;
        if !is_evening || self.summary_day.is_some_and(|latest| latest >= day) {
            return;
        }
        self.summary_day = Some(day);
        self.kept_changed = true;
        let summary = std::mem::take(&mut self.noted);
        if summary.total() > 0 {
            self.record(What::Summary(summary), at, at.wall, parcels);
        }
    }

    /// Counts something noted for the day's summary.
    fn note(&mut self, alert: &Arc<Alert>, reason: NotedReason) {
        let noted = &mut self.noted;
        let count = match reason {
            NotedReason::ListEntry => &mut noted.entries,
            NotedReason::FirstSeenDestination => &mut noted.destinations,
            NotedReason::NewListener => &mut noted.listeners,
            NotedReason::BytesWithoutConnection(_) => &mut noted.bytes_alone,
        };
        *count = count.saturating_add(1);
        if noted.owners.len() < SUMMARY_OWNERS && !noted.owners.contains(&alert.owner) {
            noted.owners.push(Arc::clone(&alert.owner));
        }
    }

    fn note_owner(&mut self, observed: &Observed) {
        if comes_with_the_phone(observed.owner.firmware)
            && !observed.connection.practice
            && self.firmware.len() < MOST
        {
            self.firmware.insert(OwnerKey::of(&observed.owner));
        }
    }

    fn note_claims(&mut self, observed: &Observed, watch: &Watch) {
        if observed.connection.practice {
            return;
        }
        for matched in &observed.matches {
            let remote = observed.connection.remote;
            self.note_claim(ClaimKey::new(&observed.owner, &matched.hit, remote), watch);
        }
    }

    fn note_claim(&mut self, key: ClaimKey, watch: &Watch) {
        let Some(claim) = watch.history().claim(&key) else {
            return;
        };
        if self.claims.len() >= MOST {
            self.claims.clear();
        }
        self.claims.insert(key, (claim.count, claim.last_seen));
    }

    fn parcel(&self, at: Moment, sequence: u64, what: Content) -> Parcel {
        Parcel {
            at,
            sequence,
            run: self.run,
            what,
        }
    }
}

impl Summary {
    /// How many in all.
    pub(crate) const fn total(&self) -> u64 {
        self.entries
            .saturating_add(self.destinations)
            .saturating_add(self.listeners)
            .saturating_add(self.bytes_alone)
    }
}

/// The connection that an event tells of.
fn connection_of(kind: &EventKind) -> Option<&Arc<Observed>> {
    match kind {
        EventKind::Opened { observed, .. }
        | EventKind::Changed { observed, .. }
        | EventKind::Closed { observed, .. } => Some(observed),
        _ => None,
    }
}
