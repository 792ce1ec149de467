//! Tables that no kernel prints: cut, damaged, huge, invented. No panic, no row that was not there,
//! and what is bad is counted and costs only itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use portlog_model::{SocketRow, SocketState, Table, Uid};
use portlog_sockets::counters::{CounterWidth, Totals, parse_qtaguid};
use portlog_sockets::text::{Endian, TableParser, TableSummary, parse_table};
use portlog_sockets::{BadRow, RowError};
use proptest::collection::vec;
use proptest::prelude::*;

const HEADER: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const ROW: &str = "   0: 020200C0:AE56 077100CB:0050 01 00000000:00000000 00:00000000 00000000 \
    10087        0 85882 2 00000000797e4c31 20 0 0 10 -1";

type Row = Result<SocketRow, BadRow>;

fn parse(table: Table, text: &[u8]) -> (Vec<Row>, TableSummary) {
    let mut rows = Vec::new();
    let summary = parse_table(table, Endian::Little, text, &mut |row| rows.push(row));
    let good = rows.iter().filter(|row| row.is_ok()).count();
    assert_eq!(usize::try_from(summary.rows).unwrap(), good);
    assert_eq!(
        usize::try_from(summary.bad_rows).unwrap(),
        rows.len() - good
    );
    (rows, summary)
}

/// The bad rows of a TCP table: line and reason.
fn bad_rows(text: &str) -> Vec<(u32, RowError)> {
    let (rows, _) = parse(Table::Tcp, text.as_bytes());
    rows.iter()
        .filter_map(|row| row.err())
        .map(|bad| (bad.line, bad.reason))
        .collect()
}

/// What is wrong with [`ROW`] after `from` was replaced by `to`.
fn damaged(from: &str, to: &str) -> RowError {
    assert_eq!(ROW.matches(from).count(), 1, "{from}");
    let row = ROW.replace(from, to);
    let found = bad_rows(&format!("{HEADER}\n{ROW}\n{row}\n{ROW}\n"));
    let [(3, reason)] = found[..] else {
        panic!("{row}: {found:?}");
    };
    reason
}

/// Every captured table, with what it is.
fn captured() -> Vec<(Table, Vec<u8>)> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures");
    let mut texts = Vec::new();
    for tree in fs::read_dir(captures).unwrap() {
        for table in Table::ALL {
            let path = tree.as_ref().unwrap().path().join("net");
            if let Ok(text) = fs::read(path.join(table.as_str())) {
                texts.push((table, text));
            }
        }
    }
    assert!(texts.len() > 50);
    texts
}

#[test]
fn each_column_has_its_form_and_says_when_not() {
    use RowError::{BadNumber, Joined, MissingColumn, OutOfRange};

    assert_eq!(damaged("   0:", "  -1:"), BadNumber("sl"));
    assert_eq!(damaged("   0:", "   0"), BadNumber("sl"));
    assert_eq!(damaged("020200C0:", "20200C0:"), BadNumber("local_address"));
    assert_eq!(
        damaged("020200C0:", "00020200C0:"),
        BadNumber("local_address")
    );
    assert_eq!(damaged("AE56", "1AE56"), BadNumber("local_address"));
    assert_eq!(damaged("AE56", "-AE5"), BadNumber("local_address"));
    assert_eq!(damaged("077100CB", "07710OCB"), BadNumber("rem_address"));
    assert_eq!(
        damaged("077100CB:0050", "077100CB"),
        BadNumber("rem_address")
    );
    let mapped = "0000000000000000FFFF0000077100CB";
    assert_eq!(damaged("077100CB", mapped), BadNumber("rem_address"));
    assert_eq!(damaged(" 01 ", " 001 "), BadNumber("st"));
    assert_eq!(damaged(" 01 ", " -1 "), BadNumber("st"));
    for state in [0x00, 0x0E, 0x7F, 0x80, 0xFF] {
        assert_eq!(
            damaged(" 01 ", &format!(" {state:02X} ")),
            RowError::State(SocketState::from_kernel(state).unwrap_err())
        );
    }
    assert_eq!(
        damaged("00000000:00000000 00", "00000000;00000000 00"),
        BadNumber("tx_queue:rx_queue")
    );
    assert_eq!(damaged(" 00:00000000 ", " 00: "), BadNumber("tr:tm->when"));
    assert_eq!(
        damaged(" 00000000 10087", " retr 10087"),
        BadNumber("retrnsmt")
    );
    assert_eq!(damaged("10087", "root"), BadNumber("uid"));
    assert_eq!(damaged("10087", "4294967296"), OutOfRange("uid"));
    assert_eq!(damaged("10087", "-2147483649"), OutOfRange("uid"));
    assert_eq!(damaged("10087", &"9".repeat(3000)), OutOfRange("uid"));
    assert_eq!(damaged(" 0 85882", " 0x0 85882"), BadNumber("timeout"));
    assert_eq!(
        damaged(" 0 85882", " 4294967296 85882"),
        OutOfRange("timeout")
    );
    assert_eq!(damaged("85882", "-85882"), BadNumber("inode"));
    assert_eq!(
        damaged("85882", "18446744073709551616"),
        OutOfRange("inode")
    );
    assert_eq!(damaged("85882", &"8".repeat(3000)), OutOfRange("inode"));
    assert_eq!(damaged("10 -1", &format!("10 -1{ROW}")), Joined);
    assert_eq!(damaged(" 2 00000000797e4c31 20 0 0 10 -1", ROW), Joined);
    let half = ROW.split(" 10087").next().unwrap();
    assert_eq!(damaged(ROW, half), MissingColumn("uid"));
    assert_eq!(damaged(ROW, &format!("{half}{ROW}")), BadNumber("uid"));
}

