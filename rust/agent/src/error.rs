//! What keeps a watch from starting or from keeping its state.

use std::path::PathBuf;

/// Why the agent could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read. Caused by a wrong path or missing permission.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be written. Caused by missing permission or a full disk.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A file is larger than anything it should hold.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound, in bytes.
        limit: u64,
    },
    /// A settings or state file is not of its form. Caused by an edit or by damage.
    #[error("{} is damaged: {detail}; correct it, or move it away to start afresh", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        detail: String,
    },
    /// A settings or state file was written by a newer Portlog.
    #[error(
        "{} has version {found}, this Portlog knows up to {known}: use the newer Portlog that wrote it, or move the file away",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest version known here.
        known: u64,
    },
    /// A source of rows cannot be used at all.
    #[error("cannot watch sockets")]
    Source(#[from] portlog_sockets::Error),
    /// A phone cannot be watched over adb.
    #[error("cannot watch over adb")]
    Adb(#[from] portlog_reach::adb::Error),
    /// Another program's report cannot be looked at.
    #[error("cannot look at the report")]
    Import(#[from] portlog_reach::import::Error),
    /// A file of pinned answers cannot be used.
    #[error("cannot use the pinned answers in {}", path.display())]
    Pinned {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: crate::names::PinnedError,
    },
    /// A list cannot be used at all.
    #[error("cannot use the list {}", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: portlog_blocklist::Error,
    },
    /// A list cannot be compiled, or its compiled form not be used. Caused by damage, or a list that is too
    /// large.
    #[error("cannot use the compiled list {}", path.display())]
    Compiled {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        source: portlog_blocklist::CompiledError,
    },
    /// A package list cannot be used at all.
    #[error("cannot use the package list {}", path.display())]
    Packages {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: portlog_owners::Error,
    },
    /// No line of a list is an entry. Caused by a wrong file.
    #[error(
        "no line of {name} is an entry ({bad_lines} could not be used): is it a list of hosts or addresses?"
    )]
    EmptyList {
        /// What it was to be called.
        name: String,
        /// Lines that could not be used.
        bad_lines: u64,
    },
    /// There are as many lists as are kept.
    #[error("there are {most} lists already: remove one first")]
    TooManyLists {
        /// The bound.
        most: usize,
    },
    /// The lists together are larger than what is kept.
    #[error("the lists together would be larger than {most} bytes: remove one first")]
    ShelfFull {
        /// The bound, in bytes.
        most: u64,
    },
    /// There is no list with this number. Caused by a front end that shows an old state.
    #[error("there is no list {id}")]
    NoSuchList {
        /// The number.
        id: u32,
    },
    /// What is to be muted is no owner's key or no address.
    #[error("this cannot be muted: it is no owner, entry or address")]
    NoSuchMute,
    /// There are as many mutes as are kept.
    #[error("too much is muted already: take a mute back first")]
    TooManyMutes,
    /// A thread could not be started. Caused by a limit of the system.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
    /// The watch has ended.
    #[error("the watch has ended")]
    Ended,
    /// The session was closed.
    #[error("the session is closed")]
    Closed,
    /// No channel for the helper could be made. Caused by a limit of the system.
    #[error("cannot make a channel for the helper")]
    NoChannel(#[source] std::io::Error),
    /// The helper's channel could not be used.
    #[error("the helper's channel cannot be used")]
    Channel(#[from] portlog_reach::channel::Error),
    /// There is no way from the helper to the app.
    #[error("the helper has no way to the app")]
    NoWay(#[from] crate::helper::DoorError),
    /// Somebody asked for the helper's place who is neither adb's shell nor root.
    #[error("UID {0} is neither adb's shell nor root")]
    NotTheHelper(i32),
    /// The journal cannot be used. Caused by a full or failing disk, missing permission, or a file
    /// that is not what was signed.
    #[error("cannot use the journal in {}", folder.display())]
    Journal {
        /// Its folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: portlog_journal::Error,
    },
    /// Another process has the journal. Caused by a second watch on it.
    #[error(
        "the journal in {} is in use: stop the watch that holds it, or give this one another folder",
        folder.display()
    )]
    JournalInUse {
        /// Its folder.
        folder: PathBuf,
    },
    /// The journal was written by a newer Portlog.
    #[error(
        "the journal in {} has version {found}: use the newer Portlog that wrote it, or another folder",
        folder.display()
    )]
    JournalNewer {
        /// Its folder.
        folder: PathBuf,
        /// Its version.
        found: u64,
    },
    /// There is no journal. Caused by a wrong folder, or by nothing having been recorded yet.
    #[error("there is no journal in {}", folder.display())]
    NoJournal {
        /// The folder.
        folder: PathBuf,
    },
    /// The watch that holds the journal cannot be asked. Caused by missing permission, or by a watch
    /// of another version.
    #[error("cannot ask the watch that holds the journal in {}", folder.display())]
    Control {
        /// Its folder.
        folder: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The watch that holds the journal did not do what it was asked.
    #[error("the watch that holds the journal says: {why}")]
    WatchRefused {
        /// What it said.
        why: String,
    },
    /// No watch holds the journal.
    #[error("no watch holds the journal in {}", folder.display())]
    NoWatch {
        /// Its folder.
        folder: PathBuf,
    },
    /// The journal is closed, or its thread has ended.
    #[error("the journal is closed")]
    JournalClosed,
    /// The journal cannot be written now; what waits is kept in memory and written when it can be.
    #[error("the journal in {} is not written: {why}", folder.display())]
    JournalNotWritten {
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A checkpoint is not one of this journal.
    #[error("this checkpoint is not of this journal")]
    NotOurCheckpoint,
    /// The chosen part does not fit into one file.
    #[error("what was chosen makes more than {limit} bytes: choose a shorter time")]
    ExportTooLarge {
        /// The bound, in bytes.
        limit: u64,
    },
    /// This session keeps no log. Caused by a front end that opened it so.
    #[error("no signed log is kept here")]
    NoLog,
    /// A text does not fit into one QR code.
    #[error("{bytes} bytes do not fit into a QR code")]
    QrTooLong {
        /// Its length.
        bytes: usize,
    },
}
