//! The file of answers while it is written: a run that was stopped goes on in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_model::WallTime;
use portlog_names::pinned::{
    HEADER, Line, MAX_BYTES, Outcome, PinnedAnswer, PinnedFile, PinnedList, Text,
};

use super::asking::Asked;
use super::names::Names;
use crate::exit::with_way_out;

/// What is said of where the questions are put from, where nothing was said.
const NO_VANTAGE: &str = "not told";
/// The most bytes of a text in the file.
const MAX_TEXT: usize = portlog_names::pinned::MAX_TEXT;

/// OUT.partial.
pub(super) struct Partial {
    path: PathBuf,
    file: File,
    /// The latest outcome of each name that was asked for, in short.
    done: BTreeMap<Box<str>, Short>,
}

/// An outcome without its addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Short {
    Ok(u32),
    NoData,
    NxDomain,
    Refused,
    ServFail,
    Timeout,
}

/// How many names came to what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    pub(super) ok: u64,
    pub(super) addresses: u64,
    pub(super) no_data: u64,
    pub(super) nx_domain: u64,
    pub(super) refused: u64,
    pub(super) serv_fail: u64,
    pub(super) timeout: u64,
}

impl Tally {
    pub(super) const fn names(&self) -> u64 {
        self.ok + self.no_data + self.nx_domain + self.refused + self.serv_fail + self.timeout
    }
}

impl Partial {
    /// Begins the file beside `out`, or goes on with the one that a stopped run left there. Names that
    /// the resolver did not say anything of are asked for again.
    pub(super) fn open(
        out: &Path,
        names: &Names,
        resolver: &str,
        vantage: Option<&str>,
    ) -> Result<Self, Error> {
        let mut name = out
            .file_name()
            .with_context(|| format!("{} names no file", out.display()))?
            .to_owned();
        name.push(".partial");
        let path = out.with_file_name(name);
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))
            .map_err(|error| with_way_out(error, "name a file in a folder that you may write"))?;
        let done = go_on(&mut file, &path, names)?;
        let mut partial = Self { path, file, done };
        let vantage = vantage.unwrap_or(NO_VANTAGE);
        partial.say(&Line::Resolver(text(resolver, "the resolver")?))?;
        partial.say(&Line::Vantage(text(vantage, "--vantage")?))?;
        Ok(partial)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether `name` was asked for, and something was said.
    pub(super) fn has(&self, name: &str) -> bool {
        self.done.get(name).is_some_and(|short| match short {
            Short::Ok(_) | Short::NoData | Short::NxDomain => true,
            Short::Refused | Short::ServFail | Short::Timeout => false,
        })
    }

    /// Writes what became of `name`, had now.
    pub(super) fn write(&mut self, name: &str, asked: Asked) -> Result<(), Error> {
        let answer = PinnedAnswer::new(name, now(), asked.0)
            .with_context(|| format!("cannot write down the answer for {name}"))?;
        let short = Short::of(answer.outcome());
        self.say(&Line::Answer(answer))?;
        self.done.insert(Box::from(name), short);
        Ok(())
    }

    /// Makes it the file `out`, whole.
    pub(super) fn finish(self, out: &Path) -> Result<Tally, Error> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, out))
            .with_context(|| format!("cannot write {}", out.display()))?;
        let mut tally = Tally::default();
        for short in self.done.values() {
            let count = match short {
                Short::Ok(addresses) => {
                    tally.addresses += u64::from(*addresses);
                    &mut tally.ok
                }
                Short::NoData => &mut tally.no_data,
                Short::NxDomain => &mut tally.nx_domain,
                Short::Refused => &mut tally.refused,
                Short::ServFail => &mut tally.serv_fail,
                Short::Timeout => &mut tally.timeout,
            };
            *count += 1;
        }
        Ok(tally)
    }

    fn say(&mut self, line: &Line<'_>) -> Result<(), Error> {
        writeln_whole(&mut self.file, &line.to_string(), &self.path)
    }
}

impl Short {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Addresses { addresses, .. } => {
                Self::Ok(u32::try_from(addresses.len()).unwrap_or(u32::MAX))
            }
            Outcome::NoData => Self::NoData,
            Outcome::NxDomain => Self::NxDomain,
            Outcome::Refused => Self::Refused,
            Outcome::ServFail => Self::ServFail,
            Outcome::Timeout => Self::Timeout,
        }
    }
}

/// Begins an empty file, or reads what is in it, cuts a torn line off and stands at its end.
fn go_on(file: &mut File, path: &Path, names: &Names) -> Result<BTreeMap<Box<str>, Short>, Error> {
    let in_file = || format!("cannot use {}", path.display());
    let remove = |error| {
        let way_out = format!("remove {} to begin anew", path.display());
        with_way_out(error, &way_out)
    };
    let length = file.metadata().with_context(in_file)?.len();
    if length > MAX_BYTES as u64 {
        return Err(remove(anyhow!("{} is too large", path.display())));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(in_file)?;
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    bytes.truncate(whole);
    file.set_len(whole as u64).with_context(in_file)?;
    file.seek(SeekFrom::Start(whole as u64))
        .with_context(in_file)?;
    let info = &names.info;
    if bytes.is_empty() {
        let name = shown(&info.name);
        let list = Line::List(PinnedList {
            sha256: info.sha256,
            category: info.category,
            name: text(&name, "the list's name")?,
        });
        let made = format!("made by portlog {} list resolve", env!("CARGO_PKG_VERSION"));
        writeln_whole(file, HEADER, path)?;
        writeln_whole(file, &list.to_string(), path)?;
        writeln_whole(
            file,
            &Line::Comment(text(&made, "a comment")?).to_string(),
            path,
        )?;
        return Ok(BTreeMap::new());
    }
    let begun = PinnedFile::open(&bytes)
        .with_context(in_file)
        .map_err(remove)?;
    if !begun.lists().any(|list| list.sha256 == info.sha256) {
        return Err(remove(anyhow!(
            "{} has answers for another list, or an older state of this one",
            path.display()
        )));
    }
    let mut done = BTreeMap::new();
    for answer in begun.answers() {
        let answer = answer.with_context(in_file).map_err(remove)?.answer;
        done.insert(Box::from(answer.name()), Short::of(answer.outcome()));
    }
    Ok(done)
}

fn writeln_whole(file: &mut File, line: &str, path: &Path) -> Result<(), Error> {
    let mut bytes = line.as_bytes().to_vec();
    bytes.push(b'\n');
    file.write_all(&bytes)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn text<'a>(text: &'a str, what: &str) -> Result<Text<'a>, Error> {
    match Text::new(text) {
        Ok(text) => Ok(text),
        Err(error) => bail!("{what} cannot be written down: {error}"),
    }
}

/// A list's name as a text of the file: what cannot be shown in it becomes a question mark.
fn shown(name: &str) -> String {
    let shown: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .take(MAX_TEXT)
        .collect();
    match shown.trim() {
        "" => "?".to_owned(),
        shown => shown.to_owned(),
    }
}

fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    WallTime::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
