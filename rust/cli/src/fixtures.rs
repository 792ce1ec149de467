//! One of everything, for tests: documentation addresses and invented packages.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Alert, BootTime, Category, Connection, ConnectionId, Coverage, CoverageDetail, CoverageItem,
    CoverageStatus, Direction, Endpoint, Event, EventKind, Firmware, GapReason, Heartbeat, HitKind,
    Inode, Level, ListHit, ListInfo, Match, Moment, NameSource, NotedReason, Observed, Owner,
    OwnerKind, OwnerReason, PackageName, PackagesInfo, Platform, Program, Provenance, Role, Roles,
    SeenName, Sha256, SocketState, SourceKind, Started, Stopped, Table, Uid, UserId, WallTime,
    Weakening,
};

/// `seconds` after 2026-05-04T13:45:00.250Z, two hours after boot.
pub(crate) fn moment(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_777_902_300_250).saturating_add(Duration::from_secs(seconds)),
        boot: BootTime::from_nanos(7_200_000_000_000).saturating_add(Duration::from_secs(seconds)),
    }
}

/// `end("192.0.2.10:40213")`.
pub(crate) fn end(text: &str) -> Endpoint {
    let end: std::net::SocketAddr = text.parse().unwrap();
    Endpoint::new(end.ip(), end.port())
}

/// An outgoing TCP connection of UID 10012.
pub(crate) fn connection() -> Connection {
    Connection {
        id: ConnectionId::new(7),
        table: Table::Tcp,
        state: SocketState::Established,
        direction: Direction::Out,
        own: false,
        practice: false,
        local: end("192.0.2.10:40213"),
        remote: end("203.0.113.7:80"),
        uid: Some(Uid::new(10_012)),
        inode: Inode::new(123_456),
        cookie: None,
        first_seen: moment(2),
    }
}

/// A package that came with the phone.
pub(crate) fn firmware_app() -> Owner {
    let package = PackageName::new("com.example.sync").unwrap();
    Owner {
        uid: Some(Uid::new(10_012)),
        user: Some(UserId::FIRST),
        kind: OwnerKind::App,
        packages: vec![package.clone()],
        program: None,
        candidates: Vec::new(),
        name: Arc::from("com.example.sync"),
        firmware: Firmware::Yes,
        roles: Roles::NONE,
        why: OwnerReason::OnFirmwarePartition {
            package,
            path: Some(Arc::from("/system/priv-app/Sync")),
        },
    }
}

/// An account of a plain Linux, with the program.
pub(crate) fn account() -> Owner {
    Owner {
        uid: Some(Uid::new(1_000)),
        user: None,
        kind: OwnerKind::User,
        packages: Vec::new(),
        program: Some(Program {
            name: Arc::from("fetcher"),
            pid: 4_242,
        }),
        candidates: Vec::new(),
        name: Arc::from("maria"),
        firmware: Firmware::Unknown,
        roles: Roles::NONE,
        why: OwnerReason::Account {
            name: Arc::from("maria"),
        },
    }
}

/// An address entry of an own list.
pub(crate) fn matched() -> Match {
    Match {
        hit: ListHit {
            list: Arc::from("mine.txt"),
            category: Category::Own,
            entry: Arc::from("203.0.113.7"),
            line: 3,
            list_date: Some(WallTime::from_millis(1_775_001_600_000)),
            list_sha256: Sha256::new([0xa5; 32]),
            kind: HitKind::Address,
        },
        level: Level::Match,
        weakened: Vec::new(),
    }
}

/// A name of the connection's peer.
pub(crate) fn name(source: NameSource, asker: Option<u32>) -> SeenName {
    SeenName {
        name: Arc::from("sync.example.test"),
        address: "203.0.113.7".parse().unwrap(),
        source,
        asker: asker.map(Uid::new),
        at: moment(1),
        ttl: Duration::from_mins(5),
    }
}

/// A firmware app asked for a listed name, and no connection is known.
pub(crate) fn asked() -> Alert {
    let matched = Match {
        hit: ListHit {
            entry: Arc::from("sync.example.test"),
            kind: HitKind::Asked,
            ..matched().hit
        },
        level: Level::Possible,
        weakened: vec![Weakening::NameAlone],
    };
    Alert {
        observed: None,
        asked: Some(Arc::from("sync.example.test")),
        level: Level::Possible,
        matched: Some(matched),
        sounds: false,
        ..alert()
    }
}

/// The connection of the firmware app with a listed host.
pub(crate) fn observed() -> Observed {
    Observed {
        connection: connection(),
        owner: Arc::new(firmware_app()),
        names: vec![name(NameSource::Tap, Some(10_012))],
        shared_address: false,
        matches: vec![matched()],
    }
}

/// A match.
pub(crate) fn alert() -> Alert {
    let observed = observed();
    Alert {
        owner: Arc::clone(&observed.owner),
        observed: Some(Arc::new(observed)),
        asked: None,
        level: Level::Match,
        matched: Some(matched()),
        first_seen: moment(2).wall,
        last_seen: moment(2).wall,
        count: 1,
        sounds: true,
        bundled: 0,
        candidates: Vec::new(),
        platform: Platform::Android,
    }
}

