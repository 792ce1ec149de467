//! The account of time: watched, asleep, denied. Only the first counts as looked.

use std::time::Duration;

use portlog_model::{BootTime, Event, EventKind, GapReason, Heartbeat, Moment};

use crate::clock::Reading;

/// Splits the time between polls, and notices when it went otherwise than promised.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    last: Option<Reading>,
    since_heartbeat: Heartbeat,
    next_heartbeat: Option<BootTime>,
    every: Duration,
    polls: u64,
}

impl Hours {
    /// A wall clock that went this much otherwise than boot time was set.
    const JUMP: Duration = Duration::from_secs(2);
    /// Sleep shorter than this is not worth a gap.
    const NAP: Duration = Duration::from_secs(1);

    /// Beats every `every`.
    pub(crate) fn new(every: Duration) -> Self {
        Self {
            last: None,
            since_heartbeat: Heartbeat::default(),
            next_heartbeat: None,
            every,
            polls: 0,
        }
    }

    /// Books a poll whose rows have a time of their own: it took none of this machine's.
    pub(crate) const fn replayed(&mut self) {
        self.polls += 1;
    }

    /// When the latest poll was made.
    pub(crate) fn last_poll(&self) -> Option<Moment> {
        self.last.map(|reading| reading.moment)
    }

    /// Time booked since the latest heartbeat.
    pub(crate) const fn account(&self) -> Heartbeat {
        self.since_heartbeat
    }

    /// Polls made so far.
    pub(crate) const fn polls(&self) -> u64 {
        self.polls
    }

    /// Books the time since the poll before: `interval` is what was promised, `readable` whether
    /// tables could be read now. Jumps, sleep and delays become events.
    pub(crate) fn polled(
        &mut self,
        now: Reading,
        interval: Duration,
        readable: bool,
        events: &mut Vec<Event>,
    ) {
        self.polls += 1;
        self.since_heartbeat.polls += 1;
        let Some(last) = self.last.replace(now) else {
            self.next_heartbeat = Some(now.moment.boot.saturating_add(self.every));
            return;
        };
        let passed = now.moment.since(last.moment);
        let awake = now.awake.saturating_sub(last.awake).min(passed);
        let asleep = passed.saturating_sub(awake);
        self.since_heartbeat.awake += awake;
        self.since_heartbeat.suspended += asleep;

        let mut tell = |kind| {
            events.push(Event {
                at: now.moment,
                kind,
            });
        };
        if let Some(jump_millis) = wall_jump(last.moment, now.moment, Self::JUMP) {
            tell(EventKind::Clock {
                before: last.moment,
                jump_millis,
            });
        }
        let late = awake > interval * 2 + Duration::from_secs(1);
        let from = Some(last.moment);
        if asleep >= Self::NAP {
            tell(EventKind::Gap {
                from,
                reason: GapReason::Suspended,
            });
        }
        if late {
            tell(EventKind::Gap {
                from,
                reason: GapReason::Late,
            });
        }
        if !readable {
            self.since_heartbeat.denied += awake;
        } else if !late {
            self.since_heartbeat.watched += awake;
        }
    }

    /// The heartbeat, when it is due.
    pub(crate) fn heartbeat(&mut self, now: Moment, connections: usize) -> Option<Event> {
        if now.boot < self.next_heartbeat? {
            return None;
        }
        self.next_heartbeat = Some(now.boot.saturating_add(self.every));
        Some(self.beat(now, connections))
    }

    /// The heartbeat at the end of a watch: what was booked since the one before, if anything was.
    /// Without it a short watch would have looked at no time at all.
    pub(crate) fn last_heartbeat(&mut self, now: Moment, connections: usize) -> Option<Event> {
        let Heartbeat {
            awake, suspended, ..
        } = self.since_heartbeat;
        (awake + suspended > Duration::ZERO).then(|| self.beat(now, connections))
    }

