//! The history's rules and its file.

use std::os::unix::fs::PermissionsExt;
use std::{fs, io};

use portlog_model::{
    Alert, BootTime, Category, Connection, ConnectionId, Coverage, CoverageDetail, CoverageItem,
    CoverageStatus, Direction, Endpoint, Heartbeat, HitKind, ListHit, ListInfo, Match, NameSource,
    NotedReason, Owner, OwnerKind, OwnerReason, PackageName, PackagesInfo, Platform, Program, Role,
    Roles, SeenName, Sha256, SocketState, SourceKind, Table, Uid, UserId, Weakening,
};

use super::record::Traffic;
use super::*;

const AT: Moment = moment(1_780_000_000_000, 3_600);

const fn moment(wall: i64, seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(wall),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}

fn package(name: &str) -> PackageName {
    PackageName::new(name).unwrap()
}

fn owner(firmware: Firmware, why: OwnerReason) -> Arc<Owner> {
    Arc::new(Owner {
        uid: Some(Uid::new(10_087)),
        user: Some(UserId::FIRST),
        kind: OwnerKind::Shared,
        packages: vec![package("com.example.a"), package("com.example.b")],
        program: Some(Program {
            name: Arc::from("app_process"),
            pid: 7,
        }),
        candidates: Vec::new(),
        name: Arc::from("com.example.a (+1)"),
        firmware,
        roles: Roles {
            go_between: true,
            user_facing: false,
        },
        why,
    })
}

fn observed(owner: Arc<Owner>, remote: &str, seconds: u64) -> Arc<Observed> {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    Arc::new(Observed {
        connection: Connection {
            id: ConnectionId::new(seconds),
            table: Table::Tcp6,
            state: SocketState::Established,
            direction: Direction::Out,
            own: false,
            practice: false,
            local: "[2001:db8::2]:40001"
                .parse::<std::net::SocketAddr>()
                .map(|end| Endpoint::new(end.ip(), end.port()))
                .unwrap(),
            remote: Endpoint::new(remote.ip(), remote.port()),
            uid: owner.uid,
            inode: portlog_model::Inode::new(12),
            cookie: portlog_model::Cookie::new(13),
            first_seen: AT,
        },
        owner,
        shared_address: true,
        names: vec![SeenName {
            name: Arc::from("host.test"),
            address: remote.ip(),
            source: NameSource::Tap,
            asker: Some(Uid::new(10_087)),
            at: AT,
            ttl: Duration::from_mins(5),
        }],
        matches: vec![Match {
            hit: ListHit {
                list: Arc::from("mine"),
                category: Category::Own,
                entry: Arc::from("203.0.113.0/24"),
                line: 3,
                list_date: Some(AT.wall),
                list_sha256: Sha256::new([0xab; 32]),
                kind: HitKind::Network,
            },
            level: Level::Possible,
            weakened: vec![
                Weakening::Role(Role::GoBetween),
                Weakening::FirmwareUncertain(Firmware::Mixed),
                Weakening::Category(Category::Tracker),
                Weakening::NotEstablished,
            ],
        }],
    })
}

fn alert(observed: &Arc<Observed>) -> Arc<Alert> {
    Arc::new(Alert {
        observed: Some(Arc::clone(observed)),
        asked: None,
        owner: Arc::clone(&observed.owner),
        level: Level::Possible,
        matched: observed.matches.first().cloned(),
        first_seen: AT.wall,
        last_seen: AT.wall,
        count: 2,
        sounds: false,
        bundled: 3,
        candidates: vec![Arc::clone(&observed.owner)],
        platform: Platform::Android,
    })
}

fn reasons() -> Vec<OwnerReason> {
    let (package, path) = (package("com.example.a"), Arc::from("/odm/app"));
    vec![
        OwnerReason::NoOwnerInRow,
        OwnerReason::PlatformId { name: "system" },
        OwnerReason::PlatformRange { range: "vendor" },
        OwnerReason::AdbShell,
        OwnerReason::OnFirmwarePartition {
            package: package.clone(),
            path: Some(Arc::clone(&path)),
        },
        OwnerReason::MixedPackages { firmware: 1, of: 2 },
        OwnerReason::UnknownPlace { package, path },
        OwnerReason::SandboxOf {
            app: Uid::new(10_001),
        },
        OwnerReason::UserNotListed {
            user: UserId::new(10),
        },
        OwnerReason::PackageListShort { packages: 3 },
        OwnerReason::Account {
            name: Arc::from("root"),
        },
        OwnerReason::AccountsUnreadable,
    ]
}

