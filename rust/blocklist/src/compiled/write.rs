//! From a parsed list to a compiled file.
//!
//! Written from both ends, so that little is held in memory: texts as they are made, to where the index
//! will end, and the index in front of them once it is known what to say in it. Beside the parsed list
//! a million names take 16 MB for their hashes and 2 MB for the filter while they are compiled.

use std::hash::Hasher as _;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::CompiledError;
use super::about::About;
use super::directory;
use super::hash::{BUCKET, FILTER_BITS, Suffix, filter_bits};
use super::layout::{
    ALIGN, CHECKED_FROM, HEADER, MAGIC, MAX_BYTES, Section, TABLE_LINE, VERSION, spread,
};
use super::names::{BEHIND, NAME_LINE, NameKind, RECORD, fingerprint};
use super::ranges::{Address, NETWORK, RULE, SINGLE};
use crate::List;
use crate::addresses::{NONE, Ranges};
use crate::entry::{Entry, Text};
use crate::names::NameTable;
use crate::rules::ParsedRules;

/// Where a compiled list is written to.
pub(crate) trait Place: Write + Seek {}

impl<T: Write + Seek> Place for T {}

/// Writes the compiled form of `list` to `out`, from its beginning on; the same list gives the same bytes.
/// Gives their number.
pub(crate) fn compile(
    list: &List,
    rules: &ParsedRules,
    out: &mut dyn Place,
) -> Result<u64, CompiledError> {
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
    // The texts of addresses come first: where they are stands all over the tables.
    let mut head = Vec::new();
    let mut tables = Vec::new();
    for table in [&rules.addresses, &rules.address_exceptions] {
        tables.extend(ranges(&table.v4, &rules.text, &mut head)?);
        tables.extend(ranges(&table.v6, &rules.text, &mut head)?);
    }
    let about = about.write();
    let names: usize = named(rules).map(|(table, _)| table.len()).sum();
    let mut lengths = vec![
        about.len(),
        filter_words(names) * 8,
        (bucket_count(names) + 1) * 4,
        names * NAME_LINE,
    ];
    lengths.extend(tables.iter().map(Vec::len));
    let texts_begin = lengths
        .iter()
        .fold(HEADER + TABLE_LINE * Section::COUNT, |end, length| {
            end.next_multiple_of(ALIGN).saturating_add(*length)
        })
        .next_multiple_of(ALIGN);

    let mut texts = Checked::at(out, texts_begin)?;
    texts.write(&head)?;
    drop(head);
    let names = write_names(rules, seed, &mut texts)?;
    let (texts_length, texts_checksum) = texts.finish()?;
    lengths.push(texts_length);
    let size = texts_begin.saturating_add(texts_length);
    if wide(size) > MAX_BYTES {
        return Err(TOO_LARGE);
    }

    let mut index = Checked::at(out, CHECKED_FROM)?;
    for value in [wide(texts_begin), texts_checksum, wide(lengths.len()), 0] {
        index.write(&value.to_le_bytes())?;
    }
    let mut end = HEADER + TABLE_LINE * Section::COUNT;
    for (number, length) in lengths.iter().enumerate() {
        let begin = end.next_multiple_of(ALIGN);
        for value in [number, begin, *length] {
            index.write(&wide(value).to_le_bytes())?;
        }
        end = begin.saturating_add(*length);
    }
    index.section(&about)?;
    write_index(&names, &mut index)?;
    drop(names);
    for table in &tables {
        index.section(table)?;
    }
    index.align()?;
    let (_, index_checksum) = index.finish()?;

    let mut header = MAGIC.to_vec();
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&[0; 4]);
    header.extend_from_slice(&wide(size).to_le_bytes());
    header.extend_from_slice(&index_checksum.to_le_bytes());
    out.seek(SeekFrom::Start(0))
        .and_then(|_| out.write_all(&header))
        .map_err(CompiledError::Write)?;
    Ok(wide(size))
}

const TOO_LARGE: CompiledError = CompiledError::TooLarge { most: MAX_BYTES };

fn wide(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// The three kinds of names, in the order in which their texts stand.
fn named(rules: &ParsedRules) -> impl Iterator<Item = (&NameTable, NameKind)> {
    [
        (&rules.exact, NameKind::Exact),
        (&rules.domains, NameKind::Domain),
        (&rules.name_exceptions, NameKind::Exception),
    ]
    .into_iter()
}

const fn filter_words(names: usize) -> usize {
    (names * FILTER_BITS).div_ceil(64)
}

const fn bucket_count(names: usize) -> usize {
    names.div_ceil(BUCKET)
}

/// Bytes that go out in pieces, from somewhere in the file on, and what they add up to.
struct Checked<'a> {
    out: &'a mut dyn Place,
    begin: usize,
    length: usize,
    checksum: XxHash3_64,
    waiting: Vec<u8>,
}

/// How much is written at once.
const PIECE: usize = 64 << 10;

