//! Drops the rows that the kernel gave twice.
//!
//! Both interfaces resume a table by a position, so that a socket which appears before that position
//! pushes rows already given behind it. Usually the doubles stand where two reads meet, but under
//! churn they may be any number of rows apart, hence a set over the whole table. It holds positions
//! in the batch, not rows, and keeps its memory from poll to poll. Its hash is seeded per process:
//! a captured tree must not be able to make it slow.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use portlog_model::{CoverageStatus, Protocol, SocketRow, SourceKind, Table};

use crate::{BadRow, Batch};

/// The rows of one table on their way into a batch.
#[derive(Debug, Default)]
pub(crate) struct RowSink {
    seen: HashTable<u32>,
    hasher: DefaultHashBuilder,
    start: usize,
    datagram: bool,
    again: bool,
    fingerprint: u64,
    doubles: u32,
    bad_rows: u32,
    first_bad_line: Option<u32>,
    without_peer: u32,
}

impl RowSink {
    /// Begins with the next table.
    pub(crate) fn begin(&mut self, table: Table, batch: &Batch) {
        self.seen.clear();
        self.start = batch.rows.len();
        self.datagram = !matches!(table.protocol(), Protocol::Tcp);
        self.again = false;
        self.fingerprint = 0;
        self.doubles = 0;
        self.bad_rows = 0;
        self.first_bad_line = None;
        self.without_peer = 0;
    }

    /// Goes on with the same table, which was read a second time: only rows that are new count.
    pub(crate) fn begin_again(&mut self) {
        self.again = true;
    }

    /// The same for the same rows in any order, within one process.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Adds a row, unless it is there already: same ends and same inode (and cookie), without an
    /// inode same ends and same state. Of two that differ in state the later one stays.
    #[inline]
    pub(crate) fn row(&mut self, row: SocketRow, batch: &mut Batch) {
        let Self { seen, hasher, .. } = self;
        let rows = &mut batch.rows;
        // A position beyond 32 bits would be 300 GB of rows; such a row is kept unchecked.
        let Ok(position) = u32::try_from(rows.len()) else {
            return rows.push(row);
        };
        let known = |position: u32| rows.get(position as usize);
        if seen.len() == seen.capacity() {
            // To grow is to hash all again: seldom, and by much.
            seen.reserve(3 * seen.len(), |&position| {
                known(position).map_or(0, |other| hash(hasher, other))
            });
        }
        let hashed = hash(hasher, &row);
        let entry = seen.entry(
            hashed,
            |&position| known(position).is_some_and(|other| same(other, &row)),
            |&position| known(position).map_or(0, |other| hash(hasher, other)),
        );
        match entry {
            Entry::Occupied(entry) => {
                let position = *entry.get() as usize;
                if let Some(earlier) = rows.get_mut(position) {
                    *earlier = row;
                }
                self.doubles = self.doubles.saturating_add(u32::from(!self.again));
            }
            Entry::Vacant(entry) => {
                entry.insert(position);
                rows.push(row);
                self.fingerprint = self.fingerprint.wrapping_add(hashed);
                if self.datagram && row.remote.is_unset() {
                    self.without_peer = self.without_peer.saturating_add(1);
                }
            }
        }
    }

    /// Counts a row that could not be parsed, and keeps the reason of the first ones.
    #[cold]
    pub(crate) fn bad(&mut self, bad: BadRow, batch: &mut Batch) {
        if self.again {
            return;
        }
        self.bad_rows = self.bad_rows.saturating_add(1);
        self.first_bad_line.get_or_insert(bad.line);
        if batch.bad_rows.len() < Batch::MAX_BAD_ROWS {
            batch.bad_rows.push(bad);
        }
    }

    /// Writes the table's report; what only the interface knows is added to it later.
    pub(crate) fn end(&self, table: Table, source: SourceKind, batch: &mut Batch) {
        let rows = batch.rows.len().saturating_sub(self.start);
        let report = batch.report_mut(table);
        report.source = source;
        report.status = CoverageStatus::Readable;
        report.rows = u32::try_from(rows).unwrap_or(u32::MAX);
        report.doubles = self.doubles;
        report.bad_rows = self.bad_rows;
        report.first_bad_line = self.first_bad_line;
        report.without_peer = self.without_peer;
    }

    /// Takes back the rows of a table that broke off: part of a table must not pass for the whole.
    pub(crate) fn discard(&self, batch: &mut Batch) {
        batch.rows.truncate(self.start);
    }
}

