//! One committed state of a journal, and what is made of it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use portlog_journal::bundle::{
    Choice, Chosen, MAX_FULL, MAX_SPARSE, Mode, Preset, export_full, export_sparse,
};
use portlog_journal::entry::{Kind, OwnerText};
use portlog_journal::store::{
    ReadOnlyStore, RedbSnapshot, RedbStore, Row, Snapshot as _, Store as _,
};
use portlog_journal::{Error as JournalError, Note};

use super::Recorder;
use super::status::{LastExport, Status};
use super::store::{Files, Slot, named};
use crate::{Clock as _, Error, SystemClock};

/// One committed state of a journal, whatever is appended meanwhile.
#[derive(Debug)]
pub struct Reader {
    // Before what keeps the store open.
    snapshot: RedbSnapshot,
    files: Files,
    hold: Hold,
}

/// What keeps the store open.
#[derive(Debug)]
enum Hold {
    /// A recorder has it.
    Recorder(Recorder, Slot),
    /// This reader has it alone.
    Alone(Slot),
    /// It may not be written.
    ReadOnly(ReadOnlyStore),
}

/// An entry as it stands in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedRow {
    /// Its index.
    pub index: u64,
    /// What it is about.
    pub kind: Kind,
    /// The index of the `started` entry under which it was written.
    pub session: Option<u64>,
    /// Its fields, in order, as signed text; `-` says nothing.
    pub fields: Vec<(Cow<'static, str>, String)>,
}

impl LoggedRow {
    /// The value of the field called `name`; `None` where it says nothing.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(&**value).filter(|value| *value != "-")
    }

    fn new(index: u64, row: &Row) -> Self {
        let fields = row.values().enumerate().map(|(at, value)| {
            let name = row.kind.field_name(at).unwrap_or_default();
            (name, value.to_owned())
        });
        Self {
            index,
            kind: row.kind,
            session: row.session,
            fields: fields.collect(),
        }
    }
}

/// Some rows, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows. There may be none on a page over what was pruned.
    pub rows: Vec<LoggedRow>,
    /// Where the next page ends (its range's end); `None` where there is nothing older in the range.
    pub next: Option<u64>,
}

/// What was exported, or would be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exported {
    /// Whole or chosen.
    pub mode: Mode,
    /// Entries shown.
    pub shown: u64,
    /// Entries in the log.
    pub of: u64,
    /// Whether the checkpoint was kept, so that later exports lead back to it. Not where the journal
    /// cannot be written.
    pub kept: bool,
}

impl Reader {
    /// The most rows of a page.
    pub const MAX_PAGE: usize = 1_000;
    /// The most indices that are looked at for a page.
    const MAX_LOOKS: u64 = 50_000;

