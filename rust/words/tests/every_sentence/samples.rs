//! A sample of every variant, and everything that can be made of them.

#![expect(
    clippy::unwrap_used,
    reason = "samples are built outside of test functions"
)]

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Advice, Alert, BootTime, Category, Connection, ConnectionId, CoverageDetail, CoverageItem,
    DeathReason, Direction, Endpoint, Explanation, Firmware, GapReason, HitKind, Inode, Level,
    ListHit, Match, Moment, NotedReason, Observed, Owner, OwnerKind, OwnerReason, PackageName,
    PackagePlace, Platform, PracticeLink, Program, Remark, Role, Roles, Sentence, Sha256,
    SocketState, Table, Uid, UserId, WallTime, Weakening,
};
use portlog_words::{Language, say};

/// Every sentence of every variant, in every combination that changes its words.
pub(crate) fn every_sentence() -> Vec<String> {
    fn english(sentence: Sentence<'_>) -> String {
        say(&sentence, Language::English)
    }
    let mut sentences = vec![
        english(Sentence::NotObservedLive),
        english(Sentence::NoFirmwareHere),
    ];
    sentences.extend(
        all_explanations()
            .into_iter()
            .map(|it| english(Sentence::Explanation(it))),
    );
    sentences.extend(
        all_advice()
            .into_iter()
            .map(|it| english(Sentence::Advice(it))),
    );
    sentences.extend(
        owner_reasons()
            .iter()
            .map(|it| english(Sentence::OwnerReason(it))),
    );
    sentences.extend(
        weakenings()
            .into_iter()
            .map(|it| english(Sentence::Weakening(it))),
    );
    for category in categories() {
        sentences.push(english(Sentence::Weakening(Weakening::Category(category))));
    }
    for firmware in firmwares() {
        sentences.push(english(Sentence::Weakening(Weakening::FirmwareUncertain(
            firmware,
        ))));
    }
    sentences.extend(
        coverage_details()
            .into_iter()
            .map(|it| english(Sentence::Coverage(it))),
    );
    for number in 0..140 {
        sentences.push(english(Sentence::Coverage(CoverageDetail::Errno(number))));
    }
    sentences.extend(gaps().iter().map(|it| english(Sentence::Gap(it))));
    for item in [CoverageItem::Packages, CoverageItem::Names] {
        sentences.push(english(Sentence::Gap(&GapReason::Unreadable(item))));
    }
    sentences.extend(
        remarks()
            .into_iter()
            .map(|it| english(Sentence::Remark(it))),
    );
    for connection in connections() {
        let app = owner(OwnerKind::App, Firmware::Yes);
        sentences.push(english(Sentence::Connection(&connection)));
        sentences.push(english(Sentence::Observed(&observed(app, connection))));
    }
    for owner in owners() {
        sentences.push(english(Sentence::Observed(&observed(owner, connection()))));
    }
    for alert in alerts() {
        sentences.push(english(Sentence::Alert(&alert)));
        for reason in noted_reasons() {
            sentences.push(english(Sentence::Noted(&alert, reason)));
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
        sentences.push(english(Sentence::Noted(&listening, reason)));
    }
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
        Remark::AppsWithheld,
        Remark::StartMissed,
        Remark::StartedBy(""),
        Remark::StartedBy("after an update"),
        Remark::Ended("nothing more to read"),
        Remark::PracticeUnopened("permission denied"),
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

/// Samples of a type, one for each variant at least: a new variant without one does not compile.
macro_rules! samples {
    ($name:ident: $type:ty { $($pattern:pat => $value:expr),+ $(,)? }) => {
        pub(crate) fn $name() -> Vec<$type> {
            let has_a_sample = |value: &$type| match value { $($pattern => ()),+ };
            let all = vec![$($value),+];
            all.iter().for_each(has_a_sample);
            all
        }
    };
}

samples!(categories: Category {
    Category::Own => Category::Own,
    Category::Threat => Category::Threat,
    Category::Tracker => Category::Tracker,
    Category::VendorService => Category::VendorService,
    Category::Reported => Category::Reported,
});
samples!(levels: Level {
    Level::Noted => Level::Noted,
    Level::Possible => Level::Possible,
    Level::Match => Level::Match,
});
samples!(firmwares: Firmware {
    Firmware::Yes => Firmware::Yes,
    Firmware::No => Firmware::No,
    Firmware::Mixed => Firmware::Mixed,
    Firmware::Preloaded => Firmware::Preloaded,
    Firmware::Unknown => Firmware::Unknown,
});
samples!(kinds: OwnerKind {
    OwnerKind::Kernel => OwnerKind::Kernel,
    OwnerKind::System => OwnerKind::System,
    OwnerKind::Shell => OwnerKind::Shell,
    OwnerKind::App => OwnerKind::App,
    OwnerKind::Shared => OwnerKind::Shared,
    OwnerKind::Isolated => OwnerKind::Isolated,
    OwnerKind::Sandbox => OwnerKind::Sandbox,
    OwnerKind::Removed => OwnerKind::Removed,
    OwnerKind::User => OwnerKind::User,
    OwnerKind::Service => OwnerKind::Service,
    OwnerKind::Unknown => OwnerKind::Unknown,
});
samples!(directions: Direction {
    Direction::In => Direction::In,
    Direction::Out => Direction::Out,
    Direction::Unknown => Direction::Unknown,
});
samples!(states: SocketState {
    SocketState::Established => SocketState::Established,
    SocketState::SynSent => SocketState::SynSent,
    SocketState::SynRecv => SocketState::SynRecv,
    SocketState::FinWait1 => SocketState::FinWait1,
    SocketState::FinWait2 => SocketState::FinWait2,
    SocketState::TimeWait => SocketState::TimeWait,
    SocketState::Close => SocketState::Close,
    SocketState::CloseWait => SocketState::CloseWait,
    SocketState::LastAck => SocketState::LastAck,
    SocketState::Listen => SocketState::Listen,
    SocketState::Closing => SocketState::Closing,
    SocketState::NewSynRecv => SocketState::NewSynRecv,
    SocketState::BoundInactive => SocketState::BoundInactive,
});
samples!(hit_kinds: HitKind {
    HitKind::Address => HitKind::Address,
    HitKind::Network => HitKind::Network,
    HitKind::Domain => HitKind::Domain,
    HitKind::Pinned => HitKind::Pinned,
});
samples!(noted_reasons: NotedReason {
    NotedReason::ListEntry => NotedReason::ListEntry,
    NotedReason::FirstSeenDestination => NotedReason::FirstSeenDestination,
    NotedReason::NewListener => NotedReason::NewListener,
    NotedReason::BytesWithoutConnection(_) => NotedReason::BytesWithoutConnection(2_048),
});
samples!(all_explanations: Explanation {
    Explanation::AnsweredInBetween => Explanation::AnsweredInBetween,
    Explanation::SharedAddress => Explanation::SharedAddress,
    Explanation::ListMayBeWrong => Explanation::ListMayBeWrong,
    Explanation::FetchesForOthers => Explanation::FetchesForOthers,
    Explanation::GoesWhereItsUserGoes => Explanation::GoesWhereItsUserGoes,
    Explanation::SharedUid => Explanation::SharedUid,
    Explanation::DatagramMaySendNothing => Explanation::DatagramMaySendNothing,
    Explanation::PeerBegan => Explanation::PeerBegan,
    Explanation::OwnerNotTold => Explanation::OwnerNotTold,
    Explanation::SystemActsForApps => Explanation::SystemActsForApps,
});
samples!(all_advice: Advice {
    Advice::KeepWatching => Advice::KeepWatching,
    Advice::ReadTheEntry => Advice::ReadTheEntry,
    Advice::CapturePackets => Advice::CapturePackets,
    Advice::SwitchServiceOff => Advice::SwitchServiceOff,
    Advice::AskWithTheLog => Advice::AskWithTheLog,
    Advice::DoNotResetYet => Advice::DoNotResetYet,
    Advice::KeepACopy => Advice::KeepACopy,
    Advice::AskForHelp => Advice::AskForHelp,
});
samples!(coverage_details: CoverageDetail {
    CoverageDetail::Errno(_) => CoverageDetail::Errno(13),
    CoverageDetail::FellBackToProcfs(_) => CoverageDetail::FellBackToProcfs(Some(2)),
    CoverageDetail::NotCheckable => CoverageDetail::NotCheckable,
    CoverageDetail::OwnSocketMissing => CoverageDetail::OwnSocketMissing,
    CoverageDetail::OnlyOwnRows => CoverageDetail::OnlyOwnRows,
    CoverageDetail::Truncated(_) => CoverageDetail::Truncated(1),
    CoverageDetail::FirstBadLine(_) => CoverageDetail::FirstBadLine(7),
    CoverageDetail::NotTracked(_) => CoverageDetail::NotTracked(12),
    CoverageDetail::WithoutPeer(_) => CoverageDetail::WithoutPeer(41),
    CoverageDetail::EventsLost(_) => CoverageDetail::EventsLost(2),
    CoverageDetail::NoDestroyEvents(_) => CoverageDetail::NoDestroyEvents(None),
    CoverageDetail::BadEntries(_) => CoverageDetail::BadEntries(3),
    CoverageDetail::ImplausiblyShort(_) => CoverageDetail::ImplausiblyShort(4),
    CoverageDetail::NotGiven => CoverageDetail::NotGiven,
});
samples!(gaps: GapReason {
    GapReason::Fault(_) => GapReason::Fault(Arc::from("index out of bounds")),
    GapReason::Suspended => GapReason::Suspended,
    GapReason::Late => GapReason::Late,
    GapReason::Unreadable(_) => GapReason::Unreadable(CoverageItem::Table(Table::Tcp6)),
    GapReason::NotRunning => GapReason::NotRunning,
    GapReason::Died(_) => GapReason::Died(DeathReason::LowMemory),
});
samples!(weakenings: Weakening {
    Weakening::Category(_) => Weakening::Category(Category::Reported),
    Weakening::OwnerUnknown => Weakening::OwnerUnknown,
    Weakening::FirmwareUncertain(_) => Weakening::FirmwareUncertain(Firmware::Unknown),
    Weakening::Role(Role::GoBetween) => Weakening::Role(Role::GoBetween),
    Weakening::Role(Role::UserFacing) => Weakening::Role(Role::UserFacing),
    Weakening::Datagram => Weakening::Datagram,
    Weakening::NotEstablished => Weakening::NotEstablished,
    Weakening::Inbound => Weakening::Inbound,
    Weakening::DirectionUnknown => Weakening::DirectionUnknown,
    Weakening::PinnedAnswer => Weakening::PinnedAnswer,
    Weakening::AskedByAnother => Weakening::AskedByAnother,
    Weakening::AskerUnknown => Weakening::AskerUnknown,
    Weakening::NotAskedJustBefore => Weakening::NotAskedJustBefore,
    Weakening::OutOfScope => Weakening::OutOfScope,
});
samples!(owner_reasons: OwnerReason {
    OwnerReason::NoOwnerInRow => OwnerReason::NoOwnerInRow,
    OwnerReason::PlatformId { .. } => OwnerReason::PlatformId { name: "system" },
    OwnerReason::PlatformRange { .. } => OwnerReason::PlatformRange { range: "vendor" },
    OwnerReason::AdbShell => OwnerReason::AdbShell,
    OwnerReason::OnFirmwarePartition { .. } => OwnerReason::OnFirmwarePartition {
        package: package("com.example.sync"),
        path: Some(Arc::from("/system/priv-app/Sync")),
    },
    OwnerReason::UpdatedFirmware { .. } => {
        OwnerReason::UpdatedFirmware { package: package("com.example.sync") }
    },
    OwnerReason::InstalledInData { .. } => {
        OwnerReason::InstalledInData { package: package("com.example.sync") }
    },
    OwnerReason::InDataByPathAlone { .. } => {
        OwnerReason::InDataByPathAlone { package: package("com.example.sync") }
    },
    OwnerReason::SignedAsFirmware { .. } => {
        OwnerReason::SignedAsFirmware { package: package("com.example.sync") }
    },
    OwnerReason::PresentSinceFirstBoot { .. } => {
        OwnerReason::PresentSinceFirstBoot { package: package("com.example.sync") }
    },
    OwnerReason::MixedPackages { .. } => OwnerReason::MixedPackages { firmware: 1, of: 2 },
    OwnerReason::MarkedAsSystem { .. } => {
        OwnerReason::MarkedAsSystem { package: package("com.example.sync") }
    },
    OwnerReason::InstalledElsewhere { .. } => OwnerReason::InstalledElsewhere {
        package: package("com.example.sync"),
        path: Arc::from("/mnt/expand/x"),
    },
    OwnerReason::UnknownPlace { .. } => OwnerReason::UnknownPlace {
        package: package("com.example.sync"),
        path: Arc::from("/strange"),
    },
    OwnerReason::NoPathKnown { .. } => {
        OwnerReason::NoPathKnown { package: package("com.example.sync") }
    },
    OwnerReason::IsolatedProcess => OwnerReason::IsolatedProcess,
    OwnerReason::SandboxOf { .. } => OwnerReason::SandboxOf { app: Uid::new(10_012) },
    OwnerReason::NotInPackageList => OwnerReason::NotInPackageList,
    OwnerReason::PackageListUnreadable => OwnerReason::PackageListUnreadable,
    OwnerReason::PackageListShort { .. } => OwnerReason::PackageListShort { packages: 1 },
    OwnerReason::PackageListDamaged { .. } => OwnerReason::PackageListDamaged { bad: 2 },
    OwnerReason::PackageListWithoutUids { .. } => {
        OwnerReason::PackageListWithoutUids { packages: 3 }
    },
    OwnerReason::UserNotListed { .. } => OwnerReason::UserNotListed { user: UserId::new(10) },
    OwnerReason::NoPackageList => OwnerReason::NoPackageList,
    OwnerReason::UnassignedRange => OwnerReason::UnassignedRange,
    OwnerReason::OverflowId => OwnerReason::OverflowId,
    OwnerReason::Account { .. } => OwnerReason::Account { name: Arc::from("maria") },
    OwnerReason::NoAccount => OwnerReason::NoAccount,
    OwnerReason::AccountsNotGiven => OwnerReason::AccountsNotGiven,
    OwnerReason::AccountsUnreadable => OwnerReason::AccountsUnreadable,
});
