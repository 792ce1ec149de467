//! What the recorder's thread does: events become entries, entries become durable, and where the disk
//! refuses, they wait within bounds and nothing that was acknowledged is lost.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_journal::entry::{Entry, FieldType, Kind, Value, read_moment};
use portlog_journal::record::Context;
use portlog_journal::store::SnapshotNodes;
use portlog_journal::store::{RedbSnapshot, Snapshot as _, Store as _};
use portlog_journal::tree::Frontier;
use portlog_journal::{
    EpochReason, Error as JournalError, Note, PublicKey, SignatureLine, UtcOffset,
    predecessor_entry, witness_entry,
};
use portlog_model::{BootTime, Event, EventKind, Moment, PackagesInfo, Platform, Provenance, Uid};

use super::entries::{Named, Privacy, device, is_urgent};
use super::health::Shared;
use super::opening::{self, OpenLog, Opened, signers};
use super::pruning;
use super::store::{Files, Keyring, Slot, named};
use super::zone::Zone;
use super::{
    Device, KnownBy, Mark, PracticeMark, PredecessorReason, Recorded, Retention, Testimony,
};
use crate::poll_thread::chain;
use crate::queue::Item as _;
use crate::{Clock, Error};

/// All that the recorder's thread has.
pub(super) struct Writer {
    files: Files,
    keyring: Keyring,
    log: OpenLog,
    slot: Slot,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    told_offset: Option<UtcOffset>,
    zone: Zone,
    case: Option<String>,
    operator: Option<String>,
    device: Device,
    retention: Retention,
    commit_every: Duration,
    privacy: Privacy,
    named: Named,
    /// The list by which owners are told.
    packages: Option<PackagesInfo>,
    /// The kernel's boot id, as the latest watch told it.
    boot_id: Option<Box<str>>,
    epoch: Epoch,
    /// What has to be said after `started`.
    owes: Owes,
    /// Events that wait because the disk refuses.
    backlog: VecDeque<Event>,
    /// Events lost since the last `drop` entry.
    lost: u64,
    /// When the oldest entry that is not committed was appended.
    uncommitted: Option<(BootTime, Instant)>,
    urgent: bool,
    failure: Option<Failure>,
    pruned_at: Option<BootTime>,
}

/// The epoch, as far as it decides when the next one begins.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    number: u32,
    /// The UTC day since 1970 on which it began.
    day: i64,
    began: BootTime,
}

#[derive(Clone, Copy, Debug, Default)]
struct Owes {
    device: bool,
    recorded: bool,
}

/// The disk refuses.
#[derive(Debug)]
struct Failure {
    tried: Instant,
    wait: Duration,
    /// What is on the disk is not what this log continues: it has to be opened like any other.
    begin_anew: bool,
}

/// Whether an event was written.
type Written = Result<(), JournalError>;

impl Writer {
    /// Rows that are committed together at most.
    const BATCH: usize = 256;
    /// Events that wait for a disk that refuses.
    const BACKLOG: usize = 16_384;
    /// Beyond it, for what is not ordinary coming and going.
    const RESERVE: usize = 4_096;
    /// The time between two tries of a disk that refuses, at first and at most.
    const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
    /// The time between two looks at what is due to be pruned.
    const PRUNE_EVERY: Duration = Duration::from_hours(1);
    /// An epoch is over after so long, whatever the clock on the wall says.
    const EPOCH: Duration = Duration::from_hours(24);

    /// Opens the log.
    pub(super) fn open(
        testimony: Testimony,
        clock: Arc<dyn Clock>,
        shared: Arc<Shared>,
    ) -> Result<Self, Error> {
        let files = Files::in_folder(&testimony.folder);
        let keyring = Keyring::new(files.keys(), &testimony.keys);
        let zone = Zone::new(testimony.utc_offset);
        let now = clock.now().moment;
        let Opened { log, slot } = opening::open(&files, &keyring, now, &zone)?;
        let privacy = Privacy {
            recorded: testimony.recorded,
            platform: None,
            user: Uid::new(nix::unistd::geteuid().as_raw()).user(),
        };
        let mut writer = Self {
            files,
            keyring,
            log,
            slot,
            clock,
            shared,
            told_offset: testimony.utc_offset,
            zone,
            case: testimony.case,
            operator: testimony.operator,
            device: testimony.device,
            retention: testimony.retention,
            commit_every: testimony.commit_every,
            privacy,
            named: Named::default(),
            packages: None,
            boot_id: None,
            epoch: Epoch {
                number: 0,
                day: 0,
                began: now.boot,
            },
            owes: Owes::default(),
            backlog: VecDeque::new(),
            lost: 0,
            uncommitted: None,
            urgent: false,
            failure: None,
            pruned_at: None,
        };
        writer
            .read_back(now)
            .map_err(|error| named(&writer.files.folder, error))?;
        Ok(writer)
    }

