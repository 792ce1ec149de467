//! What a helper costs: processor time and memory of a real one, at a pace of one look a second over
//! loopback (the dearer way: every frame is authenticated), and the time that a large look takes to go
//! across. docs/PERFORMANCE.md says how to run it and what came of it.
//!
//! As root, in a network namespace of its own: `helper_cost [SOCKETS] [SECONDS]`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop and say why"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use portlog_model::{BootTime, Moment, WallTime};
use portlog_reach::channel::{HelperLink, HelperSource, Provider, Role, Secret, Transport, Wire};
use portlog_reach::helper::{Helper, LookTime, Looker, Options};
use portlog_sockets::{Batch, Polled, ProcfsSource, Source as _};
use ring::rand::SystemRandom;

/// Android's `AID_SHELL`.
const SHELL: u32 = 2_000;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, role, folder] = words.as_slice()
        && role == "helper"
    {
        return help(Path::new(folder));
    }
    let number = |at: usize, usual: u64| words.get(at).map_or(usual, |word| word.parse().unwrap());
    let (sockets, seconds) = (number(1, 300), number(2, 60));
    let _held = hold(sockets);
    running(seconds);
    large_looks();
}

/// Processor time and memory of a helper's process while nothing happens.
fn running(seconds: u64) {
    let folder = tempfile::tempdir().unwrap();
    nix::unistd::chown(folder.path(), Some(Uid::from_raw(SHELL)), None).unwrap();
    let link = HelperLink::new("0");
    let _provider = Provider::open(&folder.path().join("provider"), Arc::clone(&link)).unwrap();
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args([Path::new("helper"), folder.path()])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut source = HelperSource::new(Arc::clone(&link));
    let (mut batch, mut looks, mut rows) = (Batch::default(), 0, 0);
    let mut watch = |span: Duration| {
        let end = Instant::now() + span;
        while Instant::now() < end {
            if let Polled::Handed(_) = source.poll(&mut batch).unwrap() {
                (looks, rows) = (looks + 1, batch.rows.len());
            }
            thread::sleep(Duration::from_millis(50));
        }
        looks
    };
    let before_looks = watch(Duration::from_secs(5));
    let before = busy(helper.id());
    let looks = watch(Duration::from_secs(seconds)) - before_looks;
    let busy = busy(helper.id()).saturating_sub(before);
    let status = std::fs::read_to_string(format!("/proc/{}/status", helper.id())).unwrap();
    let memory = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap().trim().to_owned()
    };
    println!(
        "{rows} rows, {looks} looks in {seconds} s: {:.3} % of a core, resident {} (at most {})",
        busy.as_secs_f64() * 100.0 / Duration::from_secs(seconds).as_secs_f64(),
        memory("VmRSS:"),
        memory("VmHWM:"),
    );
    helper.kill().unwrap();
    helper.wait().unwrap();
}

/// Time on the processor so far, of all threads.
fn busy(pid: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let nanos = tasks.map(|task| {
        let stat = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    Duration::from_nanos(nanos.sum())
}

/// How long looks with 10,000 rows take from the tables to the app, each with other rows.
fn large_looks() {
    const LOOKS: u32 = 50;
    let _held = hold(10_000);
    let link = HelperLink::new("0");
    let (ours, theirs) = UnixStream::pair().unwrap();
    link.attach(ours.into()).unwrap();
    let patience = Duration::from_secs(5);
    let random = SystemRandom::new();
    let mut wire = Wire::greet(theirs.into(), Role::Helper, None, &random, patience).unwrap();
    let hello = portlog_reach::channel::Hello {
        boot_id: "".into(),
        uid: portlog_model::Uid::new(SHELL),
        pid: 0,
        abi: "".into(),
        version: "0".into(),
        diag: false,
        started: at(0).moment,
    };
    let hello = portlog_reach::channel::FromHelper::Hello(hello);
    wire.sender.queue(|out| hello.encode(out));
    wire.sender.flush_within(patience).unwrap();
    let mut source = HelperSource::new(Arc::clone(&link));
    let mut batch = Batch::default();
    let mut looker = Looker::new(Box::new(ProcfsSource::new("/proc".into())), None, None);
    looker.begin(None);
    let mut spent = Duration::ZERO;
    for turn in 0..LOOKS {
        // One more row each time, so that all of them go across.
        let more = UdpSocket::bind("127.0.0.1:0").unwrap();
        let begun = Instant::now();
        looker.look(at(turn.into()), &mut wire.sender).unwrap();
        while !wire.sender.flush().unwrap() {
            thread::yield_now();
        }
        while !matches!(source.poll(&mut batch).unwrap(), Polled::Handed(_)) {
            thread::yield_now();
        }
        spent += begun.elapsed();
        drop(more);
    }
    println!(
        "{} rows: {:.1} ms a look, from the tables to the app",
        batch.rows.len(),
        spent.as_secs_f64() * 1_000.0 / f64::from(LOOKS)
    );
}

fn at(seconds: u64) -> LookTime {
    LookTime {
        moment: Moment {
            wall: WallTime::from_millis(0),
            boot: BootTime::from_nanos(seconds * 1_000_000_000),
        },
        awake: Duration::from_secs(seconds),
    }
}

/// So many sockets: TCP connections, both ends counted, and one datagram socket in five, at most 60.
fn hold(sockets: u64) -> (Vec<TcpStream>, Vec<UdpSocket>) {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let datagrams = (sockets / 5).min(60);
    let datagrams: Vec<_> = (0..datagrams)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = (sockets - u64::try_from(datagrams.len()).unwrap()) / 2;
    let mut ends = Vec::new();
    for _ in 0..connections {
        ends.push(TcpStream::connect(address).unwrap());
        ends.push(listener.accept().unwrap().0);
    }
    (ends, datagrams)
}

/// The helper, as the shell's UID.
fn help(folder: &Path) {
    setgroups(&[]).unwrap();
    let (gid, uid) = (Gid::from_raw(SHELL), Uid::from_raw(SHELL));
    setresgid(gid, gid, gid).unwrap();
    setresuid(uid, uid, uid).unwrap();
    let mut helper = Helper::start(Options {
        proc_root: PathBuf::from("/proc"),
        lock: folder.join("lock"),
        version: "0".into(),
        app: None,
        programs: None,
    })
    .unwrap();
    let mut provider = UnixStream::connect(folder.join("provider")).unwrap();
    provider.write_all(&[Provider::LOOPBACK]).unwrap();
    let mut line = String::new();
    BufReader::new(provider).read_line(&mut line).unwrap();
    let (port, secret) = line.trim().split_once(' ').unwrap();
    let byte = |at: usize| u8::from_str_radix(secret.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap();
    let transport = Transport::Loopback {
        address: ([127, 0, 0, 1], port.parse().unwrap()).into(),
        secret: Secret::new(std::array::from_fn(byte)),
    };
    println!("{:?}", helper.serve(transport));
}
