//! Text tables that were read elsewhere and arrive whole.

use portlog_model::{CoverageStatus, Protocol, SourceKind, Table};

use super::RowSink;
use crate::Batch;
use crate::text::{Endian, parse_table};

/// Puts the text of tables that somebody else read into a batch, by the rules of a live reading:
/// doubles are dropped, and a text without its header is not trusted.
#[derive(Debug)]
pub struct TextTables {
    kind: SourceKind,
    sink: RowSink,
    scratch: (RowSink, Batch),
    held: [u64; Table::ALL.len()],
}

impl TextTables {
    /// Tables that are obtained by `kind`, printed by little-endian kernels, as every phone's is.
    pub fn new(kind: SourceKind) -> Self {
        Self {
            kind,
            sink: RowSink::default(),
            scratch: (RowSink::default(), Batch::default()),
            held: [0; Table::ALL.len()],
        }
    }

    /// Whether `text` should be read a second time: while a table other than TCP's changes, the
    /// kernel may leave out rows that stay. So it is where it holds other rows than the one before.
    pub fn may_have_missed(&mut self, table: Table, text: &[u8]) -> bool {
        if table.protocol() == Protocol::Tcp {
            return false;
        }
        let (sink, batch) = &mut self.scratch;
        batch.clear();
        sink.begin(table, batch);
        parse(sink, table, text, batch);
        let now = sink.fingerprint();
        let Some(held) = self.held.get_mut(table.index()) else {
            return false;
        };
        std::mem::replace(held, now) != now
    }

    /// Adds the rows of `text`, and those that a second reading `again` has beyond it, with the
    /// table's report. `truncated_at`: bytes after which the rest is missing.
    pub fn add(
        &mut self,
        table: Table,
        text: &[u8],
        again: Option<&[u8]>,
        truncated_at: Option<u64>,
        batch: &mut Batch,
    ) {
        self.sink.begin(table, batch);
        let headers = parse(&mut self.sink, table, text, batch);
        if let Some(text) = again {
            self.sink.begin_again();
            parse(&mut self.sink, table, text, batch);
        }
        self.sink.end(table, self.kind, batch);
        let report = batch.report_mut(table);
        report.truncated_at = truncated_at;
        if headers == 0 {
            report.status = CoverageStatus::Untrusted;
        }
    }

    /// Says of a table that it could not be read.
    pub fn refuse(
        &self,
        table: Table,
        status: CoverageStatus,
        errno: Option<i32>,
        batch: &mut Batch,
    ) {
        let report = batch.report_mut(table);
        report.source = self.kind;
        report.status = status;
        report.errno = errno;
    }
}

/// Gives the rows to the sink; the number of headers.
fn parse(sink: &mut RowSink, table: Table, text: &[u8], batch: &mut Batch) -> u32 {
    let summary = parse_table(table, Endian::Little, text, &mut |row| match row {
        Ok(row) => sink.row(row, batch),
        Err(bad) => sink.bad(bad, batch),
    });
    summary.headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n";

    fn udp(port: u16) -> String {
        format!(
            "   1: 0100007F:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000 10087        0 {port} 2 0 0\n"
        )
    }

    #[test]
    fn a_changed_datagram_table_is_read_again_and_both_count() {
        let mut tables = TextTables::new(SourceKind::Adb);
        let mut batch = Batch::default();
        let text = HEADER.to_owned() + &udp(53);
        assert!(tables.may_have_missed(Table::Udp, text.as_bytes()));
        assert!(!tables.may_have_missed(Table::Udp, text.as_bytes()));
        assert!(!tables.may_have_missed(Table::Tcp, text.as_bytes()));
        let again = text.clone() + &udp(54);
        tables.add(
            Table::Udp,
            text.as_bytes(),
            Some(again.as_bytes()),
            None,
            &mut batch,
        );
        let report = batch.report(Table::Udp);
        assert_eq!((report.rows, report.doubles), (2, 0));
        assert_eq!(report.source, SourceKind::Adb);
        assert_eq!(report.status, CoverageStatus::Readable);
    }

    #[test]
    fn a_text_without_header_is_not_trusted_and_a_refused_one_has_no_rows() {
        let mut tables = TextTables::new(SourceKind::Adb);
        let mut batch = Batch::default();
        tables.add(Table::Udp, b"", None, None, &mut batch);
        assert_eq!(batch.report(Table::Udp).status, CoverageStatus::Untrusted);
        tables.refuse(Table::Tcp, CoverageStatus::Denied, Some(13), &mut batch);
        let report = batch.report(Table::Tcp);
        assert_eq!(report.status, CoverageStatus::Denied);
        assert_eq!((report.errno, report.rows), (Some(13), 0));
    }
}
