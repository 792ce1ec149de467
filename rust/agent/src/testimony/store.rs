//! The files of a journal, and what the recorder's thread and its readers share of them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portlog_journal::store::{Batch, RedbSnapshot, RedbStore, Store};
use portlog_journal::{FolderVault, Note, SealedVault, Seed, Vault};

use super::Keys;
use crate::Error;

/// Where the files of a journal lie.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// The journal's folder.
    pub(super) folder: PathBuf,
}

impl Files {
    const STORE: &str = "journal.redb";
    const KEYS: &str = "keys";
    const STATE: &str = "state";
    const EXPORTED: &str = "exported.json";

    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(super) fn store(&self) -> PathBuf {
        self.folder.join(Self::STORE)
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.folder.join(Self::KEYS)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.join(Self::STATE)
    }

    pub(super) fn exported(&self) -> PathBuf {
        self.folder.join(Self::EXPORTED)
    }

    /// Makes the folders (0700) and the store's file (0600), so that what is wrong with them is said in
    /// the system's words before a database is asked.
    pub(super) fn make(&self) -> Result<(), Error> {
        for folder in [&self.folder, &self.keys()] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|source| Error::Write {
                    path: folder.clone(),
                    source,
                })?;
        }
        let path = self.store();
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map(drop)
            .map_err(|source| Error::Write { path, source })
    }

    /// Stores that were set aside, the newest first.
    pub(super) fn set_aside(&self) -> Result<Vec<PathBuf>, Error> {
        const MARK: &str = "journal.redb.damaged-";
        let mut aside: Vec<(u32, PathBuf)> = Vec::new();
        for path in list(&self.folder)? {
            let number = path
                .file_name()
                .and_then(|name| name.to_str()?.strip_prefix(MARK)?.parse().ok());
            aside.extend(number.map(|number| (number, path)));
        }
        aside.sort_unstable_by(|one, other| other.cmp(one));
        Ok(aside.into_iter().map(|(_, path)| path).collect())
    }

    /// The epochs whose seeds are there, sealed or not.
    pub(super) fn seeds(&self) -> Result<Vec<u32>, Error> {
        let epoch = |path: PathBuf| -> Option<u32> {
            let name = path.file_stem()?.to_str()?;
            name.strip_prefix("epoch-")?.parse().ok()
        };
        let mut epochs: Vec<u32> = list(&self.keys())?.into_iter().filter_map(epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        Ok(epochs)
    }
}

/// What lies in a folder; nothing where there is none.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
    }
}

/// A store that several hold and that can be opened anew under them. Its file stays in use until the
/// last of them is gone.
#[derive(Clone, Debug)]
pub(super) struct Slot(Arc<Mutex<Option<RedbStore>>>);

impl Slot {
    pub(super) fn new(store: RedbStore) -> Self {
        Self(Arc::new(Mutex::new(Some(store))))
    }

    /// Closes it, and opens what is at `path` in its place. Readers of the state before see an error.
    pub(super) fn reopen(&self, path: &Path) -> Result<(), portlog_journal::Error> {
        let mut store = self.lock();
        *store = None;
        *store = Some(RedbStore::open(path)?);
        Ok(())
    }

    /// Closes it for everyone.
    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<RedbStore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Slot {
    type Snapshot = RedbSnapshot;

    fn append_batch(&mut self, batch: &Batch) -> Result<(), portlog_journal::Error> {
        self.lock().as_mut().ok_or_else(closed)?.append_batch(batch)
    }

    fn keep(&mut self, note: &Note) -> Result<(), portlog_journal::Error> {
        self.lock().as_mut().ok_or_else(closed)?.keep(note)
    }

    fn snapshot(&self) -> Result<RedbSnapshot, portlog_journal::Error> {
        self.lock().as_ref().ok_or_else(closed)?.snapshot()
    }
}

fn closed() -> portlog_journal::Error {
    portlog_journal::Error::Write(io::Error::other("the store is closed"))
}

/// The vault that was chosen.
#[derive(Clone, Debug)]
pub(super) enum Keyring {
    Folder(FolderVault),
    Sealed(SealedVault),
}

impl Keyring {
    pub(super) fn new(folder: PathBuf, keys: &Keys) -> Self {
        match keys {
            Keys::Folder => Self::Folder(FolderVault::new(folder)),
            Keys::Sealed(key) => Self::Sealed(SealedVault::new(folder, key.clone())),
        }
    }
}

impl Vault for Keyring {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), portlog_journal::Error> {
        match self {
            Self::Folder(vault) => vault.save(epoch, seed),
            Self::Sealed(vault) => vault.save(epoch, seed),
        }
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, portlog_journal::Error> {
        match self {
            Self::Folder(vault) => vault.load(epoch),
            Self::Sealed(vault) => vault.load(epoch),
        }
    }

    fn erase(&mut self, epoch: u32) -> Result<(), portlog_journal::Error> {
        match self {
            Self::Folder(vault) => vault.erase(epoch),
            Self::Sealed(vault) => vault.erase(epoch),
        }
    }
}

/// What of the journal's own errors is better said with the folder's name.
pub(super) fn named(folder: &Path, error: portlog_journal::Error) -> Error {
    let folder = folder.to_owned();
    match error {
        portlog_journal::Error::InUse => Error::JournalInUse { folder },
        portlog_journal::Error::NewerStore(found) => Error::JournalNewer { folder, found },
        source => Error::Journal { folder, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_of_a_newer_version_is_refused_by_name() {
        let newer = portlog_journal::Error::NewerStore(7);
        let error = named(Path::new("/somewhere/journal"), newer);
        assert!(matches!(error, Error::JournalNewer { found: 7, .. }));
        let text = error.to_string();
        assert!(
            text.contains("/somewhere/journal") && text.contains('7'),
            "{text}"
        );
    }

    #[test]
    fn what_was_set_aside_is_found_the_newest_first_and_seeds_by_their_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        assert!(files.seeds().unwrap().is_empty() && files.set_aside().unwrap().is_empty());
        files.make().unwrap();
        for name in [
            "journal.redb.damaged-2",
            "journal.redb.damaged-10",
            "journal.redb.damaged-x",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        for name in ["epoch-12.seed", "epoch-3.sealed", "epoch-3.seed", "other"] {
            fs::write(files.keys().join(name), "").unwrap();
        }
        let aside = files.set_aside().unwrap();
        assert!(aside[0].ends_with("journal.redb.damaged-10"));
        assert_eq!(aside.len(), 2);
        assert_eq!(files.seeds().unwrap(), [3, 12]);
    }
}