#[test]
fn what_is_unusual_but_means_the_same_is_read() {
    let (usual, _) = parse(Table::Tcp, format!("{HEADER}\n{ROW}\n").as_bytes());
    let [Ok(usual)] = usual[..] else {
        panic!("{usual:?}");
    };
    let same = [
        format!("{HEADER}\r\n{ROW}\r\n"),
        format!("{HEADER}\n{}\n", ROW.replace(' ', "\t")),
        format!("{HEADER}\n{}\n", ROW.to_lowercase()),
        format!(
            "{HEADER}\n{}\n",
            ROW.replace("00000000 10087", "00000000   10087")
        ),
        format!(
            "{HEADER}\n{}\n",
            ROW.replace("   0:", "123456789012345678901234:")
        ),
        format!(
            "{HEADER}\n{}\n",
            ROW.replace(" 00:00000000", " 00:FFFFFFFFFFFFFFFC")
        ),
        format!("{HEADER}\n{}\n", ROW.replace(" 0 85882", " -1 85882")),
        format!("{HEADER}\n{}\n", ROW.replace(" 01 ", " 81 ")),
        format!("{HEADER}\n{}\n", ROW.split(" 2 0000").next().unwrap()),
        format!("{HEADER}\n{ROW}{}\n", " more".repeat(700)),
        format!("{HEADER}\n\n   \n{ROW}\n\n"),
        format!("{HEADER}\n{ROW}"),
        format!("{HEADER}  \n{HEADER}\n{ROW}\n{HEADER}\n"),
    ];
    for text in same {
        let (rows, summary) = parse(Table::Tcp, text.as_bytes());
        assert_eq!(rows, [Ok(usual)], "{text}");
        assert!(summary.headers >= 1);
    }
    for (printed, uid) in [("-2", 4_294_967_294), ("4294967294", 4_294_967_294)] {
        let text = format!("{HEADER}\n{}\n", ROW.replace("10087", printed));
        let (rows, _) = parse(Table::Tcp, text.as_bytes());
        assert_eq!(rows[0].unwrap().uid, Some(Uid::new(uid)));
    }
    for nobody in ["-1", "4294967295"] {
        let text = format!("{HEADER}\n{}\n", ROW.replace("10087", nobody));
        let (rows, _) = parse(Table::Tcp, text.as_bytes());
        assert_eq!(rows[0].unwrap().uid, None);
    }
}

#[test]
fn an_empty_file_is_not_an_empty_table() {
    let headers = |text: &str| {
        let (rows, summary) = parse(Table::Tcp, text.as_bytes());
        assert_eq!(rows, []);
        summary.headers
    };
    assert_eq!(headers(""), 0);
    assert_eq!(headers("\n\n"), 0);
    assert_eq!(headers(&format!("{HEADER}\n")), 1);
    assert_eq!(headers(HEADER), 1);
    assert_eq!(headers(&format!("{HEADER}\n{HEADER}\r\n{HEADER}")), 3);
    // Other files of the same folder, and a header that was cut.
    for (text, line, reason) in [
        (
            "Num       RefCount Protocol Flags Type St Inode Path\n",
            1,
            RowError::BadNumber("sl"),
        ),
        ("  sl  drops\n", 1, RowError::BadNumber("sl")),
        ("  sl  local_address rem_addr", 1, RowError::CutOff),
        (
            "\u{feff}  sl  local_address\n",
            1,
            RowError::BadNumber("sl"),
        ),
    ] {
        assert_eq!(bad_rows(text), [(line, reason)], "{text}");
    }
}

