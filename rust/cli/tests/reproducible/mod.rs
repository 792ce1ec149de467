//! What makes a log the same in every run: bytes that only look random, and keys in memory.

use std::collections::BTreeMap;

use portlog_journal::store::RedbStore;
use portlog_journal::{Error, Hash, Log, Random, Seed, Vault};

/// A log of a test.
pub(crate) type TestLog = Log<RedbStore, Keys, Fixed>;

/// Bytes that look random and are the same in every run.
pub(crate) struct Fixed {
    label: &'static [u8],
    next: u64,
}

impl Fixed {
    /// The bytes of a `seed`; others where the `label` is another.
    pub(crate) fn new(label: &'static str, seed: u64) -> Self {
        Self {
            label: label.as_bytes(),
            next: seed << 32,
        }
    }
}

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        for chunk in bytes.chunks_mut(32) {
            self.next += 1;
            let block = Hash::of(&[self.label, &self.next.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Keys in memory.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<u32, [u8; 32]>);

impl Vault for Keys {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error> {
        self.0.insert(epoch, *seed.as_bytes());
        Ok(())
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error> {
        Ok(self.0.get(&epoch).copied().map(Seed::new))
    }

    fn erase(&mut self, epoch: u32) -> Result<(), Error> {
        self.0.remove(&epoch);
        Ok(())
    }
}
