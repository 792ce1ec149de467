//! The history's file: a line that says what it is, then one record a line, in JSON.
//!
//! Records are appended; one with the number of an earlier one takes its place. When the file has
//! grown well past what is kept it is written anew, whole, and takes the old one's place at once. A
//! line that cannot be read costs itself and is counted: a kill tears at most the last one.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portlog_model::{Observed, Owner, WallTime};
use serde::{Deserialize, Serialize};

use super::record::{Record, What};
use crate::Error;
use crate::files::write_atomic;

/// The newest version of the file that this build reads and the one that it writes.
const VERSION: u64 = 1;
const FORMAT: &str = "portlog-history";
/// No file that this build writes comes near this: a longer one is none of ours.
const MAX_BYTES: u64 = 64 << 20;
/// No record that this build writes comes near this.
const MAX_LINE: u64 = 256 << 10;
/// Lines beyond the records kept, at which the file is written anew.
const MARGIN: usize = 8_000;
/// In the names of files that were put aside.
const ASIDE: &str = ".damaged-";
/// The same for its bytes.
const MUCH: u64 = 32 << 20;

/// The file, open for appending.
#[derive(Debug)]
pub(crate) struct HistoryFile {
    path: PathBuf,
    file: File,
    lines: usize,
    bytes: u64,
    /// The latest write failed in its middle: what comes next begins a new line.
    torn: bool,
}

/// What was found where the file should be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A history, be it an empty one, and how many of its lines could not be read.
    Usable(HistoryFile, u64),
    /// What was there is no history; it was put aside and a new one begun.
    SetAside(HistoryFile),
    /// A newer version wrote it: it is left alone.
    Newer,
    /// It cannot be read or begun.
    Refused(Error),
}

#[derive(Deserialize, Serialize)]
struct Header {
    format: String,
    version: u64,
}

impl HistoryFile {
    /// Opens the history in `folder`, gives each record to `each` in the order of its lines, and
    /// begins one where there is none.
    pub(crate) fn open(folder: &Path, now: WallTime, each: &mut dyn FnMut(Record)) -> Opened {
        let path = folder.join("history.jsonl");
        match Self::read(&path, each) {
            Ok(Found::Absent) => match Self::begin(path) {
                Ok(file) => Opened::Usable(file, 0),
                Err(error) => Opened::Refused(error),
            },
            Ok(Found::History { lines, bad, torn }) => match Self::resume(path, lines, torn) {
                Ok(file) => Opened::Usable(file, bad),
                Err(error) => Opened::Refused(error),
            },
            Ok(Found::Newer) => Opened::Newer,
            Ok(Found::Damaged) => match set_aside(&path, now).and_then(|()| Self::begin(path)) {
                Ok(file) => Opened::SetAside(file),
                Err(error) => Opened::Refused(error),
            },
            Err(source) => Opened::Refused(Error::Read { path, source }),
        }
    }

    /// Appends records; `sync` waits until they are on the disk.
    pub(crate) fn append(&mut self, records: &[Arc<Record>], sync: bool) -> Result<(), Error> {
        let mut text = Vec::new();
        if self.torn {
            text.push(b'\n');
        }
        for record in records {
            write_line(&mut text, record.as_ref());
        }
        self.torn = true;
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| if sync { self.file.sync_data() } else { Ok(()) });
        written.map_err(|source| self.failed(source))?;
        self.torn = false;
        self.lines = self.lines.saturating_add(records.len());
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        Ok(())
    }

    /// Whether so much of it is out of date that it should be written anew.
    pub(crate) const fn is_overgrown(&self, kept: usize) -> bool {
        self.lines > kept.saturating_add(MARGIN) || self.bytes > MUCH
    }

    /// Writes it anew with these records alone.
    pub(crate) fn rewrite(&mut self, records: &[Arc<Record>]) -> Result<(), Error> {
        let mut text = Vec::new();
        write_line(&mut text, &header());
        for record in records {
            write_line(&mut text, record.as_ref());
        }
        write_atomic(&self.path, &text)?;
        self.file = open_to_append(&self.path).map_err(|source| self.failed(source))?;
        self.lines = records.len();
        self.bytes = text.len() as u64;
        self.torn = false;
        Ok(())
    }

    /// Writes elsewhere from now on.
    #[cfg(test)]
    pub(super) fn write_to(&mut self, file: File) {
        self.file = file;
    }

    fn begin(path: PathBuf) -> Result<Self, Error> {
        let mut text = Vec::new();
        write_line(&mut text, &header());
        write_atomic(&path, &text)?;
        Self::resume(path, 0, false)
    }

    fn resume(path: PathBuf, lines: usize, torn: bool) -> Result<Self, Error> {
        let opened = open_to_append(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        match opened {
            Ok((bytes, file)) => Ok(Self {
                path,
                file,
                lines,
                bytes,
                torn,
            }),
            Err(source) => Err(Error::Write { path, source }),
        }
    }

    fn read(path: &Path, each: &mut dyn FnMut(Record)) -> io::Result<Found> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Absent),
            Err(error) => return Err(error),
        };
        if file.metadata()?.len() > MAX_BYTES {
            return Ok(Found::Damaged);
        }
        let mut lines = Lines {
            reader: BufReader::new(file.take(MAX_BYTES)),
            line: Vec::new(),
        };
        let header = lines.next()?;
        match header.and_then(|line| serde_json::from_slice::<Header>(line).ok()) {
            Some(header) if header.format != FORMAT || header.version == 0 => {
                return Ok(Found::Damaged);
            }
            Some(header) if header.version > VERSION => return Ok(Found::Newer),
            Some(_) => {}
            None => return Ok(Found::Damaged),
        }
        let mut owners = Interned::default();
        let (mut read, mut bad) = (0_usize, 0_u64);
        while let Some(line) = lines.next()? {
            read = read.saturating_add(1);
            if line.is_empty() {
                // Between a torn line and what came behind it.
                continue;
            }
            match serde_json::from_slice::<Record>(line) {
                Ok(mut record) if record.sequence > 0 => {
                    owners.intern(&mut record);
                    each(record);
                }
                _ => bad = bad.saturating_add(1),
            }
        }
        Ok(Found::History {
            lines: read,
            bad,
            torn: lines.line.last().is_some_and(|last| *last != b'\n'),
        })
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// What reading found.
enum Found {
    Absent,
    History {
        lines: usize,
        bad: u64,
        /// The last line has no end.
        torn: bool,
    },
    Newer,
    Damaged,
}

