//! Block lists, and what is asked of them.

use std::net::IpAddr;

use portlog_blocklist::{
    CompiledList, ContentNetworks, Format, List, ListSet, MAX_RATIO, ParsedList, Query, diff,
    unpack,
};
use portlog_model::{Category, Endpoint, ListHit, Sha256};
use twox_hash::XxHash3_64;

/// A list. The first byte chooses the category, or that none is given.
///
/// Holds: every line is in exactly one of the counts; what is reported is in order, bounded and
/// within the file; reading again gives the same; whatever word of the file is asked for, a hit's
/// entry stands on the line that it names; an answer and its explanation agree; and letter case and
/// a dot at the end of a name do not matter.
pub fn list(data: &[u8]) {
    let [choice, file @ ..] = data else {
        return;
    };
    let category = Category::ALL.get(usize::from(*choice)).copied();
    let Ok(ParsedList {
        list,
        bad_lines,
        unsupported,
    }) = List::parse("fuzz", category, None, file)
    else {
        return;
    };
    let summary = list.summary().clone();
    assert_eq!(
        summary.blank
            + summary.comments
            + summary.rule_lines
            + summary.local_lines
            + summary.bad_lines
            + summary.unsupported_lines(),
        summary.lines
    );
    assert_eq!(summary.bytes, file.len() as u64);
    let info = list.info();
    assert_eq!(
        (info.rules, info.bad_lines),
        (summary.rules() + summary.package_rules, summary.bad_lines)
    );
    assert!(category.is_none_or(|given| given == info.category));
    let bad: Vec<u32> = bad_lines.iter().map(|line| line.line).collect();
    let other: Vec<u32> = unsupported.iter().map(|line| line.line).collect();
    // Several objects of a bundle may stand on one line.
    let is_bundle = summary.format == Format::Stix || file.trim_ascii_start().starts_with(b"{");
    reported(&bad, summary.bad_lines, summary.lines, is_bundle);
    reported(
        &other,
        summary.unsupported_lines(),
        summary.lines,
        is_bundle,
    );

    let again = List::parse("fuzz", category, None, file).expect("it was read before");
    assert_eq!(again.list.summary(), &summary);
    assert_eq!(again.bad_lines, bad_lines);

    // What is the same has no difference, compiled or not.
    let compiled = list.compile().expect("a small list compiles");
    let compiled = CompiledList::from_bytes(compiled).expect("it was written just now");
    compiled.verify().expect("it is whole");
    let other = List::from_compiled(compiled, category);
    let (one, other) = ([list], [other]);
    let counts = diff(&one, &other, |difference| panic!("{difference:?}"));
    assert_eq!((counts.added, counts.removed, counts.changed), (0, 0, 0));
    let [list] = one;

    answers(&ListSet::new(vec![list]), file, info.sha256);
}

/// A list that may be packed.
///
/// Holds: what comes out is bounded by the ratio and by what a list may have, no member is an archive,
/// and each is a list or says why not.
pub fn packed_list(data: &[u8]) {
    match unpack(data) {
        Ok(None) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(Some(members)) => {
            assert!(!members.is_empty());
            let sum: usize = members.iter().map(|member| member.bytes.len()).sum();
            let most = usize::try_from(MAX_RATIO).expect("it is small") * data.len();
            assert!(sum <= most.clamp(1 << 20, List::MAX_BYTES));
            for member in members {
                assert!(!member.bytes.starts_with(&[0x1F, 0x8B]));
                if let Some(name) = &member.name {
                    assert!(!name.as_str().contains(char::is_control));
                }
                if member.bytes.len() <= 1 << 16 {
                    let _ = List::parse("fuzz", None, member.modified, &member.bytes);
                }
            }
        }
    }
}

/// A file of the ranges of content networks.
///
/// Holds: what is refused adds nothing, and what is read holds at least one address; reading it once more
/// changes no answer.
pub fn content_ranges(data: &[u8]) {
    let mut networks = ContentNetworks::default();
    let Ok(source) = networks.add("fuzz", None, data) else {
        assert!(networks.sources().is_empty());
        return;
    };
    assert!(source.networks > 0);
    let text = String::from_utf8_lossy(data).into_owned();
    let words = text.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':')));
    let asked: Vec<IpAddr> = words
        .take(WORDS)
        .filter_map(|word| word.parse().ok())
        .collect();
    let before: Vec<bool> = asked.iter().map(|it| networks.contains(*it)).collect();
    networks
        .add("again", None, data)
        .expect("it was read before");
    let after: Vec<bool> = asked.iter().map(|it| networks.contains(*it)).collect();
    assert_eq!(before, after);
}

/// A question to the lists, as it is typed.
///
/// Holds: what is understood, written and read again is the same question, an address is never
/// v4-mapped, and a name is in the form in which names are compared.
pub fn list_query(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(query) = text.parse::<Query>() else {
        return;
    };
    let written = query.to_string();
    assert_eq!(written.parse::<Query>().as_ref(), Ok(&query), "{written:?}");
    match query {
        Query::Address(address) => assert_eq!(address, address.to_canonical()),
        Query::Name(name) => {
            assert!(!name.is_empty() && name.len() <= 253 && !name.ends_with('.'));
            assert!(name.is_ascii() && name.bytes().all(|byte| !byte.is_ascii_uppercase()));
        }
    }
}

