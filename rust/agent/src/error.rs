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
    /// A list cannot be used at all.
    #[error("cannot use the list {}", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: portlog_blocklist::Error,
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
}