    /// Learns from the log's latest rows what it said of owners, boot and epoch.
    fn read_back(&mut self, now: Moment) -> Written {
        let snapshot = self.slot.snapshot()?;
        let size = self.log.size();
        self.named = Named::read(&snapshot, size)?;
        let last = snapshot.get(size.saturating_sub(1))?;
        let started = match last.and_then(|row| row.session) {
            Some(session) => snapshot.get(session)?,
            None => None,
        };
        self.boot_id = started
            .as_ref()
            .and_then(|row| row.value("boot_id"))
            .filter(|id| *id != "-")
            .map(Box::from);
        let entry = snapshot
            .epoch_entries()?
            .last()
            .copied()
            .unwrap_or_default();
        let time = snapshot
            .get(entry)?
            .and_then(|row| row.value("time").and_then(read_moment));
        let began = time.map_or(now.wall, |(wall, _)| wall);
        self.epoch = Epoch {
            number: self.log.epoch(),
            day: utc_day(began.as_millis()),
            began: now.boot,
        };
        Ok(())
    }

    /// How long the thread may sleep.
    pub(super) fn patience(&self) -> Duration {
        let mut patience = Self::PRUNE_EVERY;
        if let Some((_, at)) = self.uncommitted {
            patience = patience.min(self.commit_every.saturating_sub(at.elapsed()));
        }
        if let Some(failure) = &self.failure {
            patience = patience.min(failure.wait.saturating_sub(failure.tried.elapsed()));
        }
        patience
    }

