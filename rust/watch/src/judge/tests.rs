//! The table of levels: row by row, and every combination against the claims as they are worded.

use std::sync::Arc;

use portlog_model::{
    BootTime, Category, ConnectionId, Endpoint, Inode, Moment, OwnerReason, Platform, Role, Roles,
    Sha256, SocketState, Table, Uid, UserId, WallTime,
};

use std::time::Duration;

use portlog_model::NameSource;
use portlog_names::pinned::{Origin, Outcome, PinnedAnswer, Text};
use portlog_names::{AddressRecord, Answer, NameTable};

use super::*;
use crate::Scope;

const OWNER: u32 = 10_012;
const ANOTHER: u32 = 10_013;
const TTL: u64 = 60;
const OPENED: u64 = 10_000;

/// Everything that a level depends on.
#[derive(Clone, Copy, Debug)]
struct Case {
    scope: (Platform, Scope),
    category: Category,
    owner: Known,
    firmware: Firmware,
    roles: Roles,
    table: Table,
    state: SocketState,
    established_before: bool,
    direction: Direction,
    route: Route,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Known {
    Named,
    /// A UID of which nothing can be said.
    Nothing,
    /// No UID.
    Nobody,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Route {
    Entry(HitKind),
    PinnedName,
    /// A name, who asked for it, and so many seconds before the connection (after it: negative).
    AskedName(Option<u32>, i64),
}

/// The plainest match.
const MATCH: Case = Case {
    scope: (Platform::Android, Scope::Firmware),
    category: Category::Threat,
    owner: Known::Named,
    firmware: Firmware::Yes,
    roles: Roles::NONE,
    table: Table::Tcp,
    state: SocketState::Established,
    established_before: false,
    direction: Direction::Out,
    route: Route::Entry(HitKind::Address),
};
const LINUX: (Platform, Scope) = (Platform::Linux, Scope::Firmware);
const ALL: (Platform, Scope) = (Platform::Android, Scope::All);
const GO_BETWEEN: Roles = Roles {
    go_between: true,
    user_facing: false,
};
const USER_FACING: Roles = Roles {
    go_between: false,
    user_facing: true,
};
const BOTH: Roles = Roles {
    go_between: true,
    user_facing: true,
};

/// What is not as in the plainest match, the level that is left, and why.
type Row = (fn(&mut Case), Level, &'static [Weakening]);

const ROWS: &[Row] = &[
    (|_| {}, Level::Match, &[]),
    // list
    (|c| c.category = Category::Own, Level::Match, &[]),
    (
        |c| c.category = Category::Tracker,
        Level::Noted,
        &[Weakening::Category(Category::Tracker)],
    ),
    (
        |c| c.category = Category::VendorService,
        Level::Noted,
        &[Weakening::Category(Category::VendorService)],
    ),
    (
        |c| c.category = Category::Reported,
        Level::Noted,
        &[Weakening::Category(Category::Reported)],
    ),
    // scope
    (|c| c.firmware = Firmware::Preloaded, Level::Match, &[]),
    (
        |c| c.firmware = Firmware::No,
        Level::Noted,
        &[Weakening::OutOfScope],
    ),
    (
        |c| c.firmware = Firmware::Mixed,
        Level::Possible,
        &[Weakening::FirmwareUncertain(Firmware::Mixed)],
    ),
    (
        |c| c.firmware = Firmware::Unknown,
        Level::Possible,
        &[Weakening::FirmwareUncertain(Firmware::Unknown)],
    ),
    (
        |c| (c.firmware, c.scope) = (Firmware::No, ALL),
        Level::Match,
        &[],
    ),
    (
        |c| (c.firmware, c.scope) = (Firmware::Mixed, ALL),
        Level::Match,
        &[],
    ),
    (
        |c| (c.firmware, c.scope) = (Firmware::Unknown, LINUX),
        Level::Match,
        &[],
    ),
    // owner
    (
        |c| (c.owner, c.firmware) = (Known::Nobody, Firmware::Unknown),
        Level::Possible,
        &[Weakening::OwnerUnknown],
    ),
    (
        |c| (c.owner, c.scope) = (Known::Nobody, LINUX),
        Level::Possible,
        &[Weakening::OwnerUnknown],
    ),
    (
        |c| (c.owner, c.scope) = (Known::Nothing, ALL),
        Level::Possible,
        &[Weakening::OwnerUnknown],
    ),
    // roles
    (
        |c| c.roles = GO_BETWEEN,
        Level::Possible,
        &[Weakening::Role(Role::GoBetween)],
    ),
    (
        |c| c.roles = USER_FACING,
        Level::Possible,
        &[Weakening::Role(Role::UserFacing)],
    ),
    (
        |c| (c.roles, c.scope) = (GO_BETWEEN, LINUX),
        Level::Possible,
        &[Weakening::Role(Role::GoBetween)],
    ),
    (
        |c| c.roles = BOTH,
        Level::Possible,
        &[
            Weakening::Role(Role::GoBetween),
            Weakening::Role(Role::UserFacing),
        ],
    ),
    // protocol and state
    (|c| c.table = Table::Tcp6, Level::Match, &[]),
    (
        |c| c.table = Table::Udp,
        Level::Possible,
        &[Weakening::Datagram],
    ),
    (
        |c| c.table = Table::Raw6,
        Level::Possible,
        &[Weakening::Datagram],
    ),
    (|c| c.state = SocketState::TimeWait, Level::Match, &[]),
    (
        |c| c.state = SocketState::SynSent,
        Level::Possible,
        &[Weakening::NotEstablished],
    ),
    (
        |c| c.state = SocketState::Close,
        Level::Possible,
        &[Weakening::NotEstablished],
    ),
    (
        |c| (c.state, c.established_before) = (SocketState::Close, true),
        Level::Match,
        &[],
    ),
    // direction
    (
        |c| c.direction = Direction::In,
        Level::Possible,
        &[Weakening::Inbound],
    ),
    (
        |c| c.direction = Direction::Unknown,
        Level::Possible,
        &[Weakening::DirectionUnknown],
    ),
    // entry
    (
        |c| c.route = Route::Entry(HitKind::Network),
        Level::Match,
        &[],
    ),
    (
        |c| c.route = Route::Entry(HitKind::Pinned),
        Level::Possible,
        &[Weakening::PinnedAnswer],
    ),
    (
        |c| c.route = Route::PinnedName,
        Level::Possible,
        &[Weakening::PinnedAnswer],
    ),
    (
        |c| c.route = Route::AskedName(Some(OWNER), 0),
        Level::Match,
        &[],
    ),
    (
        |c| c.route = Route::AskedName(Some(OWNER), 360),
        Level::Match,
        &[],
    ),
    (
        |c| c.route = Route::AskedName(Some(OWNER), 361),
        Level::Possible,
        &[Weakening::NotAskedJustBefore],
    ),
    (
        |c| c.route = Route::AskedName(Some(OWNER), -1),
        Level::Possible,
        &[Weakening::NotAskedJustBefore],
    ),
    (
        |c| c.route = Route::AskedName(Some(ANOTHER), 0),
        Level::Possible,
        &[Weakening::AskedByAnother],
    ),
    (
        |c| c.route = Route::AskedName(None, 0),
        Level::Possible,
        &[Weakening::AskerUnknown],
    ),
    // several at once, in a fixed order
    (
        |c| (c.firmware, c.table, c.direction) = (Firmware::No, Table::Udp, Direction::In),
        Level::Noted,
        &[
            Weakening::Datagram,
            Weakening::Inbound,
            Weakening::OutOfScope,
        ],
    ),
];

#[test]
fn one_thing_after_the_other_weakens_a_match() {
    for (index, (differ, level, weakened)) in ROWS.iter().enumerate() {
        let mut case = MATCH;
        differ(&mut case);
        let judged = case.judge();
        assert_eq!(
            (judged.level, judged.weakened.as_slice()),
            (*level, *weakened),
            "row {index}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "half a million cases")]
fn every_combination_has_the_level_that_the_claims_say() {
    let mut cases: u32 = 0;
    for case in every_case() {
        let judged = case.judge();
        assert_eq!(judged.level, case.level_as_worded(), "{case:?}");
        assert_eq!(
            judged.level == Level::Match,
            judged.weakened.is_empty(),
            "{case:?}"
        );
        assert!(judged.weakened.is_sorted(), "{case:?}");
        cases += 1;
    }
    assert_eq!(cases, 3 * 5 * 3 * 5 * 3 * 18 * 3 * 13);
}

impl Case {
    /// The wording of the design, sentence by sentence.
    fn level_as_worded(self) -> Level {
        let alerts = matches!(self.category, Category::Own | Category::Threat);
        let everyone = self.scope != (Platform::Android, Scope::Firmware);
        if !alerts || (!everyone && self.firmware == Firmware::No) {
            return Level::Noted;
        }
        let owner_is_certain = self.owner == Known::Named
            && (everyone || matches!(self.firmware, Firmware::Yes | Firmware::Preloaded))
            && self.roles == Roles::NONE;
        let connected_out = matches!(self.table, Table::Tcp | Table::Tcp6)
            && (self.state.was_established() || self.established_before)
            && self.direction == Direction::Out;
        let entry_is_certain = match self.route {
            Route::Entry(kind) => matches!(kind, HitKind::Address | HitKind::Network),
            Route::PinnedName => false,
            Route::AskedName(asker, before) => asker == Some(OWNER) && (0..=360).contains(&before),
        };
        if owner_is_certain && connected_out && entry_is_certain {
            Level::Match
        } else {
            Level::Possible
        }
    }

    fn judge(self) -> Match {
        let settings = Settings::new(self.scope.0, self.scope.1);
        let uid = (self.owner != Known::Nobody).then(|| Uid::new(OWNER));
        let owner = Owner {
            uid,
            user: Some(UserId::FIRST),
            kind: if self.owner == Known::Named {
                OwnerKind::App
            } else {
                OwnerKind::Unknown
            },
            packages: Vec::new(),
            program: None,
            candidates: Vec::new(),
            name: Arc::from("app"),
            firmware: self.firmware,
            roles: self.roles,
            why: OwnerReason::NoPackageList,
        };
        let end = |text: &str| Endpoint::new(text.parse().unwrap(), 443);
        let connection = Connection {
            id: ConnectionId::new(1),
            table: self.table,
            state: self.state,
            direction: self.direction,
            own: false,
            practice: false,
            local: end("192.0.2.1"),
            remote: end("203.0.113.7"),
            uid,
            inode: Inode::new(1),
            cookie: None,
            first_seen: moment(OPENED),
        };
        let (kind, name) = match self.route {
            Route::Entry(kind) => (kind, None),
            Route::PinnedName => (HitKind::Pinned, Some((NameSource::Pinned, None, 0))),
            Route::AskedName(asker, before) => {
                (HitKind::Domain, Some((NameSource::Tap, asker, before)))
            }
        };
        let mut table = NameTable::default();
        let name = name.map(|(source, asker, before)| {
            let asked = moment(OPENED.checked_add_signed(-before).unwrap());
            teach(&mut table, source, asker, asked);
            let lookup = table.lookup(connection.remote.address(), uid, connection.first_seen);
            KnownName::from(&lookup.names().next().unwrap())
        });
        let hit = ListHit {
            list: Arc::from("list.txt"),
            category: self.category,
            entry: Arc::from("203.0.113.7"),
            line: 1,
            list_date: None,
            list_sha256: Sha256::new([0; 32]),
            kind,
        };
        let established = self.established_before || self.state.was_established();
        let about = Circumstances {
            settings: &settings,
            owner: &owner,
            connection: &connection,
            established,
            content_network: false,
        };
        judge(hit, name.as_ref(), about)
    }
}

/// A name of the peer, as it was learnt.
fn teach(table: &mut NameTable, source: NameSource, asker: Option<u32>, at: Moment) {
    let address = "203.0.113.7".parse().unwrap();
    if source == NameSource::Tap {
        return table.learn(&Answer {
            name: "host.test",
            asker: asker.map(Uid::new),
            at,
            aliases: &[],
            addresses: &[AddressRecord {
                name: "host.test",
                address,
                ttl: u32::try_from(TTL).unwrap(),
            }],
        });
    }
    let addresses = vec![address];
    let outcome = Outcome::Addresses { ttl: 60, addresses };
    let answer = PinnedAnswer::new("host.test", at.wall, outcome).unwrap();
    let text = |text| Text::new(text).unwrap();
    let origin = Origin::new(text("192.0.2.53:53 udp"), text("a bench"));
    assert!(table.pin(&answer, &Arc::new(origin)));
}

fn every_case() -> impl Iterator<Item = Case> {
    let scopes = [
        (Platform::Android, Scope::Firmware),
        (Platform::Android, Scope::All),
        (Platform::Linux, Scope::Firmware),
    ];
    let known = [Known::Named, Known::Nothing, Known::Nobody];
    let firmware = [
        Firmware::Yes,
        Firmware::No,
        Firmware::Mixed,
        Firmware::Preloaded,
        Firmware::Unknown,
    ];
    let roles = [Roles::NONE, GO_BETWEEN, USER_FACING];
    let directions = [Direction::Out, Direction::In, Direction::Unknown];
    let mut routes = vec![
        Route::Entry(HitKind::Address),
        Route::Entry(HitKind::Network),
        Route::Entry(HitKind::Pinned),
        Route::PinnedName,
    ];
    for asker in [Some(OWNER), Some(ANOTHER), None] {
        routes.extend([0, 361, -1].map(|before| Route::AskedName(asker, before)));
    }
    let mut cases = Vec::new();
    for scope in scopes {
        for category in Category::ALL {
            for owner in known {
                for firmware in firmware {
                    for roles in roles {
                        for direction in directions {
                            for route in &routes {
                                let route = *route;
                                let case = Case {
                                    scope,
                                    category,
                                    owner,
                                    firmware,
                                    roles,
                                    direction,
                                    route,
                                    ..MATCH
                                };
                                cases.push(case);
                            }
                        }
                    }
                }
            }
        }
    }
    cases.into_iter().flat_map(|case| {
        sockets().map(move |(table, state, established_before)| Case {
            table,
            state,
            established_before,
            ..case
        })
    })
}

/// Every TCP state, one that was established before, and a datagram socket of each protocol.
fn sockets() -> impl Iterator<Item = (Table, SocketState, bool)> {
    let tcp = (1..=13).map(|raw| (Table::Tcp, SocketState::from_kernel(raw).unwrap(), false));
    let datagrams = [Table::Udp, Table::UdpLite6, Table::Raw, Table::Icmp];
    tcp.chain([(Table::Tcp6, SocketState::Close, true)])
        .chain(datagrams.map(|table| (table, SocketState::Established, false)))
}

fn moment(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(0).saturating_add(Duration::from_secs(seconds)),
    }
}
