//! The socket that sock_diag is asked through.

use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, getsockname,
    recvmsg, send, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};
use portlog_model::Table;

use super::message::{Body, Message, Messages, dump_request};

/// Bytes received at once. The kernel fills at most 32 KiB, and only as much as was offered to it
/// before.
const BUFFER: usize = 64 << 10;
/// Seconds after which an answer is given up; a dump is made while it is being received.
const TIMEOUT: i64 = 2;

/// Why a dump came to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Failure {
    /// The kernel's answer to the request.
    Refused(Errno),
    /// The table changed too much meanwhile: another try may do.
    Interrupted,
    /// The socket, or what came out of it, is of no further use.
    Broken(Errno),
}

/// A socket of `NETLINK_SOCK_DIAG`, with the memory that it receives into.
#[derive(Debug)]
pub(super) struct DiagSocket {
    fd: OwnedFd,
    port_id: u32,
    sequence: u32,
    buffer: Vec<u8>,
}

impl DiagSocket {
    /// A socket for dumps.
    pub(super) fn open() -> Result<Self, Errno> {
        let socket = Self::bound(SockFlag::SOCK_CLOEXEC, 0)?;
        setsockopt(
            &socket.fd,
            sockopt::ReceiveTimeout,
            &TimeVal::seconds(TIMEOUT),
        )?;
        Ok(socket)
    }

    /// A socket for the events of `groups` (a bit for each), which never waits.
    ///
    /// The kernel keeps events that nobody has read in `queue` bytes, or in fewer where the system
    /// sets a limit (`net.core.rmem_max`) and the caller may not pass it.
    pub(super) fn listen(groups: u32, queue: usize) -> Result<Self, Errno> {
        let socket = Self::bound(SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, groups)?;
        if setsockopt(&socket.fd, sockopt::RcvBufForce, &queue).is_err() {
            // Refused as well, the default size stays: events may be lost, which is counted.
            let _ = setsockopt(&socket.fd, sockopt::RcvBuf, &queue);
        }
        Ok(socket)
    }

    fn bound(flags: SockFlag, groups: u32) -> Result<Self, Errno> {
        let fd = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            flags,
            SockProtocol::NetlinkSockDiag,
        )?;
        bind(fd.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        let port_id = getsockname::<NetlinkAddr>(fd.as_raw_fd())?.pid();
        Ok(Self {
            fd,
            port_id,
            sequence: 0,
            buffer: vec![0; BUFFER],
        })
    }

    /// Asks for `table` and gives the payload of every socket in the answer to `each`.
    ///
    /// After anything but success what `each` got is not the table. After [`Failure::Broken`] the
    /// socket must be closed: the rest of an answer may still be on its way.
    #[inline]
    pub(super) fn dump(
        &mut self,
        table: Table,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), Failure> {
        self.sequence = self.sequence.wrapping_add(1);
        let request = dump_request(table, self.sequence);
        let sent = retried(|| send(self.fd.as_raw_fd(), &request, MsgFlags::empty()));
        match sent {
            Ok(_) => {}
            // A security module refuses the request as it is sent.
            Err(errno @ (Errno::EACCES | Errno::EPERM)) => return Err(Failure::Refused(errno)),
            Err(errno) => return Err(Failure::Broken(errno)),
        }
        let (sequence, port_id) = (self.sequence, self.port_id);
        let mut interrupted = false;
        loop {
            let received = self.receive().map_err(Failure::Broken)?;
            for message in Messages::new(received) {
                let message = message.map_err(|_| Failure::Broken(Errno::EBADMSG))?;
                if message.sequence != sequence || message.port_id != port_id {
                    continue;
                }
                interrupted |= message.interrupted;
                match message.body {
                    Body::Socket(payload) => each(payload),
                    Body::Done { errno: 0 } if interrupted => return Err(Failure::Interrupted),
                    Body::Done { errno: 0 } => return Ok(()),
                    Body::Done { errno } | Body::Error { errno } if errno != 0 => {
                        return Err(Failure::Refused(Errno::from_raw(errno)));
                    }
                    Body::Done { .. } | Body::Error { .. } | Body::Other => {}
                }
            }
        }
    }

