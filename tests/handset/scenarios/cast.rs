//! Who talks to whom, and what may be said about it: the claims table, spelled out.

use std::net::IpAddr;

use portlog_model::{Direction, Firmware, Level, Role, Weakening};

use crate::files::Packages;

/// Lists: category, file name, content. The loopback networks are in, so that every socket of the
/// watch's own would hit, if it counted.
pub(super) const LISTS: [(&str, &str, &str); 6] = [
    (
        "own",
        "own.txt",
        "# hosts of the test\n\
         203.0.113.10\n\
         203.0.113.16/28\n\
         2001:db8:1::/64\n\
         203.0.113.68\n\
         127.0.0.0/8\n\
         ::1\n",
    ),
    ("threat", "threat.txt", "203.0.113.32/28\n"),
    ("tracker", "tracker.txt", "203.0.113.65\n203.0.113.68\n"),
    ("reported", "reported.txt", "203.0.113.66\n"),
    ("vendor-service", "vendor.txt", "203.0.113.67\n"),
    ("own", "names.txt", "listed.example.test\n"),
];

/// A name on a list, and an address on one that it resolves to and that nobody connects to.
pub(super) const NAME: &str = "listed.example.test";
pub(super) const NAMED: &str = "203.0.113.31";
/// The resolver, on no list.
pub(super) const RESOLVER: &str = "203.0.113.53";

/// A host that is reached last: what is not told before it, is not told.
pub(super) const LAST: &str = "203.0.113.24";

/// What a part does. Hosts are named by address; ports follow from what is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    /// A TCP connection that lasts, seen to open.
    Lasts,
    /// The same from an IPv6 socket to a v4-mapped address.
    Mapped,
    /// A TCP connection that was there before the watch.
    IsThere,
    /// A TCP connection that this end closes after it was seen.
    Ends,
    /// A connected UDP socket.
    Datagram,
    /// The same from an IPv6 socket to a v4-mapped address.
    MappedDatagram,
    /// A connected raw socket.
    Raw,
    /// A TCP connection to a host that never answers.
    Unanswered,
    /// A TCP connection to a host that answers late.
    AnsweredLate,
    /// The host connects to this listening port, and is accepted.
    Contacted(u16),
    /// The host connects to this listening port, and is accepted only after it was seen.
    KeptWaiting(u16),
    /// A TCP connection between two looks; this end closes first.
    Brief,
    /// The same; the host closes first.
    BriefByHost,
    /// The same; the host resets.
    BriefResetByHost,
    /// The same; this end resets, and the kernel forgets the peer before it frees the socket.
    BriefReset,
    /// Nobody listens at the host, and the call that connects waits for that: the kernel forgets
    /// the peer before it frees the socket.
    Refused,
    /// The same where the process waits by itself, as connecting with a time-out does.
    RefusedLater,
}

/// What may be claimed about a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Claim {
    /// Nothing.
    Nothing,
    /// Noted for the daily summary: the list's category is not one to alert of.
    Noted,
    /// A possible match, weakened by this.
    Possible(Weakening),
    /// A match.
    Match,
    /// A possible match, weakened by this, and a match once the host has answered.
    Rises(Weakening),
}

/// One thing that someone does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) uid: u32,
    pub(super) act: Act,
    /// The host.
    pub(super) host: &'static str,
    /// The list and the entry that speak of the host.
    pub(super) listed: Option<(&'static str, &'static str)>,
    /// The claim with scope firmware.
    pub(super) firmware: Claim,
    /// The claim with scope all.
    pub(super) all: Claim,
}

const GO_BETWEEN: Claim = Claim::Possible(Weakening::Role(Role::GoBetween));
const USER_FACING: Claim = Claim::Possible(Weakening::Role(Role::UserFacing));
const MIXED: Claim = Claim::Possible(Weakening::FirmwareUncertain(Firmware::Mixed));
const UNCERTAIN: Claim = Claim::Possible(Weakening::FirmwareUncertain(Firmware::Unknown));
const NOBODY: Claim = Claim::Possible(Weakening::OwnerUnknown);
const DATAGRAM: Claim = Claim::Possible(Weakening::Datagram);
const UNANSWERED: Weakening = Weakening::NotEstablished;
const INBOUND: Claim = Claim::Possible(Weakening::Inbound);
const WHO_BEGAN: Claim = Claim::Possible(Weakening::DirectionUnknown);

