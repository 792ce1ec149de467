//! One list as it lies in the shelf's folder: the file that came (`1.list`), its compiled form, which is
//! mapped and asked (`1.plist`), and what lines of it could not be used (`1.lines`).
//!
//! A list of a million names costs memory while it is compiled, on import, and none after that. What came
//! is kept: a compiled form that is missing, damaged or of another version is made from it again, and
//! the file can be judged anew by a later build. Each file is written beside its place and renamed into
//! it, so that what is mapped is never written to. The lines are taken away before the other two are
//! replaced and come back last: without them nothing is taken for whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use portlog_blocklist::{CompiledError, CompiledList, List, MappedFile, ParsedList};
use portlog_model::{Category, WallTime};
use portlog_words::clean;

use super::super::views::BadLineView;
use crate::Error;
use crate::files::{read_bounded, sync_folder};
use crate::names::{NameBook, PinnedSource};

/// The largest list, in bytes: two million lines and more.
pub(super) const MAX_LIST: u64 = 48 << 20;
/// How much is copied at once, in bytes.
const PIECE: usize = 64 << 10;
/// Bad lines that are shown of each list.
const MAX_BAD: usize = 100;
/// The most bytes that are kept of why a line could not be used.
const MAX_REASON: usize = 400;
/// The largest file of lines.
const MAX_LINES_FILE: u64 = 64 << 10;
/// How it begins; the size of the list that it is about follows.
const LINES_HEAD: &str = "portlog-lines 1 ";

/// The files of one list.
#[derive(Debug)]
pub(super) struct Copy<'a> {
    pub(super) folder: &'a Path,
    pub(super) id: u32,
}

/// A file that was taken in and compiled, and is not in its place yet.
#[derive(Debug)]
pub(super) struct Staged {
    source: Beside,
    compiled: Beside,
    lines: Beside,
    pub(super) category: Category,
    pub(super) reading: Reading,
}

/// What was found in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) rules: u64,
    pub(super) bad_lines: u64,
    /// The first of them.
    pub(super) bad: Vec<BadLineView>,
    pub(super) date: Option<WallTime>,
    pub(super) sha256: String,
    pub(super) problem: String,
}

