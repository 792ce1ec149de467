//! What one poll of a source brought: a buffer that is filled anew each time and never shrinks,
//! so that a steady poll allocates nothing.

use portlog_model::{
    BootTime, Cookie, Coverage, CoverageDetail, CoverageItem, CoverageStatus, SocketRow,
    SourceKind, Table, Tuple,
};

/// One poll's rows, and what can be said about each table.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Good rows of all tables, doubles dropped, in the kernel's order.
    pub rows: Vec<SocketRow>,
    /// Sockets that the kernel said it destroyed since the poll before.
    pub destroyed: Vec<Destroyed>,
    /// The first rows that could not be parsed, at most [`Batch::MAX_BAD_ROWS`].
    pub bad_rows: Vec<BadRow>,
    reports: [TableReport; Table::ALL.len()],
}

impl Batch {
    /// How many bad rows are kept with their reason; all are counted.
    pub const MAX_BAD_ROWS: usize = 64;

    /// Forgets the poll before, keeps the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.destroyed.clear();
        self.bad_rows.clear();
        self.reports = Default::default();
    }

    /// What is known about `table`.
    pub fn report(&self, table: Table) -> &TableReport {
        #[expect(clippy::indexing_slicing, reason = "the array has one entry per table")]
        &self.reports[table.index()]
    }

    /// What is known about `table`, to be filled in.
    pub fn report_mut(&mut self, table: Table) -> &mut TableReport {
        #[expect(clippy::indexing_slicing, reason = "the array has one entry per table")]
        &mut self.reports[table.index()]
    }

    /// What is known about each table, with no rows.
    pub(crate) fn without_rows(&self) -> Self {
        Self {
            reports: self.reports,
            ..Self::default()
        }
    }

    /// Coverage of every table, in the order of [`Table::ALL`].
    pub fn coverage(&self) -> Vec<Coverage> {
        Table::ALL
            .into_iter()
            .map(|table| self.report(table).coverage(table))
            .collect()
    }
}

/// A socket that the kernel destroyed (`SKNLGRP_INET_TCP_DESTROY` and its kin).
///
/// Such events carry neither UID nor inode: whose it was must be remembered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Destroyed {
    /// Protocol and ends.
    pub tuple: Tuple,
    /// The table it stood in.
    pub table: Table,
    /// The cookie, as in an earlier dump of the same socket.
    pub cookie: Option<Cookie>,
    /// When the event was read.
    pub at: BootTime,
}

/// A row that could not be parsed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadRow {
    /// The table it stands in.
    pub table: Table,
    /// Its line, from 1 (the header is line 1); for a netlink dump the message's number.
    pub line: u32,
    /// What is wrong.
    pub reason: crate::RowError,
}

/// How one table could be read at one poll. Plain data, so that steady polls allocate nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TableReport {
    /// The interface finally used.
    pub source: SourceKind,
    /// Whether it could be read.
    pub status: CoverageStatus,
    /// The error number, where the kernel gave one.
    pub errno: Option<i32>,
    /// Good rows, doubles dropped.
    pub rows: u32,
    /// Rows dropped because the kernel gave them twice.
    pub doubles: u32,
    /// Rows that could not be parsed.
    pub bad_rows: u32,
    /// The line of the first bad row.
    pub first_bad_line: Option<u32>,
    /// The table was longer than what is read: bytes read.
    pub truncated_at: Option<u64>,
    /// Datagram sockets without a peer.
    pub without_peer: u32,
    /// Rows that are not followed, because more connections are open than are kept.
    pub not_tracked: u32,
    /// sock_diag could not give it, procfs was read instead.
    pub fallback: Option<Fallback>,
    /// What the self-check said.
    pub self_check: SelfCheckVerdict,
    /// Destroy events: whether they come, and how often they overflowed.
    pub destroy_events: DestroyEvents,
}

impl Default for TableReport {
    fn default() -> Self {
        Self {
            source: SourceKind::Procfs,
            status: CoverageStatus::Absent,
            errno: None,
            rows: 0,
            doubles: 0,
            bad_rows: 0,
            first_bad_line: None,
            truncated_at: None,
            without_peer: 0,
            not_tracked: 0,
            fallback: None,
            self_check: SelfCheckVerdict::NotAsked,
            destroy_events: DestroyEvents::NotAsked,
        }
    }
}

impl TableReport {
    /// Whether rows of this table may be compared with those of the poll before.
    pub const fn is_read(&self) -> bool {
        matches!(
            self.status,
            CoverageStatus::Readable | CoverageStatus::Untrusted
        )
    }

    /// Whether a socket that is not among the rows was not in the table: it was read to its end, and
    /// what must be in it was. Rows of any other table are real, absences from it say nothing.
    pub const fn proves_absence(&self) -> bool {
        matches!(self.status, CoverageStatus::Readable) && self.truncated_at.is_none()
    }

    /// The same in the model's words.
    pub fn coverage(&self, table: Table) -> Coverage {
        let details = [
            self.errno.map(CoverageDetail::Errno),
            self.fallback
                .map(|Fallback { errno }| CoverageDetail::FellBackToProcfs(errno)),
            match self.self_check {
                SelfCheckVerdict::NotCheckable => Some(CoverageDetail::NotCheckable),
                SelfCheckVerdict::OwnSocketMissing => Some(CoverageDetail::OwnSocketMissing),
                SelfCheckVerdict::OnlyOwnRows => Some(CoverageDetail::OnlyOwnRows),
                SelfCheckVerdict::NotAsked | SelfCheckVerdict::Passed => None,
            },
            self.truncated_at.map(CoverageDetail::Truncated),
            self.first_bad_line.map(CoverageDetail::FirstBadLine),
            (self.not_tracked > 0).then_some(CoverageDetail::NotTracked(self.not_tracked)),
            (self.without_peer > 0).then_some(CoverageDetail::WithoutPeer(self.without_peer)),
            match self.destroy_events {
                DestroyEvents::Refused { errno } => Some(CoverageDetail::NoDestroyEvents(errno)),
                DestroyEvents::Received { overflows } if overflows > 0 => {
                    Some(CoverageDetail::EventsLost(overflows))
                }
                DestroyEvents::NotAsked | DestroyEvents::Received { .. } => None,
            },
        ];
        Coverage {
            item: CoverageItem::Table(table),
            source: self.source,
            status: self.status,
            rows: u64::from(self.rows),
            bad_rows: u64::from(self.bad_rows),
            details: details.into_iter().flatten().collect(),
        }
    }
}

/// sock_diag was asked first and could not answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fallback {
    /// The error number, where the kernel gave one.
    pub errno: Option<i32>,
}

/// What the agent's own socket says about a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SelfCheckVerdict {
    /// Nobody asked.
    NotAsked,
    /// No socket of our own could be opened for this table, or the source is not this kernel.
    NotCheckable,
    /// It is in the table.
    Passed,
    /// It is not.
    OwnSocketMissing,
    /// It is, with rows of our UID alone, while other UIDs' counters moved.
    OnlyOwnRows,
}

/// Whether the kernel tells of destroyed sockets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DestroyEvents {
    /// Not asked for (procfs).
    NotAsked,
    /// The group could not be joined.
    Refused {
        /// The error number, where the kernel gave one.
        errno: Option<i32>,
    },
    /// They come.
    Received {
        /// How many times the kernel dropped events because nobody read them (`ENOBUFS`).
        overflows: u64,
    },
}