const OWN: Option<(&str, &str)> = Some(("own.txt", "203.0.113.10"));
const OWN_NETWORK: Option<(&str, &str)> = Some(("own.txt", "203.0.113.16/28"));
const OWN_V6: Option<(&str, &str)> = Some(("own.txt", "2001:db8:1::/64"));
const THREAT: Option<(&str, &str)> = Some(("threat.txt", "203.0.113.32/28"));

/// The owners of the phone all do the same: what differs is who they are.
const fn owner(uid: u32, firmware: Claim, all: Claim) -> Part {
    Part {
        uid,
        act: Act::Lasts,
        host: "203.0.113.10",
        listed: OWN,
        firmware,
        all,
    }
}

/// What a firmware app does in many ways: scope makes no difference.
const fn firmware(
    act: Act,
    host: &'static str,
    listed: Option<(&'static str, &'static str)>,
    claim: Claim,
) -> Part {
    Part {
        uid: FIRMWARE,
        act,
        host,
        listed,
        firmware: claim,
        all: claim,
    }
}

const fn user_app(
    act: Act,
    host: &'static str,
    listed: Option<(&'static str, &'static str)>,
    firmware: Claim,
    all: Claim,
) -> Part {
    Part {
        uid: USER_APP,
        act,
        host,
        listed,
        firmware,
        all,
    }
}

/// `com.example.firmware`.
pub(super) const FIRMWARE: u32 = 10_012;
/// `com.example.app`.
pub(super) const USER_APP: u32 = 10_087;
/// `com.example.platform.part01`, which does nothing but ask for names.
pub(super) const ASKER: u32 = 10_101;