    /// Takes events and writes what can be written.
    pub(super) fn take(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            let room = if event.is_expendable() {
                Self::BACKLOG
            } else {
                Self::BACKLOG + Self::RESERVE
            };
            if self.failure.is_some() && self.backlog.len() >= room {
                self.lost = self.lost.saturating_add(1);
                self.shared.lose(1);
            } else {
                self.backlog.push_back(event);
            }
        }
    }

    /// Does what is due: writes what waits, tries again what failed, commits, prunes.
    pub(super) fn work(&mut self) {
        if self.retry_is_due() {
            self.recover();
        }
        self.write_backlog();
        if self.commit_is_due() {
            self.commit();
        }
        self.prune_if_due();
        self.report();
    }

    /// Writes and commits all there is; what could not be written.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if self.failure.is_some() {
            self.recover();
        }
        self.write_backlog();
        self.commit();
        self.report();
        match self.shared.why() {
            Some(why) => Err(Error::JournalNotWritten {
                folder: self.files.folder.clone(),
                why,
            }),
            None => Ok(()),
        }
    }

    /// After a panic: whatever the log in memory is, the one on the disk goes on.
    pub(super) fn panicked(&mut self, what: &str) {
        let pending = u64::try_from(self.log.pending()).unwrap_or(u64::MAX);
        self.fail_with(&format!("panic: {what}"), true, pending.max(1));
    }

    fn write_backlog(&mut self) {
        if self.failure.is_some() {
            return;
        }
        if self.told_offset.is_none() && !self.backlog.is_empty() {
            self.zone = Zone::new(None);
        }
        let events = Vec::from(std::mem::take(&mut self.backlog));
        let mut done = 0;
        while let Some(rest) = events.get(done..).filter(|rest| !rest.is_empty()) {
            match self.write(rest) {
                Ok(()) => done += 1,
                Err(JournalError::Entry(_)) => {
                    // It can never be an entry; what it would have said is missing.
                    self.lost = self.lost.saturating_add(1);
                    self.shared.lose(1);
                    done += 1;
                }
                Err(error) => {
                    self.fail(&error);
                    break;
                }
            }
            if self.log.pending() >= Self::BATCH {
                self.commit();
                if self.failure.is_some() {
                    break;
                }
            }
        }
        self.backlog = events.into_iter().skip(done).collect();
        if self.failure.is_none() && self.lost > 0 {
            self.tell_of_losses();
        }
    }

    /// Writes the first of `events`; the others are what comes next.
    fn write(&mut self, events: &[Event]) -> Written {
        self.pay_what_is_owed()?;
        let Some(event) = events.first() else {
            return Ok(());
        };
        if let EventKind::Started(started) = &event.kind {
            self.privacy.platform = Some(started.platform);
            if started.platform == Platform::Android && started.provenance != Provenance::Live {
                // Somebody else's phone: its first user.
                self.privacy.user = portlog_model::UserId::FIRST;
            }
            self.begin_boot(started.boot_id.as_deref(), event.at)?;
        }
        if !self.privacy.records(event) {
            return Ok(());
        }
        let owners = self.named.missing(events, &self.privacy);
        if let EventKind::Packages(info) = &event.kind {
            self.packages = Some(info.clone());
            return self.name_owners(event.at, owners);
        }
        if !owners.is_empty() {
            self.name_owners(event.at, owners)?;
        }
        let entry = self.entry(event)?;
        self.append(event.at, &entry)?;
        if let EventKind::Started(_) = event.kind {
            self.owes = Owes {
                device: true,
                recorded: true,
            };
        }
        self.urgent |= is_urgent(event);
        Ok(())
    }

    fn entry(&self, event: &Event) -> Result<Entry, JournalError> {
        let named = &self.named;
        let procfs = match &event.kind {
            EventKind::Started(started) => match started.provenance {
                // Nothing else than procfs at /proc counts as live.
                Provenance::Live => Some(true),
                Provenance::Replay | Provenance::Simulated => Some(false),
            },
            _ => None,
        };
        let context = Context {
            offset: self.zone.offset(event.at.wall),
            owner: &|uid| named.entry_of(uid),
            procfs,
            case: self.case.as_deref(),
            operator: self.operator.as_deref(),
        };
        let entry = match &event.kind {
            // What the front end did not fetch is not missing here.
            EventKind::Stopped(stopped) => {
                let mut stopped = stopped.clone();
                stopped.dropped = self.shared.lost();
                context.entry(&Event {
                    at: event.at,
                    kind: EventKind::Stopped(stopped),
                })?
            }
            _ => context.entry(event)?,
        };
        Ok(entry)
    }

    /// Appends who UIDs are, and remembers where that stands.
    fn name_owners(&mut self, at: Moment, owners: Vec<(u64, Value)>) -> Written {
        let mut entry = match &self.packages {
            Some(info) => self.entry(&Event {
                at,
                kind: EventKind::Packages(info.clone()),
            })?,
            None => Entry::new(Kind::Packages).with("time", self.zone.moment(at))?,
        };
        for (_, owner) in &owners {
            entry = entry.with_owner(owner.clone())?;
        }
        let index = self.append(at, &entry)?;
        self.named.learn(index, &owners);
        Ok(())
    }

    /// What this phone says of itself, and whose connections are recorded, once a watch has begun.
    fn pay_what_is_owed(&mut self) -> Written {
        let now = self.now();
        if self.owes.device {
            let entry = device(self.zone.moment(now), &self.device)?;
            self.append(now, &entry)?;
            self.owes.device = false;
        }
        if self.owes.recorded {
            let entry = self.config("recorded", self.privacy.recorded.as_str(), now)?;
            self.append(now, &entry)?;
            self.owes.recorded = false;
        }
        Ok(())
    }

    fn config(&self, name: &str, value: &str, at: Moment) -> Result<Entry, JournalError> {
        Ok(Entry::new(Kind::Config)
            .with("time", self.zone.moment(at))?
            .with("name", Value::text(name))?
            .with("value", Value::text(value))?)
    }

    /// Adds an entry of the time `at`, in an epoch that is not over.
    fn append(&mut self, at: Moment, entry: &Entry) -> Result<u64, JournalError> {
        let now = self.now();
        let is_over = utc_day(at.wall.as_millis()) > self.epoch.day
            || now.boot.since(self.epoch.began) >= Self::EPOCH;
        if is_over {
            // What comes late is of the day before; what follows it must not end an epoch again.
            let latest = if at.wall < now.wall { now } else { at };
            self.log
                .rotate(self.zone.moment(latest), EpochReason::Day)?;
            self.note_epoch(latest);
        }
        let index = self.log.append(entry)?;
        self.note_epoch(at);
        let since = (now.boot, Instant::now());
        self.uncommitted.get_or_insert(since);
        Ok(index)
    }

    fn begin_boot(&mut self, boot_id: Option<&str>, at: Moment) -> Written {
        let Some(boot_id) = boot_id else {
            return Ok(());
        };
        let another = self.boot_id.as_deref().is_some_and(|id| id != boot_id);
        if another {
            self.log.rotate(self.zone.moment(at), EpochReason::Boot)?;
            self.note_epoch(at);
        }
        self.boot_id = Some(Box::from(boot_id));
        Ok(())
    }

    /// Takes note that the log went on to another epoch, if it did.
    fn note_epoch(&mut self, at: Moment) {
        if self.log.epoch() != self.epoch.number {
            self.epoch = Epoch {
                number: self.log.epoch(),
                day: utc_day(at.wall.as_millis()),
                began: self.now().boot,
            };
        }
    }

    fn tell_of_losses(&mut self) {
        let at = self.now();
        let event = Event {
            at,
            kind: EventKind::Drop { events: self.lost },
        };
        let told = self.entry(&event).and_then(|entry| self.append(at, &entry));
        match told {
            Ok(_) => self.lost = 0,
            Err(error) => self.fail(&error),
        }
    }

    fn commit_is_due(&self) -> bool {
        let waited = self.uncommitted.is_some_and(|(boot, at)| {
            // Whichever clock went on: one stands still while the machine sleeps.
            let asleep = self.now().boot.since(boot);
            asleep >= self.commit_every || at.elapsed() >= self.commit_every
        });
        self.failure.is_none() && (self.urgent || waited || self.log.pending() >= Self::BATCH)
    }

    fn commit(&mut self) {
        if self.failure.is_some() {
            return;
        }
        match self.log.commit() {
            Ok(()) => self.committed(),
            Err(error) => self.fail(&error),
        }
    }

    fn committed(&mut self) {
        self.uncommitted = None;
        self.urgent = false;
        self.failure = None;
        self.shared.writes();
    }

    fn fail(&mut self, error: &JournalError) {
        let begin_anew = matches!(
            error,
            JournalError::Damaged(_)
                | JournalError::Rejected(_)
                | JournalError::OutOfStep
                | JournalError::NoKey(_)
        );
        self.fail_with(&chain(error), begin_anew, 0);
    }

    fn fail_with(&mut self, why: &str, begin_anew: bool, lost: u64) {
        let (first, most) = Self::RETRY;
        let wait = self
            .failure
            .as_ref()
            .map_or(first, |failure| failure.wait.saturating_mul(2).min(most));
        let begin_anew = begin_anew || self.failure.as_ref().is_some_and(|old| old.begin_anew);
        self.failure = Some(Failure {
            tried: Instant::now(),
            wait,
            begin_anew,
        });
        self.lost = self.lost.saturating_add(lost);
        self.shared.lose(lost);
        self.shared.fails(self.now(), why);
    }

    fn retry_is_due(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.tried.elapsed() >= failure.wait)
    }

    /// Opens the store anew and goes on where the failed write was to go.
    fn recover(&mut self) {
        let begins_anew = self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.begin_anew);
        let recovered = if begins_anew {
            self.begin_anew()
        } else {
            self.resume()
        };
        match recovered {
            Ok(()) => self.committed(),
            Err(error) => self.fail(&error),
        }
    }

    fn resume(&mut self) -> Written {
        self.slot.reopen(&self.files.store())?;
        self.log.resume(self.slot.clone())?;
        self.note_epoch(self.now());
        self.log.commit()?;
        self.note_epoch(self.now());
        Ok(())
    }

    /// Opens the journal as a new recorder would; what was not committed is lost, and is said to be.
    fn begin_anew(&mut self) -> Written {
        let lost = u64::try_from(self.log.pending()).unwrap_or(u64::MAX);
        self.slot.close();
        let now = self.now();
        let Opened { log, slot } = opening::open(&self.files, &self.keyring, now, &self.zone)
            .map_err(|error| match error {
                Error::Journal { source, .. } => source,
                Error::JournalInUse { .. } => JournalError::InUse,
                Error::JournalNewer { found, .. } => JournalError::NewerStore(found),
                other => JournalError::Write(std::io::Error::other(chain(&other))),
            })?;
        (self.log, self.slot) = (log, slot);
        self.lost = self.lost.saturating_add(lost);
        self.shared.lose(lost);
        self.owes = Owes {
            device: true,
            recorded: true,
        };
        self.read_back(now)
    }

    fn prune_if_due(&mut self) {
        let now = self.now();
        let is_due = self
            .pruned_at
            .is_none_or(|at| now.boot.since(at) >= Self::PRUNE_EVERY);
        if !is_due || self.failure.is_some() {
            return;
        }
        self.pruned_at = Some(now.boot);
        if let Err(error) = self.prune(now) {
            self.fail(&error);
        }
    }

    fn prune(&mut self, now: Moment) -> Written {
        let snapshot = self.slot.snapshot()?;
        let bytes = std::fs::metadata(self.files.store()).map_or(0, |about| about.len());
        let due = pruning::due(&self.retention, &snapshot, now.wall, bytes)?;
        drop(snapshot);
        if let Some(due) = due {
            self.log
                .prune(self.zone.moment(now), due.below, due.reason)?;
            self.note_epoch(now);
            self.committed();
        }
        Ok(())
    }

    fn report(&self) {
        let waiting = self.log.pending().saturating_add(self.backlog.len());
        self.shared
            .waits(u64::try_from(waiting).unwrap_or(u64::MAX));
    }

    fn now(&self) -> Moment {
        self.clock.now().moment
    }
}

