//! The kernel's word on sockets that are gone.
//!
//! Linux 4.2 and later multicast an event for every TCP and UDP socket that is freed, to whoever
//! joined the group (`SKNLGRP_INET_TCP_DESTROY` and its kin). It is the only way to learn of a
//! connection that began and ended between two polls. Older kernels let a socket join groups that
//! they do not have and never say a word; whether this one speaks is therefore found out by closing
//! a socket of each kind.

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use portlog_model::{BootTime, Table};

use super::message::{Body, destroyed_socket};
use super::netlink::DiagSocket;
use crate::{DestroyEvents, Destroyed};

/// The groups 1 to 4: TCP and UDP of both families, a bit for each.
const GROUPS: u32 = 0b1111;
/// Bytes of events that the kernel may keep for us. It counts 640 for each and doubles what is
/// asked for: 13,000 events, where the system's limit does not stand against it.
const QUEUE: usize = 4 << 20;
/// How many events are kept until the next poll; more stay with the kernel.
const MAX_KEPT: usize = 65_536;
/// Milliseconds after which a kernel that has not spoken does not have the groups.
const PATIENCE: u16 = 200;

const KINDS: [(Table, AddressFamily, SockType); 4] = [
    (Table::Tcp, AddressFamily::Inet, SockType::Stream),
    (Table::Tcp6, AddressFamily::Inet6, SockType::Stream),
    (Table::Udp, AddressFamily::Inet, SockType::Datagram),
    (Table::Udp6, AddressFamily::Inet6, SockType::Datagram),
];

/// A member of the destroy groups.
#[derive(Debug)]
pub(super) struct DestroyListener {
    socket: DiagSocket,
    /// The tables whose events are known to come.
    heard: [bool; Table::ALL.len()],
    kept: Vec<Destroyed>,
    overflows: u64,
}

impl DestroyListener {
    /// Joins the groups; an error where the kernel refuses that.
    pub(super) fn join(now: BootTime) -> Result<Self, Errno> {
        Self::join_with_queue(QUEUE, now)
    }

    fn join_with_queue(queue: usize, now: BootTime) -> Result<Self, Errno> {
        let mut listener = Self {
            socket: DiagSocket::listen(GROUPS, queue)?,
            heard: [false; Table::ALL.len()],
            kept: Vec::new(),
            overflows: 0,
        };
        listener.find_out(now);
        Ok(listener)
    }

    /// Takes what the kernel has queued; `now` is the time that it is given.
    pub(super) fn drain(&mut self, now: BootTime) {
        // Bounded also where every event is of a socket that is not kept.
        for _ in self.kept.len()..MAX_KEPT {
            let messages = match self.socket.events() {
                Ok(Some(messages)) => messages,
                // The kernel dropped events, and goes on with those that still had room.
                Err(Errno::ENOBUFS) => {
                    self.overflows = self.overflows.saturating_add(1);
                    continue;
                }
                Ok(None) | Err(_) => return,
            };
            for message in messages {
                let Body::Socket(payload) = message.body else {
                    continue;
                };
                let Ok((table, tuple, cookie)) = destroyed_socket(payload) else {
                    continue;
                };
                if let Some(heard) = self.heard.get_mut(table.index()) {
                    *heard = true;
                }
                // A socket that never had a port never was in a table.
                if tuple.local.port() != 0 {
                    self.kept.push(Destroyed {
                        tuple,
                        table,
                        cookie,
                        at: now,
                    });
                }
            }
        }
    }

    /// Moves what was drained so far to `destroyed`, oldest first.
    pub(super) fn take(&mut self, destroyed: &mut Vec<Destroyed>) {
        destroyed.append(&mut self.kept);
    }

    /// What can be said about the events of `table`.
    pub(super) fn events(&self, table: Table) -> DestroyEvents {
        if !KINDS.iter().any(|(kind, ..)| *kind == table) {
            return DestroyEvents::NotAsked;
        }
        match self.heard.get(table.index()) {
            Some(true) => DestroyEvents::Received {
                overflows: self.overflows,
            },
            _ => DestroyEvents::Refused { errno: None },
        }
    }

    /// What is to be said about the events of `table` where the groups could not be joined.
    pub(super) fn refused(table: Table, errno: Errno) -> DestroyEvents {
        if KINDS.iter().any(|(kind, ..)| *kind == table) {
            DestroyEvents::Refused {
                errno: Some(errno as i32),
            }
        } else {
            DestroyEvents::NotAsked
        }
    }

    /// Closes a socket of each kind and waits until the kernel has said so, for each.
    fn find_out(&mut self, now: BootTime) {
        let closed = KINDS.map(|(table, family, kind)| {
            // Without sockets of this family there is nothing to hear of.
            let opened = socket(family, kind, SockFlag::SOCK_CLOEXEC, None).is_ok();
            (table, opened)
        });
        // Events of our own come within microseconds. On a busy machine other sockets' end the
        // waits early, and there may be PATIENCE of them.
        for left in (1..=PATIENCE).rev() {
            self.drain(now);
            let heard = |table: Table| self.heard.get(table.index()) == Some(&true);
            if closed
                .iter()
                .all(|&(table, opened)| !opened || heard(table))
            {
                return;
            }
            if !self.socket.wait(left) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn events_that_had_no_room_are_counted_as_a_gap() {
        let now = BootTime::from_nanos(1);
        let mut listener = match DestroyListener::join_with_queue(16 << 10, now) {
            Ok(listener) => listener,
            Err(errno) => return println!("skipped: no destroy events here ({errno})"),
        };
        if !matches!(
            listener.events(Table::Udp),
            DestroyEvents::Received { overflows: 0 }
        ) {
            return println!("skipped: this kernel tells of no destroyed sockets");
        }
        let mut lost = 0;
        for _ in 0..100 {
            for _ in 0..500 {
                drop(UdpSocket::bind("127.0.0.1:0").unwrap());
            }
            // The kernel tells of them from a thread of its own.
            sleep(Duration::from_millis(50));
            listener.drain(now);
            let DestroyEvents::Received { overflows } = listener.events(Table::Udp) else {
                panic!("the events stopped");
            };
            lost = overflows;
            if lost > 0 {
                break;
            }
        }
        assert!(lost > 0, "a full queue was never noticed");
        // What still had room is given all the same, and goes on after the gap.
        let mut destroyed = Vec::new();
        listener.take(&mut destroyed);
        assert!(destroyed.iter().any(|event| event.table == Table::Udp));
        assert!(destroyed.iter().all(|event| event.at == now));
        let marked = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = marked.local_addr().unwrap().port();
        drop(marked);
        let heard_again = (0..100).any(|_| {
            sleep(Duration::from_millis(20));
            listener.drain(now);
            destroyed.clear();
            listener.take(&mut destroyed);
            destroyed
                .iter()
                .any(|event| event.tuple.local.port() == port)
        });
        assert!(heard_again);
    }

    #[test]
    fn tables_without_a_group_are_not_asked() {
        for table in Table::ALL {
            let refused = DestroyListener::refused(table, Errno::EPERM);
            let has_group = matches!(table, Table::Tcp | Table::Tcp6 | Table::Udp | Table::Udp6);
            let expected = if has_group {
                DestroyEvents::Refused {
                    errno: Some(Errno::EPERM as i32),
                }
            } else {
                DestroyEvents::NotAsked
            };
            assert_eq!(refused, expected, "{table}");
        }
    }
}
