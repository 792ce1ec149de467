//! Lists of variants.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Advice, Alert, Category, Coverage, CoverageDetail, CoverageItem, CoverageStatus, DeathReason,
    Direction, EventKind, Explanation, Firmware, GapReason, Heartbeat, HitKind, Level, LinkState,
    ListInfo, NotedReason, Observed, OwnerKind, OwnerReason, PackagesInfo, Platform, PracticeLink,
    Protocol, Provenance, Role, Sha256, SocketState, SourceKind, Started, Stopped, Table, Uid,
    Unreachable, UserId, WallTime, WatchState, Weakening, Word,
};

use crate::samples::{alert, connection, matched, moment, observed, owner, package};

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
    HitKind::Asked => HitKind::Asked,
    HitKind::Package => HitKind::Package,
    HitKind::Signer => HitKind::Signer,
    HitKind::File => HitKind::File,
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
    Explanation::AskedAhead => Explanation::AskedAhead,
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
    CoverageDetail::TapOff => CoverageDetail::TapOff,
    CoverageDetail::TapWithoutResolver => CoverageDetail::TapWithoutResolver,
    CoverageDetail::OtherVpn => CoverageDetail::OtherVpn,
    CoverageDetail::ClearText => CoverageDetail::ClearText,
    CoverageDetail::StrictPrivateDns => CoverageDetail::StrictPrivateDns,
    CoverageDetail::AskersUnknown => CoverageDetail::AskersUnknown,
    CoverageDetail::KnownResolvers(_) => CoverageDetail::KnownResolvers(3),
    CoverageDetail::ForeignResolvers(_) => CoverageDetail::ForeignResolvers(1),
    CoverageDetail::FakeAddresses(_) => CoverageDetail::FakeAddresses(9),
    CoverageDetail::Pinned { .. } => CoverageDetail::Pinned { names: 640, days: 5 },
    CoverageDetail::PinnedExpired(_) => CoverageDetail::PinnedExpired(17),
    CoverageDetail::NamesLost(_) => CoverageDetail::NamesLost(23),
});
samples!(gaps: GapReason {
    GapReason::Fault(_) => GapReason::Fault(Arc::from("index out of bounds")),
    GapReason::Suspended => GapReason::Suspended,
    GapReason::Late => GapReason::Late,
    GapReason::Unreadable(_) => GapReason::Unreadable(CoverageItem::Table(Table::Tcp6)),
    GapReason::NotRunning => GapReason::NotRunning,
    GapReason::Died(_) => GapReason::Died(DeathReason::LowMemory),
    GapReason::Unreachable(Unreachable::Disconnected) => GapReason::Unreachable(Unreachable::Disconnected),
    GapReason::Unreachable(Unreachable::Unauthorized) => GapReason::Unreachable(Unreachable::Unauthorized),
    GapReason::Unreachable(Unreachable::Silent) => GapReason::Unreachable(Unreachable::Silent),
    GapReason::Unreachable(Unreachable::HelperEnded) => GapReason::Unreachable(Unreachable::HelperEnded),
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
    Weakening::NameAlone => Weakening::NameAlone,
    Weakening::OutOfScope => Weakening::OutOfScope,
    Weakening::ContentNetwork => Weakening::ContentNetwork,
    Weakening::PackageNameAlone => Weakening::PackageNameAlone,
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
samples!(deaths: DeathReason {
    DeathReason::UserRequested => DeathReason::UserRequested,
    DeathReason::UserStopped => DeathReason::UserStopped,
    DeathReason::LowMemory => DeathReason::LowMemory,
    DeathReason::Crash => DeathReason::Crash,
    DeathReason::NativeCrash => DeathReason::NativeCrash,
    DeathReason::Anr => DeathReason::Anr,
    DeathReason::Signaled => DeathReason::Signaled,
    DeathReason::ExitSelf => DeathReason::ExitSelf,
    DeathReason::InitializationFailure => DeathReason::InitializationFailure,
    DeathReason::PermissionChange => DeathReason::PermissionChange,
    DeathReason::ExcessiveUse => DeathReason::ExcessiveUse,
    DeathReason::DependencyDied => DeathReason::DependencyDied,
    DeathReason::Freezer => DeathReason::Freezer,
    DeathReason::PackageDisabled => DeathReason::PackageDisabled,
    DeathReason::PackageUpdated => DeathReason::PackageUpdated,
    DeathReason::Reboot => DeathReason::Reboot,
    DeathReason::Other => DeathReason::Other,
    DeathReason::Unknown => DeathReason::Unknown,
});
samples!(watch_states: WatchState {
    WatchState::Starting => WatchState::Starting,
    WatchState::Running => WatchState::Running,
    WatchState::Denied => WatchState::Denied,
    WatchState::Blind => WatchState::Blind,
    WatchState::Stopped => WatchState::Stopped,
});
samples!(link_states: LinkState {
    LinkState::Pending => LinkState::Pending,
    LinkState::Passed => LinkState::Passed,
    LinkState::Failed => LinkState::Failed,
});
samples!(practice_links: PracticeLink {
    PracticeLink::Row => PracticeLink::Row,
    PracticeLink::Owner => PracticeLink::Owner,
    PracticeLink::List => PracticeLink::List,
    PracticeLink::Alert => PracticeLink::Alert,
    PracticeLink::Notification => PracticeLink::Notification,
    PracticeLink::SeenAndHeard => PracticeLink::SeenAndHeard,
});
samples!(statuses: CoverageStatus {
    CoverageStatus::Readable => CoverageStatus::Readable,
    CoverageStatus::Denied => CoverageStatus::Denied,
    CoverageStatus::Absent => CoverageStatus::Absent,
    CoverageStatus::Untrusted => CoverageStatus::Untrusted,
});
samples!(platforms: Platform {
    Platform::Android => Platform::Android,
    Platform::Linux => Platform::Linux,
});
samples!(protocols: Protocol {
    Protocol::Tcp => Protocol::Tcp,
    Protocol::Udp => Protocol::Udp,
    Protocol::UdpLite => Protocol::UdpLite,
    Protocol::Raw => Protocol::Raw,
    Protocol::Icmp => Protocol::Icmp,
});
samples!(provenances: Provenance {
    Provenance::Live => Provenance::Live,
    Provenance::Helper => Provenance::Helper,
    Provenance::Adb => Provenance::Adb,
    Provenance::Import => Provenance::Import,
    Provenance::Replay => Provenance::Replay,
    Provenance::Simulated => Provenance::Simulated,
});
samples!(roles: Role {
    Role::GoBetween => Role::GoBetween,
    Role::UserFacing => Role::UserFacing,
});
samples!(words: Word {
    Word::Level(_) => Word::Level(Level::Match),
    Word::Category(_) => Word::Category(Category::Own),
    Word::Direction(_) => Word::Direction(Direction::Out),
    Word::OwnerKind(_) => Word::OwnerKind(OwnerKind::App),
    Word::Firmware(_) => Word::Firmware(Firmware::Yes),
    Word::Role(_) => Word::Role(Role::GoBetween),
    Word::HitKind(_) => Word::HitKind(HitKind::Address),
    Word::Protocol(_) => Word::Protocol(Protocol::Tcp),
    Word::SocketState(..) => Word::SocketState(Protocol::Tcp, SocketState::Listen),
});
samples!(events: EventKind {
    EventKind::Started(_) => EventKind::Started(started(Provenance::Live)),
    EventKind::Opened { .. } => EventKind::Opened {
        observed: seen(),
        after: Some(moment()),
        by: moment(),
    },
    EventKind::Changed { .. } => EventKind::Changed {
        observed: seen(),
        was: SocketState::SynSent,
        after: Some(moment()),
        by: moment(),
    },
    EventKind::Closed { .. } => EventKind::Closed {
        observed: seen(),
        after: None,
        by: moment(),
    },
    EventKind::Alert(_) => EventKind::Alert(Arc::new(claim())),
    EventKind::Noted(..) => {
        EventKind::Noted(Arc::new(claim()), NotedReason::FirstSeenDestination)
    },
    EventKind::Coverage(_) => EventKind::Coverage(Coverage::readable(
        CoverageItem::Table(Table::Tcp),
        SourceKind::Procfs,
        12,
    )),
    EventKind::List(_) => EventKind::List(list(3, Some(moment().wall))),
    EventKind::Packages(_) => EventKind::Packages(PackagesInfo {
        coverage: Coverage::readable(CoverageItem::Packages, SourceKind::Packages, 212),
        packages: 212,
        uids: 171,
        sha256: None,
    }),
    EventKind::Clock { .. } => EventKind::Clock {
        before: moment(),
        jump_millis: -3_600_000,
    },
    EventKind::Heartbeat(_) => EventKind::Heartbeat(Heartbeat {
        awake: Duration::from_mins(9),
        suspended: Duration::from_mins(51),
        polls: 540,
        watched: Duration::from_mins(8),
        denied: Duration::from_secs(59),
        connections: 33,
    }),
    EventKind::Config { .. } => EventKind::Config {
        name: Arc::from("interval"),
        value: Arc::from("5s"),
    },
    EventKind::Drop { .. } => EventKind::Drop { events: 17 },
    EventKind::Gap { .. } => EventKind::Gap {
        from: Some(moment()),
        reason: GapReason::Died(DeathReason::LowMemory),
    },
    EventKind::Stopped(_) => EventKind::Stopped(Stopped {
        polls: 813,
        matches: 2,
        possible: 4,
        dropped: 5,
    }),
});

/// The beginning of a watch.
pub(crate) fn started(provenance: Provenance) -> Started {
    Started {
        version: Arc::from("0.1.0"),
        provenance,
        platform: Platform::Android,
        boot_id: None,
        source: SourceKind::Procfs,
        interval: Duration::from_millis(1_500),
        scope_all: false,
        packages_overridden: true,
    }
}

/// A list with so many bad lines.
pub(crate) fn list(bad_lines: u64, date: Option<WallTime>) -> ListInfo {
    ListInfo {
        name: Arc::from("lists.txt"),
        category: Category::Threat,
        date,
        sha256: Sha256::new([0xa5; 32]),
        rules: 4_321,
        bad_lines,
    }
}

fn seen() -> Arc<Observed> {
    Arc::new(observed(owner(OwnerKind::App, Firmware::Yes), connection()))
}

fn claim() -> Alert {
    alert(
        owner(OwnerKind::App, Firmware::Yes),
        matched(HitKind::Address, Level::Match, Vec::new()),
    )
}
