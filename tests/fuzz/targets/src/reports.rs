//! Reports of other programs: strangers hand them over.

use portlog_model::{CoverageStatus, Table};
use portlog_reach::import::Import;

/// Rows are those that the reports of their tables count, and stand in tables that were read.
pub fn bug_report(bytes: &[u8]) {
    let Ok(Some(import)) = Import::from_text(bytes) else {
        return;
    };
    for table in Table::ALL {
        let report = import.batch.report(table);
        let rows = import.batch.rows.iter().filter(|row| row.table == table);
        assert_eq!(rows.count(), report.rows as usize, "{table}");
        assert!(
            report.rows == 0 || report.status == CoverageStatus::Readable,
            "{table}"
        );
    }
    assert!(
        import
            .batch
            .rows
            .iter()
            .all(|row| row.uid.is_none() || row.inode.is_some())
    );
}
