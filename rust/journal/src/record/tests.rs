//! Events, and the text that they become.

use std::sync::Arc;

use portlog_model::{
    BootTime, Category, Connection, ConnectionId, CoverageItem, CoverageStatus, DeathReason,
    Direction, HitKind, Level, ListHit, Match, OwnerKind, OwnerReason, PackageName, Platform,
    Program, Protocol, Provenance, Roles, Sha256, SocketState, SourceKind, Table, UserId,
};

use super::*;

fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_777_902_300_250 + i64::try_from(seconds * 1000).unwrap()),
        boot: BootTime::from_nanos((100 + seconds) * 1_000_000_000),
    }
}

fn sync() -> Owner {
    Owner {
        uid: Some(Uid::new(10_012)),
        user: Some(UserId::FIRST),
        kind: OwnerKind::Shared,
        packages: ["com.example.sync", "com.example.sync.two"]
            .map(|name| PackageName::new(name).unwrap())
            .to_vec(),
        program: Some(Program {
            name: "sync\u{7}d".into(),
            pid: 7,
        }),
        candidates: Vec::new(),
        name: "Sync  it".into(),
        firmware: Firmware::Yes,
        roles: Roles {
            go_between: true,
            user_facing: true,
        },
        why: OwnerReason::AdbShell,
    }
}

fn observed() -> Arc<Observed> {
    Arc::new(Observed {
        connection: Connection {
            id: ConnectionId::new(9),
            table: Table::Tcp6,
            state: SocketState::Established,
            direction: Direction::Out,
            own: false,
            practice: false,
            local: Endpoint::new("2001:db8::a".parse().unwrap(), 40_213),
            remote: Endpoint::new("::ffff:203.0.113.7".parse().unwrap(), 80),
            uid: Some(Uid::new(10_012)),
            inode: Inode::new(123_456),
            cookie: None,
            first_seen: at(0),
        },
        owner: Arc::new(sync()),
        shared_address: false,
        names: vec![SeenName {
            name: "sync.example.test".into(),
            address: "203.0.113.7".parse().unwrap(),
            source: NameSource::Tap,
            asker: None,
            at: at(0),
            ttl: Duration::from_mins(1),
        }],
        matches: Vec::new(),
    })
}

fn alert() -> Arc<Alert> {
    Arc::new(Alert {
        observed: Some(observed()),
        asked: None,
        owner: Arc::new(sync()),
        level: Level::Possible,
        matched: Some(Match {
            hit: ListHit {
                list: "mine.txt".into(),
                category: Category::VendorService,
                entry: "203.0.113.7".into(),
                line: 3,
                list_date: Some(at(0).wall),
                list_sha256: Sha256::new([0xA5; 32]),
                kind: HitKind::Address,
            },
            level: Level::Possible,
            weakened: vec![
                Weakening::Category(Category::VendorService),
                Weakening::Role(Role::GoBetween),
                Weakening::FirmwareUncertain(Firmware::Mixed),
                Weakening::Datagram,
            ],
        }),
        first_seen: at(0).wall,
        last_seen: at(3).wall,
        count: 4,
        sounds: false,
        bundled: 0,
        candidates: vec![Arc::new(sync())],
        platform: Platform::Android,
    })
}

/// The entry as `field value` lines, without the fields that have nothing to say.
fn said(kind: EventKind) -> Vec<String> {
    let context = Context {
        offset: UtcOffset::from_minutes(120).unwrap(),
        owner: &|uid| (uid.get() == 10_012).then_some(2),
        procfs: Some(true),
        case: Some("bench 7"),
        operator: None,
    };
    let entry = context.entry(&Event { at: at(3), kind }).unwrap();
    let fields = entry.kind().fields().iter().map(|(name, _)| *name);
    fields
        .zip(entry.values())
        .filter(|(name, value)| value.as_str() != "-" && *name != "time")
        .map(|(name, value)| format!("{name} {value}"))
        .collect()
}