/// What others ask of it.
impl Writer {
    pub(super) fn mark(&mut self, mark: &Mark) -> Result<u64, Error> {
        let (preset, text) = match mark {
            Mark::Words(words) => (Value::none(), Value::text(words)),
            Mark::Preset(preset) => (Value::word(preset.as_str()), Value::none()),
        };
        self.add(|_, time| {
            Ok(Entry::new(Kind::Mark)
                .with("time", time)?
                .with("preset", preset)?
                .with("text", text)?)
        })
    }

    pub(super) fn practice(&mut self, mark: &PracticeMark) -> Result<u64, Error> {
        let remote = mark
            .remote
            .and_then(|remote| Value::of(&remote.to_string(), FieldType::Endpoint));
        self.add(|_, time| {
            let connection = mark.connection.map(portlog_model::ConnectionId::get);
            Ok(Entry::new(Kind::Practice)
                .with("time", time)?
                .with("outcome", Value::word(mark.outcome.as_str()))?
                .with("connection", Value::number_or_none(connection))?
                .with("remote", remote.unwrap_or_else(Value::none))?
                .with("detail", Value::text_or_none(mark.detail.as_deref()))?)
        })
    }

    pub(super) fn predecessor(
        &mut self,
        last: &Note,
        known_by: KnownBy,
        reason: PredecessorReason,
    ) -> Result<u64, Error> {
        self.add(|_, time| {
            let (known_by, reason) = (known_by.as_str(), reason.as_str());
            Ok(predecessor_entry(time, last, known_by, reason)?)
        })
    }

