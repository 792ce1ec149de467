//! The text tables of a tree like `/proc`, live or captured.
//!
//! The kernel hands out at most a page of a table per read and lets go of it in between. What opens
//! or closes meanwhile shifts the rows behind it: one may be given twice, and one may be missed. So
//! a table is first read to its end, page after page, into one buffer that is used again, and only
//! then parsed; doubles are dropped; and a table in which something changed is read again for rows
//! that were missed. Some may be missed even so: absence from one poll proves little.
//!
//! Every table is opened anew at each poll. A file held open would go on showing the tables of the
//! namespace and with the permission that it was opened with.

mod doubles;
mod handed;
mod provenance;
mod reader;

use std::path::{Path, PathBuf};

use portlog_model::{Provenance, SourceKind, Table};

pub(crate) use doubles::RowSink;
pub use handed::TextTables;
pub(crate) use provenance::provenance_of;
pub(crate) use reader::TableReader;

use crate::text::Endian;
use crate::{Batch, Error, Polled, Source};

/// The tables below `net/` in a directory, read as text.
///
/// Below `/proc` these are the tables of the network namespace of the *calling process* (of its main
/// thread: `/proc/net` is `/proc/self/net`). A thread that moved to another namespace still reads
/// the tables of the process; give `/proc/thread-self` or `/proc/PID` to read others, which counts
/// as a replay, since nothing can be said about who is seen there.
#[derive(Debug)]
pub struct ProcfsSource {
    root: PathBuf,
    tables: [PathBuf; Table::ALL.len()],
    provenance: Provenance,
    reader: TableReader,
}

impl ProcfsSource {
    /// The longest file that is read, in bytes; the rest of a longer one is left, and said so.
    /// It holds 447,000 rows as the kernel prints them.
    pub const MAX_TABLE: usize = 64 << 20;

    /// A source over `root/net/tcp` and its kin. Nothing is read yet but what `root` is.
    ///
    /// Rows are [`Provenance::Live`] where `root` is `/proc` and really the proc file system. Any
    /// other tree is a replay, or simulated where it has a file `provenance` whose first line is
    /// `simulated`. Addresses in a replay are taken to come from a little-endian machine, as every
    /// phone is; see [`ProcfsSource::with_endian`].
    pub fn new(root: PathBuf) -> Self {
        let provenance = provenance_of(&root);
        let reader = match provenance {
            Provenance::Live => TableReader::live(),
            _ => TableReader::captured(Endian::Little),
        };
        let net = root.join("net");
        Self {
            tables: Table::ALL.map(|table| net.join(table.as_str())),
            root,
            provenance,
            reader,
        }
    }

    /// The same tree, printed by a kernel with this byte order.
    pub fn with_endian(mut self, endian: Endian) -> Self {
        self.reader.set_endian(endian);
        self
    }

    /// The directory that holds `net/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds what one table holds now to `batch`, with its report.
    pub(crate) fn read_table(&mut self, table: Table, batch: &mut Batch) {
        #[expect(clippy::indexing_slicing, reason = "the array has one entry per table")]
        let path = &self.tables[table.index()];
        self.reader.read(path, table, batch);
    }
}

impl Source for ProcfsSource {
    fn provenance(&self) -> Provenance {
        self.provenance
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        for table in Table::ALL {
            self.read_table(table, batch);
        }
        Ok(Polled::Now)
    }
}