#[test]
fn connections_are_written_in_full() {
    let (observed, by) = (observed(), at(2));
    let kind = EventKind::Changed {
        observed,
        was: SocketState::SynSent,
        after: Some(at(1)),
        by,
    };
    assert_eq!(
        said(kind),
        [
            "after 2026-05-04T15:45:01.250+02:00 101000",
            "by 2026-05-04T15:45:02.250+02:00 102000",
            "connection 9",
            "protocol tcp",
            "local [2001:db8::a]:40213",
            "remote 203.0.113.7:80",
            "state established",
            "was syn_sent",
            "direction out",
            "uid 10012",
            "owner 2",
            "inode 123456",
            "program sync\\u{7}d",
            "names sync.example.test tap -",
            "ours no",
        ]
    );
}

#[test]
fn alerts_are_written_with_their_entry_and_what_weakens_them() {
    let said = said(EventKind::Alert(alert()));
    for line in [
        "level possible",
        "reason list-entry",
        "category vendor-service",
        "line 3",
        "list_date 2026-05-04T15:45:00.250+02:00",
        "hit address",
        "weakened category-vendor-service,role-go-between,firmware-mixed,datagram",
        "count 4",
        "candidates 10012",
    ] {
        assert!(said.contains(&line.to_owned()), "{line}: {said:?}");
    }
}

#[test]
fn noted_events_say_why_and_need_no_connection() {
    let alert = Alert {
        observed: None,
        matched: None,
        level: Level::Noted,
        ..(*alert()).clone()
    };
    let said = said(EventKind::Noted(
        Arc::new(alert),
        NotedReason::BytesWithoutConnection(512),
    ));
    assert_eq!(
        said[..5],
        [
            "level noted",
            "reason bytes-without-connection",
            "uid 10012",
            "owner 2",
            "program sync\\u{7}d"
        ]
    );
    assert!(said.contains(&"bytes 512".to_owned()));
}

#[test]
fn a_name_that_was_asked_for_stands_where_names_stand_and_no_connection_does() {
    let mut alert = Alert {
        observed: None,
        asked: Some("ads.example.test".into()),
        ..(*alert()).clone()
    };
    let matched = alert.matched.as_mut().unwrap();
    matched.hit.kind = HitKind::Asked;
    matched.weakened = vec![Weakening::NameAlone];
    let said = said(EventKind::Alert(Arc::new(alert)));
    assert_eq!(
        said[..6],
        [
            "level possible",
            "reason list-entry",
            "uid 10012",
            "owner 2",
            "program sync\\u{7}d",
            "names ads.example.test tap 10012",
        ]
    );
    for line in ["hit asked", "weakened name-alone"] {
        assert!(said.contains(&line.to_owned()), "{line}: {said:?}");
    }
}

#[test]
fn coverage_of_names_has_words_of_its_own() {
    let names = Coverage {
        details: vec![
            CoverageDetail::TapOff,
            CoverageDetail::TapWithoutResolver,
            CoverageDetail::OtherVpn,
            CoverageDetail::ClearText,
            CoverageDetail::StrictPrivateDns,
            CoverageDetail::AskersUnknown,
            CoverageDetail::KnownResolvers(2),
            CoverageDetail::ForeignResolvers(3),
            CoverageDetail::FakeAddresses(4),
            CoverageDetail::Pinned {
                names: 640,
                days: 5,
            },
            CoverageDetail::PinnedExpired(6),
            CoverageDetail::NamesLost(7),
        ],
        ..Coverage::readable(CoverageItem::Names, SourceKind::Tap, 640)
    };
    let said = said(EventKind::Coverage(names));
    assert_eq!(said[..3], ["table names", "source tap", "status readable"]);
    assert_eq!(
        said[5],
        "detail tap-off, tap-without-resolver, other-vpn, clear-text, strict-private-dns, \
         askers-unknown, known-resolvers 2, foreign-resolvers 3, fake-addresses 4, pinned 640 5, \
         pinned-expired 6, names-lost 7"
    );
}

