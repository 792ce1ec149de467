//! Sockets that stay while others come and go.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use portlog_model::{BootTime, Change, Moment, Table, WallTime};
use portlog_sockets::{Batch, DiagSource, ProcfsSource, SocketTable, Source, TableSettings};

use crate::namespace::in_namespace;

const STABLE: usize = 300;
const POLLS: u64 = 1000;
/// Between two sockets that come and go. A poll misses a few rows in a thousand polls then; with
/// hundreds of sockets within one poll it would now and then miss the same one twice.
const PAUSE: Duration = Duration::from_micros(500);

/// Opens and closes sockets, some at a time, until told to stop; the number it opened.
fn churn(stop: &AtomicBool, opened: &AtomicU64) {
    let mut held = Vec::new();
    let mut seed = 1_u32;
    while !stop.load(Ordering::Relaxed) {
        sleep(PAUSE);
        held.push(UdpSocket::bind("192.0.2.1:0").unwrap());
        opened.fetch_add(1, Ordering::Relaxed);
        // Closed in another order than they were opened in.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if held.len() > 40 {
            held.swap_remove(seed as usize % held.len());
        }
    }
}

/// Ends the churn also where a check fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn stable_sockets_neither_open_nor_close_under_churn() {
    in_namespace(
        "churn::stable_sockets_neither_open_nor_close_under_churn",
        || {
            let stable: BTreeMap<u16, UdpSocket> = (0..STABLE)
                .map(|_| {
                    let socket = UdpSocket::bind("198.51.100.7:0").unwrap();
                    socket.connect("203.0.113.53:53").unwrap();
                    (socket.local_addr().unwrap().port(), socket)
                })
                .collect();
            let procfs = || ProcfsSource::new(PathBuf::from("/proc"));
            watched(&mut procfs(), &stable);
            let diag = DiagSource::open_without_events(procfs());
            watched(&mut diag.unwrap(), &stable);
        },
    );
}

fn watched(source: &mut dyn Source, stable: &BTreeMap<u16, UdpSocket>) {
    let (stop, opened) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| churn(&stop, &opened));
        let _stops = StopAtEnd(&stop);
        let mut table = SocketTable::new(TableSettings::default());
        let (mut batch, mut changes) = (Batch::default(), Vec::new());
        let (mut doubles, mut missed, mut others) = (0, 0, 0);
        for poll in 0..POLLS {
            source.poll(&mut batch).unwrap();
            let now = Moment {
                wall: WallTime::from_millis(i64::try_from(poll).unwrap() * 1000),
                boot: BootTime::from_nanos(poll * 1_000_000_000),
            };
            changes.clear();
            table.poll(&batch, &[], now, &mut changes);
            doubles += batch.report(Table::Udp).doubles;
            let seen = batch
                .rows
                .iter()
                .filter(|row| stable.contains_key(&row.local.port()) && !row.remote.is_unset());
            missed += stable.len() - seen.count();
            let of_stable = changes.iter().filter(|change| {
                let connection = change.connection();
                stable.contains_key(&connection.local.port()) && !connection.remote.is_unset()
            });
            let of_stable: Vec<&Change> = of_stable.collect();
            others += changes.len() - of_stable.len();
            if poll == 0 {
                // Even the first look may miss one, which then opens later.
                assert!(of_stable.len() <= stable.len());
                continue;
            }
            assert!(
                of_stable
                    .iter()
                    .all(|change| poll == 1 && matches!(change, Change::Opened { .. })),
                "poll {poll} of {:?}: {of_stable:?}",
                source.kind()
            );
        }
        println!(
            "{:?}: {} sockets came in {POLLS} polls, {others} changes of them; \
             {doubles} rows twice, {missed} missed",
            source.kind(),
            opened.load(Ordering::Relaxed)
        );
        assert!(others > 100, "there was no churn");
    });
}