impl<'a> Checked<'a> {
    fn at(out: &'a mut dyn Place, begin: usize) -> Result<Self, CompiledError> {
        out.seek(SeekFrom::Start(wide(begin)))
            .map_err(CompiledError::Write)?;
        Ok(Self {
            out,
            begin,
            length: 0,
            checksum: XxHash3_64::new(),
            waiting: Vec::with_capacity(PIECE),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CompiledError> {
        self.length = self.length.saturating_add(bytes.len());
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(())
    }

    /// Zeros up to where a section may begin.
    fn align(&mut self) -> Result<(), CompiledError> {
        let at = self.begin.saturating_add(self.length);
        let missing = at.next_multiple_of(ALIGN) - at;
        self.write([0; ALIGN].get(..missing).unwrap_or_default())
    }

    fn section(&mut self, bytes: &[u8]) -> Result<(), CompiledError> {
        self.align()?;
        self.write(bytes)
    }

    /// How many bytes there were, and their checksum.
    fn finish(mut self) -> Result<(usize, u64), CompiledError> {
        self.flush()?;
        Ok((self.length, self.checksum.finish()))
    }

    fn flush(&mut self) -> Result<(), CompiledError> {
        self.checksum.write(&self.waiting);
        let written: io::Result<()> = self.out.write_all(&self.waiting);
        self.waiting.clear();
        written.map_err(CompiledError::Write)
    }
}

/// Writes each name's record, and gives the hash of each name and where its record is, in the order of the
/// hashes.
fn write_names(
    rules: &ParsedRules,
    seed: u64,
    texts: &mut Checked<'_>,
) -> Result<Vec<(u64, u32)>, CompiledError> {
    let mut names = Vec::with_capacity(named(rules).map(|(table, _)| table.len()).sum());
    let mut record = Vec::new();
    for (table, kind) in named(rules) {
        for (entry, start, length) in table.rules() {
            let offset = offset(texts.length)?;
            let name = rules.text.slice(start, usize::from(length));
            record.clear();
            name_record(&rules.text, entry, (start, name, kind), &mut record)?;
            texts.write(&record)?;
            names.push((Suffix::of(seed, name.as_bytes()), offset));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Where a record of the texts begins that so many bytes are in front of.
fn offset(length: usize) -> Result<u32, CompiledError> {
    u32::try_from(length)
        .ok()
        .filter(|offset| u64::from(*offset) < MAX_BYTES - 1)
        .ok_or(TOO_LARGE)
}

/// As [`super::names::Record`] describes it.
fn name_record(
    kept: &Text,
    entry: Entry,
    (start, name, kind): (u32, &str, NameKind),
    out: &mut Vec<u8>,
) -> Result<(), CompiledError> {
    let text = kept.get(entry);
    let within = start
        .checked_sub(entry.offset())
        .and_then(|at| u8::try_from(at).ok())
        .filter(|at| {
            let at = usize::from(*at);
            at < usize::from(BEHIND) && at + name.len() <= text.len()
        });
    let (at, behind) = within.map_or((BEHIND, name), |at| (at, ""));
    let name_length = u8::try_from(name.len()).map_err(|_| TOO_LARGE)?;
    record_head(entry, text, [name_length, (at << 2) | kind as u8], out)?;
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(behind.as_bytes());
    Ok(())
}

fn record_head(
    entry: Entry,
    text: &str,
    about: [u8; 2],
    out: &mut Vec<u8>,
) -> Result<(), CompiledError> {
    let length = u16::try_from(text.len()).map_err(|_| TOO_LARGE)?;
    out.reserve(RECORD + text.len());
    out.extend_from_slice(&entry.line.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&about);
    Ok(())
}

/// Filter, buckets and names.
fn write_index(names: &[(u64, u32)], out: &mut Checked<'_>) -> Result<(), CompiledError> {
    let words = filter_words(names.len());
    let mut filter = vec![0_u8; words * 8];
    let buckets = bucket_count(names.len());
    // How many names there are up to the end of each bucket.
    let mut ends = vec![0_u32; buckets + 1];
    for ((hash, _), number) in names.iter().zip(1_u32..) {
        let at = spread(*hash, words) * 8;
        if let Some(word) = filter.get_mut(at..at + 8) {
            for (byte, bits) in word.iter_mut().zip(filter_bits(*hash).to_le_bytes()) {
                *byte |= bits;
            }
        }
        if let Some(end) = ends.get_mut(spread(*hash, buckets) + 1) {
            *end = number;
        }
    }
    out.section(&filter)?;
    drop(filter);
    // A bucket with nothing of its own ends where the one before it does.
    out.align()?;
    let mut before = 0;
    for end in ends {
        before = before.max(end);
        out.write(&before.to_le_bytes())?;
    }
    out.align()?;
    for (hash, offset) in names {
        out.write(&fingerprint(*hash).to_le_bytes())?;
        out.write(&offset.to_le_bytes())?;
    }
    Ok(())
}

/// Directory, ranges and rules; the rules' records go behind `texts`.
fn ranges<A: Address>(
    ranges: &Ranges<A>,
    kept: &Text,
    texts: &mut Vec<u8>,
) -> Result<[Vec<u8>; 3], CompiledError> {
    let mut rules = Vec::with_capacity(ranges.rules.len() * RULE);
    let mut records = Vec::with_capacity(ranges.rules.len());
    for rule in &ranges.rules {
        let record = offset(texts.len())?;
        let text = kept.get(rule.entry);
        let how = if rule.is_address { SINGLE } else { NETWORK };
        record_head(rule.entry, text, [rule.open_bits, how], texts)?;
        texts.extend_from_slice(text.as_bytes());
        rules.extend_from_slice(&record.to_le_bytes());
        rules.extend_from_slice(&rule.wider.to_le_bytes());
        records.push(record);
    }
    let said: Vec<u32> = ranges
        .narrowest
        .iter()
        .map(|number| match usize::try_from(*number) {
            Ok(at) if *number != NONE => records.get(at).map_or(0, |record| record + 1),
            _ => 0,
        })
        .collect();
    let mut flat = Vec::with_capacity(ranges.starts.len() * (A::SIZE + 4));
    for (start, said) in ranges.starts.iter().zip(&said) {
        start.push(&mut flat);
        flat.extend_from_slice(&said.to_le_bytes());
    }
    let directory = directory::build(&ranges.starts, &said).ok_or(TOO_LARGE)?;
    Ok([directory, flat, rules])
}
