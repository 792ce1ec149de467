//! The one place that maps a file into memory, and the one with `unsafe` in this crate
//! (docs/adr/0012-lists-mapped-into-memory.md).

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// A file's bytes, mapped and not read: pages of it that the system may drop and read again.
///
/// For a list that is to be parsed, in a folder that nobody else can write: a file that is made shorter
/// under us ends the process, as with [`super::CompiledList::open`].
pub struct MappedFile(Bytes);

impl MappedFile {
    /// Maps the whole of `file`. Fails where it is no regular file, or too large for the addresses that are
    /// left.
    pub fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self(Bytes::Owned(Vec::new())));
        }
        Bytes::map(file).map(Self)
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MappedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MappedFile").field(&self.len()).finish()
    }
}

/// The bytes of a compiled list.
pub(super) enum Bytes {
    /// In a file that is mapped read-only.
    Mapped(Mmap),
    /// In memory.
    Owned(Vec<u8>),
}

impl Bytes {
    /// Maps the whole of `file`. Fails where it is empty, no regular file, or too large for the
    /// addresses that are left.
    pub(super) fn map(file: &File) -> io::Result<Self> {
        #[expect(unsafe_code, reason = "no safe call maps a file")]
        // SAFETY: the mapping is read-only and lives as long as the value that owns it. What no
        // program can rule out is that another one changes the file meanwhile. Files are built
        // beside their place and renamed into it, never written in place, so a newer list is
        // another file; and every value that is read is checked each time before it is used as an
        // offset, so changed bytes give a wrong answer or none, never a read elsewhere. Text is
        // copied before it is looked at as text.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}
