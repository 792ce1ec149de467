//! Lists and package lists from files that a user names.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use portlog_blocklist::{List, ParsedList};
use portlog_model::{Category, WallTime};
use portlog_owners::PackageList;

use crate::Error;
use crate::files::read_bounded;

/// The largest list file that is read whole, in bytes.
const MAX_LIST_BYTES: u64 = 512 << 20;

/// A list's file, not yet read as a list: it may be packed.
#[derive(Debug)]
pub struct ListFile {
    /// Its name, without the folder.
    pub name: String,
    /// Its date, where the file system tells one.
    pub modified: Option<WallTime>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a list's file, of at most 512 MiB.
pub fn read_list_file(path: &Path) -> Result<ListFile, Error> {
    Ok(ListFile {
        name: path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
        modified: modified(path),
        bytes: read_bounded(path, MAX_LIST_BYTES)?,
    })
}

/// Reads and parses a list; its name is the file's name, its date the file's where it tells none.
pub fn read_list(path: &Path, category: Option<Category>) -> Result<ParsedList, Error> {
    let file = read_list_file(path)?;
    List::parse(&file.name, category, file.modified, &file.bytes).map_err(|source| Error::List {
        path: path.to_owned(),
        source,
    })
}

/// Reads and parses a package list, whose form is recognised by its content.
pub fn read_packages(path: &Path) -> Result<PackageList, Error> {
    PackageList::read(path).map_err(|source| Error::Packages {
        path: path.to_owned(),
        source,
    })
}

fn modified(path: &Path) -> Option<WallTime> {
    let since_epoch = fs::metadata(path)
        .ok()?
        .modified()
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?;
    i64::try_from(since_epoch.as_millis())
        .ok()
        .map(WallTime::from_millis)
}
