//! The Merkle tree of RFC 6962 over the leaf texts of a log.
//!
//! A node is named by its level (0: leaves) and its index within the level; only nodes whose leaves
//! are all there have a name and are stored, two a record in the long run, in the order in which
//! they become complete (the numbering of Go's `tlog.StoredHashIndex`). Everything else, the root
//! first, follows from them. The functions are pure; where nodes are kept is the caller's.

mod proof;

pub use proof::{
    Nodes, ProofFault, check_consistency, check_inclusion, consistency, inclusion, root_at,
    root_of_inclusion,
};
pub(crate) use proof::{consistency_parts, parts, prefix, root_and_nodes};

use crate::digest::Hash;
use crate::number;

/// The most hashes that a proof can have.
pub const MAX_PROOF: usize = 63;

/// A complete node: its level, 0 for leaves, and its index within the level.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Node {
    /// How many levels above the leaves.
    pub level: u8,
    /// How many nodes of the level are before it.
    pub index: u64,
}

impl Node {
    /// The leaf of the record at `index`.
    pub const fn leaf(index: u64) -> Self {
        Self { level: 0, index }
    }

    /// Its place in the order in which nodes become complete.
    pub fn stored(self) -> u64 {
        // The last leaf below it was written at the number of all nodes that the leaves before
        // completed; this node `level` places behind.
        let last_leaf = (0..self.level).fold(self.index, |index, _| {
            index.saturating_mul(2).saturating_add(1)
        });
        stored_before(last_leaf).saturating_add(u64::from(self.level))
    }
}

/// How many nodes are stored for `size` records.
pub fn stored_count(size: u64) -> u64 {
    stored_before(size)
}

/// How many nodes are complete with the first `leaves` leaves: one of each level for every leaf that
/// closes it.
fn stored_before(leaves: u64) -> u64 {
    let mut count = 0_u64;
    let mut of_level = leaves;
    while of_level > 0 {
        count = count.saturating_add(of_level);
        of_level >>= 1;
    }
    count
}

/// The hash of a leaf (RFC 6962 section 2.1).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash::of(&[&[0], leaf])
}

