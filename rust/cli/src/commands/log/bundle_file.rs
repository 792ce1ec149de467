//! A bundle on disk: opened anew for each pass, and verified.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::verify::{ForkReport, Options, fork, is_fork};
use portlog_journal::{Error as JournalError, Rejection, Report, verify};

use super::progress::Progress;
use crate::exit::with_way_out;

/// How the name of a bundle ends.
pub(crate) const EXTENSION: &str = ".portlog.txt";
/// How the name of a fork's proof ends.
pub(super) const FORK_EXTENSION: &str = ".fork.portlog.txt";

/// How a checkpoint by itself begins.
pub(super) const BARE_CHECKPOINT: &[u8] = b"portlog/log/";

/// Bytes read at once.
const CHUNK: usize = 128 * 1024;

/// What a file that checks is.
#[derive(Debug)]
pub(super) enum Any {
    Bundle(Box<Report>),
    Fork(Box<ForkReport>),
}

/// A file that is a bundle, or is said to be one.
#[derive(Clone, Debug)]
pub(crate) struct BundleFile {
    path: PathBuf,
}

impl BundleFile {
    /// The file at `path`, where `-` is standard input. Nothing is opened yet.
    pub(crate) fn new(path: &Path) -> Self {
        let stdin = path == Path::new("-");
        Self {
            path: if stdin {
                "/dev/stdin".into()
            } else {
                path.to_owned()
            },
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A pass over it.
    pub(super) fn open(&self) -> Result<BufReader<Progress>, Error> {
        let file = File::open(&self.path)
            .with_context(|| format!("cannot read {}", self.path.display()))
            .map_err(|error| with_way_out(error, "name a file that 'portlog log export' wrote"))?;
        Ok(BufReader::with_capacity(
            CHUNK,
            Progress::new(file, "checking"),
        ))
    }

    /// The first line, without its end and no longer than any first line of ours.
    pub(super) fn first_line(&self) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        self.open()?
            .take(80)
            .read_until(b'\n', &mut line)
            .map_err(|error| self.unreadable(error))?;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        Ok(line)
    }

    /// What comes of checking all of it; an error is a file that could not be read.
    pub(crate) fn verify(&self, options: &Options) -> Result<Result<Report, Rejection>, Error> {
        let mut reader = self.open()?;
        self.begin(&mut reader)?;
        self.judged(verify(reader, options))
    }

    /// As [`Self::verify`], also of a proof of two histories. It is opened once: a pipe will do.
    pub(super) fn verify_any(&self, options: &Options) -> Result<Result<Any, Rejection>, Error> {
        let mut reader = self.open()?;
        let found = if is_fork(self.begin(&mut reader)?) {
            fork(reader, options).map(|report| Any::Fork(Box::new(report)))
        } else {
            verify(reader, options).map(|report| Any::Bundle(Box::new(report)))
        };
        self.judged(found)
    }

    /// The first bytes, if they are not those of a checkpoint by itself: that is no bundle which does not
    /// check, but a file with nothing in it that could be checked.
    fn begin<'a>(&self, reader: &'a mut BufReader<Progress>) -> Result<&'a [u8], Error> {
        let begin = reader.fill_buf().map_err(|error| self.unreadable(error))?;
        refuse_bare(begin, &self.path)?;
        Ok(begin)
    }

    /// Parts what is wrong with the file from what is wrong with reading it.
    fn judged<T>(&self, found: Result<T, JournalError>) -> Result<Result<T, Rejection>, Error> {
        match found {
            Ok(found) => Ok(Ok(found)),
            Err(JournalError::Rejected(rejection)) => Ok(Err(rejection)),
            Err(JournalError::Read(error)) => Err(self.unreadable(error)),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    fn unreadable(&self, error: impl Into<Error>) -> Error {
        let context = format!("cannot read {}", self.path.display());
        with_way_out(error.into().context(context), "check the file and its disk")
    }
}

/// Names the way out where a file begins as a checkpoint by itself.
pub(super) fn refuse_bare(begin: &[u8], path: &Path) -> Result<(), Error> {
    if !begin.starts_with(BARE_CHECKPOINT) {
        return Ok(());
    }
    Err(with_way_out(
        anyhow!(
            "{} is a checkpoint by itself, as 'portlog log checkpoint DIR' prints it: it names a state of \
             a log and carries no proof of it, so there is nothing in it to check or to sign",
            path.display()
        ),
        "where the log is, 'portlog log checkpoint DIR -o state.portlog.txt' writes the file that a \
         witness signs; with this one, 'portlog log verify FILE --against CHECKPOINT' compares a bundle",
    ))
}

/// A reader who knows nothing but this machine's clock.
pub(crate) fn reader() -> Result<Options, Error> {
    Ok(Options::at(now()?))
}

/// This machine's clock, in seconds since 1970.
pub(crate) fn now() -> Result<u64, Error> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("this machine's clock is before 1970: set it")?;
    Ok(now.as_secs())
}

/// The files that were named, and in the place of each folder what it holds of logs, by name.
pub(super) fn expanded(named: &[PathBuf]) -> Result<Vec<BundleFile>, Error> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(BundleFile::new(path));
            continue;
        }
        let found = logs_in(path)?;
        if found.is_empty() {
            bail!(
                "{} holds no file whose name ends in {EXTENSION}; name the files themselves",
                path.display()
            );
        }
        files.extend(found.iter().map(|path| BundleFile::new(path)));
    }
    Ok(files)
}

fn logs_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || format!("cannot read the folder {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        let path = entry.with_context(read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(EXTENSION) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
