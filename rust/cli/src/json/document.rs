//! docs/EVENTS.md shows what is really printed: every example in it is compared with it.
//!
//! After a change of the format or of a sentence, `PORTLOG_BLESS=1 cargo test -p portlog document`
//! writes the examples anew; what changed then stands in the diff.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use portlog_agent::Snapshot;
use portlog_blocklist::{BundledEntry, ContentNetworks, Digest, List, ListSet, PackageFacts};
use portlog_model::{
    Category, Event, EventKind, ListInfo, PackageName, Platform, Provenance, Uid, WallTime,
};

use super::compare::write_laid;
use super::event::{name, write_event};
use super::list::{write_checked, write_explanation};
use super::owner::Owners;
use super::snapshot;
use crate::commands::log::compare::lay;
use crate::commands::log::verify::Found;
use crate::commands::owners::write_json as write_owners;
use crate::commands::{list_bundled, list_cdn, list_diff};
use crate::fixtures;
use crate::lists::{ListedPackage, Read};

const LIST: &str = "\
# hosts of mine
198.51.100.0/24
203.0.113.7
not a host
";

/// Every example of the document by its heading, as it is printed.
fn printed() -> BTreeMap<String, String> {
    let mut printed = BTreeMap::new();
    let mut owners = Owners::default();
    for event in fixtures::events() {
        let mut out = Vec::new();
        write_event(&mut out, &event, &mut owners);
        printed.insert(format!("`{}`", name(&event.kind)), text(out));
    }
    let mut out = Vec::new();
    let asked = Event {
        at: fixtures::moment(1),
        kind: EventKind::Alert(Arc::new(fixtures::asked())),
    };
    write_event(&mut out, &asked, &mut owners);
    printed.insert("`alert` for a name alone".to_owned(), text(out));
    printed.insert(
        "`snapshot --format json`".to_owned(),
        snapshot::rendered(
            &Snapshot {
                at: fixtures::moment(3),
                platform: Platform::Android,
                provenance: Provenance::Live,
                coverage: vec![fixtures::readable(), fixtures::denied()],
                sockets: vec![fixtures::observed()],
            },
            &[listed_package()],
        ),
    );

    let mut out = Vec::new();
    let owner = Arc::new(fixtures::account());
    let accounts = portlog_model::Coverage::readable(
        portlog_model::CoverageItem::Packages,
        portlog_model::SourceKind::Packages,
        31,
    );
    write_owners(&mut out, Platform::Linux, &accounts, &[owner], &[]);
    printed.insert("`owners --format json`".to_owned(), text(out));
    printed.extend(lists());
    let mut out = Vec::new();
    crate::commands::devices::write_json(&mut out, &crate::commands::devices::examples());
    printed.insert("`devices --format json`".to_owned(), text(out));
    printed.insert(
        "`log convert --as json`".to_owned(),
        crate::convert::tests::example(),
    );
    printed.extend(super::signed::examples());
    printed.insert("`log compare --format json`".to_owned(), compared());
    printed
}

/// What the commands about lists print.
fn lists() -> [(String, String); 5] {
    let date = Some(WallTime::from_millis(1_775_001_600_000));
    let parse = |text: &str| List::parse("mine.txt", Some(Category::Own), date, text.as_bytes());
    let read = Read {
        place: "lists/mine.txt".to_owned(),
        parsed: parse(LIST).unwrap(),
        pinned: None,
    };
    let mut checked = Vec::new();
    let read = [read];
    write_checked(&mut checked, &read, fixtures::moment(3).wall);

    let set = ListSet::new(vec![parse(LIST).unwrap().list]);
    let mut explained = Vec::new();
    let asked = "203.0.113.7";
    let explanation = set.explain(&asked.parse().unwrap());
    write_explanation(&mut explained, asked, Some(&explanation), &[]);

    let newer = "||host.example.test^\n198.51.100.0/25\n203.0.113.7\n";
    let older = "0.0.0.0 host.example.test\n198.51.100.0/24\n203.0.113.7\n";
    let mut differences = Vec::new();
    let (old, new) = ([parse(older).unwrap().list], [parse(newer).unwrap().list]);
    list_diff::write_json(&mut differences, &old, &new, |_| ());

    let mut bundled = Vec::new();
    let entry = BundledEntry {
        line: 6,
        host: "stats.example.test",
        claim: "A laboratory saw a number of the phone's go to this host.",
        source: "https://laboratory.example.test/report",
        source_date: "2024-05-21",
        reply: "The maker said that an update ended it.",
        reply_source: "https://maker.example.test/reply",
        status: "resolved",
        seen: "2024-03 to 2024-05",
        category: "reported",
        review_by: "2027-05-21",
        serves: None,
    };
    let info = ListInfo {
        name: "Named in past reports".into(),
        category: Category::Reported,
        rules: 1,
        bad_lines: 0,
        ..set.infos().remove(0)
    };
    list_bundled::write_json(&mut bundled, "reported", &info, &[entry], "2026-05-04");
    let bundled = format!("{{\"lists\":[{}]}}", text(bundled));

    let mut networks = ContentNetworks::default();
    networks
        .add("ranges.json", date, b"{\"addresses\": [\"192.0.2.0/24\"]}")
        .unwrap();
    let mut ranges = Vec::new();
    list_cdn::write_json(&mut ranges, networks.sources());
    [
        ("check", text(checked)),
        ("explain", text(explained)),
        ("diff", text(differences)),
        ("bundled", bundled),
        ("cdn", text(ranges)),
    ]
    .map(|(command, printed)| (format!("`list {command} --format json`"), printed))
}

