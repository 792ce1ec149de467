//! What stands in each form, compared with what the bundle shows.

use std::collections::{BTreeMap, BTreeSet};

use portlog_journal::entry::{FieldType, Kind};
use serde_json::json;

use super::logs::*;
use super::*;
use crate::convert::csv::COLUMNS;

const DOCUMENT: &str = include_str!("../../../../../docs/EVENTS.md");

const GOOD: [&str; 10] = [
    "first-entry",
    "short-full",
    "short-nothing",
    "short-no-start",
    "epochs-sparse",
    "pruned",
    "every-kind",
    "every-kind-redacted",
    "wide-sparse",
    "odd-times",
];

#[test]
fn json_has_every_shown_entry_as_it_was_signed() {
    for name in GOOD {
        let bundle = vector(name);
        let (found, wanted) = (as_json(&bundle), shown(&bundle));
        let entries = found["entries"].as_array().unwrap();
        assert_eq!(entries.len(), wanted.len(), "{name}");
        for (found, wanted) in entries.iter().zip(&wanted) {
            assert_eq!(found["index"], wanted.index());
            assert_eq!(found["kind"], wanted.kind().as_str());
            assert_eq!(found["session"], json!(wanted.session()));
            let mut withheld = Vec::new();
            for (at, (field, value)) in wanted.fields().enumerate() {
                let of = wanted.kind().field_type(at).unwrap();
                let found = &found["fields"][&*field];
                match (value, of) {
                    (None, _) => {
                        assert!(found.is_null(), "{field}");
                        withheld.push(field);
                    }
                    (Some("-"), _) => assert!(found.is_null(), "{field}"),
                    (Some(value), FieldType::Number | FieldType::Index | FieldType::Signed) => {
                        assert!(found.is_number(), "{field}");
                        assert_eq!(found.to_string(), value);
                    }
                    (Some(value), _) => assert_eq!(found, value, "{field}"),
                }
            }
            assert_eq!(found["withheld"], json!(withheld));
            let fields = found["fields"].as_object().unwrap();
            assert_eq!(fields.len() + withheld.len(), wanted.fields().count());
        }
    }
}

#[test]
fn json_says_what_is_certain_of_the_bundle() {
    for (name, level, live, shown) in [
        ("short-sparse", "L0", json!(true), (3, 10)),
        ("replayed", "L0", json!(false), (2, 4)),
        ("replayed-nothing", "L0", json!(false), (1, 4)),
        ("short-no-start", "L0", json!(false), (1, 10)),
        ("short-nothing", "L0", json!(null), (0, 10)),
    ] {
        let text = vector(name);
        let bundle = &as_json(&text)["bundle"];
        let report = verify(text.as_bytes(), &options()).unwrap();
        assert_eq!(bundle["first_lines"], json!(report.first_lines()));
        assert_eq!(bundle["level"], level);
        assert_eq!(bundle["observed_live"], live, "{name}");
        assert_eq!(bundle["origin"], report.origin().as_str());
        assert_eq!(
            (&bundle["shown"], &bundle["size"]),
            (&json!(shown.0), &json!(shown.1))
        );
        let digest = portlog_journal::Hash::of(&[text.as_bytes()]);
        assert_eq!(bundle["sha256"], digest.to_hex());
        assert!(bundle["about"].as_str().unwrap().contains("not signed"));
    }
}

