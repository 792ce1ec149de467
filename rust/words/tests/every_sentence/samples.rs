//! A sample of every variant, and everything that can be made of them.

#![expect(
    clippy::unwrap_used,
    reason = "samples are built outside of test functions"
)]

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Alert, BootTime, Category, Connection, ConnectionId, CoverageDetail, CoverageItem, Direction,
    Endpoint, Firmware, GapReason, HitKind, Inode, Level, ListHit, Match, Moment, NotedReason,
    Notice, Observed, Owner, OwnerKind, OwnerReason, PackageName, PackagePlace, Platform,
    PracticeLink, Program, Remark, Roles, Sentence, Sha256, SocketState, Table, Uid, UserId,
    WallTime, Weakening,
};
use portlog_words::{Language, say};

use crate::app;
use crate::log;
use crate::report;
use crate::variants::*;

/// Every sentence of every variant, in every combination that changes its words, in the same order
/// in every language.
pub(crate) fn every_sentence(language: Language) -> Vec<String> {
    let said = |sentence: Sentence<'_>| say(&sentence, language);
    let mut sentences = vec![
        said(Sentence::NotObservedLive),
        said(Sentence::NoFirmwareHere),
    ];
    sentences.extend(
        all_explanations()
            .into_iter()
            .map(|it| said(Sentence::Explanation(it))),
    );
    sentences.extend(
        all_advice()
            .into_iter()
            .map(|it| said(Sentence::Advice(it))),
    );
    sentences.extend(
        owner_reasons()
            .iter()
            .map(|it| said(Sentence::OwnerReason(it))),
    );
    sentences.extend(
        weakenings()
            .into_iter()
            .map(|it| said(Sentence::Weakening(it))),
    );
    for category in categories() {
        sentences.push(said(Sentence::Weakening(Weakening::Category(category))));
    }
    for firmware in firmwares() {
        sentences.push(said(Sentence::Weakening(Weakening::FirmwareUncertain(
            firmware,
        ))));
    }
    sentences.extend(
        coverage_details()
            .into_iter()
            .map(|it| said(Sentence::Coverage(it))),
    );
    for number in 0..140 {
        sentences.push(said(Sentence::Coverage(CoverageDetail::Errno(number))));
    }
    sentences.extend(gaps().iter().map(|it| said(Sentence::Gap(it))));
    for item in [CoverageItem::Packages, CoverageItem::Names] {
        sentences.push(said(Sentence::Gap(&GapReason::Unreadable(item))));
    }
    sentences.extend(remarks().into_iter().map(|it| said(Sentence::Remark(it))));
    for connection in connections() {
        let app = owner(OwnerKind::App, Firmware::Yes);
        sentences.push(said(Sentence::Connection(&connection)));
        sentences.push(said(Sentence::Observed(&observed(app, connection))));
    }
    for owner in owners() {
        sentences.push(said(Sentence::Observed(&observed(owner, connection()))));
    }
    for alert in alerts() {
        sentences.push(said(Sentence::Alert(&alert)));
        for reason in noted_reasons() {
            sentences.push(said(Sentence::Noted(&alert, reason)));
        }
    }
    for reason in noted_reasons() {
        let listening = Alert {
            observed: None,
            matched: None,
            ..alert(
                owner(OwnerKind::App, Firmware::Yes),
                matched(HitKind::Domain, Level::Noted, Vec::new()),
            )
        };
        sentences.push(said(Sentence::Noted(&listening, reason)));
    }
    let asked = asked_alert();
    sentences.push(said(Sentence::Alert(&asked)));
    sentences.push(said(Sentence::Deed(&asked)));
    sentences.push(said(Sentence::Noted(&asked, NotedReason::ListEntry)));
    sentences.push(said(Sentence::NoticeBody(Notice::Alert(&asked))));
    app::add(&said, &mut sentences);
    report::add(language, &mut sentences);
    log::add(language, &mut sentences);
    sentences
}