fn everything() -> Vec<What> {
    let mut all: Vec<What> = reasons()
        .into_iter()
        .map(|why| {
            What::Traffic(Traffic {
                opened: observed(owner(Firmware::Yes, why), "203.0.113.7:443", 1),
                after: Some(AT),
                by: AT,
                last: AT.wall,
                count: 4,
                level: Some(Level::Possible),
            })
        })
        .collect();
    let seen = observed(
        owner(Firmware::Mixed, OwnerReason::AdbShell),
        "[2001:db8::7]:80",
        2,
    );
    let coverage = Coverage {
        details: vec![
            CoverageDetail::Errno(13),
            CoverageDetail::FellBackToProcfs(None),
            CoverageDetail::WithoutPeer(3),
            CoverageDetail::NotGiven,
        ],
        ..Coverage::readable(CoverageItem::Table(Table::Udp), SourceKind::Diag, 5)
    };
    let gap = |reason, note| What::Gap {
        from: Some(AT),
        reason,
        note,
    };
    all.extend([
        What::Alert(alert(&seen)),
        What::Noted(alert(&seen), NotedReason::BytesWithoutConnection(7)),
        What::Coverage(coverage.clone()),
        What::Packages(PackagesInfo {
            coverage,
            packages: 7,
            uids: 6,
            sha256: Some(Sha256::new([1; 32])),
        }),
        What::List(ListInfo {
            name: Arc::from("mine"),
            category: Category::VendorService,
            date: None,
            sha256: Sha256::new([2; 32]),
            rules: 3,
            bad_lines: 4,
        }),
        What::Clock {
            before: AT,
            jump_millis: -5,
        },
        What::Config {
            name: Arc::from("scope"),
            value: Arc::from("all"),
        },
        What::Drop { events: 3 },
        gap(GapReason::Fault(Arc::from("panic: a \"quoted\" one")), None),
        gap(GapReason::Unreadable(CoverageItem::Table(Table::Tcp)), None),
        gap(
            GapReason::Died(portlog_model::DeathReason::LowMemory),
            Some(DeathNote {
                at: AT.wall,
                detail: Arc::from("importance 400"),
            }),
        ),
        What::Hour(Heartbeat {
            watched: Duration::from_mins(59),
            polls: 3_500,
            ..Heartbeat::default()
        }),
        What::Summary(Summary {
            entries: 1,
            owners: vec![Arc::clone(&seen.owner)],
            ..Summary::default()
        }),
        What::Practice { failed: None },
        What::Practice {
            failed: Some(portlog_model::PracticeLink::SeenAndHeard),
        },
        What::StartMissed,
        What::StartedBy(Arc::from("boot")),
    ]);
    all
}

#[test]
fn every_record_is_read_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<Arc<Record>> = everything()
        .into_iter()
        .zip(1..)
        .map(|(what, sequence)| {
            Arc::new(Record {
                sequence,
                at: AT.wall,
                run: 0,
                what,
            })
        })
        .collect();
    let Opened::Usable(mut file, 0) = HistoryFile::open(folder.path(), AT.wall, &mut |_| {}) else {
        panic!("no new history");
    };
    file.append(&records, true).unwrap();
    let mut read = Vec::new();
    let opened = HistoryFile::open(folder.path(), AT.wall, &mut |record| {
        read.push(Arc::new(record));
    });
    assert!(matches!(opened, Opened::Usable(_, 0)));
    assert_eq!(read, records);
    // Owners that are the same are one in memory.
    let owners: Vec<&Arc<Owner>> = read.iter().filter_map(|record| record.owner()).collect();
    let [.., one, other] = owners.as_slice() else {
        panic!("{owners:#?}");
    };
    assert!(Arc::ptr_eq(one, other));
}

