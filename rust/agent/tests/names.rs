//! Names in the watch: what the tap teaches becomes names of peers, levels, coverage, and alerts
//! about names alone.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::net::Ipv4Addr;
use std::time::Duration;

use portlog_agent::{Directory, NameBook, PackageList, Pipeline, TapCoverage, TapState};
use portlog_model::{
    Alert, BootTime, Coverage, CoverageDetail, CoverageItem, CoverageStatus, Endpoint, Event,
    EventKind, HitKind, Level, Moment, Observed, Platform, SocketRow, SocketState, SourceKind,
    Table, Uid, WallTime, Weakening,
};
use portlog_names::pinned::PinnedFile;
use portlog_names::{AddressRecord, Answer};
use portlog_watch::{History, Scope, Settings, Watch};

#[expect(dead_code, reason = "shared with tests that use more of it")]
mod support;

use support::{Script, Step};

const UPDATER: u32 = 10_010;
const OTHER: u32 = 10_011;
const GAME: u32 = 10_087;
const PACKAGES: &str = "package:/system/priv-app/Updater.apk=com.example.updater uid:10010\n\
     package:/system/priv-app/Other.apk=com.example.other uid:10011\n\
     package:/data/app/com.example.game-1/base.apk=com.example.game uid:10087\n";
const HOST: &str = "198.51.100.9:443";

/// A phone that is polled by hand.
struct Phone {
    pipeline: Pipeline,
    names: NameBook,
    script: Script,
    now: Moment,
}

impl Phone {
    fn new(list: &str) -> Self {
        let script = Script::new([Step::Rows(Vec::new())]);
        let mut parts = support::parts_with_list(script.clone(), list);
        parts.directory = Directory::android(PackageList::parse(PACKAGES.as_bytes()));
        parts.watch = Watch::new(
            Settings::new(Platform::Android, Scope::Firmware),
            History::default(),
        );
        let names = parts.names.clone();
        Self {
            pipeline: Pipeline::new(parts).unwrap(),
            names,
            script,
            now: Moment {
                wall: WallTime::from_millis(1_780_000_000_000),
                boot: BootTime::from_nanos(3_600_000_000_000),
            },
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now = Moment {
            wall: self.now.wall.saturating_add(time),
            boot: self.now.boot.saturating_add(time),
        };
    }

    /// A look a second later.
    fn look(&mut self) -> Vec<Event> {
        self.wait(Duration::from_secs(1));
        let mut events = Vec::new();
        self.pipeline.poll(self.now, &mut events).unwrap().unwrap();
        events
    }

    fn look_at(&mut self, rows: Vec<SocketRow>) -> Vec<Event> {
        self.script.go_on_with(Step::Rows(rows));
        self.look()
    }

    fn learn(&self, name: &str, asker: Option<u32>, addresses: &[&str]) {
        let records: Vec<AddressRecord<'_>> = addresses
            .iter()
            .map(|address| AddressRecord {
                name,
                address: address.parse().unwrap(),
                ttl: 60,
            })
            .collect();
        self.names.learn(&Answer {
            name,
            asker: asker.map(Uid::new),
            at: self.now,
            aliases: &[],
            addresses: &records,
        });
    }
}

fn row(remote: &str, inode: u64, uid: u32) -> SocketRow {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    let port = 40_000 + u16::try_from(inode).unwrap();
    SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(192, 0, 2, 2), port)),
        Endpoint::new(remote.ip(), remote.port()),
        uid,
        inode,
    )
}

fn alerts(events: &[Event]) -> Vec<&Alert> {
    let alerts = events.iter().filter_map(|event| match &event.kind {
        EventKind::Alert(alert) => Some(&**alert),
        _ => None,
    });
    alerts.collect()
}

fn opened(events: &[Event]) -> Vec<&Observed> {
    let opened = events.iter().filter_map(|event| match &event.kind {
        EventKind::Opened { observed, .. } => Some(&**observed),
        _ => None,
    });
    opened.collect()
}

fn names_coverage(events: &[Event]) -> Vec<&Coverage> {
    let coverage = events.iter().filter_map(|event| match &event.kind {
        EventKind::Coverage(coverage) if coverage.item == CoverageItem::Names => Some(coverage),
        _ => None,
    });
    coverage.collect()
}

