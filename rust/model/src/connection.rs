//! A tuple over its life, and what two polls say about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Cookie, Endpoint, Inode, Moment, Protocol, SocketRow, SocketState, Table, Uid};

/// Protocol and both ends: what identifies a connection as long as no two sockets share it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tuple {
    /// What is spoken.
    pub protocol: Protocol,
    /// This machine's end.
    pub local: Endpoint,
    /// The peer's end.
    pub remote: Endpoint,
}

impl From<&SocketRow> for Tuple {
    fn from(row: &SocketRow) -> Self {
        Self {
            protocol: row.table.protocol(),
            local: row.local,
            remote: row.remote,
        }
    }
}

/// A number for one connection within one run; never used twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// The id with this number.
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Who began.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// This machine: `SYN_SENT` was seen, or the socket was seen to open from an ephemeral port on
    /// which no listener was ever seen.
    Out,
    /// The peer: a listener held the local port.
    In,
    /// Neither can be said.
    Unknown,
}

impl Direction {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A connection as known after a poll. Plain data: copying it allocates nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Connection {
    /// The run's number for it.
    pub id: ConnectionId,
    /// The kernel table of its latest row.
    pub table: Table,
    /// The latest state.
    pub state: SocketState,
    /// Who began.
    pub direction: Direction,
    /// Whether this is a socket of the agent's own self-check (recognised by tuple and inode).
    pub own: bool,
    /// Whether this is the practice connection that the user asked for.
    pub practice: bool,
    /// This machine's end.
    pub local: Endpoint,
    /// The peer's end.
    pub remote: Endpoint,
    /// The owner, remembered where the kernel stopped telling it.
    pub uid: Option<Uid>,
    /// The inode, remembered likewise.
    pub inode: Option<Inode>,
    /// The cookie, remembered likewise.
    pub cookie: Option<Cookie>,
    /// The poll in which it was first seen.
    pub first_seen: Moment,
}

impl Connection {
    /// What is spoken.
    pub const fn protocol(&self) -> Protocol {
        self.table.protocol()
    }

    /// Protocol and both ends.
    pub const fn tuple(&self) -> Tuple {
        Tuple {
            protocol: self.table.protocol(),
            local: self.local,
            remote: self.remote,
        }
    }

    /// Whether this waits for peers: a TCP listener, or a datagram socket without a peer.
    pub const fn is_listener(&self) -> bool {
        match self.protocol() {
            Protocol::Tcp => matches!(self.state, SocketState::Listen),
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp => {
                self.remote.is_unset() && !matches!(self.state, SocketState::Established)
            }
        }
    }
}

/// What became of a connection between two good looks at its table.
///
/// `after` is the last good look before, `by` the one that showed it: what happened, happened in
/// between. `after` is `None` for what was there at the first look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// Seen for the first time.
    Opened {
        /// The connection.
        connection: Connection,
        /// The last good look at which it was not there.
        after: Option<Moment>,
        /// The look that showed it.
        by: Moment,
    },
    /// Its state, owner or inode became another, or known.
    Changed {
        /// The connection as it is now.
        connection: Connection,
        /// The state before.
        was: SocketState,
        /// The last good look before.
        after: Option<Moment>,
        /// The look that showed it.
        by: Moment,
    },
    /// Gone.
    Closed {
        /// The connection as last seen.
        connection: Connection,
        /// The last look at which it was there.
        after: Option<Moment>,
        /// The first look at which it was not, or the time of the kernel's destroy event.
        by: Moment,
    },
}

impl Change {
    /// The connection that it is about.
    pub const fn connection(&self) -> &Connection {
        match self {
            Self::Opened { connection, .. }
            | Self::Changed { connection, .. }
            | Self::Closed { connection, .. } => connection,
        }
    }
}