/// The form of version 1. A change that cannot read this needs another version.
#[test]
fn a_line_of_version_1_is_read() {
    let line = r#"{"n":20,"t":1780003610000,"w":{"alert":{"observed":{"connection":{"id":5,"table":"tcp","state":"established","direction":"out","own":false,"practice":false,"local":"198.51.100.2:40004","remote":"192.0.2.77:443","uid":10087,"inode":4,"cookie":null,"first_seen":{"wall":1780003610000,"boot":3610000000000}},"owner":{"uid":10087,"user":0,"kind":"app","packages":["com.example.sync"],"program":null,"candidates":[],"name":"com.example.sync","firmware":"yes","roles":{"go_between":false,"user_facing":false},"why":{"on-firmware-partition":{"package":"com.example.sync","path":"/system/app"}}},"names":[],"matches":[{"hit":{"list":"mine","category":"own","entry":"192.0.2.77","line":1,"list_date":null,"list_sha256":"abababababababababababababababababababababababababababababababab","kind":"address"},"level":"match","weakened":["datagram",{"role":"go-between"}]}]},"owner":{"uid":1000,"user":0,"kind":"system","packages":[],"name":"system","firmware":"yes","why":{"platform-id":{"name":"system"}}},"level":"match","matched":null,"first_seen":1780003610000,"last_seen":1780003610000,"count":1,"sounds":true,"bundled":0,"candidates":[],"platform":"android"}}}"#;
    let record: Record = serde_json::from_str(line).unwrap();
    let What::Alert(alert) = &record.what else {
        panic!("{record:#?}");
    };
    assert_eq!(record.sequence, 20);
    assert_eq!(alert.owner.why, OwnerReason::PlatformId { name: "system" });
    assert_eq!(
        alert.observed.as_ref().unwrap().matches[0].weakened.len(),
        2
    );
    for bad in [
        line.replace("\"name\":\"system\"}", "\"name\":\"no such id\"}"),
        line.replace("abab", "abxx"),
        line.replace("192.0.2.77:443", "192.0.2.77"),
    ] {
        assert!(serde_json::from_str::<Record>(&bad).is_err(), "{bad}");
    }
}

#[test]
fn each_class_keeps_its_share_and_may_use_what_others_leave() {
    let traffic = |firmware, number: u64| {
        What::Traffic(Traffic {
            opened: observed(
                owner(firmware, OwnerReason::AdbShell),
                "203.0.113.7:443",
                number,
            ),
            after: None,
            by: AT,
            last: AT.wall,
            count: 1,
            level: None,
        })
    };
    let mut history = History::new();
    for number in 0..12_000 {
        history.add(traffic(Firmware::No, number), AT.wall, 1);
    }
    assert_eq!(history.len(), MOST, "apps fill what nobody uses");
    for number in 0..12_000 {
        history.add(traffic(Firmware::Yes, number), AT.wall, 1);
    }
    for _ in 0..12_000 {
        history.add(What::StartMissed, AT.wall, 1);
    }
    for _ in 0..12_000 {
        history.add(What::Hour(Heartbeat::default()), AT.wall, 1);
    }
    assert_eq!(history.len(), MOST);
    let of = |history: &mut History, class| {
        history
            .records()
            .filter(|record| record.class() == class)
            .count()
    };
    assert_eq!(of(&mut history, Class::Finding), 3_000);
    assert_eq!(of(&mut history, Class::Ordinary), 2_000);
    assert_eq!(of(&mut history, Class::Traffic), 3_500);
    assert_eq!(of(&mut history, Class::Apps), 1_500);
    // What is left is the newest of each.
    let oldest = history.records().next().unwrap().sequence;
    assert_eq!(oldest, 12_000 - 1_500 + 1);
}