    fn beat(&mut self, now: Moment, connections: usize) -> Event {
        let connections = u64::try_from(connections).unwrap_or(u64::MAX);
        let beat = Heartbeat {
            connections,
            ..std::mem::take(&mut self.since_heartbeat)
        };
        Event {
            at: now,
            kind: EventKind::Heartbeat(beat),
        }
    }
}

/// By how many milliseconds the wall clock went otherwise than boot time, if by more than `limit`.
fn wall_jump(before: Moment, now: Moment, limit: Duration) -> Option<i64> {
    let real = i64::try_from(now.since(before).as_millis()).unwrap_or(i64::MAX);
    let shown = now.wall.as_millis().saturating_sub(before.wall.as_millis());
    let jump = shown.saturating_sub(real);
    (u128::from(jump.unsigned_abs()) > limit.as_millis()).then_some(jump)
}

#[cfg(test)]
mod tests {
    use portlog_model::WallTime;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn reading(wall: i64, boot: u64, awake: u64) -> Reading {
        Reading {
            moment: Moment {
                wall: WallTime::from_millis(wall * 1_000),
                boot: BootTime::from_nanos(boot * 1_000_000_000),
            },
            awake: Duration::from_secs(awake),
        }
    }

    fn book(readings: &[(Reading, bool)]) -> (Hours, Vec<Event>) {
        let mut hours = Hours::new(15 * 60 * SECOND);
        let mut events = Vec::new();
        for (reading, readable) in readings {
            hours.polled(*reading, SECOND, *readable, &mut events);
        }
        (hours, events)
    }

    #[test]
    fn time_within_the_interval_counts_as_watched() {
        let (hours, events) = book(&[(reading(0, 0, 0), true), (reading(1, 1, 1), true)]);
        assert_eq!(hours.since_heartbeat.watched, SECOND);
        assert_eq!(events, []);
    }

    #[test]
    fn a_suspend_is_a_gap_and_not_a_delay() {
        let (hours, events) = book(&[(reading(0, 0, 0), true), (reading(600, 600, 1), true)]);
        assert_eq!(hours.since_heartbeat.suspended, 599 * SECOND);
        assert_eq!(hours.since_heartbeat.watched, SECOND);
        assert_eq!(events.len(), 1);
        assert!(matches!(
            events[0].kind,
            EventKind::Gap {
                reason: GapReason::Suspended,
                ..
            }
        ));
    }

    #[test]
    fn a_late_poll_is_a_gap_and_not_watched() {
        let (hours, events) = book(&[(reading(0, 0, 0), true), (reading(60, 60, 60), true)]);
        assert_eq!(hours.since_heartbeat.watched, Duration::ZERO);
        assert!(matches!(
            events[0].kind,
            EventKind::Gap {
                reason: GapReason::Late,
                ..
            }
        ));
    }

    #[test]
    fn time_in_which_no_table_could_be_read_is_denied() {
        let (hours, _) = book(&[(reading(0, 0, 0), true), (reading(1, 1, 1), false)]);
        assert_eq!(hours.since_heartbeat.denied, SECOND);
        assert_eq!(hours.since_heartbeat.watched, Duration::ZERO);
    }

    #[test]
    fn a_clock_that_is_set_is_told_with_its_sign() {
        let (_, events) = book(&[(reading(100, 0, 0), true), (reading(41, 1, 1), true)]);
        assert!(matches!(
            events[0].kind,
            EventKind::Clock {
                jump_millis: -60_000,
                ..
            }
        ));
    }

    #[test]
    fn the_heartbeat_comes_once_and_starts_the_account_anew() {
        let (mut hours, _) = book(&[(reading(0, 0, 0), true), (reading(1, 1, 1), true)]);
        assert_eq!(hours.heartbeat(reading(899, 899, 899).moment, 3), None);
        let due = reading(900, 900, 900).moment;
        let Some(Event {
            kind: EventKind::Heartbeat(beat),
            ..
        }) = hours.heartbeat(due, 3)
        else {
            panic!("no heartbeat");
        };
        assert_eq!((beat.polls, beat.connections, beat.awake), (2, 3, SECOND));
        assert_eq!(hours.heartbeat(due, 3), None);
    }
}
