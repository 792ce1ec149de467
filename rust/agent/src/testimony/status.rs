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
    /// The latest witness.
    pub witnessed: Option<LastWitnessed>,
    /// The latest export.
    pub exported: Option<LastExport>,
}

/// The latest time that a witness signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastWitnessed {
    /// The witness's name.
    pub name: String,
    /// The size of the checkpoint that it signed.
    pub size: u64,
    /// When its answer was taken in.
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

/// The latest `witness` entry. It stands behind the state that was witnessed, which is a kept one with a
/// line that is not the log's own: without one, no row is read.
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
        if note.signatures().iter().all(|line| line.name() == origin) {
            continue;
        }
        for index in (*kept..size).rev() {
            let Some(row) = snapshot.get(index)?.filter(|row| row.kind == Kind::Witness) else {
                continue;
            };
            let size = row.value("size").and_then(|size| size.parse().ok());
            return Ok(Some(LastWitnessed {
                name: row.value("name").unwrap_or_default().to_owned(),
                size: size.unwrap_or_default(),
                time: row
                    .value("time")
                    .and_then(read_moment)
                    .map(|(time, _)| time),
            }));
        }
    }
    Ok(None)
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
