//! Proofs that a leaf is in a tree, and that one tree is the beginning of another.

use super::{Node, node_hash};
use crate::digest::Hash;

/// Where complete nodes are read from.
pub trait Nodes {
    /// Why one could not be read.
    type Error;

    /// The hash of a complete node.
    fn node(&self, node: Node) -> Result<Hash, Self::Error>;
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProofFault {
    /// It has more or fewer hashes than index and sizes ask for, or there is no such index.
    Length,
    /// It leads to another root.
    Root,
}

/// The root over the first `size` leaves; `None` where `size` is 0.
pub fn root_at<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Option<Hash>, N::Error> {
    if size == 0 {
        return Ok(None);
    }
    range(nodes, 0, size)
}

/// The proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962 section 2.1.1), from
/// the leaf upwards; empty where there is no such leaf.
pub fn inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, N::Error> {
    let mut siblings = Vec::new();
    let (mut low, mut high) = (0, if index < size { size } else { 0 });
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            siblings.push((middle, high));
            high = middle;
        } else {
            siblings.push((low, middle));
            low = middle;
        }
    }
    ranges(nodes, siblings)
}

/// The proof that the first `old` of `new` leaves were the whole tree once (RFC 6962 section 2.1.2).
/// It is empty where `old` is 0, `new`, or more.
pub fn consistency<N: Nodes + ?Sized>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, N::Error> {
    ranges(nodes, consistency_ranges(old, new))
}

/// The complete nodes from which [`consistency`] is made.
pub(crate) fn consistency_parts(old: u64, new: u64) -> Vec<Node> {
    consistency_ranges(old, new)
        .into_iter()
        .flat_map(|(low, high)| parts(low, high))
        .collect()
}

/// Root of the first `size` leaves and the proof that it continues to `whole`, if `nodes` has
/// all that it takes.
pub(crate) fn prefix<N: Nodes + ?Sized>(
    nodes: &N,
    size: u64,
    whole: u64,
) -> Result<Option<(Hash, Vec<Hash>)>, N::Error> {
    let Some(root) = root_at(nodes, size)? else {
        return Ok(None);
    };
    Ok(Some((root, consistency(nodes, size, whole)?)))
}

/// The root that a proof of inclusion leads to (RFC 9162 section 2.1.3.2).
///
/// The size must be one that was signed: the same proof leads to the same root for some other sizes
/// too.
pub fn root_of_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
) -> Result<Hash, ProofFault> {
    root_and_nodes(leaf, index, size, proof, |_, _| ())
}

/// As [`root_of_inclusion`]; `known` is told of every complete node whose hash the proof has or leads
/// to. They are those of the tree only if the root is.
pub(crate) fn root_and_nodes(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    mut known: impl FnMut(Node, Hash),
) -> Result<Hash, ProofFault> {
    if index >= size {
        return Err(ProofFault::Length);
    }
    let (mut at, mut last, mut level) = (index, size - 1, 0_u8);
    let mut tell = |level: u8, index: u64, hash: Hash| {
        if index < size >> level.min(63) {
            known(Node { level, index }, hash);
        }
    };
    let mut hash = *leaf;
    tell(level, at, hash);
    for sibling in proof {
        if last == 0 {
            return Err(ProofFault::Length);
        }
        if at & 1 == 1 || at == last {
            // The last node of a level without a sibling stands for itself in the levels above.
            while at & 1 == 0 {
                (at, last, level) = (at >> 1, last >> 1, level + 1);
            }
            tell(level, at - 1, *sibling);
            hash = node_hash(sibling, &hash);
        } else {
            tell(level, at + 1, *sibling);
            hash = node_hash(&hash, sibling);
        }
        (at, last, level) = (at >> 1, last >> 1, level + 1);
        tell(level, at, hash);
    }
    if last == 0 {
        Ok(hash)
    } else {
        Err(ProofFault::Length)
    }
}

/// Whether the leaf is at `index` of the tree with this size and root.
pub fn check_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofFault> {
    if root_of_inclusion(leaf, index, size, proof)? == *root {
        Ok(())
    } else {
        Err(ProofFault::Root)
    }
}

/// Whether the tree of size `old` is the beginning of that of size `new` (RFC 9162 section
/// 2.1.4.2).
pub fn check_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofFault> {
    if old == 0 || old > new {
        return Err(ProofFault::Length);
    }
    if old == new {
        return match (proof, old_root == new_root) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofFault::Root),
            _ => Err(ProofFault::Length),
        };
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(ProofFault::Length)?
    };
    let up = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> up, (new - 1) >> up);
    let (mut before, mut after) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return Err(ProofFault::Length);
        }
        if at & 1 == 1 || at == last {
            before = node_hash(hash, &before);
            after = node_hash(hash, &after);
            let up = at.trailing_zeros().min(63);
            (at, last) = (at >> up, last >> up);
        } else {
            after = node_hash(&after, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    match (last == 0, before == *old_root && after == *new_root) {
        (false, _) => Err(ProofFault::Length),
        (true, false) => Err(ProofFault::Root),
        (true, true) => Ok(()),
    }
}

/// The complete nodes whose leaves are those from `low` to `high`, from left to right. `low` must be
/// where a subtree begins that is no smaller than the range.
pub(crate) fn parts(low: u64, high: u64) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut at = low;
    while at < high {
        let level = (high - at).ilog2();
        parts.push(Node {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index: at >> level,
        });
        at += 1 << level;
    }
    parts
}

/// The root over complete subtrees, each smaller than the one to its left.
pub(super) fn fold(peaks: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    peaks.rev().reduce(|right, left| node_hash(&left, &right))
}

fn consistency_ranges(old: u64, new: u64) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    if old == 0 || old >= new {
        return found;
    }
    let (mut low, mut high) = (0, new);
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            found.push((middle, high));
            high = middle;
        } else {
            found.push((low, middle));
            low = middle;
        }
    }
    // Where the old tree is one complete subtree from the left edge, its root is known already.
    if low != 0 {
        found.push((low, high));
    }
    found
}

/// The hashes of these ranges, which were found from the root downwards, the other way round.
fn ranges<N: Nodes + ?Sized>(nodes: &N, found: Vec<(u64, u64)>) -> Result<Vec<Hash>, N::Error> {
    let mut hashes = Vec::with_capacity(found.len());
    for (low, high) in found.into_iter().rev() {
        hashes.extend(range(nodes, low, high)?);
    }
    Ok(hashes)
}

fn range<N: Nodes + ?Sized>(nodes: &N, low: u64, high: u64) -> Result<Option<Hash>, N::Error> {
    let peaks: Vec<Hash> = parts(low, high)
        .into_iter()
        .map(|node| nodes.node(node))
        .collect::<Result<_, _>>()?;
    Ok(fold(peaks.into_iter()))
}

/// The largest power of two that is less than `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
