//! The disk refuses: why, how long until it is tried again, and how the log goes on then.

use std::time::{Duration, Instant};

use portlog_journal::Error as JournalError;
use portlog_model::fault::chain;

use super::{Owes, Writer, Written};
use crate::Error;
use crate::testimony::opening::{self, Opened};

/// The disk refuses.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) tried: Instant,
    pub(super) wait: Duration,
    /// What is on the disk is not what this log continues: it has to be opened like any other.
    begin_anew: bool,
}

impl Writer {
    /// The time between two tries of a disk that refuses, at first and at most.
    const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

    /// After a panic: whatever the log in memory is, the one on the disk goes on.
    pub(in crate::testimony) fn panicked(&mut self, what: &str) {
        let lost = std::mem::take(&mut self.at_hand);
        let lost = u64::try_from(lost).unwrap_or(u64::MAX);
        self.fail_with(&format!("panic: {what}"), true, lost);
    }

    pub(super) fn fail(&mut self, error: &JournalError) {
        let begin_anew = matches!(
            error,
            JournalError::Damaged(_)
                | JournalError::Rejected(_)
                | JournalError::OutOfStep
                | JournalError::NoKey(_)
        );
        self.fail_with(&chain(error), begin_anew, 0);
    }

    pub(super) fn fail_with(&mut self, why: &str, begin_anew: bool, lost: u64) {
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

    pub(super) fn retry_is_due(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.tried.elapsed() >= failure.wait)
    }

    /// Opens the store anew and goes on where the failed write was to go.
    pub(super) fn recover(&mut self) {
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
            started: true,
            device: self.started.is_some(),
            recorded: self.started.is_some(),
        };
        self.read_back(now)
    }
}
