//! The folder of an androidqf acquisition: `acquisition.json`, `getprop.txt`, `dumpsys.txt`,
//! `packages.json` and, where it was made, `bugreport.zip`
//! (<https://github.com/mvt-project/androidqf>, `modules/`).

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::Path;

use portlog_model::{PackageName, Uid};
use portlog_owners::{Installer, PackageEntry, PackageFlags, PackageList};
use serde_json::Value as Json;

use super::dumpstate::{self, Properties};
use super::{Error, Import};

/// What such an acquisition has at its top.
const RECORD: &str = "acquisition.json";
/// More bytes of `packages.json` are not read: each file of each package has four digests and a
/// certificate there.
const MAX_PACKAGES: u64 = 256 << 20;
/// More bytes of `getprop.txt` are not read.
const MAX_PROPERTIES: u64 = 1 << 20;
/// More packages are not kept.
const MAX_ENTRIES: usize = PackageList::MAX_ENTRIES;

/// Whether a file of this name in an archive makes it an acquisition.
pub(super) fn is_its_record(name: &str) -> bool {
    name.rsplit('/').next() == Some(RECORD)
}

/// Reads the acquisition in `folder`.
pub(super) fn read(folder: &Path) -> Result<Import, Error> {
    if !folder.join(RECORD).is_file() {
        return Err(not_one(folder));
    }
    let report = folder.join("bugreport.zip");
    if !report.is_file() {
        return Err(Error::NoSockets {
            path: folder.to_owned(),
        });
    }
    let mut import = super::report(&report)?;
    if import.packages.is_none() {
        import.packages = match dumped(&folder.join("dumpsys.txt"))? {
            Some(packages) => Some(packages),
            None => listed(&folder.join("packages.json"))?,
        };
    }
    if import.device.model.is_empty() {
        let mut text = Vec::new();
        if let Ok(file) = File::open(folder.join("getprop.txt")) {
            // What cannot be read of it is not known.
            let _ = file.take(MAX_PROPERTIES).read_to_end(&mut text);
        }
        let kernel = import.device.kernel.clone();
        import.device = Properties::read(&text).device;
        import.device.kernel = kernel;
    }
    Ok(import)
}

/// Says what a folder is that has no record at its top.
fn not_one(folder: &Path) -> Error {
    let sealed = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .find(|entry| {
            Path::new(&entry.file_name())
                .extension()
                .is_some_and(|end| end == "age")
        });
    match sealed {
        Some(entry) => Error::Encrypted { path: entry.path() },
        None => Error::NoReport {
            path: folder.to_owned(),
        },
    }
}

/// The package manager's part of `dumpsys.txt`.
fn dumped(path: &Path) -> Result<Option<PackageList>, Error> {
    let Ok(file) = File::open(path) else {
        return Ok(None);
    };
    let text = BufReader::with_capacity(1 << 16, file.take(Import::MAX_TEXT));
    let packages = dumpstate::read_packages(text).map_err(Error::reading(path))?;
    Ok((!packages.is_empty()).then(|| PackageList::parse(&packages)))
}

/// `packages.json`: name, UID, installer, and the paths of the APKs.
fn listed(path: &Path) -> Result<Option<PackageList>, Error> {
    let Ok(file) = File::open(path) else {
        return Ok(None);
    };
    let damaged = |detail: String| Error::Damaged {
        path: path.to_owned(),
        detail,
    };
    let text = BufReader::new(file.take(MAX_PACKAGES));
    let packages: Json =
        serde_json::from_reader(text).map_err(|error| damaged(error.to_string()))?;
    let Some(packages) = packages.as_array() else {
        return Err(damaged("it is no list of packages".to_owned()));
    };
    let entries = packages
        .iter()
        .filter_map(entry)
        .take(MAX_ENTRIES)
        .collect();
    Ok(Some(PackageList::from_entries(entries)))
}

fn entry(package: &Json) -> Option<PackageEntry> {
    let word = |key: &str| package.get(key).and_then(Json::as_str);
    let flag = |key: &str| package.get(key).and_then(Json::as_bool).unwrap_or(false);
    let name = PackageName::new(word("name")?).ok()?;
    let uid = u32::try_from(package.get("uid")?.as_u64()?).ok()?;
    let mut entry = PackageEntry::new(name, Uid::new(uid));
    // `pm list packages -s` and `-3` divide the packages; a package in neither was not asked about.
    if flag("system") != flag("third_party") {
        entry.flags = Some(PackageFlags {
            system: flag("system"),
            updated_system: false,
        });
    }
    entry.source_path = package
        .pointer("/files/0/path")
        .and_then(Json::as_str)
        .map(Into::into);
    entry.installer = match word("installer") {
        None | Some("") => None,
        Some("null") => Some(Installer::None),
        Some(name) => PackageName::new(name).ok().map(Installer::Package),
    };
    Some(entry)
}
