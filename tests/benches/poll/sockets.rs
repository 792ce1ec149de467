//! Real sockets, held open.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{setsockopt, sockopt};

/// Established TCP connections (both ends of each are here), a listener, and datagram sockets.
pub(crate) struct Sockets {
    tcp: Vec<(TcpStream, TcpStream)>,
    _udp: Vec<UdpSocket>,
    listener: TcpListener,
    address: SocketAddr,
    oldest: usize,
}

impl Sockets {
    /// One socket in five is a datagram socket, but no more than this: thousands of sockets are
    /// TCP connections.
    const MOST_DATAGRAM: usize = 60;

    /// As many sockets as that.
    pub(crate) fn open(sockets: usize) -> Self {
        let limit = u64::try_from(sockets).unwrap() + 200;
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard.max(limit)).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let datagram = (sockets / 5).min(Self::MOST_DATAGRAM);
        let mut opened = Self {
            address: listener.local_addr().unwrap(),
            listener,
            tcp: Vec::new(),
            _udp: (0..datagram).map(datagram_socket).collect(),
            oldest: 0,
        };
        opened.tcp = (0..(sockets - datagram) / 2)
            .map(|_| opened.connect())
            .collect();
        opened
    }

    /// Ends the oldest `connections` by a reset, so that nothing is left of them, and opens as many.
    pub(crate) fn replace(&mut self, connections: usize) {
        for _ in 0..connections {
            let new = self.connect();
            let old = std::mem::replace(&mut self.tcp[self.oldest], new);
            let at_once = nix::libc::linger {
                l_onoff: 1,
                l_linger: 0,
            };
            setsockopt(&old.0, sockopt::Linger, &at_once).unwrap();
            self.oldest = (self.oldest + 1) % self.tcp.len();
        }
    }

    fn connect(&self) -> (TcpStream, TcpStream) {
        let near = TcpStream::connect(self.address).unwrap();
        (near, self.listener.accept().unwrap().0)
    }
}

/// Every other one has a peer.
fn datagram_socket(number: usize) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    if number.is_multiple_of(2) {
        socket.connect((Ipv4Addr::LOCALHOST, 9)).unwrap();
    }
    socket
}