#[test]
fn hours_hold_what_was_booked_in_them_and_go_on_after_a_restart() {
    let minutes = |watched: u64| Heartbeat {
        watched: Duration::from_mins(watched),
        ..Heartbeat::default()
    };
    let at = |minute: i64| WallTime::from_millis(1_780_002_000_000 / HOUR * HOUR + minute * 60_000);
    let watched = |history: &mut History| -> Vec<u64> {
        history
            .records()
            .filter_map(|record| match record.what {
                What::Hour(hour) => Some(hour.watched.as_secs() / 60),
                _ => None,
            })
            .collect()
    };
    let beat = |history: &mut History, minute: i64, heartbeat| {
        let event = Event {
            at: Moment {
                wall: at(minute),
                ..AT
            },
            kind: EventKind::Heartbeat(heartbeat),
        };
        history.take(&event, 1)
    };
    let mut history = History::new();
    history.account(at(30), minutes(0), 1);
    history.account(at(44), minutes(14), 1);
    assert_eq!(watched(&mut history), [14]);
    assert_eq!(beat(&mut history, 45, minutes(15)), 1);
    history.account(at(59), minutes(14), 1);
    assert_eq!(watched(&mut history), [29]);
    // The hour changes between two heartbeats: each minute is booked once.
    history.account(at(60), minutes(15), 1);
    history.account(at(61), minutes(16), 1);
    assert_eq!(watched(&mut history), [29, 1]);
    beat(&mut history, 62, minutes(17));
    history.account(at(65), minutes(3), 1);
    assert_eq!(watched(&mut history), [29, 5]);
    history.end_account();
    history.account(at(70), minutes(0), 2);
    history.account(at(75), minutes(5), 2);
    assert_eq!(watched(&mut history), [29, 10]);
}

#[test]
fn names_that_the_users_apps_asked_for_are_kept_only_on_request() {
    for (firmware, asked_to, kept) in [
        (Firmware::Yes, false, 1),
        (Firmware::Mixed, false, 1),
        (Firmware::Unknown, false, 1),
        (Firmware::No, false, 0),
        (Firmware::No, true, 1),
    ] {
        let owner = owner(firmware, OwnerReason::NoOwnerInRow);
        let mut opened = Observed::clone(&observed(owner, "192.0.2.7:443", 0));
        for name in &mut opened.names {
            name.source = NameSource::Tap;
        }
        let mut history = History::new();
        history.keep_names_of_others(asked_to);
        let kind = EventKind::Opened {
            observed: Arc::new(opened),
            after: None,
            by: AT,
        };
        let sequence = history.take(&Event { at: AT, kind }, 1);
        let record = history.get(sequence).unwrap();
        let What::Traffic(traffic) = &record.what else {
            panic!("{record:?}");
        };
        assert_eq!(traffic.opened.names.len(), kept, "{firmware:?}");
    }
}

#[test]
fn the_pace_that_follows_the_screen_is_not_kept() {
    let mut history = History::new();
    let mut take = |name: &str, value: &str| {
        let kind = EventKind::Config {
            name: Arc::from(name),
            value: Arc::from(value),
        };
        history.take(&Event { at: AT, kind }, 1) > 0
    };
    assert!(!take("interval", "1000 ms"));
    assert!(!take("interval", "10000 ms"));
    assert!(take("scope", "all"));
}

#[test]
fn what_only_repeats_is_not_kept_again() {
    let mut history = History::new();
    let mut take = |at: Moment, kind| history.take(&Event { at, kind }, 1) > 0;
    let coverage = |rows, status| {
        EventKind::Coverage(Coverage {
            status,
            ..Coverage::readable(CoverageItem::Table(Table::Tcp), SourceKind::Procfs, rows)
        })
    };
    assert!(take(AT, coverage(3, CoverageStatus::Readable)));
    assert!(!take(AT, coverage(9, CoverageStatus::Readable)));
    assert!(take(AT, coverage(0, CoverageStatus::Denied)));
    assert!(take(AT, coverage(3, CoverageStatus::Readable)));
    let gap = |reason| EventKind::Gap {
        from: Some(AT),
        reason,
    };
    let later = |seconds: u64| {
        moment(
            AT.wall.as_millis() + i64::try_from(seconds).unwrap() * 1_000,
            3_600 + seconds,
        )
    };
    assert!(!take(later(60), gap(GapReason::Suspended)), "a nap");
    assert!(take(later(3_600), gap(GapReason::Suspended)));
    assert!(!take(later(10), gap(GapReason::Late)));
    assert!(take(later(90), gap(GapReason::Late)));
    let fault = || gap(GapReason::Fault(Arc::from("no such file")));
    assert!(take(later(100), fault()));
    assert!(!take(later(105), fault()));
    assert!(take(later(4_000), fault()));
    assert!(take(
        later(4_001),
        gap(GapReason::Fault(Arc::from("another")))
    ));
}

