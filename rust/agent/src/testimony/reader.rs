//! One committed state of a journal, and what is made of it.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use portlog_journal::bundle::{Choice, Mode};
use portlog_journal::entry::Kind;
use portlog_journal::{Checkpoint, Note, Origin, PublicKey};
use portlog_model::WallTime;

use crate::Error;

/// One committed state of a journal, whatever is appended meanwhile.
#[derive(Debug)]
pub struct Reader {}

/// What a journal is like.
#[derive(Clone, Debug)]
pub struct Status {
    /// The log's name.
    pub origin: Origin,
    /// Its first key.
    pub first: PublicKey,
    /// The state: origin, size, root.
    pub checkpoint: Checkpoint,
    /// The current epoch's number.
    pub epoch: u32,
    /// How many epochs there are.
    pub epochs: usize,
    /// Bytes on disk.
    pub bytes: u64,
    /// When the first entry was written.
    pub begun: Option<WallTime>,
    /// When the latest entry was written.
    pub latest: Option<WallTime>,
    /// Rows below this index were pruned, but those that a log is not understood without.
    pub pruned_below: u64,
    /// Sizes of checkpoints that left the phone, ascending.
    pub kept: Vec<u64>,
    /// The latest witness.
    pub witnessed: Option<LastWitnessed>,
    /// The latest export.
    pub exported: Option<LastExport>,
}

/// The latest time that a witness signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastWitnessed {
    /// The witness's name.
    pub name: String,
    /// The size of the checkpoint that it signed.
    pub size: u64,
    /// When its answer was taken in.
    pub time: Option<WallTime>,
}

/// The latest export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastExport {
    /// The size of the log then.
    pub size: u64,
    /// When.
    pub time: WallTime,
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
}

/// Some rows, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<LoggedRow>,
    /// Where the next page ends (its range's end); `None` where there is nothing older in the range.
    pub next: Option<u64>,
}

/// What was exported.
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

    /// Opens the journal in `folder`, where no watch holds it.
    ///
    /// [`Error::JournalInUse`] where one does: ask that watch. [`Error::NoJournal`] where there is
    /// none.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Err(Error::NoJournal {
            folder: folder.to_owned(),
        })
    }

    /// What the journal is like.
    pub fn status(&self) -> Result<Status, Error> {
        Err(Error::JournalClosed)
    }

    /// The rows of `range`, newest first, at most `most` (and [`Self::MAX_PAGE`]) of them.
    pub fn rows(&self, range: Range<u64>, most: usize) -> Result<Page, Error> {
        let _ = (range, most);
        Err(Error::JournalClosed)
    }

    /// Who `uid` is, by the packages entry at `index` (the `owner` of an entry): the text of its
    /// `owner.N`, for [`portlog_journal::entry::OwnerText`].
    pub fn owner(&self, index: u64, uid: u32) -> Result<Option<String>, Error> {
        let _ = (index, uid);
        Err(Error::JournalClosed)
    }

    /// The signed state, which is kept as one that leaves the phone.
    pub fn checkpoint(&self) -> Result<Note, Error> {
        Err(Error::JournalClosed)
    }

    /// How many entries an export would show, before anything is written.
    pub fn preview(&self, choice: &Choice) -> Result<Exported, Error> {
        let _ = choice;
        Err(Error::JournalClosed)
    }

    /// Writes a bundle with what was chosen: whole for [`portlog_journal::bundle::Preset::Everything`],
    /// sparse for the others.
    pub fn export(&self, choice: &Choice, out: impl Write) -> Result<Exported, Error> {
        let _ = (choice, out);
        Err(Error::JournalClosed)
    }
}

/// See [`super::erase`].
pub(super) fn erase(folder: &Path) -> Result<(), Error> {
    Err(Error::NoJournal {
        folder: folder.to_owned(),
    })
}
