//! What happened and what was seen of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::plan::{Ending, Plan};
use crate::talker::{Happened, UID};
use crate::watcher::Sight;

/// What one watch saw of each connection, by the phone's port.
#[derive(Debug)]
pub(crate) struct Tally {
    connections: BTreeMap<u16, Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    lived: Option<Duration>,
    /// How often it was told to have opened.
    opened: u32,
    /// Whether any event was about it.
    told: bool,
    /// Whether its owner was told.
    with_owner: bool,
    /// Whether its owner was told and later was not.
    forgotten: bool,
}

/// Connections of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    /// Seen with their owner.
    pub(crate) with_owner: u32,
    /// Seen without.
    pub(crate) tuple_only: u32,
    /// Not seen.
    pub(crate) unseen: u32,
    /// Of those seen with their owner: the owner was not told later.
    pub(crate) forgotten: u32,
    /// Of those seen: told to have opened more than once.
    pub(crate) split: u32,
    /// Left out: they failed, or lived much longer than planned.
    pub(crate) not_as_planned: u32,
}

impl Tally {
    pub(crate) fn new(happened: &[Happened]) -> Self {
        let connection = |happened: &Happened| {
            let seen = Seen {
                lived: happened.lived,
                ..Seen::default()
            };
            (happened.port, seen)
        };
        Self {
            connections: happened.iter().map(connection).collect(),
        }
    }

    /// Takes what a watch told. What it tells of another run's connections is passed over: these
    /// stay in `TIME_WAIT` for a while.
    pub(crate) fn add(&mut self, sight: &Sight) {
        let Some(seen) = self.connections.get_mut(&sight.port) else {
            return;
        };
        let is_owner = sight.uid == Some(u64::from(UID));
        assert!(
            is_owner || sight.uid.is_none(),
            "a connection of {UID} is told to be another's: {sight:?}"
        );
        seen.told = true;
        seen.opened += u32::from(sight.opened);
        seen.forgotten |= seen.with_owner && !is_owner;
        seen.with_owner |= is_owner;
    }

    /// The connections of `plan` with this ending and lifetime.
    pub(crate) fn cell(&self, plan: &Plan, ending: Ending, lifetime: Duration) -> Cell {
        let mut cell = Cell::default();
        let of_cell = plan
            .iter()
            .filter(|planned| planned.ending == ending && planned.lifetime == lifetime)
            .map(|planned| self.connections[&planned.port]);
        for seen in of_cell {
            let at_most = lifetime.mul_f64(1.2) + Duration::from_millis(5);
            if seen.lived.is_none_or(|lived| lived > at_most) {
                cell.not_as_planned += 1;
                continue;
            }
            cell.with_owner += u32::from(seen.with_owner);
            cell.tuple_only += u32::from(seen.told && !seen.with_owner);
            cell.unseen += u32::from(!seen.told);
            cell.forgotten += u32::from(seen.forgotten);
            cell.split += u32::from(seen.opened > 1);
        }
        cell
    }

    /// What was known once stays known, and a connection is one.
    pub(crate) fn assert_nothing_is_forgotten(&self, source: &str) {
        for (port, seen) in &self.connections {
            assert!(
                !seen.forgotten,
                "{source}: the owner of {port} is forgotten"
            );
            assert!(seen.opened <= 1, "{source}: {port} is told to open twice");
        }
    }
}
