//! How long rows are kept.

use std::time::Duration;

use portlog_model::WallTime;

use crate::entry::read_moment;
use crate::error::Error;
use crate::store::Snapshot;

/// How long rows are kept, and how many bytes a store may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention {
    /// Rows older than this go.
    pub age: Duration,
    /// If the store has more bytes than this, the older half of its rows goes.
    pub bytes: u64,
}

impl Default for Retention {
    /// 90 days, 200 MiB.
    fn default() -> Self {
        Self {
            age: Duration::from_hours(90 * 24),
            bytes: 200 << 20,
        }
    }
}

/// What is due to be deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
    /// Rows below this index.
    pub below: u64,
    /// The word for why, in the `prune` entry.
    pub reason: &'static str,
}

impl Retention {
    /// What is due at `now` in a store of `bytes` bytes; `None` where nothing is.
    ///
    /// Rows count as old only up to the first one that is not: a clock that was set back makes
    /// rows stay longer, never go sooner. A file does not shrink when rows go; its room is used again.
    pub fn due<S: Snapshot>(
        &self,
        snapshot: &S,
        now: WallTime,
        bytes: u64,
    ) -> Result<Option<Due>, Error> {
        let Some(note) = snapshot.latest_checkpoint()? else {
            return Ok(None);
        };
        let size = note.checkpoint().size;
        let (mut below, mut there) = (None, Vec::new());
        for row in snapshot.rows(0..size, |kind| !kind.stays()) {
            let (index, row) = row?;
            there.push(index);
            let time = row.value("time").and_then(read_moment);
            let old = time.is_some_and(|(time, _)| now.since(time) > self.age);
            if !old && below.is_none() {
                below = Some(index);
            }
        }
        let first = there.first().copied();
        if bytes > self.bytes
            && let Some(middle) = there.get(there.len() / 2)
            && first < Some(*middle)
        {
            let reason = "size";
            return Ok(Some(Due {
                below: *middle,
                reason,
            }));
        }
        let below = below.unwrap_or(size);
        let reason = "age";
        Ok(first
            .filter(|first| *first < below)
            .map(|_| Due { below, reason }))
    }
}
