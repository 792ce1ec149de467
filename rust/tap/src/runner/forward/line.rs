//! A socket to a server: over UDP it carries a few questions, over TCP one.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, socket};

use crate::{Chance, QueryId, dns};

#[derive(Debug)]
pub(super) struct Line {
    server: usize,
    socket: Socket,
    /// By the id that each has upstream.
    asks: BTreeMap<u16, QueryId>,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Tcp {
        stream: TcpStream,
        unsent: Vec<u8>,
        received: Vec<u8>,
    },
}

/// What reading brought.
#[derive(Debug)]
pub(super) enum Heard {
    Message(QueryId, Vec<u8>),
    /// Something with an id that nothing has.
    Stray,
    Nothing,
    /// Nothing comes over this socket any more.
    Broken,
}

impl Line {
    pub(super) fn open(address: SocketAddr, server: usize, is_tcp: bool) -> io::Result<Self> {
        let socket = if is_tcp {
            Socket::Tcp {
                stream: begin(address)?,
                unsent: Vec::new(),
                received: Vec::new(),
            }
        } else {
            let any = match address {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            let socket = UdpSocket::bind(any)?;
            socket.set_nonblocking(true)?;
            // From now on the kernel refuses what comes from elsewhere.
            socket.connect(address)?;
            Socket::Udp(socket)
        };
        Ok(Self {
            server,
            socket,
            asks: BTreeMap::new(),
        })
    }

    pub(super) fn server(&self) -> usize {
        self.server
    }

    pub(super) fn is_tcp(&self) -> bool {
        matches!(self.socket, Socket::Tcp { .. })
    }

    pub(super) fn is_used(&self) -> bool {
        !self.asks.is_empty()
    }

    pub(super) fn carries(&self, id: QueryId) -> bool {
        self.asks.values().any(|ask| *ask == id)
    }

    pub(super) fn asks(self) -> impl Iterator<Item = QueryId> {
        self.asks.into_values()
    }

    pub(super) fn drop_ask(&mut self, id: QueryId) {
        self.asks.retain(|_, ask| *ask != id);
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Udp(socket) => socket.as_fd(),
            Socket::Tcp { stream, .. } => stream.as_fd(),
        }
    }

    pub(super) fn waits_for(&self) -> PollFd<'_> {
        let flags = match &self.socket {
            Socket::Tcp { unsent, .. } if !unsent.is_empty() => PollFlags::POLLOUT,
            Socket::Tcp { .. } | Socket::Udp(_) => PollFlags::POLLIN,
        };
        PollFd::new(self.fd(), flags)
    }

    /// Sends a question under a random id.
    pub(super) fn send(
        &mut self,
        id: QueryId,
        message: &[u8],
        chance: &mut Chance,
    ) -> Result<(), ()> {
        // A line carries far fewer than there are ids.
        let upstream = loop {
            let [high, low, ..] = chance().to_ne_bytes();
            let drawn = u16::from_ne_bytes([high, low]);
            if !self.asks.contains_key(&drawn) {
                break drawn;
            }
        };
        self.asks.insert(upstream, id);
        self.write(upstream, message)
    }

    /// Sends a question once more that it carries already.
    pub(super) fn send_again(&mut self, id: QueryId, message: &[u8]) -> Result<(), ()> {
        if self.is_tcp() {
            return Ok(());
        }
        let upstream = self
            .asks
            .iter()
            .find(|(_, ask)| **ask == id)
            .map(|(upstream, _)| *upstream);
        upstream.map_or(Err(()), |upstream| self.write(upstream, message))
    }

    /// Reads what there is, one message at most.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Heard {
        match &mut self.socket {
            Socket::Udp(socket) => match socket.recv(buffer) {
                Ok(length) => {
                    let message = buffer.get(..length).unwrap_or_default();
                    self.asks
                        .get(&dns::id(message))
                        .map_or(Heard::Stray, |id| Heard::Message(*id, message.to_vec()))
                }
                Err(error) => not_now(&error),
            },
            Socket::Tcp {
                stream,
                unsent,
                received,
            } => {
                if let Err(error) = write_on(stream, unsent) {
                    return not_now(&error);
                }
                loop {
                    if let Some((length, rest)) = received.split_first_chunk()
                        && let Some(message) = rest.get(..u16::from_be_bytes(*length).into())
                    {
                        let message = message.to_vec();
                        received.clear();
                        return self
                            .asks
                            .get(&dns::id(&message))
                            .map_or(Heard::Broken, |id| Heard::Message(*id, message));
                    }
                    match stream.read(buffer) {
                        Ok(0) => return Heard::Broken,
                        // At most one message and what followed it in one read.
                        Ok(length) => {
                            received.extend_from_slice(buffer.get(..length).unwrap_or_default());
                        }
                        Err(error) => return not_now(&error),
                    }
                }
            }
        }
    }

    fn write(&mut self, upstream: u16, message: &[u8]) -> Result<(), ()> {
        let mut message = message.to_vec();
        dns::set_id(&mut message, upstream);
        match &mut self.socket {
            Socket::Udp(socket) => match socket.send(&message) {
                Ok(_) => Ok(()),
                // The device beneath is busy; it is asked again in time.
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
                Err(_) => Err(()),
            },
            Socket::Tcp { unsent, .. } => {
                let length = u16::try_from(message.len()).map_err(|_| ())?;
                unsent.extend_from_slice(&length.to_be_bytes());
                unsent.extend_from_slice(&message);
                Ok(())
            }
        }
    }
}

fn not_now(error: &io::Error) -> Heard {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::NotConnected => Heard::Nothing,
        _ => Heard::Broken,
    }
}

fn write_on(stream: &mut TcpStream, unsent: &mut Vec<u8>) -> io::Result<()> {
    while !unsent.is_empty() {
        let length = stream.write(unsent)?;
        unsent.drain(..length.min(unsent.len()));
    }
    Ok(())
}

/// Begins a connection without waiting for it.
fn begin(address: SocketAddr) -> io::Result<TcpStream> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(family, SockType::Stream, flags, None)?;
    match connect(
        std::os::fd::AsRawFd::as_raw_fd(&socket),
        &SockaddrStorage::from(address),
    ) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(TcpStream::from(socket)),
        Err(errno) => Err(errno.into()),
    }
}
