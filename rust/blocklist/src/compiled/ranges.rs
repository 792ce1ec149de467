//! Addresses in a compiled file: nested networks laid flat into ranges, behind a directory that
//! leads to the few ranges that can hold an address.

use std::net::IpAddr;
use std::ops::Range;

use portlog_model::HitKind;

use super::CompiledList;
use super::directory::{HEAD, Layout, Place};
use super::layout::{Section, Sections, to_usize, u32_at};
use super::names::{ADDRESS, RECORD};
use crate::addresses::NONE;
use crate::rules::{Said, Side};

/// `record: u32, wider: u32`.
pub(super) const RULE: usize = 8;

/// An address as it is stored.
pub(super) trait Address: Copy + Ord {
    /// Its size in bytes.
    const SIZE: usize;
    /// How many bits it has.
    const BITS: u8;

    /// The address that stands at `at`.
    fn at(bytes: &[u8], at: usize) -> Option<Self>;

    /// Its bytes, the lowest first.
    fn push(self, out: &mut Vec<u8>);

    /// How far it is behind `base`; `None` where it is in front of it.
    fn behind(self, base: u128) -> Option<Self>;

    /// Without its `shift` lowest bits; the greatest number where it is greater.
    fn shifted(self, shift: u32) -> usize;

    /// As a number of the greatest width.
    fn wide(self) -> u128;
}

impl Address for u32 {
    const SIZE: usize = 4;
    const BITS: u8 = 32;

    #[inline]
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        u32_at(bytes, at)
    }

    fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    #[inline]
    fn behind(self, base: u128) -> Option<Self> {
        self.checked_sub(Self::try_from(base).ok()?)
    }

    #[inline]
    fn shifted(self, shift: u32) -> usize {
        to_usize(self.checked_shr(shift).unwrap_or(0))
    }

    fn wide(self) -> u128 {
        u128::from(self)
    }
}

impl Address for u128 {
    const SIZE: usize = 16;
    const BITS: u8 = 128;

    #[inline]
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let bytes = bytes.get(at..at.checked_add(16)?)?;
        Some(Self::from_le_bytes(bytes.try_into().ok()?))
    }

    fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    #[inline]
    fn behind(self, base: u128) -> Option<Self> {
        self.checked_sub(base)
    }

    #[inline]
    fn shifted(self, shift: u32) -> usize {
        usize::try_from(self.checked_shr(shift).unwrap_or(0)).unwrap_or(usize::MAX)
    }

    fn wide(self) -> u128 {
        self
    }
}

/// Where the four tables of a list stand: IPv4, IPv6, and the exceptions of both.
#[derive(Clone)]
pub(super) struct Tables([TablePlace; 4]);

/// Where one table stands, and what its directory says of itself.
#[derive(Clone)]
struct TablePlace {
    directory: Range<usize>,
    ranges: Range<usize>,
    rules: Range<usize>,
    layout: Layout,
}

/// One table of rules.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    /// Slots and cells, behind the directory's head.
    pub(super) directory: &'a [u8],
    /// For each range where it begins, and what is said of it.
    pub(super) ranges: &'a [u8],
    pub(super) rules: &'a [u8],
    pub(super) layout: Layout,
}

/// A rule as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredRule {
    /// Where its entry stands in the texts.
    pub(super) record: u32,
    pub(super) wider: u32,
}

/// The entry of an address or a network as it stands in the texts: `line: u32, length: u16,
/// open_bits: u8, how: u8`, the entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressRecord<'a> {
    pub(super) line: u32,
    pub(super) entry: &'a [u8],
    pub(super) open_bits: u8,
    pub(super) how: u8,
}

/// `how` of an entry that is written as a network.
pub(super) const NETWORK: u8 = ADDRESS;

/// `how` of an entry that is written as an address.
pub(super) const SINGLE: u8 = ADDRESS | 1 << 2;

impl Tables {
    pub(super) fn new(bytes: &[u8], sections: &Sections) -> Option<Self> {
        Some(Self([
            TablePlace::new(bytes, sections, Section::V4)?,
            TablePlace::new(bytes, sections, Section::V6)?,
            TablePlace::new(bytes, sections, Section::V4Exceptions)?,
            TablePlace::new(bytes, sections, Section::V6Exceptions)?,
        ]))
    }
}

impl TablePlace {
    fn new(bytes: &[u8], sections: &Sections, table: Section) -> Option<Self> {
        let section = |plus: usize| sections.get(table.number().checked_add(plus)?).cloned();
        let first = section(0)?;
        let numbers = first.start.checked_add(HEAD)?;
        Some(Self {
            layout: Layout::read(bytes.get(first.start..numbers)?)?,
            directory: numbers..first.end,
            ranges: section(1)?,
            rules: section(2)?,
        })
    }
}

