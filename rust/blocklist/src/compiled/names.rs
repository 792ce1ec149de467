//! Names in a compiled file: a filter, buckets of fingerprints, and the texts that confirm them.

use portlog_model::HitKind;

use super::CompiledList;
use super::hash::{Suffix, filter_bits};
use super::layout::{Section, nth_u32, nth_u64, spread, to_usize, u32_at};
use crate::rules::{Said, Side};

/// What a name's rule is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum NameKind {
    Exact,
    Domain,
    Exception,
}

/// An entry as it stands in the texts: `line: u32, length: u16, name_length: u8, how: u8`, the entry,
/// and its name behind it where that is not a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) line: u32,
    pub(super) entry: &'a [u8],
    pub(super) name: &'a [u8],
    /// The two lower bits of `how`. Records of addresses have no name.
    pub(super) kind: u8,
}

/// The size of a record in front of its entry.
pub(super) const RECORD: usize = 8;

/// The upper six bits of `how`: the name is not within the entry, but behind it.
pub(super) const BEHIND: u8 = 63;

/// The two lower bits of `how` where the entry is an address or a network.
pub(super) const ADDRESS: u8 = 3;

/// The deepest name that a rule can have: 253 bytes hold no more labels.
pub(super) const MAX_DEPTH: usize = 127;

/// A fingerprint and an offset.
pub(super) const NAME_LINE: usize = 8;

/// The suffixes of a name that the filter lets pass, by their number of labels.
struct Candidates {
    /// Bit n: the suffix of n labels.
    passed: u128,
    /// How many labels the whole name has; 0 where it is deeper than any rule.
    depth: usize,
}

impl CompiledList {
    /// The entry that speaks of `name` (canonical), where no exception takes it back.
    pub(crate) fn name(&self, name: &str) -> Option<Said<'_>> {
        let candidates = self.candidates(name.as_bytes());
        if candidates.passed == 0 {
            return None;
        }
        let found = self.confirmed(name.as_bytes(), &candidates);
        let exact = found.exact(self, candidates.depth);
        let first = exact.or_else(|| found.covering(self, NameKind::Domain).next())?;
        let mut exceptions = found.covering(self, NameKind::Exception);
        exceptions.next().is_none().then(|| said(first))
    }

    /// Every entry of this side that covers `name` (canonical), the narrowest first.
    pub(crate) fn names(&self, name: &str, side: Side) -> Vec<Said<'_>> {
        let candidates = self.candidates(name.as_bytes());
        let found = self.confirmed(name.as_bytes(), &candidates);
        match side {
            Side::Rules => found
                .exact(self, candidates.depth)
                .into_iter()
                .chain(found.covering(self, NameKind::Domain))
                .map(said)
                .collect(),
            Side::Exceptions => found
                .covering(self, NameKind::Exception)
                .map(said)
                .collect(),
        }
    }

    /// One pass over the name from its right end; nearly every name ends here.
    #[inline]
    fn candidates(&self, name: &[u8]) -> Candidates {
        let depths = self.about.depths[0] | self.about.depths[1] | self.about.depths[2];
        let filter = self.section(Section::Filter);
        let words = filter.len() / 8;
        let is_likely = |suffix: Suffix| {
            let hash = suffix.hash();
            let bits = filter_bits(hash);
            nth_u64(filter, spread(hash, words)).is_some_and(|word| word & bits == bits)
        };
        let mut suffix = Suffix::new(self.about.seed);
        let mut bit = 2_u128;
        let mut passed = 0;
        let mut depth = 1;
        for &byte in name.iter().rev() {
            if byte == b'.' {
                if depths & bit != 0 && is_likely(suffix) {
                    passed |= bit;
                }
                depth += 1;
                if depth > MAX_DEPTH {
                    return Candidates { passed, depth: 0 };
                }
                bit <<= 1;
            }
            suffix = suffix.with(byte);
        }
        if depths & bit != 0 && is_likely(suffix) {
            passed |= bit;
        }
        Candidates { passed, depth }
    }

    /// The hashes of the suffixes that passed.
    fn confirmed<'n>(&self, name: &'n [u8], candidates: &Candidates) -> Found<'n> {
        let mut found = Found {
            name,
            hashes: [0; MAX_DEPTH + 1],
            starts: [0; MAX_DEPTH + 1],
            passed: candidates.passed,
        };
        let mut suffix = Suffix::new(self.about.seed);
        let mut depth = 1;
        for (at, &byte) in name.iter().enumerate().rev() {
            if byte == b'.' {
                found.keep(depth, suffix, at + 1);
                depth += 1;
            }
            suffix = suffix.with(byte);
        }
        found.keep(depth, suffix, 0);
        found
    }

    /// The record for `name` itself of this kind.
    fn record(&self, hash: u64, name: &[u8], kind: NameKind) -> Option<Record<'_>> {
        let buckets = self.section(Section::Buckets);
        let names = self.section(Section::Names);
        let bucket = spread(hash, (buckets.len() / 4).checked_sub(1)?);
        let first = to_usize(nth_u32(buckets, bucket)?);
        let end = to_usize(nth_u32(buckets, bucket.checked_add(1)?)?);
        let lines = names.get(first.checked_mul(NAME_LINE)?..end.checked_mul(NAME_LINE)?)?;
        lines
            .chunks_exact(NAME_LINE)
            .filter(|line| u32_at(line, 0) == Some(fingerprint(hash)))
            .filter_map(|line| self.record_at(u32_at(line, 4)?))
            .find(|record| record.name == name && record.kind == kind as u8)
    }

    /// The record that begins at `offset` of the texts.
    pub(super) fn record_at(&self, offset: u32) -> Option<Record<'_>> {
        let record = self.section(Section::Texts).get(to_usize(offset)..)?;
        let line = u32_at(record, 0)?;
        let &[.., low, high, name_length, how] = record.first_chunk::<RECORD>()?;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let behind = record.get(RECORD..)?;
        let entry = behind.get(..length)?;
        let name_length = if how & 3 == ADDRESS { 0 } else { name_length };
        let name_at = match how >> 2 {
            BEHIND => length,
            within => usize::from(within),
        };
        let name = behind.get(name_at..name_at.checked_add(usize::from(name_length))?)?;
        Some(Record {
            line,
            entry,
            name,
            kind: how & 3,
        })
    }
}

