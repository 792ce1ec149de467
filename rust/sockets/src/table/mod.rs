//! The table that turns polls into opened, changed and closed.
//!
//! What makes this more than the difference of two sets:
//!
//! - **Which connection a row is.** Protocol and tuple, split by inode or cookie only where both
//!   sides have one: a connection loses its inode when its process closes it, and gains one when it
//!   is accepted. The rules are in [`identity`].
//! - **A look may miss a socket.** The kernel hands out `/proc/net` by the page and lets go in
//!   between, so a row that is absent once proves nothing. A connection is closed when
//!   [`TableSettings::absences_to_close`] looks that prove an absence
//!   ([`TableReport::proves_absence`](crate::TableReport::proves_absence)) do not show it, and then
//!   as of the first of them. While sockets come and go so fast that looks are known to be wrong
//!   (rows came twice, or came back), it takes more looks. A destroy event, or another socket on the
//!   tuple of a TCP connection, closes at once.
//! - **A table may be unreadable for a while.** Its connections are kept for
//!   [`TableSettings::grace`]. After that they are closed, and the next good look is a first look.
//! - **The order of rows says nothing.** Rows that are as the poll before had them are recognised
//!   first; all others are sorted before anything is decided, so that the same rows in any order
//!   give the same changes with the same ids.
//!
//! Steady polls are the common case and cost one comparison a row: the rows of the last poll are
//! remembered in its order, a row is compared with the one that stood in its place, and only where
//! they differ is anything hashed. Nothing is allocated, and absent connections are searched for
//! only when fewer were seen than there are.
//!
//! Changes of one poll are appended in this order, by id within each group: `Closed`, `Opened`,
//! `Changed`, then `Opened` and `Closed` of each connection that was known only by its end.

mod absence;
mod claim;
mod destroyed;
mod direction;
mod first;
mod identity;
mod recent;
mod store;

use std::ops::RangeInclusive;
use std::time::Duration;

use hashbrown::HashMap;
use portlog_model::{Change, Connection, ConnectionId, Inode, Moment, SocketState, Table, Uid};

use crate::{Batch, OwnSocket};
use absence::{Look, Unseen};
use claim::Pending;
use destroyed::Brief;
use direction::ListenerPorts;
pub use first::first_look;
use recent::Recent;
use store::{Slot, Store};

/// How a [`SocketTable`] judges.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableSettings {
    /// How many looks in a row must not show a connection before it is closed; 0 counts as 1.
    pub absences_to_close: u32,
    /// How many it takes at most, while the looks at a table are known to miss rows. The times told
    /// stay the same, they are told later.
    pub most_absences: u32,
    /// How long, awake or asleep, the connections of an unreadable table are kept.
    pub grace: Duration,
    /// The ports that the kernel gives to sockets that ask for none
    /// (`net.ipv4.ip_local_port_range`).
    pub ephemeral_ports: RangeInclusive<u16>,
    /// How many connections are tracked at once. Further ones are counted
    /// ([`SocketTable::overflowed`]) and not tracked.
    pub max_connections: usize,
}

impl Default for TableSettings {
    fn default() -> Self {
        Self {
            absences_to_close: 2,
            most_absences: 6,
            grace: Duration::from_secs(30),
            ephemeral_ports: 32_768..=60_999,
            max_connections: 65_536,
        }
    }
}

/// The connections that are known, and what each poll changes about them.
#[derive(Debug)]
pub struct SocketTable {
    settings: TableSettings,
    store: Store,
    looks: [Look; Table::ALL.len()],
    ports: ListenerPorts,
    recent: Recent,
    /// Connections that the latest look at their table did not show.
    unseen: HashMap<Slot, Unseen>,
    /// Connections of which a destroy event told, and whose end no look has shown yet.
    ending: HashMap<Slot, Moment>,
    /// The own sockets that were told at the latest poll.
    own: Vec<OwnSocket>,
    /// The socket that a practice alert is about, while there is one.
    practice: Option<OwnSocket>,
    /// The connection of each row of the latest poll, in the order of its rows.
    order: Vec<Slot>,
    scratch: Scratch,
    next_id: u64,
    generation: u32,
    overflowed: [u32; Table::ALL.len()],
}

