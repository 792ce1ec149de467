//! Block lists, and what is asked of them.

use portlog_blocklist::{List, ListSet, ParsedList, Query};
use portlog_model::{Category, Endpoint, ListHit, Sha256};

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
        (summary.rules(), summary.bad_lines)
    );
    assert!(category.is_none_or(|given| given == info.category));
    let bad: Vec<u32> = bad_lines.iter().map(|line| line.line).collect();
    let other: Vec<u32> = unsupported.iter().map(|line| line.line).collect();
    reported(&bad, summary.bad_lines, summary.lines);
    reported(&other, summary.unsupported_lines(), summary.lines);

    let again = List::parse("fuzz", category, None, file).expect("it was read before");
    assert_eq!(again.list.summary(), &summary);
    assert_eq!(again.bad_lines, bad_lines);

    answers(&ListSet::new(vec![list]), file, info.sha256);
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

fn reported(numbers: &[u32], counted: u64, lines: u64) {
    let most = counted.min(List::MAX_REPORTED_LINES as u64);
    assert_eq!(numbers.len() as u64, most);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(
        numbers
            .iter()
            .all(|line| (1..=lines).contains(&u64::from(*line)))
    );
}

/// Asks for every word of the file that can be asked for.
fn answers(lists: &ListSet, file: &[u8], digest: Sha256) {
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let text = String::from_utf8_lossy(file);
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
                    contains(line, hit.entry.as_bytes()),
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