#[test]
fn owners_are_those_that_the_named_packages_entry_has() {
    let found = as_json(&whole(&log([
        started(1, "live"),
        packages(2, &OWNERS),
        connection(Kind::Opened, 3, 1, &[]),
        packages(4, &["10012 app no - com.example.sync2 -"]),
        connection(Kind::Opened, 5, 2, &[]),
        connection(Kind::Opened, 6, 3, &[("owner", "4")]),
        connection(Kind::Opened, 7, 4, &[("uid", "10030")]),
        connection(Kind::Opened, 8, 5, &[("uid", "99999")]),
    ])));
    let owner = |at: usize| &found["entries"][at]["owner"];
    let sync = json!({
        "entry": 2, "uid": 10012, "kind": "app", "firmware": "yes", "roles": [],
        "packages": ["com.example.sync"], "packages_left_out": 0, "name": "Sync",
    });
    assert_eq!((owner(3), owner(5)), (&sync, &sync));
    assert_eq!(owner(6)["packages"], json!(["com.example.sync2"]));
    assert_eq!(
        (&owner(6)["entry"], &owner(6)["firmware"]),
        (&json!(4), &json!("no"))
    );
    assert_eq!(
        owner(7)["packages"],
        json!(["com.example.one", "org.example.two"])
    );
    assert_eq!(owner(7)["packages_left_out"], 3);
    assert!(owner(8).is_null() && owner(1).is_null());
}

