//! Real UDP sockets that stay, among others that come and go: none of those that stay may be said to
//! have opened or closed.
//!
//! The kernel hands out `/proc/net/udp` by the page and finds its place again by counting rows, so
//! whatever opens or closes meanwhile shifts the rest: rows come twice, and rows are missed, some by
//! two or three polls in a row. How often that happened is printed, and how often a table that closes
//! at the first absence would have been wrong.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::env;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::{BootTime, Change, Inode, Moment, SocketRow, Table, WallTime};
use portlog_sockets::text::Endian;
use portlog_sockets::{Batch, ProcfsSource, SocketTable, Source, TableSettings};

const STABLE: usize = 300;
const POLLS: u64 = 1_000;

/// Between polls, and between a worker's turns: some thousand sockets come and go a second.
const PAUSE: Duration = Duration::from_millis(2);
const REST: Duration = Duration::from_micros(200);

/// Set where this program was started again in a network namespace of its own.
const ALONE: &str = "PORTLOG_TEST_ALONE";

#[test]
fn sockets_that_stay_neither_open_nor_close() {
    if env::var_os(ALONE).is_none() && run_alone() {
        return;
    }
    let stable: Vec<UdpSocket> = (0..STABLE).map(|_| open()).collect();
    let inodes: BTreeMap<Inode, u32> = stable.iter().map(|socket| (inode(socket), 0)).collect();
    assert_eq!(inodes.len(), STABLE);

    let done = AtomicBool::new(false);
    let churned = AtomicU64::new(0);
    let seen = thread::scope(|scope| {
        for worker in 0..2 {
            let (done, churned) = (&done, &churned);
            scope.spawn(move || churn(worker, done, churned));
        }
        let seen = watch(&inodes);
        done.store(true, Ordering::Relaxed);
        seen
    });
    println!(
        "{} sockets opened and closed meanwhile; stable rows missed {} times, by up to {} polls in \
         a row; doubles dropped {}; closed after one absence they would have been {} times",
        churned.load(Ordering::Relaxed),
        seen.missed,
        seen.in_a_row,
        seen.doubles,
        seen.hasty,
    );
    assert_eq!(seen.told, [], "of sockets that stayed");
    drop(stable);
}

/// What the polls showed of the stable sockets.
#[derive(Default)]
struct Seen {
    told: Vec<Change>,
    missed: u64,
    in_a_row: u64,
    doubles: u64,
    hasty: usize,
}

fn watch(stable: &BTreeMap<Inode, u32>) -> Seen {
    let is_stable = |row: Option<Inode>| row.is_some_and(|inode| stable.contains_key(&inode));
    // The kernel's table, but by a link in another tree: such a tree is read once, as it cannot
    // change, so that the socket table must cope alone with what one reading misses.
    let tree = tempfile::tempdir().unwrap();
    std::fs::create_dir(tree.path().join("net")).unwrap();
    symlink("/proc/self/net/udp", tree.path().join("net/udp")).unwrap();
    let mut source = ProcfsSource::new(tree.path().to_owned()).with_endian(Endian::NATIVE);
    let mut batch = Batch::default();
    let mut table = SocketTable::default();
    let mut hasty = SocketTable::new(TableSettings {
        absences_to_close: 1,
        most_absences: 1,
        ..TableSettings::default()
    });
    let mut seen = Seen::default();
    let mut absences: BTreeMap<Inode, u64> = BTreeMap::new();
    let mut opened = 0;
    let (mut changes, mut others) = (Vec::new(), Vec::new());
    let started = Instant::now();
    for poll in 0..POLLS {
        source.poll(&mut batch).expect("procfs is readable");
        assert!(batch.report(Table::Udp).proves_absence());
        seen.doubles += u64::from(batch.report(Table::Udp).doubles);
        note_missed(stable, &batch.rows, &mut absences, &mut seen);

        let boot = u64::try_from(started.elapsed().as_nanos()).unwrap();
        let now = Moment {
            wall: WallTime::from_millis(i64::try_from(poll).unwrap()),
            boot: BootTime::from_nanos(boot),
        };
        changes.clear();
        others.clear();
        table.poll(&batch, &[], now, &mut changes);
        hasty.poll(&batch, &[], now, &mut others);
        for change in changes
            .iter()
            .filter(|change| is_stable(change.connection().inode))
        {
            // Each is new once.
            if matches!(change, Change::Opened { .. }) && opened < STABLE {
                opened += 1;
            } else {
                seen.told.push(*change);
            }
        }
        seen.hasty += others
            .iter()
            .filter(|change| matches!(change, Change::Closed { .. }))
            .filter(|change| is_stable(change.connection().inode))
            .count();
        thread::sleep(PAUSE);
    }
    assert_eq!(opened, STABLE);
    seen
}

fn note_missed(
    stable: &BTreeMap<Inode, u32>,
    rows: &[SocketRow],
    absences: &mut BTreeMap<Inode, u64>,
    seen: &mut Seen,
) {
    for inode in stable.keys() {
        *absences.entry(*inode).or_default() += 1;
    }
    for inode in rows.iter().filter_map(|row| row.inode) {
        absences.remove(&inode);
    }
    seen.missed += u64::try_from(absences.len()).unwrap();
    let longest = absences.values().copied().max().unwrap_or(0);
    seen.in_a_row = seen.in_a_row.max(longest);
}

/// Opens and closes sockets, so that rows shift while the table is read.
fn churn(worker: u64, done: &AtomicBool, churned: &AtomicU64) {
    let mut open_ones: Vec<UdpSocket> = Vec::new();
    let mut random = worker + 1;
    while !done.load(Ordering::Relaxed) {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if open_ones.len() < 50 {
            open_ones.push(open());
        } else {
            let index = usize::try_from(random >> 33).unwrap() % open_ones.len();
            open_ones.swap_remove(index);
            churned.fetch_add(1, Ordering::Relaxed);
        }
        thread::sleep(REST);
    }
}

fn open() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a free port")
}

fn inode(socket: &UdpSocket) -> Inode {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap();
    let text = link.to_str().unwrap();
    let number = text
        .strip_prefix("socket:[")
        .unwrap()
        .strip_suffix(']')
        .unwrap();
    Inode::new(number.parse().unwrap()).unwrap()
}

/// Runs this test in a network namespace of its own, where nobody else opens sockets; `false` where
/// that is not permitted.
fn run_alone() -> bool {
    let may = Command::new("unshare")
        .args(["-n", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if may {
        let status = Command::new("unshare")
            .arg("-n")
            .arg(env::current_exe().unwrap())
            .args(["--exact", "sockets_that_stay_neither_open_nor_close"])
            .arg("--nocapture")
            .env(ALONE, "1")
            .status()
            .unwrap();
        assert!(
            status.success(),
            "in a network namespace of its own: {status}"
        );
    }
    may
}
