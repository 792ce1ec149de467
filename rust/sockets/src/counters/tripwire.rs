//! Bytes that moved while no connection was seen.

use std::collections::BTreeMap;
use std::time::Duration;

use portlog_model::{Moment, Uid};

use super::{CounterWidth, Totals, UidBytes};

/// What a UID moved between two readings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moved {
    /// Whose counters moved.
    pub uid: Uid,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

impl Moved {
    /// Bytes in both directions.
    pub const fn bytes(&self) -> u64 {
        self.received.saturating_add(self.sent)
    }
}

/// A UID moved bytes, and none of its connections was seen in all that time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tripped {
    /// Who, and how much.
    pub moved: Moved,
    /// The reading after which the bytes moved.
    pub after: Moment,
    /// The reading by which they had.
    pub by: Moment,
}

/// Compares successive [`Totals`] with what was seen in between.
///
/// A UID's unseen bytes are added up until one of its connections is seen, and told each time they
/// reach the threshold; no byte is told twice. A small threshold tells of every handshake that fell
/// between two polls; the counters cannot tell those from one long connection that stays hidden.
#[derive(Clone, Debug)]
pub struct Tripwire {
    threshold: u64,
    known: BTreeMap<Uid, Known>,
    last: Option<Last>,
    moved: Vec<Moved>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: Moment,
    complete: bool,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    received: u64,
    sent: u64,
    unseen: Option<Unseen>,
}

#[derive(Clone, Copy, Debug)]
struct Unseen {
    received: u64,
    sent: u64,
    after: Moment,
}

impl Tripwire {
    /// The fastest that a phone's interfaces move bytes, in bytes a second: a 32-bit counter that
    /// would have had to run faster than that to wrap was reset instead.
    pub const MAX_RATE: u64 = 125_000_000;

    /// A tripwire that tells of `threshold` unseen bytes of one UID, both directions together.
    pub const fn new(threshold: u64) -> Self {
        Self {
            threshold,
            known: BTreeMap::new(),
            last: None,
            moved: Vec::new(),
        }
    }

    /// Takes a reading.
    ///
    /// `seen` tells whether any connection of a UID was seen since the reading before, at its poll
    /// or at one in between. A reading that failed is left out; the next one then covers both
    /// spans, and so must `seen`. The first reading only says where the counters stand, and so does
    /// the first of a UID after a reading that was not complete. A counter that went back was reset
    /// and has moved what it shows, or has wrapped; a [`CounterWidth::Sum`] that fell only says
    /// where it stands now.
    pub fn observe(
        &mut self,
        totals: &Totals,
        seen: impl Fn(Uid) -> bool,
        now: Moment,
        tripped: &mut Vec<Tripped>,
    ) {
        self.moved.clear();
        let last = self.last.replace(Last {
            at: now,
            complete: totals.is_complete(),
        });
        for row in totals.rows() {
            let full = self.known.len() >= Totals::MAX_UIDS;
            let Some(last) = last else {
                self.known
                    .insert(row.uid, Known::at(row.received, row.sent));
                continue;
            };
            let known = match self.known.get_mut(&row.uid) {
                Some(known) => known,
                None if full => continue,
                // What was in no complete reading has moved nothing until then.
                None if last.complete => self.known.entry(row.uid).or_insert(Known::at(0, 0)),
                None => {
                    self.known
                        .insert(row.uid, Known::at(row.received, row.sent));
                    continue;
                }
            };
            if totals.width() == CounterWidth::Sum && known.is_beyond(row) {
                *known = Known::at(row.received, row.sent);
                continue;
            }
            let span = now.since(last.at);
            let moved = Moved {
                uid: row.uid,
                received: advance(known.received, row.received, totals.width(), span),
                sent: advance(known.sent, row.sent, totals.width(), span),
            };
            known.received = row.received;
            known.sent = row.sent;
            if moved.bytes() > 0 {
                self.moved.push(moved);
            }
            if seen(row.uid) {
                known.unseen = None;
                continue;
            }
            if let Some(found) = known.unseen(moved, last.at, now, self.threshold) {
                tripped.push(found);
            }
        }
    }