/// The hash of a node from those of its children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The roots of the largest complete subtrees, from left to right: all that is needed to go on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of an empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frontier of the first `size` leaves of the tree that `nodes` holds.
    pub fn at<N: Nodes + ?Sized>(size: u64, nodes: &N) -> Result<Self, N::Error> {
        let peaks = parts(0, size)
            .into_iter()
            .map(|node| nodes.node(node))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, and tells `completed` of every node that is complete now, the leaf first, in the
    /// order of [`Node::stored`]. Nothing is added to a tree that has as many leaves as can be
    /// written.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Node, Hash)) {
        if self.size >= number::MAX {
            return;
        }
        let mut node = Node::leaf(self.size);
        let mut hash = leaf;
        completed(node, hash);
        while node.index & 1 == 1 {
            let Some(left) = self.peaks.pop() else {
                break;
            };
            hash = node_hash(&left, &hash);
            node = Node {
                level: node.level + 1,
                index: node.index >> 1,
            };
            completed(node, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root; `None` while there is no leaf.
    pub fn root(&self) -> Option<Hash> {
        proof::fold(self.peaks.iter().copied())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    /// A tree in memory, filled by pushing.
    #[derive(Default)]
    pub(crate) struct Kept {
        pub(crate) frontier: Frontier,
        pub(crate) stored: Vec<Hash>,
    }

    impl Kept {
        pub(crate) fn of(size: u64) -> Self {
            let mut kept = Self::default();
            for index in 0..size {
                kept.push(leaf_hash(&index.to_be_bytes()));
            }
            kept
        }

        pub(crate) fn push(&mut self, leaf: Hash) {
            let stored = &mut self.stored;
            self.frontier.push(leaf, |node, hash| {
                assert_eq!(node.stored(), u64::try_from(stored.len()).unwrap());
                stored.push(hash);
            });
        }
    }

    impl Nodes for Kept {
        type Error = Infallible;

        fn node(&self, node: Node) -> Result<Hash, Infallible> {
            Ok(self.stored[usize::try_from(node.stored()).unwrap()])
        }
    }

    fn oracle(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
        let mut tree = MemoryBackedTree::new();
        for index in 0..size {
            tree.push(index.to_be_bytes());
        }
        tree
    }

    fn hashes(bytes: &[u8]) -> Vec<Hash> {
        bytes
            .chunks_exact(32)
            .map(|chunk| Hash::new(chunk.try_into().unwrap()))
            .collect()
    }

    #[test]
    fn every_root_and_proof_of_small_trees_is_that_of_another_implementation() {
        let kept = Kept::of(66);
        for size in 1..=66 {
            let tree = oracle(size);
            let root = root_at(&kept, size).unwrap().unwrap();
            assert_eq!(
                root.as_bytes().as_slice(),
                tree.root().as_bytes().as_slice()
            );
            let at = Frontier::at(size, &kept).unwrap();
            assert_eq!((at.root(), at.size()), (Some(root), size));
            for index in 0..size {
                let theirs = tree.prove_inclusion(usize::try_from(index).unwrap());
                let ours = inclusion(&kept, index, size).unwrap();
                assert_eq!(ours, hashes(theirs.as_bytes()), "{index} of {size}");
                let leaf = leaf_hash(&index.to_be_bytes());
                assert_eq!(check_inclusion(&leaf, index, size, &ours, &root), Ok(()));
            }
            for new in size..=66 {
                let proof = consistency(&kept, size, new).unwrap();
                if new > size {
                    let theirs =
                        oracle(new).prove_consistency(usize::try_from(new - size).unwrap());
                    assert_eq!(proof, hashes(theirs.as_bytes()), "{size} to {new}");
                }
                let after = root_at(&kept, new).unwrap().unwrap();
                assert_eq!(check_consistency(size, &root, new, &after, &proof), Ok(()));
            }
        }
    }

    #[test]
    fn stored_numbers_are_those_of_gos_tlog() {
        // golang.org/x/mod/sumdb/tlog, tlog_test.go and its formula, worked by hand for 8 leaves:
        // 0 1 [0,1] 2 3 [2,3] [0,3] 4 5 [4,5] 6 7 [6,7] [4,7] [0,7]
        let order: BTreeMap<u64, Node> = [
            (0, 0, 0),
            (1, 0, 1),
            (2, 1, 0),
            (3, 0, 2),
            (4, 0, 3),
            (5, 1, 1),
            (6, 2, 0),
            (7, 0, 4),
            (8, 0, 5),
            (9, 1, 2),
            (10, 0, 6),
            (11, 0, 7),
            (12, 1, 3),
            (13, 2, 1),
            (14, 3, 0),
        ]
        .into_iter()
        .map(|(stored, level, index)| (stored, Node { level, index }))
        .collect();
        for (stored, node) in order {
            assert_eq!(node.stored(), stored, "{node:?}");
        }
        for (size, count) in [
            (0, 0),
            (1, 1),
            (2, 3),
            (3, 4),
            (4, 7),
            (8, 15),
            (1 << 20, (1 << 21) - 1),
        ] {
            assert_eq!(stored_count(size), count);
        }
        let top = Node {
            level: 62,
            index: 0,
        };
        assert_eq!(top.stored(), (1 << 63) - 2);
    }

    #[test]
    fn a_million_leaves_have_proofs_that_hold_and_two_hashes_a_record() {
        let size = 1 << 20;
        let kept = Kept::of(size + 3);
        assert_eq!(
            kept.stored.len(),
            usize::try_from(stored_count(size + 3)).unwrap()
        );
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |end: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % end
        };
        for _ in 0..2000 {
            let new = size + below(4);
            let old = 1 + below(new);
            let index = below(old);
            let (old_root, new_root) = (
                root_at(&kept, old).unwrap().unwrap(),
                root_at(&kept, new).unwrap().unwrap(),
            );
            let proof = consistency(&kept, old, new).unwrap();
            assert!(proof.len() <= 22);
            assert_eq!(
                check_consistency(old, &old_root, new, &new_root, &proof),
                Ok(())
            );
            let leaf = leaf_hash(&index.to_be_bytes());
            let proof = inclusion(&kept, index, old).unwrap();
            assert_eq!(
                check_inclusion(&leaf, index, old, &proof, &old_root),
                Ok(())
            );
            let other = leaf_hash(&(index ^ 1).to_be_bytes());
            assert!(check_inclusion(&other, index, old, &proof, &old_root).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn a_proof_that_is_changed_anywhere_proves_nothing(
            size in 2_u64..300,
            index in any::<prop::sample::Index>(),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let kept = Kept::of(size);
            let root = root_at(&kept, size).unwrap().unwrap();
            let index = u64::try_from(index.index(usize::try_from(size).unwrap())).unwrap();
            let leaf = leaf_hash(&index.to_be_bytes());
            let proof = inclusion(&kept, index, size).unwrap();
            let mut changed = proof.clone();
            let place = at.index(proof.len() * 32);
            let mut bytes = *changed[place / 32].as_bytes();
            bytes[place % 32] ^= 1 << bit;
            changed[place / 32] = Hash::new(bytes);
            prop_assert!(check_inclusion(&leaf, index, size, &changed, &root).is_err());
            prop_assert!(check_inclusion(&leaf, index, size, &proof[1..], &root).is_err());
            let mut long = proof.clone();
            long.push(root);
            prop_assert!(check_inclusion(&leaf, index, size, &long, &root).is_err());
        }

        #[test]
        fn trees_that_differ_before_the_old_size_are_not_consistent(
            new in 2_u64..200,
            old in any::<prop::sample::Index>(),
            changed in any::<prop::sample::Index>(),
        ) {
            let old = 1 + u64::try_from(old.index(usize::try_from(new - 1).unwrap())).unwrap();
            let changed = u64::try_from(changed.index(usize::try_from(old).unwrap())).unwrap();
            let kept = Kept::of(new);
            let mut other = Kept::default();
            for index in 0..old {
                let leaf = if index == changed { !index } else { index };
                other.push(leaf_hash(&leaf.to_be_bytes()));
            }
            let proof = consistency(&kept, old, new).unwrap();
            let root = kept.frontier.root().unwrap();
            let true_old = root_at(&kept, old).unwrap().unwrap();
            prop_assert_eq!(check_consistency(old, &true_old, new, &root, &proof), Ok(()));
            let false_old = other.frontier.root().unwrap();
            prop_assert!(check_consistency(old, &false_old, new, &root, &proof).is_err());
        }
    }

    #[test]
    fn the_nodes_that_a_proof_makes_known_are_those_of_the_tree() {
        for size in 1..40 {
            let kept = Kept::of(size);
            for index in 0..size {
                let proof = inclusion(&kept, index, size).unwrap();
                let leaf = leaf_hash(&index.to_be_bytes());
                let mut known = 0;
                let root = root_and_nodes(&leaf, index, size, &proof, |node, hash| {
                    assert_eq!(kept.node(node), Ok(hash), "{node:?} of {size}");
                    known += 1;
                });
                assert_eq!(root.ok(), kept.frontier.root());
                assert!(known >= proof.len(), "{known} of {size}");
            }
        }
    }

    #[test]
    fn sizes_at_the_edge_of_numbers_end_at_once() {
        let hash = leaf_hash(b"x");
        let proof = vec![hash; MAX_PROOF];
        for size in [0, 1, 1 << 62, number::MAX, u64::MAX] {
            for index in [0, 1, size.wrapping_sub(1), size, u64::MAX] {
                let _ = root_of_inclusion(&hash, index, size, &proof);
                let _ = check_consistency(index, &hash, size, &hash, &proof);
                let _ = check_consistency(size, &hash, index, &hash, &proof);
            }
        }
        assert!(root_of_inclusion(&hash, 5, 5, &[]).is_err());
        assert!(root_of_inclusion(&hash, 0, 0, &[]).is_err());
        assert_eq!(root_of_inclusion(&hash, 0, 1, &[]), Ok(hash));
        let deepest = Node {
            level: 63,
            index: u64::MAX,
        };
        assert!(deepest.stored() > 0);
    }
}
