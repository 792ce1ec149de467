//! What the app says of the signed log: how it stands, what a reader would see, witnesses, resets.
//!
//! Values are kept apart from claims: an entry is shown as its kind in words and its signed fields as
//! they are. What a check found is said as in the [report](crate::report).

use portlog_model::WallTime;

use crate::time::Zone;
use crate::{Language, english, hindi, simplified_chinese, traditional_chinese};

/// A kind of entry.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EntryKind {
    /// The watch began.
    Started,
    /// What the phone says of itself.
    Device,
    /// The watch ended.
    Stopped,
    /// A connection appeared.
    Opened,
    /// A connection came into another state.
    Changed,
    /// A connection is gone.
    Closed,
    /// A list was hit, or something is noted.
    Alert,
    /// What could be looked at.
    Coverage,
    /// The clock jumped.
    Clock,
    /// A sign of life.
    Heartbeat,
    /// Nobody looked.
    Gap,
    /// Events were lost.
    Drop,
    /// A list came into force.
    List,
    /// The packages of the phone.
    Packages,
    /// The operator's words.
    Mark,
    /// A practice alert.
    Practice,
    /// A setting.
    Config,
    /// The next key.
    Epoch,
    /// A witness answered.
    Witness,
    /// An earlier log.
    Predecessor,
    /// Old rows were deleted.
    Prune,
}

/// A field, or several that belong together, that can be withheld.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Withheld<'a> {
    /// This phone's own addresses.
    Local,
    /// Remote addresses.
    Remote,
    /// Host names.
    Names,
    /// Whose connections they were.
    Owner,
    /// Programs.
    Program,
    /// Words of marks.
    Words,
    /// What lists say.
    Entry,
    /// Another field, by its name in the format.
    Field(&'a str),
}

/// A sentence about the signed log. Texts in it stand in the sentence as they are.
#[derive(Clone, Copy, Debug)]
pub enum LogSentence<'a> {
    /// A kind of entry, in a word or two.
    Kind(EntryKind),
    /// It is written.
    Written {
        /// Entries that are not signed and durable yet.
        waiting: u64,
    },
    /// It is not, since then.
    NotWritten {
        /// Since when.
        since: WallTime,
        /// What the system said.
        why: &'a str,
    },
    /// It could not be opened.
    NotOpened(&'a str),
    /// None is written: it is switched off.
    Off,
    /// There is none yet.
    None,
    /// How long it is and how much room it takes, an amount such as `1.2 MB`.
    Size {
        /// Entries.
        entries: u64,
        /// Its room.
        bytes: &'a str,
    },
    /// Whose connections are kept: everyone's or not.
    Recorded {
        /// Everyone's.
        everyone: bool,
    },
    /// No witness answered yet.
    NeverWitnessed,
    /// The latest answer of a witness.
    Witnessed {
        /// Who.
        name: &'a str,
        /// When; `None` where it is not known.
        at: Option<WallTime>,
        /// Entries that it covers.
        size: u64,
        /// Entries that came since.
        since: u64,
    },
    /// No bundle was written yet.
    NeverExported,
    /// When a bundle was last written.
    LastExported(WallTime),
    /// What a checkpoint is for.
    CheckpointIsFor,
    /// Something is withheld.
    Withheld(Withheld<'a>),
    /// What is shown when everything is.
    ShowsEverything,
    /// What local addresses tell.
    ShowsLocal,
    /// What marks tell.
    ShowsMarks,
    /// A mark without words.
    EmptyMark,
    /// A mark is in the log.
    Marked,
    /// A text is no answer.
    NoAnswer,
    /// An answer is for another log.
    AnswerForAnother,
    /// An answer is not signed as it says.
    AnswerNotSigned,
    /// An answer is in the log.
    Answered {
        /// Who.
        name: &'a str,
        /// Entries that it covers.
        size: u64,
    },
    /// A text is no checkpoint.
    NoCheckpoint,
    /// It is the checkpoint of this phone's own log.
    OwnCheckpoint,
    /// It is the checkpoint of another log.
    OthersCheckpoint,
    /// It is an answer.
    IsAnswer,
    /// It is nothing that is known here.
    Nothing,
    /// An earlier log was named.
    PredecessorNamed,
    /// A file does not check.
    DoesNotCheck,
    /// This phone signed as a witness.
    Signed {
        /// Entries that it remembers.
        size: u64,
    },
    /// It did not: an earlier state than what it remembers.
    RefusedRolledBack,
    /// It did not: another history.
    RefusedFork,
    /// It did not: not shown to continue.
    RefusedNotShown,
    /// What it remembers of a log cannot be read.
    MemoryUnreadable,
    /// It did not: it is its own log.
    RefusedOwn,
    /// It did not: a name is needed.
    WitnessNeedsName,
    /// Title: an export off the phone.
    ResetExport,
    /// What to do for it.
    ResetExportTodo,
    /// It was done.
    ResetExportDone {
        /// When.
        at: WallTime,
        /// Entries that came since.
        since: u64,
    },
    /// It was done, and is to be done again.
    ResetExportStale {
        /// When.
        at: WallTime,
        /// Entries that came since.
        since: u64,
        /// Whether a match is known to be among them.
        matched: bool,
    },
    /// Title: two others hold the checkpoint.
    ResetHeld,
    /// How many witnesses answered, and what to do.
    ResetHeldTodo {
        /// Different witnesses in the log.
        witnesses: u64,
    },
    /// Two witnesses answered.
    ResetHeldDone {
        /// Different witnesses in the log.
        witnesses: u64,
        /// Entries that came since two of them signed.
        since: u64,
    },
    /// The user says that two others keep it.
    ResetHeldSaid {
        /// Entries that came since.
        since: u64,
    },
    /// Two others had it, and are to be shown it again.
    ResetHeldStale {
        /// Entries that came since.
        since: u64,
        /// Whether a match is known to be among them.
        matched: bool,
    },
    /// Title: passwords.
    ResetPasswords,
    /// What to do for it.
    ResetPasswordsTodo,
    /// The user says that they are known.
    ResetPasswordsSaid,
}

/// Puts a sentence about the log into words, with times in the zone that is `east_of_utc` seconds ahead
/// of UTC.
pub fn say(sentence: &LogSentence<'_>, language: Language, east_of_utc: i32) -> String {
    let zone = Zone::new(east_of_utc);
    match language {
        Language::English => english::log::say(sentence, zone),
        Language::SimplifiedChinese => simplified_chinese::log::say(sentence, zone),
        Language::TraditionalChinese => traditional_chinese::log::say(sentence, zone),
        Language::Hindi => hindi::log::say(sentence, zone),
    }
}
