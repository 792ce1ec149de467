//! The directory in front of a table of ranges: from an address to what is said of it, past as few lines
//! of the processor's cache as can be.
//!
//! Slots of equal width cover the addresses between the first range and the last. A slot in which many
//! ranges begin is divided into cells, one or two for each of them. A slot or cell in which none begins
//! says its answer itself, any other where to look among the ranges. So it is as fine as the list is
//! dense at that place. Sixteen bits beside each say which sixteenth of it holds no address of any rule: most
//! addresses are none of the list's, and are decided there.

use super::layout::{nth_u32, to_usize, u32_at};
use super::ranges::Address;

/// What stands in front of the slots: `base: u128, shift: u32, slots: u32`, zeros.
pub(super) const HEAD: usize = 32;

/// The most bits that number the slots.
const MAX_SLOT_BITS: u32 = 16;

/// The most bits that number the cells of one slot.
const MAX_CELL_BITS: u32 = 15;

/// A slot or cell in which no range begins behind its first address holds a number less than this: what
/// is said of every address there, 0 for nothing, else one more than the offset of the entry's record.
/// The others have this bit, and hold how many ranges begin in front of it or at its first address...
const OPEN: u32 = 1 << 31;

/// ... but for slots that are divided, which have this bit too.
const DIVIDED: u32 = 1 << 30;

/// In a divided slot: where the bits that number its cells begin; below them, its first cell.
const CELL_BITS_AT: u32 = 26;

/// How many bytes of ranges a slot is looked through for without cells: most of a line of the cache.
const UNDIVIDED: usize = 48;

/// A slot or cell has 2^4 bits of its own.
const HELD_BITS: u32 = 4;

/// Which addresses belong to which slot.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Layout {
    pub(super) base: u128,
    pub(super) shift: u32,
    pub(super) slots: u32,
}

/// What the directory says of an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// This is what is said of it: 0 for nothing, else one more than the offset of the entry's record.
    Said(u32),
    /// At least so many ranges begin in front of it.
    Behind(usize),
}

impl Layout {
    /// What the head of a directory says.
    pub(super) fn read(head: &[u8]) -> Option<Self> {
        Some(Self {
            base: u128::at(head, 0)?,
            shift: u32_at(head, 16)?,
            slots: u32_at(head, 20)?,
        })
    }

    /// Over all starts but the outermost hundredth at each end, so that a few far away from the others
    /// do not take the slots of those.
    fn over<A: Address>(starts: &[A]) -> Self {
        let bits = starts.len().checked_ilog2().unwrap_or(0).min(MAX_SLOT_BITS);
        let edge = starts.len() / 100;
        let at = |number: Option<usize>| {
            number
                .and_then(|number| starts.get(number))
                .map_or(0, |start| start.wide())
        };
        let first = at(Some(edge));
        let span = at(starts.len().checked_sub(edge + 1)).saturating_sub(first);
        // The least shift by which the span fits.
        let width = u128::BITS - span.leading_zeros();
        let shift = width.saturating_sub(bits).min(u32::from(A::BITS) - 1);
        Self {
            base: (first >> shift) << shift,
            shift,
            slots: 1 << bits,
        }
    }

    /// How many slots and cells a directory of so many bytes behind its head has.
    pub(super) const fn places(bytes: usize) -> usize {
        bytes / 6
    }

    /// Looks `address` up in a directory, without its head.
    #[inline]
    pub(super) fn place<A: Address>(&self, directory: &[u8], address: A) -> Option<Place> {
        let (numbers, held) = directory.split_at_checked(Self::places(directory.len()) * 4)?;
        let Some(behind) = address.behind(self.base) else {
            return Some(Place::Behind(0));
        };
        let slot = behind.shifted(self.shift);
        if slot >= to_usize(self.slots) {
            return Some(Place::Behind(0));
        }
        if !may_hold(held, slot, behind, self.shift)? {
            return Some(Place::Said(0));
        }
        let number = nth_u32(numbers, slot)?;
        if number & (OPEN | DIVIDED) != OPEN | DIVIDED {
            return Some(read(number));
        }
        let bits = (number & !(OPEN | DIVIDED)) >> CELL_BITS_AT;
        let first = to_usize(number & ((1 << CELL_BITS_AT) - 1));
        let width = self.shift.checked_sub(bits)?;
        let cell = behind.shifted(width) & ((1 << bits) - 1);
        let cell = to_usize(self.slots).checked_add(first)?.checked_add(cell)?;
        if !may_hold(held, cell, behind, width)? {
            return Some(Place::Said(0));
        }
        Some(read(nth_u32(numbers, cell)?))
    }
}

#[inline]
fn read(number: u32) -> Place {
    if number & OPEN == 0 {
        Place::Said(number)
    } else {
        Place::Behind(to_usize(number & !(OPEN | DIVIDED)))
    }
}

