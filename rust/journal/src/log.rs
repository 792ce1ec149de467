//! A log that grows: entries become rows, leaves and nodes, and every commit is signed.

use crate::digest::Hash;
use crate::entry::{Entry, FieldType, Kind, Value};
use crate::error::Error;
use crate::key::{Seed, SigningKey};
use crate::leaf::{Commitments, LeafText, field_salt, salt_key};
use crate::note::{Checkpoint, Note};
use crate::origin::Origin;
use crate::store::{Batch, Row, Snapshot as _, SnapshotNodes, Store};
use crate::tree::Frontier;
use crate::vault::Vault;

/// The most entries of an epoch; the last one names the next epoch's key.
pub const MAX_EPOCH: u64 = 4096;

/// Random bytes, from wherever the caller has them.
pub trait Random {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error>;
}

/// The system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        use ring::rand::SecureRandom as _;
        ring::rand::SystemRandom::new()
            .fill(bytes)
            .map_err(|_| Error::NoRandomness)
    }
}

/// Why an epoch ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EpochReason {
    /// A day is over.
    Day,
    /// The phone was started.
    Boot,
    /// It has as many entries as an epoch may have.
    Size,
    /// Somebody asked for it.
    Hand,
}

impl EpochReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Boot => "boot",
            Self::Size => "size",
            Self::Hand => "hand",
        }
    }
}

/// A log that can be continued: its store and its keys.
#[derive(Debug)]
pub struct Log<S, V, R> {
    store: S,
    vault: V,
    random: R,
    origin: Origin,
    epoch: u32,
    key: SigningKey,
    /// The first index that the epoch owns.
    epoch_begin: u64,
    session: Option<u64>,
    frontier: Frontier,
    /// What is not committed yet.
    rows: Vec<Row>,
    nodes: Vec<Hash>,
    /// The next epoch's key, once the entry that names it is among the rows.
    next_key: Option<SigningKey>,
    prune_below: Option<u64>,
}

impl<S: Store, V: Vault, R: Random> Log<S, V, R> {
    /// Begins a new log in an empty store. `time` is a moment.
    pub fn create(store: S, mut vault: V, mut random: R, time: Value) -> Result<Self, Error> {
        if store.snapshot()?.latest_checkpoint()?.is_some() {
            return Err(Error::OutOfStep);
        }
        let seed = new_seed(&mut random)?;
        let (origin, key) = SigningKey::first(&seed)?;
        vault.save(0, &seed)?;
        let first = epoch_entry(time, 0, &key, "first")?;
        let mut log = Self {
            store,
            vault,
            random,
            origin,
            epoch: 0,
            key,
            epoch_begin: 0,
            session: None,
            frontier: Frontier::new(),
            rows: Vec::new(),
            nodes: Vec::new(),
            next_key: None,
            prune_below: None,
        };
        log.push(&first)?;
        log.write(Some(0))?;
        Ok(log)
    }

