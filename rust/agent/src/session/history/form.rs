//! How the history's file writes the model's values: the one place that knows the form of each.
//!
//! Each `…Form` mirrors a type of the model by serde's remote derive, so that a change of the model
//! that would change the file does not compile here. Texts of the owner's reason that the model has
//! as constants are found again in Android's table of ids.

#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives references"
)]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use portlog_model::{
    Alert, Category, Connection, ConnectionId, Cookie, Coverage, CoverageDetail, CoverageItem,
    CoverageStatus, DeathReason, Direction, Endpoint, Firmware, GapReason, Heartbeat, HitKind,
    Inode, Level, ListHit, ListInfo, Match, Moment, NameSource, NotedReason, Observed, Owner,
    OwnerKind, OwnerReason, PackageName, PackagesInfo, Platform, Program, Provenance, Role, Roles,
    SeenName, Sha256, SocketState, SourceKind, Started, Stopped, Table, Uid, Unreachable, UserId,
    WallTime, Weakening,
};
use portlog_owners::aid::{self, IdClass};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Of a long set so many are written.
const MOST: usize = 16;

/// A vector of a mirrored type, at most `$most` of it.
macro_rules! vec_of {
    ($module:ident, $type:ty, $form:literal, $most:expr) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(transparent)]
            struct Read(#[serde(with = $form)] $type);

            #[derive(Serialize)]
            #[serde(transparent)]
            struct Written<'a>(#[serde(with = $form)] &'a $type);

            pub(in super::super) fn serialize<S: Serializer>(
                values: &[$type],
                to: S,
            ) -> Result<S::Ok, S::Error> {
                to.collect_seq(values.iter().take($most).map(Written))
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<Vec<$type>, D::Error> {
                let read = Vec::<Read>::deserialize(from)?;
                Ok(read.into_iter().map(|Read(value)| value).collect())
            }
        }
    };
}

vec_of!(weakenings, Weakening, "WeakeningForm", usize::MAX);
vec_of!(details, CoverageDetail, "CoverageDetailForm", usize::MAX);
vec_of!(matches, Match, "MatchForm", MOST);
vec_of!(names, SeenName, "SeenNameForm", MOST);
vec_of!(programs, Program, "ProgramForm", MOST);

#[derive(Deserialize, Serialize)]
#[serde(remote = "Weakening", rename_all = "kebab-case")]
enum WeakeningForm {
    Category(Category),
    OwnerUnknown,
    FirmwareUncertain(Firmware),
    Role(Role),
    Datagram,
    NotEstablished,
    Inbound,
    DirectionUnknown,
    PinnedAnswer,
    AskedByAnother,
    AskerUnknown,
    NotAskedJustBefore,
    NameAlone,
    OutOfScope,
    ContentNetwork,
    PackageNameAlone,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "CoverageDetail", rename_all = "kebab-case")]
enum CoverageDetailForm {
    Errno(i32),
    FellBackToProcfs(Option<i32>),
    NotCheckable,
    OwnSocketMissing,
    OnlyOwnRows,
    Truncated(u64),
    FirstBadLine(u32),
    NotTracked(u32),
    WithoutPeer(u32),
    EventsLost(u64),
    NoDestroyEvents(Option<i32>),
    BadEntries(u32),
    ImplausiblyShort(u32),
    NotGiven,
    TapOff,
    TapWithoutResolver,
    OtherVpn,
    ClearText,
    StrictPrivateDns,
    AskersUnknown,
    KnownResolvers(u32),
    ForeignResolvers(u32),
    FakeAddresses(u32),
    Pinned { names: u32, days: u32 },
    PinnedExpired(u32),
    NamesLost(u64),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "GapReason", rename_all = "kebab-case")]
pub(super) enum GapReasonForm {
    Fault(Arc<str>),
    Suspended,
    Late,
    Unreadable(CoverageItem),
    NotRunning,
    Died(#[serde(with = "death")] DeathReason),
    Unreachable(Unreachable),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "NotedReason", rename_all = "kebab-case")]
pub(super) enum NotedReasonForm {
    ListEntry,
    FirstSeenDestination,
    NewListener,
    BytesWithoutConnection(u64),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "OwnerReason", rename_all = "kebab-case")]
