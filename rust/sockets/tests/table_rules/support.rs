//! Short ways to write polls down.

use std::net::SocketAddr;

use portlog_model::{
    BootTime, Change, Connection, Cookie, CoverageStatus, Endpoint, Moment, SocketRow, SocketState,
    Table, Tuple, WallTime,
};
use portlog_sockets::{Batch, Destroyed, OwnSocket, SocketTable, TableSettings};

/// The time of the poll that `seconds` count to.
pub(crate) fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_400_000_000_000 + i64::try_from(seconds * 1_000).unwrap()),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`.
pub(crate) fn end(text: &str) -> Endpoint {
    let end: SocketAddr = text.parse().unwrap();
    Endpoint::new(end.ip(), end.port())
}

pub(crate) fn row(
    table: Table,
    state: SocketState,
    local: &str,
    remote: &str,
    uid: u32,
    inode: u64,
) -> SocketRow {
    SocketRow::from_kernel(table, state, end(local), end(remote), uid, inode)
}

/// A TCP row from the phone's address to the server's port 80.
pub(crate) fn tcp(state: SocketState, port: u16, uid: u32, inode: u64) -> SocketRow {
    let local = format!("192.0.2.1:{port}");
    row(Table::Tcp, state, &local, "203.0.113.7:80", uid, inode)
}

/// A TCP listener on all IPv4 addresses.
pub(crate) fn listener(port: u16, inode: u64) -> SocketRow {
    let local = format!("0.0.0.0:{port}");
    row(
        Table::Tcp,
        SocketState::Listen,
        &local,
        "0.0.0.0:0",
        0,
        inode,
    )
}

/// A UDP socket without a peer on all IPv4 addresses.
pub(crate) fn udp(port: u16, inode: u64) -> SocketRow {
    let local = format!("0.0.0.0:{port}");
    row(
        Table::Udp,
        SocketState::Close,
        &local,
        "0.0.0.0:0",
        0,
        inode,
    )
}

pub(crate) fn with_cookie(row: SocketRow, cookie: u64) -> SocketRow {
    SocketRow {
        cookie: Cookie::new(cookie),
        ..row
    }
}

pub(crate) fn destroyed(row: SocketRow, cookie: u64, at: BootTime) -> Destroyed {
    Destroyed {
        tuple: Tuple::from(&row),
        table: row.table,
        cookie: Cookie::new(cookie),
        at,
    }
}

/// What one poll brought.
#[derive(Clone, Debug)]
pub(crate) struct Poll {
    pub(crate) batch: Batch,
    pub(crate) own: Vec<OwnSocket>,
}

impl Poll {
    /// Every table was read, and these rows were in them.
    pub(crate) fn of(rows: &[SocketRow]) -> Self {
        let mut batch = Batch::default();
        batch.rows.extend_from_slice(rows);
        for table in Table::ALL {
            batch.report_mut(table).status = CoverageStatus::Readable;
        }
        Self {
            batch,
            own: Vec::new(),
        }
    }

    pub(crate) fn status(mut self, table: Table, status: CoverageStatus) -> Self {
        self.batch.report_mut(table).status = status;
        self
    }

    pub(crate) fn events(mut self, events: &[Destroyed]) -> Self {
        self.batch.destroyed.extend_from_slice(events);
        self
    }

    pub(crate) fn own(mut self, own: &[OwnSocket]) -> Self {
        self.own.extend_from_slice(own);
        self
    }
}

/// A table, and what its polls told.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) table: SocketTable,
}

impl Watched {
    pub(crate) fn with(settings: TableSettings) -> Self {
        Self {
            table: SocketTable::new(settings),
        }
    }

    /// A table that has looked once, at second 0, and seen nothing.
    pub(crate) fn started() -> Self {
        let mut watched = Self::default();
        assert_eq!(watched.rows(0, &[]), []);
        watched
    }

    /// A poll in which every table was read.
    pub(crate) fn rows(&mut self, seconds: u64, rows: &[SocketRow]) -> Vec<Change> {
        self.poll(seconds, &Poll::of(rows))
    }

    pub(crate) fn poll(&mut self, seconds: u64, poll: &Poll) -> Vec<Change> {
        let mut changes = Vec::new();
        self.table
            .poll(&poll.batch, &poll.own, at(seconds), &mut changes);
        changes
    }

    /// The one connection that there is.
    pub(crate) fn only(&self) -> Connection {
        let mut connections = self.table.connections();
        let connection = *connections.next().unwrap();
        assert_eq!(connections.next(), None);
        connection
    }
}

/// The one change that there is.
#[track_caller]
pub(crate) fn one(changes: &[Change]) -> Change {
    let [change] = changes else {
        panic!("one change was expected: {changes:#?}");
    };
    *change
}

/// What a change says, for a glance: which kind, of which id, between which seconds.
pub(crate) fn brief(change: &Change) -> (&'static str, u64, Option<u64>, u64) {
    let (kind, after, by) = match change {
        Change::Opened { after, by, .. } => ("opened", after, by),
        Change::Changed { after, by, .. } => ("changed", after, by),
        Change::Closed { after, by, .. } => ("closed", after, by),
    };
    let seconds = |moment: &Moment| moment.boot.as_nanos() / 1_000_000_000;
    (
        kind,
        change.connection().id.get(),
        after.as_ref().map(seconds),
        seconds(by),
    )
}

pub(crate) fn briefs(changes: &[Change]) -> Vec<(&'static str, u64, Option<u64>, u64)> {
    changes.iter().map(brief).collect()
}
