//! The thread that owns the log.

use std::sync::Arc;

use portlog_journal::{Note, PublicKey};
use portlog_model::Moment;

use super::{Device, KnownBy, Mark, PracticeMark, PredecessorReason, Reader, Recorded, Testimony};
use crate::{Clock, Error, testimony::UtcOffset};

/// Writes what a watch tells into its log, on a thread of its own. Clones share it.
#[derive(Clone, Debug)]
pub struct Recorder {}

/// How the log fares.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// Whether it is written.
    pub writing: Writing,
    /// Entries and events that are not durable yet.
    pub pending: u64,
    /// Events that were lost, in all.
    pub lost: u64,
}

/// Whether the log is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Writing {
    /// It is.
    Yes,
    /// It is not, since then; what waits is kept in memory within bounds, and tried again.
    NotSince {
        /// When writing first failed.
        since: Moment,
        /// What the system said.
        why: String,
    },
    /// It was closed.
    Closed,
}

impl Recorder {
    /// Opens or begins the log and starts the thread.
    pub fn open(testimony: Testimony, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let _ = (testimony, clock);
        Err(Error::JournalClosed)
    }

    /// Writes a mark; it is durable when this returns its index.
    pub fn mark(&self, mark: &Mark) -> Result<u64, Error> {
        let _ = mark;
        Err(Error::JournalClosed)
    }

    /// One committed state; what waits is committed first.
    pub fn reader(&self) -> Result<Reader, Error> {
        Err(Error::JournalClosed)
    }

    /// Takes in a witness's answer: our checkpoint with the witness's line. The entry's index.
    pub fn cosigned(
        &self,
        note: &Note,
        witness: &PublicKey,
        nonce: Option<&str>,
    ) -> Result<u64, Error> {
        let _ = (note, witness, nonce);
        Err(Error::JournalClosed)
    }

    /// Names an earlier log that this one continues. The entry's index.
    pub fn predecessor(
        &self,
        last: &Note,
        known_by: KnownBy,
        reason: PredecessorReason,
    ) -> Result<u64, Error> {
        let _ = (last, known_by, reason);
        Err(Error::JournalClosed)
    }

    /// Records what became of a practice alert.
    pub fn practice(&self, mark: PracticeMark) -> Result<(), Error> {
        let _ = mark;
        Err(Error::JournalClosed)
    }

    /// Records what the phone says of itself, where that became another.
    pub fn device_changed(&self, device: Device) -> Result<(), Error> {
        let _ = device;
        Err(Error::JournalClosed)
    }

    /// Records whose connections from now on.
    pub fn set_recorded(&self, recorded: Recorded) -> Result<(), Error> {
        let _ = recorded;
        Err(Error::JournalClosed)
    }

    /// The clock on the wall is set to another zone.
    pub fn set_utc_offset(&self, offset: Option<UtcOffset>) -> Result<(), Error> {
        let _ = offset;
        Err(Error::JournalClosed)
    }

    /// How the log fares.
    pub fn health(&self) -> Health {
        Health {
            writing: Writing::Closed,
            pending: 0,
            lost: 0,
        }
    }

    /// Commits what waits and ends the thread, within two seconds. [`Error::JournalNotWritten`]
    /// where something had to be left behind.
    pub fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}
