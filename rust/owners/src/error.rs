//! What can be wrong with a line, and with a file as a whole.

use std::path::PathBuf;

use portlog_model::InvalidPackageName;

/// Why a line of a list could not be used. Caused by noise around the list (a linker's warning in
/// adb's output), by a damaged file, or by a form that no known Android version writes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// Longer than any line of such a list.
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("the line is not UTF-8 text")]
    NotText,
    /// Not of the list's form at all.
    #[error("the line is not an entry of this list")]
    NotAnEntry,
    /// The entry ends before a part that every version writes.
    #[error("the entry has no {0}")]
    Missing(&'static str),
    /// A number is not one, or out of range.
    #[error("the {0} is not a number of the expected form")]
    BadNumber(&'static str),
    /// The package's name is none.
    #[error(transparent)]
    BadName(#[from] InvalidPackageName),
    /// The list has more entries than are read.
    #[error("the list has more than {0} entries")]
    TooMany(usize),
    /// The file has more bytes than are read; what follows this line is not known.
    #[error("the file is longer than {0} bytes and was cut off here")]
    CutOff(usize),
}

/// Why a list could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read. Caused by a wrong path or missing permission.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
}