    pub(super) fn set_recorded(&mut self, recorded: Recorded) -> Result<(), Error> {
        if self.privacy.recorded == recorded {
            return Ok(());
        }
        // What was seen before the switch is written by the rule before it.
        self.flush()?;
        self.privacy.recorded = recorded;
        self.add(|writer, _| writer.config("recorded", recorded.as_str(), writer.now()))
            .map(drop)
    }

    pub(super) fn device_changed(&mut self, now_is: Device) -> Result<(), Error> {
        if self.device == now_is {
            return Ok(());
        }
        self.device = now_is;
        self.add(|writer, time| Ok(device(time, &writer.device)?))
            .map(drop)
    }

    pub(super) fn set_utc_offset(&mut self, offset: Option<UtcOffset>) {
        self.told_offset = offset;
        self.zone = Zone::new(offset);
    }

    /// One committed state. Where the disk refuses, what is committed can still be read.
    pub(super) fn snapshot(&mut self) -> Result<(RedbSnapshot, Slot), Error> {
        let flushed = self.flush();
        if flushed.is_err() {
            let _ = self.slot.reopen(&self.files.store());
        }
        match (self.slot.snapshot(), flushed) {
            (Ok(snapshot), _) => Ok((snapshot, self.slot.clone())),
            (Err(_), Err(not_written)) => Err(not_written),
            (Err(error), Ok(())) => Err(named(&self.files.folder, error)),
        }
    }

