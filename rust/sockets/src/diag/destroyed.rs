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
/// Bytes of events that the kernel may keep for us: some 6,000 of them.
const QUEUE: usize = 8 << 20;
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
        let mut listener = Self {
            socket: DiagSocket::listen(GROUPS, QUEUE)?,
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
