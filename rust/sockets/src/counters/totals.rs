//! One reading of all UIDs' counters.

use portlog_model::Uid;

/// How many bytes a UID has moved so far, by one source.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UidBytes {
    /// Whose they are.
    pub uid: Uid,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

/// Where a counter begins again at 0, and what it says where it went back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CounterWidth {
    /// After 4 GiB (`/proc/uid_stat`).
    Bits32,
    /// Not in a phone's life.
    Bits64,
    /// It is a sum over what a system keeps, and falls where the system forgets or counts anew:
    /// that says nothing of what was moved.
    Sum,
}

/// The counters of all UIDs at one moment, in the order of the UIDs, each once.
///
/// Kept and filled anew for the next reading, it allocates nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Totals {
    rows: Vec<UidBytes>,
    width: CounterWidth,
    complete: bool,
}

impl Totals {
    /// The most UIDs that are kept; Android has at most some thousands.
    pub const MAX_UIDS: usize = 65_536;

    /// No UID's counters.
    pub const fn new(width: CounterWidth) -> Self {
        Self {
            rows: Vec::new(),
            width,
            complete: true,
        }
    }

    /// What a phone's own interfaces tell (Android's traffic statistics): sums since a beginning
    /// that stays the same from one reading to the next. Several entries of one UID are added up.
    pub fn from_feed(rows: Vec<UidBytes>) -> Self {
        let mut totals = Self {
            rows,
            width: CounterWidth::Sum,
            complete: true,
        };
        totals.order();
        totals
    }

    /// The counters by UID, in order.
    pub fn rows(&self) -> &[UidBytes] {
        &self.rows
    }

    /// Where the counters begin again.
    pub const fn width(&self) -> CounterWidth {
        self.width
    }

    /// Whether a UID that is not in here has certainly moved nothing.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// A part could not be read: an absent UID says nothing.
    pub const fn mark_incomplete(&mut self) {
        self.complete = false;
    }

    /// Forgets the reading before, keeps the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.complete = true;
    }

    /// Adds counters of one UID. [`Totals::order`] must follow the last.
    pub fn push(&mut self, row: UidBytes) {
        // Rows of one UID are merged before the bound is met by rows of many.
        if self.rows.len() >= 2 * Self::MAX_UIDS {
            self.order();
        }
        self.rows.push(row);
    }

    /// Puts the UIDs in order and adds up what belongs to the same.
    pub fn order(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup_by(|row, kept| {
            let same = row.uid == kept.uid;
            if same {
                kept.received = kept.received.saturating_add(row.received);
                kept.sent = kept.sent.saturating_add(row.sent);
            }
            same
        });
        if self.rows.len() > Self::MAX_UIDS {
            self.rows.truncate(Self::MAX_UIDS);
            self.complete = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(uid: u32, received: u64, sent: u64) -> UidBytes {
        UidBytes {
            uid: Uid::new(uid),
            received,
            sent,
        }
    }

    #[test]
    fn entries_of_one_uid_are_added_up_in_order() {
        let totals = Totals::from_feed(vec![row(10_087, 5, 1), row(0, 7, 7), row(10_087, 1, 2)]);
        assert_eq!(totals.rows(), [row(0, 7, 7), row(10_087, 6, 3)]);
        let totals = Totals::from_feed(vec![row(1, u64::MAX, 0), row(1, 1, 0)]);
        assert_eq!(totals.rows(), [row(1, u64::MAX, 0)]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "600,000 rows take minutes there")]
    fn too_many_uids_are_a_bounded_and_incomplete_reading() {
        let mut totals = Totals::new(CounterWidth::Bits64);
        for uid in 0..300_000 {
            totals.push(row(uid, 1, 1));
        }
        totals.order();
        assert_eq!(totals.rows().len(), Totals::MAX_UIDS);
        assert!(!totals.is_complete());
        totals.clear();
        for _ in 0..300_000 {
            totals.push(row(7, 1, 2));
        }
        totals.order();
        assert_eq!(totals.rows(), [row(7, 300_000, 600_000)]);
        assert!(totals.is_complete());
    }
}
