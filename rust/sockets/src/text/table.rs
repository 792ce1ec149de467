//! Lines: where they begin and end, which are headers, and how long one may be.

use portlog_model::{SocketRow, Table};

use super::fast;
use super::row::{is_header, parse_row};
use crate::{BadRow, RowError};

/// The byte order of the machine whose kernel printed a table: addresses are printed as words.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Endian {
    /// Least significant byte first: ARM as Android uses it, x86, RISC-V.
    Little,
    /// Most significant byte first: some MIPS and PowerPC, s390x.
    Big,
}

impl Endian {
    /// The byte order of the machine that this runs on.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };
}

/// What one table held, all told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TableSummary {
    /// Lines, the last one also where it is not ended.
    pub lines: u32,
    /// Header lines. Every kernel prints one: 0 means that this was no socket table (an empty file,
    /// or one whose beginning is missing), and is never to be shown as a table without sockets.
    pub headers: u32,
    /// Rows given to the sink.
    pub rows: u32,
    /// Bad rows given to the sink.
    pub bad_rows: u32,
}

/// Parses a whole table. See [`TableParser`] for what the sink gets.
pub fn parse_table(
    table: Table,
    endian: Endian,
    text: &[u8],
    sink: &mut impl FnMut(Result<SocketRow, BadRow>),
) -> TableSummary {
    let mut parser = TableParser::new(table, endian);
    let used = parser.feed(text, sink);
    parser.finish(text.get(used..).unwrap_or_default(), sink)
}

/// Parses a table that arrives in pieces.
///
/// The sink gets every row, and for a line that is neither row nor header nor blank its number and
/// what is wrong with it; rows before and after it are not affected. Lines count from 1, the
/// header's included.
///
/// ```
/// use portlog_model::Table;
/// use portlog_sockets::text::{Endian, TableParser};
///
/// let mut parser = TableParser::new(Table::Tcp, Endian::Little);
/// let (mut kept, mut rows) = (Vec::new(), Vec::new());
/// for piece in [&b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "[..],
///     b"uid  timeout inode\n   0: 0200000A:9D15 077100CB:0050 01 00000000:00000000 00:00000000 ",
///     b"00000000 10087        0 123456 1 00000000 20 4 30 10 -1\n"]
/// {
///     kept.extend_from_slice(piece);
///     let used = parser.feed(&kept, &mut |row| rows.push(row));
///     kept.drain(..used);
/// }
/// let summary = parser.finish(&kept, &mut |row| rows.push(row));
/// assert_eq!((summary.headers, summary.rows, summary.bad_rows), (1, 1, 0));
/// assert_eq!(rows[0].as_ref().unwrap().remote.to_string(), "203.0.113.7:80");
/// ```
#[derive(Clone, Debug)]
pub struct TableParser {
    table: Table,
    endian: Endian,
    summary: TableSummary,
    /// Within a line that is too long, already reported.
    skipping: bool,
}

impl TableParser {
    /// The longest line that is looked at, in bytes. Kernels print at most 210.
    pub const MAX_LINE: usize = 4096;

    /// A parser at the beginning of a table.
    pub const fn new(table: Table, endian: Endian) -> Self {
        Self {
            table,
            endian,
            summary: TableSummary {
                lines: 0,
                headers: 0,
                rows: 0,
                bad_rows: 0,
            },
            skipping: false,
        }
    }

    /// Parses the lines that `text` ends, and tells how many bytes that used up.
    ///
    /// What is left, at most [`TableParser::MAX_LINE`] bytes, is to be given again in front of what
    /// comes next, or to [`TableParser::finish`].
    pub fn feed(&mut self, text: &[u8], sink: &mut impl FnMut(Result<SocketRow, BadRow>)) -> usize {
        let mut rest = text;
        loop {
            if !self.skipping
                && let Some((row, after)) = self.usual_line(rest)
            {
                self.summary.lines = self.summary.lines.saturating_add(1);
                self.summary.rows = self.summary.rows.saturating_add(1);
                sink(Ok(row));
                rest = after;
                continue;
            }
            let Some((line, after)) = memchr::memchr(b'\n', rest).and_then(|end| halves(rest, end))
            else {
                break;
            };
            rest = after;
            if self.skipping {
                self.skipping = false;
                continue;
            }
            self.summary.lines = self.summary.lines.saturating_add(1);
            self.line(line, sink);
        }
        if self.skipping {
            return text.len();
        }
        if rest.len() > Self::MAX_LINE {
            self.summary.lines = self.summary.lines.saturating_add(1);
            self.bad(RowError::TooLong(Self::MAX_LINE), sink);
            self.skipping = true;
            return text.len();
        }
        text.len() - rest.len()
    }

    /// Ends the table: `rest` is what [`TableParser::feed`] left.
    ///
    /// A row that lacks its line's end counts where the columns that matter are certainly whole,
    /// which is so when another one follows them; else it was cut off.
    pub fn finish(
        mut self,
        rest: &[u8],
        sink: &mut impl FnMut(Result<SocketRow, BadRow>),
    ) -> TableSummary {
        let used = self.feed(rest, sink);
        let rest = rest.get(used..).unwrap_or_default();
        if !rest.trim_ascii().is_empty() {
            self.summary.lines = self.summary.lines.saturating_add(1);
            if ends_certainly(rest) {
                self.line(rest, sink);
            } else {
                self.bad(RowError::CutOff, sink);
            }
        }
        self.summary
    }

    /// The row of the whole line that `text` begins with, in the usual layout, and what follows it.
    #[inline]
    fn usual_line<'a>(&self, text: &'a [u8]) -> Option<(SocketRow, &'a [u8])> {
        let (row, rest) = fast::row(self.table, self.endian, text)?;
        if !rest.first()?.is_ascii_whitespace() {
            return None;
        }
        // A colon after the inode: two rows in one line.
        let end = memchr::memchr2(b'\n', b':', rest)?;
        let (tail, after) = rest.split_at_checked(end)?;
        let after = after.strip_prefix(b"\n")?;
        (text.len() - rest.len() + tail.len() <= Self::MAX_LINE).then_some((row, after))
    }

    fn line(&mut self, line: &[u8], sink: &mut impl FnMut(Result<SocketRow, BadRow>)) {
        if line.len() > Self::MAX_LINE {
            return self.bad(RowError::TooLong(Self::MAX_LINE), sink);
        }
        match parse_row(self.table, self.endian, line) {
            Ok(row) => {
                self.summary.rows = self.summary.rows.saturating_add(1);
                sink(Ok(row));
            }
            Err(_) if is_header(line) => {
                self.summary.headers = self.summary.headers.saturating_add(1);
            }
            Err(_) if line.trim_ascii().is_empty() => {}
            Err(reason) => self.bad(reason, sink),
        }
    }

    fn bad(&mut self, reason: RowError, sink: &mut impl FnMut(Result<SocketRow, BadRow>)) {
        self.summary.bad_rows = self.summary.bad_rows.saturating_add(1);
        sink(Err(BadRow {
            table: self.table,
            line: self.summary.lines,
            reason,
        }));
    }
}

/// What stands before `at`, and behind it.
fn halves(text: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    let (before, from) = text.split_at_checked(at)?;
    Some((before, from.get(1..)?))
}

/// Whether the columns that matter are whole in a line whose end is missing.
fn ends_certainly(line: &[u8]) -> bool {
    if is_header(line) {
        return line
            .split(u8::is_ascii_whitespace)
            .any(|column| column == b"inode");
    }
    line.split(u8::is_ascii_whitespace)
        .filter(|column| !column.is_empty())
        .count()
        > super::row::COLUMNS
}