    /// The messages of one receive, from the kernel; empty if they came from anybody else.
    pub(super) fn receive(&mut self) -> Result<&[u8], Errno> {
        let fd = self.fd.as_raw_fd();
        let (bytes, from_kernel, cut) = retried(|| {
            let mut room = [IoSliceMut::new(&mut self.buffer)];
            let received = recvmsg::<NetlinkAddr>(fd, &mut room, None, MsgFlags::empty())?;
            let from_kernel = received.address.is_some_and(|sender| sender.pid() == 0);
            let cut = received.flags.contains(MsgFlags::MSG_TRUNC);
            Ok((received.bytes, from_kernel, cut))
        })?;
        if !from_kernel {
            return Ok(&[]);
        }
        if cut {
            return Err(Errno::EMSGSIZE);
        }
        Ok(self.buffer.get(..bytes).unwrap_or_default())
    }

    /// Waits for something to receive; whether it came within so many milliseconds.
    pub(super) fn wait(&self, milliseconds: u16) -> bool {
        let mut ready = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
        retried(|| poll(&mut ready, PollTimeout::from(milliseconds))).is_ok_and(|ready| ready > 0)
    }

    /// The next events, or `None` when there are none now.
    pub(super) fn events(&mut self) -> Result<Option<impl Iterator<Item = Message<'_>>>, Errno> {
        match self.receive() {
            Ok(received) => Ok(Some(Messages::new(received).flatten())),
            Err(Errno::EAGAIN) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

fn retried<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::socket::sendto;

    use super::*;
    use crate::diag::message::{ANSWER, HEADER};

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn an_answer_that_the_kernel_did_not_send_is_not_one() {
        let mut socket = DiagSocket::open().unwrap();
        let stranger = DiagSocket::open().unwrap();
        // What the next dump expects, but from somebody else: a socket, and the end.
        let forged = [(20_u16, ANSWER, 0xEE_u8), (3, 4, 0)].map(|(kind, payload, filled)| {
            let length = u32::try_from(HEADER + payload).unwrap();
            let mut message = length.to_ne_bytes().to_vec();
            message.extend(kind.to_ne_bytes());
            message.extend(0_u16.to_ne_bytes());
            message.extend(1_u32.to_ne_bytes());
            message.extend(socket.port_id.to_ne_bytes());
            message.resize(HEADER + payload, filled);
            message
        });
        let sent = sendto(
            stranger.fd.as_raw_fd(),
            &forged.concat(),
            &NetlinkAddr::new(socket.port_id, 0),
            MsgFlags::empty(),
        );
        if let Err(errno) = sent {
            return println!("skipped: may not send to others ({errno})");
        }
        let mut payloads = Vec::new();
        let dumped = socket.dump(Table::Tcp, |payload| payloads.push(payload.to_vec()));
        assert_eq!(dumped, Ok(()));
        assert!(payloads.iter().all(|payload| payload[..4] != [0xEE; 4]));
        // It was there, and it was read: the next dump is answered as well.
        assert_eq!(socket.dump(Table::Udp, |_| {}), Ok(()));
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn an_answer_that_was_cut_is_no_table() {
        let mut socket = DiagSocket::open().unwrap();
        socket.buffer.truncate(HEADER);
        let failure = socket.dump(Table::Tcp, |_| {});
        assert_eq!(failure, Err(Failure::Broken(Errno::EMSGSIZE)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn a_protocol_without_handler_is_refused() {
        let mut socket = DiagSocket::open().unwrap();
        let mut payloads = 0;
        let failure = socket.dump(Table::Icmp, |_| payloads += 1);
        assert_eq!(failure, Err(Failure::Refused(Errno::ENOENT)));
        assert_eq!(payloads, 0);
        assert_eq!(socket.dump(Table::Tcp6, |_| {}), Ok(()));
    }
}
