//! The signatures of others on the log's states.

use std::collections::BTreeMap;

use super::Options;
use super::report::Seen;
use crate::note::Note;
use crate::rejection::Rejection;

/// Seconds by which a witness's clock may be ahead of the reader's.
const CLOCKS_DIFFER: u64 = 86_400;

/// What known witnesses signed, and how much nobody here can check.
#[derive(Debug)]
pub(super) struct Witnesses<'a> {
    options: &'a Options,
    seen: BTreeMap<String, Seen>,
    unchecked: u64,
}

impl<'a> Witnesses<'a> {
    pub(super) const fn new(options: &'a Options) -> Self {
        Self {
            options,
            seen: BTreeMap::new(),
            unchecked: 0,
        }
    }

    /// Checks the lines of known witnesses, and counts those that nobody here can check.
    pub(super) fn read(&mut self, note: &Note) -> Result<(), Rejection> {
        let not_after = self.options.now.saturating_add(CLOCKS_DIFFER);
        let mut checked = 0;
        for witness in &self.options.witnesses {
            let Some(time) = note.cosigned(witness, not_after)? else {
                continue;
            };
            checked += 1;
            let size = note.checkpoint().size;
            let seen = self.seen.entry(witness.name().to_owned()).or_insert(Seen {
                witness: witness.name().to_owned(),
                size,
                time,
            });
            if size > seen.size {
                (seen.size, seen.time) = (size, time);
            }
        }
        let foreign = note
            .signatures()
            .iter()
            .filter(|line| line.name() != note.checkpoint().origin.as_str())
            .count();
        let unchecked = u64::try_from(foreign.saturating_sub(checked)).unwrap_or(u64::MAX);
        self.unchecked = self.unchecked.saturating_add(unchecked);
        Ok(())
    }

    /// Those who signed, in order of name, and how many lines could not be checked.
    pub(super) fn into_parts(self) -> (Vec<Seen>, u64) {
        (self.seen.into_values().collect(), self.unchecked)
    }
}