    /// The UIDs whose counters moved between the two latest readings, in order: candidates for a
    /// connection of that time whose owner is not known.
    pub fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// Whether the counters of any UID but `own` moved: then a socket table that shows rows of
    /// `own` alone is not to be trusted.
    pub fn others_moved(&self, own: Uid) -> bool {
        self.moved.iter().any(|moved| moved.uid != own)
    }
}

impl Known {
    const fn at(received: u64, sent: u64) -> Self {
        Self {
            received,
            sent,
            unseen: None,
        }
    }

    /// Whether a counter of `row` is less than it was.
    const fn is_beyond(&self, row: &UidBytes) -> bool {
        row.received < self.received || row.sent < self.sent
    }

    /// Adds bytes that nobody saw, and tells when they are enough.
    fn unseen(
        &mut self,
        moved: Moved,
        after: Moment,
        by: Moment,
        threshold: u64,
    ) -> Option<Tripped> {
        if moved.bytes() == 0 {
            return None;
        }
        let unseen = self.unseen.get_or_insert(Unseen {
            received: 0,
            sent: 0,
            after,
        });
        unseen.received = unseen.received.saturating_add(moved.received);
        unseen.sent = unseen.sent.saturating_add(moved.sent);
        let moved = Moved {
            uid: moved.uid,
            received: unseen.received,
            sent: unseen.sent,
        };
        if moved.bytes() < threshold {
            return None;
        }
        let after = unseen.after;
        self.unseen = None;
        Some(Tripped { moved, after, by })
    }
}

/// How far a counter went from `was` to `is` in `span`.
fn advance(was: u64, is: u64, width: CounterWidth, span: Duration) -> u64 {
    if let Some(forward) = is.checked_sub(was) {
        return forward;
    }
    if width == CounterWidth::Bits32 {
        let wrapped = (is + (1 << 32)).saturating_sub(was);
        let seconds = span.as_secs().saturating_add(1);
        if wrapped <= Tripwire::MAX_RATE.saturating_mul(seconds) {
            return wrapped;
        }
    }
    is
}

#[cfg(test)]
mod tests {
    use portlog_model::{BootTime, WallTime};

    use super::*;

    const APP: Uid = Uid::new(10_087);

    fn second(second: u64) -> Moment {
        Moment {
            wall: WallTime::from_millis(0),
            boot: BootTime::from_nanos(second * 1_000_000_000),
        }
    }

    fn totals(width: CounterWidth, rows: &[(u32, u64, u64)]) -> Totals {
        let mut totals = Totals::new(width);
        for &(uid, received, sent) in rows {
            totals.push(UidBytes {
                uid: Uid::new(uid),
                received,
                sent,
            });
        }
        totals.order();
        totals
    }

    /// What was told: bytes, and the seconds after and by which.
    type Told = Option<(u64, u64, u64)>;

    /// Observes 64-bit counters of [`APP`] at second after second; what was moved and told by each.
    fn run(threshold: u64, readings: &[(u64, bool)]) -> Vec<(u64, Told)> {
        let mut wire = Tripwire::new(threshold);
        let mut tripped = Vec::new();
        (0..)
            .zip(readings)
            .map(|(at, &(received, seen))| {
                tripped.clear();
                let totals = totals(CounterWidth::Bits64, &[(APP.get(), received, 0)]);
                wire.observe(&totals, |_| seen, second(at), &mut tripped);
                let told = tripped.first().map(|told: &Tripped| {
                    let [after, by] = [told.after, told.by].map(|at| at.boot.as_nanos());
                    (
                        told.moved.received,
                        after / 1_000_000_000,
                        by / 1_000_000_000,
                    )
                });
                (wire.moved().first().map_or(0, Moved::bytes), told)
            })
            .collect()
    }

    #[test]
    fn unseen_bytes_are_told_at_the_threshold_and_once() {
        assert_eq!(
            run(
                1000,
                &[
                    (5000, false),
                    (5400, false),
                    (5400, false),
                    (6100, false),
                    (6200, false)
                ]
            ),
            [
                (0, None),
                (400, None),
                (0, None),
                (700, Some((1100, 0, 3))),
                (100, None)
            ]
        );
    }

    #[test]
    fn a_connection_explains_the_bytes_of_its_time_and_before() {
        assert_eq!(
            run(
                1000,
                &[(0, false), (900, false), (90_000, true), (90_900, false)]
            ),
            [(0, None), (900, None), (89_100, None), (900, None)]
        );
    }

