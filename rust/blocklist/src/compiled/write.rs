//! From a parsed list to the bytes of a compiled file.

use std::sync::Arc;

use super::CompiledError;
use super::about::About;
use super::hash::{BUCKET, FILTER_BITS, Suffix, filter_bits};
use super::layout::{
    ALIGN, CHECKED_FROM, HEADER, MAGIC, MAX_BYTES, Section, TABLE_LINE, VERSION, checksum, spread,
};
use super::names::{BEHIND, NameKind, RECORD, fingerprint};
use super::ranges::{Address, DIRECTORY_HEAD, MAX_DIRECTORY_BITS, RULE, held, slot};
use crate::List;
use crate::addresses::{NONE, Ranges};
use crate::entry::{Entry, Text};
use crate::rules::ParsedRules;

/// The bytes of the compiled form of `list`; the same list gives the same bytes.
pub(crate) fn compile(list: &List, rules: &ParsedRules) -> Result<Vec<u8>, CompiledError> {
    let (seed, _) = list
        .sha256
        .as_bytes()
        .split_first_chunk()
        .map_or((0, &[][..]), |(seed, rest)| {
            (u64::from_le_bytes(*seed), rest)
        });
    let about = About {
        sha256: list.sha256,
        seed,
        depths: [
            rules.exact.depths(),
            rules.domains.depths(),
            rules.name_exceptions.depths(),
        ],
        date: list.date,
        category: list.category,
        name: Arc::clone(&list.name),
        summary: list.summary.clone(),
        packages: rules.packages.clone(),
    };
    let mut texts = Texts {
        kept: &rules.text,
        out: Vec::new(),
    };
    let names = names(rules, seed, &mut texts)?;
    let [filter, buckets, names] = index(&names);
    let mut sections = vec![about.write(), filter, buckets, names];
    for table in [&rules.addresses, &rules.address_exceptions] {
        sections.extend(ranges(&table.v4, &mut texts)?);
        sections.extend(ranges(&table.v6, &mut texts)?);
    }
    sections.push(texts.out);
    file(&sections)
}

/// Entries one behind the other, as [`super::names::Record`] describes them.
struct Texts<'a> {
    kept: &'a Text,
    out: Vec<u8>,
}

impl Texts<'_> {
    /// Adds an entry, and its name where it has one; says where it begins.
    fn push(
        &mut self,
        entry: Entry,
        name: Option<(u32, u8, NameKind)>,
    ) -> Result<u32, CompiledError> {
        let offset = u32::try_from(self.out.len())
            .ok()
            .filter(|offset| u64::from(*offset) < MAX_BYTES)
            .ok_or(TOO_LARGE)?;
        let text = self.kept.get(entry);
        let (name, name_length, kind, at) = match name {
            None => ("", 0, 0, 0),
            Some((start, length, kind)) => {
                let name = self.kept.slice(start, usize::from(length));
                let within = start
                    .checked_sub(entry.offset())
                    .and_then(|at| u8::try_from(at).ok())
                    .filter(|at| {
                        let at = usize::from(*at);
                        at < usize::from(BEHIND) && at + name.len() <= text.len()
                    });
                match within {
                    Some(at) => ("", length, kind as u8, at),
                    None => (name, length, kind as u8, BEHIND),
                }
            }
        };
        self.out.reserve(RECORD + text.len() + name.len());
        self.out.extend_from_slice(&entry.line.to_le_bytes());
        let length = u16::try_from(text.len()).map_err(|_| TOO_LARGE)?;
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.push(name_length);
        self.out.push((at << 2) | kind);
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(name.as_bytes());
        Ok(offset)
    }
}

const TOO_LARGE: CompiledError = CompiledError::TooLarge { most: MAX_BYTES };

