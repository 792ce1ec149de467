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

/// Reads and parses a list; its name is the file's name, its date the file's where it tells none.
pub fn read_list(path: &Path, category: Option<Category>) -> Result<ParsedList, Error> {
    let bytes = read_bounded(path, MAX_LIST_BYTES)?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    List::parse(&name, category, modified(path), &bytes).map_err(|source| Error::List {
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
