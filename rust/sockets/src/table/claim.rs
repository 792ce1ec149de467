//! Gives each row of a poll to a connection, or opens one for it.

use std::cmp::Ordering;

use portlog_model::{Connection, Direction, Inode, Protocol, SocketRow, SocketState, Tuple, Uid};

use super::identity::{self, Claims, Fit};
use super::store::{Entry, Mark, Slot};
use super::{PerTable, Round, SocketTable, Touched};
use crate::{Batch, OwnSocket};

/// A row that is not as the poll before had it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// Its index in the batch.
    row: usize,
    /// Its index in the order of rows.
    position: usize,
}

impl SocketTable {
    /// Recognises the rows that are as the poll before had them.
    ///
    /// A row is compared with the one that stood in its place; where rows came or went before it,
    /// one look-up finds the place again.
    pub(super) fn claim_unchanged(&mut self, round: &Round, batch: &Batch) {
        let order = &mut self.scratch.order;
        order.reserve(batch.rows.len());
        let mut place: usize = 0;
        for (index, row) in batch.rows.iter().enumerate() {
            if !round.read.contains(row.table) {
                continue;
            }
            let guess = self.order.get(place).copied().unwrap_or(Slot::NONE);
            let slot = if self.store.is_unchanged(guess, row, round.last) {
                guess
            } else if let Some(slot) = self.store.find_unchanged(row, round.last, round.this) {
                slot
            } else {
                self.scratch.pending.push(Pending {
                    row: index,
                    position: order.len(),
                });
                order.push(Slot::NONE);
                continue;
            };
            if let Some(mark) = self.store.mark_mut(slot)
                && mark.generation == round.last
            {
                place = mark.position as usize + 1;
                *mark = Mark::new(round.this, order.len());
            }
            order.push(slot);
        }
        // The other buffer is the next poll's: let it not allocate then.
        let missing = order.len().saturating_sub(self.order.len());
        self.order.reserve(missing);
    }

