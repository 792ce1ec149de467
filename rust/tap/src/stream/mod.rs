//! DNS over TCP (RFC 7766): the server's side of connections to port 53, in as much of RFC 9293 as
//! that takes.
//!
//! The peer is this phone's own kernel on the other side of a device that loses next to nothing, so
//! there is no congestion to avoid and no round trip to estimate; what is kept is what correctness
//! needs: windows in both directions, segments in any order, retransmission with back-off, and an end
//! that waits for what was sent. The options are left out (no window scale, no SACK, no timestamps),
//! which a peer has to bear.
//!
//! Bounded: [`MAX_STREAMS`] connections; of each a window of what may come in, so many questions at
//! once, and of all together so many bytes that wait to be taken.

mod connection;
mod incoming;

use std::collections::BTreeMap;

use portlog_model::{BootTime, Endpoint};

use self::connection::Connection;
use crate::Drop;
use crate::counts::Counts;
use crate::emit::{Emitter, tcp_headers};
use crate::packet::Segment;

/// The most connections at once. The one that has been idle for longest makes room.
pub(crate) const MAX_STREAMS: usize = 64;

/// The most bytes of answers that wait for their askers to take them.
const MAX_UNSENT: usize = 4 * 1024 * 1024;

/// What a peer takes that does not say (RFC 9293 §3.7.1).
const DEFAULT_SEGMENT: u16 = 536;
const SMALLEST_SEGMENT: u16 = 64;

/// A connection while it lasts; another one between the same ends has another serial.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct StreamKey {
    pub(crate) peer: Endpoint,
    pub(crate) own: Endpoint,
    pub(crate) serial: u64,
}

/// Where segments go.
pub(crate) struct Wire<'a> {
    pub(crate) emitter: &'a mut Emitter,
    pub(crate) packet: &'a mut dyn FnMut(Vec<u8>),
    pub(crate) counts: &'a mut Counts,
}

#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: BTreeMap<(Endpoint, Endpoint), (u64, Connection)>,
    last_serial: u64,
}

impl Streams {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Takes a segment from `peer`; returns the connection that it changed, whose messages may be
    /// fetched then. `chance` is a random number.
    pub(crate) fn segment(
        &mut self,
        (peer, own): (Endpoint, Endpoint),
        segment: &Segment<'_>,
        now: BootTime,
        chance: u32,
        mtu: u16,
        wire: &mut Wire<'_>,
    ) -> Option<StreamKey> {
        let ends = (peer, own);
        if let Some((serial, connection)) = self.open.get_mut(&ends) {
            let key = StreamKey {
                peer,
                own,
                serial: *serial,
            };
            connection.segment(segment, now, &mut |segment| {
                wire.emitter.segment(own, peer, segment, wire.packet);
            });
            self.sweep(ends);
            return Some(key);
        }
        let opens = segment.syn && !segment.ack && !segment.rst;
        if !opens {
            wire.counts.drop(Drop::Stray);
            refuse(ends, segment, wire);
            return None;
        }
        if self.open.len() >= MAX_STREAMS && !self.make_room(wire) {
            wire.counts.drop(Drop::Full);
            refuse(ends, segment, wire);
            return None;
        }
        wire.counts.streams += 1;
        self.last_serial += 1;
        let own_segment = mtu.saturating_sub(tcp_headers(own.address()));
        let segment_size = segment
            .largest_payload
            .unwrap_or(DEFAULT_SEGMENT)
            .clamp(SMALLEST_SEGMENT, own_segment.max(SMALLEST_SEGMENT));
        let mut connection = Connection::accept(segment, chance, segment_size, own_segment, now);
        connection.greet(&mut |segment| {
            wire.emitter.segment(own, peer, segment, wire.packet);
        });
        self.open.insert(ends, (self.last_serial, connection));
        None
    }

    /// Takes the next message of a connection, without its length; see [`Connection::message`].
    pub(crate) fn message(
        &mut self,
        key: StreamKey,
        now: BootTime,
        wire: &mut Wire<'_>,
    ) -> Option<Vec<u8>> {
        let connection = self.get(key)?;
        let message = connection.message(now, &mut |segment| {
            wire.emitter
                .segment(key.own, key.peer, segment, wire.packet);
        });
        match message {
            Ok(message) => message,
            Err(reason) => {
                wire.counts.drop(reason);
                self.reset(key, wire);
                None
            }
        }
    }