/// Lines, each bounded; of one that is too long a beginning that parses as nothing.
struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        // The last line is kept when there is no further one: how it ends is asked for.
        if self.reader.fill_buf()?.is_empty() {
            return Ok(None);
        }
        self.line.clear();
        let mut bounded = (&mut self.reader).take(MAX_LINE);
        bounded.read_until(b'\n', &mut self.line)?;
        if self.line.len() as u64 == MAX_LINE && !self.line.ends_with(b"\n") {
            self.reader.skip_until(b'\n')?;
            self.line.clear();
            self.line.extend_from_slice(b"too long\n");
        }
        Ok(Some(self.line.strip_suffix(b"\n").unwrap_or(&self.line)))
    }
}

/// Owners that were read, each once in memory.
#[derive(Default)]
struct Interned(HashSet<Arc<Owner>>);

impl Interned {
    fn intern(&mut self, record: &mut Record) {
        match &mut record.what {
            What::Alert(alert) | What::Noted(alert, _) => {
                if let Some(alert) = Arc::get_mut(alert) {
                    alert.owner = self.of(&alert.owner);
                    if let Some(observed) = &mut alert.observed {
                        self.intern_observed(observed);
                    }
                }
            }
            What::Traffic(traffic) => self.intern_observed(&mut traffic.opened),
            _ => {}
        }
    }

    fn intern_observed(&mut self, observed: &mut Arc<Observed>) {
        if let Some(observed) = Arc::get_mut(observed) {
            observed.owner = self.of(&observed.owner);
        }
    }

    fn of(&mut self, owner: &Arc<Owner>) -> Arc<Owner> {
        if let Some(known) = self.0.get(owner) {
            return Arc::clone(known);
        }
        self.0.insert(Arc::clone(owner));
        Arc::clone(owner)
    }
}

/// Renames what stands at `path` to a name that nothing has.
pub(crate) fn set_aside(path: &Path, now: WallTime) -> Result<(), Error> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let mut aside = name.to_owned();
    aside.push(format!("{ASIDE}{}", now.as_millis()));
    let mut target = path.with_file_name(&aside);
    let mut number = 1_u32;
    while target.exists() && number < 1_000 {
        number += 1;
        let mut numbered = aside.clone();
        numbered.push(format!("-{number}"));
        target = path.with_file_name(numbered);
    }
    fs::rename(path, &target).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

/// Removes what [`set_aside`] put aside in `folder`.
pub(crate) fn remove_damaged(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_string_lossy().contains(ASIDE) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

fn header() -> Header {
    Header {
        format: FORMAT.to_owned(),
        version: VERSION,
    }
}

/// One line of JSON. What has no form (a wall clock that is no number has) is left out.
fn write_line(text: &mut Vec<u8>, value: &impl Serialize) {
    let before = text.len();
    match serde_json::to_writer(&mut *text, value) {
        Ok(()) => text.push(b'\n'),
        Err(_) => text.truncate(before),
    }
}

fn open_to_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).mode(0o600).open(path)
}
