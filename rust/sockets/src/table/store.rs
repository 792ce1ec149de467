//! Where connections are kept: a dense slab, found by tuple and inode, by tuple, and by cookie.
//!
//! The row that was last seen and the mark of the poll that saw it stand apart from the rest, so
//! that an unchanged row touches nothing else.

use std::hash::BuildHasher;
use std::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use portlog_model::{Connection, Cookie, Endpoint, Inode, Protocol, SocketRow, Table, Tuple};

use super::PerTable;

/// The mark of a slot that holds no connection, or one that ends with this poll.
const UNUSED: u32 = 0;

/// The mark of the poll before the first.
pub(super) const FIRST_GENERATION: u32 = 1;

/// The mark of the poll after that of `generation`.
pub(super) const fn next_generation(generation: u32) -> u32 {
    match generation.wrapping_add(1) {
        UNUSED => FIRST_GENERATION,
        next => next,
    }
}

/// A place in the slab.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Slot(u32);

impl Slot {
    /// No place: the row is not tracked.
    pub(super) const NONE: Self = Self(u32::MAX);

    const fn index(self) -> usize {
        self.0 as usize
    }
}

/// When and where a connection was last seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The poll's mark.
    pub(super) generation: u32,
    /// The position of its row in that poll.
    pub(super) position: u32,
}

impl Mark {
    pub(super) fn new(generation: u32, position: usize) -> Self {
        Self {
            generation,
            position: u32::try_from(position).unwrap_or(u32::MAX),
        }
    }
}

/// What is known about a connection besides its latest row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) connection: Connection,
    /// The cookie of the small socket that the kernel keeps in place of a closed one: it gets one of
    /// its own.
    pub(super) remnant_cookie: Option<Cookie>,
    /// The latest poll in which a row with an inode was this connection.
    pub(super) with_inode: u32,
    /// The latest poll in which a row without an inode was.
    pub(super) without_inode: u32,
    /// The latest poll in which a row changed anything.
    pub(super) touched: u32,
    /// Whether `SYN_SENT` was seen.
    pub(super) syn_sent: bool,
    /// Whether `SYN_RECV` was seen.
    pub(super) syn_recv: bool,
    older: Slot,
    newer: Slot,
}

impl Entry {
    /// What a first row tells.
    pub(super) const fn new(connection: Connection) -> Self {
        Self {
            connection,
            remnant_cookie: None,
            with_inode: UNUSED,
            without_inode: UNUSED,
            touched: UNUSED,
            syn_sent: false,
            syn_recv: false,
            older: Slot::NONE,
            newer: Slot::NONE,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    rows: Vec<SocketRow>,
    marks: Vec<Mark>,
    entries: Vec<Option<Entry>>,
    free: Vec<Slot>,
    /// By tuple and inode (remembered ones included). No two that are open share both, but several
    /// may share a tuple and have no inode.
    exact: HashTable<Slot>,
    /// The newest of each tuple; the others hang on it by [`Entry::older`].
    newest: HashTable<Slot>,
    cookies: HashMap<Cookie, Slot>,
    live: [u32; Table::ALL.len()],
    hasher: DefaultHashBuilder,
}

impl Store {
    /// How many are open.
    pub(super) fn len(&self) -> usize {
        self.live.iter().map(|count| *count as usize).sum()
    }

    /// How many are open and were last seen in `table`.
    pub(super) fn live(&self, table: Table) -> u32 {
        *self.live.of(table)
    }

    pub(super) fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.entries.iter().flatten().map(|entry| &entry.connection)
    }

    /// Every slot, used or not.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..u32::try_from(self.marks.len()).unwrap_or(u32::MAX)).map(Slot)
    }