#[inline]
fn hash(hasher: &DefaultHashBuilder, row: &SocketRow) -> u64 {
    let mut state = hasher.build_hasher();
    match row.inode {
        Some(inode) => state.write_u64(inode.get()),
        None => (row.local, row.remote).hash(&mut state),
    }
    state.finish()
}

#[inline]
fn same(one: &SocketRow, other: &SocketRow) -> bool {
    one.inode == other.inode
        && one.local == other.local
        && one.remote == other.remote
        && one.cookie == other.cookie
        && (one.inode.is_some() || one.state == other.state)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use portlog_model::{Endpoint, SocketState};

    use super::*;
    use crate::RowError;

    fn row(port: u16, state: SocketState, inode: u64) -> SocketRow {
        let local = Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), port));
        let remote = Endpoint::from((Ipv4Addr::new(203, 0, 113, 1), 443));
        SocketRow::from_kernel(Table::Tcp, state, local, remote, 10_087, inode)
    }

    fn poured(rows: &[SocketRow]) -> Batch {
        let (mut sink, mut batch) = (RowSink::default(), Batch::default());
        sink.begin(Table::Tcp, &batch);
        for &row in rows {
            sink.row(row, &mut batch);
        }
        sink.end(Table::Tcp, SourceKind::Procfs, &mut batch);
        batch
    }

    #[test]
    fn a_row_given_twice_is_there_once_however_far_apart() {
        let mut rows: Vec<_> = (0..1000)
            .map(|port| row(port, SocketState::Established, u64::from(port) + 1))
            .collect();
        rows.push(row(0, SocketState::Established, 1));
        rows.push(row(999, SocketState::Established, 1000));
        let batch = poured(&rows);
        assert_eq!(batch.rows, rows[..1000]);
        assert_eq!(batch.report(Table::Tcp).doubles, 2);
        assert_eq!(batch.report(Table::Tcp).rows, 1000);
    }

    #[test]
    fn sockets_that_share_a_tuple_are_no_doubles() {
        let rows = [
            row(5353, SocketState::Close, 7),
            row(5353, SocketState::Close, 8),
        ];
        assert_eq!(poured(&rows).rows, rows);
    }

    #[test]
    fn a_socket_that_changed_between_two_reads_is_as_last_seen() {
        let rows = [
            row(1, SocketState::SynSent, 7),
            row(2, SocketState::SynSent, 8),
            row(1, SocketState::Established, 7),
        ];
        let batch = poured(&rows);
        assert_eq!(batch.rows, [rows[2], rows[1]]);
    }

    #[test]
    fn rows_without_inode_are_doubles_by_ends_and_state() {
        let rows = [
            row(1, SocketState::TimeWait, 0),
            row(2, SocketState::TimeWait, 0),
            row(1, SocketState::TimeWait, 0),
            row(1, SocketState::FinWait1, 0),
            row(1, SocketState::Established, 7),
        ];
        let batch = poured(&rows);
        assert_eq!(batch.rows, [rows[0], rows[1], rows[3], rows[4]]);
        assert_eq!(batch.report(Table::Tcp).doubles, 1);
    }

    #[test]
    fn a_second_reading_adds_what_the_first_missed_and_counts_nothing_twice() {
        let (mut sink, mut batch) = (RowSink::default(), Batch::default());
        let rows = [
            row(1, SocketState::Established, 7),
            row(2, SocketState::Established, 8),
            row(3, SocketState::Established, 9),
        ];
        let bad = BadRow {
            table: Table::Tcp,
            line: 4,
            reason: RowError::CutOff,
        };
        sink.begin(Table::Tcp, &batch);
        sink.row(rows[0], &mut batch);
        sink.row(rows[2], &mut batch);
        sink.bad(bad, &mut batch);
        let first = sink.fingerprint();
        sink.begin_again();
        for row in rows {
            sink.row(row, &mut batch);
        }
        sink.bad(bad, &mut batch);
        let both = sink.fingerprint();
        sink.end(Table::Tcp, SourceKind::Procfs, &mut batch);
        assert_eq!(batch.rows, [rows[0], rows[2], rows[1]]);
        let report = batch.report(Table::Tcp);
        assert_eq!((report.rows, report.doubles, report.bad_rows), (3, 0, 1));

        assert_ne!(first, both);
        sink.begin(Table::Tcp, &batch);
        for row in rows {
            sink.row(row, &mut batch);
        }
        assert_eq!(sink.fingerprint(), both);
    }
}
