//! One file of a table: read to its end, then parsed.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::Path;

use portlog_model::{CoverageStatus, Protocol, SourceKind, Table};

use super::{ProcfsSource, RowSink};
use crate::Batch;
use crate::text::{Endian, parse_table};

/// How much is asked for at once, in bytes, at least.
const READ: usize = 64 << 10;

/// Reads tables, one after the other, into the same memory.
#[derive(Debug)]
pub(crate) struct TableReader {
    endian: Endian,
    /// As long as it ever had to be; what it holds beyond the table just read is old.
    pages: Vec<u8>,
    sink: RowSink,
    /// Of a table that changes while it is read: what each held at the latest look.
    held: Option<[u64; Table::ALL.len()]>,
}

impl TableReader {
    /// A reader of tables that stay as they are.
    pub(crate) fn captured(endian: Endian) -> Self {
        Self {
            endian,
            pages: Vec::new(),
            sink: RowSink::default(),
            held: None,
        }
    }

    /// A reader of the tables of a running kernel.
    ///
    /// A socket that closes while a table is read makes the kernel skip one that stays, wherever a
    /// table is resumed by counting rows, which is so for all but TCP's. A look at such a table that
    /// is not what the look before was is therefore made twice, and what either shows counts. What
    /// has closed is shown a look longer for that; what stays is hardly ever missed. A table in which
    /// nothing changed is read once.
    pub(crate) fn live() -> Self {
        Self {
            held: Some([0; Table::ALL.len()]),
            ..Self::captured(Endian::NATIVE)
        }
    }

    pub(crate) fn set_endian(&mut self, endian: Endian) {
        self.endian = endian;
    }

    /// Adds what the file holds to `batch`, with the table's report.
    pub(crate) fn read(&mut self, path: &Path, table: Table, batch: &mut Batch) {
        let content = match self.read_pages(path) {
            Ok(content) => content,
            Err(error) => return refused(&error, table, batch),
        };
        self.sink.begin(table, batch);
        let headers = self.parse(content, table, batch);
        let held = self.sink.fingerprint();
        if self.may_have_missed(table, held)
            && let Ok(content) = self.read_pages(path)
        {
            self.sink.begin_again();
            self.parse(content, table, batch);
        }
        if let Some(held) = &mut self.held
            && let Some(held) = held.get_mut(table.index())
        {
            *held = self.sink.fingerprint();
        }
        self.sink.end(table, SourceKind::Procfs, batch);
        let report = batch.report_mut(table);
        if headers == 0 {
            // No kernel prints a table without its header: this is not one, or not its beginning.
            report.status = CoverageStatus::Untrusted;
        }
        if content.truncated {
            report.truncated_at = Some(content.bytes as u64);
        }
    }

    /// Gives the rows of the pages to the sink; the number of headers.
    fn parse(&mut self, content: Content, table: Table, batch: &mut Batch) -> u32 {
        let Self {
            endian,
            pages,
            sink,
            ..
        } = self;
        let text = pages.get(..content.bytes).unwrap_or_default();
        let summary = parse_table(table, *endian, text, &mut |row| match row {
            Ok(row) => sink.row(row, batch),
            Err(bad) => sink.bad(bad, batch),
        });
        summary.headers
    }

    fn may_have_missed(&self, table: Table, held: u64) -> bool {
        let before = self.held.and_then(|held| held.get(table.index()).copied());
        table.protocol() != Protocol::Tcp && before.is_some_and(|before| before != held)
    }

    fn read_pages(&mut self, path: &Path) -> std::io::Result<Content> {
        let mut file = open(path)?;
        let mut bytes = 0;
        while bytes < ProcfsSource::MAX_TABLE {
            if self.pages.len() < bytes + READ {
                let longer = (self.pages.len() * 2).max(2 * READ);
                self.pages.resize(longer.min(ProcfsSource::MAX_TABLE), 0);
            }
            let room = self.pages.get_mut(bytes..).unwrap_or_default();
            match read(&mut file, room)? {
                0 => {
                    return Ok(Content {
                        bytes,
                        truncated: false,
                    });
                }
                read => bytes += read,
            }
        }
        Ok(Content {
            bytes,
            truncated: read(&mut file, &mut [0])? > 0,
        })
    }
}

/// How much of the pages the last file filled.
#[derive(Clone, Copy, Debug)]
struct Content {
    bytes: usize,
    truncated: bool,
}

fn read(file: &mut File, room: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match file.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            answer => return answer,
        }
    }
}

/// Opens without waiting: in a tree from elsewhere the file may be a pipe that nobody writes.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY);
    }
    options.open(path)
}

fn refused(error: &std::io::Error, table: Table, batch: &mut Batch) {
    let report = batch.report_mut(table);
    report.source = SourceKind::Procfs;
    (report.status, report.errno) = match error.kind() {
        ErrorKind::NotFound => (CoverageStatus::Absent, None),
        _ => (CoverageStatus::Denied, error.raw_os_error()),
    };
}
