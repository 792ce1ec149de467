//! What a row costs: prints nanoseconds a row for each kind of table, by the usual path and by
//! splitting on white space. No test: figures depend on the machine.

#![expect(clippy::print_stdout, reason = "a benchmark's result")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use portlog_model::Table;
use portlog_sockets::text::{Endian, parse_row, parse_table};

const ROWS: u32 = 10_000;
const ROUNDS: u32 = 200;

fn main() {
    for table in [Table::Tcp, Table::Tcp6, Table::Udp] {
        let text = table_text(table);
        let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').skip(1).collect();
        let usual = fastest(|| {
            let mut ports = 0_u64;
            let summary = parse_table(table, Endian::Little, black_box(&text), &mut |row| {
                ports += row.map_or(0, |row| u64::from(row.remote.port()));
            });
            assert_eq!(summary.rows, ROWS);
            ports
        });
        let general = fastest(|| {
            lines
                .iter()
                .filter_map(|line| parse_row(table, Endian::Little, black_box(line)).ok())
                .map(|row| u64::from(row.remote.port()))
                .sum()
        });
        println!("{table}: {usual:.1} ns a row, by white space {general:.1} ns");
    }
}

/// Nanoseconds a row in the fastest of all rounds.
fn fastest(mut round: impl FnMut() -> u64) -> f64 {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(round());
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    best.as_secs_f64() * 1e9 / f64::from(ROWS)
}

fn table_text(table: Table) -> Vec<u8> {
    let mut text = String::from("  sl  local_address rem_address   st tx_queue\n");
    for row in 0..ROWS {
        let remote = row.wrapping_mul(2_654_435_761);
        let (head, gap) = if table.is_v6() {
            ("0000000000000000FFFF0000", 0)
        } else {
            ("", 149)
        };
        let line = format!(
            "{row:4}: {head}0200000A:{:04X} {head}{remote:08X}:01BB {:02X} 00000000:00000000 \
             02:{:08X} 00000000 {:5} {:8} {} 2 0000000000000000 20 4 30 10 -1",
            row & 0xFFFF,
            1 + row % 11,
            remote >> 16,
            10_000 + row % 200,
            0,
            100_000 + row,
        );
        let _ = writeln!(text, "{line:gap$}");
    }
    text.into_bytes()
}
