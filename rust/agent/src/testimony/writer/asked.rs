//! What others ask of the recorder's thread.

use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbSnapshot, Snapshot as _, SnapshotNodes, Store as _};
use portlog_journal::tree::Frontier;
use portlog_journal::{
    Error as JournalError, Note, PublicKey, SignatureLine, UtcOffset, predecessor_entry,
    witness_entry,
};

use super::Writer;
use crate::Error;
use crate::testimony::entries::device;
use crate::testimony::opening::signers;
use crate::testimony::store::{Slot, named};
use crate::testimony::zone::Zone;
use crate::testimony::{Device, KnownBy, Mark, PracticeMark, PredecessorReason, Recorded};

impl Writer {
    pub(in crate::testimony) fn mark(&mut self, mark: &Mark) -> Result<u64, Error> {
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

    pub(in crate::testimony) fn practice(&mut self, mark: &PracticeMark) -> Result<u64, Error> {
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

    pub(in crate::testimony) fn predecessor(
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

    pub(in crate::testimony) fn set_recorded(&mut self, recorded: Recorded) -> Result<(), Error> {
        if self.privacy.recorded == recorded {
            return Ok(());
        }
        // What was seen before the switch is written by the rule before it.
        self.flush()?;
        self.privacy.recorded = recorded;
        self.add(|writer, _| writer.config("recorded", recorded.as_str(), writer.now()))
            .map(drop)
    }

    pub(in crate::testimony) fn device_changed(&mut self, now_is: Device) -> Result<(), Error> {
        if self.device == now_is {
            return Ok(());
        }
        self.device = now_is;
        self.add(|writer, time| Ok(device(time, &writer.device)?))
            .map(drop)
    }

    pub(in crate::testimony) fn set_utc_offset(&mut self, offset: Option<UtcOffset>) {
        self.told_offset = offset;
        self.zone = Zone::new(offset);
    }

    /// One committed state. Where the disk refuses, what is committed can still be read.
    pub(in crate::testimony) fn snapshot(&mut self) -> Result<(RedbSnapshot, Slot), Error> {
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

    /// The state that was committed last: nothing is written for it, and what waits goes on waiting.
    pub(in crate::testimony) fn committed_state(&mut self) -> Result<(RedbSnapshot, Slot), Error> {
        if self.failure.is_some() {
            let _ = self.slot.reopen(&self.files.store());
        }
        match self.slot.snapshot() {
            Ok(snapshot) => Ok((snapshot, self.slot.clone())),
            Err(error) => Err(named(&self.files.folder, error)),
        }
    }

    pub(in crate::testimony) fn keep(&mut self, note: &Note) -> Result<(), Error> {
        self.flush()?;
        let kept = self.log.keep(note);
        kept.map_err(|error| {
            self.fail(&error);
            named(&self.files.folder, error)
        })
    }

    pub(in crate::testimony) fn cosigned(
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