impl Copy<'_> {
    /// Copies `from` here and compiles it, beside what lies here. At most `room` bytes are taken.
    pub(super) fn stage(
        &self,
        name: &str,
        category: Option<Category>,
        from: &Path,
        room: u64,
    ) -> Result<Staged, Error> {
        let source = Beside::of(self.source());
        let length = source.take(from)?;
        if length > room {
            return Err(Error::ShelfFull {
                most: super::MAX_ALL,
            });
        }
        let (parsed, compiled, lines) = self.compile(name, category, &source.path, from)?;
        let summary = parsed.list.summary();
        if summary.rules() == 0 {
            return Err(Error::EmptyList {
                name: name.to_owned(),
                bad_lines: summary.bad_lines,
            });
        }
        Ok(Staged {
            source,
            compiled,
            lines,
            category: parsed.list.info().category,
            reading: Reading::of(&parsed.list, bad_lines(&parsed)),
        })
    }

    /// Maps the list; makes its compiled form again, under `name`, where that cannot be used.
    pub(super) fn open(
        &self,
        name: &str,
        category: Option<Category>,
    ) -> Result<(List, Reading), Error> {
        if let Some(opened) = self.open_compiled(category)? {
            return Ok(opened);
        }
        let source = self.source();
        let (parsed, compiled, lines) = self.compile(name, category, &source, &source)?;
        let reading = Reading::of(&parsed.list, bad_lines(&parsed));
        // The rules in memory go before the compiled ones are asked for.
        drop(parsed);
        self.forget_lines();
        compiled.put()?;
        lines.put()?;
        sync_folder(&source);
        let list = map(&self.compiled(), category)?;
        Ok((list, reading))
    }

    /// The list as it is compiled here; `None` where it has to be compiled again. Fails where not even
    /// the file that came is there.
    pub(super) fn open_compiled(
        &self,
        category: Option<Category>,
    ) -> Result<Option<(List, Reading)>, Error> {
        let source = self.source();
        let length = fs::metadata(&source)
            .map_err(|error| Error::Read {
                path: source,
                source: error,
            })?
            .len();
        let Some(bad) = self.read_lines(length) else {
            return Ok(None);
        };
        let Ok(list) = map(&self.compiled(), category) else {
            return Ok(None);
        };
        let reading = Reading::of(&list, bad);
        Ok((list.summary().bytes == length).then_some((list, reading)))
    }

    /// Teaches `names` the pinned answers, where that is what came.
    pub(super) fn pin(&self, names: &NameBook) {
        let mapped = File::open(self.source()).and_then(|file| MappedFile::map(&file));
        if let Ok(mapped) = mapped
            && PinnedSource::is_one(&mapped)
        {
            names.pin_bytes(&mapped);
        }
    }

    /// The size of what came, in bytes; 0 where it is not there.
    pub(super) fn length(&self) -> u64 {
        fs::metadata(self.source()).map_or(0, |metadata| metadata.len())
    }

    /// Takes the list away. A file that stays costs room and nothing else.
    pub(super) fn remove(&self) {
        self.forget_lines();
        for path in [self.compiled(), self.source()] {
            let _ = fs::remove_file(path);
        }
    }

    fn compile(
        &self,
        name: &str,
        category: Option<Category>,
        source: &Path,
        shown: &Path,
    ) -> Result<(ParsedList, Beside, Beside), Error> {
        let refused = |source| Error::List {
            path: shown.to_owned(),
            source,
        };
        let mapped = File::open(source)
            .and_then(|file| MappedFile::map(&file))
            .map_err(|error| Error::Read {
                path: source.to_owned(),
                source: error,
            })?;
        let pinned = PinnedSource::is_one(&mapped)
            .then(|| PinnedSource::read(name, category, &mapped))
            .transpose()
            .map_err(|source| Error::Pinned {
                path: shown.to_owned(),
                source,
            })?;
        let parsed = match pinned {
            Some(pinned) => ParsedList {
                list: pinned.list,
                bad_lines: Vec::new(),
                unsupported: Vec::new(),
            },
            None => List::parse(name, category, None, &mapped).map_err(refused)?,
        };
        let compiled = Beside::of(self.compiled());
        let mut file = compiled.create()?;
        parsed
            .list
            .compile_into(&mut file)
            .map_err(|error| match error {
                CompiledError::Write(error) => compiled.failed(error),
                error => Error::Compiled {
                    path: shown.to_owned(),
                    source: error,
                },
            })?;
        file.sync_all().map_err(|error| compiled.failed(error))?;
        let lines = Beside::of(self.lines());
        lines.write(&written_lines(mapped.len(), &bad_lines(&parsed)))?;
        Ok((parsed, compiled, lines))
    }

    fn read_lines(&self, length: u64) -> Option<Vec<BadLineView>> {
        let bytes = read_bounded(&self.lines(), MAX_LINES_FILE).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (head, lines) = text.split_once('\n')?;
        if head.strip_prefix(LINES_HEAD)?.parse() != Ok(length) {
            return None;
        }
        let line = |text: &str| {
            let (line, reason) = text.split_once(' ')?;
            Some(BadLineView {
                line: line.parse().ok()?,
                reason: reason.to_owned(),
            })
        };
        lines.lines().map(line).collect()
    }

    /// Has the list compiled again when it is opened next.
    pub(super) fn forget_lines(&self) {
        let _ = fs::remove_file(self.lines());
    }

    fn source(&self) -> PathBuf {
        self.folder.join(format!("{}.list", self.id))
    }

    fn compiled(&self) -> PathBuf {
        self.folder.join(format!("{}.plist", self.id))
    }

    fn lines(&self) -> PathBuf {
        self.folder.join(format!("{}.lines", self.id))
    }
}