/// Whether a rule holds an address of the same sixteenth of a slot or cell, which has 2^`width` addresses.
#[inline]
fn may_hold<A: Address>(held: &[u8], place: usize, behind: A, width: u32) -> Option<bool> {
    let Some(fine) = width.checked_sub(HELD_BITS) else {
        return Some(true);
    };
    let at = place.checked_mul(2)?;
    let mask = held.get(at..at.checked_add(2)?)?.try_into().ok()?;
    let bit = behind.shifted(fine) & ((1 << HELD_BITS) - 1);
    Some((u16::from_le_bytes(mask) >> bit) & 1 == 1)
}

/// The directory for ranges: where each begins, and what is said of it. `None` where there are too many.
pub(super) fn build<A: Address>(starts: &[A], said: &[u32]) -> Option<Vec<u8>> {
    let layout = Layout::over(starts);
    let ranges = Ranges { starts, said };
    let mut slots = Places::default();
    let mut cells = Places::default();
    let mut next = 0;
    for slot in 0..layout.slots {
        let first = u128::from(slot)
            .checked_shl(layout.shift)
            .and_then(|behind| layout.base.checked_add(behind))
            .unwrap_or(u128::MAX);
        next = ranges.behind(next, first);
        let inside = ranges.behind(next, last(first, layout.shift)) - next;
        let bits = inside
            .next_power_of_two()
            .ilog2()
            .min(MAX_CELL_BITS)
            .min(layout.shift);
        if inside * (A::SIZE + 4) <= UNDIVIDED || bits == 0 {
            slots.push(&ranges, next, first, layout.shift)?;
            continue;
        }
        let begin = u32::try_from(cells.numbers.len()).ok()?;
        if begin >= 1 << CELL_BITS_AT {
            return None;
        }
        slots.push(&ranges, next, first, layout.shift)?;
        if let Some(number) = slots.numbers.last_mut() {
            *number = OPEN | DIVIDED | (bits << CELL_BITS_AT) | begin;
        }
        let width = layout.shift - bits;
        for cell in 0_u128..1 << bits {
            let first = first.saturating_add(cell << width);
            next = ranges.behind(next, first);
            cells.push(&ranges, next, first, width)?;
        }
    }
    let mut out = layout.base.to_le_bytes().to_vec();
    out.extend_from_slice(&layout.shift.to_le_bytes());
    out.extend_from_slice(&layout.slots.to_le_bytes());
    out.resize(HEAD, 0);
    let numbers = slots.numbers.into_iter().chain(cells.numbers);
    out.extend(numbers.flat_map(u32::to_le_bytes));
    let held = slots.held.into_iter().chain(cells.held);
    out.extend(held.flat_map(u16::to_le_bytes));
    Some(out)
}

/// Slots or cells.
#[derive(Default)]
struct Places {
    numbers: Vec<u32>,
    held: Vec<u16>,
}

impl Places {
    /// Adds the 2^`width` addresses from `first` on, in front of which or at which `next` ranges begin.
    fn push<A: Address>(
        &mut self,
        ranges: &Ranges<'_, A>,
        next: usize,
        first: u128,
        width: u32,
    ) -> Option<()> {
        let is_open = ranges.behind(next, last(first, width)) > next;
        self.numbers.push(if is_open {
            OPEN | u32::try_from(next).ok().filter(|next| *next < DIVIDED)?
        } else {
            ranges.said_before(next)
        });
        let Some(fine) = width.checked_sub(HELD_BITS) else {
            self.held.push(u16::MAX);
            return Some(());
        };
        let mut next = next;
        let mut held = 0_u16;
        for bit in 0..1_u32 << HELD_BITS {
            let first = first.saturating_add(u128::from(bit) << fine);
            next = ranges.behind(next, first);
            let end = ranges.behind(next, last(first, fine));
            let inside = ranges.said.get(next..end).unwrap_or_default();
            if ranges.said_before(next) != 0 || inside.iter().any(|said| *said != 0) {
                held |= 1 << bit;
            }
            next = end;
        }
        self.held.push(held);
        Some(())
    }
}

struct Ranges<'a, A> {
    starts: &'a [A],
    said: &'a [u32],
}

impl<A: Address> Ranges<'_, A> {
    /// How many ranges begin at `address` or before it; at least `from`.
    fn behind(&self, from: usize, address: u128) -> usize {
        let rest = self.starts.get(from..).unwrap_or_default();
        let more = rest.iter().take_while(|start| start.wide() <= address);
        from + more.count()
    }

    /// What is said of an address behind so many ranges' beginnings.
    fn said_before(&self, ranges: usize) -> u32 {
        ranges
            .checked_sub(1)
            .and_then(|range| self.said.get(range))
            .map_or(0, |said| *said)
    }
}

/// The last of the 2^`width` addresses from `first` on.
fn last(first: u128, width: u32) -> u128 {
    first.saturating_add((1_u128 << width) - 1)
}
