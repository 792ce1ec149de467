//! Why a report cannot be looked at.

use std::io;
use std::path::{Path, PathBuf};

/// Why nothing can be taken from a file or folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It could not be read. Caused by a wrong path, missing permission or a damaged archive.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// It looks like a zip, and is none.
    #[error("{} is a damaged zip", path.display())]
    Zip {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: zip::result::ZipError,
    },
    /// It is packed in a way in which no bug report comes.
    #[error("{} is packed with gzip; unpack it first", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
    },
    /// It is an acquisition of androidqf in a zip.
    #[error("{} is an androidqf acquisition; unpack it, and name its folder", path.display())]
    PackedAcquisition {
        /// The file.
        path: PathBuf,
    },
    /// An acquisition of androidqf is encrypted.
    #[error(
        "{} is encrypted; decrypt it with 'age --decrypt', unpack it, and name its folder",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// It is none of what is understood.
    #[error(
        "{} is no bug report (bugreport-*.zip, or the text in it) and no folder of androidqf; a tree like \
         /proc is for --proc",
        path.display()
    )]
    NoReport {
        /// The file or folder.
        path: PathBuf,
    },
    /// An acquisition holds no bug report.
    #[error(
        "{} is an androidqf acquisition without bugreport.zip: it has no sockets; make a bug report as \
         well ('adb bugreport')",
        path.display()
    )]
    NoSockets {
        /// The folder.
        path: PathBuf,
    },
    /// A file of an acquisition is not what it should be.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}

impl Error {
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Read { path, source }
    }
}