#[test]
fn who_asked_and_connects_is_a_match_and_the_silent_one_is_not() {
    let mut phone = Phone::new("bad.test\n");
    phone.look();
    phone.learn("bad.test", Some(UPDATER), &["198.51.100.9"]);
    let events = phone.look_at(vec![row(HOST, 1, UPDATER), row(HOST, 2, OTHER)]);
    let told = alerts(&events);
    // First that it asked, then what its connection is, then the other's.
    assert_eq!(told.len(), 3, "{events:#?}");
    assert_eq!(
        (told[0].asked.as_deref(), told[0].level),
        (Some("bad.test"), Level::Possible)
    );
    assert!(told[0].observed.is_none());
    let levels: Vec<(Option<u32>, Level)> = told[1..]
        .iter()
        .map(|alert| (alert.owner.uid.map(Uid::get), alert.level))
        .collect();
    assert_eq!(
        levels,
        [
            (Some(UPDATER), Level::Match),
            (Some(OTHER), Level::Possible)
        ]
    );
    let matched = told[2].matched.as_ref().unwrap();
    assert_eq!(matched.weakened, [Weakening::AskedByAnother]);
    assert!(told[1..].iter().all(|alert| {
        let observed = alert.observed.as_ref().unwrap();
        observed.names.len() == 1 && &*observed.names[0].name == "bad.test"
    }));
}

#[test]
fn a_question_counts_once_a_look_and_only_of_whom_is_known_and_in_scope() {
    let mut phone = Phone::new("bad.test\n");
    phone.look();
    // A and AAAA, twice, in whatever case, and without an address.
    for name in ["bad.test", "BAD.test.", "bad.test"] {
        phone.learn(name, Some(UPDATER), &[]);
    }
    phone.learn("bad.test", None, &["198.51.100.9"]);
    phone.learn("bad.test", Some(GAME), &["198.51.100.9"]);
    phone.learn("good.test", Some(UPDATER), &["198.51.100.10"]);
    phone.learn(&"x".repeat(300), Some(UPDATER), &[]);
    phone.learn("", Some(UPDATER), &[]);
    let events = phone.look();
    let told = alerts(&events);
    assert_eq!(told.len(), 1, "{events:#?}");
    assert_eq!(told[0].count, 1);
    assert_eq!(told[0].owner.uid, Some(Uid::new(UPDATER)));
    assert_eq!(alerts(&phone.look()).len(), 0, "asked once, told once");

    // The unknown asker's answer is context for whoever connects.
    let events = phone.look_at(vec![row(HOST, 1, OTHER)]);
    assert_eq!(alerts(&events)[0].level, Level::Possible);
}

#[test]
fn questions_beyond_their_room_are_counted() {
    let mut phone = Phone::new("bad.test\n");
    phone.look();
    for number in 0..5_000 {
        phone.learn(&format!("{number}.good.test"), Some(UPDATER), &[]);
    }
    phone.learn("bad.test", Some(OTHER), &[]);
    let events = phone.look();
    assert_eq!(
        alerts(&events).len(),
        0,
        "it found no room, and that is said"
    );
    let details = &names_coverage(&events)[0].details;
    assert!(
        details.contains(&CoverageDetail::NamesLost(905)),
        "{details:?}"
    );
    phone.learn("bad.test", Some(OTHER), &[]);
    assert_eq!(alerts(&phone.look()).len(), 1, "there is room again");
}

#[test]
fn what_is_seen_of_names_and_what_goes_past_is_coverage_and_told_when_it_is_news() {
    let mut phone = Phone::new("");
    let events = phone.look();
    let [off] = names_coverage(&events)[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (off.status, off.source, off.details.as_slice()),
        (
            CoverageStatus::Absent,
            SourceKind::Tap,
            &[CoverageDetail::TapOff][..]
        )
    );
    assert_eq!(names_coverage(&phone.look()).len(), 0);

    phone.names.set_tap(TapCoverage {
        state: TapState::On,
        clear_text: true,
        tells_askers: true,
        servers: vec!["192.0.2.53".parse().unwrap()],
        forwarder: Some(Uid::new(10_200)),
        ..TapCoverage::default()
    });
    phone.learn("a.test", None, &["198.51.100.9"]);
    let events = phone.look();
    let on = names_coverage(&events)[0];
    assert_eq!((on.status, on.rows), (CoverageStatus::Readable, 1));
    assert_eq!(on.details, [CoverageDetail::ClearText]);

    // Past the tap: a public resolver by HTTPS, another's port 853; not the tap's own ways.
    let events = phone.look_at(vec![
        row("9.9.9.9:443", 1, GAME),
        row("198.51.100.53:853", 2, GAME),
        row("192.0.2.53:53", 3, GAME),
        row("198.51.100.54:53", 4, 10_200),
        row("198.18.0.7:443", 5, GAME),
    ]);
    assert_eq!(
        names_coverage(&events)[0].details,
        [
            CoverageDetail::ClearText,
            CoverageDetail::KnownResolvers(1),
            CoverageDetail::ForeignResolvers(1),
            CoverageDetail::FakeAddresses(1),
        ]
    );
    assert_eq!(names_coverage(&phone.look()).len(), 0);

    phone.names.set_tap(TapCoverage {
        state: TapState::OtherVpn,
        ..TapCoverage::default()
    });
    let events = phone.look();
    let other = names_coverage(&events)[0];
    assert_eq!(
        (other.status, other.details.as_slice()),
        (
            CoverageStatus::Absent,
            &[CoverageDetail::OtherVpn, CoverageDetail::FakeAddresses(1)][..]
        )
    );
}

