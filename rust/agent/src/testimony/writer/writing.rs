//! Events become entries, in epochs that are not over.

use std::time::{Duration, Instant};

use portlog_journal::entry::{Entry, Kind, Value};
use portlog_journal::record::Context;
use portlog_journal::{EpochReason, Error as JournalError};
use portlog_model::{Event, EventKind, Moment, Platform, Provenance, UserId};

use super::{Epoch, Owes, Writer, Written, utc_day};
use crate::testimony::Retention;
use crate::testimony::entries::{device, is_urgent};

impl Writer {
    /// An epoch is over after so long, whatever the clock on the wall says.
    const EPOCH: Duration = Duration::from_hours(24);

    /// Writes the first of `events`; the others are what comes next.
    pub(super) fn write(&mut self, events: &[Event]) -> Written {
        self.pay_what_is_owed()?;
        let Some(event) = events.first() else {
            return Ok(());
        };
        if let EventKind::Started(started) = &event.kind {
            self.privacy.platform = Some(started.platform);
            if started.platform == Platform::Android && started.provenance != Provenance::Live {
                // Somebody else's phone: its first user.
                self.privacy.user = UserId::FIRST;
            }
            self.begin_boot(started.boot_id.as_deref(), event.at)?;
        }
        if !self.privacy.records(event) {
            return Ok(());
        }
        let owners = self.named.missing(events, self.privacy);
        if let EventKind::Packages(info) = &event.kind {
            self.packages = Some(info.clone());
            return self.name_owners(event.at, &owners);
        }
        if !owners.is_empty() {
            self.name_owners(event.at, &owners)?;
        }
        let entry = self.entry(event)?;
        self.append(event.at, &entry)?;
        if let EventKind::Started(_) = event.kind {
            self.started = Some(event.clone());
            self.owes = Owes {
                started: false,
                device: true,
                recorded: true,
            };
        }
        self.urgent |= is_urgent(event);
        Ok(())
    }

    pub(super) fn entry(&self, event: &Event) -> Result<Entry, JournalError> {
        let named = &self.named;
        let procfs = match &event.kind {
            EventKind::Started(started) => match started.provenance {
                // Nothing else than procfs at /proc counts as live.
                Provenance::Live => Some(true),
                Provenance::Helper
                | Provenance::Adb
                | Provenance::Import
                | Provenance::Replay
                | Provenance::Simulated => Some(false),
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
    fn name_owners(&mut self, at: Moment, owners: &[(u64, Value)]) -> Written {
        let mut entry = match &self.packages {
            Some(info) => self.entry(&Event {
                at,
                kind: EventKind::Packages(info.clone()),
            })?,
            None => Entry::new(Kind::Packages).with("time", self.zone.moment(at))?,
        };
        for (_, owner) in owners {
            entry = entry.with_owner(owner.clone())?;
        }
        let index = self.append(at, &entry)?;
        self.named.learn(index, owners);
        Ok(())
    }

    /// What this phone says of itself, and whose connections are recorded, once a watch has begun.
    fn pay_what_is_owed(&mut self) -> Written {
        let now = self.now();
        if self.owes.started {
            if let Some(Event { kind, .. }) = self.started.clone() {
                let entry = self.entry(&Event { at: now, kind })?;
                self.append(now, &entry)?;
            }
            self.owes.started = false;
        }
        if self.owes.device {
            let entry = device(self.zone.moment(now), &self.device)?;
            self.append(now, &entry)?;
            self.owes.device = false;
        }
        if self.owes.recorded {
            let entry = self.config("recorded", self.privacy.recorded.as_str(), now)?;
            self.append(now, &entry)?;
            for (name, value) in retention_set(self.retention) {
                let entry = self.config(name, &value, now)?;
                self.append(now, &entry)?;
            }
            self.owes.recorded = false;
        }
        Ok(())
    }

    pub(super) fn config(
        &self,
        name: &str,
        value: &str,
        at: Moment,
    ) -> Result<Entry, JournalError> {
        Ok(Entry::new(Kind::Config)
            .with("time", self.zone.moment(at))?
            .with("name", Value::text(name))?
            .with("value", Value::text(value))?)
    }

    /// Adds an entry of the time `at`, in an epoch that is not over.
    pub(super) fn append(&mut self, at: Moment, entry: &Entry) -> Result<u64, JournalError> {
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
    pub(super) fn note_epoch(&mut self, at: Moment) {
        if self.log.epoch() != self.epoch.number {
            self.epoch = Epoch {
                number: self.log.epoch(),
                day: utc_day(at.wall.as_millis()),
                began: self.now().boot,
            };
        }
    }

    pub(super) fn tell_of_losses(&mut self) {
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
}

/// How long rows are kept, as far as that is not what is usual: names and values of `config` entries.
fn retention_set(retention: Retention) -> impl Iterator<Item = (&'static str, String)> {
    const DAY: u64 = 86_400;
    const MIB: u64 = 1 << 20;
    let usual = Retention::default();
    let days = (retention.age != usual.age).then(|| (retention.age.as_secs() / DAY).to_string());
    let mib = (retention.bytes != usual.bytes).then(|| (retention.bytes / MIB).to_string());
    [("retention_days", days), ("retention_mib", mib)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
}
