//! What the kernel's destroy events say: the end of a connection at its time, and connections too
//! short for any look to show.
//!
//! The kernel sends them when it frees a socket (`sock_diag_broadcast_destroy` in
//! `net/core/sock_diag.c`), with its cookie and tuple and neither owner nor inode. Three things
//! about them are easily got wrong:
//!
//! - A TCP socket that this machine resets, or whose blocking `connect` is refused, has lost its
//!   remote port by then, and often its local address (`tcp_disconnect`; one that the peer resets
//!   keeps them). Such an event ends the connection with its cookie, and is nothing else: no
//!   connection is opened for it, and no tuple is compared with it. Nor with that of a socket
//!   without a peer, which others may share.
//! - What is left of a connection after its socket is freed (`TIME_WAIT`) stands in the tables with
//!   a cookie of its own and is the same connection, which therefore goes on.
//! - The event may be younger than the rows of the same poll. If they still show the socket, the
//!   next look decides: it shows what is left of it, or the connection ended with the event.
//!
//! An event of a socket that no look showed gives a connection that opened and closed, if it had a
//! peer; sockets without one (listeners, unconnected datagram sockets) are skipped, as they talked
//! to nobody that the event could name.

use std::time::Duration;

use portlog_model::{
    BootTime, Change, Connection, Direction, Moment, Protocol, SocketState, Uid, WallTime,
};

use super::absence::not_before;
use super::store::{Entry, Slot};
use super::{PerTable, Round, SocketTable, identity};
use crate::{Batch, Destroyed};

/// A connection that only its end told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief {
    event: Destroyed,
    uid: Option<Uid>,
    direction: Direction,
    after: Option<Moment>,
    by: Moment,
}

impl SocketTable {
    /// Takes the events of the time between the poll before and this one.
    pub(super) fn settle_destroyed(&mut self, round: &Round, batch: &Batch) {
        if !self.ending.is_empty() {
            // An event of an earlier poll whose connection is still there was about another socket,
            // or about one of which something is left.
            let store = &self.store;
            self.ending
                .retain(|slot, _| !store.is_seen(*slot, round.this));
        }
        if batch.destroyed.is_empty() {
            return;
        }
        // The latest first: what is left of a connection belongs to the last socket of its tuple.
        let mut events = std::mem::take(&mut self.scratch.events);
        events.extend(0..u32::try_from(batch.destroyed.len()).unwrap_or(u32::MAX));
        let event_of = |index: &u32| batch.destroyed.get(*index as usize);
        events.sort_unstable_by_key(|index| {
            std::cmp::Reverse(
                event_of(index).map(|event| (event.at, event.tuple, event.cookie, event.table)),
            )
        });
        for event in events.iter().filter_map(event_of) {
            if let Some(slot) = self.match_event(round, event) {
                self.note_end(round, slot, event);
            } else {
                self.note_brief(round, event);
            }
        }
        self.scratch.events = events;
        self.scratch.brief.reverse();
    }

    /// Tells of connections that only their end told of.
    pub(super) fn tell_brief(&mut self, changes: &mut Vec<Change>) {
        for index in 0..self.scratch.brief.len() {
            let Some(&Brief {
                event,
                uid,
                direction,
                after,
                by,
            }) = self.scratch.brief.get(index)
            else {
                continue;
            };
            let connection = Connection {
                id: self.next_id(),
                table: event.table,
                state: SocketState::Close,
                direction,
                own: false,
                practice: false,
                local: event.tuple.local,
                remote: event.tuple.remote,
                uid,
                inode: None,
                cookie: event.cookie,
                first_seen: by,
            };
            changes.push(Change::Opened {
                connection,
                after,
                by,
            });
            changes.push(Change::Closed {
                connection,
                after,
                by,
            });
        }
    }

    /// The connection whose socket it was.
    fn match_event(&self, round: &Round, event: &Destroyed) -> Option<Slot> {
        if let Some(slot) = event
            .cookie
            .and_then(|cookie| self.store.find_cookie(cookie))
        {
            return Some(slot);
        }
        if !names_a_peer(event) || self.is_known_end(event) {
            return None;
        }
        self.store
            .chain(event.tuple)
            .filter(|slot| self.store.is_open(*slot) && !self.ending.contains_key(slot))
            .filter_map(|slot| self.store.entry(slot).map(|entry| (slot, entry)))
            .filter(|(slot, entry)| {
                event.cookie.is_none()
                    || entry.connection.cookie.is_none()
                    || self.is_only_remnant(*slot, entry)
            })
            .max_by_key(|(slot, entry)| {
                (!self.store.is_seen(*slot, round.this), entry.connection.id)
            })
            .map(|(slot, _)| slot)
    }

    /// Whether all that was ever seen of a connection is what the kernel keeps of a closed one, so
    /// that the cookie of its socket is not known.
    fn is_only_remnant(&self, slot: Slot, entry: &Entry) -> bool {
        entry.connection.inode.is_none()
            && self.store.row(slot).is_some_and(|row| {
                identity::may_be_remnant(row) && row.cookie == entry.connection.cookie
            })
    }

    /// Whether the connection that ended was told of as closed before.
    fn is_known_end(&self, event: &Destroyed) -> bool {
        event.cookie.is_some_and(|cookie| self.recent.has(cookie))
    }

    fn note_end(&mut self, round: &Round, slot: Slot, event: &Destroyed) {
        let (Some(&entry), Some(&row)) = (self.store.entry(slot), self.store.row(slot)) else {
            return;
        };
        let at = moment(event.at, round.now);
        if self.store.is_seen(slot, round.this) {
            let goes_on = identity::may_be_remnant(&row)
                && (row.cookie.is_none() || row.cookie != event.cookie);
            if !goes_on {
                self.ending.insert(slot, at);
            } else if let Some(cookie) = event.cookie
                && entry.connection.cookie != Some(cookie)
            {
                self.store.set_cookie(slot, cookie);
                if let Some(entry) = self.store.entry_mut(slot) {
                    entry.remnant_cookie = row.cookie;
                }
            }
            return;
        }
        self.ending.insert(slot, at);
        if round.proven.contains(entry.connection.table) {
            let (after, by) = self.last_seen(slot, &entry, round);
            self.close(round, slot, after, by);
        }
    }

    fn note_brief(&mut self, round: &Round, event: &Destroyed) {
        if !names_a_peer(event) || self.is_known_end(event) {
            return;
        }
        let after = self.looks.of(event.table).last_proven;
        let by = not_before(moment(event.at, round.now), after);
        self.scratch.brief.push(Brief {
            event: *event,
            uid: self
                .recent
                .owner(&event.tuple, event.cookie, round.now.boot),
            direction: self.direction_at_opening(round, &event.tuple, None, after.is_some()),
            after,
            by,
        });
        if let Some(cookie) = event.cookie {
            self.recent.remember_cookie(cookie);
        }
    }
}

/// Whether the event still knows both ends.
fn names_a_peer(event: &Destroyed) -> bool {
    let tuple = &event.tuple;
    matches!(
        tuple.protocol,
        Protocol::Tcp | Protocol::Udp | Protocol::UdpLite
    ) && !tuple.remote.is_unset()
        && tuple.remote.port() != 0
        && tuple.local.port() != 0
}

/// A time since boot on both clocks, as the clock on the wall goes now; never later than now.
fn moment(at: BootTime, now: Moment) -> Moment {
    let ago: Duration = now.boot.since(at);
    let millis = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    Moment {
        wall: WallTime::from_millis(now.wall.as_millis().saturating_sub(millis)),
        boot: at.min(now.boot),
    }
}