    /// Sends an answer to one of the connection's questions; false where nobody takes it any more.
    pub(crate) fn send(
        &mut self,
        key: StreamKey,
        message: &[u8],
        now: BootTime,
        wire: &mut Wire<'_>,
    ) -> bool {
        let unsent: usize = self
            .open
            .values()
            .map(|(_, connection)| connection.unsent())
            .sum();
        let Some(connection) = self.get(key) else {
            return false;
        };
        if unsent + message.len() > MAX_UNSENT {
            wire.counts.drop(Drop::Full);
            self.reset(key, wire);
            return false;
        }
        connection.answered(message, now, &mut |segment| {
            wire.emitter
                .segment(key.own, key.peer, segment, wire.packet);
        });
        self.sweep((key.peer, key.own));
        true
    }

    /// One of the connection's questions gets no answer.
    pub(crate) fn unanswered(&mut self, key: StreamKey, now: BootTime, wire: &mut Wire<'_>) {
        if let Some(connection) = self.get(key) {
            connection.unanswered(now, &mut |segment| {
                wire.emitter
                    .segment(key.own, key.peer, segment, wire.packet);
            });
            self.sweep((key.peer, key.own));
        }
    }

    /// Whether the connection still stands.
    pub(crate) fn stands(&self, key: StreamKey) -> bool {
        self.open
            .get(&(key.peer, key.own))
            .is_some_and(|(serial, _)| *serial == key.serial)
    }

    /// When something is due on one of them.
    pub(crate) fn deadline(&self) -> Option<BootTime> {
        self.open
            .values()
            .map(|(_, connection)| connection.deadline())
            .min()
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: BootTime, wire: &mut Wire<'_>) {
        self.open.retain(|&(peer, own), (_, connection)| {
            connection.tick(now, &mut |segment| {
                wire.emitter.segment(own, peer, segment, wire.packet);
            });
            !connection.is_over()
        });
    }

    fn get(&mut self, key: StreamKey) -> Option<&mut Connection> {
        self.open
            .get_mut(&(key.peer, key.own))
            .filter(|(serial, _)| *serial == key.serial)
            .map(|(_, connection)| connection)
    }

    fn sweep(&mut self, ends: (Endpoint, Endpoint)) {
        if self
            .open
            .get(&ends)
            .is_some_and(|(_, connection)| connection.is_over())
        {
            self.open.remove(&ends);
        }
    }

    fn reset(&mut self, key: StreamKey, wire: &mut Wire<'_>) {
        if let Some((_, connection)) = self.open.remove(&(key.peer, key.own)) {
            connection.reset(&mut |segment| {
                wire.emitter
                    .segment(key.own, key.peer, segment, wire.packet);
            });
        }
    }

    /// Ends the connection that nothing is asked on for longest; false where all have questions.
    fn make_room(&mut self, wire: &mut Wire<'_>) -> bool {
        let idle = self
            .open
            .iter()
            .filter(|(_, (_, connection))| connection.is_idle())
            .min_by_key(|(_, (_, connection))| connection.heard())
            .map(|(&(peer, own), &(serial, _))| StreamKey { peer, own, serial });
        idle.is_some_and(|key| {
            self.reset(key, wire);
            true
        })
    }
}

/// Resets what belongs to no connection (RFC 9293 §3.5.2).
pub(crate) fn refuse(
    (peer, own): (Endpoint, Endpoint),
    segment: &Segment<'_>,
    wire: &mut Wire<'_>,
) {
    if segment.rst {
        return;
    }
    let length = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
    let end = segment
        .sequence
        .wrapping_add(length)
        .wrapping_add(u32::from(segment.syn))
        .wrapping_add(u32::from(segment.fin));
    let reset = if segment.ack {
        Segment {
            sequence: segment.acknowledgment,
            rst: true,
            ..Segment::default()
        }
    } else {
        Segment {
            acknowledgment: end,
            ack: true,
            rst: true,
            ..Segment::default()
        }
    };
    wire.emitter.segment(own, peer, &reset, wire.packet);
}
