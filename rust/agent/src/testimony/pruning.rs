//! When rows are due to go: asked every hour, so the answer "nothing" has to be cheap.

use portlog_journal::entry::read_moment;
use portlog_journal::store::{RedbSnapshot, Snapshot as _};
use portlog_journal::{Due, Error, Retention};
use portlog_model::WallTime;

/// What a row takes on disk at most, in bytes, with its share of the tree (docs/PERFORMANCE.md).
const ROW: u64 = 600;

/// What is due at `now` in a store whose file has `bytes` bytes.
///
/// The oldest row that can go is looked at first, and all of them only where it is due. A file does not
/// shrink when rows go, so what its rows take is bounded by their number too: else a file that was once
/// too large would have its rows halved every hour.
pub(super) fn due(
    retention: &Retention,
    snapshot: &RedbSnapshot,
    now: WallTime,
    bytes: u64,
) -> Result<Option<Due>, Error> {
    let Some(note) = snapshot.latest_checkpoint()? else {
        return Ok(None);
    };
    let size = note.checkpoint().size;
    let below = pruned_below(snapshot, size)?;
    let taken = bytes.min(size.saturating_sub(below).saturating_mul(ROW));
    let old = match oldest(snapshot, below, size)? {
        Some(time) => now.since(time) > retention.age,
        None => return Ok(None),
    };
    if !old && taken <= retention.bytes {
        return Ok(None);
    }
    retention.due(snapshot, now, taken)
}

/// Below which index rows are gone, but those that stay. Rows go from the oldest on, so this is found by
/// halving.
pub(super) fn pruned_below(snapshot: &RedbSnapshot, size: u64) -> Result<u64, Error> {
    let (mut gone, mut there) = (0, size);
    while gone < there {
        let middle = gone + (there - gone) / 2;
        // Rows that stay say nothing; the next one that could go does.
        let mut at = middle;
        let is_gone = loop {
            if at >= there {
                break false;
            }
            match snapshot.get(at)? {
                None => break true,
                Some(row) if !row.kind.stays() => break false,
                Some(_) => at += 1,
            }
        };
        if is_gone {
            gone = at + 1;
        } else {
            there = middle;
        }
    }
    Ok(gone)
}

/// The time of the oldest row that can go.
fn oldest(snapshot: &RedbSnapshot, below: u64, size: u64) -> Result<Option<WallTime>, Error> {
    for index in below..size {
        if let Some(row) = snapshot.get(index)?
            && !row.kind.stays()
        {
            return Ok(row
                .value("time")
                .and_then(read_moment)
                .map(|(time, _)| time));
        }
    }
    Ok(None)
}
