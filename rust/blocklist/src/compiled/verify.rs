//! Whether a compiled file is whole: cheaply at opening, wholly when asked.

use super::directory::Layout;
use super::error::damaged;
use super::hash::{Suffix, filter_bits};
use super::layout::{Section, checksum, nth_u32, nth_u64, spread, to_usize, u32_at, u64_at};
use super::names::{MAX_DEPTH, NAME_LINE, NameKind, Record, fingerprint};
use super::ranges::{Address, NETWORK, RULE, SINGLE};
use super::{CompiledError, CompiledList, directory};
use crate::addresses::NONE;

/// Whether the sizes of the sections belong together; in constant time.
pub(super) fn sizes(list: &CompiledList) -> Result<(), CompiledError> {
    let filter = list.section(Section::Filter).len();
    let buckets = list.section(Section::Buckets).len();
    let names = list.section(Section::Names).len();
    let summary = &list.about.summary;
    if !filter.is_multiple_of(8)
        || !buckets.is_multiple_of(4)
        || buckets == 0
        || !names.is_multiple_of(NAME_LINE)
        || (names > 0 && (filter == 0 || buckets < 8))
        || nth_u32(list.section(Section::Buckets), buckets / 4 - 1).map(to_usize)
            != Some(names / NAME_LINE)
    {
        return Err(damaged("the index of names"));
    }
    let mut rules = 0_usize;
    for (number, size) in SIZES.into_iter().enumerate() {
        let (layout, [directory, ranges, all]) = list
            .table_sizes(number)
            .ok_or(damaged("the ranges of addresses"))?;
        if !ranges.is_multiple_of(size)
            || !all.is_multiple_of(RULE)
            || !directory.is_multiple_of(6)
            || layout.slots == 0
            || Layout::places(directory) < to_usize(layout.slots)
            || (ranges == 0) != (all == 0)
        {
            return Err(damaged("the ranges of addresses"));
        }
        rules = rules.saturating_add(all / RULE);
    }
    let all = u64::try_from(rules.saturating_add(names / NAME_LINE)).unwrap_or(u64::MAX);
    if all != summary.rules().saturating_add(summary.exceptions) {
        return Err(damaged("the counts of rules"));
    }
    Ok(())
}

/// Whether every byte is as it was built; see [`CompiledList::verify`].
pub(super) fn verify(list: &CompiledList) -> Result<(), CompiledError> {
    // Once more, since opening may be long ago.
    super::layout::open(&list.bytes)?;
    let texts = list.section(Section::Texts);
    if u64_at(&list.bytes, 40) != Some(checksum(texts)) {
        return Err(damaged("the texts have another checksum"));
    }
    names(list)?;
    ranges::<u32>(list, 0)?;
    ranges::<u128>(list, 1)?;
    ranges::<u32>(list, 2)?;
    ranges::<u128>(list, 3)
}

/// The size of a range in each of the four tables.
const SIZES: [usize; 4] = [8, 20, 8, 20];

/// Every name is where a lookup looks for it, and there is no other.
fn names(list: &CompiledList) -> Result<(), CompiledError> {
    let filter = list.section(Section::Filter);
    let buckets = list.section(Section::Buckets);
    let lines = list.section(Section::Names).chunks_exact(NAME_LINE);
    let bucket_count = (buckets.len() / 4).saturating_sub(1);
    let mut counts = [0_u64; 3];
    let mut depths = [0_u128; 3];
    let mut before = None;
    for (line, number) in lines.zip(0_u32..) {
        let record = u32_at(line, 4)
            .and_then(|offset| list.record_at(offset))
            .filter(is_readable)
            .ok_or(damaged("a name's entry"))?;
        let hash = Suffix::of(list.about.seed, record.name);
        let bits = filter_bits(hash);
        let bucket = spread(hash, bucket_count);
        let is_passed =
            nth_u64(filter, spread(hash, filter.len() / 8)).is_some_and(|word| word & bits == bits);
        let is_in_bucket = nth_u32(buckets, bucket).is_some_and(|first| first <= number)
            && nth_u32(buckets, bucket.saturating_add(1)).is_some_and(|end| number < end);
        let place = Some((hash, u32_at(line, 4)));
        if !is_passed
            || !is_in_bucket
            || u32_at(line, 0) != Some(fingerprint(hash))
            || before >= place
        {
            return Err(damaged("the place of a name"));
        }
        before = place;
        let depth = memchr::memchr_iter(b'.', record.name)
            .count()
            .saturating_add(1);
        let kind = usize::from(record.kind);
        if let (Some(count), Some(depths)) = (counts.get_mut(kind), depths.get_mut(kind))
            && depth <= MAX_DEPTH
        {
            *count = count.saturating_add(1);
            *depths |= 1 << depth;
        } else {
            return Err(damaged("a name's entry"));
        }
    }
    let summary = &list.about.summary;
    let [exact, domains, exceptions] = counts;
    if exact != summary.exact_names
        || domains != summary.domains
        || exceptions > summary.exceptions
        || depths != list.about.depths
    {
        return Err(damaged("the counts of names"));
    }
    Ok(())
}

/// Its texts are text, and its kind is one.
fn is_readable(record: &Record<'_>) -> bool {
    record.line > 0
        && !record.name.is_empty()
        && record.kind <= NameKind::Exception as u8
        && std::str::from_utf8(record.entry).is_ok()
        && record.name.is_ascii()
}

/// Ranges are in order, the directory is the one for them, and they lead to rules.
fn ranges<A: Address>(list: &CompiledList, number: usize) -> Result<(), CompiledError> {
    let bad = || damaged("the ranges of addresses");
    let section = |plus: usize| {
        let range = list.sections.get(4 + number * 3 + plus)?;
        list.bytes.get(range.clone())
    };
    let Some(table) = list.table(number) else {
        let empty = directory::build::<A>(&[], &[]);
        return if section(0) == empty.as_deref() {
            Ok(())
        } else {
            Err(bad())
        };
    };
    let count = table.ranges.len() / (A::SIZE + 4);
    let mut starts: Vec<A> = Vec::with_capacity(count);
    let mut said = Vec::with_capacity(count);
    for number in 0..count {
        let start = table.start::<A>(number).ok_or_else(bad)?;
        let says = table.said::<A>(number).ok_or_else(bad)?;
        let leads = says
            .checked_sub(1)
            .is_none_or(|record| table.rule_of(record).is_some());
        if starts.last() >= Some(&start) || !leads {
            return Err(bad());
        }
        starts.push(start);
        said.push(says);
    }
    if section(0) != directory::build(&starts, &said).as_deref() {
        return Err(bad());
    }
    let mut before = None;
    for number in (0_u32..).take(table.rules.len() / RULE) {
        let is_good = table.rule(number).is_some_and(|rule| {
            let in_order = before < Some(rule.record);
            before = Some(rule.record);
            in_order
                && (rule.wider == NONE || rule.wider < number)
                && list.address_record(rule.record).is_some_and(|record| {
                    record.line > 0
                        && matches!(record.how, NETWORK | SINGLE)
                        && record.open_bits <= A::BITS
                        && std::str::from_utf8(record.entry).is_ok()
                })
        });
        if !is_good {
            return Err(damaged("a network's entry"));
        }
    }
    Ok(())
}