#[test]
fn the_rest_is_written_too() {
    let started = Started {
        version: "0.1.0".into(),
        provenance: Provenance::Replay,
        platform: Platform::Linux,
        boot_id: None,
        source: SourceKind::Diag,
        interval: Duration::from_millis(1500),
        scope_all: true,
        packages_overridden: true,
    };
    assert_eq!(
        said(EventKind::Started(started)),
        [
            "version 0.1.0",
            "provenance replay",
            "platform linux",
            "procfs yes",
            "source diag",
            "interval_ms 1500",
            "scope all",
            "packages_overridden yes",
            "case bench 7",
        ]
    );
    let denied = Coverage {
        status: CoverageStatus::Denied,
        details: vec![
            CoverageDetail::Errno(13),
            CoverageDetail::FellBackToProcfs(None),
            CoverageDetail::NotGiven,
        ],
        ..Coverage::readable(CoverageItem::Table(Table::Udp6), SourceKind::Procfs, 0)
    };
    assert_eq!(
        said(EventKind::Coverage(denied)),
        [
            "table udp6",
            "source procfs",
            "status denied",
            "rows 0",
            "bad_rows 0",
            "detail errno 13, fell-back-to-procfs, not-given"
        ]
    );
    let gap = EventKind::Gap {
        from: Some(at(1)),
        reason: GapReason::Died(DeathReason::LowMemory),
    };
    assert_eq!(
        said(gap),
        [
            "from 2026-05-04T15:45:01.250+02:00 101000",
            "reason died",
            "cause low-memory"
        ]
    );
    let clock = EventKind::Clock {
        before: at(1),
        jump_millis: -60_000,
    };
    assert_eq!(said(clock)[1], "jump_ms -60000");
}

#[test]
fn words_of_the_model_are_those_that_were_signed() {
    let states: Vec<&str> = (1..=12)
        .filter_map(|raw| SocketState::from_kernel(raw).ok())
        .map(SocketState::as_str)
        .collect();
    assert_eq!(
        states,
        [
            "established",
            "syn_sent",
            "syn_recv",
            "fin_wait1",
            "fin_wait2",
            "time_wait",
            "close",
            "close_wait",
            "last_ack",
            "listen",
            "closing",
            "new_syn_recv"
        ]
    );
    let tables: Vec<&str> = Table::ALL.iter().map(|table| table.as_str()).collect();
    assert_eq!(
        tables,
        [
            "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6"
        ]
    );
    assert_eq!(Protocol::UdpLite.as_str(), "udplite");
    assert_eq!(
        Category::ALL.map(Category::as_str),
        ["own", "threat", "tracker", "vendor-service", "reported"]
    );
    assert_eq!(DeathReason::ALL[0].as_str(), "user-requested");
    for word in states.iter().chain(&tables) {
        assert_eq!(Value::word(word).as_str(), *word);
    }
}

#[test]
fn owners_are_written_whole_or_say_what_is_left_out() {
    let value = owner(&sync()).unwrap();
    assert_eq!(
        value.as_str(),
        "10012 shared yes go-between,user-facing com.example.sync,com.example.sync.two Sync  it"
    );
    let many = Owner {
        packages: (0..400)
            .map(|number| PackageName::new(&format!("com.example.package{number}")).unwrap())
            .collect(),
        roles: Roles::NONE,
        ..sync()
    };
    let value = owner(&many).unwrap();
    let packages = value.as_str().split(' ').nth(4).unwrap();
    let (named, left) = packages.rsplit_once(",+").unwrap();
    assert_eq!(
        named.split(',').count() + left.parse::<usize>().unwrap(),
        400
    );
    let nobody = Owner {
        uid: None,
        ..sync()
    };
    assert_eq!(owner(&nobody), None);
    let long = Owner {
        name: "x".repeat(9000).into(),
        ..many
    };
    assert!(owner(&long).unwrap().as_str().ends_with(" -"));
}
