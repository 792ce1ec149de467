//! Where a log is kept.
//!
//! Rows, nodes of the tree and the checkpoint that covers them go into one transaction: a log that is
//! longer than its checkpoint does not exist. A store never shortens, repairs or signs anything.

mod codec;
mod redb;

pub use codec::{Row, RowError};
pub use redb::{ReadOnlyStore, RedbSnapshot, RedbStore};

use std::ops::Range;

use crate::digest::Hash;
use crate::entry::Kind;
use crate::error::Error;
use crate::note::Note;
use crate::tree::Node;

/// What one commit adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The index of the first row.
    pub first: u64,
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The nodes that they complete, in the order of [`Node::stored`].
    pub nodes: Vec<Hash>,
    /// The state with them, signed.
    pub checkpoint: Note,
    /// Whether the last row ends an epoch: its number and its checkpoint are kept.
    pub epoch: Option<u32>,
    /// Below which index rows go, but those that a log is not understood without.
    pub prune_below: Option<u64>,
}

/// A store of one log.
pub trait Store {
    /// What readers see: one state, whatever is appended meanwhile.
    type Snapshot: Snapshot;

    /// Adds a batch, whole and durably, or not at all.
    fn append_batch(&mut self, batch: &Batch) -> Result<(), Error>;

    /// Keeps a checkpoint that left the phone, with the cosignatures that came back.
    fn keep(&mut self, note: &Note) -> Result<(), Error>;

    /// The state now.
    fn snapshot(&self) -> Result<Self::Snapshot, Error>;
}

/// One state of a store.
pub trait Snapshot {
    /// The row at `index`; `None` where it was pruned or never was.
    fn get(&self, index: u64) -> Result<Option<Row>, Error>;

    /// The rows of `range` that are there and of kinds that `of` says yes to, in order. Of the others
    /// the kind alone is read. What follows an error is nothing.
    fn rows(
        &self,
        range: Range<u64>,
        of: impl Fn(Kind) -> bool,
    ) -> impl Iterator<Item = Result<(u64, Row), Error>>;

    /// The hash of a complete node.
    fn node(&self, node: Node) -> Result<Hash, Error>;

    /// The checkpoint that covers everything; `None` in an empty store.
    fn latest_checkpoint(&self) -> Result<Option<Note>, Error>;

    /// The kept checkpoint of this size.
    fn checkpoint(&self, size: u64) -> Result<Option<Note>, Error>;

    /// The sizes of checkpoints that left the phone, ascending.
    fn kept(&self) -> Result<Vec<u64>, Error>;

    /// The indices of epoch entries, in order of epoch, the first at 0.
    fn epoch_entries(&self) -> Result<Vec<u64>, Error>;
}

/// The nodes of a snapshot, for the functions of [`crate::tree`].
#[derive(Debug)]
pub struct SnapshotNodes<'a, S>(pub &'a S);

impl<S: Snapshot> crate::tree::Nodes for SnapshotNodes<'_, S> {
    type Error = Error;

    fn node(&self, node: Node) -> Result<Hash, Error> {
        self.0.node(node)
    }
}