enum OwnerReasonForm {
    NoOwnerInRow,
    PlatformId {
        #[serde(with = "constant")]
        name: Constant,
    },
    PlatformRange {
        #[serde(with = "constant")]
        range: Constant,
    },
    AdbShell,
    OnFirmwarePartition {
        package: PackageName,
        path: Option<Arc<str>>,
    },
    UpdatedFirmware {
        package: PackageName,
    },
    InstalledInData {
        package: PackageName,
    },
    InDataByPathAlone {
        package: PackageName,
    },
    SignedAsFirmware {
        package: PackageName,
    },
    PresentSinceFirstBoot {
        package: PackageName,
    },
    MixedPackages {
        firmware: u32,
        of: u32,
    },
    MarkedAsSystem {
        package: PackageName,
    },
    InstalledElsewhere {
        package: PackageName,
        path: Arc<str>,
    },
    UnknownPlace {
        package: PackageName,
        path: Arc<str>,
    },
    NoPathKnown {
        package: PackageName,
    },
    IsolatedProcess,
    SandboxOf {
        app: Uid,
    },
    NotInPackageList,
    PackageListUnreadable,
    PackageListShort {
        packages: u32,
    },
    PackageListDamaged {
        bad: u32,
    },
    PackageListWithoutUids {
        packages: u32,
    },
    UserNotListed {
        user: UserId,
    },
    NoPackageList,
    UnassignedRange,
    OverflowId,
    Account {
        name: Arc<str>,
    },
    AccountsNotGiven,
    NoAccount,
    AccountsUnreadable,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Program")]
struct ProgramForm {
    name: Arc<str>,
    pid: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Owner")]
struct OwnerForm {
    uid: Option<Uid>,
    user: Option<UserId>,
    kind: OwnerKind,
    #[serde(default)]
    packages: Vec<PackageName>,
    #[serde(default, with = "program")]
    program: Option<Program>,
    #[serde(default, with = "programs")]
    candidates: Vec<Program>,
    name: Arc<str>,
    firmware: Firmware,
    #[serde(default)]
    roles: Roles,
    #[serde(with = "OwnerReasonForm")]
    why: OwnerReason,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Connection")]
struct ConnectionForm {
    #[serde(with = "connection_id")]
    id: ConnectionId,
    table: Table,
    state: SocketState,
    direction: Direction,
    #[serde(default)]
    own: bool,
    #[serde(default)]
    practice: bool,
    #[serde(with = "endpoint")]
    local: Endpoint,
    #[serde(with = "endpoint")]
    remote: Endpoint,
    uid: Option<Uid>,
    inode: Option<Inode>,
    #[serde(default, with = "cookie")]
    cookie: Option<Cookie>,
    first_seen: Moment,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "SeenName")]
struct SeenNameForm {
    name: Arc<str>,
    address: IpAddr,
    source: NameSource,
    asker: Option<Uid>,
    at: Moment,
    ttl: Duration,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "ListHit")]
struct ListHitForm {
    list: Arc<str>,
    category: Category,
    entry: Arc<str>,
    line: u32,
    list_date: Option<WallTime>,
    #[serde(with = "sha256")]
    list_sha256: Sha256,
    kind: HitKind,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Match")]
struct MatchForm {
    #[serde(with = "ListHitForm")]
    hit: ListHit,
    level: Level,
    #[serde(default, with = "weakenings")]
    weakened: Vec<Weakening>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Observed")]
struct ObservedForm {
    #[serde(with = "ConnectionForm")]
    connection: Connection,
    #[serde(with = "owner")]
    owner: Arc<Owner>,
    #[serde(default, with = "names")]
    names: Vec<SeenName>,
    #[serde(default)]
    shared_address: bool,
    #[serde(default, with = "matches")]
    matches: Vec<Match>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Alert")]
struct AlertForm {
    #[serde(with = "maybe_observed")]
    observed: Option<Arc<Observed>>,
    #[serde(default)]
    asked: Option<Arc<str>>,
    #[serde(with = "owner")]
    owner: Arc<Owner>,
    level: Level,
    #[serde(with = "maybe_match")]
    matched: Option<Match>,
    first_seen: WallTime,
    last_seen: WallTime,
    count: u64,
    sounds: bool,
    bundled: u32,
    #[serde(default, with = "owners")]
    candidates: Vec<Arc<Owner>>,
    platform: Platform,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Coverage")]
pub(super) struct CoverageForm {
    item: CoverageItem,
    source: SourceKind,
    status: CoverageStatus,
    rows: u64,
    bad_rows: u64,
    #[serde(default, with = "details")]
    details: Vec<CoverageDetail>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "ListInfo")]
pub(super) struct ListInfoForm {
    name: Arc<str>,
    category: Category,
    date: Option<WallTime>,
    #[serde(with = "sha256")]
    sha256: Sha256,
    rules: u64,
    bad_lines: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "PackagesInfo")]
pub(super) struct PackagesInfoForm {
    #[serde(with = "CoverageForm")]
    coverage: Coverage,
    packages: u64,
    uids: u64,
    #[serde(default, with = "maybe_sha256")]
    sha256: Option<Sha256>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Heartbeat")]
pub(super) struct HeartbeatForm {
    awake: Duration,
    suspended: Duration,
    polls: u64,
    watched: Duration,
    denied: Duration,
    connections: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Started")]
pub(super) struct StartedForm {
    version: Arc<str>,
    provenance: Provenance,
    platform: Platform,
    boot_id: Option<Arc<str>>,
    source: SourceKind,
    interval: Duration,
    scope_all: bool,
    packages_overridden: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Stopped")]
pub(super) struct StoppedForm {
    polls: u64,
    matches: u64,
    possible: u64,
    dropped: u64,
}

/// An optional value of a mirrored type.
macro_rules! maybe {
    ($visible:vis $module:ident, $type:ty, $form:literal) => {
        $visible mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(transparent)]
            struct Read(#[serde(with = $form)] $type);

            #[derive(Serialize)]
            #[serde(transparent)]
            struct Written<'a>(#[serde(with = $form)] &'a $type);

            pub(in super::super) fn serialize<S: Serializer>(
                value: &Option<$type>,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                value.as_ref().map(Written).serialize(to)
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<Option<$type>, D::Error> {
                Ok(Option::<Read>::deserialize(from)?.map(|Read(value)| value))
            }
        }
    };
}

maybe!(program, Program, "ProgramForm");
maybe!(maybe_match, Match, "MatchForm");
maybe!(maybe_observed, Arc<Observed>, "observed");
maybe!(maybe_sha256, Sha256, "sha256");
vec_of!(owners, Arc<Owner>, "owner", MOST);

/// A shared value of a mirrored type.
macro_rules! shared {
    ($visible:vis $module:ident, $type:ty, $form:ident) => {
        $visible mod $module {
            use super::*;

            pub(in super::super) fn serialize<S: Serializer>(
                value: &Arc<$type>,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                $form::serialize(value, to)
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<Arc<$type>, D::Error> {
                $form::deserialize(from).map(Arc::new)
            }
        }
    };
}

shared!(owner, Owner, OwnerForm);
shared!(pub(super) observed, Observed, ObservedForm);
shared!(pub(super) alert, Alert, AlertForm);

mod death {
    use super::{DeathReason, Deserialize, Deserializer, Serialize, Serializer, de};

    pub(super) fn serialize<S: Serializer>(value: &DeathReason, to: S) -> Result<S::Ok, S::Error> {
        value.as_str().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DeathReason, D::Error> {
        let word = String::deserialize(from)?;
        DeathReason::from_word(&word).ok_or_else(|| de::Error::custom("no reason of a death"))
    }
}

/// A name of Android's. Under its own name, since serde would have a reference borrow from its input.
type Constant = &'static str;

/// Names of Android's ids and ranges, which the model has as constants.
mod constant {
    use super::{
        BTreeSet, Constant, Deserialize, Deserializer, IdClass, LazyLock, Serialize, Serializer,
        Uid, aid, de,
    };

    const FIRST_APP: u32 = 10_000;

    static KNOWN: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        (0..FIRST_APP)
            .filter_map(|id| match aid::classify(Uid::new(id)) {
                IdClass::Platform(name) => Some(name),
                IdClass::Range(range) => Some(range.as_str()),
                _ => None,
            })
            .collect()
    });

    pub(super) fn serialize<S: Serializer>(value: &Constant, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<&'static str, D::Error> {
        let text = String::deserialize(from)?;
        KNOWN
            .get(text.as_str())
            .copied()
            .ok_or_else(|| de::Error::custom("no name of Android's table of ids"))
    }
}

mod connection_id {
    use super::{ConnectionId, Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &ConnectionId, to: S) -> Result<S::Ok, S::Error> {
        value.get().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ConnectionId, D::Error> {
        u64::deserialize(from).map(ConnectionId::new)
    }
}

mod cookie {
    use super::{Cookie, Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Cookie>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Cookie::get).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Cookie>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.and_then(Cookie::new))
    }
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`.
mod endpoint {
    use super::{Deserialize, Deserializer, Endpoint, Serializer, SocketAddr, de};

    pub(super) fn serialize<S: Serializer>(value: &Endpoint, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Endpoint, D::Error> {
        let text = String::deserialize(from)?;
        let end: SocketAddr = text.parse().map_err(de::Error::custom)?;
        Ok(Endpoint::new(end.ip(), end.port()))
    }
}

/// Hexadecimal.
mod sha256 {
    use super::{Deserialize, Deserializer, Serializer, Sha256, de};

    pub(super) fn serialize<S: Serializer>(value: &Sha256, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Sha256, D::Error> {
        let text = String::deserialize(from)?;
        let mut bytes = [0; 32];
        let digits = text.as_bytes().as_chunks::<2>();
        if digits.0.len() != bytes.len() || !digits.1.is_empty() {
            return Err(de::Error::custom("no SHA-256"));
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.0) {
            let pair = std::str::from_utf8(pair).map_err(de::Error::custom)?;
            *byte = u8::from_str_radix(pair, 16).map_err(de::Error::custom)?;
        }
        Ok(Sha256::new(bytes))
    }
}
