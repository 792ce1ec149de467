//! A disk that loses power: what was written since the last fsync is there or not, sector by sector.

use std::io;
use std::sync::{Arc, Mutex};

use portlog_journal::store::RedbStore;
use redb::StorageBackend;

const SECTOR: usize = 512;

/// What was asked of a disk, in order.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Write(usize, Vec<u8>),
    Length(usize),
    Sync,
}

/// A disk in memory that remembers everything that was asked of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    operations: Vec<Operation>,
    /// How many more writes succeed before the disk is full; `None` for as many as are asked for.
    room: Option<usize>,
}

impl Disk {
    pub(crate) fn with(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().bytes = bytes;
        disk
    }

    pub(crate) fn open(&self) -> Result<RedbStore, portlog_journal::Error> {
        RedbStore::with_backend(self.clone())
    }

    /// How many operations there were so far.
    pub(crate) fn operations(&self) -> usize {
        self.0.lock().unwrap().operations.len()
    }

    pub(crate) fn trace(&self) -> Vec<Operation> {
        self.0.lock().unwrap().operations.clone()
    }

    /// From now on only this many writes succeed.
    pub(crate) fn fills_up_after(&self, writes: Option<usize>) {
        self.0.lock().unwrap().room = writes;
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(u64::try_from(self.0.lock().unwrap().bytes.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let at = usize::try_from(offset).unwrap();
        let state = self.0.lock().unwrap();
        let bytes = state.bytes.get(at..at + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        let mut state = self.0.lock().unwrap();
        let len = usize::try_from(len).unwrap();
        if state.room == Some(0) && len > state.bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.bytes.resize(len, 0);
        state.operations.push(Operation::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.0.lock().unwrap().operations.push(Operation::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let mut state = self.0.lock().unwrap();
        match &mut state.room {
            Some(0) => return Err(io::ErrorKind::StorageFull.into()),
            Some(left) => *left -= 1,
            None => {}
        }
        let at = usize::try_from(offset).unwrap();
        state.bytes[at..at + data.len()].copy_from_slice(data);
        state.operations.push(Operation::Write(at, data.to_vec()));
        Ok(())
    }
}

/// Which sectors of unsynced writes survive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Survives {
    Nothing,
    Everything,
    /// The first page alone, where a database says where the rest is.
    Header,
    AllButHeader,
    /// Each sector by the toss of a coin, with this seed.
    Some(u64),
}

impl Survives {
    fn sector(self, at: usize, number: u64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Header => at < 4096,
            Self::AllButHeader => at >= 4096,
            Self::Some(seed) => {
                let mut mixed = seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                (mixed ^ (mixed >> 31)) & 1 == 0
            }
        }
    }
}

/// What is on the disk when power is lost after these operations; `honest` is whether an fsync
/// does what it says.
pub(crate) fn after_power_loss(
    operations: &[Operation],
    survives: Survives,
    honest: bool,
) -> Vec<u8> {
    let synced = operations
        .iter()
        .rposition(|operation| honest && matches!(operation, Operation::Sync))
        .map_or(0, |at| at + 1);
    let mut bytes = Vec::new();
    let mut number = 0;
    for (at, operation) in operations.iter().enumerate() {
        match operation {
            // The length of a file is metadata, which file systems keep in order.
            Operation::Length(length) => bytes.resize(*length, 0),
            Operation::Sync => {}
            Operation::Write(offset, data) => {
                for (nth, sector) in data.chunks(SECTOR).enumerate() {
                    number += 1;
                    let to = offset + nth * SECTOR;
                    if (at < synced || survives.sector(to, number))
                        && to + sector.len() <= bytes.len()
                    {
                        bytes[to..to + sector.len()].copy_from_slice(sector);
                    }
                }
            }
        }
    }
    bytes
}
