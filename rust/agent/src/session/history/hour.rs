//! The time that the watch saw, by hours: one record each, which grows with every heartbeat.

use std::sync::Arc;

use portlog_model::{Heartbeat, WallTime};

use super::record::What;
use super::{HOUR, History};

/// The hour that is being booked.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunningHour {
    hour: i64,
    sequence: u64,
    /// By heartbeats of this hour.
    booked: Heartbeat,
    /// Since the latest heartbeat.
    running: Heartbeat,
    /// What of `running` belongs to the hour before.
    carried: Heartbeat,
}

impl History {
    /// Books the time since the latest heartbeat.
    pub(crate) fn account(&mut self, now: WallTime, running: Heartbeat, run: u32) {
        let hour = now.as_millis().div_euclid(HOUR);
        if let Some(current) = &mut self.hour
            && current.hour == hour
        {
            current.running = running;
            return;
        }
        let goes_on = self.hour.is_some();
        self.sync_hour();
        // After a restart within the hour its record goes on.
        let known = self.records.values().rev().find_map(|record| {
            let What::Hour(heartbeat) = record.what else {
                return None;
            };
            (record.at.as_millis().div_euclid(HOUR) == hour).then_some((record.sequence, heartbeat))
        });
        let (sequence, booked) = match known {
            Some(known) if !goes_on => known,
            _ => {
                let nothing = Heartbeat::default();
                (self.add(What::Hour(nothing), now, run), nothing)
            }
        };
        self.hour = Some(RunningHour {
            hour,
            sequence,
            booked,
            running,
            carried: if goes_on {
                running
            } else {
                Heartbeat::default()
            },
        });
    }

    /// A run begins or ends: its time since the latest heartbeat is another's.
    pub(crate) fn end_account(&mut self) {
        self.sync_hour();
        self.hour = None;
    }

    /// Takes in a heartbeat; the number of its hour's record.
    pub(super) fn heartbeat(&mut self, heartbeat: Heartbeat) -> u64 {
        let Some(hour) = &mut self.hour else {
            return 0;
        };
        hour.booked = sum(hour.booked, difference(heartbeat, hour.carried));
        hour.carried = Heartbeat::default();
        hour.running = Heartbeat::default();
        hour.sequence
    }

    /// Brings the running hour's record up to date.
    pub(super) fn sync_hour(&mut self) {
        let Some(hour) = self.hour else { return };
        let now = hour.total();
        if let Some(record) = self.records.get_mut(&hour.sequence)
            && record.what != What::Hour(now)
        {
            Arc::make_mut(record).what = What::Hour(now);
            self.grew(hour.sequence);
        }
    }
}

impl RunningHour {
    fn total(&self) -> Heartbeat {
        sum(self.booked, difference(self.running, self.carried))
    }
}

fn sum(a: Heartbeat, b: Heartbeat) -> Heartbeat {
    Heartbeat {
        awake: a.awake.saturating_add(b.awake),
        suspended: a.suspended.saturating_add(b.suspended),
        polls: a.polls.saturating_add(b.polls),
        watched: a.watched.saturating_add(b.watched),
        denied: a.denied.saturating_add(b.denied),
        connections: b.connections.max(a.connections),
    }
}

fn difference(a: Heartbeat, b: Heartbeat) -> Heartbeat {
    Heartbeat {
        awake: a.awake.saturating_sub(b.awake),
        suspended: a.suspended.saturating_sub(b.suspended),
        polls: a.polls.saturating_sub(b.polls),
        watched: a.watched.saturating_sub(b.watched),
        denied: a.denied.saturating_sub(b.denied),
        connections: a.connections,
    }
}
