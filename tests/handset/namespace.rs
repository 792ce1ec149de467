//! Network namespaces without names: they are gone when the last process and file of them is, so
//! that no failure, not even a kill, leaves one behind.

use std::fs::File;
use std::io::Write as _;
use std::net::IpAddr;
use std::os::fd::AsRawFd as _;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};

/// A network namespace, and where that is wanted a mount namespace with it.
pub(crate) struct Namespace {
    net: File,
    mounts: Option<File>,
}

impl Namespace {
    /// A network namespace with nothing in it but a loopback interface that is down.
    pub(crate) fn new() -> nix::Result<Self> {
        thread::scope(|scope| {
            let made = scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWNET)?;
                Ok(Self {
                    net: own_namespace("net"),
                    mounts: None,
                })
            });
            made.join().unwrap()
        })
    }

    /// The same network, seen by processes whose mounts nobody else sees.
    pub(crate) fn with_own_mounts(&self) -> Self {
        let mounts = thread::scope(|scope| {
            let made = scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWNS).unwrap();
                let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
                mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
                own_namespace("mnt")
            });
            made.join().unwrap()
        });
        Self {
            net: self.net.try_clone().unwrap(),
            mounts: Some(mounts),
        }
    }

    /// Runs `body` in here, on a thread of its own. Sockets that it opens and processes that it
    /// starts stay in here.
    pub(crate) fn enter<T: Send>(&self, body: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let name = thread::current().name().unwrap_or("inside").to_owned();
            let inside = thread::Builder::new().name(name).spawn_scoped(scope, || {
                if let Some(mounts) = &self.mounts {
                    // A thread may leave the others' mounts only with a working directory and
                    // root of its own.
                    unshare(CloneFlags::CLONE_FS).unwrap();
                    setns(mounts, CloneFlags::CLONE_NEWNS).unwrap();
                }
                setns(&self.net, CloneFlags::CLONE_NEWNET).unwrap();
                body()
            });
            inside
                .unwrap()
                .join()
                .unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Runs lines of `ip` in here; one that fails fails the test.
    pub(crate) fn ip(&self, lines: &str) {
        self.enter(|| {
            let mut ip = Command::new("ip")
                .args(["-batch", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = ip.stdin.take().unwrap();
            stdin.write_all(lines.as_bytes()).unwrap();
            drop(stdin);
            assert!(ip.wait().unwrap().success(), "ip refused one of:\n{lines}");
        });
    }

    /// A path by which another process of root's finds this namespace while the test runs.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.net.as_raw_fd())
    }
}

/// The phone and the network around it.
pub(crate) struct Handset {
    /// Where the phone's sockets are.
    pub(crate) phone: Namespace,
    /// Where everyone whom it talks to is.
    pub(crate) outside: Namespace,
}

/// The phone's address.
pub(crate) const PHONE: &str = "198.51.100.2";

impl Handset {
    /// A phone whose way out leads to hosts with `addresses` and to nothing else: packets for any
    /// other address arrive outside and are dropped without an answer.
    pub(crate) fn with_hosts(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let handset = Self::wired();
        handset
            .outside
            .ip("address add 2001:db8::1/64 dev eth0 nodad\n\
             route add 2001:db8::2/128 dev eth0\n");
        handset
            .phone
            .ip("address add 2001:db8::2/64 dev eth0 nodad\n\
             route add default via 2001:db8::1\n");
        for address in addresses {
            handset.add_host(address);
        }
        handset
    }

    /// A phone with IPv4 alone, whose interface says nothing of its own accord: neighbours are
    /// known, nobody is solicited.
    pub(crate) fn silent() -> Self {
        let handset = Self::wired();
        let hardware = |namespace: &Namespace| {
            namespace.enter(|| {
                let output = Command::new("ip")
                    .args(["-oneline", "link", "show", "dev", "eth0"])
                    .output()
                    .unwrap();
                let line = String::from_utf8(output.stdout).unwrap();
                let mut words = line.split_whitespace();
                words.by_ref().find(|word| *word == "link/ether").unwrap();
                words.next().unwrap().to_owned()
            })
        };
        let (phone, outside) = (hardware(&handset.phone), hardware(&handset.outside));
        handset.phone.ip(&format!(
            "neighbour replace 198.51.100.1 lladdr {outside} nud permanent dev eth0\n"
        ));
        handset.outside.ip(&format!(
            "neighbour replace {PHONE} lladdr {phone} nud permanent dev eth0\n"
        ));
        handset
    }

    fn wired() -> Self {
        let (phone, outside) = (Namespace::new().unwrap(), Namespace::new().unwrap());
        phone.ip(&format!(
            "link set lo up\n\
             link add eth0 type veth peer name eth0 netns {}\n\
             link set eth0 addrgenmode none\n\
             address add {PHONE}/24 dev eth0\n\
             link set eth0 up\n",
            outside.path()
        ));
        outside.ip("link set lo up\n\
             link set eth0 addrgenmode none\n\
             address add 198.51.100.1/24 dev eth0\n\
             link set eth0 up\n");
        phone.ip("route add default via 198.51.100.1\n");
        // On a busy machine a host's last segments may overtake one another, and what they then set
        // off ends TIME_WAIT before its time, unless it is defended (RFC 1337).
        phone.enter(|| std::fs::write("/proc/sys/net/ipv4/tcp_rfc1337", "1").unwrap());
        Self { phone, outside }
    }

    /// From now on a host with this address answers.
    pub(crate) fn add_host(&self, address: IpAddr) {
        self.outside.ip(&match address {
            IpAddr::V4(address) => format!("address add {address}/32 dev lo\n"),
            IpAddr::V6(address) => format!("address add {address}/128 dev lo nodad\n"),
        });
    }

    /// Packets that left the phone so far.
    pub(crate) fn packets_out(&self) -> u64 {
        let counters = self.phone_file("dev");
        let line = counters
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("eth0:"))
            .unwrap();
        // Eight counters of what was received come first: bytes, packets and so on.
        line.split_whitespace().nth(9).unwrap().parse().unwrap()
    }

    /// A file of the phone's `/proc/net`.
    pub(crate) fn phone_file(&self, name: &str) -> String {
        self.phone
            .enter(|| std::fs::read_to_string(format!("/proc/thread-self/net/{name}")).unwrap())
    }
}

/// What this machine or user lacks for namespaces with sockets of many users, in words.
pub(crate) fn missing() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("needs root, to make network namespaces and to act as many users".into());
    }
    if let Err(errno) = Namespace::new() {
        return Some(format!("network namespaces are refused here ({errno})"));
    }
    if !Path::new("/proc/net/if_inet6").exists() {
        return Some("this kernel has no IPv6".into());
    }
    if Command::new("ip").arg("-Version").output().is_err() {
        return Some("needs ip, of the package iproute2".into());
    }
    None
}

fn own_namespace(kind: &str) -> File {
    File::open(format!("/proc/thread-self/ns/{kind}")).unwrap()
}
