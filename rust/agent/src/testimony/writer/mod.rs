//! What the recorder's thread does: events become entries, entries become durable, and where the disk
//! refuses, they wait within bounds and nothing that was acknowledged is lost.

mod asked;
mod failing;
mod writing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_journal::entry::read_moment;
use portlog_journal::store::{Snapshot as _, Store as _};
use portlog_journal::{Error as JournalError, UtcOffset};
use portlog_model::{BootTime, Event, Moment, PackagesInfo, Uid};

use super::entries::{Named, Privacy};
use super::health::Shared;
use super::opening::{self, OpenLog, Opened};
use super::pruning;
use super::store::{Files, Keyring, Slot, named};
use super::zone::Zone;
use super::{Device, Retention, Testimony};
use crate::queue::Item as _;
use crate::{Clock, Error};

use failing::Failure;

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
    /// The latest beginning of a watch.
    started: Option<Event>,
    /// What has to be said before the next event.
    owes: Owes,
    /// Events that wait because the disk refuses.
    backlog: VecDeque<Event>,
    /// Events that were taken from there and not written yet.
    at_hand: usize,
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
    /// Also the beginning of the watch, where a new log was begun under it.
    started: bool,
    device: bool,
    /// Whose connections are recorded, and for how long.
    recorded: bool,
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
    /// The time between two looks at what is due to be pruned.
    const PRUNE_EVERY: Duration = Duration::from_hours(1);

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
            started: None,
            owes: Owes::default(),
            backlog: VecDeque::new(),
            at_hand: 0,
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
            self.at_hand = rest.len();
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
        self.at_hand = 0;
        if self.failure.is_none() && self.lost > 0 {
            self.tell_of_losses();
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

/// The UTC day since 1970.
const fn utc_day(millis: i64) -> i64 {
    millis.div_euclid(86_400_000)
}

#[cfg(test)]
mod tests {
    use portlog_journal::entry::Kind;
    use portlog_model::EventKind;

    use super::*;
    use crate::SystemClock;
    use crate::testimony::{Mark, Writing};

    fn config(value: &str) -> Event {
        Event {
            at: SystemClock.now().moment,
            kind: EventKind::Config {
                name: Arc::from("test"),
                value: Arc::from(value),
            },
        }
    }

    #[test]
    fn after_a_panic_the_log_on_the_disk_goes_on_and_says_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let testimony = Testimony::new(folder.path().to_owned(), Device::default());
        let shared = Arc::new(Shared::new());
        let mut writer =
            Writer::open(testimony, Arc::new(SystemClock), Arc::clone(&shared)).unwrap();
        let kept = writer.mark(&Mark::Words("kept".to_owned())).unwrap();
        writer.take([config("one"), config("two")]);
        writer.work();
        assert_eq!(writer.log.pending(), 2);
        let origin = writer.log.origin().clone();
        writer.panicked("row 3 exploded");
        let Writing::NotSince { why, .. } = shared.health().writing else {
            panic!("{:?}", shared.health());
        };
        assert_eq!(why, "panic: row 3 exploded");
        writer.take([config("three")]);
        let after = writer.mark(&Mark::Words("after".to_owned())).unwrap();
        assert_eq!(*writer.log.origin(), origin);
        assert_eq!(shared.health().writing, Writing::Yes);
        let (snapshot, _) = writer.snapshot().unwrap();
        let rows: Vec<(Kind, String)> = (kept..=after)
            .filter_map(|index| snapshot.get(index).unwrap())
            .map(|row| (row.kind, row.values().last().unwrap().to_owned()))
            .collect();
        let kinds: Vec<&str> = rows.iter().map(|(_, text)| text.as_str()).collect();
        assert!(kinds.starts_with(&["kept"]) && kinds.ends_with(&["after"]));
        assert!(kinds.contains(&"three") && !kinds.contains(&"one"));
        assert!(rows.contains(&(Kind::Drop, "2".to_owned())), "{rows:?}");
        assert_eq!(shared.lost(), 2);
    }

    #[test]
    fn a_store_that_is_gone_under_a_watch_is_followed_by_one_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let testimony = Testimony::new(folder.path().to_owned(), Device::default());
        let shared = Arc::new(Shared::new());
        let mut writer =
            Writer::open(testimony, Arc::new(SystemClock), Arc::clone(&shared)).unwrap();
        let started = EventKind::Started(portlog_model::Started {
            version: Arc::from("1"),
            provenance: portlog_model::Provenance::Simulated,
            platform: portlog_model::Platform::Linux,
            boot_id: None,
            source: portlog_model::SourceKind::Procfs,
            interval: Duration::from_secs(1),
            scope_all: false,
            packages_overridden: false,
        });
        let at = SystemClock.now().moment;
        writer.take([Event { at, kind: started }]);
        writer.flush().unwrap();
        let origin = writer.log.origin().clone();
        // Somebody writes over it, and the next commit fails.
        std::fs::write(writer.files.store(), vec![0xA5; 1 << 20]).unwrap();
        writer.fail(&JournalError::Damaged("told so".into()));
        writer.take([config("one")]);
        writer.flush().unwrap();
        assert_ne!(*writer.log.origin(), origin);
        let (snapshot, _) = writer.snapshot().unwrap();
        let kinds: Vec<Kind> = (0..writer.log.size())
            .filter_map(|index| snapshot.get(index).unwrap())
            .map(|row| row.kind)
            .collect();
        for kind in [Kind::Gap, Kind::Started, Kind::Device, Kind::Config] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
        assert!(folder.path().join("journal.redb.damaged-1").exists());
    }
}