impl CompiledList {
    /// The narrowest entry that holds `address`, where no exception takes it back.
    #[inline]
    pub(crate) fn address(&self, address: IpAddr) -> Option<Said<'_>> {
        let (_, record) = self.find(address, Side::Rules)?;
        if self.find(address, Side::Exceptions).is_some() {
            return None;
        }
        Some(self.said_address(record))
    }

    /// Every entry of this side that holds `address`, the narrowest first.
    pub(crate) fn addresses(&self, address: IpAddr, side: Side) -> Vec<Said<'_>> {
        let Some((table, first)) = self.find(address, side) else {
            return Vec::new();
        };
        let rule = |number| table.rule(number).map(|rule| (number, rule));
        // A rule that holds another stands in front of it; a file that says otherwise would lead
        // round in a circle.
        let wider = |(number, narrower): &(u32, StoredRule)| {
            rule(narrower.wider).filter(|(wider, _)| wider < number)
        };
        let narrowest = table.rule_of(first).and_then(rule);
        let others = std::iter::successors(narrowest.as_ref().and_then(wider), wider);
        std::iter::once(first)
            .chain(others.map(|(_, rule)| rule.record))
            .map(|record| self.said_address(record))
            .collect()
    }

    /// The table for `address`, and the record of the narrowest rule in it that holds it.
    #[inline]
    fn find(&self, address: IpAddr, side: Side) -> Option<(Table<'_>, u32)> {
        let exceptions = match side {
            Side::Rules => 0,
            Side::Exceptions => 2,
        };
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let table = self.table(exceptions)?;
                Some((table, table.find(address.to_bits())?))
            }
            IpAddr::V6(address) => {
                let table = self.table(exceptions + 1)?;
                Some((table, table.find(address.to_bits())?))
            }
        }
    }

    /// The `number`th of the four tables; `None` where it has no rules.
    #[inline]
    pub(super) fn table(&self, number: usize) -> Option<Table<'_>> {
        let place = self.tables.0.get(number)?;
        if place.ranges.is_empty() {
            return None;
        }
        let bytes: &[u8] = &self.bytes;
        Some(Table {
            directory: bytes.get(place.directory.clone())?,
            ranges: bytes.get(place.ranges.clone())?,
            rules: bytes.get(place.rules.clone())?,
            layout: place.layout,
        })
    }

    /// The sizes of the `number`th table's directory (behind its head), ranges and rules.
    pub(super) fn table_sizes(&self, number: usize) -> Option<(Layout, [usize; 3])> {
        let place = self.tables.0.get(number)?;
        let sizes = [&place.directory, &place.ranges, &place.rules].map(Range::len);
        Some((place.layout, sizes))
    }

    /// The index says that the rule is there; where its text is damaged it is shown as far as it goes.
    fn said_address(&self, record: u32) -> Said<'_> {
        let record = self.address_record(record);
        Said {
            text: record.map_or("".into(), |record| String::from_utf8_lossy(record.entry)),
            line: record.map_or(0, |record| record.line),
            kind: if record.is_some_and(|record| record.how == SINGLE) {
                HitKind::Address
            } else {
                HitKind::Network
            },
            open_bits: record.map_or(0, |record| record.open_bits),
        }
    }

    /// The record that begins at `offset` of the texts.
    #[inline]
    pub(super) fn address_record(&self, offset: u32) -> Option<AddressRecord<'_>> {
        let record = self.section(Section::Texts).get(to_usize(offset)..)?;
        let line = u32_at(record, 0)?;
        let &[.., low, high, open_bits, how] = record.first_chunk::<RECORD>()?;
        let length = usize::from(u16::from_le_bytes([low, high]));
        Some(AddressRecord {
            line,
            entry: record.get(RECORD..)?.get(..length)?,
            open_bits,
            how,
        })
    }
}

impl Table<'_> {
    /// The record of the narrowest rule for `address`.
    #[inline]
    fn find<A: Address>(&self, address: A) -> Option<u32> {
        let said = match self.layout.place(self.directory, address)? {
            Place::Said(said) => said,
            Place::Behind(ranges) => self.search(ranges, address)?,
        };
        said.checked_sub(1)
    }

    /// What is said of `address`, behind whose place at least `from` ranges begin: in steps that
    /// double, since it is nearly always the first or second.
    #[inline]
    fn search<A: Address>(&self, from: usize, address: A) -> Option<u32> {
        let is_behind = |range| self.start::<A>(range).is_some_and(|start| start <= address);
        let mut low = from;
        let mut step = 1_usize;
        while is_behind(low.checked_add(step)?.checked_sub(1)?) {
            low = low.checked_add(step)?;
            step = step.checked_mul(2)?;
        }
        // The range at `high`, if there is one, begins behind the address.
        let mut high = low.checked_add(step)?.checked_sub(1)?;
        while low < high {
            let middle = low.midpoint(high);
            if is_behind(middle) {
                low = middle.checked_add(1)?;
            } else {
                high = middle;
            }
        }
        self.said::<A>(low.checked_sub(1)?)
    }

    /// Where the `number`th range begins.
    #[inline]
    pub(super) fn start<A: Address>(&self, number: usize) -> Option<A> {
        A::at(self.ranges, number.checked_mul(A::SIZE + 4)?)
    }

    /// What is said of the `number`th range: 0 for nothing, else one more than its narrowest rule's record.
    #[inline]
    pub(super) fn said<A: Address>(&self, number: usize) -> Option<u32> {
        let at = number.checked_mul(A::SIZE + 4)?;
        u32_at(self.ranges, at.checked_add(A::SIZE)?)
    }

    /// The `number`th rule.
    pub(super) fn rule(&self, number: u32) -> Option<StoredRule> {
        if number == NONE {
            return None;
        }
        let at = to_usize(number).checked_mul(RULE)?;
        let rule = self.rules.get(at..at.checked_add(RULE)?)?;
        Some(StoredRule {
            record: u32_at(rule, 0)?,
            wider: u32_at(rule, 4)?,
        })
    }

    /// The number of the rule whose record this is: records are in the order of their rules.
    pub(super) fn rule_of(&self, record: u32) -> Option<u32> {
        let (mut low, mut high) = (0, u32::try_from(self.rules.len() / RULE).ok()?);
        while low < high {
            let middle = low.midpoint(high);
            if self.rule(middle)?.record < record {
                low = middle.checked_add(1)?;
            } else {
                high = middle;
            }
        }
        (self.rule(low)?.record == record).then_some(low)
    }
}
