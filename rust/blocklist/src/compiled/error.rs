//! Why a compiled list cannot be written or opened.

use std::io;

/// Why a compiled list cannot be written or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompiledError {
    /// The file cannot be mapped. Caused by a machine that has no room for it, or by a file that is none.
    #[error("the file cannot be mapped into memory")]
    Map(#[source] io::Error),
    /// The compiled list cannot be written. Caused by a full disk, say.
    #[error("the compiled list cannot be written")]
    Write(#[source] io::Error),
    /// The file does not begin as a compiled list does. Caused by a wrong file.
    #[error("the file is no compiled list")]
    NotCompiled,
    /// The file is of a later version of the form. Caused by a newer Portlog that built it.
    #[error(
        "the file is a compiled list of version {version}, and this program reads {most}; build it again"
    )]
    Newer {
        /// The version of the file.
        version: u32,
        /// The version that is read.
        most: u32,
    },
    /// The file is of an earlier version of the form. Caused by an older Portlog that built it.
    #[error(
        "the file is a compiled list of version {version}, and this program reads {reads}; build it again"
    )]
    Older {
        /// The version of the file.
        version: u32,
        /// The version that is read.
        reads: u32,
    },
    /// The file has another size than it says. Caused by a copy that was cut off.
    #[error(
        "the compiled list has {bytes} bytes and says that it has {said}; copy or build it again"
    )]
    Size {
        /// Its size in bytes.
        bytes: u64,
        /// The size that it tells.
        said: u64,
    },
    /// A part of the file is not what it must be. Caused by damage.
    #[error("the compiled list is damaged ({part}); copy or build it again")]
    Damaged {
        /// What is wrong, or where.
        part: &'static str,
    },
    /// The list is larger than the form holds: 1 GiB.
    #[error(
        "the compiled list would have more than the {most} bytes that it may have; split the list"
    )]
    TooLarge {
        /// The bound in bytes.
        most: u64,
    },
    /// The list was itself opened from a compiled file.
    #[error("the list is compiled already")]
    IsCompiled,
}

/// A part of the file that is not what it must be.
pub(super) const fn damaged(part: &'static str) -> CompiledError {
    CompiledError::Damaged { part }
}
