//! Who began a connection, as far as the rows tell.
//!
//! - `SYN_SENT` was seen: this machine. `SYN_RECV` was seen: the peer. Both are the handshake itself
//!   and outweigh everything else; `SYN_SENT` also where `SYN_RECV` follows (both began).
//! - A listener held the local port: the peer. A listener is one on the same address or on the
//!   wildcard address, where `[::]` also takes IPv4 and `0.0.0.0` no IPv6. It counts if it is there,
//!   in whatever order the rows stand. One that is gone counts for ports outside the ephemeral
//!   range; inside, the kernel may have given the port to a client since.
//! - It was seen to open, from an ephemeral port on which no listener was ever seen at any address,
//!   while no table that could hold one was hidden: this machine.
//! - Else it is unknown, and stays so: what a listener that comes later means for it is not known.
//!
//! A datagram socket without a peer counts as a listener, except for the same socket (by inode) when
//! it is connected later. The "ports" of raw and ICMP sockets are no ports, so that nothing can be
//! said about these.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashSet;
use portlog_model::{Direction, Endpoint, Inode, Protocol, SocketRow, SocketState, Table, Tuple};

use super::store::Slot;
use super::{PerTable, Round, SocketTable, TableSet};

impl SocketTable {
    /// Sets the direction of what is new, and of what a handshake was seen of.
    pub(super) fn direct(&mut self, round: &Round) {
        for index in 0..self.scratch.opened.len() {
            let Some((slot, entry)) = self
                .scratch
                .opened
                .get(index)
                .and_then(|slot| Some((*slot, *self.store.entry(*slot)?)))
            else {
                continue;
            };
            let connection = &entry.connection;
            let was_seen_to_open = self.looks.of(connection.table).last_proven.is_some();
            let direction = self.direction_at_opening(
                round,
                &connection.tuple(),
                connection.inode,
                was_seen_to_open,
            );
            if let Some(entry) = self.store.entry_mut(slot) {
                entry.connection.direction = direction;
            }
            self.heed_handshake(slot);
        }
        for index in 0..self.scratch.touched.len() {
            if let Some(slot) = self.scratch.touched.get(index).map(|touched| touched.slot) {
                self.heed_handshake(slot);
            }
        }
    }

    /// Who began a connection of which no handshake was seen.
    pub(super) fn direction_at_opening(
        &self,
        round: &Round,
        tuple: &Tuple,
        inode: Option<Inode>,
        was_seen_to_open: bool,
    ) -> Direction {
        if !has_ports(tuple.protocol) || tuple.remote.is_unset() {
            return Direction::Unknown;
        }
        let port = tuple.local.port();
        let is_ephemeral = self.settings.ephemeral_ports.contains(&port);
        if self.ports.any(tuple.protocol, port) {
            let is_held = self.has_listener(tuple, inode)
                || (!is_ephemeral && self.ports.held(tuple.protocol, &tuple.local));
            return if is_held {
                Direction::In
            } else {
                Direction::Unknown
            };
        }
        let is_out =
            was_seen_to_open && is_ephemeral && !hides_listeners(round.listeners_hidden, tuple);
        if is_out {
            Direction::Out
        } else {
            Direction::Unknown
        }
    }

    /// The handshake itself outweighs what else was concluded.
    fn heed_handshake(&mut self, slot: Slot) {
        let Some(entry) = self.store.entry_mut(slot) else {
            return;
        };
        if entry.syn_sent {
            entry.connection.direction = Direction::Out;
        } else if entry.syn_recv {
            entry.connection.direction = Direction::In;
        }
    }

    /// Whether a listener that another socket than the one with `inode` is may have taken it.
    fn has_listener(&self, tuple: &Tuple, inode: Option<Inode>) -> bool {
        let port = tuple.local.port();
        let any_v4 = Endpoint::from((Ipv4Addr::UNSPECIFIED, port));
        let any_v6 = Endpoint::from((Ipv6Addr::UNSPECIFIED, port));
        let no_v4 = Endpoint::from((Ipv4Addr::UNSPECIFIED, 0));
        let no_v6 = Endpoint::from((Ipv6Addr::UNSPECIFIED, 0));
        // An IPv6 socket may be bound to an IPv4 address; its peer is then unset in IPv6.
        let ends: &[(Endpoint, Endpoint)] = match tuple.local.address() {
            IpAddr::V4(_) => &[
                (tuple.local, no_v4),
                (tuple.local, no_v6),
                (any_v4, no_v4),
                (any_v4, no_v6),
                (any_v6, no_v6),
            ],
            IpAddr::V6(_) => &[(tuple.local, no_v6), (any_v6, no_v6)],
        };
        ends.iter().any(|&(local, remote)| {
            let listeners = Tuple {
                protocol: tuple.protocol,
                local,
                remote,
            };
            self.store
                .chain(listeners)
                .filter_map(|slot| self.store.entry(slot))
                .any(|entry| {
                    let listener = &entry.connection;
                    listener.is_listener() && (inode.is_none() || listener.inode != inode)
                })
        })
    }
}