impl SocketTable {
    /// An empty table, before the first look.
    pub fn new(settings: TableSettings) -> Self {
        Self {
            settings,
            store: Store::default(),
            looks: Default::default(),
            ports: ListenerPorts::default(),
            recent: Recent::default(),
            unseen: HashMap::new(),
            ending: HashMap::new(),
            own: Vec::new(),
            practice: None,
            order: Vec::new(),
            scratch: Scratch::default(),
            next_id: 1,
            generation: store::FIRST_GENERATION,
            overflowed: [0; Table::ALL.len()],
        }
    }

    /// Forgets everything but the ids it gave and the practice socket: the next look is a first look, and no id is used
    /// twice. For going on after a fault.
    pub fn reset(&mut self) {
        let (next_id, practice) = (self.next_id, self.practice);
        *self = Self::new(self.settings.clone());
        self.next_id = next_id;
        self.practice = practice;
    }

    /// Takes one poll and appends what it changed to `changes`.
    ///
    /// `own` are the agent's own sockets, `now` the time of the poll. Rows of a table whose report
    /// does not say that it was read are ignored.
    pub fn poll(
        &mut self,
        batch: &Batch,
        own: &[OwnSocket],
        now: Moment,
        changes: &mut Vec<Change>,
    ) {
        let round = self.begin(batch, now);
        self.claim_unchanged(&round, batch);
        self.claim_others(&round, batch);
        self.mark_own(own);
        self.settle_destroyed(&round, batch);
        self.close_replaced(&round);
        self.close_absent(&round);
        self.close_unreadable(&round);
        self.direct(&round);
        self.tell(&round, changes);
        self.end(&round);
    }

    /// Marks the connection of `socket` as the practice connection from its first row on; `None`
    /// ends that. What was marked stays so. To be told before the poll that may show it.
    pub fn set_practice(&mut self, socket: Option<OwnSocket>) {
        self.practice = socket;
    }

    /// Every connection that is tracked, those included that the latest look did not show but that
    /// are not closed yet. In an order that depends only on the polls.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.store.connections()
    }

    /// The connections that wait for peers.
    pub fn listeners(&self) -> impl Iterator<Item = &Connection> {
        self.connections()
            .filter(|connection| connection.is_listener())
    }

    /// How many connections are tracked.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether none is tracked.
    pub fn is_empty(&self) -> bool {
        self.store.len() == 0
    }

    /// How many rows of the latest poll are not tracked because
    /// [`TableSettings::max_connections`] was reached.
    pub fn overflowed(&self) -> u64 {
        self.overflowed.iter().copied().map(u64::from).sum()
    }

    /// The same, of one table.
    pub fn overflowed_in(&self, table: Table) -> u32 {
        self.overflowed
            .get(table.index())
            .copied()
            .unwrap_or_default()
    }

    fn begin(&mut self, batch: &Batch, now: Moment) -> Round {
        let last = self.generation;
        self.generation = store::next_generation(last);
        self.overflowed = [0; Table::ALL.len()];
        self.scratch.clear();
        let mut round = Round {
            now,
            last,
            this: self.generation,
            read: TableSet::default(),
            proven: TableSet::default(),
            listeners_hidden: TableSet::default(),
        };
        for table in Table::ALL {
            let report = batch.report(table);
            if report.is_read() {
                round.read.insert(table);
                self.looks.of_mut(table).calm(report.doubles);
            } else if report.status != portlog_model::CoverageStatus::Absent {
                round.listeners_hidden.insert(table);
            }
            if report.proves_absence() {
                round.proven.insert(table);
            }
        }
        round
    }

    /// Whatever the latest poll made of each connection, told in the order that the module states.
    fn tell(&mut self, round: &Round, changes: &mut Vec<Change>) {
        let by = round.now;
        let store = &self.store;
        let id_of = |slot: Slot| store.entry(slot).map(|entry| entry.connection.id);
        self.scratch
            .closing
            .sort_unstable_by_key(|closing| id_of(closing.slot));
        self.scratch
            .touched
            .sort_unstable_by_key(|touched| id_of(touched.slot));

        for &Closing { slot, after, by } in &self.scratch.closing {
            let Some(entry) = store.entry(slot) else {
                continue;
            };
            let connection = entry.connection;
            changes.push(Change::Closed {
                connection,
                after,
                by,
            });
        }
        for slot in &self.scratch.opened {
            let Some(entry) = store.entry(*slot) else {
                continue;
            };
            changes.push(Change::Opened {
                connection: entry.connection,
                after: self.looks.of(entry.connection.table).last_proven,
                by,
            });
        }
        for touched in &self.scratch.touched {
            let Some(entry) = store.entry(touched.slot) else {
                continue;
            };
            let connection = entry.connection;
            if (connection.state, connection.uid, connection.inode)
                != (touched.state, touched.uid, touched.inode)
            {
                changes.push(Change::Changed {
                    connection,
                    was: touched.state,
                    after: touched.after,
                    by,
                });
            }
        }
        self.tell_brief(changes);
    }

    fn end(&mut self, round: &Round) {
        for closing in &self.scratch.closing {
            self.store.remove(closing.slot);
            self.unseen.remove(&closing.slot);
            self.ending.remove(&closing.slot);
        }
        for (table, look) in Table::ALL.into_iter().zip(&mut self.looks) {
            if round.read.contains(table) {
                look.last_read = Some(round.now);
            }
            if round.proven.contains(table) {
                look.last_proven = Some(round.now);
            }
        }
        std::mem::swap(&mut self.order, &mut self.scratch.order);
    }

    fn next_id(&mut self) -> ConnectionId {
        let id = ConnectionId::new(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }
}

