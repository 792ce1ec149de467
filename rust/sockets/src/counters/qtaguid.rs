//! `/proc/net/xt_qtaguid/stats`: bytes by interface, tag, UID and set, on Android's kernels 3.0 to
//! 4.9 (`net/netfilter/xt_qtaguid.c`, `pp_stats_line`).

use portlog_model::Uid;

use super::{Totals, UidBytes};
use crate::RowError;
use crate::text::TableParser;
use crate::text::number::{decimal, word};

/// A line that could not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadLine {
    /// Its number, from 1 (the header is line 1).
    pub line: u32,
    /// What is wrong.
    pub reason: RowError,
}

/// The columns that are trusted, by position. Those behind them come in two orders
/// (`rx_tcp_bytes rx_tcp_packets` and the reverse), and one variant's header names them wrongly.
const COLUMNS: [&str; 9] = [
    "idx",
    "iface",
    "acct_tag_hex",
    "uid_tag_int",
    "cnt_set",
    "rx_bytes",
    "rx_packets",
    "tx_bytes",
    "tx_packets",
];

/// Fills `totals` (cleared first) with every UID's bytes on all interfaces but loopback.
///
/// Only rows of tag `0x0` count: bytes of a tagged socket are counted in both. Foreground and
/// background (`cnt_set`) are added up. Every line that is not usable is given to `bad` and makes
/// the totals incomplete.
///
/// The kernel may show a reader without the group `NET_BW_STATS` its own rows alone, and some
/// vendors' kernels print no rows at all: that a UID is absent is never proof that it is silent.
///
/// An error means that this is not such a table (another order of columns, or no header).
pub fn parse_qtaguid(
    text: &[u8],
    totals: &mut Totals,
    bad: &mut impl FnMut(BadLine),
) -> Result<(), RowError> {
    totals.clear();
    let mut lines = Lines { text };
    if !lines.next().is_some_and(|(header, _)| is_header(header)) {
        totals.mark_incomplete();
        return Err(RowError::Header);
    }
    // The kernel numbers its rows upwards; each has one line a set.
    let mut last = None;
    for (number, (line, ended)) in (2_u32..).zip(lines) {
        if line.trim_ascii().is_empty() || is_header(line) {
            continue;
        }
        let row = match parse_row(line, ended) {
            Ok(row) if last.is_some_and(|last| row.place <= last) => Err(RowError::Repeated),
            other => other,
        };
        match row {
            Ok(row) => {
                last = Some(row.place);
                if let Some(bytes) = row.bytes {
                    totals.push(bytes);
                }
            }
            Err(reason) => {
                totals.mark_incomplete();
                bad(BadLine {
                    line: number,
                    reason,
                });
            }
        }
    }
    totals.order();
    Ok(())
}

struct Row {
    /// Number and set: rises from line to line.
    place: (u64, u64),
    /// The UID's bytes, where the row is one that counts.
    bytes: Option<UidBytes>,
}

fn parse_row(line: &[u8], ended: bool) -> Result<Row, RowError> {
    if line.len() > TableParser::MAX_LINE {
        return Err(RowError::TooLong(TableParser::MAX_LINE));
    }
    let mut columns = columns(line);
    let mut next = |name| {
        columns.next().ok_or(if ended {
            RowError::MissingColumn(name)
        } else {
            RowError::CutOff
        })
    };
    let index = decimal(next("idx")?, "idx")?;
    let interface = next("iface")?;
    let tag = tag(next("acct_tag_hex")?)?;
    let uid = Uid::new(word(next("uid_tag_int")?, "uid_tag_int")?);
    let counted_in = decimal(next("cnt_set")?, "cnt_set")?;
    let received = decimal(next("rx_bytes")?, "rx_bytes")?;
    decimal(next("rx_packets")?, "rx_packets")?;
    let sent = decimal(next("tx_bytes")?, "tx_bytes")?;
    decimal(next("tx_packets")?, "tx_packets")?;
    if !ended && columns.next().is_none() {
        return Err(RowError::CutOff);
    }
    Ok(Row {
        place: (index, counted_in),
        bytes: (tag == 0 && interface != b"lo").then_some(UidBytes {
            uid,
            received,
            sent,
        }),
    })
}

/// `0x%llx`.
fn tag(column: &[u8]) -> Result<u64, RowError> {
    let digits = column
        .strip_prefix(b"0x")
        .filter(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit))
        .ok_or(RowError::BadNumber("acct_tag_hex"))?;
    str::from_utf8(digits)
        .ok()
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or(RowError::OutOfRange("acct_tag_hex"))
}