/// A possible match, weakened by a role, of a name that only a go-between asked for.
pub(crate) fn possible() -> Alert {
    let mut owner = firmware_app();
    owner.roles = Roles {
        go_between: true,
        ..Roles::NONE
    };
    let owner = Arc::new(owner);
    let mut matched = matched();
    matched.level = Level::Possible;
    matched.weakened = vec![Weakening::Role(Role::GoBetween)];
    Alert {
        observed: Some(Arc::new(Observed {
            connection: connection(),
            owner: Arc::clone(&owner),
            names: Vec::new(),
            shared_address: false,
            matches: vec![matched.clone()],
        })),
        owner,
        level: Level::Possible,
        matched: Some(matched),
        sounds: false,
        ..alert()
    }
}

/// A firmware owner at a destination where it was not seen before.
pub(crate) fn first_seen() -> Alert {
    Alert {
        observed: Some(Arc::new(Observed {
            matches: Vec::new(),
            ..observed()
        })),
        level: Level::Noted,
        matched: None,
        sounds: false,
        ..alert()
    }
}

/// The beginning of a watch of a phone.
pub(crate) fn started() -> Started {
    Started {
        version: Arc::from("0.1.0"),
        provenance: Provenance::Live,
        platform: Platform::Android,
        boot_id: Some(Arc::from("3f0c9a52-1d2e-4b7c-9a55-0f6a3c1d7e21")),
        source: SourceKind::Diag,
        interval: Duration::from_secs(1),
        scope_all: false,
        packages_overridden: false,
    }
}

/// A table that could be read.
pub(crate) fn readable() -> Coverage {
    Coverage::readable(CoverageItem::Table(Table::Tcp), SourceKind::Diag, 41)
}

/// A table that the kernel refuses.
pub(crate) fn denied() -> Coverage {
    Coverage {
        item: CoverageItem::Table(Table::Tcp6),
        source: SourceKind::Procfs,
        status: CoverageStatus::Denied,
        rows: 0,
        bad_rows: 0,
        details: vec![CoverageDetail::Errno(13)],
    }
}

/// One event of each kind, in the order of docs/EVENTS.md.
pub(crate) fn events() -> Vec<Event> {
    let mut events = about_connections();
    events.extend(about_the_watch());
    events
}

fn about_connections() -> Vec<Event> {
    let observed = Arc::new(observed());
    vec![
        event(0, EventKind::Started(started())),
        event(
            2,
            EventKind::Opened {
                observed: Arc::new(Observed {
                    connection: Connection {
                        state: SocketState::SynSent,
                        ..connection()
                    },
                    matches: Vec::new(),
                    ..Observed::clone(&observed)
                }),
                after: Some(moment(1)),
                by: moment(2),
            },
        ),
        event(
            3,
            EventKind::Changed {
                observed: Arc::clone(&observed),
                was: SocketState::SynSent,
                after: Some(moment(2)),
                by: moment(3),
            },
        ),
        event(
            9,
            EventKind::Closed {
                observed,
                after: Some(moment(8)),
                by: moment(9),
            },
        ),
        event(3, EventKind::Alert(Arc::new(alert()))),
        event(
            2,
            EventKind::Noted(Arc::new(first_seen()), NotedReason::FirstSeenDestination),
        ),
    ]
}

fn about_the_watch() -> Vec<Event> {
    vec![
        event(0, EventKind::Coverage(denied())),
        event(
            0,
            EventKind::List(ListInfo {
                name: Arc::from("mine.txt"),
                category: Category::Own,
                date: Some(WallTime::from_millis(1_775_001_600_000)),
                sha256: Sha256::new([0xa5; 32]),
                rules: 12,
                bad_lines: 1,
            }),
        ),
        event(
            0,
            EventKind::Packages(PackagesInfo {
                coverage: Coverage::readable(CoverageItem::Packages, SourceKind::Packages, 213),
                packages: 213,
                uids: 187,
                sha256: Some(Sha256::new([0x5a; 32])),
            }),
        ),
        event(
            20,
            EventKind::Clock {
                before: moment(19),
                jump_millis: -3_600_000,
            },
        ),
        event(
            900,
            EventKind::Heartbeat(Heartbeat {
                awake: Duration::from_mins(14),
                suspended: Duration::from_mins(1),
                polls: 812,
                watched: Duration::from_secs(838),
                denied: Duration::ZERO,
                connections: 41,
            }),
        ),
        event(
            30,
            EventKind::Config {
                name: Arc::from("interval"),
                value: Arc::from("1s"),
            },
        ),
        event(31, EventKind::Drop { events: 17 }),
        event(
            90,
            EventKind::Gap {
                from: Some(moment(30)),
                reason: GapReason::Suspended,
            },
        ),
        event(
            901,
            EventKind::Stopped(Stopped {
                polls: 813,
                matches: 1,
                possible: 0,
                dropped: 0,
            }),
        ),
    ]
}

fn event(seconds: u64, kind: EventKind) -> Event {
    Event {
        at: moment(seconds),
        kind,
    }
}
