//! Addresses in a compiled file: nested networks laid flat into ranges, and a directory in front that
//! leads to the few ranges that can hold an address.

use std::net::IpAddr;
use std::ops::Range;

use portlog_model::HitKind;

use super::CompiledList;
use super::layout::{Section, Sections, nth_u32, to_usize, u32_at};
use crate::addresses::NONE;
use crate::rules::{Said, Side};

/// `record: u32, wider: u32, open_bits: u8, is_address: u8, 0: u16`.
pub(super) const RULE: usize = 12;

/// What stands in front of a directory: `base: u128, shift: u32`, zeros.
pub(super) const DIRECTORY_HEAD: usize = 32;

/// The most bits that number a directory's slots.
pub(super) const MAX_DIRECTORY_BITS: u32 = 16;

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

    /// How far it is behind `base`, in steps of 2^`shift`; 0 where it is not behind it.
    fn steps(self, base: u128, shift: u32) -> usize;

    /// As a number of the greatest width.
    fn wide(self) -> u128;

    /// From a number of the greatest width; the last address where it is none of this one.
    fn narrow(wide: u128) -> Self;
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
    fn steps(self, base: u128, shift: u32) -> usize {
        let base = Self::try_from(base).unwrap_or(Self::MAX);
        to_usize(self.saturating_sub(base).checked_shr(shift).unwrap_or(0))
    }

    fn wide(self) -> u128 {
        u128::from(self)
    }

    #[inline]
    fn narrow(wide: u128) -> Self {
        Self::try_from(wide).unwrap_or(Self::MAX)
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
    fn steps(self, base: u128, shift: u32) -> usize {
        let steps = self.saturating_sub(base).checked_shr(shift).unwrap_or(0);
        usize::try_from(steps).unwrap_or(usize::MAX)
    }

    fn wide(self) -> u128 {
        self
    }

    #[inline]
    fn narrow(wide: u128) -> Self {
        wide
    }
}

/// Where the four tables of a list stand: IPv4, IPv6, and the exceptions of both.
#[derive(Clone)]
pub(super) struct Tables([Place; 4]);

/// Where one table stands, and what its directory says of itself.
#[derive(Clone)]
struct Place {
    directory: Range<usize>,
    held: Range<usize>,
    ranges: Range<usize>,
    rules: Range<usize>,
    base: u128,
    shift: u32,
}

/// One table of rules.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    /// How many ranges begin in front of each slot, and in all.
    pub(super) directory: &'a [u8],
    /// A bit for each sixteenth of a slot: whether a rule holds an address of it.
    pub(super) held: &'a [u8],
    /// For each range where it begins, and the number of its narrowest rule.
    pub(super) ranges: &'a [u8],
    pub(super) rules: &'a [u8],
    base: u128,
    shift: u32,
}

/// A rule as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredRule {
    pub(super) record: u32,
    pub(super) wider: u32,
    pub(super) open_bits: u8,
    pub(super) is_address: u8,
}

impl Tables {
    pub(super) fn new(bytes: &[u8], sections: &Sections) -> Option<Self> {
        Some(Self([
            Place::new(bytes, sections, Section::V4)?,
            Place::new(bytes, sections, Section::V6)?,
            Place::new(bytes, sections, Section::V4Exceptions)?,
            Place::new(bytes, sections, Section::V6Exceptions)?,
        ]))
    }
}

impl Place {
    fn new(bytes: &[u8], sections: &Sections, table: Section) -> Option<Self> {
        let section = |plus: usize| sections.get(table.number().checked_add(plus)?).cloned();
        let first = section(0)?;
        let numbers = first.start.checked_add(DIRECTORY_HEAD)?;
        // A slot has a number of four bytes and a mask of two; there is one number more.
        let slots = first.end.checked_sub(numbers)?.checked_sub(4)? / 6;
        let masks = first.end.checked_sub(slots.checked_mul(2)?)?;
        let (directory, held) = (numbers..masks, masks..first.end);
        let base = bytes.get(first.start..numbers)?;
        Some(Self {
            directory,
            held,
            ranges: section(1)?,
            rules: section(2)?,
            base: u128::at(base, 0)?,
            shift: u32_at(base, 16)?,
        })
    }
}