    pub(super) fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot.index())?.as_ref()
    }

    pub(super) fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.entries.get_mut(slot.index())?.as_mut()
    }

    /// The row that was last seen of it.
    pub(super) fn row(&self, slot: Slot) -> Option<&SocketRow> {
        self.rows.get(slot.index())
    }

    pub(super) fn mark_mut(&mut self, slot: Slot) -> Option<&mut Mark> {
        self.marks.get_mut(slot.index())
    }

    pub(super) fn mark(&self, slot: Slot) -> Option<Mark> {
        self.marks.get(slot.index()).copied()
    }

    /// Whether it is open: neither free nor ending with this poll.
    pub(super) fn is_open(&self, slot: Slot) -> bool {
        self.marks
            .get(slot.index())
            .is_some_and(|mark| mark.generation != UNUSED)
    }

    /// Whether the poll with this mark showed it.
    pub(super) fn is_seen(&self, slot: Slot, generation: u32) -> bool {
        self.marks
            .get(slot.index())
            .is_some_and(|mark| mark.generation == generation)
    }

    /// How many the poll with this mark showed.
    pub(super) fn seen(&self, generation: u32) -> usize {
        self.marks
            .iter()
            .filter(|mark| mark.generation == generation)
            .count()
    }

    /// Whether it was seen by the poll marked `last`, and not since, as `row`.
    pub(super) fn is_unchanged(&self, slot: Slot, row: &SocketRow, last: u32) -> bool {
        self.is_seen(slot, last) && self.row(slot) == Some(row)
    }

    /// The open one with this tuple and inode.
    pub(super) fn find(&self, tuple: &Tuple, inode: Inode) -> Option<Slot> {
        let hash = self.hash_exact(self.hash_tuple(tuple), Some(inode));
        self.exact
            .find(hash, |slot| {
                self.entry(*slot).is_some_and(|entry| {
                    entry.connection.inode == Some(inode) && entry.connection.tuple() == *tuple
                })
            })
            .copied()
    }

    /// The open ones with this tuple and no inode known, in no particular order.
    pub(super) fn find_without_inode(&self, tuple: Tuple) -> impl Iterator<Item = Slot> {
        let hash = self.hash_exact(self.hash_tuple(&tuple), None);
        self.exact.iter_hash(hash).copied().filter(move |slot| {
            self.entry(*slot).is_some_and(|entry| {
                entry.connection.inode.is_none() && entry.connection.tuple() == tuple
            })
        })
    }

    /// The one whose latest row is `row`.
    ///
    /// Where there are several, one of those that the poll marked `last` showed is preferred; no two
    /// of them have equal rows.
    pub(super) fn find_unchanged(&self, row: &SocketRow, last: u32, this: u32) -> Option<Slot> {
        let fits = |slot: Slot| {
            self.row(slot) == Some(row)
                && self
                    .mark(slot)
                    .is_some_and(|Mark { generation, .. }| generation == last || generation == this)
        };
        let hash = self.hash_tuple(&Tuple::from(row));
        if row.inode.is_some() {
            let hash = self.hash_exact(hash, row.inode);
            return self.exact.find(hash, |slot| fits(*slot)).copied();
        }
        self.chain_of(hash, Tuple::from(row))
            .find(|slot| fits(*slot))
    }

    /// Those with this tuple, the newest first, those that end with this poll included.
    pub(super) fn chain(&self, tuple: Tuple) -> impl Iterator<Item = Slot> {
        self.chain_of(self.hash_tuple(&tuple), tuple)
    }

    /// The first of [`chain`](Self::chain).
    pub(super) fn newest(&self, tuple: Tuple) -> Option<Slot> {
        self.chain(tuple).next()
    }

    /// The one after `slot` in its [`chain`](Self::chain).
    pub(super) fn older(&self, slot: Slot) -> Option<Slot> {
        self.entry(slot)
            .map(|entry| entry.older)
            .filter(|older| *older != Slot::NONE)
    }

    /// The open one with this cookie.
    pub(super) fn find_cookie(&self, cookie: Cookie) -> Option<Slot> {
        self.cookies.get(&cookie).copied()
    }

    /// Adds an open connection, seen as `row` by the poll with this mark.
    pub(super) fn insert(&mut self, entry: Entry, row: SocketRow, generation: u32) -> Slot {
        let tuple = entry.connection.tuple();
        let mark = Mark::new(generation, 0);
        let slot = if let Some(slot) = self.free.pop() {
            if let (Some(place), Some(old_row), Some(old_mark)) = (
                self.entries.get_mut(slot.index()),
                self.rows.get_mut(slot.index()),
                self.marks.get_mut(slot.index()),
            ) {
                *place = Some(entry);
                *old_row = row;
                *old_mark = mark;
            }
            slot
        } else {
            let slot = Slot(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
            self.entries.push(Some(entry));
            self.rows.push(row);
            self.marks.push(mark);
            slot
        };
        *self.live.of_mut(entry.connection.table) += 1;
        self.index_exact(slot);
        if let Some(cookie) = entry.connection.cookie {
            self.cookies.insert(cookie, slot);
        }

        let hash = self.hash_tuple(&tuple);
        let entries = &self.entries;
        let newest = self
            .newest
            .find_mut(hash, |slot| tuple_at(entries, *slot) == Some(tuple));
        if let Some(newest) = newest {
            let older = std::mem::replace(newest, slot);
            if let Some(entry) = self.entry_mut(older) {
                entry.newer = slot;
            }
            if let Some(entry) = self.entry_mut(slot) {
                entry.older = older;
            }
        } else {
            let hasher = &self.hasher;
            self.newest.insert_unique(hash, slot, |slot| {
                tuple_at(entries, *slot).map_or(0, |tuple| hash_tuple(hasher, &tuple))
            });
        }
        slot
    }

    /// Keeps `row` as the latest of `slot`, and its table.
    pub(super) fn set_row(&mut self, slot: Slot, row: SocketRow) {
        if let Some(place) = self.rows.get_mut(slot.index()) {
            *place = row;
        }
        let Some(entry) = self.entries.get_mut(slot.index()).and_then(Option::as_mut) else {
            return;
        };
        let was = std::mem::replace(&mut entry.connection.table, row.table);
        if was != row.table {
            *self.live.of_mut(was) -= 1;
            *self.live.of_mut(row.table) += 1;
        }
    }

    /// Learns the inode of one that had none.
    pub(super) fn set_inode(&mut self, slot: Slot, inode: Inode) {
        self.unindex_exact(slot);
        if let Some(entry) = self.entry_mut(slot) {
            entry.connection.inode = Some(inode);
        }
        self.index_exact(slot);
    }

    /// Learns or replaces the cookie.
    pub(super) fn set_cookie(&mut self, slot: Slot, cookie: Cookie) {
        self.unindex_cookie(slot);
        if let Some(entry) = self.entry_mut(slot) {
            entry.connection.cookie = Some(cookie);
            self.cookies.insert(cookie, slot);
        }
    }

    /// Takes it out of what is open: only [`chain`](Self::chain) and [`entry`](Self::entry) still
    /// find it.
    pub(super) fn end(&mut self, slot: Slot) {
        if !self.is_open(slot) {
            return;
        }
        if let Some(mark) = self.mark_mut(slot) {
            mark.generation = UNUSED;
        }
        self.unindex_exact(slot);
        self.unindex_cookie(slot);
        if let Some(table) = self.entry(slot).map(|entry| entry.connection.table) {
            *self.live.of_mut(table) -= 1;
        }
    }

    /// Forgets one that has ended.
    pub(super) fn remove(&mut self, slot: Slot) {
        let Some(entry) = self.entries.get_mut(slot.index()).and_then(Option::take) else {
            return;
        };
        self.free.push(slot);
        if let Some(older) = self.entry_mut(entry.older) {
            older.newer = entry.newer;
        }
        if let Some(newer) = self.entry_mut(entry.newer) {
            newer.older = entry.older;
            return;
        }
        // It was the newest: its elder takes its place, or none does.
        let hash = self.hash_tuple(&entry.connection.tuple());
        if let Ok(mut place) = self.newest.find_entry(hash, |newest| *newest == slot) {
            if entry.older == Slot::NONE {
                place.remove();
            } else {
                *place.get_mut() = entry.older;
            }
        }
    }

    fn chain_of(&self, hash: u64, tuple: Tuple) -> impl Iterator<Item = Slot> {
        let newest = self
            .newest
            .find(hash, |slot| tuple_at(&self.entries, *slot) == Some(tuple))
            .copied();
        std::iter::successors(newest, |slot| self.older(*slot))
    }

    fn index_exact(&mut self, slot: Slot) {
        let Some(hash) = self.entry(slot).map(|entry| self.hash_entry(entry)) else {
            return;
        };
        let (entries, hasher) = (&self.entries, &self.hasher);
        self.exact.insert_unique(hash, slot, |slot| {
            entry_at(entries, *slot).map_or(0, |entry| hash_entry(hasher, entry))
        });
    }

    fn unindex_exact(&mut self, slot: Slot) {
        let Some(hash) = self.entry(slot).map(|entry| self.hash_entry(entry)) else {
            return;
        };
        if let Ok(place) = self.exact.find_entry(hash, |other| *other == slot) {
            place.remove();
        }
    }

    fn unindex_cookie(&mut self, slot: Slot) {
        if let Some(cookie) = self.entry(slot).and_then(|entry| entry.connection.cookie)
            && self.cookies.get(&cookie) == Some(&slot)
        {
            self.cookies.remove(&cookie);
        }
    }

    fn hash_tuple(&self, tuple: &Tuple) -> u64 {
        hash_tuple(&self.hasher, tuple)
    }

    fn hash_exact(&self, tuple: u64, inode: Option<Inode>) -> u64 {
        hash_exact(&self.hasher, tuple, inode)
    }

    fn hash_entry(&self, entry: &Entry) -> u64 {
        hash_entry(&self.hasher, entry)
    }
}

