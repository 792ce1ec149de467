//! What can go wrong with a row, and with a source as a whole.

use std::path::PathBuf;

/// Why a row could not be used. Caused by the kernel, by a damaged capture or by a hostile tree.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The line has fewer columns than every known kernel prints.
    #[error("the row ends before its {0} column")]
    MissingColumn(&'static str),
    /// A column does not hold the number it should.
    #[error("the {0} column is not a number of the expected form")]
    BadNumber(&'static str),
    /// A column holds a number that is out of range.
    #[error("the {0} column is out of range")]
    OutOfRange(&'static str),
    /// The state is one that no kernel documents.
    #[error(transparent)]
    State(#[from] portlog_model::UnknownState),
    /// The line is longer than any kernel prints.
    #[error("the row is longer than {0} bytes")]
    TooLong(usize),
    /// The row stands at the end of a file that was cut off.
    #[error("the row is cut off")]
    CutOff,
    /// A line feed is missing: what follows the row's columns looks like another row.
    #[error("the line holds more than one row")]
    Joined,
    /// A netlink message is shorter than its fixed part.
    #[error("the message is shorter than its fixed part")]
    ShortMessage,
}

/// Why a source can give nothing at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read. Caused by a wrong path or missing permission.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
}
