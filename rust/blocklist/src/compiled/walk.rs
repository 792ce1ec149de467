//! Every record of a compiled file, in the order in which they stand in it.

use super::CompiledList;
use super::layout::{Section, to_usize};
use super::names::{ADDRESS, BEHIND, NameKind, RECORD};

/// A record, as far as its text can be read.
pub(crate) struct Walked<'a> {
    pub(crate) line: u32,
    /// The entry as written.
    pub(crate) entry: &'a str,
    /// The name that it is about, and whether exactly, with all below, or as an exception; `None` for
    /// addresses and networks.
    pub(crate) name: Option<(&'a str, WalkedKind)>,
}

/// What a name's record is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WalkedKind {
    Exact,
    Domain,
    Exception,
}

impl CompiledList {
    /// Every record; ends where one cannot be read, which [`CompiledList::verify`] finds.
    pub(crate) fn walk(&self) -> impl Iterator<Item = Walked<'_>> {
        let mut at = 0_u32;
        std::iter::from_fn(move || {
            let record = self.record_at(at)?;
            let head = self.section(Section::Texts).get(to_usize(at)..)?;
            let &[.., name_length, how] = head.first_chunk::<RECORD>()?;
            let behind = if record.kind != ADDRESS && how >> 2 == BEHIND {
                usize::from(name_length)
            } else {
                0
            };
            let length = RECORD
                .checked_add(record.entry.len())?
                .checked_add(behind)?;
            at = at.checked_add(u32::try_from(length).ok()?)?;
            let entry = std::str::from_utf8(record.entry).ok()?;
            let kind = match record.kind {
                kind if kind == NameKind::Exact as u8 => WalkedKind::Exact,
                kind if kind == NameKind::Domain as u8 => WalkedKind::Domain,
                _ => WalkedKind::Exception,
            };
            let name = match record.kind {
                ADDRESS => None,
                _ => Some((std::str::from_utf8(record.name).ok()?, kind)),
            };
            Some(Walked {
                line: record.line,
                entry,
                name,
            })
        })
    }
}
