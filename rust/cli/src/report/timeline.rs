//! How the time of a log is accounted for, in slices: looked, asleep, denied, stopped, or nothing said.

use super::stamp::Stamp;
use super::told::Row;

/// Slices of the drawing.
const FINE: i64 = 120;
/// The most rows of the table beside it.
const MAX_ROWS: i64 = 24;
/// The most marks on a lane.
const MAX_TICKS: usize = 200;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Lengths that a row of the table may have; beyond, multiples of a year.
const STEPS: [i64; 14] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
];

/// What time was spent on. The order is that of the lanes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spent {
    Watched,
    Asleep,
    Denied,
    Stopped,
}

impl Spent {
    pub(crate) const ALL: [Self; 4] = [Self::Watched, Self::Asleep, Self::Denied, Self::Stopped];
}

/// A piece of time, and what of it is accounted for, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Slice {
    spent: [i64; 4],
    /// Alert entries in it.
    pub(crate) alerts: u64,
    /// Marks in it.
    pub(crate) marks: u64,
    /// How much of it lies within the period.
    pub(crate) length: i64,
}

impl Slice {
    /// Milliseconds spent on `what`, never more than the slice has: entries that say more than one
    /// thing of the same time share it.
    pub(crate) fn spent(&self, what: Spent) -> i64 {
        let own = self.raw(what);
        let all = self.spent.iter().copied().fold(0, i64::saturating_add);
        if all <= self.length || all == 0 {
            return own;
        }
        share(own, self.length, all)
    }

    /// Milliseconds of which nothing shown says anything.
    pub(crate) fn not_accounted(&self) -> i64 {
        Spent::ALL
            .into_iter()
            .fold(self.length, |left, what| {
                left.saturating_sub(self.spent(what))
            })
            .max(0)
    }

    fn raw(&self, what: Spent) -> i64 {
        self.spent.get(what as usize).copied().unwrap_or(0)
    }
}

/// Slices of one length, from a beginning on.
#[derive(Debug)]
pub(crate) struct Strip {
    /// Where the first slice begins, in milliseconds since 1970.
    pub(crate) begin: i64,
    /// How long each is.
    pub(crate) step: i64,
    pub(crate) slices: Vec<Slice>,
}

impl Strip {
    fn new(begin: i64, step: i64, period: (i64, i64)) -> Self {
        let step = step.max(1);
        let count = period.1.saturating_sub(begin) / step + 1;
        let count = usize::try_from(count.clamp(1, 2 * FINE)).unwrap_or(1);
        let mut slices = vec![Slice::default(); count];
        let mut at = begin;
        for slice in &mut slices {
            let end = at.saturating_add(step);
            let within = end.min(period.1).saturating_sub(at.max(period.0));
            slice.length = within.max(0);
            at = end;
        }
        Self {
            begin,
            step,
            slices,
        }
    }

    /// Spreads `amount` milliseconds evenly over the time from `from` to `to`.
    fn add(&mut self, what: Spent, from: i64, to: i64, amount: i64) {
        let whole = to.saturating_sub(from);
        if whole <= 0 || amount <= 0 {
            return;
        }
        let first = from.saturating_sub(self.begin).max(0) / self.step;
        let last = to.saturating_sub(self.begin).max(0) / self.step;
        let (Ok(first), Ok(last)) = (usize::try_from(first), usize::try_from(last)) else {
            return;
        };
        let slices = self.slices.iter_mut().enumerate();
        for (number, slice) in slices.skip(first).take(last.saturating_sub(first) + 1) {
            let Ok(number) = i64::try_from(number) else {
                return;
            };
            let begin = self.begin.saturating_add(number.saturating_mul(self.step));
            let end = begin.saturating_add(self.step);
            let overlap = end.min(to).saturating_sub(begin.max(from)).max(0);
            if let Some(spent) = slice.spent.get_mut(what as usize) {
                *spent = spent.saturating_add(share(amount, overlap, whole));
            }
        }
    }

    fn at(&mut self, time: i64) -> Option<&mut Slice> {
        let number = time.checked_sub(self.begin)?.checked_div(self.step)?;
        self.slices.get_mut(usize::try_from(number).ok()?)
    }
}

/// A mark on a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) at: i64,
}

/// The whole period.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// The first and the last time shown, by the clock of the first entry.
    pub(crate) from: Stamp,
    pub(crate) to: Stamp,
    /// For drawing.
    pub(crate) fine: Strip,
    /// For reading.
    pub(crate) rows: Strip,
    pub(crate) marks: Vec<Tick>,
}

impl Timeline {
    pub(crate) fn new(from: Stamp, to: i64) -> Self {
        let (begin, end) = (from.millis, to.max(from.millis.saturating_add(1)));
        let length = end.saturating_sub(begin);
        let year = 364 * DAY;
        let step = STEPS
            .into_iter()
            .find(|step| length / step < MAX_ROWS)
            .unwrap_or_else(|| {
                (length / MAX_ROWS / year)
                    .saturating_add(1)
                    .saturating_mul(year)
            });
        // Rows begin where a clock on the wall has a round time.
        let into = from.local_millis().rem_euclid(step.min(DAY));
        let row_begin = begin.saturating_sub(into);
        let fine = length / FINE + i64::from(length % FINE > 0);
        Self {
            from,
            to: from.with_millis(end),
            fine: Strip::new(begin, fine, (begin, end)),
            rows: Strip::new(row_begin, step, (begin, end)),
            marks: Vec::new(),
        }
    }

