//! Answers that were passed on and wait to be learnt, until it is known who asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portlog_model::BootTime;

use crate::action::{Learnt, QueryId};

/// The most that wait.
pub(super) const MOST: usize = 1_024;

/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Unlearnt {
    waiting: BTreeMap<QueryId, (BootTime, Learnt)>,
    /// The ends of these waits.
    ends: BTreeSet<(BootTime, QueryId)>,
}

impl Unlearnt {
    /// Keeps one for a while; gives back the one that waited longest, where there are too many.
    pub(super) fn keep(&mut self, id: QueryId, learnt: Learnt, now: BootTime) -> Option<Learnt> {
        let first = (self.waiting.len() >= MOST)
            .then(|| self.ends.first().copied())
            .flatten();
        let first = first.and_then(|(_, first)| self.take(first));
        let end = now.saturating_add(PATIENCE);
        self.waiting.insert(id, (end, learnt));
        self.ends.insert((end, id));
        first
    }

    /// Takes one whose asker is known.
    pub(super) fn take(&mut self, id: QueryId) -> Option<Learnt> {
        let (end, learnt) = self.waiting.remove(&id)?;
        self.ends.remove(&(end, id));
        Some(learnt)
    }

    /// Takes one that waited for long enough.
    pub(super) fn take_due(&mut self, now: BootTime) -> Option<Learnt> {
        let (end, id) = self.ends.first().copied()?;
        if end > now {
            return None;
        }
        self.take(id)
    }

    /// When the next has waited for long enough.
    pub(super) fn deadline(&self) -> Option<BootTime> {
        self.ends.first().map(|(end, _)| *end)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}
