//! A world whose truth is known: sockets open, are accepted, close, leave a remnant behind, and the
//! kernel's pages show some rows twice and miss some once. Every life must be told once, of the right
//! owner, and at the right time; whoever began must not be said to be the other.

use std::collections::BTreeMap;

use portlog_model::{
    Change, ConnectionId, CoverageStatus, Direction, Inode, SocketRow, SocketState, Table, Tuple,
    Uid,
};
use portlog_sockets::SocketTable;
use proptest::prelude::*;

use crate::random::{below, shuffle};
use crate::support::{Poll, at, end, row};

/// Of time, ten of which make a second; there is a poll a second.
type Tick = u64;

const POLLS: u64 = 60;

/// How long what is left of a TCP connection stays, in ticks.
const REMNANT: Tick = 45;

#[derive(Clone, Debug)]
struct Socket {
    table: Table,
    tuple: (String, String),
    uid: u32,
    inode: u64,
    role: Role,
    opened: Tick,
    /// When it got an inode.
    accepted: Tick,
    closed: Tick,
    missed_last: bool,
    missed_ever: bool,
    /// The polls that showed it: the first, the last.
    shown: Option<(u64, u64)>,
    shown_with_inode: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
    Client,
    Server,
    /// Lives as long as the world.
    Stable,
}

impl Socket {
    /// The row at `now`, if there is one.
    fn row(&self, now: Tick) -> Option<SocketRow> {
        let (local, remote) = (&self.tuple.0, &self.tuple.1);
        let is_tcp = self.table == Table::Tcp;
        let waits = remote.starts_with("0.0.0.0");
        let (state, inode) = if now < self.opened {
            return None;
        } else if now < self.accepted {
            (SocketState::Established, 0)
        } else if now < self.closed {
            let state = match (is_tcp, waits) {
                (true, true) => SocketState::Listen,
                (false, true) => SocketState::Close,
                (_, false) => SocketState::Established,
            };
            (state, self.inode)
        } else if is_tcp && now < self.closed + REMNANT / 3 {
            (SocketState::FinWait2, 0)
        } else if is_tcp && now < self.closed + REMNANT {
            (SocketState::TimeWait, 0)
        } else {
            return None;
        };
        Some(row(self.table, state, local, remote, self.uid, inode))
    }

    fn gone(&self) -> Tick {
        match self.table {
            Table::Tcp => self.closed + REMNANT,
            _ => self.closed,
        }
    }
}

struct World {
    sockets: Vec<Socket>,
    /// Whether the poll before could read this table.
    was_read: BTreeMap<Table, bool>,
    random: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            sockets: Vec::new(),
            was_read: BTreeMap::new(),
            random: seed,
        };
        let forever = POLLS * 10 + 1_000;
        for (table, local, count) in [
            (Table::Tcp, "0.0.0.0:80", 2),
            (Table::Udp, "0.0.0.0:5353", 3),
            (Table::Udp, "0.0.0.0:53", 1),
        ] {
            for _ in 0..count {
                let tuple = (local.to_owned(), "0.0.0.0:0".to_owned());
                world.add(table, tuple, Role::Stable, (0, 0, forever));
            }
        }
        for port in 0..5 {
            let tuple = (
                format!("192.0.2.1:{}", 33_000 + port),
                "203.0.113.9:443".to_owned(),
            );
            world.add(Table::Tcp, tuple, Role::Stable, (0, 0, forever));
        }
        let span = usize::try_from(POLLS * 10).unwrap();
        for number in 0..60 {
            let opened = 1 + below(&mut world.random, span) as u64;
            let lasts = 1 + below(&mut world.random, 80) as u64;
            match number % 4 {
                0 | 1 => {
                    let tuple = (
                        format!("192.0.2.1:{}", 40_000 + number),
                        "203.0.113.7:80".to_owned(),
                    );
                    let table = if number % 4 == 0 {
                        Table::Tcp
                    } else {
                        Table::Udp
                    };
                    let life = (opened, opened, opened + lasts);
                    world.add(table, tuple.clone(), Role::Client, life);
                    // Its successor on the same tuple, long enough to be seen with its inode.
                    let again = opened + lasts + 1 + below(&mut world.random, 100) as u64;
                    world.add(table, tuple, Role::Client, (again, again, again + 40));
                }
                _ => {
                    let tuple = (
                        "192.0.2.1:80".to_owned(),
                        format!("203.0.113.7:{}", 50_000 + number),
                    );
                    let accepted = opened + below(&mut world.random, 20) as u64;
                    let life = (opened, accepted, accepted + lasts);
                    world.add(Table::Tcp, tuple, Role::Server, life);
                }
            }
        }
        world
    }

    fn add(
        &mut self,
        table: Table,
        tuple: (String, String),
        role: Role,
        (opened, accepted, closed): (Tick, Tick, Tick),
    ) {
        let number = u32::try_from(self.sockets.len()).unwrap();
        self.sockets.push(Socket {
            table,
            tuple,
            uid: 10_000 + number,
            inode: 1 + u64::from(number),
            role,
            opened,
            accepted,
            closed,
            missed_last: false,
            missed_ever: false,
            shown: None,
            shown_with_inode: false,
        });
    }

    /// What the kernel hands out at `poll`: shuffled, some rows twice, some missed, and now and then a
    /// table not at all; but nothing of it two times in a row.
    fn poll(&mut self, poll: u64) -> Poll {
        let now = poll * 10;
        let mut statuses = BTreeMap::from([
            (Table::Tcp, CoverageStatus::Readable),
            (Table::Udp, CoverageStatus::Readable),
        ]);
        for (table, status) in &mut statuses {
            let was_read = self.was_read.entry(*table).or_insert(false);
            if *was_read && poll < POLLS && below(&mut self.random, 10) == 0 {
                *status = CoverageStatus::Denied;
            }
            *was_read = *status == CoverageStatus::Readable;
        }
        let mut rows = Vec::new();
        for index in 0..self.sockets.len() {
            let successor = self.sockets.iter().skip(index + 1).any(|other| {
                let socket = &self.sockets[index];
                (other.table, &other.tuple) == (socket.table, &socket.tuple)
                    && socket.role == Role::Client
                    && other.opened <= now
            });
            let chances = (below(&mut self.random, 6), below(&mut self.random, 4));
            let socket = &mut self.sockets[index];
            if statuses[&socket.table] != CoverageStatus::Readable {
                continue;
            }
            // A new connection takes the place of what was left of the old one.
            let Some(row) = socket
                .row(now)
                .filter(|_| !successor || now < socket.closed)
            else {
                continue;
            };
            // Whether the looks of a short life are missed is not the question here.
            let may_miss = !socket.missed_last && socket.shown.is_some();
            socket.missed_last = may_miss && chances.0 == 0;
            if socket.missed_last {
                socket.missed_ever = true;
                continue;
            }
            socket.shown = Some((socket.shown.map_or(poll, |(first, _)| first), poll));
            socket.shown_with_inode |= row.inode.is_some();
            rows.push(row);
            if chances.1 == 0 {
                rows.push(row);
            }
        }
        shuffle(&mut rows, &mut self.random);
        statuses
            .into_iter()
            .fold(Poll::of(&rows), |poll, (table, status)| {
                poll.status(table, status)
            })
    }
}

