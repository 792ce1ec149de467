//! Nobody is said to have moved bytes unseen because two sources count differently, or because what
//! counts began anew; and who did move them unseen is told, whichever source counts.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use portlog_agent::{Directory, ListSet, NameBook, Opened, PackageList, Parts, Pipeline, Scope};
use portlog_model::{
    BootTime, CoverageStatus, Endpoint, Event, EventKind, Moment, NotedReason, Platform,
    Provenance, SocketRow, SocketState, SourceKind, Table, Uid, WallTime,
};
use portlog_reach::{News, Remote};
use portlog_sockets::counters::UidBytes;
use portlog_sockets::{Batch, Error, Polled, Source, TableSettings};
use portlog_watch::{History, Settings, Watch};

/// Who moves bytes by connections that are seen.
const SEEN: u32 = 1_000;
/// Who has no connection that any poll saw.
const UNSEEN: u32 = 10_023;

/// A phone that shows connections of these UIDs, and brings news with a poll.
#[derive(Clone, Default)]
struct Phone(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    connected: Vec<u32>,
    news: Vec<News>,
}

impl Source for Phone {
    fn provenance(&self) -> Provenance {
        Provenance::Simulated
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        let end = |port| Endpoint::new(Ipv4Addr::new(192, 0, 2, 7).into(), port);
        batch
            .rows
            .extend(self.0.lock().unwrap().connected.iter().map(|&uid| {
                let state = SocketState::Established;
                SocketRow::from_kernel(Table::Tcp, state, end(40_000), end(443), uid, uid.into())
            }));
        for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
            batch.report_mut(table).status = CoverageStatus::Readable;
        }
        Ok(Polled::Now)
    }
}

impl Remote for Phone {
    fn news(&mut self, news: &mut Vec<News>) {
        news.append(&mut self.0.lock().unwrap().news);
    }
}

/// A watch of a [`Phone`], and what it noted of bytes.
struct Watched {
    phone: Phone,
    pipeline: Pipeline,
    second: u64,
    events: Vec<Event>,
}

impl Watched {
    /// By the phone's own kernel, with counters below `tree`.
    fn here(tree: &Path) -> Self {
        Self::new(Opened::from, Some(tree))
    }

    /// From elsewhere.
    fn elsewhere() -> Self {
        Self::new(|phone| Opened::Elsewhere(Box::new(phone)), None)
    }

    fn new(open: fn(Phone) -> Opened, tree: Option<&Path>) -> Self {
        let phone = Phone::default();
        let shown = phone.clone();
        let pipeline = Pipeline::new(Parts {
            open_source: Box::new(move || Ok(open(shown.clone()))),
            table: TableSettings::default(),
            directory: Directory::android(PackageList::parse(b"")),
            programs: None,
            lists: ListSet::new(Vec::new()),
            names: NameBook::default(),
            watch: Watch::new(
                Settings::new(Platform::Android, Scope::All),
                History::default(),
            ),
            counters_root: tree.map(Path::to_owned),
            self_check: false,
            packages_overridden: true,
        });
        Self {
            phone,
            pipeline: pipeline.unwrap(),
            second: 0,
            events: Vec::new(),
        }
    }

    fn now(&self) -> Moment {
        Moment {
            wall: WallTime::from_millis(1_780_000_000_000),
            boot: BootTime::from_nanos(self.second * 1_000_000_000),
        }
    }

    /// Polls for ten minutes, every five seconds.
    fn ten_minutes(&mut self) {
        for _ in 0..120 {
            self.second += 5;
            let now = self.now();
            self.pipeline.poll(now, &mut self.events).unwrap();
        }
    }

    /// A connection of `uid` is there for a while, and ends.
    fn connects(&mut self, uid: u32) {
        for connected in [vec![uid], Vec::new()] {
            self.phone.0.lock().unwrap().connected = connected;
            self.second += 5;
            let now = self.now();
            self.pipeline.poll(now, &mut self.events).unwrap();
        }
    }

    fn front_end_feeds(&mut self, rows: &[(u32, u64)]) {
        let now = self.now();
        self.pipeline
            .feed_counters(reading(rows), now, &mut self.events);
    }

