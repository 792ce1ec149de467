//! What a journal is like, in one look.

use portlog_journal::entry::{Kind, read_moment};
use portlog_journal::store::{RedbSnapshot, Snapshot as _};
use portlog_journal::{Checkpoint, Error as JournalError, Origin, PublicKey};
use portlog_model::WallTime;
use serde::{Deserialize, Serialize};

use super::pruning::pruned_below;
use super::store::Files;
use crate::Error;
use crate::files::{read_bounded, write_atomic};

/// What a journal is like.
#[derive(Clone, Debug)]
pub struct Status {
    /// The log's name.
    pub origin: Origin,
    /// Its first key.
    pub first: PublicKey,
    /// The state: origin, size, root.
    pub checkpoint: Checkpoint,
    /// The current epoch's number.
    pub epoch: u32,
    /// How many epochs there are.
    pub epochs: usize,
    /// Bytes on disk.
    pub bytes: u64,
    /// When the first entry was written.
    pub begun: Option<WallTime>,
    /// When the latest entry was written.
    pub latest: Option<WallTime>,
    /// Rows below this index were pruned, but those that a log is not understood without.
    pub pruned_below: u64,
    /// Sizes of checkpoints that left the phone, ascending.
    pub kept: Vec<u64>,
    /// The newest state that a witness signed.
    pub witnessed: Option<LastWitnessed>,
    /// The latest export.
    pub exported: Option<LastExport>,
}

/// The newest state that a witness signed, and who it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastWitnessed {
    /// The witness's name.
    pub name: String,
    /// The size of the checkpoint that it signed.
    pub size: u64,
    /// When its answer was taken in; where that entry is gone, when it was signed by its own clock.
    pub time: Option<WallTime>,
}

/// The latest export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastExport {
    /// The size of the log then.
    pub size: u64,
    /// When.
    pub time: WallTime,
}

impl Status {
    pub(super) fn of(snapshot: &RedbSnapshot, files: &Files) -> Result<Self, JournalError> {
        let note = snapshot.latest_checkpoint()?.ok_or(JournalError::Empty)?;
        let checkpoint = note.checkpoint().clone();
        let epochs = snapshot.epoch_entries()?;
        let first = snapshot
            .get(0)?
            .and_then(|row| PublicKey::parse(row.value("vkey")?).ok())
            .ok_or_else(|| JournalError::Damaged("its first key".into()))?;
        let size = checkpoint.size;
        let kept = snapshot.kept()?;
        Ok(Self {
            origin: checkpoint.origin.clone(),
            first,
            epoch: u32::try_from(epochs.len().saturating_sub(1)).unwrap_or(u32::MAX),
            epochs: epochs.len(),
            bytes: std::fs::metadata(files.store()).map_or(0, |about| about.len()),
            begun: time_of(snapshot, 0)?,
            latest: time_of(snapshot, size.saturating_sub(1))?,
            pruned_below: pruned_below(snapshot, size)?,
            witnessed: last_witnessed(snapshot, &kept, size)?,
            exported: LastExport::read(files),
            kept,
            checkpoint,
        })
    }
}

fn time_of(snapshot: &RedbSnapshot, index: u64) -> Result<Option<WallTime>, JournalError> {
    let row = snapshot.get(index)?;
    let time = row.and_then(|row| row.value("time").and_then(read_moment));
    Ok(time.map(|(time, _)| time))
}

/// Entries behind a witnessed state among which the one that took its answer in is looked for.
const ANSWERED_WITHIN: u64 = 65_536;

/// The newest state that a witness signed: a kept one with a line that is not the log's own, which was
/// checked when it was taken in. When that was, an entry behind the state says; where that was pruned, or
/// is far away, the line itself says when it was signed.
fn last_witnessed(
    snapshot: &RedbSnapshot,
    kept: &[u64],
    size: u64,
) -> Result<Option<LastWitnessed>, JournalError> {
    for kept in kept.iter().rev() {
        let Some(note) = snapshot.checkpoint(*kept)? else {
            continue;
        };
        let origin = note.checkpoint().origin.as_str();
        let mut lines = note.signatures().iter().rev();
        let Some(line) = lines.find(|line| line.name() != origin) else {
            continue;
        };
        let time = match taken_in(snapshot, *kept, line.name(), size)? {
            Some(time) => Some(time),
            None => line.cosigned_at().and_then(of_seconds),
        };
        return Ok(Some(LastWitnessed {
            name: line.name().to_owned(),
            size: *kept,
            time,
        }));
    }
    Ok(None)
}

/// When the answer of the witness called `name` to the state of size `kept` was taken in.
fn taken_in(
    snapshot: &RedbSnapshot,
    kept: u64,
    name: &str,
    size: u64,
) -> Result<Option<WallTime>, JournalError> {
    let end = size.min(kept.saturating_add(ANSWERED_WITHIN));
    for row in snapshot.rows(kept..end, |kind| kind == Kind::Witness) {
        let (_, row) = row?;
        let of = row.value("size").and_then(|size| size.parse().ok());
        if of == Some(kept) && row.value("name") == Some(name) {
            let time = row.value("time").and_then(read_moment);
            return Ok(time.map(|(time, _)| time));
        }
    }
    Ok(None)
}

fn of_seconds(seconds: u64) -> Option<WallTime> {
    let millis = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
    Some(WallTime::from_millis(millis))
}

/// The file that says when something was last exported. The log does not: whom it is shown to is its
/// owner's business.
#[derive(Deserialize, Serialize)]
struct ExportedFile {
    version: u64,
    size: u64,
    unix_millis: i64,
}

impl LastExport {
    const VERSION: u64 = 1;
    const MOST: u64 = 4_096;

    /// What the file says; `None` where it says nothing that is understood.
    fn read(files: &Files) -> Option<Self> {
        let bytes = read_bounded(&files.exported(), Self::MOST).ok()?;
        let file: ExportedFile = serde_json::from_slice(&bytes).ok()?;
        (file.version == Self::VERSION).then(|| Self {
            size: file.size,
            time: WallTime::from_millis(file.unix_millis),
        })
    }

    pub(super) fn write(self, files: &Files) -> Result<(), Error> {
        let path = files.exported();
        let file = ExportedFile {
            version: Self::VERSION,
            size: self.size,
            unix_millis: self.time.as_millis(),
        };
        let bytes = serde_json::to_vec(&file).map_err(|error| Error::Write {
            path: path.clone(),
            source: error.into(),
        })?;
        write_atomic(&path, &bytes)
    }
}
