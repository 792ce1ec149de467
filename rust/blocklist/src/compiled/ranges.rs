//! Addresses in a compiled file: nested networks laid flat into ranges, and a directory by the first
//! bits of an address in front of them.

use std::net::IpAddr;

use portlog_model::HitKind;

use super::CompiledList;
use super::layout::{Section, nth_u32, to_usize, u32_at};
use crate::addresses::NONE;
use crate::rules::{Said, Side};

/// `record: u32, wider: u32, open_bits: u8, is_address: u8, 0: u16`.
pub(super) const RULE: usize = 12;

/// The directory has an entry for each value of so many bits, at most.
pub(super) const MAX_DIRECTORY_BITS: u32 = 16;

/// The four sections of one table: directory, starts, the narrowest rule of each range, rules.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) directory: &'a [u8],
    pub(super) starts: &'a [u8],
    pub(super) narrowest: &'a [u8],
    pub(super) rules: &'a [u8],
    /// The size of an address in bytes: 4 or 16.
    pub(super) width: usize,
}

/// A rule as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredRule {
    pub(super) record: u32,
    pub(super) wider: u32,
    pub(super) open_bits: u8,
    pub(super) is_address: u8,
}

impl CompiledList {
    /// The narrowest entry that holds `address`, where no exception takes it back.
    pub(crate) fn address(&self, address: IpAddr) -> Option<Said<'_>> {
        let rule = self.covering(address, Side::Rules).next()?;
        let mut exceptions = self.covering(address, Side::Exceptions);
        exceptions.next().is_none().then(|| self.said_address(rule))
    }

    /// Every entry of this side that holds `address`, the narrowest first.
    pub(crate) fn addresses(&self, address: IpAddr, side: Side) -> Vec<Said<'_>> {
        self.covering(address, side)
            .map(|rule| self.said_address(rule))
            .collect()
    }

    fn covering(&self, address: IpAddr, side: Side) -> impl Iterator<Item = StoredRule> {
        let (table, first) = match address.to_canonical() {
            IpAddr::V4(address) => {
                let table = self.table(match side {
                    Side::Rules => Section::V4,
                    Side::Exceptions => Section::V4Exceptions,
                });
                (
                    table,
                    table.find(address.to_bits(), address.to_bits() >> 16, u32_nth),
                )
            }
            IpAddr::V6(address) => {
                let table = self.table(match side {
                    Side::Rules => Section::V6,
                    Side::Exceptions => Section::V6Exceptions,
                });
                let [top, ..] = address.segments();
                (
                    table,
                    table.find(address.to_bits(), u32::from(top), u128_nth),
                )
            }
        };
        let rule = move |number| table.rule(number).map(|rule| (number, rule));
        // A rule that holds another stands in front of it; a file that says otherwise would lead
        // round in a circle.
        std::iter::successors(first.and_then(rule), move |(number, before)| {
            (before.wider < *number)
                .then(|| rule(before.wider))
                .flatten()
        })
        .map(|(_, rule)| rule)
    }

    /// The table whose first section is `first`.
    pub(super) fn table(&self, first: Section) -> Table<'_> {
        let at = |plus: usize| self.numbered(first.number().saturating_add(plus));
        Table {
            directory: at(0),
            starts: at(1),
            narrowest: at(2),
            rules: at(3),
            width: match first {
                Section::V4 | Section::V4Exceptions => 4,
                _ => 16,
            },
        }
    }

    /// The index says that the rule is there; where its text is damaged it is shown as far as it goes.
    fn said_address(&self, rule: StoredRule) -> Said<'_> {
        let record = self.record_at(rule.record);
        Said {
            text: record.map_or("".into(), |record| String::from_utf8_lossy(record.entry)),
            line: record.map_or(0, |record| record.line),
            kind: if rule.is_address == 1 {
                HitKind::Address
            } else {
                HitKind::Network
            },
            open_bits: rule.open_bits,
        }
    }
}

impl Table<'_> {
    /// How many ranges there are.
    pub(super) const fn ranges(&self) -> usize {
        self.narrowest.len() / 4
    }

    /// The bits that the directory goes by; `None` where its size is none that it can have.
    pub(super) fn directory_bits(&self) -> Option<u32> {
        let entries = (self.directory.len() / 4).checked_sub(1)?;
        let bits = entries.checked_ilog2()?;
        (entries.is_power_of_two() && bits <= MAX_DIRECTORY_BITS).then_some(bits)
    }

    /// The narrowest rule for `address`, whose first 16 bits are `top`.
    #[inline]
    fn find<T: Copy + Ord>(
        &self,
        address: T,
        top: u32,
        start: impl Fn(&[u8], usize) -> Option<T>,
    ) -> Option<u32> {
        let bits = self.directory_bits()?;
        let slot = to_usize(top >> (MAX_DIRECTORY_BITS - bits));
        let mut low = to_usize(nth_u32(self.directory, slot)?);
        let mut high = to_usize(nth_u32(self.directory, slot.checked_add(1)?)?);
        // Ranges that begin at or before the address: at least `low`, at most `high`.
        while low < high {
            let middle = low.midpoint(high);
            if start(self.starts, middle)? <= address {
                low = middle.checked_add(1)?;
            } else {
                high = middle;
            }
        }
        let number = nth_u32(self.narrowest, low.checked_sub(1)?)?;
        (number != NONE).then_some(number)
    }

    /// The `number`th rule.
    pub(super) fn rule(&self, number: u32) -> Option<StoredRule> {
        let at = to_usize(number).checked_mul(RULE)?;
        let rule = self.rules.get(at..at.checked_add(RULE)?)?;
        let &[.., open_bits, is_address, _, _] = rule else {
            return None;
        };
        Some(StoredRule {
            record: u32_at(rule, 0)?,
            wider: u32_at(rule, 4)?,
            open_bits,
            is_address,
        })
    }
}

pub(super) fn u32_nth(starts: &[u8], number: usize) -> Option<u32> {
    nth_u32(starts, number)
}

pub(super) fn u128_nth(starts: &[u8], number: usize) -> Option<u128> {
    let at = number.checked_mul(16)?;
    let bytes = starts.get(at..at.checked_add(16)?)?;
    Some(u128::from_le_bytes(bytes.try_into().ok()?))
}