    #[test]
    fn a_reset_counter_has_moved_what_it_shows() {
        assert_eq!(
            run(1000, &[(1_000_000, false), (300, false), (2300, false)]),
            [(0, None), (300, None), (2000, Some((2300, 0, 2)))]
        );
    }

    #[test]
    fn a_sum_that_fell_has_moved_nothing_and_counts_on_from_there() {
        let mut wire = Tripwire::new(1000);
        let mut tripped = Vec::new();
        let mut told = Vec::new();
        // Both fall, one alone does, and unseen bytes of before are not added to those after.
        let readings = [
            (900_000, 80_000),
            (500_000, 40_000),
            (500_900, 40_000),
            (501_800, 30_000),
            (502_700, 30_000),
            (502_900, 30_000),
        ];
        for (at, (received, sent)) in (0..).zip(readings) {
            tripped.clear();
            let totals = totals(CounterWidth::Sum, &[(APP.get(), received, sent)]);
            wire.observe(&totals, |_| false, second(at), &mut tripped);
            told.push((
                wire.moved().first().map_or(0, Moved::bytes),
                tripped.first().map(|told: &Tripped| told.moved.bytes()),
            ));
        }
        assert_eq!(
            told,
            [
                (0, None),
                (0, None),
                (900, None),
                (0, None),
                (900, None),
                (200, Some(1100))
            ]
        );
    }

    #[test]
    fn a_32_bit_counter_wraps_unless_that_would_be_too_fast() {
        let near_end = u64::from(u32::MAX) - 99;
        let second = Duration::from_secs(1);
        assert_eq!(advance(near_end, 100, CounterWidth::Bits32, second), 200);
        assert_eq!(advance(near_end, 100, CounterWidth::Bits64, second), 100);
        // Nearly 4 GiB within a second: a reset.
        assert_eq!(advance(1000, 100, CounterWidth::Bits32, second), 100);
        // The same within a minute: a wrap.
        let minute = Duration::from_mins(1);
        assert_eq!(
            advance(1000, 100, CounterWidth::Bits32, minute),
            (1 << 32) - 900
        );
        assert_eq!(advance(7, 7, CounterWidth::Bits32, second), 0);
        assert_eq!(advance(u64::MAX, 0, CounterWidth::Bits32, second), 0);
    }

    #[test]
    fn a_new_uid_counts_from_zero_only_after_a_complete_reading() {
        let mut wire = Tripwire::new(1);
        let mut tripped = Vec::new();
        let first = totals(CounterWidth::Bits64, &[(0, 10, 10)]);
        wire.observe(&first, |_| false, second(0), &mut tripped);
        let mut both = totals(CounterWidth::Bits64, &[(0, 10, 10), (APP.get(), 70, 7)]);
        both.mark_incomplete();
        wire.observe(&both, |_| false, second(1), &mut tripped);
        let app = Moved {
            uid: APP,
            received: 70,
            sent: 7,
        };
        assert_eq!(wire.moved(), [app]);
        assert!(wire.others_moved(Uid::ROOT));
        assert!(!wire.others_moved(APP));
        assert_eq!(
            tripped,
            [Tripped {
                moved: app,
                after: second(0),
                by: second(1)
            }]
        );
        tripped.clear();
        let third = totals(
            CounterWidth::Bits64,
            &[(0, 10, 10), (1000, 500, 500), (APP.get(), 70, 7)],
        );
        wire.observe(&third, |_| false, second(2), &mut tripped);
        assert_eq!(wire.moved(), []);
        assert_eq!(tripped, []);
        assert!(!wire.others_moved(Uid::ROOT));
    }

    #[test]
    fn a_uid_that_is_missing_once_keeps_its_place() {
        let mut wire = Tripwire::new(100);
        let mut tripped = Vec::new();
        for (at, rows) in (0..).zip([&[(7, 1000, 0)][..], &[], &[(7, 1050, 0)], &[(7, 1100, 0)]]) {
            let totals = totals(CounterWidth::Bits64, rows);
            wire.observe(&totals, |_| false, second(at), &mut tripped);
        }
        assert_eq!(tripped.len(), 1);
        assert_eq!(tripped[0].moved.bytes(), 100);
        assert_eq!((tripped[0].after, tripped[0].by), (second(1), second(3)));
    }
}
