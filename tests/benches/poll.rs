//! Measures polls and whole commands against what a user would pick instead, in one run.
//!
//! Run by `cargo xtask bench` inside a network namespace of its own, as root. Candidates take
//! turns, so that a noisy machine disturbs all alike, and what is reported is the median of the
//! ratios of the turns. Nothing here is a test: no time is asserted.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and one that cannot measure must stop"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};
use portlog_agent::{Clock, Pipeline, SourceChoice, Subject, SystemClock};
use portlog_model::Table;

fn main() {
    let options = Options::parse(std::env::args().skip(1));
    let held = Sockets::open(options.sockets);
    println!(
        "# {} sockets, {} turns, {}",
        held.rows, options.turns, options.title
    );
    if let Some(portlog) = &options.portlog {
        measure_commands(portlog, options.turns.min(40));
    }
    measure_polls(options.turns);
    if let (Some(portlog), Some(span)) = (&options.portlog, options.steady) {
        measure_steady(portlog, span);
    }
    drop(held);
}

/// What to measure.
struct Options {
    sockets: usize,
    turns: usize,
    title: String,
    portlog: Option<String>,
    steady: Option<Duration>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut options = Self {
            sockets: 300,
            turns: 50,
            title: String::new(),
            portlog: None,
            steady: None,
        };
        while let Some(name) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .unwrap_or_else(|| panic!("{name} needs a value"))
            };
            match name.as_str() {
                "--sockets" => options.sockets = value().parse().unwrap(),
                "--turns" => options.turns = value().parse().unwrap(),
                "--title" => options.title = value(),
                "--portlog" => options.portlog = Some(value()),
                "--steady" => {
                    options.steady = Some(Duration::from_secs(value().parse().unwrap()));
                }
                // `cargo bench` says so.
                "--bench" => {}
                other => panic!("no option is called {other}"),
            }
        }
        options
    }
}

/// Real sockets, held open: established TCP pairs, listeners and datagram sockets.
struct Sockets {
    _tcp: Vec<(TcpStream, TcpStream)>,
    _udp: Vec<UdpSocket>,
    _listener: TcpListener,
    rows: usize,
}

impl Sockets {
    /// Four rows in five are TCP (both ends of each pair are here), one is a datagram socket.
    fn open(rows: usize) -> Self {
        let limit = u64::try_from(rows).unwrap() + 200;
        let (_, hard) =
            nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).unwrap();
        nix::sys::resource::setrlimit(
            nix::sys::resource::Resource::RLIMIT_NOFILE,
            limit,
            hard.max(limit),
        )
        .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let tcp = (0..rows * 2 / 5)
            .map(|_| {
                let near = TcpStream::connect(address).unwrap();
                (near, listener.accept().unwrap().0)
            })
            .collect();
        let udp = (0..rows / 5)
            .map(|n| {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                if n % 2 == 0 {
                    socket.connect(("127.0.0.1", 9)).unwrap();
                }
                socket
            })
            .collect();
        Self {
            _tcp: tcp,
            _udp: udp,
            _listener: listener,
            rows,
        }
    }
}

/// One candidate's times, a value per turn.
struct Times {
    name: &'static str,
    nanos: Vec<u128>,
}

impl Times {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            nanos: Vec::with_capacity(1 << 12),
        }
    }

    fn time<T>(&mut self, run: impl FnOnce() -> T) {
        let began = Instant::now();
        black_box(run());
        self.nanos.push(began.elapsed().as_nanos());
    }

    fn median(&self) -> u128 {
        median(self.nanos.clone())
    }

    /// The median, over the turns, of this candidate's time by the other's.
    fn ratio_to(&self, other: &Self) -> f64 {
        let per_mille = self
            .nanos
            .iter()
            .zip(&other.nanos)
            .map(|(mine, theirs)| mine * 1_000 / theirs.max(&1))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a ratio of a few thousands")]
        let ratio = median(per_mille) as f64 / 1_000.0;
        ratio
    }

    fn print(&self, baseline: &Self) {
        println!(
            "| {} | {}.{:03} | {:.2} |",
            self.name,
            self.median() / 1_000_000,
            self.median() / 1_000 % 1_000,
            self.ratio_to(baseline)
        );
    }
}