/// What screens say besides.
pub(crate) fn remarks() -> Vec<Remark<'static>> {
    let path = Some("/system/app/Example");
    let mut remarks = vec![
        Remark::MutedOwner("com.example.sync"),
        Remark::MutedEntry("203.0.113.0/24"),
        Remark::MutedRemote("203.0.113.7".parse().unwrap()),
        Remark::InstalledBy(None),
        Remark::InstalledBy(Some("com.example.store")),
        Remark::HistoryNewer,
        Remark::HistorySetAside,
        Remark::HistoryUnwritten("no space left on device"),
        Remark::StateSetAside,
        Remark::ShelfSetAside,
        Remark::AppsWithheld,
        Remark::StartMissed,
        Remark::StartedBy(""),
        Remark::StartedBy("after an update"),
        Remark::Ended("nothing more to read"),
        Remark::PracticeUnopened("connection refused"),
        Remark::PracticePassed,
    ];
    remarks.extend(PracticeLink::ALL.map(Remark::PracticeFailed));
    for path in [None, path] {
        remarks.push(Remark::PackagePlace(PackagePlace::Firmware { path }));
        remarks.push(Remark::PackagePlace(PackagePlace::Installed { path }));
        for factory in [None, Some("/system/app/Example")] {
            remarks.push(Remark::PackagePlace(PackagePlace::Updated {
                path,
                factory,
            }));
        }
    }
    let by = moment().wall;
    for after in [None, Some(by)] {
        remarks.push(Remark::OpenedBetween { after, by });
        remarks.push(Remark::EndedBetween { after, by });
    }
    for count in [0, 1, 2] {
        remarks.push(Remark::InThatHour(count));
        remarks.push(Remark::HistoryBadLines(count));
        remarks.push(Remark::LookedFor {
            looks: count,
            within: Duration::from_secs(count * 5),
        });
        remarks.push(Remark::Timeline {
            opened: count,
            alerts: count,
            hours: u32::try_from(count).unwrap(),
            watched: Duration::from_hours(count),
        });
        for (dated, old) in [(false, false), (false, true), (true, false), (true, true)] {
            remarks.push(Remark::ListAge {
                age: Duration::from_hours(24 * count),
                dated,
                old,
            });
        }
    }
    remarks
}

/// Alerts of every level, owner, category, kind of entry and weakening, over connections of every
/// protocol with a peer.
pub(crate) fn alerts() -> Vec<Alert> {
    let mut alerts = Vec::new();
    let by = |owner: Owner, kind, level| {
        let weakened = if level == Level::Match {
            Vec::new()
        } else {
            weakenings()
        };
        alert(owner, matched(kind, level, weakened))
    };
    for level in levels() {
        for owner in owners() {
            alerts.push(by(owner, HitKind::Address, level));
        }
        for kind in hit_kinds() {
            for category in categories() {
                let mut alert = by(owner(OwnerKind::App, Firmware::Yes), kind, level);
                alert.matched.as_mut().unwrap().hit.category = category;
                alerts.push(alert);
            }
        }
    }
    for connection in connections()
        .into_iter()
        .filter(|connection| !connection.is_listener() && !connection.remote.is_unset())
    {
        let mut alert = alert(
            owner(OwnerKind::System, Firmware::Yes),
            matched(HitKind::Network, Level::Possible, Vec::new()),
        );
        let observed = Observed {
            connection,
            ..Observed::clone(alert.observed.as_ref().unwrap())
        };
        alert.observed = Some(Arc::new(observed));
        alerts.push(alert);
    }
    alerts
}

/// Owners of every kind and firmware level, of one package and of several, with and without roles,
/// programs and candidates, and nobody.
pub(crate) fn owners() -> Vec<Owner> {
    let mut owners = vec![Owner::unnamed()];
    for kind in kinds() {
        for firmware in firmwares() {
            owners.push(owner(kind, firmware));
            owners.push(Owner {
                packages: vec![package("com.example.a"), package("com.example.b")],
                roles: Roles {
                    go_between: true,
                    user_facing: true,
                },
                uid: Some(Uid::new(1_010_012)),
                user: Some(UserId::new(10)),
                program: Some(Program {
                    name: Arc::from("fetcher"),
                    pid: 4_242,
                }),
                ..owner(kind, firmware)
            });
            owners.push(Owner {
                packages: Vec::new(),
                user: None,
                candidates: (1..=6)
                    .map(|pid| Program {
                        name: Arc::from("fetcher"),
                        pid,
                    })
                    .collect(),
                ..owner(kind, firmware)
            });
        }
    }
    owners
}