fn is_header(line: &[u8]) -> bool {
    line.len() <= TableParser::MAX_LINE
        && columns(line)
            .map(Some)
            .chain(std::iter::repeat(None))
            .zip(COLUMNS)
            .all(|(column, name)| column == Some(name.as_bytes()))
}

fn columns(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|column| !column.is_empty())
}

/// The lines of a text, each with whether its end is there.
struct Lines<'a> {
    text: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = (&'a [u8], bool);

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.is_empty() {
            return None;
        }
        let ended = memchr::memchr(b'\n', self.text);
        let (line, rest) = self
            .text
            .split_at_checked(ended.unwrap_or(self.text.len()))?;
        self.text = rest.get(1..).unwrap_or_default();
        Some((line, ended.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::CounterWidth;

    const BYTES_FIRST: &str = "idx iface acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets \
        tx_bytes tx_packets rx_tcp_bytes rx_tcp_packets\n";
    const PACKETS_FIRST: &str = "idx iface acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets \
        tx_bytes tx_packets rx_tcp_packets rx_tcp_bytes\n";

    #[derive(Debug, Eq, PartialEq)]
    struct Parsed {
        rows: Vec<(u32, u64, u64)>,
        complete: bool,
        bad: Vec<(u32, RowError)>,
        result: Result<(), RowError>,
    }

    fn parse(text: &str) -> Parsed {
        let mut totals = Totals::new(CounterWidth::Bits64);
        let mut bad = Vec::new();
        let result = parse_qtaguid(text.as_bytes(), &mut totals, &mut |line| {
            bad.push((line.line, line.reason));
        });
        let rows = totals
            .rows()
            .iter()
            .map(|row| (row.uid.get(), row.received, row.sent))
            .collect();
        Parsed {
            rows,
            complete: totals.is_complete(),
            bad,
            result,
        }
    }

    #[test]
    fn both_headers_give_the_same_totals() {
        let rows = "2 wlan0 0x0 1000 0 100 1 10 1 0 0\n\
            3 wlan0 0x0 1000 1 200 1 20 1 0 0\n\
            4 wlan0 0xcafe00000000 1000 0 50 1 5 1 0 0\n\
            5 rmnet0 0x0 10087 0 7 1 8 1 0 0\n\
            6 lo 0x0 1000 0 9999 1 9999 1 0 0\n";
        for header in [BYTES_FIRST, PACKETS_FIRST] {
            assert_eq!(
                parse(&format!("{header}{rows}")),
                Parsed {
                    rows: vec![(1000, 300, 30), (10_087, 7, 8)],
                    complete: true,
                    bad: vec![],
                    result: Ok(()),
                }
            );
        }
    }

    #[test]
    fn a_bad_line_costs_only_itself_and_the_completeness() {
        let text = format!(
            "{BYTES_FIRST}2 wlan0 0x0 1000 0 100 1 10 1 0 0\n\
             3 wlan0 0x0 1000 0 99999999999999999999 1 10 1 0 0\n\
             4 wlan0 beef 1000 0 1 1 1 1 0 0\n\
             5 wlan0 0x0 1000 0\n\
             2 wlan0 0x0 1000 0 100 1 10 1 0 0\n\
             7 wlan0 0x0 10087 0 1 1 2 1 0 0\r\n\
             8 wlan0 0x0 10088 0 1 1 2 1"
        );
        let parsed = parse(&text);
        assert_eq!(parsed.rows, [(1000, 100, 10), (10_087, 1, 2)]);
        assert!(!parsed.complete);
        assert_eq!(
            parsed.bad,
            [
                (3, RowError::OutOfRange("rx_bytes")),
                (4, RowError::BadNumber("acct_tag_hex")),
                (5, RowError::MissingColumn("rx_bytes")),
                (6, RowError::Repeated),
                (8, RowError::CutOff),
            ]
        );
        assert_eq!(parsed.result, Ok(()));
    }

    #[test]
    fn another_order_of_columns_is_not_read() {
        assert_eq!(parse("").result, Err(RowError::Header));
        assert!(!parse("").complete);
        for header in [
            "",
            "0\n",
            "idx iface acct_tag_hex uid_tag_int rx_bytes tx_bytes\n",
            "acct_tag_hex uid_tag_int iface rx_bytes rx_packets tx_bytes tx_packets\n",
            "idx iface pid uid acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets tx_bytes\n",
        ] {
            let parsed = parse(&format!("{header}1 wlan0 0x0 0 14615 4270\n"));
            assert_eq!(parsed.rows, []);
            assert!(!parsed.complete);
            assert_eq!(parsed.result, Err(RowError::Header));
        }
    }
}
