//! Tables that no kernel prints: cut, damaged, huge, invented. No panic, no row that was not there,
//! and what is bad is counted and costs only itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use portlog_model::{SocketRow, SocketState, Table, Uid};
use portlog_sockets::counters::{CounterWidth, Totals, parse_qtaguid};
use portlog_sockets::text::{Endian, TableParser, TableSummary, parse_row, parse_table};
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

/// What the lines of `text` mean, by [`parse_row`] alone: without the fast path and the pieces.
fn by_lines(table: Table, endian: Endian, text: &[u8]) -> Vec<Option<Result<SocketRow, RowError>>> {
    let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    lines.pop();
    lines
        .into_iter()
        .map(|line| {
            if line.len() > TableParser::MAX_LINE {
                return Some(Err(RowError::TooLong(TableParser::MAX_LINE)));
            }
            let mut words = line
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            match (words.next(), words.next()) {
                (None, _) | (Some(b"sl"), Some(b"local_address")) => None,
                _ => Some(parse_row(table, endian, line)),
            }
        })
        .collect()
}

#[test]
fn any_single_changed_byte_is_read_alike_by_both_paths() {
    let ipv6 = ROW
        .replace("020200C0", "B80D0120000000000000000002000000")
        .replace("077100CB", "0000000000000000FFFF0000077100CB");
    for (table, row) in [(Table::Udp, ROW), (Table::Tcp6, &ipv6)] {
        for place in 0..row.len() {
            for byte in 0..=u8::MAX {
                let mut replaced = row.as_bytes().to_vec();
                replaced[place] = byte;
                let mut inserted = row.as_bytes().to_vec();
                inserted.insert(place, byte);
                let mut removed = row.as_bytes().to_vec();
                removed.remove(place);
                for mut text in [replaced, inserted, removed] {
                    text.push(b'\n');
                    let (found, _) = parse(table, &text);
                    let found: Vec<_> = found
                        .into_iter()
                        .map(|row| row.map_err(|bad| bad.reason))
                        .collect();
                    let expected: Vec<_> = by_lines(table, Endian::Little, &text)
                        .into_iter()
                        .flatten()
                        .collect();
                    assert_eq!(found, expected, "{table}: {}", text.escape_ascii());
                }
            }
        }
    }
}

fn tables() -> impl Strategy<Value = Table> {
    prop::sample::select(Table::ALL.to_vec())
}

fn endians() -> impl Strategy<Value = Endian> {
    prop::sample::select(vec![Endian::Little, Endian::Big])
}

/// A row as kernels print it, with every value in and out of range.
fn kernel_row(v6: bool) -> impl Strategy<Value = String> {
    let address = if v6 { "[0-9A-F]{32}" } else { "[0-9A-F]{8}" };
    (
        (0_u32..200_000, 4_usize..6),
        (address, address, any::<u16>(), any::<u16>()),
        prop_oneof![4 => 1_u8..12, 1 => any::<u8>()],
        (any::<u32>(), any::<u32>(), 0_u8..5, prop_oneof![9 => any::<u32>().prop_map(u64::from), 1 => any::<u64>()]),
        prop_oneof![4 => any::<u32>().prop_map(i64::from), 1 => any::<i32>().prop_map(i64::from)],
        prop_oneof![1 => Just(0), 6 => any::<u32>().prop_map(u64::from), 1 => any::<u64>()],
        prop::sample::select(vec!["", " 2 0000000000000000", " 1 d3a4c000 20 4 30 10 -1", " 1 (null) 0"]),
        prop::sample::select(vec![0, 127, 149]),
    )
        .prop_map(|(slot, ends, state, queues, uid, inode, tail, pad)| {
            let ((slot, width), (local, remote, from, to)) = (slot, ends);
            let (sent, received, timer, when) = queues;
            let line = format!(
                "{slot:width$}: {local}:{from:04X} {remote}:{to:04X} {state:02X} \
                 {sent:08X}:{received:08X} {timer:02X}:{when:08X} 00000000 {uid:5} {:8} {inode}{tail}",
                0
            );
            format!("{line:pad$}")
        })
}