    pub(super) fn keep(&mut self, note: &Note) -> Result<(), Error> {
        self.flush()?;
        let kept = self.log.keep(note);
        kept.map_err(|error| {
            self.fail(&error);
            named(&self.files.folder, error)
        })
    }

    pub(super) fn cosigned(
        &mut self,
        note: &Note,
        witness: &PublicKey,
        nonce: Option<&str>,
    ) -> Result<u64, Error> {
        self.flush()?;
        let fault = |error| named(&self.files.folder, error);
        let line = self.line_of(note, witness)?;
        let snapshot = self.slot.snapshot().map_err(fault)?;
        if !is_ours(&snapshot, note).map_err(fault)? {
            return Err(Error::NotOurCheckpoint);
        }
        // What other witnesses said of the same state stays.
        let size = note.checkpoint().size;
        let kept = snapshot.checkpoint(size).map_err(fault)?;
        drop(snapshot);
        let known = kept.as_ref().is_some_and(|kept| {
            let mut lines = kept.signatures().iter();
            lines.any(|one| one.name() == line.name() && one.id() == line.id())
        });
        if !known {
            let note = match kept {
                Some(kept) => kept
                    .with(line.clone())
                    .map_err(|rejection| fault(rejection.into()))?,
                None => note.clone(),
            };
            self.keep(&note)?;
        }
        self.add(|_, time| {
            Ok(witness_entry(
                time,
                note.checkpoint(),
                witness,
                &line,
                nonce,
            )?)
        })
    }

    /// The witness's line in a note, if it is right.
    fn line_of(&self, note: &Note, witness: &PublicKey) -> Result<SignatureLine, Error> {
        /// A witness's clock may be ahead by so much.
        const CLOCKS_DIFFER: u64 = 86_400;
        let now = u64::try_from(self.now().wall.as_millis() / 1_000).unwrap_or_default();
        let fault =
            |rejection: portlog_journal::Rejection| named(&self.files.folder, rejection.into());
        let not_after = now.saturating_add(CLOCKS_DIFFER);
        note.cosigned(witness, not_after).map_err(fault)?;
        note.signatures()
            .iter()
            .find(|line| line.name() == witness.name() && line.id() == witness.id())
            .cloned()
            .ok_or(Error::NotOurCheckpoint)
    }

    /// Adds an entry of now, durably. Nothing is added where the disk refuses.
    fn add(
        &mut self,
        make: impl FnOnce(&Self, Value) -> Result<Entry, JournalError>,
    ) -> Result<u64, Error> {
        self.flush()?;
        if self.told_offset.is_none() {
            self.zone = Zone::new(None);
        }
        let now = self.now();
        let fault = |writer: &Self, error| named(&writer.files.folder, error);
        let entry = make(self, self.zone.moment(now)).map_err(|error| fault(self, error))?;
        let index = match self.append(now, &entry) {
            Ok(index) => index,
            Err(error) => {
                self.fail(&error);
                return Err(fault(self, error));
            }
        };
        self.flush()?;
        Ok(index)
    }
}

/// Whether a checkpoint is a state that this log had and signed.
fn is_ours(snapshot: &RedbSnapshot, note: &Note) -> Result<bool, JournalError> {
    let state = note.checkpoint();
    let latest = snapshot.latest_checkpoint()?;
    let latest = latest.as_ref().map(Note::checkpoint);
    if !latest.is_some_and(|ours| ours.origin == state.origin && state.size <= ours.size) {
        return Ok(false);
    }
    let root = Frontier::at(state.size, &SnapshotNodes(snapshot))?.root();
    if root != Some(state.root) {
        return Ok(false);
    }
    let keys = signers(snapshot, &state.origin, state.size)?;
    let keys: Vec<&PublicKey> = keys.iter().collect();
    Ok(note.check(&keys).is_ok())
}

/// The UTC day since 1970.
const fn utc_day(millis: i64) -> i64 {
    millis.div_euclid(86_400_000)
}
