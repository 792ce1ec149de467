//! Where things stand in a compiled file; docs/LIST-FORMAT.md is its description.

use std::ops::Range;

use twox_hash::XxHash3_64;

use super::CompiledError;
use super::error::damaged;

/// How every compiled list begins. The byte above 127 and the line ends show damage by programs
/// that take it for text, as PNG's do.
pub(super) const MAGIC: [u8; 8] = *b"\x89PLIST\r\n";

/// The version of the form.
pub(super) const VERSION: u32 = 2;

/// The header's size in bytes; the table of sections follows it.
pub(super) const HEADER: usize = 64;

/// The size of a line in the table of sections.
pub(super) const TABLE_LINE: usize = 24;

/// Sections begin at multiples of this, a line of the processor's cache.
pub(super) const ALIGN: usize = 64;

/// What is behind this offset of the header goes into the index's checksum.
pub(super) const CHECKED_FROM: usize = 32;

/// No more bytes than this: what a process of 32 bits can map beside everything else.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// The sections, by their place in the table, which is also their number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Section {
    About,
    Filter,
    Buckets,
    Names,
    /// Directory, ranges, rules; so are the next three.
    V4,
    V6 = 7,
    V4Exceptions = 10,
    V6Exceptions = 13,
    /// The last: what is in front of it is the index.
    Texts = 16,
}

impl Section {
    pub(super) const COUNT: usize = 17;

    pub(super) const fn number(self) -> usize {
        self as usize
    }
}

/// Where each section stands in the file.
pub(super) type Sections = [Range<usize>; Section::COUNT];

/// The checksum that the form uses: XXH3 with 64 bits, without a seed.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

/// Reads the header and the table of sections, and checks the index: all but the texts.
pub(super) fn open(bytes: &[u8]) -> Result<Sections, CompiledError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(CompiledError::NotCompiled);
    }
    let header = |at| u64_at(bytes, at).ok_or(damaged("the header is cut off"));
    let version = u32_at(bytes, 8).ok_or(damaged("the header is cut off"))?;
    if version > VERSION {
        return Err(CompiledError::Newer {
            version,
            most: VERSION,
        });
    }
    if version < VERSION {
        return Err(CompiledError::Older {
            version,
            reads: VERSION,
        });
    }
    let said = header(16)?;
    let wide = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
    if said != wide(bytes.len()) {
        return Err(CompiledError::Size {
            bytes: wide(bytes.len()),
            said,
        });
    }
    if said > MAX_BYTES {
        return Err(CompiledError::TooLarge { most: MAX_BYTES });
    }
    let end = usize::try_from(header(32)?).map_err(|_| damaged("the header"))?;
    let index = bytes.get(CHECKED_FROM..end).ok_or(damaged("the header"))?;
    if checksum(index) != header(24)? {
        return Err(damaged("the index has another checksum"));
    }
    if header(48)? != wide(Section::COUNT) || header(56)? != 0 || u32_at(bytes, 12) != Some(0) {
        return Err(damaged("the header"));
    }
    let mut sections: Sections = std::array::from_fn(|_| 0..0);
    let mut before = HEADER + TABLE_LINE * Section::COUNT;
    for (number, section) in sections.iter_mut().enumerate() {
        let at = HEADER + TABLE_LINE * number;
        *section = section_at(bytes, at, number)
            .filter(|section| section.start >= before && section.start.is_multiple_of(ALIGN))
            .ok_or(damaged("the table of sections"))?;
        before = section.end;
    }
    if before != bytes.len() || sections.last().map(|texts| texts.start) != Some(end) {
        return Err(damaged("the table of sections"));
    }
    Ok(sections)
}

fn section_at(bytes: &[u8], at: usize, number: usize) -> Option<Range<usize>> {
    if u64_at(bytes, at)? != u64::try_from(number).ok()? {
        return None;
    }
    let start = usize::try_from(u64_at(bytes, at.checked_add(8)?)?).ok()?;
    let length = usize::try_from(u64_at(bytes, at.checked_add(16)?)?).ok()?;
    let end = start.checked_add(length)?;
    (end <= bytes.len()).then_some(start..end)
}

/// The number that stands at `at`.
#[inline]
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// The number that stands at `at`.
#[inline]
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}

/// The `number`th of numbers of 32 bits.
#[inline]
pub(super) fn nth_u32(bytes: &[u8], number: usize) -> Option<u32> {
    u32_at(bytes, number.checked_mul(4)?)
}

/// The `number`th of numbers of 64 bits.
#[inline]
pub(super) fn nth_u64(bytes: &[u8], number: usize) -> Option<u64> {
    u64_at(bytes, number.checked_mul(8)?)
}

/// 32-bit numbers are offsets everywhere that this runs: pointers have 32 or 64 bits.
#[inline]
pub(super) const fn to_usize(number: u32) -> usize {
    number as usize
}

/// `hash` mapped onto `0..count` by its upper half, as even as the hash (multiply and shift).
#[inline]
pub(super) fn spread(hash: u64, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(u64::MAX) & u64::from(u32::MAX);
    usize::try_from(((hash >> 32) * count) >> 32).unwrap_or(0)
}