/// The hash of each name and where its record is, in the order of the hashes.
fn names(
    rules: &ParsedRules,
    seed: u64,
    texts: &mut Texts<'_>,
) -> Result<Vec<(u64, u32)>, CompiledError> {
    let tables = [
        (&rules.exact, NameKind::Exact),
        (&rules.domains, NameKind::Domain),
        (&rules.name_exceptions, NameKind::Exception),
    ];
    let count = tables.iter().map(|(table, _)| table.len()).sum();
    let mut names = Vec::with_capacity(count);
    for (table, kind) in tables {
        for (entry, start, length) in table.rules() {
            let name = rules.text.slice(start, usize::from(length));
            let offset = texts.push(entry, Some((start, length, kind)))?;
            names.push((Suffix::of(seed, name.as_bytes()), offset));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Filter, buckets and names.
fn index(names: &[(u64, u32)]) -> [Vec<u8>; 3] {
    let mut filter = vec![0_u64; (names.len() * FILTER_BITS).div_ceil(64)];
    let bucket_count = names.len().div_ceil(BUCKET);
    // How many names there are up to the end of each bucket.
    let mut ends = vec![0_u32; bucket_count + 1];
    let mut lines = Vec::with_capacity(names.len() * 8);
    let words = filter.len();
    for ((hash, offset), number) in names.iter().zip(1_u32..) {
        if let Some(word) = filter.get_mut(spread(*hash, words)) {
            *word |= filter_bits(*hash);
        }
        if let Some(end) = ends.get_mut(spread(*hash, bucket_count) + 1) {
            *end = number;
        }
        lines.extend_from_slice(&fingerprint(*hash).to_le_bytes());
        lines.extend_from_slice(&offset.to_le_bytes());
    }
    fill(&mut ends);
    let filter = filter.into_iter().flat_map(u64::to_le_bytes).collect();
    [filter, numbers(&ends), lines]
}

/// Directory, ranges and rules.
fn ranges<A: Address>(
    ranges: &Ranges<A>,
    texts: &mut Texts<'_>,
) -> Result<[Vec<u8>; 3], CompiledError> {
    let mut rules = Vec::with_capacity(ranges.rules.len() * RULE);
    for rule in &ranges.rules {
        let record = texts.push(rule.entry, None)?;
        rules.extend_from_slice(&record.to_le_bytes());
        rules.extend_from_slice(&rule.wider.to_le_bytes());
        rules.extend_from_slice(&[rule.open_bits, u8::from(rule.is_address), 0, 0]);
    }
    let mut flat = Vec::with_capacity(ranges.starts.len() * (A::SIZE + 4));
    for (start, narrowest) in ranges.starts.iter().zip(&ranges.narrowest) {
        start.push(&mut flat);
        flat.extend_from_slice(&narrowest.to_le_bytes());
    }
    Ok([directory(ranges), flat, rules])
}

/// How many ranges begin in front of each slot, behind what says which addresses belong to a slot.
///
/// Slots are laid over all ranges but the outermost hundredth at each end, so that a few far away from
/// the others do not take the slots of those.
fn directory<A: Address>(ranges: &Ranges<A>) -> Vec<u8> {
    let starts = ranges.starts.as_slice();
    let bits = starts
        .len()
        .checked_ilog2()
        .unwrap_or(0)
        .min(MAX_DIRECTORY_BITS);
    let slots = 1_usize << bits;
    let edge = starts.len() / 100;
    let at = |number: Option<usize>| {
        number
            .and_then(|number| starts.get(number))
            .map_or(0, |start| start.wide())
    };
    let base = at(Some(edge));
    let span = at(starts.len().checked_sub(edge + 1)).saturating_sub(base);
    // The least shift by which the span fits.
    let width = u128::BITS - span.leading_zeros();
    let shift = width.saturating_sub(bits).min(u32::from(A::BITS) - 1);
    let mut ends = vec![0_u32; slots + 1];
    for (start, number) in starts.iter().zip(1_u32..) {
        if let Some(end) = ends.get_mut(slot(*start, base, shift, slots) + 1) {
            *end = number;
        }
    }
    fill(&mut ends);
    let mut out = base.to_le_bytes().to_vec();
    out.extend_from_slice(&shift.to_le_bytes());
    out.resize(DIRECTORY_HEAD, 0);
    out.extend(numbers(&ends));
    let held_ranges = ranges.narrowest.iter().map(|narrowest| *narrowest != NONE);
    out.extend(held(
        starts.iter().copied().zip(held_ranges),
        base,
        shift,
        slots,
    ));
    out
}

/// What has nothing of its own ends where the one before it does.
fn fill(ends: &mut [u32]) {
    let mut before = 0;
    for end in ends {
        before = before.max(*end);
        *end = before;
    }
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().copied().flat_map(u32::to_le_bytes).collect()
}

/// Header, table and sections.
fn file(sections: &[Vec<u8>]) -> Result<Vec<u8>, CompiledError> {
    debug_assert_eq!(sections.len(), Section::COUNT);
    let table_end = HEADER + TABLE_LINE * sections.len();
    let size = sections.iter().fold(table_end, |size, section| {
        size.next_multiple_of(ALIGN).saturating_add(section.len())
    });
    let wide = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
    if wide(size) > MAX_BYTES {
        return Err(TOO_LARGE);
    }
    let mut table = Vec::with_capacity(table_end);
    let mut body = Vec::with_capacity(size);
    body.resize(table_end, 0);
    let mut index_end = table_end;
    for (section, number) in sections.iter().zip(0_u64..) {
        body.resize(body.len().next_multiple_of(ALIGN), 0);
        index_end = body.len();
        for value in [number, wide(body.len()), wide(section.len())] {
            table.extend_from_slice(&value.to_le_bytes());
        }
        body.extend_from_slice(section);
    }
    let texts = body.get(index_end..).unwrap_or_default();
    let mut checked = Vec::with_capacity(HEADER - CHECKED_FROM);
    for value in [wide(index_end), checksum(texts), wide(sections.len()), 0] {
        checked.extend_from_slice(&value.to_le_bytes());
    }
    put(&mut body, CHECKED_FROM, &checked);
    put(&mut body, HEADER, &table);
    let index = checksum(body.get(CHECKED_FROM..index_end).unwrap_or_default());
    put(&mut body, 0, &MAGIC);
    put(&mut body, 8, &VERSION.to_le_bytes());
    put(&mut body, 16, &wide(size).to_le_bytes());
    put(&mut body, 24, &index.to_le_bytes());
    Ok(body)
}

fn put(body: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = body.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