    /// Opens the log in `store`; `None` where the store is empty.
    ///
    /// [`Error::NoKey`] where the secret key is gone: the log can be read, and never continued.
    pub fn open(store: S, mut vault: V, random: R) -> Result<Option<Self>, Error> {
        let snapshot = store.snapshot()?;
        let Some(note) = snapshot.latest_checkpoint()? else {
            return Ok(None);
        };
        let Checkpoint { origin, size, .. } = note.checkpoint().clone();
        let epochs = snapshot.epoch_entries()?;
        let epoch = u32::try_from(epochs.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let epoch_begin = match epochs.as_slice() {
            [] => return Err(Error::Damaged("it has no epoch".into())),
            [_] => 0,
            [.., last] => last.saturating_add(1),
        };
        let seed = vault.load(epoch)?.ok_or(Error::NoKey(epoch))?;
        let key = SigningKey::of_log(&origin, &seed)?;
        let last = epochs.last().copied().unwrap_or_default();
        let named = snapshot.get(last)?;
        let vkey = named.as_ref().and_then(|row| row.value("vkey"));
        if vkey != Some(key.public().to_string().as_str()) {
            return Err(Error::NoKey(epoch));
        }
        // What a rotation left behind that was cut off: the key before, or one that no entry names.
        if let Some(before) = epoch.checked_sub(1) {
            vault.erase(before)?;
        }
        vault.erase(epoch.saturating_add(1))?;
        let frontier = Frontier::at(size, &SnapshotNodes(&snapshot))?;
        let session = snapshot
            .get(size.saturating_sub(1))?
            .ok_or_else(|| Error::Damaged("its last row is gone".into()))?
            .session;
        drop(snapshot);
        Ok(Some(Self {
            store,
            vault,
            random,
            origin,
            epoch,
            key,
            epoch_begin,
            session,
            frontier,
            rows: Vec::new(),
            nodes: Vec::new(),
            next_key: None,
            prune_below: None,
        }))
    }

    /// The log's name.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many entries there are, those not committed among them.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// How many entries are not committed.
    pub fn pending(&self) -> usize {
        self.rows.len()
    }

    /// The epoch's number.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Adds an entry and gives its index. It is durable and signed with the next [`Self::commit`].
    ///
    /// An entry that would be the epoch's last ends it first, which commits.
    pub fn append(&mut self, entry: &Entry) -> Result<u64, Error> {
        entry.check_size()?;
        if entry.kind() == Kind::Epoch {
            // Only a rotation may name a key.
            return Err(Error::OutOfStep);
        }
        if self.next_key.is_some() {
            self.commit()?;
        }
        let in_epoch = self.size().saturating_sub(self.epoch_begin);
        if in_epoch.saturating_add(1) >= MAX_EPOCH {
            let time = entry.value("time").cloned().unwrap_or_else(Value::none);
            self.rotate(time, EpochReason::Size)?;
        }
        self.push(entry)
    }

    /// Signs and stores what was appended. After an error nothing is lost: it may be called again.
    pub fn commit(&mut self) -> Result<(), Error> {
        if self.rows.is_empty() && self.prune_below.is_none() {
            return Ok(());
        }
        self.write(None)
    }

    /// Goes on with `store`, the same log opened anew: what a store is after a failed write is not known
    /// until then. What is not committed stays, or is found to be there.
    pub fn resume(&mut self, store: S) -> Result<(), Error> {
        let note = store.snapshot()?.latest_checkpoint()?;
        let there = note.map(|note| note.checkpoint().clone());
        let there = there.filter(|state| state.origin == self.origin);
        let Some(Checkpoint { size, root, .. }) = there else {
            return Err(Error::OutOfStep);
        };
        let pending = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        if size == self.size() && Some(root) == self.frontier.root() {
            // The write that failed had been done.
            self.rows.clear();
            self.nodes.clear();
            self.store = store;
            return self.settle();
        }
        if size.checked_add(pending) != Some(self.size()) {
            return Err(Error::OutOfStep);
        }
        self.store = store;
        Ok(())
    }

    /// Ends the epoch: names a fresh key, has the boundary signed by both, and forgets the old one.
    pub fn rotate(&mut self, time: Value, reason: EpochReason) -> Result<(), Error> {
        if self.next_key.is_none() {
            let next = self.epoch.saturating_add(1);
            let key = loop {
                let seed = new_seed(&mut self.random)?;
                let key = SigningKey::of_log(&self.origin, &seed)?;
                if key.public().id() != self.key.public().id() {
                    self.vault.save(next, &seed)?;
                    break key;
                }
            };
            let entry = epoch_entry(time, next, &key, reason.as_str())?;
            self.push(&entry)?;
            self.next_key = Some(key);
        }
        self.commit()
    }

    /// Deletes rows below `below`, keeps their hashes, and says so in an entry. `time` is a moment.
    pub fn prune(&mut self, time: Value, below: u64, reason: &str) -> Result<(), Error> {
        self.commit()?;
        let below = below.min(self.size());
        let snapshot = self.store.snapshot()?;
        let mut rows = 0_u64;
        for row in snapshot.rows(0..below, |kind| !kind.stays()) {
            row?;
            rows = rows.saturating_add(1);
        }
        drop(snapshot);
        if rows == 0 {
            return Ok(());
        }
        let entry = Entry::new(Kind::Prune)
            .with("time", time)?
            .with("below", Value::number(below))?
            .with("rows", Value::number(rows))?
            .with("reason", Value::word(reason))?;
        self.append(&entry)?;
        self.prune_below = Some(below);
        self.commit()
    }

    /// Keeps a checkpoint that left the phone, with the cosignatures that came back.
    pub fn keep(&mut self, note: &Note) -> Result<(), Error> {
        self.store.keep(note)
    }

    fn push(&mut self, entry: &Entry) -> Result<u64, Error> {
        let index = self.size();
        let session = match entry.kind() {
            Kind::Started => Some(index),
            _ => self.session,
        };
        let mut salt = [0; 16];
        self.random.fill(&mut salt)?;
        let row = Row::new(entry, session, salt);
        let leaf = row_leaf(&self.origin, index, &row);
        let nodes = &mut self.nodes;
        self.frontier.push(leaf, |_, hash| nodes.push(hash));
        self.rows.push(row);
        self.session = session;
        Ok(index)
    }

    /// Writes what is pending; `first` is the epoch that a new log begins with.
    fn write(&mut self, first: Option<u32>) -> Result<(), Error> {
        let root = self.frontier.root().ok_or(Error::Empty)?;
        let size = self.size();
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        };
        let keys: Vec<&SigningKey> = std::iter::once(&self.key).chain(&self.next_key).collect();
        let next = self.epoch.saturating_add(1);
        let batch = Batch {
            first: size.saturating_sub(u64::try_from(self.rows.len()).unwrap_or(u64::MAX)),
            rows: std::mem::take(&mut self.rows),
            nodes: std::mem::take(&mut self.nodes),
            checkpoint: checkpoint.sign(&keys),
            epoch: first.or(self.next_key.as_ref().map(|_| next)),
            prune_below: self.prune_below,
        };
        if let Err(error) = self.store.append_batch(&batch) {
            (self.rows, self.nodes) = (batch.rows, batch.nodes);
            return Err(error);
        }
        self.settle()
    }