    /// Opens the journal in `folder`, where no watch holds it; nobody else can have it meanwhile.
    ///
    /// [`Error::JournalInUse`] where a watch does: ask that watch. [`Error::NoJournal`] where there is
    /// none. A journal that may not be written is read all the same.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let files = Files::in_folder(folder);
        let path = files.store();
        let fault = |error| named(folder, error);
        let hold = match File::options().read(true).write(true).open(&path) {
            Ok(_) => Hold::Alone(Slot::new(RedbStore::open(&path).map_err(fault)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoJournal {
                    folder: folder.to_owned(),
                });
            }
            Err(_) if File::open(&path).is_ok() => {
                Hold::ReadOnly(ReadOnlyStore::open(&path).map_err(fault)?)
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let snapshot = match &hold {
            Hold::Alone(slot) | Hold::Recorder(_, slot) => slot.snapshot(),
            Hold::ReadOnly(store) => store.snapshot(),
        };
        let reader = Self {
            snapshot: snapshot.map_err(fault)?,
            files,
            hold,
        };
        // An empty file is no journal yet.
        match reader.note() {
            Ok(_) => Ok(reader),
            Err(JournalError::Empty) => Err(Error::NoJournal {
                folder: folder.to_owned(),
            }),
            Err(error) => Err(fault(error)),
        }
    }

    pub(super) fn of_recorder(recorder: Recorder, snapshot: RedbSnapshot, slot: Slot) -> Self {
        let files = Files::in_folder(recorder.folder());
        Self {
            snapshot,
            files,
            hold: Hold::Recorder(recorder, slot),
        }
    }

    /// The state itself, for what the journal's own crate makes of one.
    pub const fn snapshot(&self) -> &RedbSnapshot {
        &self.snapshot
    }

    /// What the journal is like.
    pub fn status(&self) -> Result<Status, Error> {
        Status::of(&self.snapshot, &self.files).map_err(|error| self.fault(error))
    }

    /// How many entries there are, those that were pruned among them.
    pub fn size(&self) -> Result<u64, Error> {
        let note = self.note().map_err(|error| self.fault(error))?;
        Ok(note.checkpoint().size)
    }

    /// The rows of `range`, newest first, at most `most` (and [`Self::MAX_PAGE`]) of them. What lies
    /// beyond the log is nothing.
    pub fn rows(&self, range: Range<u64>, most: usize) -> Result<Page, Error> {
        let end = range.end.min(self.size()?);
        let most = most.min(Self::MAX_PAGE);
        let mut rows = Vec::new();
        let mut next = end;
        while next > range.start && rows.len() < most && end.saturating_sub(next) < Self::MAX_LOOKS
        {
            next -= 1;
            let row = self.snapshot.get(next).map_err(|error| self.fault(error))?;
            rows.extend(row.map(|row| LoggedRow::new(next, &row)));
        }
        Ok(Page {
            rows,
            next: (next > range.start).then_some(next),
        })
    }

    /// Who `uid` is, by the packages entry at `index` (the `owner` of an entry): the text of its
    /// `owner.N`, for [`OwnerText`].
    pub fn owner(&self, index: u64, uid: u32) -> Result<Option<String>, Error> {
        let row = self
            .snapshot
            .get(index)
            .map_err(|error| self.fault(error))?;
        let Some(row) = row.filter(|row| row.kind == Kind::Packages) else {
            return Ok(None);
        };
        let fixed = Kind::Packages.fields().len();
        let mut owners = row.values().skip(fixed);
        let owner = owners
            .find(|text| OwnerText::parse(text).is_some_and(|owner| owner.uid == u64::from(uid)));
        Ok(owner.map(str::to_owned))
    }

    /// The signed state, which is kept (where the journal can be written) as one that leaves the phone.
    pub fn checkpoint(&self) -> Result<Note, Error> {
        let note = self.note().map_err(|error| self.fault(error))?;
        self.keep(&note);
        Ok(note)
    }

    /// Writes a bundle that shows no entry: the signed state, its keys, and the states before it that
    /// left the phone; what a witness checks. The state is kept as one that leaves. Returns its size.
    pub fn state(&self, mut out: impl Write) -> Result<u64, Error> {
        let nothing = |_: Kind, _: &str, _: &str| false;
        export_sparse(&self.snapshot, &[], &nothing, &mut out)
            .map_err(|error| self.fault(error))?;
        out.flush()
            .map_err(|error| self.fault(JournalError::Write(error)))?;
        let note = self.note().map_err(|error| self.fault(error))?;
        self.keep(&note);
        Ok(note.checkpoint().size)
    }

    /// What an export would show, before anything is written.
    pub fn preview(&self, choice: &Choice) -> Result<Exported, Error> {
        let chosen = self.choose(choice)?;
        self.outcome(choice, &chosen, false)
    }

    /// Writes a bundle with what was chosen: whole for [`Preset::Everything`], sparse for the others.
    ///
    /// It is of this reader's state, whatever a watch appends meanwhile. [`Error::ExportTooLarge`] where
    /// the format's bound is reached; what was written so far is no bundle then.
    pub fn export(&self, choice: &Choice, out: impl Write) -> Result<Exported, Error> {
        let chosen = self.choose(choice)?;
        self.write(choice, &chosen, bound(choice), out)?;
        let note = self.note().map_err(|error| self.fault(error))?;
        let kept = self.keep(&note);
        if kept {
            let time = match &self.hold {
                Hold::Recorder(recorder, _) => recorder.clock().now(),
                Hold::Alone(_) | Hold::ReadOnly(_) => SystemClock.now(),
            };
            let exported = LastExport {
                size: note.checkpoint().size,
                time: time.moment.wall,
            };
            // The bundle is whole; that its time was not noted is no reason to say otherwise.
            let _ = exported.write(&self.files);
        }
        self.outcome(choice, &chosen, kept)
    }

    /// Writes what [`Self::export`] would, within the same bound, and takes no note of it: it goes nowhere.
    pub(crate) fn draft(&self, choice: &Choice, out: impl Write) -> Result<(), Error> {
        let chosen = self.choose(choice)?;
        self.write(choice, &chosen, bound(choice), out)
    }

    /// Writes a bundle of at most `limit` bytes.
    fn write(
        &self,
        choice: &Choice,
        chosen: &Chosen,
        limit: u64,
        out: impl Write,
    ) -> Result<(), Error> {
        let mut out = Bounded {
            out,
            left: limit,
            full: false,
        };
        let written = match mode(choice) {
            Mode::Sparse => export_sparse(&self.snapshot, &chosen.indices, chosen, &mut out),
            Mode::Full => {
                let shown = |index, _: &Row| chosen.indices.binary_search(&index).is_ok();
                export_full(&self.snapshot, shown, chosen, &mut out)
            }
        };
        if out.full {
            return Err(Error::ExportTooLarge { limit });
        }
        written.map_err(|error| self.fault(error))?;
        out.flush()
            .map_err(|error| self.fault(JournalError::Write(error)))
    }

    fn choose(&self, choice: &Choice) -> Result<Chosen, Error> {
        choice.of(&self.snapshot).map_err(|error| self.fault(error))
    }

    fn outcome(&self, choice: &Choice, chosen: &Chosen, kept: bool) -> Result<Exported, Error> {
        Ok(Exported {
            mode: mode(choice),
            shown: u64::try_from(chosen.indices.len()).unwrap_or(u64::MAX),
            of: self.size()?,
            kept,
        })
    }

    fn note(&self) -> Result<Note, JournalError> {
        self.snapshot
            .latest_checkpoint()?
            .ok_or(JournalError::Empty)
    }

    /// Whether the checkpoint is kept now.
    fn keep(&self, note: &Note) -> bool {
        let known = self.snapshot.kept().unwrap_or_default();
        if known.contains(&note.checkpoint().size) {
            return true;
        }
        match &self.hold {
            Hold::Recorder(recorder, _) => recorder.keep(note).is_ok(),
            Hold::Alone(slot) => slot.clone().keep(note).is_ok(),
            Hold::ReadOnly(_) => false,
        }
    }

    fn fault(&self, error: JournalError) -> Error {
        named(&self.files.folder, error)
    }
}

const fn mode(choice: &Choice) -> Mode {
    match choice.preset {
        Preset::Everything => Mode::Full,
        Preset::Alerts | Preset::Firmware => Mode::Sparse,
    }
}

/// The most bytes that the format gives a bundle.
const fn bound(choice: &Choice) -> u64 {
    match mode(choice) {
        Mode::Sparse => MAX_SPARSE,
        Mode::Full => MAX_FULL,
    }
}

/// Lets so many bytes through.
struct Bounded<W> {
    out: W,
    left: u64,
    full: bool,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(length) else {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        let written = self.out.write(bytes)?;
        let unwritten = bytes.len().saturating_sub(written);
        self.left = left.saturating_add(u64::try_from(unwritten).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testimony::{Device, Mark, Testimony};

    #[test]
    fn no_more_bytes_are_written_than_a_bundle_may_have() {
        let folder = tempfile::tempdir().unwrap();
        let testimony = Testimony::new(folder.path().to_owned(), Device::default());
        let recorder = Recorder::open(testimony, Arc::new(SystemClock)).unwrap();
        for number in 0..40 {
            let words = format!("{number} {}", "long ".repeat(100));
            recorder.mark(&Mark::Words(words)).unwrap();
        }
        let reader = recorder.reader().unwrap();
        for preset in [Preset::Alerts, Preset::Everything] {
            let choice = Choice::new(preset);
            let mut whole = Vec::new();
            reader.draft(&choice, &mut whole).unwrap();
            let limit = u64::try_from(whole.len() / 2).unwrap();
            let chosen = reader.choose(&choice).unwrap();
            let mut half = Vec::new();
            let refused = reader.write(&choice, &chosen, limit, &mut half);
            assert!(matches!(
                refused,
                Err(Error::ExportTooLarge { limit: told }) if told == limit
            ));
            assert!(half.len() <= whole.len() / 2 && whole.starts_with(&half));
            let mut exact = Vec::new();
            let all = u64::try_from(whole.len()).unwrap();
            reader.write(&choice, &chosen, all, &mut exact).unwrap();
            assert_eq!(exact, whole);
        }
        // A draft is no export: nothing left the phone.
        assert_eq!(reader.status().unwrap().exported, None);
        assert!(recorder.reader().unwrap().status().unwrap().kept.is_empty());
    }
}