/// The local ends on which listeners were ever seen. Bounded: wildcards, which most are, cost a bit;
/// of others as many as [`ListenerPorts::MANY`] are kept, and of the rest their ports.
#[derive(Debug, Default)]
pub(super) struct ListenerPorts {
    tcp: Ports,
    udp: Ports,
    udplite: Ports,
}

impl ListenerPorts {
    /// How many ends with an address are remembered per protocol.
    const MANY: usize = 4_096;

    /// Remembers the row if it is a listener's.
    pub(super) fn note(&mut self, row: &SocketRow) {
        let protocol = row.table.protocol();
        let waits = match protocol {
            Protocol::Tcp => row.state == SocketState::Listen,
            _ => row.state != SocketState::Established,
        };
        let ports = match protocol {
            Protocol::Tcp => &mut self.tcp,
            Protocol::Udp => &mut self.udp,
            Protocol::UdpLite => &mut self.udplite,
            Protocol::Raw | Protocol::Icmp => return,
        };
        if !waits || !row.remote.is_unset() {
            return;
        }
        let port = row.local.port();
        ports.any.insert(port);
        match row.local.address() {
            IpAddr::V4(address) if address.is_unspecified() => ports.any_v4.insert(port),
            IpAddr::V6(address) if address.is_unspecified() => ports.any_v6.insert(port),
            _ if ports.ends.len() < Self::MANY => {
                ports.ends.insert(row.local);
            }
            _ => {}
        }
    }

    /// Whether a listener was ever seen on this port, at any address.
    fn any(&self, protocol: Protocol, port: u16) -> bool {
        self.of(protocol).is_some_and(|ports| ports.any.has(port))
    }

    /// Whether a listener was ever seen that held this end.
    fn held(&self, protocol: Protocol, local: &Endpoint) -> bool {
        let port = local.port();
        self.of(protocol).is_some_and(|ports| {
            ports.any_v6.has(port)
                || (local.address().is_ipv4() && ports.any_v4.has(port))
                || ports.ends.contains(local)
        })
    }

    const fn of(&self, protocol: Protocol) -> Option<&Ports> {
        match protocol {
            Protocol::Tcp => Some(&self.tcp),
            Protocol::Udp => Some(&self.udp),
            Protocol::UdpLite => Some(&self.udplite),
            Protocol::Raw | Protocol::Icmp => None,
        }
    }
}

#[derive(Debug, Default)]
struct Ports {
    any: PortSet,
    any_v4: PortSet,
    any_v6: PortSet,
    ends: HashSet<Endpoint>,
}

/// A set of ports: nothing while empty, 8 KiB then.
#[derive(Debug, Default)]
struct PortSet(Vec<u64>);

impl PortSet {
    const WORDS: usize = (u16::MAX as usize + 1) / u64::BITS as usize;

    fn insert(&mut self, port: u16) {
        if self.0.is_empty() {
            self.0.resize(Self::WORDS, 0);
        }
        let (word, bit) = Self::place(port);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn has(&self, port: u16) -> bool {
        let (word, bit) = Self::place(port);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    const fn place(port: u16) -> (usize, u64) {
        (
            port as usize / u64::BITS as usize,
            1 << (port as u32 % u64::BITS),
        )
    }
}

const fn has_ports(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Tcp | Protocol::Udp | Protocol::UdpLite)
}

/// Whether one of the tables that could hold a listener for this end could not be read.
fn hides_listeners(hidden: TableSet, tuple: &Tuple) -> bool {
    Table::ALL.into_iter().any(|table| {
        table.protocol() == tuple.protocol
            && (table.is_v6() || tuple.local.address().is_ipv4())
            && hidden.contains(table)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_set_holds_what_was_put_in() {
        let mut ports = PortSet::default();
        assert!(!ports.has(0) && !ports.has(u16::MAX));
        for port in [0, 63, 64, 32_768, u16::MAX] {
            ports.insert(port);
        }
        let held: Vec<u16> = (0..=u16::MAX).filter(|port| ports.has(*port)).collect();
        assert_eq!(held, [0, 63, 64, 32_768, u16::MAX]);
    }

    #[test]
    fn ends_are_bounded_and_their_ports_are_not_forgotten() {
        let mut ports = ListenerPorts::default();
        for number in 0..=u16::MAX {
            let row = SocketRow::from_kernel(
                Table::Tcp,
                SocketState::Listen,
                Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), number)),
                Endpoint::from((Ipv4Addr::UNSPECIFIED, 0)),
                0,
                1,
            );
            ports.note(&row);
        }
        assert_eq!(ports.tcp.ends.len(), ListenerPorts::MANY);
        assert!(ports.any(Protocol::Tcp, u16::MAX));
    }
}