    /// Takes note that everything is stored, and goes on to the next key where one was named.
    fn settle(&mut self) -> Result<(), Error> {
        self.prune_below = None;
        if let Some(key) = self.next_key.take() {
            let old = self.epoch;
            let next = old.saturating_add(1);
            (self.key, self.epoch, self.epoch_begin) = (key, next, self.size());
            self.vault.erase(old)?;
        }
        Ok(())
    }
}

/// The leaf of a row at `index`.
pub(crate) fn row_leaf(origin: &Origin, index: u64, row: &Row) -> Hash {
    let mut leaf = LeafText::new(origin, index, row.kind, row.session);
    let salts = salt_key(&row.salt);
    let mut commitments = Commitments::default();
    for (at, value) in row.values().enumerate() {
        let name = row.kind.field_name(at).unwrap_or_default();
        let salt = field_salt(&salts, &name);
        leaf.push(&name, &commitments.of(&name, &salt, value));
    }
    leaf.hash()
}

fn new_seed(random: &mut impl Random) -> Result<Seed, Error> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes)?;
    Ok(Seed::new(bytes))
}

fn epoch_entry(time: Value, epoch: u32, key: &SigningKey, reason: &str) -> Result<Entry, Error> {
    let vkey = Value::of(&key.public().to_string(), FieldType::Vkey).unwrap_or_else(Value::none);
    Ok(Entry::new(Kind::Epoch)
        .with("time", time)?
        .with("epoch", Value::number(u64::from(epoch)))?
        .with("vkey", vkey)?
        .with("reason", Value::word(reason))?)
}
