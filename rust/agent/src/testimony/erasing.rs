//! "Erase everything".

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use portlog_journal::store::RedbStore;
use portlog_journal::{Error as JournalError, FolderVault, Vault as _};

use super::store::{Files, list, named};
use crate::Error;

/// Removes the journal in `folder`: rows, keys, state, and what was set aside. Seeds are overwritten
/// first, which flash need not obey. What Portlog did not put there stays.
///
/// [`Error::JournalInUse`] while a watch holds it, [`Error::NoJournal`] where there is nothing.
pub fn erase(folder: &Path) -> Result<(), Error> {
    let files = Files::in_folder(folder);
    let store = files.store();
    let aside = files.set_aside()?;
    if !store.exists() && aside.is_empty() && !files.keys().exists() {
        return Err(Error::NoJournal {
            folder: folder.to_owned(),
        });
    }
    // Held until the file is gone: nobody else may write into it meanwhile.
    let _held = match store.exists().then(|| RedbStore::open(&store)) {
        Some(Err(error @ JournalError::InUse)) => return Err(named(folder, error)),
        held => held,
    };
    let mut seeds = FolderVault::new(files.keys());
    for epoch in files.seeds()? {
        seeds.erase(epoch).map_err(|error| named(folder, error))?;
    }
    remove_all(&list(&files.keys())?)?;
    remove_all(&aside)?;
    remove_all(&[store, files.exported()])?;
    remove_all(&list(&files.state())?)?;
    let control = folder.join("control");
    if fs::symlink_metadata(&control).is_ok_and(|about| about.file_type().is_socket()) {
        remove_all(&[control])?;
    }
    for folder in [files.keys(), files.state(), folder.to_owned()] {
        // One with something else in it stays.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

fn remove_all(paths: &[impl AsRef<Path>]) -> Result<(), Error> {
    for path in paths {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Write {
                    path: path.as_ref().to_owned(),
                    source: error,
                });
            }
            _ => {}
        }
    }
    Ok(())
}
