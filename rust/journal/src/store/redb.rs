//! The store on redb: one file, two-phase commits.
//!
//! Two phases, because host names in rows are chosen by others and redb's checksum resists accidents,
//! not intent; a commit in one phase relies on it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ::redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase,
    ReadableTable, StorageBackend, TableDefinition, backends::InMemoryBackend,
};

use super::codec::RowError;
use super::{Batch, Row, Snapshot, SnapshotNodes, Store};
use crate::digest::Hash;
use crate::entry::Kind;
use crate::error::Error;
use crate::note::Note;
use crate::tree::{Frontier, Node, stored_count};

const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");
const NODES: TableDefinition<'_, u64, [u8; 32]> = TableDefinition::new("nodes");
const CHECKPOINTS: TableDefinition<'_, u64, &str> = TableDefinition::new("checkpoints");
/// Sizes of checkpoints that left the phone.
const KEPT: TableDefinition<'_, u64, ()> = TableDefinition::new("kept");
/// Epoch to the index of its entry.
const EPOCHS: TableDefinition<'_, u32, u64> = TableDefinition::new("epochs");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// The version of the tables.
const FORMAT: u64 = 1;

/// Memory for pages. A phone has little, and a log is written at its end and read seldom.
const CACHE: usize = 4 << 20;

/// A log in a file of redb.
pub struct RedbStore {
    database: Database,
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Opens the store at `path`, or makes an empty one that its owner alone may read.
    ///
    /// [`Error::InUse`] where another process has it, [`Error::Damaged`] where it is not what it was
    /// when it was last written; then it is left as it is.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|error| Error::Store(Box::new(error.into())))?;
        Self::new(|| builder().create_file(file))
    }

    /// A store in memory, or wherever `backend` writes.
    pub fn with_backend(backend: impl StorageBackend) -> Result<Self, Error> {
        Self::new(|| builder().create_with_backend(backend))
    }

    /// A store that is gone when it is dropped.
    pub fn in_memory() -> Result<Self, Error> {
        Self::with_backend(InMemoryBackend::new())
    }

    /// Moves a damaged store out of the way, whole: it is evidence. Gives its new place, which ends
    /// in `.damaged-1` or the next number that is free.
    pub fn set_aside(path: &Path) -> Result<PathBuf, Error> {
        for number in 1..10_000 {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".damaged-{number}"));
            let aside = PathBuf::from(name);
            if !aside.try_exists().map_err(Error::Write)? {
                fs::rename(path, &aside).map_err(Error::Write)?;
                return Ok(aside);
            }
        }
        Err(Error::Damaged(
            "too many damaged files stand beside it".into(),
        ))
    }

    fn new(open: impl FnOnce() -> Result<Database, DatabaseError>) -> Result<Self, Error> {
        guarded(|| {
            let store = Self {
                database: open().map_err(|error| database_error(error.into()))?,
            };
            store.snapshot()?.check()?;
            Ok(store)
        })
    }

    fn commit(&self, write: impl FnOnce(&Tables<'_>) -> Result<(), Error>) -> Result<(), Error> {
        guarded(|| {
            let mut transaction = self
                .database
                .begin_write()
                .map_err(|error| database_error(error.into()))?;
            transaction.set_two_phase_commit(true);
            write(&Tables(&transaction))?;
            transaction
                .commit()
                .map_err(|error| database_error(error.into()))
        })
    }
}

/// A log in a file that may only be read.
pub struct ReadOnlyStore {
    database: ReadOnlyDatabase,
}

impl fmt::Debug for ReadOnlyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOnlyStore").finish_non_exhaustive()
    }
}

impl ReadOnlyStore {
    /// Opens the store at `path` without writing to it.
    ///
    /// [`Error::InUse`] where a process writes it. A store whose process was killed has to be opened
    /// to be written once ([`Error::Store`]).
    pub fn open(path: &Path) -> Result<Self, Error> {
        guarded(|| {
            let database = builder()
                .open_read_only(path)
                .map_err(|error| match error {
                    DatabaseError::RepairAborted => Error::Store(Box::new(error.into())),
                    error => database_error(error.into()),
                })?;
            let store = Self { database };
            store.snapshot()?.check()?;
            Ok(store)
        })
    }

