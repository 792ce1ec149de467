//! Processes of many users that open sockets as they are told, one order a line.
//!
//! A talker is this test program started again. It begins as root, becomes its user for good
//! before it opens any socket, and says so; sockets belong to whoever opened them.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use nix::unistd::{Gid, Uid, getresuid, setgroups, setresgid, setresuid};
use socket2::{Protocol, SockAddr, Socket, Type};

use crate::dns;
use crate::namespace::Namespace;

/// The word that starts this program as a talker.
pub(crate) const ROLE: &str = "talker";
/// The word that starts this program as another one, as another user.
pub(crate) const BECOME: &str = "become";

/// A blocking call that takes longer than this fails the test.
const PATIENCE: Duration = Duration::from_secs(30);
/// The answer where there is nothing to tell.
const DONE: &str = "done";
/// A protocol number for experiments (RFC 3692): nobody answers it.
const EXPERIMENT: i32 = 253;

/// A talker, seen from the test.
pub(crate) struct Talker {
    uid: u32,
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Talker {
    /// Starts a talker as `uid` in `namespace`.
    pub(crate) fn start(namespace: &Namespace, uid: u32) -> Self {
        let mut child = namespace.enter(|| {
            Command::new(std::env::current_exe().unwrap())
                .args([ROLE, &uid.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut talker = Self {
            uid,
            child,
            orders,
            answers,
        };
        assert_eq!(talker.answer(), format!("ok {uid} {uid} {uid}"));
        talker
    }

    /// Gives an order and returns the answer; an error of the talker fails the test.
    pub(crate) fn ask(&mut self, order: &str) -> String {
        match self.try_ask(order) {
            Ok(answer) => answer,
            Err(error) => panic!("{} cannot {order}: {error}", self.uid),
        }
    }

    /// The same where an error may be wanted.
    pub(crate) fn try_ask(&mut self, order: &str) -> Result<String, String> {
        writeln!(self.orders, "{order}").unwrap();
        let answer = self.answer();
        match answer.split_once(' ') {
            Some(("ok", rest)) => Ok(rest.to_owned()),
            Some(("error", rest)) => Err(rest.to_owned()),
            _ => panic!("{} answered {answer:?} to {order}", self.uid),
        }
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The talker itself: becomes `uid` and does what it is told until nobody tells it anything.
pub(crate) fn talk(uid: u32) {
    become_user(uid);
    let are = getresuid().unwrap();
    println!("ok {} {} {}", are.real, are.effective, are.saved);
    let mut sockets = Sockets::default();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        match sockets.obey(&words) {
            Ok(answer) => println!("ok {answer}"),
            Err(error) => println!("error {:?}: {error}", error.kind()),
        }
    }
}

/// Turns this process into `program` as `uid`, without a way back.
pub(crate) fn become_program(uid: u32, program: &str, arguments: &[String]) -> ! {
    // Opened as root: the user may have no way through the folders above it.
    let file = std::fs::File::open(program).unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    become_user(uid);
    let error = Command::new(path).arg0(program).args(arguments).exec();
    panic!("cannot run {program} as {uid}: {error}");
}

pub(crate) fn become_user(uid: u32) {
    setgroups(&[]).unwrap();
    let (gid, uid) = (Gid::from_raw(uid), Uid::from_raw(uid));
    setresgid(gid, gid, gid).unwrap();
    setresuid(uid, uid, uid).unwrap();
}

#[derive(Default)]
struct Sockets {
    held: Vec<Socket>,
    listeners: Vec<Socket>,
}

impl Sockets {
    fn obey(&mut self, words: &[&str]) -> std::io::Result<String> {
        match *words {
            ["tcp", remote] => {
                let socket = tcp(remote)?;
                self.hold(socket)
            }
            ["udp", remote] => {
                let remote = address(remote);
                let socket = Socket::new(remote.domain(), Type::DGRAM, None)?;
                socket.connect(&remote)?;
                socket.send(b"anything")?;
                self.hold(socket)
            }
            ["udp-silent", remote] => {
                let remote = address(remote);
                let socket = Socket::new(remote.domain(), Type::DGRAM, None)?;
                socket.connect(&remote)?;
                self.hold(socket)
            }
            ["raw", remote] => {
                let remote = address(remote);
                let protocol = Some(Protocol::from(EXPERIMENT));
                let socket = Socket::new(remote.domain(), Type::RAW, protocol)?;
                socket.connect(&remote)?;
                self.held.push(socket);
                Ok(DONE.to_owned())
            }
            ["begin", remote] => {
                let remote = address(remote);
                let socket = Socket::new(remote.domain(), Type::STREAM, None)?;
                socket.set_nonblocking(true)?;
                match socket.connect(&remote) {
                    Err(error) if error.raw_os_error() == Some(nix::libc::EINPROGRESS) => {}
                    other => panic!("a connection to a silent host: {other:?}"),
                }
                self.hold(socket)
            }
            ["brief", remote] => end_of(&tcp(remote)?),
            // A call that waits for the handshake; all others here wait by themselves.
            ["wait-for", remote] => TcpStream::connect(remote).map(|_| DONE.to_owned()),
            ["brief", remote, "reset"] => {
                let socket = tcp(remote)?;
                socket.set_linger(Some(Duration::ZERO))?;
                end_of(&socket)
            }
            ["brief", remote, "peer-ends"] => {
                let was_reset = |error: &std::io::Error| error.kind() == ErrorKind::ConnectionReset;
                match tcp(remote).and_then(|mut socket| socket.read(&mut [0; 16])) {
                    Ok(0) => Ok(DONE.to_owned()),
                    // It may come while the call that connects still waits.
                    Err(error) if was_reset(&error) => Ok(DONE.to_owned()),
                    other => panic!("the peer did not hang up: {other:?}"),
                }
            }
            ["listen", local] => {
                let local = address(local);
                let socket = Socket::new(local.domain(), Type::STREAM, None)?;
                socket.set_reuse_address(true)?;
                socket.bind(&local)?;
                socket.listen(16)?;
                self.listeners.push(socket);
                Ok(DONE.to_owned())
            }
            ["accept", local] => {
                let wanted = address(local);
                let listener = self
                    .listeners
                    .iter()
                    .find(|socket| socket.local_addr().unwrap() == wanted)
                    .unwrap();
                let (socket, _) = listener.accept()?;
                self.hold(socket)
            }
            ["resolve", server, name] => self.resolve(server, name, false),
            ["resolve", server, name, "connected"] => self.resolve(server, name, true),
            ["close"] => {
                self.held.clear();
                Ok(DONE.to_owned())
            }
            ["close", local] => {
                let local = address(local);
                self.held
                    .retain(|socket| socket.local_addr().unwrap() != local);
                Ok(DONE.to_owned())
            }
            _ => panic!("no such order: {words:?}"),
        }
    }

    fn resolve(&mut self, server: &str, name: &str, connected: bool) -> std::io::Result<String> {
        let (socket, told) = resolve(server, name, connected)?;
        self.held.push(socket.into());
        Ok(told.to_string())
    }

    fn hold(&mut self, socket: Socket) -> std::io::Result<String> {
        let local = end_of(&socket)?;
        self.held.push(socket);
        Ok(local)
    }
}

fn tcp(remote: &str) -> std::io::Result<Socket> {
    let remote = address(remote);
    let socket = Socket::new(remote.domain(), Type::STREAM, None)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect_timeout(&remote, PATIENCE)?;
    Ok(socket)
}

/// Asks for a name and returns the address told; a connected socket is how the C library does it.
fn resolve(server: &str, name: &str, connected: bool) -> std::io::Result<(UdpSocket, Ipv4Addr)> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.set_read_timeout(Some(PATIENCE))?;
    if connected {
        socket.connect(server)?;
        socket.send(&dns::query(name))?;
    } else {
        socket.send_to(&dns::query(name), server)?;
    }
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer)?;
    Ok((socket, dns::address(&answer[..length])))
}

fn end_of(socket: &Socket) -> std::io::Result<String> {
    Ok(socket.local_addr()?.as_socket().unwrap().to_string())
}

fn address(text: &str) -> SockAddr {
    text.parse::<SocketAddr>().unwrap().into()
}
