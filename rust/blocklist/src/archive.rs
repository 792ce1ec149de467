//! Packed lists: gzip files, and zip archives with one list or several.
//!
//! Lists and bundles are published packed, and a packed file is untrusted input that can grow a
//! thousandfold. So nothing is unpacked beyond what a list may have, beyond [`MAX_RATIO`] times the
//! packed size, or out of an archive in an archive. The members of a zip stay lists of their own: each
//! keeps its line numbers, its category and its digest, which a single joined list could not tell.
//!
//! A list's digest and line numbers are those of the unpacked text, so that they are the same however it
//! was packed.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use portlog_model::WallTime;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::{List, Shown};

/// A list that was packed.
#[derive(Clone, Eq, PartialEq)]
pub struct Member {
    /// Its name in the archive, safe to show; `None` for a gzip file, which holds one list alone.
    pub name: Option<Shown>,
    /// Its date in the archive. The format has no time zone; it is taken as UTC.
    pub modified: Option<WallTime>,
    /// The list as it was before packing.
    pub bytes: Vec<u8>,
}

/// Why a packed file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// More than a list may have would come out. Caused by a wrong file, or one made to exhaust whoever
    /// unpacks it.
    #[error("unpacked it has more than the {most} bytes that lists in one file may have")]
    TooLarge {
        /// The bound in bytes.
        most: u64,
    },
    /// It grows far more than lists do. Caused by a file made to exhaust whoever unpacks it.
    #[error(
        "it grows to more than {most} times its size, as no list does; it is not unpacked further"
    )]
    Bomb {
        /// The bound.
        most: u64,
    },
    /// The archive is larger than is read. Caused by a wrong file.
    #[error("the archive has {bytes} bytes, more than the {most} that are read; unpack it first")]
    ArchiveTooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The bound in bytes.
        most: u64,
    },
    /// The archive holds more files than are read.
    #[error("the archive holds more than {most} files; unpack it, and name the lists in it")]
    TooManyMembers {
        /// The bound.
        most: usize,
    },
    /// The archive holds no file.
    #[error("the archive holds no file")]
    NoMember,
    /// A file in it needs a password.
    #[error("{name} in it needs a password; unpack it first")]
    Encrypted {
        /// The file in the archive.
        name: Shown,
    },
    /// A file in it is packed by another method than deflate, or is an archive itself.
    #[error("{name} in it is packed in another way than deflate; unpack it first")]
    Method {
        /// The file in the archive.
        name: Shown,
    },
    /// The file is cut off or damaged.
    #[error("the archive is damaged or cut off; get it again")]
    Damaged(#[source] std::io::Error),
}

/// A packed list grows to at most this many times its size; hosts files reach a tenth of it. Deflate
/// itself ends at 1032.
pub const MAX_RATIO: u64 = 200;

/// What is unpacked whatever the ratio.
const ALWAYS: u64 = 1 << 20;
/// The largest zip: what is kept of each file in it must fit in memory, too.
const MAX_ZIP: u64 = 64 << 20;
/// The most files in a zip.
const MAX_MEMBERS: usize = 64;

/// The lists in a packed file; `None` where `bytes` are neither gzip nor zip.
pub fn unpack(bytes: &[u8]) -> Result<Option<Vec<Member>>, ArchiveError> {
    match bytes {
        [0x1F, 0x8B, ..] => gunzip(bytes).map(|member| Some(vec![member])),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => unzip(bytes).map(Some),
        _ => Ok(None),
    }
}

fn gunzip(bytes: &[u8]) -> Result<Member, ArchiveError> {
    let mut budget = Budget::new(bytes.len());
    let unpacked = budget.read(MultiGzDecoder::new(bytes))?;
    if is_packed(&unpacked) {
        let name = Shown::new("the file");
        return Err(ArchiveError::Method { name });
    }
    Ok(Member {
        name: None,
        modified: None,
        bytes: unpacked,
    })
}

fn unzip(bytes: &[u8]) -> Result<Vec<Member>, ArchiveError> {
    if wide(bytes.len()) > MAX_ZIP {
        return Err(ArchiveError::ArchiveTooLarge {
            bytes: wide(bytes.len()),
            most: MAX_ZIP,
        });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_MEMBERS {
        return Err(ArchiveError::TooManyMembers { most: MAX_MEMBERS });
    }
    let mut budget = Budget::new(bytes.len());
    let mut members = Vec::new();
    for number in 0..archive.len() {
        let entry = archive.by_index_data(number).map_err(damaged)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let shown = Shown::new(&name);
        if entry.is_dir() || is_leftover(&name) {
            continue;
        }
        if entry.encrypted() {
            return Err(ArchiveError::Encrypted { name: shown });
        }
        let modified = entry.last_modified().and_then(date);
        let file = archive.by_index(number).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                ArchiveError::Method {
                    name: shown.clone(),
                }
            }
            error => damaged(error),
        })?;
        let unpacked = budget.read(file)?;
        if is_packed(&unpacked) {
            return Err(ArchiveError::Method { name: shown });
        }
        members.push(Member {
            name: Some(shown),
            modified,
            bytes: unpacked,
        });
    }
    if members.is_empty() {
        return Err(ArchiveError::NoMember);
    }
    Ok(members)
}

/// What may still be unpacked of one file.
struct Budget {
    left: u64,
    by_ratio: bool,
}

impl Budget {
    fn new(packed: usize) -> Self {
        let by_ratio = wide(packed).saturating_mul(MAX_RATIO).max(ALWAYS);
        Self {
            left: by_ratio.min(wide(List::MAX_BYTES)),
            by_ratio: by_ratio < wide(List::MAX_BYTES),
        }
    }

    fn read(&mut self, packed: impl Read) -> Result<Vec<u8>, ArchiveError> {
        let mut unpacked = Vec::new();
        packed
            .take(self.left.saturating_add(1))
            .read_to_end(&mut unpacked)
            .map_err(ArchiveError::Damaged)?;
        match self.left.checked_sub(wide(unpacked.len())) {
            Some(left) => {
                self.left = left;
                Ok(unpacked)
            }
            None if self.by_ratio => Err(ArchiveError::Bomb { most: MAX_RATIO }),
            None => Err(ArchiveError::TooLarge {
                most: wide(List::MAX_BYTES),
            }),
        }
    }
}

/// An archive in an archive.
const fn is_packed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1F, 0x8B, ..] | [b'P', b'K', 3 | 5, 4 | 6, ..])
}

/// What desktops add to archives unasked.
fn is_leftover(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || matches!(file, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn date(at: zip::DateTime) -> Option<WallTime> {
    let whole = DateTime::new(
        i16::try_from(at.year()).ok()?,
        i8::try_from(at.month()).ok()?,
        i8::try_from(at.day()).ok()?,
        i8::try_from(at.hour()).ok()?,
        i8::try_from(at.minute()).ok()?,
        i8::try_from(at.second()).ok()?,
        0,
    );
    // The first moment that the format knows stands for "not told".
    let whole = whole.ok().filter(|_| at.year() > 1980)?;
    let stamp = Offset::UTC.to_timestamp(whole).ok()?;
    Some(WallTime::from_millis(stamp.as_millisecond()))
}

fn damaged(error: ZipError) -> ArchiveError {
    ArchiveError::Damaged(error.into())
}

fn wide(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// Without the text, which may be megabytes.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("name", &self.name)
            .field("modified", &self.modified)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