fn median(mut values: Vec<u128>) -> u128 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Polls inside this process: ours against the bare read of the same kernel data.
fn measure_polls(turns: usize) {
    let now = || SystemClock.now().moment;
    let mut procfs = pipeline(SourceChoice::Procfs);
    let mut diag = pipeline(SourceChoice::Diag);
    let mut events = Vec::new();
    for pipeline in [&mut procfs, &mut diag] {
        for _ in 0..3 {
            pipeline.poll(now(), &mut events).unwrap();
        }
    }
    events.clear();

    let mut buffer = vec![0; 1 << 16];
    let mut dump = BareDump::open();
    let mut bare_read = Times::new("bare read of the ten files");
    let mut ours_procfs = Times::new("Portlog, procfs poll");
    let mut crate_procfs = Times::new("procfs crate, tcp, tcp6, udp, udp6");
    let mut bare_dump = Times::new("bare dump of the same tables");
    let mut ours_diag = Times::new("Portlog, diag poll");
    let mut allocations = [0; 2];
    for _ in 0..turns {
        bare_read.time(|| read_tables(&mut buffer, &Table::ALL));
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        ours_procfs.time(|| procfs.poll(now(), &mut events).unwrap());
        allocations[0] += ALLOCATIONS.load(Ordering::Relaxed) - before;
        crate_procfs.time(|| {
            (
                procfs::net::tcp().unwrap(),
                procfs::net::tcp6().unwrap(),
                procfs::net::udp().unwrap(),
                procfs::net::udp6().unwrap(),
            )
        });
        bare_dump.time(|| dump.all(&mut buffer));
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        ours_diag.time(|| diag.poll(now(), &mut events).unwrap());
        allocations[1] += ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    println!("\n| one poll | ms, median | by the bare read |\n|---|---|---|");
    for times in [&bare_read, &ours_procfs, &crate_procfs] {
        times.print(&bare_read);
    }
    println!("\n| one poll | ms, median | by the bare dump |\n|---|---|---|");
    for times in [&bare_dump, &ours_diag] {
        times.print(&bare_dump);
    }
    println!(
        "\nAllocations in {turns} polls each: procfs {}, diag {}; events: {}",
        allocations[0],
        allocations[1],
        events.len()
    );
}

fn pipeline(source: SourceChoice) -> Pipeline {
    Pipeline::open(Subject {
        source,
        programs: false,
        ..Subject::this_machine()
    })
    .unwrap()
}

/// Reads the files to their end and does nothing with them.
fn read_tables(buffer: &mut [u8], tables: &[Table]) -> usize {
    let mut bytes = 0;
    for table in tables {
        let Ok(mut file) = File::open(Path::new("/proc/net").join(table.as_str())) else {
            continue;
        };
        while let Ok(read @ 1..) = file.read(buffer) {
            bytes += read;
        }
    }
    bytes
}

/// Asks sock_diag for the same dumps as Portlog and looks at nothing but the end; what it does not
/// have is read from procfs, as Portlog does.
struct BareDump {
    socket: std::os::fd::OwnedFd,
}

impl BareDump {
    const DUMPED: [(u8, u8); 6] = [(2, 6), (10, 6), (2, 17), (10, 17), (2, 136), (10, 136)];
    const DONE: u16 = 3;
    const ERROR: u16 = 2;

    fn open() -> Self {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkSockDiag,
        )
        .unwrap();
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).unwrap();
        Self { socket }
    }

    fn all(&mut self, buffer: &mut [u8]) -> usize {
        let dumped: usize = Self::DUMPED
            .iter()
            .map(|(family, protocol)| self.dump(*family, *protocol, buffer))
            .sum();
        dumped
            + read_tables(
                buffer,
                &[Table::Raw, Table::Raw6, Table::Icmp, Table::Icmp6],
            )
    }

    /// `inet_diag_req_v2` behind a netlink header: 72 bytes, all states.
    fn dump(&self, family: u8, protocol: u8, buffer: &mut [u8]) -> usize {
        let mut request = [0; 72];
        request[0..4].copy_from_slice(&72u32.to_ne_bytes());
        request[4..6].copy_from_slice(&20u16.to_ne_bytes());
        request[6..8].copy_from_slice(&0x301u16.to_ne_bytes());
        request[16] = family;
        request[17] = protocol;
        request[20..24].copy_from_slice(&u32::MAX.to_ne_bytes());
        send(self.socket.as_raw_fd(), &request, MsgFlags::empty()).unwrap();
        let mut bytes = 0;
        loop {
            let read = recv(self.socket.as_raw_fd(), buffer, MsgFlags::empty()).unwrap();
            bytes += read;
            // NLMSG_DONE and NLMSG_ERROR come in a datagram of their own or end one.
            let kind_at = |at: usize| u16::from_ne_bytes([buffer[at + 4], buffer[at + 5]]);
            let first = kind_at(0);
            let ends = read >= 20 && matches!(kind_at(read - 20), Self::DONE);
            if first == Self::DONE || first == Self::ERROR || ends {
                return bytes;
            }
        }
    }
}