    fn brings(&mut self, news: News) {
        self.phone.0.lock().unwrap().news.push(news);
        self.second += 5;
        let now = self.now();
        self.pipeline.poll(now, &mut self.events).unwrap();
    }

    /// Who moved how much unseen, by what was noted since the latest call.
    fn noted(&mut self) -> Vec<(u32, u64)> {
        let noted = self.events.drain(..).filter_map(|event| match event.kind {
            EventKind::Noted(alert, NotedReason::BytesWithoutConnection(bytes)) => {
                Some((alert.owner.uid.unwrap().get(), bytes))
            }
            _ => None,
        });
        noted.collect()
    }
}

fn reading(rows: &[(u32, u64)]) -> Vec<UidBytes> {
    let row = |&(uid, received): &(u32, u64)| UidBytes {
        uid: Uid::new(uid),
        received,
        sent: 0,
    };
    rows.iter().map(row).collect()
}

/// What the kernel's counters show.
fn kernel_shows(tree: &Path, rows: &[(u32, u64)]) {
    let mut text = "idx iface acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets tx_bytes \
                    tx_packets\n"
        .to_owned();
    for (index, (uid, received)) in (2..).zip(rows) {
        writeln!(text, "{index} wlan0 0x0 {uid} 0 {received} 1 0 0").unwrap();
    }
    fs::create_dir_all(tree.join("net/xt_qtaguid")).unwrap();
    fs::write(tree.join("net/xt_qtaguid/stats"), text).unwrap();
}

/// The UID as which this test reads the kernel's counters.
fn own() -> u32 {
    nix::unistd::getuid().as_raw()
}

#[test]
fn beside_a_kernel_that_shows_own_counters_alone_the_front_end_accuses_nobody() {
    let tree = tempfile::tempdir().unwrap();
    kernel_shows(tree.path(), &[(own(), 300)]);
    let mut watched = Watched::here(tree.path());
    watched.ten_minutes();
    // Bytes since boot of everybody.
    watched.front_end_feeds(&[(own(), 300), (SEEN, 40_000_000), (UNSEEN, 5_000_000)]);
    assert_eq!(watched.noted(), []);
    // Seen early in these ten minutes, and moved its bytes then.
    watched.connects(SEEN);
    watched.ten_minutes();
    watched.front_end_feeds(&[(own(), 300), (SEEN, 41_000_000), (UNSEEN, 5_000_000)]);
    assert_eq!(watched.noted(), []);
    watched.ten_minutes();
    watched.front_end_feeds(&[(own(), 300), (SEEN, 41_000_000), (UNSEEN, 5_200_000)]);
    assert_eq!(watched.noted(), [(UNSEEN, 200_000)]);
}

#[test]
fn a_front_end_that_feeds_before_the_first_look_is_taken_as_one_that_feeds_after_it() {
    for (kernel, noted) in [
        (&[(own(), 300)][..], &[(UNSEEN, 200_000)][..]),
        (&[(own(), 300), (SEEN, 700)][..], &[]),
    ] {
        let tree = tempfile::tempdir().unwrap();
        kernel_shows(tree.path(), kernel);
        let mut watched = Watched::here(tree.path());
        watched.front_end_feeds(&[(SEEN, 40_000_000), (UNSEEN, 5_000_000)]);
        watched.ten_minutes();
        watched.front_end_feeds(&[(SEEN, 40_000_000), (UNSEEN, 5_200_000)]);
        assert_eq!(watched.noted(), noted);
    }
}

#[test]
fn a_kernel_that_shows_others_counters_is_not_compared_with_the_front_end() {
    let tree = tempfile::tempdir().unwrap();
    kernel_shows(tree.path(), &[(SEEN, 700), (UNSEEN, 100_000)]);
    let mut watched = Watched::here(tree.path());
    watched.ten_minutes();
    watched.front_end_feeds(&[(SEEN, 40_000_000), (UNSEEN, 5_000_000), (10_024, 900_000)]);
    watched.ten_minutes();
    assert_eq!(watched.noted(), []);
    kernel_shows(tree.path(), &[(SEEN, 700), (UNSEEN, 250_000)]);
    watched.ten_minutes();
    watched.front_end_feeds(&[(SEEN, 40_000_000), (UNSEEN, 5_150_000), (10_024, 900_000)]);
    assert_eq!(watched.noted(), [(UNSEEN, 150_000)]);
}