/// A compiled list, as it is and with its size and checksums mended, so that damage gets behind them.
///
/// Holds: what opens answers everything without a panic, and an answer and its explanation
/// agree, whatever the damage.
pub fn compiled_list(data: &[u8]) {
    opened(data.to_vec());
    if let Some(mended) = mended(data.to_vec()) {
        opened(mended);
    }
}

/// The same bytes with a header that fits them.
fn mended(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let size = u64::try_from(bytes.len()).ok()?;
    bytes
        .get_mut(..16)?
        .copy_from_slice(b"\x89PLIST\r\n\x02\0\0\0\0\0\0\0");
    bytes.get_mut(16..24)?.copy_from_slice(&size.to_le_bytes());
    let end = u64::from_le_bytes(bytes.get(32..40)?.try_into().ok()?);
    let end = usize::try_from(end).ok()?;
    let texts = XxHash3_64::oneshot(bytes.get(end..)?);
    bytes.get_mut(40..48)?.copy_from_slice(&texts.to_le_bytes());
    let index = XxHash3_64::oneshot(bytes.get(32..end)?);
    bytes.get_mut(24..32)?.copy_from_slice(&index.to_le_bytes());
    Some(bytes)
}

fn opened(bytes: Vec<u8>) {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let list = match CompiledList::from_bytes(bytes) {
        Ok(list) => list,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    // Whole or not: either is an answer.
    let _ = list.verify();
    let lists = ListSet::new(vec![List::from_compiled(list, None)]);
    let asked = [
        "192.0.2.7",
        "255.255.255.255",
        "2001:db8::1",
        "64:ff9b::192.0.2.7",
        "a.b.c.test",
    ];
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')));
    for query in words
        .take(WORDS)
        .chain(asked)
        .filter_map(|word| word.parse::<Query>().ok())
    {
        let mut hits = Vec::new();
        match &query {
            Query::Address(address) => lists.endpoint(&Endpoint::new(*address, 443), &mut hits),
            Query::Name(name) => lists.name(name, &mut hits),
        }
        let explained = lists.explain(&query);
        let matches: Vec<ListHit> = explained.matches().cloned().collect();
        assert_eq!(hits, matches, "{query}");
    }
}

fn reported(numbers: &[u32], counted: u64, lines: u64, is_bundle: bool) {
    let most = counted.min(List::MAX_REPORTED_LINES as u64);
    assert_eq!(numbers.len() as u64, most);
    assert!(numbers.is_sorted());
    assert!(
        is_bundle
            || numbers.windows(2).all(|pair| pair[0] < pair[1])
                && numbers
                    .iter()
                    .all(|line| (1..=lines).contains(&u64::from(*line)))
    );
}

/// Asks for every word of the file that can be asked for.
fn answers(lists: &ListSet, file: &[u8], digest: Sha256) {
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let text = String::from_utf8_lossy(file);
    // Elsewhere an entry says more than stands on its line.
    let is_of_lines = lists
        .lists()
        .iter()
        .all(|list| list.summary().format != Format::Stix)
        && !text
            .trim_start_matches('\u{feff}')
            .starts_with("# portlog bundled list 1");
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '|' | '^' | '#' | '$' | ','));
    for query in words
        .take(WORDS)
        .filter_map(|word| word.parse::<Query>().ok())
    {
        let mut hits = Vec::new();
        match &query {
            Query::Address(address) => lists.endpoint(&Endpoint::new(*address, 443), &mut hits),
            Query::Name(name) => {
                lists.name(name, &mut hits);
                let mut otherwise = Vec::new();
                lists.name(&format!("{}.", name.to_ascii_uppercase()), &mut otherwise);
                assert_eq!(hits, otherwise, "{name}");
            }
        }
        let explained = lists.explain(&query);
        let matches: Vec<ListHit> = explained.matches().cloned().collect();
        assert_eq!(hits, matches, "{query}");
        for list in &explained.lists {
            assert!(!list.is_taken_back() || list.matches.is_empty());
            for hit in list
                .matches
                .iter()
                .chain(&list.also)
                .chain(&list.exceptions)
            {
                assert_eq!(hit.list_sha256, digest);
                let line = usize::try_from(hit.line).expect("32 bits fit");
                let line = lines.get(line.wrapping_sub(1)).expect("a line of the file");
                assert!(
                    !is_of_lines || contains(line, hit.entry.as_bytes()),
                    "{} is not on line {}",
                    hit.entry,
                    hit.line
                );
            }
        }
    }
}

/// Words of one file that are asked for: enough for what a fuzzer writes.
const WORDS: usize = 256;

fn contains(line: &[u8], entry: &[u8]) -> bool {
    !entry.is_empty() && line.windows(entry.len()).any(|part| part == entry)
}
