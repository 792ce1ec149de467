//! A list compiled into a file that is mapped, not read: rules by the million cost pages of the file
//! that the system may drop and read again, and next to no memory of their own.
//!
//! The form is that of docs/LIST-FORMAT.md. What decides whether there is an answer (filter, fingerprints,
//! ranges) is small and lies together; what an answer says (entry, line) lies behind it and is touched
//! for a hit alone. Opening checks the index as a whole; after that every offset is checked again each
//! time it is used, since a mapped file is the file, not a copy of it. So damage gives an error, a missing
//! answer or a damaged text, and never a panic or another list's answer.

mod about;
mod directory;
mod error;
mod hash;
mod layout;
mod map;
mod names;
mod ranges;
mod verify;
mod walk;
pub(crate) mod write;

use std::fmt;
use std::fs::File;
use std::sync::Arc;

pub(crate) use about::About;
pub use error::CompiledError;
pub use map::MappedFile;
pub(crate) use walk::WalkedKind;

use self::error::damaged;
use self::layout::{Section, Sections};
use self::map::Bytes;
use self::ranges::Tables;

/// A compiled list that is open. Clones share the mapping.
#[derive(Clone)]
pub struct CompiledList {
    bytes: Arc<Bytes>,
    sections: Sections,
    about: About,
    tables: Tables,
}

impl CompiledList {
    /// The largest compiled list in bytes: 1 GiB, what a process of 32 bits can still map.
    pub const MAX_BYTES: u64 = layout::MAX_BYTES;

    /// Whether a file that begins with `bytes` is a compiled list; eight of them tell.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&layout::MAGIC)
    }

    /// Maps a file and checks header, version, the bounds of its sections and the checksum of its index.
    ///
    /// The file must not be written to while it is open: a newer list is written beside it and renamed
    /// into its place, which leaves this one as it is. A file that is made shorter under us ends the
    /// process (SIGBUS), as with every mapped file; see docs/adr/0012-lists-mapped-into-memory.md.
    pub fn open(file: &File) -> Result<Self, CompiledError> {
        Self::checked(Bytes::map(file).map_err(CompiledError::Map)?)
    }

    /// As [`CompiledList::open`], for bytes in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CompiledError> {
        Self::checked(Bytes::Owned(bytes))
    }

    /// Checks every byte: the texts' checksum, and that each part of the index is as it was built,
    /// leads where it should and is found by a lookup. Takes as long as the file is large.
    pub fn verify(&self) -> Result<(), CompiledError> {
        verify::verify(self)
    }

    /// The file's size in bytes.
    pub fn bytes(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }

    /// The size of the texts in bytes: every entry as written, its name where that is not a part of it,
    /// and eight bytes for each.
    pub fn text_bytes(&self) -> u64 {
        u64::try_from(self.section(Section::Texts).len()).unwrap_or(u64::MAX)
    }

    pub(crate) const fn about(&self) -> &About {
        &self.about
    }

    fn checked(bytes: Bytes) -> Result<Self, CompiledError> {
        let sections = layout::open(&bytes)?;
        let about = sections
            .get(Section::About.number())
            .and_then(|section| bytes.get(section.clone()))
            .unwrap_or_default();
        let about = About::read(about)?;
        let tables = Tables::new(&bytes, &sections).ok_or(damaged("the ranges of addresses"))?;
        let list = Self {
            bytes: Arc::new(bytes),
            sections,
            about,
            tables,
        };
        verify::sizes(&list)?;
        Ok(list)
    }

    #[inline]
    fn section(&self, section: Section) -> &[u8] {
        self.sections
            .get(section.number())
            .and_then(|section| self.bytes.get(section.clone()))
            .unwrap_or_default()
    }
}

/// Without the rules, of which there may be millions.
impl fmt::Debug for CompiledList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledList")
            .field("about", &self.about)
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
