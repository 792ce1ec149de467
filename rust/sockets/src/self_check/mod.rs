//! Sockets of our own, by which a table shows whether it can be trusted.
//!
//! A table that is read without an error may still not be the table: a security module that hides
//! other users' rows, a namespace, a tampered kernel. One socket of our own in each table, which
//! must be found there again by its ends and its inode, shows the worst of it; that all rows are our
//! own while others' byte counters move shows the rest. The sockets talk to nobody: each is bound to
//! the loopback address and connected to itself, TCP too (both ends open at once), which leaves no
//! listener behind.

mod open;

use portlog_model::{CoverageStatus, Endpoint, Inode, SocketRow, Table};

use crate::{Batch, SelfCheckVerdict};
use open::Held;

/// A socket that the agent opened to find it again in a table.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OwnSocket {
    /// The table it must stand in.
    pub table: Table,
    /// Its local end.
    pub local: Endpoint,
    /// Its remote end: the same, but for raw sockets, whose local port is the protocol and remote
    /// port 0.
    pub remote: Endpoint,
    /// Its inode.
    pub inode: Inode,
}

impl OwnSocket {
    /// Whether `row` is this socket: by table, both ends and inode, never by who owns it.
    pub fn is(&self, row: &SocketRow) -> bool {
        row.inode == Some(self.inode)
            && row.table == self.table
            && row.local == self.local
            && row.remote == self.remote
    }
}

/// One socket of our own for each table, held open.
///
/// For live sources on this machine only: a captured tree, or one of another machine, cannot hold
/// them; use [`SelfCheck::none`] there.
#[derive(Debug)]
pub struct SelfCheck {
    probes: Option<[Probe; Table::ALL.len()]>,
    own: Vec<OwnSocket>,
}

/// What became of the socket for one table.
#[derive(Debug)]
struct Probe {
    table: Table,
    socket: Result<(Held, OwnSocket), Option<i32>>,
    /// Judgements in a row at which it was not there, or could not be opened.
    failures: u32,
    /// Whether this very socket was found before.
    passed: bool,
}

impl SelfCheck {
    /// Opens the sockets. A table for which that is not possible (no such protocol, no permission
    /// for raw sockets, no loopback interface) is not checkable; see [`SelfCheck::refusal`]. It is
    /// tried again, ever more rarely.
    pub fn open() -> Self {
        let mut check = Self {
            probes: Some(Table::ALL.map(Probe::open)),
            own: Vec::with_capacity(Table::ALL.len()),
        };
        check.list_own();
        check
    }

    /// No sockets: every table is not checkable.
    pub const fn none() -> Self {
        Self {
            probes: None,
            own: Vec::new(),
        }
    }

    /// The sockets, in the order of their tables.
    pub fn own(&self) -> &[OwnSocket] {
        &self.own
    }

    /// Why there is no socket for `table`: the error number, where the kernel gave one.
    pub fn refusal(&self, table: Table) -> Option<i32> {
        let probe = self.probes.as_ref()?.get(table.index())?;
        probe.socket.as_ref().err().copied().flatten()
    }

    /// Writes the verdict into the report of every table that was read, and the status `Untrusted`
    /// where the table is not what it should be.
    ///
    /// `others_moved` says that byte counters of other UIDs went up since the poll before. Tables
    /// that then hold no row but of our own UID are kept from us; this is said of TCP and UDP only
    /// together, since others may well use but one of them.
    ///
    /// A socket that was found before and is missing once is not held against the table: a text
    /// table under churn may miss a row. Sockets that were closed under us (as Android does when a
    /// VPN starts) are opened again, so [`SelfCheck::own`] may change.
    pub fn judge(&mut self, batch: &mut Batch, others_moved: bool) {
        let Some(probes) = &mut self.probes else {
            for table in Table::ALL {
                verdict(batch, table, SelfCheckVerdict::NotCheckable);
            }
            return;
        };
        let found = find(&self.own, &batch.rows);
        let mut reopened = false;
        for (probe, found) in probes.iter_mut().zip(found) {
            if batch.report(probe.table).is_read() {
                let is = probe.judge(found.is_some());
                verdict(batch, probe.table, is);
                reopened |= probe.reopen_if_due();
            }
        }
        if others_moved && only_own_rows(&found, batch) {
            for table in CARRIERS {
                if batch.report(table).self_check == SelfCheckVerdict::Passed {
                    verdict(batch, table, SelfCheckVerdict::OnlyOwnRows);
                }
            }
        }
        if reopened {
            self.list_own();
        }
    }

