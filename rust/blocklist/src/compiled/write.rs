//! From a parsed list to the bytes of a compiled file.

use std::sync::Arc;

use super::about::About;
use super::hash::{BUCKET, FILTER_BITS, Suffix, filter_bits};
use super::layout::{
    ALIGN, CHECKED_FROM, HEADER, MAGIC, MAX_BYTES, Section, TABLE_LINE, VERSION, checksum, spread,
};
use super::names::{BEHIND, NameKind, RECORD, fingerprint};
use super::ranges::MAX_DIRECTORY_BITS;
use super::{CompiledError, layout};
use crate::List;
use crate::addresses::Ranges;
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
    // A bucket without names ends where the one before it does.
    let mut before = 0;
    for end in &mut ends {
        before = before.max(*end);
        *end = before;
    }
    let filter = filter.into_iter().flat_map(u64::to_le_bytes).collect();
    [filter, numbers(&ends), lines]
}

/// An address as it is stored.
pub(super) trait Stored: Copy {
    /// Its bytes, the lowest first.
    fn push(self, out: &mut Vec<u8>);
    /// Its first 16 bits.
    fn top(self) -> usize;
}

impl Stored for u32 {
    fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn top(self) -> usize {
        layout::to_usize(self >> 16)
    }
}

impl Stored for u128 {
    fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn top(self) -> usize {
        usize::try_from(self >> 112).unwrap_or(0)
    }
}

/// Directory, starts, the narrowest rule of each range, and rules.
fn ranges<T: Stored>(
    ranges: &Ranges<T>,
    texts: &mut Texts<'_>,
) -> Result<[Vec<u8>; 4], CompiledError> {
    let mut rules = Vec::with_capacity(ranges.rules.len() * 12);
    for rule in &ranges.rules {
        let record = texts.push(rule.entry, None)?;
        rules.extend_from_slice(&record.to_le_bytes());
        rules.extend_from_slice(&rule.wider.to_le_bytes());
        rules.extend_from_slice(&[rule.open_bits, u8::from(rule.is_address), 0, 0]);
    }
    let mut starts = Vec::new();
    let bits = directory_bits(ranges.starts.len());
    let mut directory = vec![0_u32; (1 << bits) + 1];
    for (start, number) in ranges.starts.iter().zip(1_u32..) {
        start.push(&mut starts);
        let slot = start.top() >> (MAX_DIRECTORY_BITS - bits);
        if let Some(end) = directory.get_mut(slot + 1) {
            *end = number;
        }
    }
    let mut before = 0;
    for end in &mut directory {
        before = before.max(*end);
        *end = before;
    }
    Ok([
        numbers(&directory),
        starts,
        numbers(&ranges.narrowest),
        rules,
    ])
}

/// As many bits as give each slot of the directory a range or two.
fn directory_bits(ranges: usize) -> u32 {
    ranges.checked_ilog2().unwrap_or(0).min(MAX_DIRECTORY_BITS)
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
