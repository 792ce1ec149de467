//! The parser of tables reads whole tables, in pieces, mostly by fixed positions. Here it is held to
//! what [`parse_row`] says of each line alone, whatever was done to the bytes.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use portlog_model::{SocketRow, Table, Uid};
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
    (rows, summary)
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
}