/// What was told of one connection.
#[derive(Debug)]
struct Told {
    opened: (Option<u64>, u64),
    closed: Option<(u64, u64)>,
    last: portlog_model::Connection,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 60 }))]

    #[test]
    fn every_life_is_told_once_and_rightly(seed in any::<u64>()) {
        let mut world = World::new(seed);
        let mut table = SocketTable::default();
        let mut told: BTreeMap<ConnectionId, Told> = BTreeMap::new();
        let mut changes = Vec::new();
        // The last lives end by poll 87; while rows are missed, up to six looks must miss one.
        for poll in 0..POLLS + 40 {
            let shown = world.poll(poll);
            changes.clear();
            table.poll(&shown.batch, &[], at(poll), &mut changes);
            for change in &changes {
                let last = *change.connection();
                let seconds = |moment: &portlog_model::Moment| moment.boot.as_nanos() / 1_000_000_000;
                match change {
                    Change::Opened { after, by, .. } => {
                        let opened = (after.as_ref().map(seconds), seconds(by));
                        told.insert(last.id, Told { opened, closed: None, last });
                    }
                    Change::Changed { .. } => told.get_mut(&last.id).unwrap().last = last,
                    Change::Closed { after, by, .. } => {
                        let told = told.get_mut(&last.id).unwrap();
                        prop_assert!(told.closed.is_none());
                        told.closed = Some((seconds(after.as_ref().unwrap()), seconds(by)));
                        told.last = last;
                    }
                }
            }
        }

        for socket in &world.sockets {
            let tuple = Tuple {
                protocol: socket.table.protocol(),
                local: end(&socket.tuple.0),
                remote: end(&socket.tuple.1),
            };
            let Some((first, last)) = socket.shown else {
                continue;
            };
            let stories: Vec<&Told> = told
                .values()
                .filter(|told| told.last.tuple() == tuple)
                .filter(|told| match told.last.inode {
                    Some(inode) => Some(inode) == Inode::new(socket.inode),
                    None => !socket.shown_with_inode && told.opened.1 == first,
                })
                .collect();
            let [story] = stories.as_slice() else {
                return Err(TestCaseError::fail(format!("{socket:?} is told as {stories:?}")));
            };
            prop_assert_eq!(story.opened.1, first);
            prop_assert!(story.opened.0.is_none_or(|after| after * 10 < socket.opened));
            let uid = socket.shown_with_inode.then_some(Uid::new(socket.uid));
            prop_assert_eq!(story.last.uid, uid, "{:?}", socket);
            match (socket.role, story.closed) {
                (Role::Stable, closed) => prop_assert_eq!(closed, None),
                (_, None) => prop_assert!(false, "{socket:?} never closed: {story:?}"),
                (_, Some((after, by))) => {
                    prop_assert_eq!(after, last, "{:?}", socket);
                    prop_assert!(by > after);
                    // It ended in between, unless the look that ends the span missed it.
                    prop_assert!(socket.missed_ever || by * 10 >= socket.closed, "{:?}", socket);
                    prop_assert!(after * 10 < socket.gone(), "{:?}", socket);
                }
            }
            let wrong = match socket.role {
                Role::Client => Direction::In,
                Role::Server => Direction::Out,
                Role::Stable => continue,
            };
            prop_assert_ne!(story.last.direction, wrong, "{:?}", socket);
        }
        let shown = world.sockets.iter().filter(|socket| socket.shown.is_some());
        prop_assert_eq!(told.len(), shown.count(), "nothing but what there was");
    }
}