/// Everything that happens on the phone.
pub(super) const PARTS: &[Part] = &[
    // Who: platform ids.
    owner(0, Claim::Match, Claim::Match),
    owner(1000, Claim::Match, Claim::Match),
    owner(1001, Claim::Match, Claim::Match),
    owner(1013, GO_BETWEEN, GO_BETWEEN),
    owner(1073, GO_BETWEEN, GO_BETWEEN),
    owner(5001, Claim::Match, Claim::Match),
    // The adb shell is the user's own.
    owner(2000, Claim::Nothing, Claim::Match),
    // Apps that come with the phone, in two Android users and as an SDK sandbox.
    owner(FIRMWARE, Claim::Match, Claim::Match),
    owner(1_010_012, Claim::Match, Claim::Match),
    owner(20_012, Claim::Match, Claim::Match),
    // A second connection with the same host is the same claim.
    owner(FIRMWARE, Claim::Match, Claim::Match),
    // Shared UIDs: firmware, a go-between, mixed.
    owner(10_030, Claim::Match, Claim::Match),
    owner(10_041, GO_BETWEEN, GO_BETWEEN),
    owner(10_060, MIXED, Claim::Match),
    owner(10_052, USER_FACING, USER_FACING),
    // In /data: signed as firmware, there since the first boot, an update of firmware.
    owner(10_070, Claim::Match, Claim::Match),
    owner(10_071, Claim::Match, Claim::Match),
    owner(10_075, Claim::Match, Claim::Match),
    // The user's own app, in two Android users and as an SDK sandbox.
    owner(USER_APP, Claim::Nothing, Claim::Match),
    owner(1_010_087, Claim::Nothing, Claim::Match),
    owner(20_087, Claim::Nothing, Claim::Match),
    // Isolated processes of one user are one owner.
    owner(99_007, UNCERTAIN, Claim::Match),
    owner(99_008, UNCERTAIN, Claim::Match),
    // Removed, and ids of which nothing can be said.
    owner(10_200, UNCERTAIN, Claim::Match),
    owner(30_000, NOBODY, NOBODY),
    owner(65_534, NOBODY, NOBODY),
    // What: by network entry, IPv6, v4-mapped, NAT64.
    firmware(Act::Lasts, "203.0.113.16", OWN_NETWORK, Claim::Match),
    firmware(Act::Lasts, "2001:db8:1::10", OWN_V6, Claim::Match),
    firmware(Act::Mapped, "203.0.113.17", OWN_NETWORK, Claim::Match),
    firmware(
        Act::Lasts,
        "64:ff9b::203.0.113.18",
        OWN_NETWORK,
        Claim::Match,
    ),
    firmware(Act::Datagram, "203.0.113.19", OWN_NETWORK, DATAGRAM),
    firmware(Act::Datagram, "2001:db8:1::19", OWN_V6, DATAGRAM),
    firmware(Act::MappedDatagram, "203.0.113.20", OWN_NETWORK, DATAGRAM),
    Part {
        uid: 0,
        act: Act::Raw,
        host: "203.0.113.21",
        listed: OWN_NETWORK,
        firmware: DATAGRAM,
        all: DATAGRAM,
    },
    firmware(Act::IsThere, "203.0.113.22", OWN_NETWORK, WHO_BEGAN),
    firmware(Act::Ends, "203.0.113.23", OWN_NETWORK, Claim::Match),
    firmware(
        Act::Unanswered,
        "203.0.113.32",
        THREAT,
        Claim::Possible(UNANSWERED),
    ),
    firmware(
        Act::AnsweredLate,
        "203.0.113.33",
        THREAT,
        Claim::Rises(UNANSWERED),
    ),
    firmware(Act::Contacted(7000), "203.0.113.34", THREAT, INBOUND),
    user_app(
        Act::Contacted(7001),
        "203.0.113.34",
        THREAT,
        Claim::Nothing,
        INBOUND,
    ),
    firmware(Act::KeptWaiting(7002), "203.0.113.35", THREAT, INBOUND),
    // Too short to see who: of everyone, since nobody can tell that it was the user's own app.
    firmware(Act::Brief, "203.0.113.36", THREAT, NOBODY),
    user_app(Act::Brief, "203.0.113.37", THREAT, NOBODY, NOBODY),
    firmware(Act::BriefByHost, "203.0.113.38", THREAT, NOBODY),
    firmware(Act::BriefResetByHost, "203.0.113.39", THREAT, NOBODY),
    firmware(Act::BriefReset, "203.0.113.40", THREAT, Claim::Nothing),
    firmware(Act::Refused, "203.0.113.41", THREAT, Claim::Nothing),
    firmware(Act::RefusedLater, "203.0.113.42", THREAT, NOBODY),
    // Which list: what is only noted, what stands on two, what stands on none.
    firmware(
        Act::Lasts,
        "203.0.113.65",
        Some(("tracker.txt", "203.0.113.65")),
        Claim::Noted,
    ),
    firmware(
        Act::Lasts,
        "203.0.113.66",
        Some(("reported.txt", "203.0.113.66")),
        Claim::Noted,
    ),
    firmware(
        Act::Lasts,
        "203.0.113.67",
        Some(("vendor.txt", "203.0.113.67")),
        Claim::Noted,
    ),
    user_app(
        Act::Lasts,
        "203.0.113.65",
        Some(("tracker.txt", "203.0.113.65")),
        Claim::Nothing,
        Claim::Noted,
    ),
    firmware(
        Act::Lasts,
        "203.0.113.68",
        Some(("own.txt", "203.0.113.68")),
        Claim::Match,
    ),
    firmware(
        Act::Lasts,
        "203.0.113.68",
        Some(("tracker.txt", "203.0.113.68")),
        Claim::Noted,
    ),
    firmware(Act::Lasts, "203.0.113.200", None, Claim::Nothing),
];

impl Part {
    /// The claim, as the scope and the package list have it.
    pub(super) fn claim(&self, scope_all: bool, packages: Packages) -> Claim {
        if scope_all {
            self.all
        } else if self.is_seen_with_owner() && self.identity(packages).firmware == "no" {
            // By path alone, what lies in /data is the user's.
            Claim::Nothing
        } else {
            self.firmware
        }
    }

    /// Whether the kernel tells who has the socket, at some look.
    pub(super) fn is_seen_with_owner(&self) -> bool {
        !matches!(
            self.act,
            Act::Brief
                | Act::BriefByHost
                | Act::BriefResetByHost
                | Act::BriefReset
                | Act::Refused
                | Act::RefusedLater
        )
    }

    pub(super) fn host(&self) -> IpAddr {
        self.host.parse().unwrap()
    }

    pub(super) fn identity(&self, packages: Packages) -> Identity {
        identity(self.uid, packages)
    }