#[test]
fn a_table_that_is_cut_anywhere_invents_no_row() {
    for (table, text) in captured() {
        let (whole, _) = parse(table, &text);
        for end in 0..text.len() {
            let (mut rows, _) = parse(table, &text[..end]);
            if let Some(Err(bad)) = rows.last()
                && bad.reason == RowError::CutOff
            {
                rows.pop();
            }
            assert!(whole.starts_with(&rows), "{table} cut at {end}");
        }
    }
}

#[test]
fn nul_bytes_are_bad_where_they_matter() {
    let hole = format!("{HEADER}\n{ROW}\n{}{ROW}\n{ROW}\n", "\0".repeat(300));
    assert_eq!(bad_rows(&hole), [(3, RowError::BadNumber("sl"))]);
    let (rows, summary) = parse(Table::Tcp6, &[0; 4096]);
    assert_eq!(summary.headers, 0);
    assert_eq!(rows.len(), 1);
    assert_eq!(damaged("85882", "85\x0082"), RowError::BadNumber("inode"));
}

#[test]
fn a_hundred_megabytes_without_a_line_are_one_bad_row() {
    const SIZE: usize = 100 << 20;
    for byte in [b'A', b'0', b' ', 0] {
        let mut text = vec![byte; SIZE];
        let row = format!("\n{ROW}\n");
        let middle = SIZE / 2;
        text[middle..middle + row.len()].copy_from_slice(row.as_bytes());
        let (rows, _) = parse(Table::Tcp, &text);
        let [Err(before), Ok(_), Err(after)] = rows[..] else {
            panic!("{} rows of {byte}", rows.len());
        };
        assert_eq!(before.reason, RowError::TooLong(TableParser::MAX_LINE));
        assert_eq!((before.line, after.line), (1, 3));
        assert_eq!(after.reason, before.reason);
    }
}

#[test]
fn a_long_line_in_pieces_is_kept_nowhere_and_reported_once() {
    let mut parser = TableParser::new(Table::Tcp, Endian::Little);
    let mut rows = Vec::new();
    let mut kept: Vec<u8> = Vec::new();
    for _ in 0..10_000 {
        kept.extend_from_slice(&[b'7'; 1000]);
        let used = parser.feed(&kept, &mut |row| rows.push(row));
        kept.drain(..used);
        assert!(kept.len() <= TableParser::MAX_LINE);
    }
    kept.extend_from_slice(format!("\n{ROW}\n{}", &ROW[..90]).as_bytes());
    let used = parser.feed(&kept, &mut |row| rows.push(row));
    let summary = parser.finish(&kept[used..], &mut |row| rows.push(row));
    let [Err(long), Ok(_), Err(cut)] = rows[..] else {
        panic!("{rows:?}");
    };
    assert_eq!(long.reason, RowError::TooLong(TableParser::MAX_LINE));
    assert_eq!((cut.line, cut.reason), (3, RowError::CutOff));
    assert_eq!((summary.lines, summary.rows, summary.bad_rows), (3, 1, 2));
}

#[test]
fn the_longest_line_is_read_and_one_byte_more_is_not() {
    let line = |length: usize| format!("{HEADER}\n{ROW:length$}\n");
    let (rows, _) = parse(Table::Tcp, line(TableParser::MAX_LINE).as_bytes());
    assert!(matches!(rows[..], [Ok(_)]));
    let (rows, _) = parse(Table::Tcp, line(TableParser::MAX_LINE + 1).as_bytes());
    assert!(matches!(rows[..], [Err(bad)] if bad.reason == RowError::TooLong(4096)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_bytes_are_some_counters_or_none(bytes in vec(any::<u8>(), 0..2000), header in any::<bool>()) {
        let mut text = bytes;
        if header {
            let mut line = b"idx iface acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets \
                tx_bytes tx_packets\n2 wlan0 0x0 10087 0 1 1 1 1\n".to_vec();
            line.append(&mut text);
            text = line;
        }
        let mut totals = Totals::new(CounterWidth::Bits64);
        let mut bad = 0;
        let result = parse_qtaguid(&text, &mut totals, &mut |_| bad += 1);
        prop_assert_eq!(totals.is_complete(), result.is_ok() && bad == 0);
        prop_assert_eq!(result.is_ok(), header);
        prop_assert!(totals.rows().is_sorted_by(|a, b| a.uid < b.uid));
    }
}