#[test]
fn pinned_answers_are_possible_until_they_are_fourteen_days_old() {
    let mut phone = Phone::new("bad.test\n");
    // 2026-05-28T20:26:40Z is the phone's clock.
    let file = "portlog-pinned/1\nresolver 192.0.2.53:53 udp\nvantage a bench\n\
                answer 2026-05-26T20:26:40Z ok 60 bad.test 198.51.100.9\n\
                answer 2026-05-01T00:00:00Z ok 60 old.test 198.51.100.10\n\
                answer 2026-05-26T20:26:40Z nxdomain - gone.test\nnonsense\n";
    let told = phone.names.pin(&PinnedFile::open(file.as_bytes()).unwrap());
    assert_eq!(
        (
            told.answers,
            told.without_address,
            told.no_room,
            told.bad.len()
        ),
        (2, 1, 0, 1)
    );
    let events = phone.look();
    let coverage = names_coverage(&events)[0];
    assert_eq!(coverage.status, CoverageStatus::Readable);
    assert_eq!(
        coverage.details,
        [
            CoverageDetail::TapOff,
            CoverageDetail::Pinned { names: 1, days: 2 },
            CoverageDetail::PinnedExpired(1),
        ]
    );
    let events = phone.look_at(vec![row(HOST, 1, UPDATER)]);
    let told = alerts(&events);
    assert_eq!(told.len(), 1);
    let matched = told[0].matched.as_ref().unwrap();
    assert_eq!(
        (matched.hit.kind, matched.level, matched.weakened.as_slice()),
        (
            HitKind::Pinned,
            Level::Possible,
            &[Weakening::PinnedAnswer][..]
        )
    );
    phone.wait(Duration::from_hours(12 * 24));
    let events = phone.look_at(vec![row(HOST, 2, OTHER)]);
    assert_eq!(alerts(&events).len(), 0);
    assert!(opened(&events)[0].names.is_empty());
    assert_eq!(
        names_coverage(&events)[0].details,
        [CoverageDetail::TapOff, CoverageDetail::PinnedExpired(2)]
    );
}

#[test]
fn a_book_is_shared_by_its_clones() {
    let book = NameBook::default();
    let other = book.clone();
    let teacher = std::thread::spawn(move || {
        for number in 0..1_000_u32 {
            let name = format!("host-{}.test", number % 50);
            other.learn(&Answer {
                name: &name,
                asker: Some(Uid::new(UPDATER)),
                at: Moment {
                    wall: WallTime::from_millis(0),
                    boot: BootTime::from_nanos(u64::from(number)),
                },
                aliases: &[],
                addresses: &[AddressRecord {
                    name: &name,
                    address: Ipv4Addr::from(0xC633_6400 + number % 50).into(),
                    ttl: 60,
                }],
            });
        }
    });
    teacher.join().unwrap();
    let mut phone = Phone::new("");
    phone.names = book.clone();
    let at = Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(1_000),
    };
    let mut found = Vec::new();
    let address = "198.51.100.7".parse().unwrap();
    portlog_watch::Names::look_up(&book, address, Some(Uid::new(UPDATER)), at, &mut found);
    assert_eq!(found.len(), 1);
    assert_eq!(&*found[0].seen.name, "host-7.test");
    assert_eq!(found[0].weakened, [None, None]);
}