impl CompiledList {
    /// The narrowest entry that holds `address`, where no exception takes it back.
    #[inline]
    pub(crate) fn address(&self, address: IpAddr) -> Option<Said<'_>> {
        let (table, number) = self.find(address, Side::Rules);
        let rule = table.rule(number?)?;
        let (_, exception) = self.find(address, Side::Exceptions);
        exception.is_none().then(|| self.said_address(rule))
    }

    /// Every entry of this side that holds `address`, the narrowest first.
    pub(crate) fn addresses(&self, address: IpAddr, side: Side) -> Vec<Said<'_>> {
        let (table, first) = self.find(address, side);
        let rule = |number| table.rule(number).map(|rule| (number, rule));
        // A rule that holds another stands in front of it; a file that says otherwise would lead
        // round in a circle.
        std::iter::successors(first.and_then(rule), |(number, narrower)| {
            rule(narrower.wider).filter(|(wider, _)| wider < number)
        })
        .map(|(_, rule)| self.said_address(rule))
        .collect()
    }

    /// The table for `address`, and the number of the narrowest rule in it that holds it.
    #[inline]
    fn find(&self, address: IpAddr, side: Side) -> (Table<'_>, Option<u32>) {
        let exceptions = match side {
            Side::Rules => 0,
            Side::Exceptions => 2,
        };
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let table = self.table(exceptions);
                (table, table.find(address.to_bits()))
            }
            IpAddr::V6(address) => {
                let table = self.table(exceptions + 1);
                (table, table.find(address.to_bits()))
            }
        }
    }

    /// The `number`th of the four tables.
    #[inline]
    pub(super) fn table(&self, number: usize) -> Table<'_> {
        let bytes: &[u8] = &self.bytes;
        let part = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        self.tables
            .0
            .get(number)
            .map_or(Table::EMPTY, |place| Table {
                directory: part(&place.directory),
                held: part(&place.held),
                ranges: part(&place.ranges),
                rules: part(&place.rules),
                base: place.base,
                shift: place.shift,
            })
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
    const EMPTY: Self = Self {
        directory: &[],
        held: &[],
        ranges: &[],
        rules: &[],
        base: 0,
        shift: 0,
    };

    /// How many slots the directory has.
    pub(super) const fn slots(&self) -> usize {
        (self.directory.len() / 4).saturating_sub(1)
    }

    /// The masks that its ranges should have.
    pub(super) fn masks<A: Address>(&self) -> Vec<u8> {
        let ranges = (0..self.ranges.len() / (A::SIZE + 4)).filter_map(|number| {
            let narrowest = self.narrowest::<A>(number)?;
            Some((self.start(number)?, narrowest != NONE))
        });
        held::<A>(ranges, self.base, self.shift, self.slots())
    }

    /// The slot for `address`: as many steps as it lies behind the base, and no more than there are.
    #[inline]
    pub(super) fn slot<A: Address>(&self, address: A) -> usize {
        slot(address, self.base, self.shift, self.slots())
    }

    /// The narrowest rule for `address`.
    #[inline]
    fn find<A: Address>(&self, address: A) -> Option<u32> {
        if !self.may_hold(address) {
            return None;
        }
        let slot = self.slot(address);
        let mut low = to_usize(nth_u32(self.directory, slot)?);
        let mut high = to_usize(nth_u32(self.directory, slot.checked_add(1)?)?);
        // Ranges that begin at or before the address: at least `low`, at most `high`.
        while low < high {
            let middle = low.midpoint(high);
            if self.start::<A>(middle)? <= address {
                low = middle.checked_add(1)?;
            } else {
                high = middle;
            }
        }
        let number = self.narrowest::<A>(low.checked_sub(1)?)?;
        (number != NONE).then_some(number)
    }

    /// Whether a rule holds an address near this one; most are decided here. What the masks do not
    /// reach may be held.
    #[inline]
    fn may_hold<A: Address>(&self, address: A) -> bool {
        let Some((at, bit)) = held_bit(address, self.base, self.shift) else {
            return true;
        };
        self.held.get(at).is_none_or(|mask| (mask >> bit) & 1 == 1)
    }

    /// Where the `number`th range begins.
    #[inline]
    pub(super) fn start<A: Address>(&self, number: usize) -> Option<A> {
        A::at(self.ranges, number.checked_mul(A::SIZE + 4)?)
    }

    /// The narrowest rule of the `number`th range.
    #[inline]
    pub(super) fn narrowest<A: Address>(&self, number: usize) -> Option<u32> {
        let at = number.checked_mul(A::SIZE + 4)?;
        u32_at(self.ranges, at.checked_add(A::SIZE)?)
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

/// See [`Table::slot`].
#[inline]
pub(super) fn slot<A: Address>(address: A, base: u128, shift: u32, slots: usize) -> usize {
    address.steps(base, shift).min(slots.saturating_sub(1))
}

/// The bit for `address`: the byte, and the bit in it; `None` in front of the base.
#[inline]
pub(super) fn held_bit<A: Address>(address: A, base: u128, shift: u32) -> Option<(usize, u32)> {
    let fine = shift.checked_sub(HELD_BITS)?;
    if address < A::narrow(base) {
        return None;
    }
    let number = address.steps(base, fine);
    Some((number / 8, u32::try_from(number % 8).unwrap_or(0)))
}

/// The masks for these ranges, in order: where each begins, and whether a rule holds it.
pub(super) fn held<A: Address>(
    ranges: impl Iterator<Item = (A, bool)>,
    base: u128,
    shift: u32,
    slots: usize,
) -> Vec<u8> {
    let bits = slots * 16;
    let mut masks = vec![0_u8; slots * 2];
    let Some(fine) = shift.checked_sub(HELD_BITS) else {
        return masks;
    };
    let mut set = |from: usize, to: usize| {
        for number in from..=to.min(bits.saturating_sub(1)) {
            if let Some(mask) = masks.get_mut(number / 8) {
                *mask |= 1 << (number % 8);
            }
        }
    };
    // Where the range before this one begins, if a rule holds it.
    let mut open: Option<A> = None;
    for (start, is_held) in ranges {
        if let Some(open) = open
            && start > A::narrow(base)
        {
            // The last address of the range before may be in the sixteenth in which this one begins.
            set(open.steps(base, fine), start.steps(base, fine));
        }
        open = is_held.then_some(start);
    }
    if let Some(open) = open {
        set(open.steps(base, fine), bits);
    }
    masks
}

/// A slot has 2^4 parts in its mask.
const HELD_BITS: u32 = 4;
