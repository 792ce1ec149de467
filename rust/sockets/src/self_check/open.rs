//! Opens the sockets of the self-check.

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use elsewhere::{Held, is_alive, own_socket};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use linux::{Held, is_alive, own_socket};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::io;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    use portlog_model::{Endpoint, Inode, Protocol, Table};
    use socket2::{Domain, Socket, Type};

    use crate::OwnSocket;

    /// Connecting to oneself takes microseconds; a firewall that drops it must not stop the watch.
    const PATIENCE: Duration = Duration::from_millis(200);
    /// UDP-Lite (RFC 3828) as a protocol number.
    const UDPLITE: i32 = 136;
    /// Raw sockets of protocol 255 can send and receive nothing.
    const RAW: i32 = 255;

    /// A socket that is there to be found, and for nothing else.
    pub(in super::super) type Held = Socket;

    /// A socket for `table` on the loopback address, connected to itself; the error number where
    /// there can be none.
    pub(in super::super) fn own_socket(table: Table) -> Result<(Held, OwnSocket), Option<i32>> {
        opened(table).map_err(|error| error.raw_os_error())
    }

    /// Whether it still is what it was opened as. The system may close any socket under us.
    pub(in super::super) fn is_alive(socket: &Held) -> bool {
        socket.peer_addr().is_ok()
    }

    fn opened(table: Table) -> io::Result<(Socket, OwnSocket)> {
        let (domain, loopback) = if table.is_v6() {
            (Domain::IPV6, IpAddr::V6(Ipv6Addr::LOCALHOST))
        } else {
            (Domain::IPV4, IpAddr::V4(Ipv4Addr::LOCALHOST))
        };
        let (kind, protocol) = match table.protocol() {
            Protocol::Tcp => (Type::STREAM, socket2::Protocol::TCP),
            Protocol::Udp => (Type::DGRAM, socket2::Protocol::UDP),
            Protocol::UdpLite => (Type::DGRAM, UDPLITE.into()),
            Protocol::Raw => (Type::RAW, RAW.into()),
            Protocol::Icmp if table.is_v6() => (Type::DGRAM, socket2::Protocol::ICMPV6),
            Protocol::Icmp => (Type::DGRAM, socket2::Protocol::ICMPV4),
        };
        let socket = Socket::new(domain, kind, Some(protocol))?;
        if table.is_v6() && table.protocol() != Protocol::Raw {
            socket.set_only_v6(true)?;
        }
        socket.bind(&SocketAddr::new(loopback, 0).into())?;
        let local = ip_address(&socket.local_addr()?)?;
        if table.protocol() == Protocol::Tcp {
            // Closed, it vanishes at once instead of waiting as TIME_WAIT.
            socket.set_linger(Some(Duration::ZERO))?;
            socket.connect_timeout(&local.into(), PATIENCE)?;
        } else {
            socket.connect(&local.into())?;
        }
        let remote = ip_address(&socket.peer_addr()?)?;
        let remote_port = match table.protocol() {
            // No table gives the remote port of a raw socket.
            Protocol::Raw => 0,
            _ => remote.port(),
        };
        let own = OwnSocket {
            table,
            local: Endpoint::new(local.ip(), local.port()),
            remote: Endpoint::new(remote.ip(), remote_port),
            inode: inode(&socket)?,
        };
        Ok((socket, own))
    }

    fn ip_address(address: &socket2::SockAddr) -> io::Result<SocketAddr> {
        address.as_socket().ok_or(io::ErrorKind::Unsupported.into())
    }

    fn inode(socket: &Socket) -> io::Result<Inode> {
        let file = std::fs::File::from(OwnedFd::from(socket.try_clone()?));
        Inode::new(file.metadata()?.ino()).ok_or(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod elsewhere {
    use std::convert::Infallible;

    use portlog_model::Table;

    use crate::OwnSocket;

    /// There are no socket tables here to look for it in.
    pub(in super::super) type Held = Infallible;

    pub(in super::super) fn own_socket(_table: Table) -> Result<(Held, OwnSocket), Option<i32>> {
        Err(None)
    }

    pub(in super::super) fn is_alive(socket: &Held) -> bool {
        match *socket {}
    }
}