    /// Its state, which lives as long as the store does.
    pub fn snapshot(&self) -> Result<RedbSnapshot, Error> {
        guarded(|| RedbSnapshot::of(&self.database))
    }
}

/// The tables of one writing transaction.
struct Tables<'a>(&'a ::redb::WriteTransaction);

impl Tables<'_> {
    fn append(&self, batch: &Batch) -> Result<(), Error> {
        let mut rows = self.0.open_table(ROWS).map_err(redb_error)?;
        let mut nodes = self.0.open_table(NODES).map_err(redb_error)?;
        self.0
            .open_table(META)
            .map_err(redb_error)?
            .insert("format", FORMAT)
            .map_err(redb_error)?;
        let end = last_key(&nodes)?.map_or(0, |index| index.saturating_add(1));
        if end != stored_count(batch.first) {
            return Err(Error::OutOfStep);
        }
        for (index, row) in (batch.first..).zip(&batch.rows) {
            rows.insert(index, row.encode().as_slice())
                .map_err(redb_error)?;
        }
        for (index, node) in (end..).zip(&batch.nodes) {
            nodes.insert(index, *node.as_bytes()).map_err(redb_error)?;
        }
        if let Some(below) = batch.prune_below {
            rows.retain_in(0..below, |_, row| {
                Row::decode(row).map_or(true, |row| row.kind.stays())
            })
            .map_err(redb_error)?;
        }
        self.checkpoint(batch)
    }

    /// Puts the new checkpoint in place of the one before, unless that is kept.
    fn checkpoint(&self, batch: &Batch) -> Result<(), Error> {
        let mut checkpoints = self.0.open_table(CHECKPOINTS).map_err(redb_error)?;
        let mut epochs = self.0.open_table(EPOCHS).map_err(redb_error)?;
        let kept = self.0.open_table(KEPT).map_err(redb_error)?;
        let size = batch.checkpoint.checkpoint().size;
        if let Some(before) = last_key(&checkpoints)? {
            let boundary = epochs
                .last()
                .map_err(redb_error)?
                .is_some_and(|(_, entry)| entry.value().saturating_add(1) == before);
            if !boundary && kept.get(before).map_err(redb_error)?.is_none() {
                checkpoints.remove(before).map_err(redb_error)?;
            }
        }
        checkpoints
            .insert(size, batch.checkpoint.to_string().as_str())
            .map_err(redb_error)?;
        if let Some(epoch) = batch.epoch {
            epochs
                .insert(epoch, size.saturating_sub(1))
                .map_err(redb_error)?;
        }
        Ok(())
    }

    fn keep(&self, note: &Note) -> Result<(), Error> {
        let size = note.checkpoint().size;
        self.0
            .open_table(CHECKPOINTS)
            .map_err(redb_error)?
            .insert(size, note.to_string().as_str())
            .map_err(redb_error)?;
        self.0
            .open_table(KEPT)
            .map_err(redb_error)?
            .insert(size, ())
            .map_err(redb_error)?;
        Ok(())
    }
}

impl Store for RedbStore {
    type Snapshot = RedbSnapshot;

    fn append_batch(&mut self, batch: &Batch) -> Result<(), Error> {
        self.commit(|tables| tables.append(batch))
    }

    fn keep(&mut self, note: &Note) -> Result<(), Error> {
        let latest = self.snapshot()?.latest_checkpoint()?;
        if latest.is_none_or(|latest| latest.checkpoint().size < note.checkpoint().size) {
            return Err(Error::OutOfStep);
        }
        self.commit(|tables| tables.keep(note))
    }

    fn snapshot(&self) -> Result<RedbSnapshot, Error> {
        guarded(|| RedbSnapshot::of(&self.database))
    }
}

/// One state of a [`RedbStore`].
pub struct RedbSnapshot(Option<Open>);

struct Open {
    rows: ReadOnlyTable<u64, &'static [u8]>,
    nodes: ReadOnlyTable<u64, [u8; 32]>,
    checkpoints: ReadOnlyTable<u64, &'static str>,
    epochs: ReadOnlyTable<u32, u64>,
    meta: ReadOnlyTable<&'static str, u64>,
    kept: Option<ReadOnlyTable<u64, ()>>,
}

