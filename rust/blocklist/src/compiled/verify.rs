//! Whether a compiled file is whole: cheaply at opening, wholly when asked.

use std::fmt;

use super::error::damaged;
use super::hash::{Suffix, filter_bits};
use super::layout::{Section, checksum, nth_u32, nth_u64, spread, to_usize, u32_at, u64_at};
use super::names::{MAX_DEPTH, NAME_LINE, NameKind, Record, fingerprint};
use super::ranges::{RULE, Table, u32_nth, u128_nth};
use super::{CompiledError, CompiledList};
use crate::addresses::NONE;

/// The sections that hold rules of addresses, one table each.
const TABLES: [Section; 4] = [
    Section::V4,
    Section::V6,
    Section::V4Exceptions,
    Section::V6Exceptions,
];

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
    for section in TABLES {
        let table = list.table(section);
        let ranges = table.ranges();
        if table.starts.len().checked_div(table.width) != Some(ranges)
            || !table.starts.len().is_multiple_of(table.width)
            || !table.narrowest.len().is_multiple_of(4)
            || !table.rules.len().is_multiple_of(RULE)
            || !table.directory.len().is_multiple_of(4)
            || table.directory_bits().is_none()
            || nth_u32(table.directory, table.directory.len() / 4 - 1).map(to_usize) != Some(ranges)
        {
            return Err(damaged("the ranges of addresses"));
        }
        rules = rules.saturating_add(table.rules.len() / RULE);
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
    for section in TABLES {
        let table = list.table(section);
        match table.width {
            4 => ranges(list, &table, 32, u32_nth, |start| to_usize(start >> 16))?,
            _ => ranges(list, &table, 128, u128_nth, |start| {
                usize::try_from(start >> 112).unwrap_or(0)
            })?,
        }
    }
    Ok(())
}

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

/// Ranges are in order, the directory leads to them, and they lead to rules.
fn ranges<T: Copy + Ord + fmt::Debug>(
    list: &CompiledList,
    table: &Table<'_>,
    width: u8,
    start: impl Fn(&[u8], usize) -> Option<T>,
    top: impl Fn(T) -> usize,
) -> Result<(), CompiledError> {
    let bad = damaged("the ranges of addresses");
    let rules = table.rules.len() / RULE;
    let bits = table.directory_bits().unwrap_or(0);
    let mut ends = vec![0_usize; table.directory.len() / 4];
    let mut before = None;
    for number in 0..table.ranges() {
        let begins = start(table.starts, number);
        let narrowest = nth_u32(table.narrowest, number);
        if before >= begins || narrowest.is_none_or(|rule| rule != NONE && to_usize(rule) >= rules)
        {
            return Err(bad);
        }
        before = begins;
        let slot = begins.map_or(0, &top) >> (super::ranges::MAX_DIRECTORY_BITS - bits);
        if let Some(end) = ends.get_mut(slot.saturating_add(1)) {
            *end = number.saturating_add(1);
        }
    }
    let mut end_before = 0;
    for (slot, end) in ends.into_iter().enumerate() {
        end_before = end.max(end_before);
        if nth_u32(table.directory, slot).map(to_usize) != Some(end_before) {
            return Err(bad);
        }
    }
    for number in 0..rules {
        let Ok(number) = u32::try_from(number) else {
            return Err(bad);
        };
        let is_good = table.rule(number).is_some_and(|rule| {
            rule.is_address <= 1
                && rule.open_bits <= width
                && (rule.wider == NONE || rule.wider < number)
                && list.record_at(rule.record).is_some_and(|record| {
                    record.line > 0 && std::str::from_utf8(record.entry).is_ok()
                })
        });
        if !is_good {
            return Err(damaged("a network's entry"));
        }
    }
    Ok(())
}