/// A package that an indicator's certificate signed.
fn listed_package() -> ListedPackage {
    let digest = "ab".repeat(32);
    let bundle = format!(
        r#"{{"type":"bundle","objects":[{{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000001","name":"DemoFirmware","pattern":"[app:cert.sha256='{digest}']"}}]}}"#
    );
    let date = Some(WallTime::from_millis(1_775_001_600_000));
    let parsed = List::parse("indicators.stix2", None, date, bundle.as_bytes()).unwrap();
    let package = PackageName::new("com.example.sync").unwrap();
    let matches = ListSet::new(vec![parsed.list]).package(PackageFacts {
        package: &package,
        signers: &[Digest::new(&digest).unwrap()],
        files: &[],
    });
    ListedPackage {
        package,
        uid: Uid::new(10_087),
        matches,
    }
}

/// Two small logs side by side.
fn compared() -> String {
    let names = ["earlier.portlog.txt", "later.portlog.txt"];
    let mut laid = lay(&names.map(|name| Path::new("tests/files").join(name)), None).unwrap();
    for (file, name) in laid.files.iter_mut().zip(names) {
        file.path = name.into();
        if let Found::Verified(verified) = &mut file.found {
            // Noon of 2026-05-06, whatever this machine's clock says.
            verified.report.now = 1_778_068_800;
        }
    }
    let mut out = Vec::new();
    write_laid(&mut out, &laid);
    text(out)
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/EVENTS.md");

#[test]
fn the_document_shows_what_is_printed() {
    let mut document = std::fs::read_to_string(DOCUMENT).unwrap();
    if std::env::var_os("PORTLOG_BLESS").is_some() {
        document = blessed(&document);
        std::fs::write(DOCUMENT, &document).unwrap();
    }
    let mut shown = examples(&document);
    for (heading, printed) in printed() {
        let example = shown
            .remove(&heading)
            .unwrap_or_else(|| panic!("no example below {heading}, which prints\n{printed}"));
        assert_eq!(
            without_spaces(&example),
            without_spaces(&printed),
            "{heading}"
        );
    }
    assert!(shown.is_empty(), "nothing prints {:?}", shown.keys());
}

/// The JSON blocks of a document, by the heading above each.
fn examples(document: &str) -> BTreeMap<String, String> {
    let mut examples = BTreeMap::new();
    let mut heading = String::new();
    let mut block: Option<String> = None;
    for line in document.lines() {
        match &mut block {
            Some(text) if line == "```" => {
                let before = examples.insert(heading.clone(), std::mem::take(text));
                assert!(before.is_none(), "two examples below {heading}");
                block = None;
            }
            Some(text) => text.push_str(line),
            None if line == "```json" => block = Some(String::new()),
            None => {
                if let Some(text) = line.strip_prefix('#') {
                    heading = text.trim_start_matches('#').trim().to_owned();
                }
            }
        }
    }
    examples
}

/// The document with every example written anew.
fn blessed(document: &str) -> String {
    let printed = printed();
    let mut out = String::new();
    let mut heading = String::new();
    let mut in_example = false;
    for line in document.lines() {
        if let Some(text) = line.strip_prefix('#') {
            heading = text.trim_start_matches('#').trim().to_owned();
        }
        if in_example && line == "```" {
            in_example = false;
            out.push_str(&indented(&printed[&heading]));
        }
        if !in_example {
            out.push_str(line);
            out.push('\n');
        }
        in_example |= line == "```json";
    }
    out
}

/// JSON with each value on a line of its own.
fn indented(json: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    let json = without_spaces(json);
    let mut chars = json.chars().peekable();
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        if c == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && c == '\\' && !escaped;
        match c {
            _ if in_string => out.push(c),
            '{' | '[' => {
                out.push(c);
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}

/// JSON without the spaces between its values: order and values are what is compared.
fn without_spaces(json: &str) -> String {
    let mut out = String::new();
    let mut in_string = false;
    let mut escaped = false;
    for c in json.chars() {
        if !in_string && c.is_whitespace() {
            continue;
        }
        if c == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

fn text(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap()
}