pub(crate) fn connections() -> Vec<Connection> {
    let unset = Endpoint::new("0.0.0.0".parse().unwrap(), 0);
    let mut connections = Vec::new();
    for table in [
        Table::Tcp,
        Table::Udp,
        Table::UdpLite,
        Table::Raw,
        Table::Icmp,
    ] {
        for state in states() {
            for direction in directions() {
                let with_peer = Connection {
                    table,
                    state,
                    direction,
                    ..connection()
                };
                connections.push(with_peer);
                connections.push(Connection {
                    remote: unset,
                    ..with_peer
                });
            }
        }
    }
    connections
}

pub(crate) fn moment() -> Moment {
    Moment {
        wall: WallTime::from_millis(1_777_902_300_250),
        boot: BootTime::from_nanos(7),
    }
}

pub(crate) fn package(name: &str) -> PackageName {
    PackageName::new(name).unwrap()
}

pub(crate) fn owner(kind: OwnerKind, firmware: Firmware) -> Owner {
    Owner {
        uid: Some(Uid::new(10_012)),
        user: Some(UserId::FIRST),
        kind,
        packages: vec![package("com.example.sync")],
        program: None,
        candidates: Vec::new(),
        name: Arc::from("com.example.sync"),
        firmware,
        roles: Roles::NONE,
        why: OwnerReason::NoPackageList,
    }
}

pub(crate) fn connection() -> Connection {
    Connection {
        id: ConnectionId::new(7),
        table: Table::Tcp,
        state: SocketState::Established,
        direction: Direction::Out,
        own: false,
        practice: false,
        local: Endpoint::new("192.0.2.10".parse().unwrap(), 40_213),
        remote: Endpoint::new("203.0.113.7".parse().unwrap(), 443),
        uid: Some(Uid::new(10_012)),
        inode: Inode::new(5),
        cookie: None,
        first_seen: moment(),
    }
}

pub(crate) fn observed(owner: Owner, connection: Connection) -> Observed {
    Observed {
        connection,
        owner: Arc::new(owner),
        names: Vec::new(),
        shared_address: false,
        matches: Vec::new(),
    }
}

pub(crate) fn observed_by(owner: Owner) -> String {
    say(
        &Sentence::Observed(&observed(owner, connection())),
        Language::English,
    )
}

pub(crate) fn matched(kind: HitKind, level: Level, weakened: Vec<Weakening>) -> Match {
    Match {
        hit: ListHit {
            list: Arc::from("lists.txt"),
            category: Category::Threat,
            entry: Arc::from("203.0.113.0/24"),
            line: 12,
            list_date: Some(WallTime::from_millis(1_775_001_600_000)),
            list_sha256: Sha256::new([0xa5; 32]),
            kind,
        },
        level,
        weakened,
    }
}

pub(crate) fn alert(owner: Owner, matched: Match) -> Alert {
    let observed = observed(owner, connection());
    Alert {
        owner: Arc::clone(&observed.owner),
        observed: Some(Arc::new(observed)),
        asked: None,
        level: matched.level,
        matched: Some(matched),
        first_seen: moment().wall,
        last_seen: moment().wall.saturating_add(Duration::from_secs(61)),
        count: 3,
        sounds: false,
        bundled: 0,
        candidates: Vec::new(),
        platform: Platform::Android,
    }
}

/// A firmware app asked for a listed name, and that is all that is known.
pub(crate) fn asked_alert() -> Alert {
    let weakened = vec![Weakening::NameAlone];
    Alert {
        observed: None,
        asked: Some(Arc::from("ads.example.test")),
        ..alert(
            owner(OwnerKind::App, Firmware::Yes),
            matched(HitKind::Asked, Level::Possible, weakened),
        )
    }
}
