//! The text tables of `/proc/net`.

use std::net::IpAddr;

use portlog_model::{Endpoint, Inode, SocketRow, SocketState, Table};
use portlog_sockets::text::{Endian, TableParser, TableSummary, parse_row, parse_table};
use portlog_sockets::{BadRow, RowError};

type Parsed = Vec<Result<SocketRow, BadRow>>;

/// A text table. The first byte chooses the table and the byte order, the second how the rest is
/// cut into pieces.
///
/// Holds: the counts are those of what was told, line numbers rise, the way the text is cut changes
/// nothing, a whole table gives what its lines give one by one (so the fast path agrees with the
/// general one), and a good row printed as the kernel prints it reads the same again.
pub fn text_table(data: &[u8]) {
    let [choice, step, text @ ..] = data else {
        return;
    };
    let table = Table::ALL[usize::from(choice >> 1) % Table::ALL.len()];
    let endian = if choice & 1 == 0 {
        Endian::Little
    } else {
        Endian::Big
    };

    let (parsed, summary) = whole(table, endian, text);
    counts_agree(table, &parsed, summary, text);
    let size = usize::from(*step) + 1;
    assert!(
        in_pieces(table, endian, text, size) == (parsed.clone(), summary),
        "cut into pieces of {size} bytes, the text reads otherwise"
    );
    lines_agree(table, endian, text);
    for row in parsed.iter().flatten() {
        let printed = printed(row, endian);
        assert_eq!(
            parse_row(table, endian, printed.as_bytes()),
            Ok(*row),
            "{printed}"
        );
        let (again, _) = whole(table, endian, format!("{printed}\n").as_bytes());
        assert_eq!(again, [Ok(*row)], "{printed}");
    }
}

fn whole(table: Table, endian: Endian, text: &[u8]) -> (Parsed, TableSummary) {
    let mut parsed = Parsed::new();
    let summary = parse_table(table, endian, text, &mut |row| parsed.push(row));
    (parsed, summary)
}

/// The same text as a reader gets it: `size` bytes at a time, the unused rest kept.
fn in_pieces(table: Table, endian: Endian, text: &[u8], size: usize) -> (Parsed, TableSummary) {
    let mut parsed = Parsed::new();
    let mut parser = TableParser::new(table, endian);
    let mut kept = Vec::new();
    for piece in text.chunks(size) {
        kept.extend_from_slice(piece);
        let used = parser.feed(&kept, &mut |row| parsed.push(row));
        kept.drain(..used);
        assert!(
            kept.len() <= TableParser::MAX_LINE,
            "more than a line is kept"
        );
    }
    let summary = parser.finish(&kept, &mut |row| parsed.push(row));
    (parsed, summary)
}

fn counts_agree(table: Table, parsed: &Parsed, summary: TableSummary, text: &[u8]) {
    let good = parsed.iter().flatten().count();
    let bad: Vec<&BadRow> = parsed.iter().filter_map(|row| row.as_ref().err()).collect();
    assert_eq!(
        (summary.rows as usize, summary.bad_rows as usize),
        (good, bad.len())
    );
    let most = text.split(|byte| *byte == b'\n').count();
    assert!(summary.lines as usize <= most, "more lines than there are");
    assert!(summary.rows + summary.bad_rows + summary.headers <= summary.lines);
    assert!(
        bad.windows(2).all(|pair| pair[0].line < pair[1].line),
        "line numbers that do not rise"
    );
    for row in bad {
        assert_eq!(row.table, table);
        assert!((1..=summary.lines).contains(&row.line));
    }
    for row in parsed.iter().flatten() {
        assert_eq!(row.table, table);
        assert_eq!(row.cookie, None, "a text table has no cookies");
        assert!(
            row.uid.is_none() || row.inode.is_some(),
            "an owner without an inode"
        );
        if !table.is_v6() {
            assert!(row.local.address().is_ipv4() && row.remote.address().is_ipv4());
        }
    }
}

/// What the lines give one by one, each by the general parser, is what the whole gives.
fn lines_agree(table: Table, endian: Endian, text: &[u8]) {
    let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else {
        return;
    };
    let ended = &text[..=end];
    let expected: Parsed = (1..)
        .zip(ended[..end].split(|byte| *byte == b'\n'))
        .filter_map(|(number, line)| {
            let bad = |reason| BadRow {
                table,
                line: number,
                reason,
            };
            if line.len() > TableParser::MAX_LINE {
                return Some(Err(bad(RowError::TooLong(TableParser::MAX_LINE))));
            }
            match parse_row(table, endian, line) {
                Ok(row) => Some(Ok(row)),
                Err(_) if line.trim_ascii().is_empty() || is_header(line) => None,
                Err(reason) => Some(Err(bad(reason))),
            }
        })
        .collect();
    assert_eq!(whole(table, endian, ended).0, expected);
}

fn is_header(line: &[u8]) -> bool {
    let mut columns = line
        .split(u8::is_ascii_whitespace)
        .filter(|column| !column.is_empty());
    columns.next() == Some(b"sl") && columns.next() == Some(b"local_address")
}

/// The row as `get_tcp4_sock` and its kin print it.
fn printed(row: &SocketRow, endian: Endian) -> String {
    // A row with an inode and no owner is one whose id the kernel could not map.
    let uid = match (row.uid, row.inode) {
        (Some(uid), _) => uid.get(),
        (None, Some(_)) => u32::MAX,
        (None, None) => 0,
    };
    format!(
        "{:4}: {} {} {:02X} 00000000:00000000 00:00000000 00000000 {:5} {:8} {} 1 0000000000000000",
        0,
        end(row.table, row.local, endian),
        end(row.table, row.remote, endian),
        state(row.state),
        uid,
        0,
        row.inode.map_or(0, Inode::get),
    )
}

fn end(table: Table, end: Endpoint, endian: Endian) -> String {
    let bytes = match (table.is_v6(), end.address()) {
        (false, IpAddr::V4(address)) => address.octets().to_vec(),
        (true, IpAddr::V4(address)) => address.to_ipv6_mapped().octets().to_vec(),
        (_, IpAddr::V6(address)) => address.octets().to_vec(),
    };
    let words: Vec<String> = bytes
        .chunks_exact(4)
        .map(|word| {
            let word = [word[0], word[1], word[2], word[3]];
            let word = match endian {
                Endian::Little => u32::from_le_bytes(word),
                Endian::Big => u32::from_be_bytes(word),
            };
            format!("{word:08X}")
        })
        .collect();
    format!("{}:{:04X}", words.concat(), end.port())
}

fn state(state: SocketState) -> u8 {
    (1..=0x7F)
        .find(|raw| SocketState::from_kernel(*raw) == Ok(state))
        .expect("every state has a number")
}