impl Default for SocketTable {
    fn default() -> Self {
        Self::new(TableSettings::default())
    }
}

/// What holds during one poll.
#[derive(Clone, Copy, Debug)]
struct Round {
    now: Moment,
    /// The mark of connections that the poll before showed.
    last: u32,
    /// The mark of connections that this poll shows.
    this: u32,
    /// Tables whose rows count.
    read: TableSet,
    /// Tables whose missing rows count.
    proven: TableSet,
    /// Tables that this kernel has and that could not be read: they may hide listeners.
    listeners_hidden: TableSet,
}

/// A set of tables.
#[derive(Clone, Copy, Debug, Default)]
struct TableSet(u16);

impl TableSet {
    fn insert(&mut self, table: Table) {
        self.0 |= 1 << table.index();
    }

    const fn contains(self, table: Table) -> bool {
        self.0 & (1 << table.index()) != 0
    }
}

/// Access to an array that has one entry per table.
trait PerTable<T> {
    fn of(&self, table: Table) -> &T;
    fn of_mut(&mut self, table: Table) -> &mut T;
}

impl<T> PerTable<T> for [T; Table::ALL.len()] {
    #[expect(clippy::indexing_slicing, reason = "the array has one entry per table")]
    fn of(&self, table: Table) -> &T {
        &self[table.index()]
    }

    #[expect(clippy::indexing_slicing, reason = "the array has one entry per table")]
    fn of_mut(&mut self, table: Table) -> &mut T {
        &mut self[table.index()]
    }
}

/// Buffers of one poll, kept so that the next one allocates nothing.
#[derive(Debug, Default)]
struct Scratch {
    /// The connection of each row, becomes [`SocketTable::order`].
    order: Vec<Slot>,
    /// Rows that are not as the poll before had them.
    pending: Vec<Pending>,
    /// Connections that were known, and what they were before a row changed them.
    touched: Vec<Touched>,
    /// New connections, by id.
    opened: Vec<Slot>,
    /// Connections that end with this poll.
    closing: Vec<Closing>,
    /// Destroy events by their time.
    events: Vec<u32>,
    /// Connections that were known only by their end.
    brief: Vec<Brief>,
}

impl Scratch {
    fn clear(&mut self) {
        self.order.clear();
        self.pending.clear();
        self.touched.clear();
        self.opened.clear();
        self.closing.clear();
        self.events.clear();
        self.brief.clear();
    }
}

/// What a connection was before this poll.
#[derive(Clone, Copy, Debug)]
struct Touched {
    slot: Slot,
    state: SocketState,
    uid: Option<Uid>,
    inode: Option<Inode>,
    /// The last look that showed it.
    after: Option<Moment>,
}

/// A connection's end.
#[derive(Clone, Copy, Debug)]
struct Closing {
    slot: Slot,
    after: Option<Moment>,
    by: Moment,
}
