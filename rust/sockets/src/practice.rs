//! A connection of our own, opened so that it is seen: the first link of a practice alert.
//!
//! Both ends are on the loopback interface and in this process. The connecting end is what is
//! practised with; the listener and the accepting end are there for its sake and are told apart as
//! our own. All are recognised by tuple and inode, never by who owns them.

use std::io;

use crate::OwnSocket;

/// A connection of our own on the loopback interface, held open until it is dropped.
#[derive(Debug)]
pub struct PracticeSockets {
    _held: sockets::Held,
    practice: OwnSocket,
    own: [OwnSocket; 2],
}

impl PracticeSockets {
    /// Opens a listener on 127.0.0.1 and connects to it. Whoever looks at the tables must know of
    /// the sockets before the next look. Fails as the system says.
    pub fn open() -> io::Result<Self> {
        sockets::open()
    }

    /// The end that connects: whose row is looked for.
    pub const fn practice(&self) -> OwnSocket {
        self.practice
    }

    /// The listener and the end that accepted.
    pub const fn own(&self) -> &[OwnSocket; 2] {
        &self.own
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod sockets {
    use std::fs::File;
    use std::io;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    use portlog_model::{Endpoint, Inode, Table};
    use socket2::{Domain, Protocol, Socket, Type};

    use super::PracticeSockets;
    use crate::OwnSocket;

    /// The listener, the connecting and the accepting end.
    pub(super) type Held = [Socket; 3];

    /// On the loopback interface a connection takes microseconds.
    const PATIENCE: Duration = Duration::from_millis(500);

    pub(super) fn open() -> io::Result<PracticeSockets> {
        let new = || Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP));
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = new()?;
        listener.bind(&any_port.into())?;
        listener.listen(1)?;
        let connecting = new()?;
        // Closed, it vanishes at once instead of waiting as TIME_WAIT.
        connecting.set_linger(Some(Duration::ZERO))?;
        connecting.connect_timeout(&listener.local_addr()?, PATIENCE)?;
        listener.set_nonblocking(true)?;
        let (accepting, _) = listener.accept()?;

        let waiting = OwnSocket {
            table: Table::Tcp,
            local: endpoint(&listener.local_addr()?)?,
            remote: Endpoint::from((Ipv4Addr::UNSPECIFIED, 0)),
            inode: inode(&listener)?,
        };
        let connected = |socket: &Socket| -> io::Result<OwnSocket> {
            Ok(OwnSocket {
                table: Table::Tcp,
                local: endpoint(&socket.local_addr()?)?,
                remote: endpoint(&socket.peer_addr()?)?,
                inode: inode(socket)?,
            })
        };
        Ok(PracticeSockets {
            practice: connected(&connecting)?,
            own: [waiting, connected(&accepting)?],
            _held: [listener, connecting, accepting],
        })
    }

    fn endpoint(address: &socket2::SockAddr) -> io::Result<Endpoint> {
        let address = address.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        Ok(Endpoint::new(address.ip(), address.port()))
    }

    fn inode(socket: &Socket) -> io::Result<Inode> {
        let file = File::from(OwnedFd::from(socket.try_clone()?));
        Inode::new(file.metadata()?.ino()).ok_or(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod sockets {
    use std::io;

    use super::PracticeSockets;

    /// There are no socket tables here to look for them in.
    pub(super) type Held = ();

    pub(super) fn open() -> io::Result<PracticeSockets> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
