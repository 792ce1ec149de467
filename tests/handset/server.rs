//! The hosts outside: they answer, hold, and hang up when they are told to.

use std::io::{ErrorKind, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::dns;
use crate::namespace::Handset;

/// Accepts connections and keeps them until the peer or an order ends them.
pub(crate) const KEEPS: u16 = 443;
/// Accepts a connection and closes it at once.
pub(crate) const CLOSES: u16 = 8443;
/// Accepts a connection and resets it at once.
pub(crate) const RESETS: u16 = 8444;
/// Takes datagrams and says nothing.
pub(crate) const SWALLOWS: u16 = 4500;
/// Answers DNS queries.
pub(crate) const RESOLVES: u16 = 53;

/// All of them, on one thread.
pub(crate) struct Servers {
    orders: Sender<Order>,
}

struct Order {
    how: HangUp,
    done: Sender<usize>,
}

#[derive(Clone, Copy)]
enum HangUp {
    Close,
    Reset,
}

impl Servers {
    /// Starts them outside of the phone, at every address there; only the one that answers DNS
    /// queries, whatever the name with `answer`, is at `resolver`.
    pub(crate) fn start(handset: &Handset, resolver: Ipv4Addr, answer: Ipv4Addr) -> Self {
        let (orders, inbox) = channel();
        let hosts = handset.outside.enter(|| Hosts {
            keeps: listener(KEEPS),
            closes: listener(CLOSES),
            resets: listener(RESETS),
            swallows: bound(Type::DGRAM, SWALLOWS).into(),
            resolves: resolver_at(resolver),
            answer,
            kept: Vec::new(),
        });
        thread::spawn(move || hosts.serve(&inbox));
        Self { orders }
    }

    /// Every host closes every connection in order; how many there were.
    pub(crate) fn close_all(&self) -> usize {
        self.order(HangUp::Close)
    }

    /// Every host resets every connection; how many there were.
    pub(crate) fn reset_all(&self) -> usize {
        self.order(HangUp::Reset)
    }

    fn order(&self, how: HangUp) -> usize {
        let (done, answer) = channel();
        self.orders.send(Order { how, done }).unwrap();
        answer.recv().unwrap()
    }
}

/// Connects from outside to the phone.
pub(crate) fn contact(handset: &Handset, from: &str, to: &str) -> TcpStream {
    let (from, to) = (address(&format!("{from}:0")), address(to));
    handset.outside.enter(|| {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
        socket.bind(&from.into()).unwrap();
        socket.connect(&to.into()).unwrap();
        socket.into()
    })
}

struct Hosts {
    keeps: TcpListener,
    closes: TcpListener,
    resets: TcpListener,
    swallows: UdpSocket,
    resolves: UdpSocket,
    answer: Ipv4Addr,
    kept: Vec<TcpStream>,
}

impl Hosts {
    fn serve(mut self, inbox: &Receiver<Order>) {
        loop {
            match inbox.try_recv() {
                Ok(Order { how, done }) => {
                    // What came in before the order is meant too.
                    self.accept();
                    let count = self.kept.len();
                    for stream in self.kept.drain(..) {
                        hang_up(stream, how);
                    }
                    let _ = done.send(count);
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
            self.accept();
            self.kept.retain_mut(is_open);
            self.answer_datagrams();
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.keeps.accept() {
            stream.set_nonblocking(true).unwrap();
            self.kept.push(stream);
        }
        while let Ok((stream, _)) = self.closes.accept() {
            hang_up(stream, HangUp::Close);
        }
        while let Ok((stream, _)) = self.resets.accept() {
            hang_up(stream, HangUp::Reset);
        }
    }

    fn answer_datagrams(&self) {
        let mut buffer = [0; 512];
        while self.swallows.recv_from(&mut buffer).is_ok() {}
        while let Ok((length, from)) = self.resolves.recv_from(&mut buffer) {
            let answer = dns::answer(&buffer[..length], self.answer);
            let _ = self.resolves.send_to(&answer, from);
        }
    }
}

/// Whether the peer has not closed.
fn is_open(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(length) => length > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

fn hang_up(stream: TcpStream, how: HangUp) {
    let socket = Socket::from(stream);
    if matches!(how, HangUp::Reset) {
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// Both families on one socket.
fn bound(kind: Type, port: u16) -> Socket {
    let socket = Socket::new(Domain::IPV6, kind, None).unwrap();
    socket.set_only_v6(false).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
        .bind(&address(&format!("[::]:{port}")).into())
        .unwrap();
    socket
}

fn listener(port: u16) -> TcpListener {
    let socket = bound(Type::STREAM, port);
    socket.listen(128).unwrap();
    socket.into()
}

/// Its answers must come from the address that was asked.
fn resolver_at(address: Ipv4Addr) -> UdpSocket {
    let socket = UdpSocket::bind((address, RESOLVES)).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