/// A table of such rows, some bytes of which were changed.
fn mutated_table() -> impl Strategy<Value = (Table, Vec<u8>)> {
    let change = prop_oneof![
        any::<u8>(),
        prop::sample::select(b" :\n\r\t0AFGaf-9\0".to_vec())
    ];
    (tables(), prop_oneof![1 => Just(0_usize), 2 => 1_usize..6]).prop_flat_map(
        move |(table, changes)| {
            let rows = vec(kernel_row(table.is_v6()), 1..5);
            let changes = vec(
                (any::<prop::sample::Index>(), 0_u8..3, change.clone()),
                changes,
            );
            (Just(table), rows, changes).prop_map(|(table, rows, changes)| {
                let mut text = format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes();
                for (place, how, byte) in changes {
                    let place = place.index(text.len());
                    match how {
                        0 => text[place] = byte,
                        1 => text.insert(place, byte),
                        _ => drop(text.remove(place)),
                    }
                }
                (table, text)
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_fast_path_agrees_with_the_general_one(
        (table, text) in mutated_table(),
        endian in endians(),
    ) {
        let ended = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let text = &text[..ended];
        let mut found = Vec::new();
        let summary = parse_table(table, endian, text, &mut |row| {
            found.push(row.map_err(|bad| (bad.line, bad.reason)));
        });
        let lines = by_lines(table, endian, text);
        prop_assert_eq!(usize::try_from(summary.lines).unwrap(), lines.len());
        let expected: Vec<_> = (1..)
            .zip(lines)
            .filter_map(|(line, row)| Some(row?.map_err(|reason| (line, reason))))
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn an_unchanged_row_is_read_as_printed(
        table in tables(),
        port in any::<u16>(),
        peer in any::<u16>(),
        address in any::<u128>(),
        uid in 0..u32::MAX,
        inode in 1_u64..,
        signed in any::<bool>(),
    ) {
        let bytes = address.to_be_bytes();
        let bytes = if table.is_v6() { &bytes[..] } else { &bytes[..4] };
        let local = bytes.chunks(4).fold(String::new(), |mut text, four| {
            let word = u32::from_le_bytes(four.try_into().unwrap());
            write!(text, "{word:08X}").unwrap();
            text
        });
        let none = "0".repeat(local.len());
        let uid_column = if signed { uid.cast_signed().to_string() } else { uid.to_string() };
        let line = format!(
            "{:4}: {local}:{port:04X} {none}:{peer:04X} 07 00000000:00000000 00:00000000 00000000 \
             {uid_column:>5} {:8} {inode} 2 00000000 0\n", 7, 0
        );
        let (rows, _) = parse(table, line.as_bytes());
        let row = rows[0].unwrap();
        let expected: std::net::IpAddr = match <[u8; 4]>::try_from(bytes) {
            Ok(four) => four.into(),
            Err(_) => <[u8; 16]>::try_from(bytes).unwrap().into(),
        };
        prop_assert_eq!(row.local.address(), expected.to_canonical());
        prop_assert_eq!((row.local.port(), row.remote.port()), (port, peer));
        prop_assert_eq!(row.uid, Some(Uid::new(uid)));
        prop_assert_eq!(row.inode.map(portlog_model::Inode::get), Some(inode));
    }

    #[test]
    fn any_bytes_in_any_pieces_are_read_alike(
        (table, mut text) in mutated_table(),
        noise in vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        size in 1_usize..5000,
    ) {
        let at = at.index(text.len());
        text.splice(at..at, noise);
        let (whole, summary) = parse(table, &text);
        let mut parser = TableParser::new(table, Endian::Little);
        let (mut kept, mut rows) = (Vec::new(), Vec::new());
        for piece in text.chunks(size) {
            kept.extend_from_slice(piece);
            let used = parser.feed(&kept, &mut |row| rows.push(row));
            kept.drain(..used);
        }
        prop_assert_eq!(parser.finish(&kept, &mut |row| rows.push(row)), summary);
        prop_assert_eq!(rows, whole);
    }

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
