//! Real sockets, held open by a process of their own.
//!
//! Not by the one that measures: every command that it starts would begin with a copy of its table
//! of thousands of open files.

use std::io::{BufRead, BufReader, Write as _, stdin, stdout};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{setsockopt, sockopt};

/// The word that makes of this program the one that holds the sockets, before their number.
pub(crate) const HOLD: &str = "--hold";

/// The process that holds the sockets; it ends when this is dropped.
pub(crate) struct Sockets {
    holder: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Sockets {
    /// Opens as many.
    pub(crate) fn open(sockets: usize) -> Self {
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args([HOLD, &sockets.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut sockets = Self {
            orders: holder.stdin.take().unwrap(),
            answers: BufReader::new(holder.stdout.take().unwrap()),
            holder,
        };
        sockets.wait();
        sockets
    }

    /// Ends the oldest `connections` by a reset, so that nothing is left of them, and opens as many.
    pub(crate) fn replace(&mut self, connections: usize) {
        writeln!(self.orders, "{connections}").unwrap();
        self.wait();
    }

    fn wait(&mut self) {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "the sockets could not be opened");
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Holds sockets until nobody gives orders any more.
pub(crate) fn hold(sockets: usize) {
    let mut held = Held::open(sockets);
    let answer = || {
        stdout().write_all(b"done\n").unwrap();
        stdout().flush().unwrap();
    };
    answer();
    for order in stdin().lines() {
        held.replace(order.unwrap().parse().unwrap());
        answer();
    }
}

/// Established TCP connections (both ends of each are here), a listener, and datagram sockets.
struct Held {
    tcp: Vec<(TcpStream, TcpStream)>,
    _udp: Vec<UdpSocket>,
    listener: TcpListener,
    address: SocketAddr,
    oldest: usize,
}

impl Held {
    /// One socket in five is a datagram socket, but no more than this: thousands of sockets are
    /// TCP connections.
    const MOST_DATAGRAM: usize = 60;

    fn open(sockets: usize) -> Self {
        let limit = u64::try_from(sockets).unwrap() + 200;
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard.max(limit)).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let datagram = (sockets / 5).min(Self::MOST_DATAGRAM);
        let mut held = Self {
            address: listener.local_addr().unwrap(),
            listener,
            tcp: Vec::new(),
            _udp: (0..datagram).map(datagram_socket).collect(),
            oldest: 0,
        };
        held.tcp = (0..(sockets - datagram) / 2)
            .map(|_| held.connect())
            .collect();
        held
    }

    fn replace(&mut self, connections: usize) {
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
