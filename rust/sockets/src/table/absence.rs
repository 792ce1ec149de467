//! When a connection that no row is any more has ended, and what to do while a table is unreadable.

use portlog_model::{BootTime, Moment, Table};

use super::store::{Entry, Slot};
use super::{Closing, PerTable, Round, SocketTable, TableSettings};

/// The latest looks at one table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    /// The latest one whose rows count.
    pub(super) last_read: Option<Moment>,
    /// The latest one whose missing rows count; `None` before the first look, and again after the
    /// grace: what the next one shows was not seen to open.
    pub(super) last_proven: Option<Moment>,
    unread_since: Option<BootTime>,
    unproven_since: Option<BootTime>,
    /// How often rows came twice or were missed of late: [`Look::UNREST`] for each time, fading away
    /// over as many looks.
    unrest: u32,
}

impl Look {
    const UNREST: u32 = 64;

    /// Begins a look at which this many rows came twice.
    pub(super) fn calm(&mut self, doubles: u32) {
        self.unrest -= self.unrest.div_ceil(Self::UNREST);
        self.shift(doubles);
    }

    /// A look was wrong this many times: rows came twice, or came back.
    pub(super) fn shift(&mut self, times: u32) {
        self.unrest = self
            .unrest
            .saturating_add(times.saturating_mul(Self::UNREST));
    }

    /// How many looks must not show a row for it to be gone. The steps are those at which 300 UDP
    /// sockets among a thousand to fifty thousand others a second were never missed so often.
    fn absences_needed(&self, settings: &TableSettings) -> u32 {
        let more = match self.unrest / Self::UNREST {
            0 if self.unrest == 0 => 0,
            0..=8 => 1,
            9..=64 => 2,
            65..=256 => 3,
            _ => 4,
        };
        let least = settings.absences_to_close.max(1);
        least
            .saturating_add(more)
            .min(settings.most_absences.max(least))
    }
}

/// A connection that the latest look at its table did not show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen {
    /// The last look that showed it.
    pub(super) after: Option<Moment>,
    /// The first that did not, whether or not that proves anything.
    since: BootTime,
    /// The first that proves that it was not there, and how many there were.
    proven: Option<(Moment, u32)>,
}

impl Unseen {
    /// Whether a look that should have shown it did not.
    pub(super) const fn was_missed(&self) -> bool {
        self.proven.is_some()
    }
}

impl SocketTable {
    /// Closes what enough looks did not show.
    pub(super) fn close_absent(&mut self, round: &Round) {
        let expected: usize = Table::ALL
            .into_iter()
            .filter(|table| round.read.contains(*table))
            .map(|table| self.store.live(table) as usize)
            .sum();
        if self.store.seen(round.this) == expected {
            return;
        }
        for slot in self.store.slots() {
            if !self.store.is_open(slot) || self.store.is_seen(slot, round.this) {
                continue;
            }
            let Some(table) = self.store.entry(slot).map(|entry| entry.connection.table) else {
                continue;
            };
            if round.read.contains(table) {
                self.note_absence(round, slot, table);
            }
        }
    }

    /// Closes the connections of tables that were unreadable for longer than the grace.
    pub(super) fn close_unreadable(&mut self, round: &Round) {
        for table in Table::ALL {
            let look = self.looks.of_mut(table);
            if round.proven.contains(table) {
                look.unproven_since = None;
            } else {
                let since = *look.unproven_since.get_or_insert(round.now.boot);
                if round.now.boot.since(since) >= self.settings.grace {
                    look.last_proven = None;
                }
            }
            if round.read.contains(table) {
                look.unread_since = None;
                continue;
            }
            let since = *look.unread_since.get_or_insert(round.now.boot);
            if look.last_read.is_none() || round.now.boot.since(since) < self.settings.grace {
                continue;
            }
            for slot in self.store.slots() {
                let Some(entry) = self.store.entry(slot) else {
                    continue;
                };
                if entry.connection.table == table && self.store.is_open(slot) {
                    let (after, by) = self.last_seen(slot, entry, round);
                    self.close(round, slot, after, by);
                }
            }
            let look = self.looks.of_mut(table);
            look.last_read = None;
        }
    }

    /// The last look that showed a connection that this poll does not show, and the first that did
    /// not, or the time of its destroy event.
    pub(super) fn last_seen(
        &self,
        slot: Slot,
        entry: &Entry,
        round: &Round,
    ) -> (Option<Moment>, Moment) {
        let unseen = self.unseen.get(&slot);
        let after = match unseen {
            Some(unseen) => unseen.after,
            None => self.looks.of(entry.connection.table).last_read,
        };
        let by = match (
            self.ending.get(&slot),
            unseen.and_then(|unseen| unseen.proven),
        ) {
            (Some(ended), _) => not_before(*ended, after),
            (None, Some((first, _))) => first,
            (None, None) => round.now,
        };
        (after, by)
    }

    /// Ends a connection with this poll.
    pub(super) fn close(&mut self, round: &Round, slot: Slot, after: Option<Moment>, by: Moment) {
        self.store.end(slot);
        if let Some(entry) = self.store.entry(slot) {
            self.recent.remember(&entry.connection, round.now.boot);
        }
        self.scratch.closing.push(Closing { slot, after, by });
    }

    fn note_absence(&mut self, round: &Round, slot: Slot, table: Table) {
        let is_proven = round.proven.contains(table);
        let look = *self.looks.of(table);
        let unseen = self.unseen.entry(slot).or_insert(Unseen {
            after: look.last_read,
            since: round.now.boot,
            proven: None,
        });
        let has_ended = if is_proven {
            let (_, times) = unseen.proven.get_or_insert((round.now, 0));
            *times = times.saturating_add(1);
            *times >= look.absences_needed(&self.settings) || self.ending.contains_key(&slot)
        } else {
            round.now.boot.since(unseen.since) >= self.settings.grace
        };
        if !has_ended {
            return;
        }
        if let Some(entry) = self.store.entry(slot) {
            let (after, by) = self.last_seen(slot, entry, round);
            self.close(round, slot, after, by);
        }
    }
}

/// A time of the kernel's events, put behind the look that showed the socket.
pub(super) fn not_before(at: Moment, after: Option<Moment>) -> Moment {
    match after {
        Some(after) if at.boot <= after.boot => Moment {
            wall: after.wall,
            boot: after
                .boot
                .saturating_add(std::time::Duration::from_nanos(1)),
        },
        _ => at,
    }
}