impl Staged {
    /// Puts the files in their places.
    pub(super) fn put(self) -> Result<Reading, Error> {
        let lines = self.lines.place.clone();
        let _ = fs::remove_file(&lines);
        self.source.put()?;
        self.compiled.put()?;
        self.lines.put()?;
        sync_folder(&lines);
        Ok(self.reading)
    }
}

impl Reading {
    fn of(list: &List, bad: Vec<BadLineView>) -> Self {
        let (summary, info) = (list.summary(), list.info());
        Self {
            rules: summary.rules(),
            bad_lines: summary
                .bad_lines
                .saturating_add(summary.unsupported_lines()),
            bad,
            date: info.date,
            sha256: info.sha256.to_string(),
            problem: String::new(),
        }
    }
}

/// Removes what an import that was cut short has left beside its place.
pub(super) fn sweep(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    for file in files.filter_map(Result::ok) {
        if file.file_name().to_string_lossy().ends_with(BESIDE) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// How a file is called that is not in its place yet.
const BESIDE: &str = ".new";

/// A file that is written beside its place. It goes where it is not put there.
#[derive(Debug)]
struct Beside {
    path: PathBuf,
    place: PathBuf,
}

impl Beside {
    fn of(place: PathBuf) -> Self {
        let mut path = place.clone().into_os_string();
        path.push(BESIDE);
        Self {
            path: path.into(),
            place,
        }
    }

    fn create(&self) -> Result<File, Error> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(|error| self.failed(error))
    }

    /// Copies `from`, within what a list may have; gives the number of bytes.
    fn take(&self, from: &Path) -> Result<u64, Error> {
        let unreadable = |source| Error::Read {
            path: from.to_owned(),
            source,
        };
        let mut incoming = File::open(from).map_err(unreadable)?;
        let mut file = self.create()?;
        // By reading and writing: `io::copy` asks for system calls that some versions of Android end an
        // app for.
        let mut piece = vec![0; PIECE];
        let mut length = 0_u64;
        loop {
            let read = match incoming.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            length = length.saturating_add(read as u64);
            if length > MAX_LIST {
                return Err(Error::TooLarge {
                    path: from.to_owned(),
                    limit: MAX_LIST,
                });
            }
            file.write_all(piece.get(..read).unwrap_or_default())
                .map_err(|error| self.failed(error))?;
        }
        file.sync_all().map_err(|error| self.failed(error))?;
        Ok(length)
    }

    fn write(&self, text: &str) -> Result<(), Error> {
        let mut file = self.create()?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| self.failed(error))
    }

    fn put(&self) -> Result<(), Error> {
        fs::rename(&self.path, &self.place).map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.place.clone(),
            source,
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Gone already where it was put in its place.
        let _ = fs::remove_file(&self.path);
    }
}

fn map(path: &Path, category: Option<Category>) -> Result<List, Error> {
    let file = File::open(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let compiled = CompiledList::open(&file).map_err(|source| Error::Compiled {
        path: path.to_owned(),
        source,
    })?;
    Ok(List::from_compiled(compiled, category))
}

/// The first lines that could not be used, in order.
fn bad_lines(parsed: &ParsedList) -> Vec<BadLineView> {
    let unusable = parsed
        .bad_lines
        .iter()
        .map(|bad| (bad.line, bad.reason.to_string()));
    let unsupported = parsed
        .unsupported
        .iter()
        .map(|line| (line.line, line.reason.to_string()));
    let mut bad: Vec<BadLineView> = unusable
        .chain(unsupported)
        .map(|(line, reason)| {
            let reason = clean(&reason);
            let end = reason.floor_char_boundary(MAX_REASON);
            BadLineView {
                line: u64::from(line),
                reason: reason.get(..end).unwrap_or_default().to_owned(),
            }
        })
        .collect();
    bad.sort_by_key(|bad| bad.line);
    bad.truncate(MAX_BAD);
    bad
}

fn written_lines(length: usize, bad: &[BadLineView]) -> String {
    let mut text = format!("{LINES_HEAD}{length}\n");
    for BadLineView { line, reason } in bad {
        text += &line.to_string();
        text.push(' ');
        text += reason;
        text.push('\n');
    }
    text
}
