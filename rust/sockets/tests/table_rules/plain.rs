//! The same rules, implemented in the plainest way: one list, searched from end to end for every
//! row, no memory of the order of rows, nothing remembered in any index. Destroy events aside, which
//! have their own tests.

use std::collections::BTreeSet;
use std::net::IpAddr;

use portlog_model::{
    Change, Connection, ConnectionId, Cookie, CoverageStatus, Direction, Endpoint, Moment,
    Protocol, SocketRow, SocketState, Table, Tuple, Uid,
};
use portlog_sockets::{Batch, TableSettings};

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "plain is the point")]
struct Known {
    connection: Connection,
    row: SocketRow,
    remnant: Option<Cookie>,
    /// Seen by the poll before.
    was_seen: bool,
    /// The rows of this poll that it is: with an inode, without.
    with_inode: bool,
    without_inode: bool,
    absence: Option<Absence>,
    syn_sent: bool,
    syn_recv: bool,
    /// What it was before this poll; nothing if it is new.
    before: Option<(Connection, Option<Moment>)>,
    end: Option<(Option<Moment>, Moment)>,
}

#[derive(Clone, Copy, Debug)]
struct Absence {
    after: Option<Moment>,
    since: Moment,
    first: Option<Moment>,
    times: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Look {
    read: Option<Moment>,
    proven: Option<Moment>,
    unread_since: Option<Moment>,
    unproven_since: Option<Moment>,
    unrest: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Plain {
    settings: TableSettings,
    known: Vec<Known>,
    looks: [Look; Table::ALL.len()],
    listeners: BTreeSet<(Protocol, Endpoint)>,
    gone: Vec<(Connection, Moment)>,
    next_id: u64,
    pub(crate) overflowed: u64,
}

impl Plain {
    pub(crate) fn new(settings: TableSettings) -> Self {
        Self {
            settings,
            known: Vec::new(),
            looks: Default::default(),
            listeners: BTreeSet::new(),
            gone: Vec::new(),
            next_id: 1,
            overflowed: 0,
        }
    }

    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.known.iter().map(|known| &known.connection)
    }

    pub(crate) fn poll(&mut self, batch: &Batch, now: Moment) -> Vec<Change> {
        self.overflowed = 0;
        for table in Table::ALL {
            let look = &mut self.looks[table.index()];
            if batch.report(table).is_read() {
                look.unrest -= look.unrest.div_ceil(64);
                look.unrest += 64 * batch.report(table).doubles;
            }
        }
        for known in &mut self.known {
            known.with_inode = false;
            known.without_inode = false;
            known.before = Some((known.connection, None));
        }
        self.claim(batch, now);
        self.end_replaced(batch, now);
        self.end_absent(batch, now);
        self.end_unreadable(batch, now);
        self.direct(batch);
        let changes = self.tell(now);
        for table in Table::ALL {
            let look = &mut self.looks[table.index()];
            if batch.report(table).is_read() {
                look.read = Some(now);
            }
            if batch.report(table).proves_absence() {
                look.proven = Some(now);
            }
        }
        for known in &mut self.known {
            known.was_seen = known.is_seen();
        }
        changes
    }

    fn claim(&mut self, batch: &Batch, now: Moment) {
        let mut rest = Vec::new();
        for row in &batch.rows {
            if !batch.report(row.table).is_read() {
                continue;
            }
            if let Some(known) = self
                .known
                .iter_mut()
                .find(|known| known.was_seen && known.row == *row)
            {
                known.with_inode |= row.inode.is_some();
                known.without_inode |= row.inode.is_none();
            } else {
                rest.push(*row);
            }
        }
        rest.sort_by_key(|row| {
            (
                Tuple::from(row),
                row.inode.is_none(),
                row.inode,
                row.cookie,
                progress(row.state),
                row.state,
                row.uid,
                row.table,
            )
        });
        for row in rest {
            let is_tcp = row.table.protocol() == Protocol::Tcp;
            if row.remote.is_unset()
                && ((is_tcp && row.state == SocketState::Listen)
                    || (!is_tcp && row.state != SocketState::Established))
            {
                self.listeners.insert((row.table.protocol(), row.local));
            }
            match self.find(&row, now) {
                Some(index) => self.be(index, &row),
                None => self.open(&row, now),
            }
        }
    }

    fn find(&mut self, row: &SocketRow, now: Moment) -> Option<usize> {
        let last_seen = self.last_seen_of();
        let candidates =
            self.known
                .iter_mut()
                .zip(last_seen)
                .enumerate()
                .filter(|(_, (known, _))| {
                    known.end.is_none() && known.connection.tuple() == Tuple::from(row)
                });
        let mut best = None;
        for (index, (known, last_seen)) in candidates {
            let connection = &known.connection;
            let same_cookie = row.cookie.is_some()
                && (row.cookie == connection.cookie || row.cookie == known.remnant);
            let may_be_remnant = row.inode.is_none()
                && row.table.protocol() == Protocol::Tcp
                && [SocketState::FinWait2, SocketState::TimeWait].contains(&row.state);
            let cookies_allow = row.cookie.is_none()
                || connection.cookie.is_none()
                || same_cookie
                || (may_be_remnant && known.remnant.is_none());
            let may_follow = row.table.protocol() != Protocol::Tcp
                || progress(connection.state) <= progress(row.state);
            let is_absent = known.absence.is_some() && !known.is_seen();
            let id = i64::try_from(connection.id.get()).unwrap();
            let rank = if row.inode.is_some() {
                if connection.inode == row.inode {
                    if cookies_allow || known.is_seen() {
                        return Some(index);
                    }
                    let first = known.absence.and_then(|absence| absence.first);
                    known.end = Some((last_seen, first.unwrap_or(now)));
                    self.gone.push((known.connection, now));
                    return None;
                }
                if connection.inode.is_some() || !cookies_allow || !may_follow {
                    continue;
                }
                (i32::from(same_cookie), !is_absent, -id)
            } else {
                let fit = if same_cookie {
                    5
                } else if !cookies_allow {
                    continue;
                } else if known.without_inode && row.cookie.is_none() {
                    4
                } else if known.with_inode {
                    1
                } else if !may_follow {
                    continue;
                } else if !is_absent && known.row.inode.is_none() {
                    3
                } else {
                    2
                };
                (fit, !is_absent, id)
            };
            if best.is_none_or(|(_, other)| rank > other) {
                best = Some((index, rank));
            }
        }
        best.map(|(index, _)| index)
    }

    fn be(&mut self, index: usize, row: &SocketRow) {
        let last_seen = self.last_seen_of().swap_remove(index);
        let known = &mut self.known[index];
        let is_first = !known.is_seen();
        if let Some((_, after)) = &mut known.before
            && after.is_none()
        {
            *after = last_seen;
        }
        if known.absence.is_some_and(|absence| absence.times > 0) {
            self.looks[row.table.index()].unrest += 64;
        }
        known.absence = None;
        let weight = |row: &SocketRow| (progress(row.state), row.inode, row.cookie, row.state);
        if is_first || weight(row) > weight(&known.row) {
            known.row = *row;
            known.connection.table = row.table;
            known.connection.state = row.state;
        }
        known.connection.inode = known.connection.inode.or(row.inode);
        known.connection.cookie = known.connection.cookie.or(row.cookie);
        known.learn(row);
    }

    fn open(&mut self, row: &SocketRow, now: Moment) {
        let live = self
            .known
            .iter()
            .filter(|known| known.end.is_none())
            .count();
        if live >= self.settings.max_connections {
            self.overflowed += 1;
            return;
        }
        let connection = Connection {
            id: ConnectionId::new(self.next_id),
            table: row.table,
            state: row.state,
            direction: Direction::Unknown,
            own: false,
            practice: false,
            local: row.local,
            remote: row.remote,
            uid: row.uid.or_else(|| self.remembered(row, now)),
            inode: row.inode,
            cookie: row.cookie,
            first_seen: now,
        };
        self.next_id += 1;
        let mut known = Known {
            connection,
            row: *row,
            remnant: None,
            was_seen: false,
            with_inode: false,
            without_inode: false,
            absence: None,
            syn_sent: false,
            syn_recv: false,
            before: None,
            end: None,
        };
        known.learn(row);
        self.known.push(known);
    }

    fn remembered(&self, row: &SocketRow, now: Moment) -> Option<Uid> {
        use SocketState::{CloseWait, Closing, FinWait1, FinWait2, LastAck, TimeWait};
        if row.table.protocol() != Protocol::Tcp
            || row.inode.is_some()
            || ![FinWait1, FinWait2, TimeWait, CloseWait, LastAck, Closing].contains(&row.state)
        {
            return None;
        }
        let (connection, at) = self.gone.iter().rev().find(|(connection, _)| {
            connection.tuple() == Tuple::from(row) && !connection.remote.is_unset()
        })?;
        let another = ![FinWait2, TimeWait].contains(&row.state)
            && row.cookie.is_some()
            && connection.cookie.is_some()
            && row.cookie != connection.cookie;
        if another || now.since(*at).as_secs() > 60 {
            return None;
        }
        connection.uid
    }

    fn end_replaced(&mut self, batch: &Batch, now: Moment) {
        let last_seen = self.last_seen_of();
        for (index, last_seen) in last_seen.into_iter().enumerate() {
            let known = &self.known[index];
            let tuple = known.connection.tuple();
            let is_replaced = known.end.is_none()
                && !known.is_seen()
                && batch.report(known.connection.table).is_read()
                && tuple.protocol == Protocol::Tcp
                && !tuple.remote.is_unset()
                && self
                    .known
                    .iter()
                    .any(|other| other.before.is_none() && other.connection.tuple() == tuple);
            if is_replaced {
                let known = &mut self.known[index];
                let first = known.absence.and_then(|absence| absence.first);
                known.end = Some((last_seen, first.unwrap_or(now)));
            }
        }
    }

    fn end_absent(&mut self, batch: &Batch, now: Moment) {
        let last_seen = self.last_seen_of();
        for (known, last_seen) in self.known.iter_mut().zip(last_seen) {
            let report = batch.report(known.connection.table);
            if known.end.is_some() || known.is_seen() || !report.is_read() {
                continue;
            }
            let absence = known.absence.get_or_insert(Absence {
                after: last_seen,
                since: now,
                first: None,
                times: 0,
            });
            let ends = if report.proves_absence() {
                absence.first.get_or_insert(now);
                absence.times += 1;
                let more = match self.looks[known.connection.table.index()].unrest {
                    0 => 0,
                    1..=575 => 1,
                    576..=4_159 => 2,
                    4_160..=16_447 => 3,
                    _ => 4,
                };
                let least = self.settings.absences_to_close.max(1);
                absence.times >= (least + more).min(self.settings.most_absences.max(least))
            } else {
                now.since(absence.since) >= self.settings.grace
            };
            if ends {
                known.end = Some((absence.after, absence.first.unwrap_or(now)));
            }
        }
    }

    fn end_unreadable(&mut self, batch: &Batch, now: Moment) {
        for table in Table::ALL {
            let last_seen = self.last_seen_of();
            let look = &mut self.looks[table.index()];
            let report = batch.report(table);
            if report.proves_absence() {
                look.unproven_since = None;
            } else {
                let since = *look.unproven_since.get_or_insert(now);
                if now.since(since) >= self.settings.grace {
                    look.proven = None;
                }
            }
            if report.is_read() {
                look.unread_since = None;
                continue;
            }
            let since = *look.unread_since.get_or_insert(now);
            if now.since(since) < self.settings.grace {
                continue;
            }
            look.read = None;
            for (known, last_seen) in self.known.iter_mut().zip(last_seen) {
                if known.end.is_none() && known.connection.table == table {
                    let first = known.absence.and_then(|absence| absence.first);
                    known.end = Some((last_seen, first.unwrap_or(now)));
                }
            }
        }
    }

    fn direct(&mut self, batch: &Batch) {
        for index in 0..self.known.len() {
            let known = &self.known[index];
            let direction = if known.syn_sent {
                Direction::Out
            } else if known.syn_recv {
                Direction::In
            } else if known.before.is_none() {
                self.direction_at_opening(&known.connection, batch)
            } else {
                known.connection.direction
            };
            self.known[index].connection.direction = direction;
        }
    }

    fn direction_at_opening(&self, connection: &Connection, batch: &Batch) -> Direction {
        let protocol = connection.protocol();
        let local = connection.local;
        let ports = [Protocol::Tcp, Protocol::Udp, Protocol::UdpLite];
        if !ports.contains(&protocol) || connection.remote.is_unset() {
            return Direction::Unknown;
        }
        let takes = |listener: Endpoint| {
            listener.port() == local.port()
                && match (listener.address(), local.address()) {
                    (IpAddr::V4(listener), IpAddr::V4(local)) => {
                        listener.is_unspecified() || listener == local
                    }
                    (IpAddr::V6(listener), IpAddr::V4(_)) => listener.is_unspecified(),
                    (IpAddr::V4(_), IpAddr::V6(_)) => false,
                    (IpAddr::V6(listener), IpAddr::V6(local)) => {
                        listener.is_unspecified() || listener == local
                    }
                }
        };
        let is_ephemeral = self.settings.ephemeral_ports.contains(&local.port());
        let is_there = self.known.iter().any(|other| {
            let other = &other.connection;
            other.protocol() == protocol
                && other.is_listener()
                && other.remote.is_unset()
                && takes(other.local)
                && (connection.inode.is_none() || other.inode != connection.inode)
        });
        let ever = |takes: &dyn Fn(Endpoint) -> bool| {
            self.listeners
                .iter()
                .any(|(spoken, listener)| *spoken == protocol && takes(*listener))
        };
        if is_there || (!is_ephemeral && ever(&takes)) {
            return Direction::In;
        }
        let is_hidden = Table::ALL.into_iter().any(|table| {
            let status = batch.report(table).status;
            table.protocol() == protocol
                && (table.is_v6() || local.address().is_ipv4())
                && status == CoverageStatus::Denied
        });
        let was_seen_to_open = self.looks[connection.table.index()].proven.is_some();
        if was_seen_to_open
            && is_ephemeral
            && !is_hidden
            && !ever(&|listener| listener.port() == local.port())
        {
            return Direction::Out;
        }
        Direction::Unknown
    }

    fn tell(&mut self, now: Moment) -> Vec<Change> {
        let mut closed = Vec::new();
        let mut opened = Vec::new();
        let mut changed = Vec::new();
        self.known.sort_by_key(|known| known.connection.id);
        for known in &self.known {
            let connection = known.connection;
            if let Some((after, by)) = known.end {
                closed.push(Change::Closed {
                    connection,
                    after,
                    by,
                });
                continue;
            }
            match known.before {
                None => opened.push(Change::Opened {
                    connection,
                    after: self.looks[connection.table.index()].proven,
                    by: now,
                }),
                Some((before, after)) => {
                    if (before.state, before.uid, before.inode)
                        != (connection.state, connection.uid, connection.inode)
                    {
                        changed.push(Change::Changed {
                            connection,
                            was: before.state,
                            after,
                            by: now,
                        });
                    }
                }
            }
        }
        let gone = self.known.iter().filter(|known| known.end.is_some());
        self.gone.extend(gone.map(|known| (known.connection, now)));
        self.known.retain(|known| known.end.is_none());
        closed.append(&mut opened);
        closed.append(&mut changed);
        closed
    }

    /// The last look that showed each connection that this poll has not shown yet.
    fn last_seen_of(&self) -> Vec<Option<Moment>> {
        self.known
            .iter()
            .map(|known| match known.absence {
                Some(absence) => absence.after,
                None => self.looks[known.connection.table.index()].read,
            })
            .collect()
    }
}

impl Known {
    const fn is_seen(&self) -> bool {
        self.with_inode || self.without_inode
    }

    fn learn(&mut self, row: &SocketRow) {
        self.with_inode |= row.inode.is_some();
        self.without_inode |= row.inode.is_none();
        self.connection.uid = row.uid.or(self.connection.uid);
        if row.inode.is_none()
            && row.cookie.is_some()
            && row.table.protocol() == Protocol::Tcp
            && (row.state == SocketState::TimeWait
                || (row.state == SocketState::FinWait2 && row.cookie != self.connection.cookie))
        {
            self.remnant = row.cookie;
        }
        self.syn_sent |= row.state == SocketState::SynSent;
        self.syn_recv |= [SocketState::SynRecv, SocketState::NewSynRecv].contains(&row.state);
    }
}

fn progress(state: SocketState) -> u8 {
    match state {
        SocketState::Listen | SocketState::BoundInactive | SocketState::SynSent => 0,
        SocketState::SynRecv | SocketState::NewSynRecv => 1,
        SocketState::Established => 2,
        SocketState::FinWait1 | SocketState::CloseWait => 3,
        SocketState::FinWait2 | SocketState::Closing | SocketState::LastAck => 4,
        SocketState::TimeWait => 5,
        SocketState::Close => 6,
    }
}