#[test]
fn who_comes_into_a_kernels_counters_after_own_rows_alone_has_moved_nothing_yet() {
    let tree = tempfile::tempdir().unwrap();
    kernel_shows(tree.path(), &[(own(), 300)]);
    let mut watched = Watched::here(tree.path());
    watched.ten_minutes();
    kernel_shows(tree.path(), &[(own(), 300), (UNSEEN, 5_000_000)]);
    watched.ten_minutes();
    assert_eq!(watched.noted(), []);
    // After a reading with others in it, who comes new began at 0.
    kernel_shows(
        tree.path(),
        &[(own(), 300), (UNSEEN, 5_000_000), (10_024, 90_000)],
    );
    watched.ten_minutes();
    assert_eq!(watched.noted(), [(10_024, 90_000)]);
}

#[test]
fn after_an_empty_reading_the_next_is_compared_with_none() {
    let tree = tempfile::tempdir().unwrap();
    let mut watched = Watched::here(tree.path());
    watched.front_end_feeds(&[(SEEN, 1_000), (UNSEEN, 1_000)]);
    watched.ten_minutes();
    watched.front_end_feeds(&[]);
    watched.ten_minutes();
    // 90 days instead of one: everybody's bytes rose, and one more is in it.
    watched.front_end_feeds(&[(SEEN, 9_000_000), (UNSEEN, 8_000_000), (10_024, 900_000)]);
    assert_eq!(watched.noted(), []);
    watched.ten_minutes();
    watched.front_end_feeds(&[(SEEN, 9_000_000), (UNSEEN, 8_100_000), (10_024, 900_000)]);
    assert_eq!(watched.noted(), [(UNSEEN, 100_000)]);
}

#[test]
fn a_fed_sum_that_falls_accuses_nobody() {
    let tree = tempfile::tempdir().unwrap();
    let mut watched = Watched::here(tree.path());
    for received in [9_000_000, 7_000_000, 7_000_000] {
        watched.front_end_feeds(&[(UNSEEN, received)]);
        watched.ten_minutes();
    }
    assert_eq!(watched.noted(), []);
    watched.front_end_feeds(&[(UNSEEN, 7_100_000)]);
    assert_eq!(watched.noted(), [(UNSEEN, 100_000)]);
}

#[test]
fn counters_from_elsewhere_are_not_compared_with_the_front_ends() {
    let mut watched = Watched::elsewhere();
    // The app's may come first.
    watched.front_end_feeds(&[(SEEN, 1_000), (UNSEEN, 1_000)]);
    let elsewhere = |bytes| News::Counters(reading(&[(SEEN, 40_000_000), (UNSEEN, bytes)]));
    watched.brings(elsewhere(5_000_000));
    watched.ten_minutes();
    watched.front_end_feeds(&[(SEEN, 1_000), (UNSEEN, 1_000)]);
    watched.front_end_feeds(&[]);
    watched.brings(elsewhere(5_000_000));
    assert_eq!(watched.noted(), []);
    watched.ten_minutes();
    watched.brings(elsewhere(5_100_000));
    assert_eq!(watched.noted(), [(UNSEEN, 100_000)]);
}

#[test]
fn counters_of_a_phone_that_started_anew_are_compared_with_none_of_before() {
    let mut watched = Watched::elsewhere();
    watched.brings(News::Counters(reading(&[(UNSEEN, 1_000)])));
    watched.brings(News::Rebooted);
    watched.brings(News::Counters(reading(&[
        (UNSEEN, 200_000),
        (SEEN, 90_000),
    ])));
    assert_eq!(watched.noted(), []);
    watched.brings(News::Counters(reading(&[
        (UNSEEN, 300_000),
        (SEEN, 90_000),
    ])));
    assert_eq!(watched.noted(), [(UNSEEN, 100_000)]);
}