impl fmt::Debug for RedbSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbSnapshot").finish_non_exhaustive()
    }
}

impl RedbSnapshot {
    fn of(database: &impl ReadableDatabase) -> Result<Self, Error> {
        let transaction = database
            .begin_read()
            .map_err(|error| database_error(error.into()))?;
        let empty = transaction
            .list_tables()
            .map_err(redb_error)?
            .next()
            .is_none();
        if empty {
            return Ok(RedbSnapshot(None));
        }
        let kept = match transaction.open_table(KEPT) {
            Ok(kept) => Some(kept),
            Err(::redb::TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(redb_error(error)),
        };
        Ok(RedbSnapshot(Some(Open {
            rows: transaction.open_table(ROWS).map_err(redb_error)?,
            nodes: transaction.open_table(NODES).map_err(redb_error)?,
            checkpoints: transaction.open_table(CHECKPOINTS).map_err(redb_error)?,
            epochs: transaction.open_table(EPOCHS).map_err(redb_error)?,
            meta: transaction.open_table(META).map_err(redb_error)?,
            kept,
        })))
    }

    /// Whether the tree's nodes give the root that was signed last, and nothing is missing or too much
    /// behind it.
    fn check(&self) -> Result<(), Error> {
        if let Some(format) = self.format()?
            && format != FORMAT
        {
            return Err(if format > FORMAT {
                Error::NewerStore(format)
            } else {
                damaged("its version")
            });
        }
        let size = match self.latest_checkpoint()? {
            Some(note) => {
                let checkpoint = note.checkpoint();
                let frontier = Frontier::at(checkpoint.size, &SnapshotNodes(self))?;
                if frontier.root() != Some(checkpoint.root) {
                    return Err(damaged("its tree is not the one that was signed"));
                }
                checkpoint.size
            }
            None => 0,
        };
        let last_row = self.last_row()?.map_or(0, |index| index.saturating_add(1));
        let last_node = self.last_node()?.map_or(0, |index| index.saturating_add(1));
        if last_row > size || last_node != stored_count(size) {
            return Err(damaged("it has more or less than was signed"));
        }
        Ok(())
    }

    fn format(&self) -> Result<Option<u64>, Error> {
        let Some(open) = &self.0 else {
            return Ok(None);
        };
        let format = open.meta.get("format").map_err(redb_error)?;
        Ok(format.map(|format| format.value()))
    }

    fn last_row(&self) -> Result<Option<u64>, Error> {
        self.0
            .as_ref()
            .map_or(Ok(None), |open| last_key(&open.rows))
    }

    fn last_node(&self) -> Result<Option<u64>, Error> {
        self.0
            .as_ref()
            .map_or(Ok(None), |open| last_key(&open.nodes))
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&self, index: u64) -> Result<Option<Row>, Error> {
        guarded(|| {
            let Some(open) = &self.0 else {
                return Ok(None);
            };
            let row = open.rows.get(index).map_err(redb_error)?;
            row.map(|row| Row::decode(row.value()))
                .transpose()
                .map_err(|error| row_error(index, error))
        })
    }

    fn rows(
        &self,
        range: Range<u64>,
        of: impl Fn(Kind) -> bool,
    ) -> impl Iterator<Item = Result<(u64, Row), Error>> {
        let rows = guarded(|| match &self.0 {
            Some(open) => open.rows.range(range).map(Some).map_err(redb_error),
            None => Ok(None),
        });
        Rows { rows, of }
    }

    fn node(&self, node: Node) -> Result<Hash, Error> {
        guarded(|| {
            let missing = || damaged(format!("node {} of level {}", node.index, node.level));
            let open = self.0.as_ref().ok_or_else(missing)?;
            let hash = open.nodes.get(node.stored()).map_err(redb_error)?;
            hash.map(|hash| Hash::new(hash.value())).ok_or_else(missing)
        })
    }

    fn latest_checkpoint(&self) -> Result<Option<Note>, Error> {
        let Some(open) = &self.0 else {
            return Ok(None);
        };
        match last_key(&open.checkpoints)? {
            Some(size) => self.checkpoint(size),
            None => Ok(None),
        }
    }

    fn checkpoint(&self, size: u64) -> Result<Option<Note>, Error> {
        guarded(|| {
            let Some(open) = &self.0 else {
                return Ok(None);
            };
            let Some(text) = open.checkpoints.get(size).map_err(redb_error)? else {
                return Ok(None);
            };
            match Note::parse(text.value()) {
                Ok(note) if note.checkpoint().size == size => Ok(Some(note)),
                _ => Err(damaged(format!("the checkpoint of size {size}"))),
            }
        })
    }

    fn kept(&self) -> Result<Vec<u64>, Error> {
        guarded(|| {
            let Some(kept) = self.0.as_ref().and_then(|open| open.kept.as_ref()) else {
                return Ok(Vec::new());
            };
            kept.iter()
                .map_err(redb_error)?
                .map(|entry| entry.map(|(size, _)| size.value()).map_err(redb_error))
                .collect()
        })
    }

    fn epoch_entries(&self) -> Result<Vec<u64>, Error> {
        guarded(|| {
            let Some(open) = &self.0 else {
                return Ok(Vec::new());
            };
            let mut entries = Vec::new();
            for entry in open.epochs.iter().map_err(redb_error)? {
                let (epoch, index) = entry.map_err(redb_error)?;
                if usize::try_from(epoch.value()) != Ok(entries.len()) {
                    return Err(damaged(format!("epoch {}", epoch.value())));
                }
                entries.push(index.value());
            }
            Ok(entries)
        })
    }
}

/// Rows of a range, as far as they were read.
struct Rows<'a, F> {
    rows: Result<Option<::redb::Range<'a, u64, &'static [u8]>>, Error>,
    of: F,
}