/// Whole commands, as a user would type them, their output thrown away.
fn measure_commands(portlog: &str, turns: usize) {
    let commands: [(&'static str, Vec<&str>); 4] = [
        ("ss -tane", vec!["ss", "-tane"]),
        (
            "portlog snapshot --format json, diag",
            vec![portlog, "snapshot", "--source", "diag", "--format", "json"],
        ),
        ("netstat -tane", vec!["netstat", "-tane"]),
        (
            "portlog snapshot --format json, procfs",
            vec![
                portlog, "snapshot", "--source", "procfs", "--format", "json",
            ],
        ),
    ];
    let mut times = commands.each_ref().map(|(name, _)| Times::new(name));
    for _ in 0..turns {
        for (times, (name, words)) in times.iter_mut().zip(&commands) {
            times.time(|| {
                let status = Command::new(words[0])
                    .args(&words[1..])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                assert!(status.is_ok_and(|status| status.success()), "{name} failed");
            });
        }
    }
    println!("\n| command | ms, median | ratio |\n|---|---|---|");
    let [ss, diag, netstat, procfs] = &times;
    ss.print(ss);
    diag.print(ss);
    netstat.print(netstat);
    procfs.print(netstat);
}

/// What a watch costs while nothing happens: CPU and memory of the real program.
fn measure_steady(portlog: &str, span: Duration) {
    let mut child = Command::new(portlog)
        .args([
            "watch",
            "--interval",
            "1s",
            "--idle-interval",
            "1s",
            "--format",
            "ndjson",
        ])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(5));
    let before = Usage::of(child.id());
    std::thread::sleep(span);
    let after = Usage::of(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    let percent = |ticks: u64| {
        #[expect(clippy::cast_precision_loss, reason = "some ticks")]
        let percent = ticks as f64 / span.as_secs_f64();
        percent
    };
    println!(
        "\nWatch for {} s at 1 s: user {:.3} %, system {:.3} % of a core, {} KiB resident",
        span.as_secs(),
        percent(after.user - before.user),
        percent(after.system - before.system),
        after.resident_kib
    );
}

/// Ticks of 10 ms (so a percent is one tick a second) and memory of a process.
struct Usage {
    user: u64,
    system: u64,
    resident_kib: u64,
}

impl Usage {
    fn of(pid: u32) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<u64> = stat
            .rsplit_once(')')
            .map(|(_, rest)| {
                rest.split_whitespace()
                    .map(|f| f.parse().unwrap_or(0))
                    .collect()
            })
            .unwrap();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        Self {
            user: fields[11],
            system: fields[12],
            resident_kib: resident.split_whitespace().next().unwrap().parse().unwrap(),
        }
    }
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[expect(
    unsafe_code,
    reason = "an allocator that counts cannot be written otherwise"
)]
// SAFETY: every call goes to the system's allocator unchanged; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
