//! A small world to watch: owners, lists, names, and a clock that the test turns.

#![expect(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "built outside of test functions; each test file uses its own part of it"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_blocklist::{List, ListSet};
use portlog_model::{
    Alert, BootTime, Category, Change, Connection, ConnectionId, Direction, Endpoint, Event,
    EventKind, Firmware, Inode, Level, Moment, NotedReason, Owner, OwnerKind, OwnerReason,
    PackageName, Platform, Protocol, Role, Roles, SocketState, Table, Uid, WallTime,
};
use portlog_names::pinned::{Origin, Outcome, PinnedAnswer, Text};
use portlog_names::{AddressRecord, Answer, NameTable};
use portlog_watch::{History, Scope, Settings, Watch};

pub const FIRMWARE: u32 = 10_012;
pub const USER_APP: u32 = 10_087;
pub const GO_BETWEEN: u32 = 10_020;
pub const BROWSER: u32 = 10_021;
pub const PRELOADED: u32 = 10_030;
pub const MIXED: u32 = 10_040;
pub const SYSTEM: u32 = 1_000;

/// The address that the usual list has.
pub const LISTED: &str = "203.0.113.7:443";
/// One that it has not.
pub const OTHER: &str = "198.51.100.9:443";

/// Everything that a look needs.
pub struct World {
    pub watch: Watch,
    pub lists: ListSet,
    pub names: NameTable,
    pub now: Moment,
    next_id: u64,
}

pub fn moment(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_777_902_300_000).saturating_add(Duration::from_secs(seconds)),
        boot: BootTime::from_nanos(0).saturating_add(Duration::from_secs(1_000 + seconds)),
    }
}

pub fn list(name: &str, category: Category, text: &str) -> List {
    let parsed = List::parse(name, Some(category), Some(moment(0).wall), text.as_bytes()).unwrap();
    assert!(parsed.bad_lines.is_empty());
    parsed.list
}

/// A list of threats with [`LISTED`], a network and a name.
pub fn threats() -> List {
    list(
        "threats.txt",
        Category::Threat,
        "203.0.113.7\n192.0.2.0/24\n2001:db8::7\nbad.test\n",
    )
}

pub fn owner(uid: Option<u32>) -> Arc<Owner> {
    let Some(uid) = uid else {
        return Arc::new(Owner::unnamed());
    };
    let (firmware, roles) = match uid {
        FIRMWARE | SYSTEM => (Firmware::Yes, Roles::NONE),
        GO_BETWEEN => (Firmware::Yes, role(Role::GoBetween)),
        BROWSER => (Firmware::Yes, role(Role::UserFacing)),
        PRELOADED => (Firmware::Preloaded, Roles::NONE),
        MIXED => (Firmware::Mixed, Roles::NONE),
        _ => (Firmware::No, Roles::NONE),
    };
    let names: &[&str] = match uid {
        FIRMWARE => &["com.example.sync"],
        GO_BETWEEN => &["com.example.download"],
        BROWSER => &["com.example.browser"],
        PRELOADED => &["com.example.extra"],
        MIXED => &["com.example.mixed.a", "com.example.mixed.b"],
        SYSTEM => &[],
        _ => &["org.example.user"],
    };
    let packages: Vec<PackageName> = names
        .iter()
        .map(|name| PackageName::new(name).unwrap())
        .collect();
    let kind = match packages.len() {
        0 => OwnerKind::System,
        1 => OwnerKind::App,
        _ => OwnerKind::Shared,
    };
    Arc::new(Owner {
        uid: Some(Uid::new(uid)),
        user: Some(Uid::new(uid).user()),
        kind,
        name: names
            .first()
            .map_or_else(|| Arc::from("system"), |name| Arc::from(*name)),
        packages,
        program: None,
        candidates: Vec::new(),
        firmware,
        roles,
        why: OwnerReason::NoPackageList,
    })
}

pub fn role(role: Role) -> Roles {
    Roles {
        go_between: role == Role::GoBetween,
        user_facing: role == Role::UserFacing,
    }
}

pub fn end(text: &str) -> Endpoint {
    let end: SocketAddr = text.parse().unwrap();
    Endpoint::new(end.ip(), end.port())
}

impl World {
    pub fn new() -> Self {
        Self::with(
            Settings::new(Platform::Android, Scope::Firmware),
            History::default(),
        )
    }

    pub fn with(settings: Settings, history: History) -> Self {
        Self {
            watch: Watch::new(settings, history),
            lists: ListSet::new(vec![threats()]),
            names: NameTable::default(),
            now: moment(0),
            next_id: 1,
        }
    }

