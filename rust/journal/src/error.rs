//! What can go wrong with a log.

use std::io;

use crate::entry::EntryError;
use crate::rejection::{Fault, Rejection};

/// A log could not be written, read or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file is not what was signed. Caused by damage, by a change, or by a newer format.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A file could not be read.
    #[error("the file could not be read")]
    Read(#[source] io::Error),
    /// A file could not be written.
    #[error("the file could not be written")]
    Write(#[source] io::Error),
    /// A file of the log's store is not what it was when it was last written. Caused by a disk that
    /// lost what it had confirmed, or by a change from outside. It is left as it is.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// Another process has the journal. Caused by a second watch on it.
    #[error("another process has this journal")]
    InUse,
    /// The journal was written by a newer version of this program.
    #[error("the journal is of version {0}, which is newer than this program")]
    NewerStore(u64),
    /// What was to be stored does not continue what is there. Caused by a mistake in a program.
    #[error("what was to be stored does not continue the journal")]
    OutOfStep,
    /// The store failed. Caused by a full or failing disk, or a file that may not be written.
    #[error("the journal could not be read or written")]
    Store(#[source] Box<redb::Error>),
    /// The journal's secret keys are gone. Caused by a restored or copied folder; a new log has to
    /// name this one as its predecessor.
    #[error("the key of epoch {0} is not there; this log cannot be continued")]
    NoKey(u32),
    /// The system gave no randomness.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// There is no log to export yet.
    #[error("the journal is empty")]
    Empty,
    /// A file has more of something than is compared. Caused by a log of very many destinations, or by
    /// a signer who wants to use up memory.
    #[error("the file has more {0} than can be compared; compare a shorter time of it")]
    TooMuchToCompare(&'static str),
    /// Something is no entry. Caused by a mistake in a program.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

impl Error {
    /// The reason, where a file was rejected.
    pub const fn fault(&self) -> Option<Fault> {
        match self {
            Self::Rejected(rejection) => Some(rejection.fault),
            _ => None,
        }
    }
}
