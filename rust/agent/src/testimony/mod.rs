//! The watch's own log: what it tells, signed and kept, so that a stranger can check it later.
//!
//! A [`Recorder`] owns the log on a thread of its own; the poll thread hands it what it tells the
//! front end and never waits for the disk. A [`Reader`] sees one committed state, also beside a
//! running watch. The log itself (format, signatures, store) is `portlog_journal`'s.
//!
//! In the folder of a journal lie `journal.redb`, `keys/`, `state/` (of a watch on the command line),
//! and what had to be set aside, `journal.redb.damaged-1` and so on.

mod control;
mod device;
mod entries;
mod erasing;
mod health;
mod marks;
mod opening;
mod pruning;
mod qr;
mod reader;
mod recorder;
mod status;
mod store;
mod tee;
mod writer;
mod zone;

use std::path::PathBuf;
use std::time::Duration;

pub use control::{Access, Client, Control};
pub use device::{Device, SelinuxMode};
pub use erasing::erase;
pub use health::{Health, Writing};
pub use marks::{KnownBy, Mark, MarkPreset, PracticeMark, PracticeOutcome, PredecessorReason};
pub use portlog_journal::bundle::{Choice, Preset};
pub use portlog_journal::{DataKey, Retention, UtcOffset};
pub use qr::{Qr, qr};
pub use reader::{Exported, LoggedRow, Page, Reader};
pub use recorder::Recorder;
pub use status::{LastExport, LastWitnessed, Status};
pub(crate) use tee::Tee;

/// Where and how a watch keeps its log.
#[derive(Debug)]
pub struct Testimony {
    /// The journal's folder; made (0700) where it is missing.
    pub folder: PathBuf,
    /// Where the secret keys rest.
    pub keys: Keys,
    /// Whose connections are recorded.
    pub recorded: Recorded,
    /// How long rows are kept.
    pub retention: Retention,
    /// The case that the operator names.
    pub case: Option<String>,
    /// The operator.
    pub operator: Option<String>,
    /// What this phone or machine says of itself.
    pub device: Device,
    /// The longest that an entry waits before it is signed and durable; alerts and marks never wait.
    pub commit_every: Duration,
    /// What the clock on the wall is set to; `None`: as the system's time zone says.
    pub utc_offset: Option<UtcOffset>,
}

impl Testimony {
    /// The usual longest wait of an entry.
    pub const COMMIT_EVERY: Duration = Duration::from_secs(30);

    /// A journal in `folder` with the usual choices: keys beside it, private by default.
    pub fn new(folder: PathBuf, device: Device) -> Self {
        Self {
            folder,
            keys: Keys::Folder,
            recorded: Recorded::default(),
            retention: Retention::default(),
            case: None,
            operator: None,
            device,
            commit_every: Self::COMMIT_EVERY,
            utc_offset: None,
        }
    }

    /// Where a watch on the command line keeps its state.
    pub fn state_folder(&self) -> PathBuf {
        store::Files::in_folder(&self.folder).state()
    }
}

/// Where the secret keys rest.
#[derive(Debug)]
pub enum Keys {
    /// In files (0600) in the journal's folder.
    Folder,
    /// The same, sealed by a key that lies elsewhere.
    Sealed(DataKey),
}

/// Whose connections are recorded.
///
/// On a plain Linux nobody can say what is firmware, and [`Recorded::FirmwareAndUnknown`] records
/// everything.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Recorded {
    /// Those of owners that come with the phone, may, or are not known; and every alert. Other
    /// apps' connections, and those of other Android users, are not.
    #[default]
    FirmwareAndUnknown,
    /// Everyone's.
    Everyone,
}

impl Recorded {
    /// The word in a `config` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirmwareAndUnknown => "firmware-and-unknown",
            Self::Everyone => "everyone",
        }
    }
}