    /// Reads a heartbeat: what was done since the one before.
    pub(crate) fn heartbeat(&mut self, row: &Row<'_>) {
        let Some(at) = row.value("time").and_then(Stamp::read) else {
            return;
        };
        let millis = |name| -> i64 {
            let number = row.number(name).unwrap_or(0);
            i64::try_from(number).unwrap_or(i64::MAX)
        };
        let asleep = millis("suspended_ms");
        let (watched, denied) = (millis("watched_ms"), millis("denied_ms"));
        let awake = millis("awake_ms").max(watched.saturating_add(denied));
        let from = at.millis.saturating_sub(awake.saturating_add(asleep));
        self.add(Spent::Watched, from, at.millis, watched);
        self.add(Spent::Asleep, from, at.millis, asleep);
        self.add(Spent::Denied, from, at.millis, denied);
    }

    /// Reads a gap, if it says that the watch did not run; the sleep of a phone is in heartbeats.
    pub(crate) fn gap(&mut self, row: &Row<'_>) {
        let stopped = matches!(row.value("reason"), Some("not-running" | "died" | "fault"));
        let time = |name| row.value(name).and_then(Stamp::read);
        if let (true, Some(from), Some(to)) = (stopped, time("from"), time("time")) {
            let length = to.millis.saturating_sub(from.millis);
            self.add(Spent::Stopped, from.millis, to.millis, length);
        }
    }

    /// Notes an alert.
    pub(crate) fn alert(&mut self, at: i64) {
        for strip in [&mut self.fine, &mut self.rows] {
            if let Some(slice) = strip.at(at) {
                slice.alerts = slice.alerts.saturating_add(1);
            }
        }
    }

    /// Notes a mark.
    pub(crate) fn mark(&mut self, at: i64) {
        if let Some(slice) = self.rows.at(at) {
            slice.marks = slice.marks.saturating_add(1);
        }
        if self.marks.len() < MAX_TICKS {
            self.marks.push(Tick { at });
        }
    }

    /// How far into the period `at` is, in thousandths.
    pub(crate) fn thousandths(&self, at: i64) -> i64 {
        let length = self.to.millis.saturating_sub(self.from.millis).max(1);
        let into = at.saturating_sub(self.from.millis).clamp(0, length);
        share(1_000, into, length)
    }

    fn add(&mut self, what: Spent, from: i64, to: i64, amount: i64) {
        self.fine.add(what, from, to, amount);
        self.rows.add(what, from, to, amount);
    }
}

/// `amount * part / whole`, rounded, without overflow.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let product = i128::from(amount) * i128::from(part) + i128::from(whole) / 2;
    i64::try_from(product / i128::from(whole)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: i64 = 1_777_902_300_000; // 2026-05-04T13:45:00Z

    fn timeline(hours: i64) -> Timeline {
        let from = Stamp {
            millis: BEGIN,
            east: Some(120),
        };
        Timeline::new(from, BEGIN + hours * HOUR)
    }

    fn total(strip: &Strip, what: Spent) -> i64 {
        strip.slices.iter().map(|slice| slice.spent(what)).sum()
    }

    #[test]
    fn time_is_spread_over_slices_and_none_is_lost() {
        let mut timeline = timeline(10);
        timeline.add(
            Spent::Watched,
            BEGIN + 30 * MINUTE,
            BEGIN + 3 * HOUR,
            2 * HOUR,
        );
        timeline.add(Spent::Stopped, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR, HOUR);
        for strip in [&timeline.fine, &timeline.rows] {
            let close = |spent: i64, wanted: i64| (spent - wanted).abs() < 200;
            assert!(close(total(strip, Spent::Watched), 2 * HOUR));
            assert!(close(total(strip, Spent::Stopped), HOUR));
            let rest: i64 = strip.slices.iter().map(Slice::not_accounted).sum();
            assert!(close(rest, 7 * HOUR), "{rest}");
        }
    }

    #[test]
    fn rows_begin_at_round_times_and_are_few() {
        for hours in [1, 3, 10, 50, 400, 9_000, 300_000, 70_000_000] {
            let timeline = timeline(hours);
            let rows = &timeline.rows;
            assert!(rows.slices.len() <= 26, "{hours}: {}", rows.slices.len());
            assert!(timeline.fine.slices.len() <= 121);
            let local = timeline.from.with_millis(rows.begin).local_millis();
            assert_eq!(local % rows.step.min(DAY), 0);
            let length: i64 = rows.slices.iter().map(|slice| slice.length).sum();
            assert_eq!(length, hours * HOUR);
        }
    }

    #[test]
    fn claims_of_more_time_than_there_is_share_it() {
        let mut timeline = timeline(1);
        for what in Spent::ALL {
            timeline.add(what, BEGIN, BEGIN + HOUR, HOUR);
            timeline.add(what, i64::MIN, i64::MAX, i64::MAX);
        }
        for slice in &timeline.fine.slices {
            let spent: i64 = Spent::ALL.iter().map(|what| slice.spent(*what)).sum();
            assert!(spent <= slice.length);
        }
        timeline.alert(i64::MIN);
        timeline.mark(i64::MAX);
        assert_eq!(timeline.thousandths(i64::MAX), 1_000);
        assert_eq!(timeline.thousandths(i64::MIN), 0);
    }

    #[test]
    fn a_period_of_one_moment_has_one_slice() {
        let timeline = timeline(0);
        assert_eq!(timeline.fine.slices.len(), 2);
        assert_eq!(timeline.rows.slices.len(), 1);
    }
}