/// The part of a hash that is kept with a name.
pub(super) fn fingerprint(hash: u64) -> u32 {
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}

/// A name with the hashes of its suffixes, by their number of labels.
struct Found<'n> {
    name: &'n [u8],
    hashes: [u64; MAX_DEPTH + 1],
    starts: [u8; MAX_DEPTH + 1],
    passed: u128,
}

impl Found<'_> {
    fn keep(&mut self, depth: usize, suffix: Suffix, start: usize) {
        if let (Some(hash), Some(at), Ok(start)) = (
            self.hashes.get_mut(depth),
            self.starts.get_mut(depth),
            u8::try_from(start),
        ) {
            *hash = suffix.hash();
            *at = start;
        }
    }

    fn exact<'a>(&self, list: &'a CompiledList, depth: usize) -> Option<Record<'a>> {
        self.at(list, depth, NameKind::Exact)
    }

    /// The records of this kind for the name and what is above it, the longest first.
    fn covering<'a>(
        &self,
        list: &'a CompiledList,
        kind: NameKind,
    ) -> impl Iterator<Item = Record<'a>> {
        let mut left = self.passed & list.about.depths.get(kind as usize).unwrap_or(&0);
        std::iter::from_fn(move || {
            while let Some(depth) = left.checked_ilog2() {
                left &= !(1_u128 << depth);
                let found = self.at(list, usize::try_from(depth).ok()?, kind);
                if found.is_some() {
                    return found;
                }
            }
            None
        })
    }

    fn at<'a>(&self, list: &'a CompiledList, depth: usize, kind: NameKind) -> Option<Record<'a>> {
        let depths = list.about.depths.get(kind as usize)?;
        let bit = 1_u128.checked_shl(u32::try_from(depth).ok()?)?;
        if self.passed & depths & bit == 0 {
            return None;
        }
        let name = self.name.get(usize::from(*self.starts.get(depth)?)..)?;
        list.record(*self.hashes.get(depth)?, name, kind)
    }
}

fn said(record: Record<'_>) -> Said<'_> {
    Said {
        text: String::from_utf8_lossy(record.entry),
        line: record.line,
        kind: HitKind::Domain,
        open_bits: 0,
    }
}
