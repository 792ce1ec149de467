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
    /// The first line does not name the columns that are to be read.
    #[error("the line of column names is missing or not a known one")]
    Header,
    /// The row stands where rows with higher numbers came before.
    #[error("the row was given before")]
    Repeated,
    /// A netlink message is shorter than its fixed part.
    #[error("the message is shorter than its fixed part")]
    ShortMessage,
    /// A netlink message says that it is longer than what was received, or shorter than its header.
    #[error("the message's length is wrong")]
    MessageLength,
    /// A netlink message speaks of another address family than was asked for.
    #[error("the message is of address family {0}")]
    Family(u8),
    /// A netlink message names a protocol that is in no table, or none.
    #[error("the message names no known protocol")]
    Protocol,
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
    /// A folder holds no socket tables. Caused by a wrong path.
    #[error(
        "{} is neither a tree like /proc (it has no net/) nor a folder of such trees named by time; \
         give the folder that holds net/, or name each tree by its time, as in \
         20260314T092530.250Z",
        path.display()
    )]
    NoCapture {
        /// The folder.
        path: PathBuf,
    },
    /// A folder was to be replayed as a series and is one tree. Caused by the caller.
    #[error("{} is one tree like /proc, not a series of them; read it as procfs", path.display())]
    SingleTree {
        /// The folder.
        path: PathBuf,
    },
    /// A folder holds more trees than are replayed at once.
    #[error("{} holds more than {limit} trees; give a part of them", path.display())]
    TooManyTrees {
        /// The folder.
        path: PathBuf,
        /// How many there may be.
        limit: usize,
    },
    /// sock_diag speaks of the kernel that runs here and was to be completed with tables from
    /// elsewhere. Caused by the caller.
    #[error(
        "{} is not the proc file system of this machine, sock_diag cannot go with it; \
         read it as procfs",
        path.display()
    )]
    NotThisKernel {
        /// The other tree.
        path: PathBuf,
    },
}
