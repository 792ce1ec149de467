//! Reports that other programs made, as captures: a phone without Portlog can be looked at once.
//!
//! A bug report (`adb bugreport`, or the developer options' "Take bug report") is made by `dumpstate`,
//! which may ask the kernel for what the shell and apps may not. It has the sockets of the moment twice,
//! as `ss` and as `netstat` print them, and the package manager's dump, so that UIDs have names. An
//! androidqf acquisition holds such a report among other things; without one it has no sockets, and that is
//! said.
//!
//! It is one look, by somebody else's program: whatever comes of it carries provenance `import`. Sections
//! of a report are some seconds apart; a socket that stands in either of them is shown once, and none is
//! ever concluded to be closed.

mod acquisition;
mod dumpstate;
mod error;
mod listing;
mod source;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use portlog_model::Moment;
use portlog_owners::PackageList;
use portlog_sockets::Batch;
use zip::ZipArchive;

use crate::DeviceFacts;

pub use error::Error;
pub use source::ImportSource;

/// What a report says of a phone at one time.
#[derive(Clone, Debug)]
pub struct Import {
    /// When it was made, by the phone's clocks. Time since boot is 0 where it does not say.
    pub at: Moment,
    /// Sockets, and what can be said of each table.
    pub batch: Batch,
    /// Its packages, where it tells them.
    pub packages: Option<PackageList>,
    /// What the phone is.
    pub device: DeviceFacts,
    /// What else there is to know of it, in words for people: a time zone that is not known, a section
    /// that was refused.
    pub remarks: Vec<String>,
}

impl Import {
    /// More text than this is not read. A long-used phone's report has some 200 MB.
    pub const MAX_TEXT: u64 = 2 << 30;

    /// Reads a bug report (`bugreport-….zip`, or its text) or the folder of an androidqf acquisition.
    /// Which it is is recognised by content.
    ///
    /// An error is a file that cannot be read, or is none of these.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut import = if path.is_dir() {
            acquisition::read(path)?
        } else {
            report(path)?
        };
        if import.packages.is_none() {
            let remark = "the report has no dump of the package manager";
            import.remarks.push(remark.to_owned());
        }
        Ok(import)
    }

    /// The text of a bug report; `None` for what is none.
    pub fn from_text(text: impl BufRead) -> io::Result<Option<Self>> {
        Ok(dumpstate::read(text.take(Self::MAX_TEXT))?.into_import())
    }
}

/// A bug report, packed or not.
fn report(path: &Path) -> Result<Import, Error> {
    let mut file = File::open(path).map_err(Error::reading(path))?;
    let mut first = [0; 4];
    let length = file.read(&mut first).map_err(Error::reading(path))?;
    file.rewind().map_err(Error::reading(path))?;
    match first.get(..length).unwrap_or_default() {
        b"PK\x03\x04" => zipped(path, file),
        [0x1f, 0x8b, ..] => Err(Error::Packed {
            path: path.to_owned(),
        }),
        _ => text(path, BufReader::with_capacity(1 << 16, file)),
    }
}

/// The report in a zip, as dumpstate packs it.
fn zipped(path: &Path, file: File) -> Result<Import, Error> {
    let bad = |source| Error::Zip {
        path: path.to_owned(),
        source,
    };
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(bad)?;
    let Some(name) = main_entry(&mut archive) else {
        let mut names = archive.file_names().filter_map(Result::ok);
        return Err(if names.any(|name| acquisition::is_its_record(&name)) {
            Error::PackedAcquisition {
                path: path.to_owned(),
            }
        } else {
            Error::NoReport {
                path: path.to_owned(),
            }
        });
    };
    let entry = archive.by_name(&name).map_err(bad)?;
    text(path, BufReader::with_capacity(1 << 16, entry))
}

/// The name of the report's text: `main_entry.txt` says it on Android 7 and later; before, it is the
/// longest text whose name begins like one.
fn main_entry(archive: &mut ZipArchive<impl Read + Seek>) -> Option<String> {
    const LONGEST_NAME: u64 = 1_024;
    let mut told = String::new();
    let read = archive
        .by_name("main_entry.txt")
        .map(|entry| entry.take(LONGEST_NAME).read_to_string(&mut told));
    let told = told.trim();
    if matches!(read, Ok(Ok(_))) && archive.index_for_name(told).is_some() {
        return Some(told.to_owned());
    }
    let mut found: Option<(u64, String)> = None;
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(index) else {
            continue;
        };
        let Ok(name) = entry.name() else { continue };
        let base = name
            .rsplit('/')
            .next()
            .unwrap_or(&name)
            .to_ascii_lowercase();
        let is_text = Path::new(&base).extension().is_some_and(|end| end == "txt");
        let begins = base.starts_with("bugreport") || base.starts_with("dumpstate");
        let is_longer = found.as_ref().is_none_or(|(size, _)| entry.size() > *size);
        if is_text && begins && is_longer {
            found = Some((entry.size(), name.into_owned()));
        }
    }
    found.map(|(_, name)| name)
}

fn text(path: &Path, from: impl BufRead) -> Result<Import, Error> {
    let import = Import::from_text(from).map_err(Error::reading(path))?;
    import.ok_or_else(|| Error::NoReport {
        path: path.to_owned(),
    })
}