    /// Gives every other row to a connection, in an order that does not depend on theirs.
    pub(super) fn claim_others(&mut self, round: &Round, batch: &Batch) {
        let mut pending = std::mem::take(&mut self.scratch.pending);
        let row_of = |pending: &Pending| batch.rows.get(pending.row);
        pending.sort_unstable_by(|one, other| match (row_of(one), row_of(other)) {
            (Some(one), Some(other)) => compare(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        });
        for Pending { row, position } in &pending {
            let Some(row) = batch.rows.get(*row) else {
                continue;
            };
            let found = match row.inode {
                Some(inode) => self.match_with_inode(round, row, inode),
                None => self.match_without_inode(round, row),
            };
            let slot = if let Some(slot) = found {
                self.claim(round, slot, row);
                slot
            } else if let Some(slot) = self.open(round, row) {
                slot
            } else {
                continue;
            };
            if let Some(place) = self.scratch.order.get_mut(*position) {
                *place = slot;
            }
            if let Some(mark) = self.store.mark_mut(slot) {
                *mark = Mark::new(round.this, *position);
            }
        }
        self.scratch.pending = pending;
    }

    /// Marks connections as the agent's own whose sockets it opened since the poll before.
    pub(super) fn mark_own(&mut self, own: &[OwnSocket]) {
        if self.own == own {
            return;
        }
        self.own.clear();
        self.own.extend_from_slice(own);
        for socket in own {
            let tuple = Tuple {
                protocol: socket.table.protocol(),
                local: socket.local,
                remote: socket.remote,
            };
            if let Some(slot) = self.store.find(&tuple, socket.inode)
                && let Some(entry) = self.store.entry_mut(slot)
            {
                entry.connection.own = true;
            }
        }
    }

    /// Closes what a new TCP connection took the tuple of: two cannot have the same.
    pub(super) fn close_replaced(&mut self, round: &Round) {
        let mut latest = None;
        for index in 0..self.scratch.opened.len() {
            let Some(connection) = self
                .scratch
                .opened
                .get(index)
                .and_then(|slot| self.store.entry(*slot))
                .map(|entry| entry.connection)
            else {
                continue;
            };
            let tuple = connection.tuple();
            if tuple.protocol != Protocol::Tcp
                || tuple.remote.is_unset()
                || latest.replace(tuple) == Some(tuple)
            {
                continue;
            }
            let mut older = self.store.newest(tuple);
            while let Some(slot) = older {
                older = self.store.older(slot);
                if self.store.is_open(slot)
                    && !self.store.is_seen(slot, round.this)
                    && let Some(entry) = self.store.entry(slot)
                    && round.read.contains(entry.connection.table)
                {
                    let (after, by) = self.last_seen(slot, entry, round);
                    self.close(round, slot, after, by);
                }
            }
        }
    }

    /// The connection of a row that has an inode.
    fn match_with_inode(&mut self, round: &Round, row: &SocketRow, inode: Inode) -> Option<Slot> {
        let tuple = Tuple::from(row);
        if let Some(slot) = self.store.find(&tuple, inode) {
            let entry = self.store.entry(slot)?;
            if identity::cookies_allow(entry, row) || self.store.is_seen(slot, round.this) {
                return Some(slot);
            }
            // Another socket with the number of one that is gone.
            let (after, by) = self.last_seen(slot, entry, round);
            self.close(round, slot, after, by);
            return None;
        }
        self.store
            .find_without_inode(tuple)
            .filter_map(|slot| self.store.entry(slot).map(|entry| (slot, entry)))
            .filter(|(_, entry)| {
                identity::cookies_allow(entry, row) && identity::may_follow(entry, row)
            })
            .max_by_key(|(slot, entry)| {
                (
                    identity::same_cookie(entry, row),
                    !self.unseen.contains_key(slot),
                    std::cmp::Reverse(entry.connection.id),
                )
            })
            .map(|(slot, _)| slot)
    }

    /// The connection of a row that has none.
    fn match_without_inode(&self, round: &Round, row: &SocketRow) -> Option<Slot> {
        self.store
            .chain(Tuple::from(row))
            .filter(|slot| self.store.is_open(*slot))
            .filter_map(|slot| {
                let entry = self.store.entry(slot)?;
                let kept = self.store.row(slot)?;
                let seen = self.store.is_seen(slot, round.this);
                let is_absent = self.unseen.contains_key(&slot) && !seen;
                let claims = Claims {
                    with_inode: seen && (entry.with_inode == round.this || kept.inode.is_some()),
                    without_inode: seen
                        && (entry.without_inode == round.this || kept.inode.is_none()),
                    was_without_inode: !is_absent && kept.inode.is_none(),
                };
                let fit: Fit = identity::fit(entry, row, claims)?;
                Some((slot, (fit, !is_absent, entry.connection.id)))
            })
            .max_by_key(|(_, fit)| *fit)
            .map(|(slot, _)| slot)
    }

    /// Lets the connection be what `row` says.
    fn claim(&mut self, round: &Round, slot: Slot, row: &SocketRow) {
        self.ports.note(row);
        let is_first = !self.store.is_seen(slot, round.this);
        let (Some(entry), Some(&kept)) = (self.store.entry(slot), self.store.row(slot)) else {
            return;
        };
        let Connection {
            table,
            state,
            uid,
            inode,
            cookie,
            ..
        } = entry.connection;
        let unseen = if is_first {
            self.unseen.remove(&slot)
        } else {
            None
        };
        let has_come_back = unseen.is_some_and(|unseen| unseen.was_missed());
        self.looks.of_mut(row.table).shift(u32::from(has_come_back));
        if entry.touched != round.this {
            let after = match unseen {
                Some(unseen) => unseen.after,
                None => self.looks.of(table).last_read,
            };
            self.scratch.touched.push(Touched {
                slot,
                state,
                uid,
                inode,
                after,
            });
        }
        if let Some(mark) = self.store.mark_mut(slot) {
            mark.generation = round.this;
        }
        if is_first || identity::outweighs(row, &kept) {
            self.store.set_row(slot, *row);
        }
        if inode.is_none()
            && let Some(inode) = row.inode
        {
            self.store.set_inode(slot, inode);
        }
        if cookie.is_none()
            && let Some(cookie) = row.cookie
        {
            self.store.set_cookie(slot, cookie);
        }
        let own = &self.own;
        let practice = self.practice;
        let Some(entry) = self.store.entry_mut(slot) else {
            return;
        };
        entry.touched = round.this;
        if !is_first {
            if kept.inode.is_some() {
                entry.with_inode = round.this;
            } else {
                entry.without_inode = round.this;
            }
        }
        learn(entry, row, round.this);
        if is_first || identity::outweighs(row, &kept) {
            entry.connection.state = row.state;
        }
        entry.connection.own |= own.iter().any(|socket| socket.is(row));
        entry.connection.practice |= practice.is_some_and(|socket| socket.is(row));
    }

    /// A connection that this row is the first of, unless there are too many.
    fn open(&mut self, round: &Round, row: &SocketRow) -> Option<Slot> {
        self.ports.note(row);
        let most = self.settings.max_connections.min(u32::MAX as usize - 1);
        if self.store.len() >= most {
            if let Some(overflowed) = self.overflowed.get_mut(row.table.index()) {
                *overflowed = overflowed.saturating_add(1);
            }
            return None;
        }
        let mut entry = Entry::new(Connection {
            id: self.next_id(),
            table: row.table,
            state: row.state,
            direction: Direction::Unknown,
            own: self.own.iter().any(|socket| socket.is(row)),
            practice: self.practice.is_some_and(|socket| socket.is(row)),
            local: row.local,
            remote: row.remote,
            uid: row.uid.or_else(|| self.remembered_owner(round, row)),
            inode: row.inode,
            cookie: row.cookie,
            first_seen: round.now,
        });
        learn(&mut entry, row, round.this);
        entry.touched = round.this;
        let slot = self.store.insert(entry, *row, round.this);
        self.scratch.opened.push(slot);
        Some(slot)
    }

    /// Whose a TCP connection was that had an owner before, as its state tells.
    fn remembered_owner(&self, round: &Round, row: &SocketRow) -> Option<Uid> {
        let had_owner = matches!(row.table.protocol(), Protocol::Tcp)
            && row.inode.is_none()
            && matches!(
                row.state,
                SocketState::FinWait1
                    | SocketState::FinWait2
                    | SocketState::TimeWait
                    | SocketState::CloseWait
                    | SocketState::LastAck
                    | SocketState::Closing
            );
        // The cookie of what the kernel keeps of a closed socket is not that of the socket.
        let cookie = row.cookie.filter(|_| !identity::may_be_remnant(row));
        had_owner
            .then(|| self.recent.owner(&Tuple::from(row), cookie, round.now.boot))
            .flatten()
    }
}

/// What a row adds to what is known, besides its state.
fn learn(entry: &mut Entry, row: &SocketRow, this: u32) {
    if row.inode.is_some() {
        entry.with_inode = this;
    } else {
        entry.without_inode = this;
    }
    if row.uid.is_some() {
        entry.connection.uid = row.uid;
    }
    if identity::may_be_remnant(row)
        && row.cookie.is_some()
        && (row.cookie != entry.connection.cookie || row.state == SocketState::TimeWait)
    {
        entry.remnant_cookie = row.cookie;
    }
    match row.state {
        SocketState::SynSent => entry.syn_sent = true,
        SocketState::SynRecv | SocketState::NewSynRecv => entry.syn_recv = true,
        _ => {}
    }
}

/// The order in which rows are given to connections: by tuple, those with an inode first.
fn compare(one: &SocketRow, other: &SocketRow) -> Ordering {
    Tuple::from(one)
        .cmp(&Tuple::from(other))
        .then_with(|| one.inode.is_none().cmp(&other.inode.is_none()))
        .then_with(|| one.inode.cmp(&other.inode))
        .then_with(|| one.cookie.cmp(&other.cookie))
        .then_with(|| identity::progress(one.state).cmp(&identity::progress(other.state)))
        .then_with(|| one.state.cmp(&other.state))
        .then_with(|| one.uid.cmp(&other.uid))
        .then_with(|| one.table.cmp(&other.table))
}