    /// Whether nothing is left on the phone for a table to show, so that only the kernel's destroy
    /// events tell of it.
    pub(super) const fn leaves_no_row(&self) -> bool {
        matches!(
            self.act,
            Act::BriefByHost | Act::BriefResetByHost | Act::RefusedLater
        )
    }

    /// Who began, as far as it can be said.
    pub(super) const fn direction(&self) -> Direction {
        match self.act {
            Act::Contacted(_) | Act::KeptWaiting(_) => Direction::In,
            Act::IsThere | Act::Raw => Direction::Unknown,
            _ => Direction::Out,
        }
    }

    /// How an alert words it.
    pub(super) const fn wording(&self) -> &'static str {
        match self.act {
            Act::Contacted(_) | Act::KeptWaiting(_) => "was contacted by",
            Act::Unanswered => "tried to connect to",
            Act::Datagram | Act::MappedDatagram => "opened a UDP socket towards",
            Act::Raw => "opened a raw socket",
            // Of what only its end told, not even whether it came about is known.
            Act::BriefByHost | Act::BriefResetByHost | Act::RefusedLater => {
                "whether a connection came about is not known"
            }
            _ => "had a connection with",
        }
    }
}

impl Claim {
    /// The levels at which an alert is told, in order.
    pub(super) const fn levels(self) -> &'static [Level] {
        match self {
            Self::Nothing | Self::Noted => &[],
            Self::Possible(_) => &[Level::Possible],
            Self::Match => &[Level::Match],
            Self::Rises(_) => &[Level::Possible, Level::Match],
        }
    }
}

/// Who a UID is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Identity {
    pub(super) user: u64,
    pub(super) kind: &'static str,
    pub(super) packages: &'static [&'static str],
    pub(super) firmware: &'static str,
    pub(super) roles: &'static [&'static str],
}

/// Who `uid` is by the package list of the invented phone; see tests/captures/packages/README.md.
pub(super) fn identity(uid: u32, packages: Packages) -> Identity {
    let by_path_alone = packages == Packages::Pm;
    let is = |kind, packages, firmware, roles| Identity {
        user: u64::from(uid / 100_000),
        kind,
        packages,
        firmware,
        roles,
    };
    let in_data = |flagged| if by_path_alone { "no" } else { flagged };
    match uid {
        0 | 5001 => is("system", &[], "yes", &[]),
        1013 => is("system", &[], "yes", &["go-between"]),
        1000 => is(
            "system",
            &["android", "com.example.platform.settings"],
            "yes",
            &[],
        ),
        1001 => is("system", &["com.example.platform.phone"], "yes", &[]),
        1073 => is(
            "system",
            &["com.android.networkstack"],
            "yes",
            &["go-between"],
        ),
        2000 => is("shell", &["com.android.shell"], "no", &[]),
        10_012 | 1_010_012 => is("app", &["com.example.firmware"], "yes", &[]),
        20_012 => is("sandbox", &["com.example.firmware"], "yes", &[]),
        10_030 => is(
            "shared",
            &["com.example.shared.one", "com.example.shared.two"],
            "yes",
            &[],
        ),
        10_041 => is(
            "shared",
            &[
                "com.android.providers.downloads",
                "com.android.providers.media",
            ],
            "yes",
            &["go-between"],
        ),
        10_052 => is("app", &["com.android.browser"], "yes", &["user-facing"]),
        10_060 => is(
            "shared",
            &["com.example.mixed.addon", "com.example.mixed.core"],
            "mixed",
            &[],
        ),
        10_070 => is("app", &["com.example.preload"], in_data("preloaded"), &[]),
        10_071 => is("app", &["com.example.firstboot"], in_data("preloaded"), &[]),
        10_075 => is("app", &["com.example.updated"], in_data("yes"), &[]),
        10_087 | 1_010_087 => is("app", &["com.example.app"], "no", &[]),
        20_087 => is("sandbox", &["com.example.app"], "no", &[]),
        10_101 => is("app", &["com.example.platform.part01"], "yes", &[]),
        99_007 | 99_008 => is("isolated", &[], "unknown", &[]),
        10_200 => is("removed", &[], "unknown", &[]),
        30_000 | 65_534 => is("unknown", &[], "unknown", &[]),
        _ => panic!("nobody is {uid}"),
    }
}
