//! A network namespace for a test, and real sockets in it, on documentation addresses.
//!
//! A test enters the namespace by running itself again as a child of `unshare`: the tables below
//! `/proc/net` are those of a process, so a thread of the test program would not do.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use nix::unistd::{Gid, Uid, setfsuid};
use portlog_model::{Endpoint, Inode, SocketRow, SocketState, Table};
use socket2::{Domain, Protocol, Socket, Type};

const INSIDE: &str = "PORTLOG_TEST_NAMESPACE";

/// Runs `body` in a new network namespace, where 192.0.2.1, 198.51.100.7 and 2001:db8::1 are this
/// machine and 203.0.113.0/24 is a network in which nobody answers.
///
/// `test` is the name of the calling test with its module. Where no namespace can be made, the test says so and
/// does nothing.
pub(crate) fn in_namespace(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        shell(
            "ip link set lo up
             ip address add 192.0.2.1/24 dev lo
             ip address add 198.51.100.7/24 dev lo
             ip address add 2001:db8::1/64 dev lo nodad
             ip route add 203.0.113.0/24 dev lo src 198.51.100.7
             echo '0 0' > /proc/sys/net/ipv4/ping_group_range",
        );
        return body();
    }
    let unshare = || {
        let mut unshare = Command::new("unshare");
        if !Uid::effective().is_root() {
            unshare.args(["--user", "--map-root-user"]);
        }
        unshare.arg("--net");
        unshare
    };
    let possible = unshare()
        .args(["ip", "link", "set", "lo", "up"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !possible {
        println!("skipped {test}: needs root or user namespaces, with unshare and ip");
        return;
    }
    // A namespace takes the size of its TCP table from the one that it was made in. The default of a
    // big machine makes reading it, line by line, slower than a phone's by far.
    let output = unshare()
        .args([
            "sh",
            "-c",
            "echo 1024 > /proc/sys/net/ipv4/tcp_child_ehash_entries; exec unshare --net \"$@\"",
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "in the namespace:\n{out}\n{err}");
    assert!(out.contains("1 passed"), "no test is called {test}:\n{out}");
    for line in out.lines().filter(|line| line.starts_with("skipped")) {
        println!("{line}");
    }
}

/// Runs a script that must not fail.
pub(crate) fn shell(script: &str) {
    let status = Command::new("sh").args(["-ec", script]).status().unwrap();
    assert!(status.success(), "{script}");
}

/// Runs `body` with the file system UID `uid` (of this thread only): sockets opened in it have this
/// owner, and files are denied to it as to anybody. As it is where this is not root.
pub(crate) fn as_user<T>(uid: u32, body: impl FnOnce() -> T) -> T {
    if !Uid::effective().is_root() {
        return body();
    }
    let before = setfsuid(Uid::from_raw(uid));
    let result = body();
    setfsuid(before);
    result
}

/// Whether sockets can be opened as other users here.
pub(crate) fn can_be_other_users() -> bool {
    let uid = as_user(10_087, || setfsuid(Uid::from_raw(u32::MAX)));
    uid.as_raw() == 10_087 && Gid::effective().as_raw() == 0
}

/// The inode of a socket.
pub(crate) fn inode(socket: &impl AsFd) -> Inode {
    let file = File::from(socket.as_fd().try_clone_to_owned().unwrap());
    Inode::new(file.metadata().unwrap().ino()).unwrap()
}

/// An end from its text.
pub(crate) fn end(text: &str) -> Endpoint {
    let address: SocketAddr = text.parse().unwrap();
    Endpoint::new(address.ip(), address.port())
}

/// Rows in an order that does not depend on the kernel's, without what only sock_diag tells.
pub(crate) fn comparable(rows: &[SocketRow], tables: impl Fn(Table) -> bool) -> Vec<SocketRow> {
    let mut rows: Vec<_> = rows
        .iter()
        .filter(|row| tables(row.table))
        .map(|row| SocketRow {
            cookie: None,
            ..*row
        })
        .collect();
    rows.sort_by_key(|row| (row.table, row.local, row.remote, row.inode, row.state));
    rows
}

/// Sockets of every table in many states, held open.
pub(crate) struct Sockets {
    held: Vec<OwnedFd>,
    /// What the tables must show of those that have an inode.
    pub(crate) expected: Vec<SocketRow>,
    /// What they must show of those that nobody holds any more: table, ends and state.
    pub(crate) ownerless: Vec<(Table, Endpoint, Endpoint, SocketState)>,
}

impl Sockets {
    /// Opens them.
    pub(crate) fn open() -> Self {
        let mut sockets = Self {
            held: Vec::new(),
            expected: Vec::new(),
            ownerless: Vec::new(),
        };
        sockets.tcp();
        sockets.udp();
        sockets.others();
        settled();
        sockets
    }

    fn hold(&mut self, table: Table, state: SocketState, uid: u32, socket: impl Into<OwnedFd>) {
        let socket = Socket::from(socket.into());
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let local = Endpoint::new(address.ip(), address.port());
        let remote = match socket.peer_addr().map(|peer| peer.as_socket().unwrap()) {
            Ok(peer) => Endpoint::new(peer.ip(), peer.port()),
            Err(_) if table.is_v6() => end("[::]:0"),
            Err(_) => end("0.0.0.0:0"),
        };
        let inode = inode(&socket).get();
        self.expected.push(SocketRow::from_kernel(
            table, state, local, remote, uid, inode,
        ));
        self.held.push(socket.into());
    }

    fn tcp(&mut self) {
        use SocketState::{CloseWait, Established, FinWait2, Listen, SynSent, TimeWait};

        let uid = |uid| if can_be_other_users() { uid } else { 0 };
        let web = as_user(1000, || TcpListener::bind("192.0.2.1:8080").unwrap());
        let web6 = as_user(1001, || TcpListener::bind("[2001:db8::1]:8443").unwrap());
        let both = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
        both.set_only_v6(false).unwrap();
        both.bind(&address("[::]:8081")).unwrap();
        both.listen(16).unwrap();

        // IPv4.
        let client = as_user(10_087, || connected("198.51.100.7:40213", "192.0.2.1:8080"));
        self.hold(Table::Tcp, Established, uid(10_087), client);
        self.hold(Table::Tcp, Established, 0, web.accept().unwrap().0);
        // IPv6.
        let client = as_user(10_012, || {
            connected("[2001:db8::1]:40214", "[2001:db8::1]:8443")
        });
        self.hold(Table::Tcp6, Established, uid(10_012), client);
        self.hold(Table::Tcp6, Established, 0, web6.accept().unwrap().0);
        // IPv4 towards an IPv6 listener: its end stands in tcp6, v4-mapped.
        let client = connected("198.51.100.7:40215", "192.0.2.1:8081");
        self.hold(Table::Tcp, Established, 0, client);
        self.hold(Table::Tcp6, Established, 0, both.accept().unwrap().0);
        // IPv4 by an IPv6 socket.
        let client = connected("[::ffff:198.51.100.7]:40216", "[::ffff:192.0.2.1]:8080");
        self.hold(Table::Tcp6, Established, 0, client);
        self.hold(Table::Tcp, Established, 0, web.accept().unwrap().0);
        // Closed here first, then there.
        let client = connected("198.51.100.7:40217", "192.0.2.1:8080");
        let server = web.accept().unwrap().0;
        drop(client);
        drop(server);
        self.ownerless.push((
            Table::Tcp,
            end("198.51.100.7:40217"),
            end("192.0.2.1:8080"),
            TimeWait,
        ));
        // The same by IPv6.
        let client = connected("[2001:db8::1]:40218", "[2001:db8::1]:8443");
        let server = web6.accept().unwrap().0;
        drop(client);
        drop(server);
        self.ownerless.push((
            Table::Tcp6,
            end("[2001:db8::1]:40218"),
            end("[2001:db8::1]:8443"),
            TimeWait,
        ));
        // Closed here only: nobody holds our end, the other end waits for its owner.
        let client = connected("198.51.100.7:40219", "192.0.2.1:8080");
        let server = web.accept().unwrap().0;
        drop(client);
        self.ownerless.push((
            Table::Tcp,
            end("198.51.100.7:40219"),
            end("192.0.2.1:8080"),
            FinWait2,
        ));
        self.hold(Table::Tcp, CloseWait, 0, server);
        // Nobody answers.
        let silent = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        silent.bind(&address("198.51.100.7:40220")).unwrap();
        silent.set_nonblocking(true).unwrap();
        silent.connect(&address("203.0.113.9:80")).unwrap_err();
        let inode = inode(&silent).get();
        self.expected.push(SocketRow::from_kernel(
            Table::Tcp,
            SynSent,
            end("198.51.100.7:40220"),
            end("203.0.113.9:80"),
            0,
            inode,
        ));
        self.held.push(silent.into());

        self.hold(Table::Tcp, Listen, uid(1000), web);
        self.hold(Table::Tcp6, Listen, uid(1001), web6);
        self.hold(Table::Tcp6, Listen, 0, both);
    }

    fn udp(&mut self) {
        use SocketState::{Close, Established};

        // Two that share a port.
        for _ in 0..2 {
            let shared = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
            shared.set_reuse_port(true).unwrap();
            shared.bind(&address("0.0.0.0:5353")).unwrap();
            self.hold(Table::Udp, Close, 0, shared);
        }
        let waiting = UdpSocket::bind("[::]:5355").unwrap();
        self.hold(Table::Udp6, Close, 0, waiting);
        for (table, local, remote) in [
            (Table::Udp, "198.51.100.7:40230", "203.0.113.53:53"),
            (Table::Udp6, "[2001:db8::1]:40231", "[2001:db8::1]:53"),
            (
                Table::Udp6,
                "[::ffff:198.51.100.7]:40232",
                "[::ffff:203.0.113.53]:53",
            ),
        ] {
            let socket = UdpSocket::bind(local).unwrap();
            socket.connect(remote).unwrap();
            self.hold(table, Established, 0, socket);
        }
    }

    /// UDP-Lite, raw and ping sockets, each where this kernel has it.
    fn others(&mut self) {
        for (table, kind, protocol, local) in [
            (Table::UdpLite, Type::DGRAM, 136, "192.0.2.1:40240"),
            (Table::UdpLite6, Type::DGRAM, 136, "[2001:db8::1]:40241"),
            (Table::Raw, Type::RAW, 253, "192.0.2.1:0"),
            (Table::Raw6, Type::RAW, 253, "[2001:db8::1]:0"),
            (Table::Icmp, Type::DGRAM, 1, "192.0.2.1:7"),
            (Table::Icmp6, Type::DGRAM, 58, "[2001:db8::1]:8"),
        ] {
            let local = address(local);
            match Socket::new(local.domain(), kind, Some(Protocol::from(protocol))) {
                Ok(socket) => {
                    socket.bind(&local).unwrap();
                    self.hold(table, SocketState::Close, 0, socket);
                }
                Err(error) => println!("skipped a socket of {table}: {error}"),
            }
        }
    }
}

/// A TCP connection between these ends. The kernel sets the routes of a new IPv6 address up on its
/// own time, which is waited for.
pub(crate) fn connected(local: &str, remote: &str) -> TcpStream {
    let remote = address(remote);
    for _ in 0..250 {
        let socket = Socket::new(remote.domain(), Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.bind(&address(local)).unwrap();
        match socket.connect_timeout(&remote, Duration::from_secs(5)) {
            Ok(()) => return socket.into(),
            Err(error) if error.kind() == ErrorKind::NetworkUnreachable => {
                sleep(Duration::from_millis(20));
            }
            Err(error) => panic!("{local}: {error}"),
        }
    }
    panic!("{local}: no route");
}

/// Waits until the peers of closed connections have confirmed that.
fn settled() {
    for _ in 0..250 {
        let tables = ["tcp", "tcp6"]
            .map(|table| std::fs::read_to_string(format!("/proc/net/{table}")).unwrap());
        let fin_wait1 = |line: &str| line.split_whitespace().nth(3) == Some("04");
        if !tables.iter().any(|table| table.lines().any(fin_wait1)) {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("a connection stays in FIN_WAIT1");
}

fn address(text: &str) -> socket2::SockAddr {
    text.parse::<SocketAddr>().unwrap().into()
}
