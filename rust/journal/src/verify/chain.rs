//! The keys of a log, one epoch after the other.

use crate::digest::Hash;
use crate::key::PublicKey;
use crate::note::{Checkpoint, Note};
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};

/// The keys of a log as far as a bundle shows them, each but the first certified by the one before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
    origin: Origin,
    first: PublicKey,
    steps: Vec<Step>,
}

/// The end of an epoch and the beginning of the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    /// The key of the new epoch.
    pub(crate) key: PublicKey,
    /// The size of the boundary.
    pub(crate) size: u64,
    /// Its root.
    pub(crate) root: Hash,
    /// The leaf of the entry that says so, the last of the boundary.
    pub(crate) leaf: Hash,
}

impl Chain {
    /// The chain that begins with `first`, if the origin certifies it.
    pub(crate) fn new(origin: &Origin, first: PublicKey) -> Result<Self, Rejection> {
        if first.name() != origin.as_str() {
            return Err(Fault::Origin.because("the first key is another log's"));
        }
        if !origin.certifies(&first) {
            return Err(Fault::OriginKey.because("the log's name is made of another key"));
        }
        Ok(Self {
            origin: origin.clone(),
            first,
            steps: Vec::new(),
        })
    }

    /// Adds an epoch whose boundary is signed by the key before and its own.
    pub(crate) fn push(
        &mut self,
        key: PublicKey,
        boundary: &Note,
        leaf: Hash,
    ) -> Result<(), Rejection> {
        if key.name() != self.origin.as_str() {
            return Err(Fault::Origin.because("an epoch's key is another log's"));
        }
        let Checkpoint { origin, size, root } = boundary.checkpoint();
        if *origin != self.origin {
            return Err(Fault::Origin.because("a boundary is another log's"));
        }
        if self.steps.last().is_some_and(|last| *size <= last.size) {
            return Err(Fault::EpochOrder.because("boundaries do not ascend"));
        }
        let old = self.latest();
        if old.id() == key.id() {
            return Err(Fault::KeyIdClash.because(key.id().to_string()));
        }
        boundary.check(&[old, &key])?;
        self.steps.push(Step {
            key,
            size: *size,
            root: *root,
            leaf,
        });
        Ok(())
    }

    /// The largest size at which this chain and `other` have the same boundary; 0 where they have
    /// none.
    pub(crate) fn same_until(&self, other: &Self) -> u64 {
        let pairs = self.steps.iter().zip(&other.steps);
        let same = pairs.take_while(|(one, other)| one == other);
        same.last().map_or(0, |(step, _)| step.size)
    }

    /// The key of the latest epoch.
    pub(crate) fn latest(&self) -> &PublicKey {
        self.steps.last().map_or(&self.first, |step| &step.key)
    }

    /// The keys that must have signed the checkpoint of this size, the older first: that of the epoch
    /// which owns its last entry, and the next one's if that entry ends the epoch.
    pub fn signers(&self, size: u64) -> Vec<&PublicKey> {
        let epoch = self.steps.partition_point(|step| step.size < size);
        let owner = match epoch.checked_sub(1) {
            Some(before) => self.steps.get(before).map(|step| &step.key),
            None => Some(&self.first),
        };
        let next = self.steps.get(epoch).filter(|step| step.size == size);
        owner
            .into_iter()
            .chain(next.map(|step| &step.key))
            .collect()
    }

    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The first key.
    pub const fn first(&self) -> &PublicKey {
        &self.first
    }

    /// How many epochs.
    pub fn epochs(&self) -> usize {
        self.steps.len() + 1
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Seed, SigningKey};

    #[test]
    fn signers_follow_from_the_boundaries() {
        let (origin, first) = SigningKey::first(&Seed::new([1; 32])).unwrap();
        let keys: Vec<SigningKey> = (2..4)
            .map(|byte| SigningKey::of_log(&origin, &Seed::new([byte; 32])).unwrap())
            .collect();
        let mut chain = Chain::new(&origin, first.public().clone()).unwrap();
        let boundary = |size, by: &[&SigningKey]| {
            let origin = origin.clone();
            let root = Hash::of(&[b"root"]);
            Checkpoint { origin, size, root }.sign(by)
        };
        let leaf = Hash::of(&[b"leaf"]);
        for (size, old, new) in [(5, &first, &keys[0]), (9, &keys[0], &keys[1])] {
            let note = boundary(size, &[old, new]);
            chain.push(new.public().clone(), &note, leaf).unwrap();
        }
        let (a, b, c) = (first.public(), keys[0].public(), keys[1].public());
        for (size, signers) in [
            (1, vec![a]),
            (4, vec![a]),
            (5, vec![a, b]),
            (6, vec![b]),
            (9, vec![b, c]),
            (10, vec![c]),
            (u64::MAX, vec![c]),
        ] {
            assert_eq!(chain.signers(size), signers, "{size}");
        }
        // The same key again, and so the same id.
        let note = boundary(12, &[&keys[1], &keys[1]]);
        let again = chain.push(keys[1].public().clone(), &note, leaf);
        assert_eq!(again.unwrap_err().fault, Fault::KeyIdClash);
        let earlier = boundary(9, &[&keys[1], &keys[0]]);
        let back = chain.push(keys[0].public().clone(), &earlier, leaf);
        assert_eq!(back.unwrap_err().fault, Fault::EpochOrder);
    }
}