    fn list_own(&mut self) {
        self.own.clear();
        let probes = self.probes.iter().flatten();
        self.own
            .extend(probes.filter_map(|probe| Some(probe.socket.as_ref().ok()?.1)));
    }
}

/// The tables whose sockets carry nearly all that byte counters count.
const CARRIERS: [Table; 4] = [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6];

impl Probe {
    fn open(table: Table) -> Self {
        Self {
            table,
            socket: open::own_socket(table),
            failures: 0,
            passed: false,
        }
    }

    fn judge(&mut self, found: bool) -> SelfCheckVerdict {
        if found {
            self.failures = 0;
            self.passed = true;
            return SelfCheckVerdict::Passed;
        }
        self.failures = self.failures.saturating_add(1);
        match &self.socket {
            Err(_) => SelfCheckVerdict::NotCheckable,
            Ok((socket, _)) if !open::is_alive(socket) => SelfCheckVerdict::NotCheckable,
            Ok(_) if self.passed && self.failures == 1 => SelfCheckVerdict::NotAsked,
            Ok(_) => SelfCheckVerdict::OwnSocketMissing,
        }
    }

    /// Opens the socket anew if it was closed under us, and now and then if it is missing for good:
    /// this process may have been moved to another network namespace.
    fn reopen_if_due(&mut self) -> bool {
        let due = match (&self.socket, self.failures) {
            (_, 0) => false,
            (Ok((socket, _)), failures) => {
                !open::is_alive(socket) || failures > 1 && failures.is_power_of_two()
            }
            (Err(_), failures) => failures.is_power_of_two(),
        };
        if due {
            let socket = open::own_socket(self.table);
            // A socket that is there is better than none.
            if socket.is_ok()
                || self
                    .socket
                    .as_ref()
                    .is_ok_and(|(old, _)| !open::is_alive(old))
            {
                self.socket = socket;
                self.passed = false;
            }
        }
        due
    }
}

/// For every table, the row of our socket, where it has it.
fn find(own: &[OwnSocket], rows: &[SocketRow]) -> [Option<SocketRow>; Table::ALL.len()] {
    let mut found = [None; Table::ALL.len()];
    let inodes = || own.iter().map(|own| own.inode);
    let (Some(first), Some(last)) = (inodes().min(), inodes().max()) else {
        return found;
    };
    for row in rows {
        // The sockets were opened together, so that hardly any other has an inode in between.
        if !row
            .inode
            .is_some_and(|inode| (first..=last).contains(&inode))
        {
            continue;
        }
        if let Some(own) = own.iter().find(|own| own.is(row))
            && let Some(found) = found.get_mut(own.table.index())
        {
            *found = Some(*row);
        }
    }
    found
}

/// Whether the tables, all of them read as far as this kernel has them, give every row to the owner
/// of our sockets.
fn only_own_rows(found: &[Option<SocketRow>; Table::ALL.len()], batch: &Batch) -> bool {
    let whole = CARRIERS.into_iter().all(|table| {
        let report = batch.report(table);
        report.is_read() || report.status == CoverageStatus::Absent
    });
    let ours = CARRIERS
        .into_iter()
        .find_map(|table| *found.get(table.index())?);
    whole
        && ours.is_some_and(|ours: SocketRow| {
            batch
                .rows
                .iter()
                .filter(|row| CARRIERS.contains(&row.table))
                .all(|row| row.uid.is_none_or(|uid| Some(uid) == ours.uid))
        })
}

fn verdict(batch: &mut Batch, table: Table, verdict: SelfCheckVerdict) {
    let report = batch.report_mut(table);
    if !report.is_read() {
        return;
    }
    report.self_check = verdict;
    match verdict {
        SelfCheckVerdict::OwnSocketMissing | SelfCheckVerdict::OnlyOwnRows => {
            report.status = CoverageStatus::Untrusted;
        }
        SelfCheckVerdict::NotAsked | SelfCheckVerdict::NotCheckable | SelfCheckVerdict::Passed => {}
    }
}