fn entry_at(entries: &[Option<Entry>], slot: Slot) -> Option<&Entry> {
    entries.get(slot.index())?.as_ref()
}

fn tuple_at(entries: &[Option<Entry>], slot: Slot) -> Option<Tuple> {
    entry_at(entries, slot).map(|entry| entry.connection.tuple())
}

fn hash_entry(hasher: &DefaultHashBuilder, entry: &Entry) -> u64 {
    let tuple = hash_tuple(hasher, &entry.connection.tuple());
    hash_exact(hasher, tuple, entry.connection.inode)
}

fn hash_exact(hasher: &DefaultHashBuilder, tuple: u64, inode: Option<Inode>) -> u64 {
    hasher.hash_one([tuple, inode.map_or(0, Inode::get)])
}

/// A tuple's hash. It is packed first: a slice of numbers is hashed faster than a tree of enums.
fn hash_tuple(hasher: &DefaultHashBuilder, tuple: &Tuple) -> u64 {
    let [local_high, local_low] = packed(&tuple.local);
    let [remote_high, remote_low] = packed(&tuple.remote);
    let protocol: u64 = match tuple.protocol {
        Protocol::Tcp => 0,
        Protocol::Udp => 1,
        Protocol::UdpLite => 2,
        Protocol::Raw => 3,
        Protocol::Icmp => 4,
    };
    let rest =
        protocol << 32 | u64::from(tuple.local.port()) << 16 | u64::from(tuple.remote.port());
    hasher.hash_one([local_high, local_low, remote_high, remote_low, rest])
}

/// An end's address; IPv4 as v4-mapped, which no canonical end is.
const fn packed(end: &Endpoint) -> [u64; 2] {
    match end.address() {
        IpAddr::V4(address) => [0, 0xffff << 32 | address.to_bits() as u64],
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            #[expect(clippy::cast_possible_truncation, reason = "split into its halves")]
            [(bits >> 64) as u64, bits as u64]
        }
    }
}