impl<F: Fn(Kind) -> bool> Iterator for Rows<'_, F> {
    type Item = Result<(u64, Row), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { rows, of } = self;
        match std::mem::replace(rows, Ok(None)) {
            Ok(None) => None,
            Ok(Some(mut left)) => {
                let found = guarded(|| next_row(&mut left, &*of));
                if found.is_ok() {
                    *rows = Ok(Some(left));
                }
                found.transpose()
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The next row of a kind that `of` says yes to.
fn next_row(
    rows: &mut ::redb::Range<'_, u64, &'static [u8]>,
    of: impl Fn(Kind) -> bool,
) -> Result<Option<(u64, Row)>, Error> {
    for row in rows {
        let (index, row) = row.map_err(redb_error)?;
        let (index, row) = (index.value(), row.value());
        let fault = |error| row_error(index, error);
        if of(Row::kind_of(row).map_err(fault)?) {
            return Ok(Some((index, Row::decode(row).map_err(fault)?)));
        }
    }
    Ok(None)
}

fn row_error(index: u64, error: RowError) -> Error {
    match error {
        RowError::Damaged => damaged(format!("row {index}")),
        RowError::Newer(version) => Error::NewerStore(u64::from(version)),
    }
}

fn last_key<V: ::redb::Value + 'static>(
    table: &impl ReadableTable<u64, V>,
) -> Result<Option<u64>, Error> {
    let last = table.last().map_err(redb_error)?;
    Ok(last.map(|(key, _)| key.value()))
}

/// Runs `what` on a database whose file may be damaged: redb gives up on some damage by a panic.
fn guarded<T>(what: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(what))
        .unwrap_or_else(|_| Err(damaged("the database could make nothing of its file")))
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

fn damaged(what: impl Into<String>) -> Error {
    Error::Damaged(what.into())
}

fn redb_error(error: impl Into<::redb::Error>) -> Error {
    database_error(error.into())
}

fn database_error(error: ::redb::Error) -> Error {
    use ::redb::Error as E;
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};

    match error {
        E::DatabaseAlreadyOpen => Error::InUse,
        E::Corrupted(what) => Error::Damaged(what),
        // How redb says that a file is none of its own, or ends too early.
        E::Io(error) if matches!(error.kind(), InvalidData | UnexpectedEof) => {
            Error::Damaged(error.to_string())
        }
        E::UpgradeRequired(_)
        | E::RepairAborted
        | E::TableTypeMismatch { .. }
        | E::TableIsMultimap(_)
        | E::TableDoesNotExist(_)
        | E::TypeDefinitionChanged { .. } => Error::Damaged(error.to_string()),
        other => Error::Store(Box::new(other)),
    }
}