#[test]
fn whatever_was_not_observed_live_is_marked_in_every_form() {
    let bundle = whole(&watch());
    let found = as_json(&bundle);
    let observed: Vec<Json> = found["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["observed"].clone())
        .collect();
    let not_live = "NOT OBSERVED LIVE";
    assert_eq!(
        observed,
        [
            json!(null),
            json!(null),
            json!(null),
            json!(null),
            json!("live"),
            json!("live"),
            json!(null),
            json!(null),
            json!("live"),
            json!(not_live),
            json!(not_live)
        ]
    );
    let rows = table(&one_file(&bundle, Form::Csv));
    assert_eq!(
        (rows[4]["observed"].as_str(), rows[10]["observed"].as_str()),
        ("live", not_live)
    );
    let events = events(&bundle);
    let first = &events[0].1["bundle"]["first_lines"];
    assert!(first.to_string().contains(not_live), "{first}");
    let last = &events.last().unwrap();
    assert_eq!(
        (last.0.as_str(), &last.1["observed"]),
        ("connect_event", &json!(not_live))
    );
    for name in ["short-no-start", "replayed", "replayed-nothing"] {
        for form in FORMS {
            let text: Vec<u8> = files(&vector(name), form).into_values().flatten().collect();
            assert!(
                String::from_utf8(text).unwrap().contains(not_live),
                "{name} {form:?}"
            );
        }
    }
}

#[test]
fn no_form_has_a_character_that_drives_a_terminal_or_turns_text_around() {
    for bundle in [whole(&watch()), vector("every-kind"), vector("short-full")] {
        for form in FORMS {
            for (name, bytes) in files(&bundle, form) {
                let text = String::from_utf8(bytes).unwrap();
                let text = text.replace("\r\n", "\n");
                let bad = text.chars().find(|c| {
                    (c.is_control() && *c != '\n')
                        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
                });
                assert_eq!(bad, None, "{name}");
            }
        }
    }
    assert!(one_file(&whole(&watch()), Form::Json).contains(r"\\u{1b}[31m"));
}

/// The rows of a table by column, as RFC 4180 has them.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows: Vec<Vec<String>> = vec![vec![String::new()]];
    let mut rest = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = rest.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if is_quoted && rest.peek() == Some(&'"') => {
                rest.next();
                row.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\r' if !is_quoted => {
                assert_eq!(rest.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            c => row.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(rows.pop().unwrap(), [""], "the last line has an end");
    let heading = rows.remove(0);
    assert_eq!(heading, COLUMNS);
    rows.into_iter()
        .map(|row| {
            assert_eq!(row.len(), heading.len());
            heading.iter().cloned().zip(row).collect()
        })
        .collect()
}

/// The value that was made harmless, as docs/EVENTS.md says how.
fn plain(cell: &str) -> String {
    let mut out = String::new();
    let mut characters = cell.chars();
    let mut may_begin = true;
    while let Some(mut c) = characters.next() {
        if may_begin && c == '\'' {
            c = characters.next().unwrap();
            out.push(c);
            may_begin = false;
            continue;
        }
        out.push(c);
        may_begin = matches!(c, ';' | '"') || (may_begin && c.is_whitespace());
    }
    out
}

#[test]
fn csv_has_a_row_for_each_entry_and_a_column_for_each_field() {
    let columns: BTreeSet<&str> = COLUMNS.into_iter().collect();
    assert_eq!(columns.len(), COLUMNS.len(), "a column twice");
    for kind in Kind::ALL {
        for (field, _) in kind.fields() {
            assert!(columns.contains(field), "{kind} {field}");
        }
    }
    for name in GOOD {
        let bundle = vector(name);
        let (rows, wanted) = (table(&one_file(&bundle, Form::Csv)), shown(&bundle));
        assert_eq!(rows.len(), wanted.len());
        for (row, entry) in rows.iter().zip(&wanted) {
            assert_eq!(row["index"], entry.index().to_string());
            assert_eq!(row["kind"], entry.kind().as_str());
            let mut withheld = Vec::new();
            for (at, (field, value)) in entry.fields().enumerate() {
                if value.is_none() {
                    withheld.push(field.to_string());
                }
                let Some(cell) = row.get(&*field) else {
                    assert!(field.starts_with("owner."), "{field}");
                    continue;
                };
                let value = value.filter(|value| *value != "-").unwrap_or_default();
                match entry.kind().field_type(at) {
                    Some(FieldType::Signed) => assert_eq!(cell, value),
                    _ => assert_eq!(plain(cell), value, "{field}"),
                }
            }
            assert_eq!(row["withheld"], withheld.join(" "));
        }
    }
}

#[test]
fn csv_names_owners_and_times_in_utc() {
    let rows = table(&one_file(&whole(&watch()), Form::Csv));
    let row = &rows[10];
    assert_eq!(row["time_utc"], "2026-05-04T13:45:10.000Z");
    assert_eq!(row["time"], "2026-05-04T15:45:10.000+02:00 3610000");
    assert_eq!(row["owner_packages"], "android com.example.settings");
    assert_eq!(
        [
            &row["owner_name"],
            &row["owner_firmware"],
            &row["owner_kind"],
            &row["owner_roles"]
        ],
        ["system", "yes", "shared", "go-between"]
    );
    assert_eq!((row["owner"].as_str(), row["entry"].as_str()), ("2", ""));
    assert_eq!(rows[6]["jump_ms"], "-3600000");
}

#[test]
fn no_cell_of_csv_begins_a_formula_wherever_a_spreadsheet_parts_it() {
    let texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "'=1",
        "'",
        " =1",
        "a;=1",
        "a; \"=1",
        ";'x",
        "\"=1\"",
        "\u{ff1d}1",
        "a=1",
        "x,=1",
        "a'b",
        "''=",
    ];
    let log = log(texts.map(|text| entry(Kind::Mark, 1, &[("text", text)])));
    let text = one_file(&whole(&log), Form::Csv);
    let rows = table(&text);
    for (row, text) in rows[1..].iter().zip(texts) {
        assert_eq!(plain(&row["text"]), text);
    }
    // A spreadsheet that parts cells at semicolons takes quotes only at a cell's beginning.
    for separator in [',', ';'] {
        for cell in text.lines().flat_map(|line| line.split(separator)) {
            let cell = cell.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
            let first = cell.chars().next();
            assert!(
                !first.is_some_and(|c| "=+-@\u{ff1d}".contains(c)) || cell.starts_with("=1\""),
                "{cell:?} in\n{text}"
            );
        }
    }
}

#[test]
fn the_document_has_the_columns() {
    let columns = DOCUMENT
        .split_once("### CSV columns\n")
        .and_then(|(_, rest)| rest.split_once("\n#"))
        .map_or("", |(part, _)| part);
    let named: Vec<&str> = columns
        .split('|')
        .map(str::trim)
        .filter_map(|cell| cell.strip_prefix("`")?.strip_suffix('`'))
        .flat_map(|cell| cell.split("`, `"))
        .collect();
    assert_eq!(named, COLUMNS);
}