    /// `asker` asks for `name` now, and is told the address of [`OTHER`], for a minute.
    pub fn learn(&mut self, name: &str, asker: Option<u32>) {
        self.names.learn(&Answer {
            name,
            asker: asker.map(Uid::new),
            at: self.now,
            aliases: &[],
            addresses: &[AddressRecord {
                name,
                address: "198.51.100.9".parse().unwrap(),
                ttl: 60,
            }],
        });
    }

    /// Stores the memory as the agent does, and starts anew from the file, at the same time.
    pub fn restart(&mut self) {
        let file = serde_json::to_vec(self.watch.history()).unwrap();
        let history: History = serde_json::from_slice(&file).unwrap();
        assert_eq!(&history, self.watch.history());
        self.watch = Watch::new(self.watch.settings().clone(), history);
    }

    pub fn wait(&mut self, span: Duration) {
        self.now.wall = self.now.wall.saturating_add(span);
        self.now.boot = self.now.boot.saturating_add(span);
    }

    /// An established TCP connection that this machine began.
    pub fn connection(&mut self, uid: u32, remote: &str) -> Connection {
        let id = self.next_id;
        self.next_id += 1;
        let remote = end(remote);
        let v6 = remote.address().is_ipv6();
        let port = u16::try_from(40_000 + id % 20_000).unwrap();
        Connection {
            id: ConnectionId::new(id),
            table: if v6 { Table::Tcp6 } else { Table::Tcp },
            state: SocketState::Established,
            direction: Direction::Out,
            own: false,
            practice: false,
            local: Endpoint::new(
                end(if v6 { "[2001:db8::1]:1" } else { "10.0.0.2:1" }).address(),
                port,
            ),
            remote,
            uid: Some(Uid::new(uid)),
            inode: Inode::new(100_000 + id),
            cookie: None,
            first_seen: self.now,
        }
    }

    pub fn listener(&mut self, uid: u32, table: Table, local: &str) -> Connection {
        let connection = self.connection(uid, OTHER);
        let state = if table.protocol() == Protocol::Tcp {
            SocketState::Listen
        } else {
            SocketState::Close
        };
        let local = end(local);
        let remote = end(if local.address().is_ipv6() {
            "[::]:0"
        } else {
            "0.0.0.0:0"
        });
        Connection {
            table,
            state,
            local,
            remote,
            direction: Direction::Unknown,
            ..connection
        }
    }

    pub fn observe(&mut self, changes: &[Change]) -> Vec<Event> {
        let mut events = Vec::new();
        self.watch.observe(
            changes,
            self.now,
            &mut |connection| owner(connection.uid.map(Uid::get)),
            &self.lists,
            &self.names,
            &mut events,
        );
        events
    }

    pub fn open(&mut self, connection: Connection) -> Vec<Event> {
        let after = Some(self.now);
        self.observe(&[Change::Opened {
            connection,
            after,
            by: self.now,
        }])
    }

    /// As at the first look of a run.
    pub fn find(&mut self, connection: Connection) -> Vec<Event> {
        self.observe(&[Change::Opened {
            connection,
            after: None,
            by: self.now,
        }])
    }

    pub fn change(&mut self, connection: Connection, was: SocketState) -> Vec<Event> {
        let after = Some(self.now);
        self.observe(&[Change::Changed {
            connection,
            was,
            after,
            by: self.now,
        }])
    }

    pub fn close(&mut self, connection: Connection) -> Vec<Event> {
        let after = Some(self.now);
        self.observe(&[Change::Closed {
            connection,
            after,
            by: self.now,
        }])
    }

    /// Opens and closes a new connection; what it told.
    pub fn visit(&mut self, uid: u32, remote: &str) -> Vec<Event> {
        let connection = self.connection(uid, remote);
        let mut events = self.open(connection);
        events.extend(self.close(connection));
        events
    }
}

pub fn alerts(events: &[Event]) -> Vec<Arc<Alert>> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Alert(alert) => Some(Arc::clone(alert)),
            _ => None,
        })
        .collect()
}

pub fn levels(events: &[Event]) -> Vec<Level> {
    alerts(events).iter().map(|alert| alert.level).collect()
}

pub fn notes(events: &[Event]) -> Vec<NotedReason> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Noted(_, reason) => Some(*reason),
            _ => None,
        })
        .collect()
}

/// Pins `name` to `address`, as seen at `at`.
pub fn pin(names: &mut NameTable, name: &str, address: &str, at: WallTime) {
    let outcome = Outcome::Addresses {
        ttl: 60,
        addresses: vec![address.parse().unwrap()],
    };
    let answer = PinnedAnswer::new(name, at, outcome).unwrap();
    let text = |text| Text::new(text).unwrap();
    let origin = Origin::new(text("192.0.2.53:53 udp"), text("a bench"));
    assert!(names.pin(&answer, &Arc::new(origin)));
}