#[test]
fn what_a_start_found_out_does_not_wait_to_be_written() {
    let gap = |reason| What::Gap {
        from: Some(AT),
        reason,
        note: None,
    };
    for found in [
        What::StartMissed,
        What::StartedBy(Arc::from("by the user")),
        gap(GapReason::NotRunning),
        gap(GapReason::Died(portlog_model::DeathReason::LowMemory)),
    ] {
        let mut history = History::new();
        history.add(What::Practice { failed: None }, AT.wall, 1);
        assert_eq!(history.due(AT.boot, false).unwrap().records.len(), 1);
        history.add(What::Practice { failed: None }, AT.wall, 1);
        history.add(gap(GapReason::Suspended), AT.wall, 1);
        assert!(history.due(AT.boot, false).is_none(), "these can wait");
        history.add(found, AT.wall, 1);
        let due = history.due(AT.boot, false).unwrap();
        assert_eq!(due.records.len(), 3);
        assert!(due.sync);
    }
}

#[test]
fn the_file_is_written_anew_when_it_has_grown_well_past_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let Opened::Usable(mut file, 0) = HistoryFile::open(folder.path(), AT.wall, &mut |_| {}) else {
        panic!("no new history");
    };
    let mut history = History::new();
    let sequence = history.add(What::StartMissed, AT.wall, 1);
    let due = history.due(AT.boot, true).unwrap();
    for _ in 0..8_000 {
        file.append(&due.records, false).unwrap();
    }
    assert!(!file.is_overgrown(history.len()));
    file.append(&due.records, false).unwrap();
    file.append(&due.records, false).unwrap();
    assert!(file.is_overgrown(history.len()));
    file.rewrite(&due.records).unwrap();
    assert!(!file.is_overgrown(history.len()));
    let path = folder.path().join("history.jsonl");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    file.append(&due.records, true).unwrap();
    let mut read = Vec::new();
    HistoryFile::open(folder.path(), AT.wall, &mut |record| {
        read.push(record.sequence);
    });
    assert_eq!(read, [sequence, sequence]);
}

#[test]
fn a_line_without_end_costs_itself_and_not_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let mut text = b"{\"format\":\"portlog-history\",\"version\":1}\n".to_vec();
    text.extend(vec![b'x'; 3 << 20]);
    text.extend(b"\n{\"n\":4,\"t\":5,\"w\":\"start-missed\"}\n");
    fs::write(&path, text).unwrap();
    let mut read = Vec::new();
    let opened = HistoryFile::open(folder.path(), AT.wall, &mut |record| read.push(record));
    assert!(matches!(opened, Opened::Usable(_, 1)));
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].what, What::StartMissed);
}

#[test]
fn what_could_not_be_written_waits_and_comes_behind_the_torn_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let mut history = History::new();
    history.add(What::StartMissed, AT.wall, 1);
    let due = history.due(AT.boot, true).unwrap();
    assert!(history.due(AT.boot, true).is_none());
    history.put_back(&due);
    let again = history.due(AT.boot, true).unwrap();
    assert_eq!(again.records.len(), 1);

    let Opened::Usable(mut file, 0) = HistoryFile::open(folder.path(), AT.wall, &mut |_| {}) else {
        panic!("no new history");
    };
    file.write_to(
        fs::OpenOptions::new()
            .append(true)
            .open("/dev/full")
            .unwrap(),
    );
    let error = file.append(&again.records, false).unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    file.write_to(fs::OpenOptions::new().append(true).open(&path).unwrap());
    file.append(&again.records, true).unwrap();
    let mut read = 0;
    let opened = HistoryFile::open(folder.path(), AT.wall, &mut |_| read += 1);
    assert!(matches!(opened, Opened::Usable(_, 0)));
    assert_eq!(read, 1);
}
