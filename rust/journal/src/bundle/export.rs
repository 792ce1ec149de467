//! Writing a bundle from a log.

use std::io::Write;

use ring::digest;

use super::{
    Earlier, EpochStep, Header, MAX_EARLIER, Mode, ShownEntry, write_checkpoint, write_earlier,
    write_entry, write_epoch, write_first_epoch, write_header, write_withheld,
};
use crate::digest::Hash;
use crate::entry::Kind;
use crate::error::Error;
use crate::key::PublicKey;
use crate::leaf::{Commitments, field_salt, salt_key};
use crate::note::Note;
use crate::origin::Origin;
use crate::store::{Row, Snapshot, SnapshotNodes};
use crate::tree::{self, Node};

/// Which fields of shown entries are disclosed. Field names are those of the kind's table;
/// `owner.N` fields are asked for with their value.
pub trait Disclosure {
    /// Whether the field called `name` of this entry is disclosed.
    fn discloses(&self, kind: Kind, name: &str, value: &str) -> bool;
}

impl<F: Fn(Kind, &str, &str) -> bool> Disclosure for F {
    fn discloses(&self, kind: Kind, name: &str, value: &str) -> bool {
        self(kind, name, value)
    }
}

/// The indices of rows that `wanted` says yes to, ascending.
pub fn find<S: Snapshot>(
    snapshot: &S,
    mut wanted: impl FnMut(u64, &Row) -> bool,
) -> Result<Vec<u64>, Error> {
    let note = snapshot.latest_checkpoint()?.ok_or(Error::Empty)?;
    let mut found = Vec::new();
    for row in snapshot.rows(0..note.checkpoint().size, |_| true) {
        let (index, row) = row?;
        if wanted(index, &row) {
            found.push(index);
        }
    }
    Ok(found)
}

/// Writes a bundle with the entries at `indices` (ascending; those that were pruned are left out) and
/// their proofs.
pub fn export_sparse<S: Snapshot>(
    snapshot: &S,
    indices: &[u64],
    disclosure: &impl Disclosure,
    out: impl Write,
) -> Result<(), Error> {
    let mut export = Export::new(snapshot, disclosure, out)?;
    let size = export.note.checkpoint().size;
    let mut there = Vec::with_capacity(indices.len());
    for index in indices.iter().copied().filter(|index| *index < size) {
        if snapshot.get(index)?.is_some() && there.last().is_none_or(|last| *last < index) {
            there.push(index);
        }
    }
    export.header(Mode::Sparse, there.len())?;
    for index in there {
        if let Some(row) = snapshot.get(index)? {
            let entry = export.show(index, &row)?;
            let proof = tree::inclusion(&SnapshotNodes(snapshot), index, size)?;
            export.part(|text| write_entry(text, &entry, Some(&proof)))?;
        }
    }
    export.rest()
}

/// Writes a bundle with every leaf; those of rows that `shown` says yes to are disclosed.
pub fn export_full<S: Snapshot>(
    snapshot: &S,
    mut shown: impl FnMut(u64, &Row) -> bool,
    disclosure: &impl Disclosure,
    out: impl Write,
) -> Result<(), Error> {
    let mut export = Export::new(snapshot, disclosure, out)?;
    let indices = find(snapshot, &mut shown)?;
    export.header(Mode::Full, indices.len())?;
    let mut indices = indices.into_iter().peekable();
    for index in 0..export.note.checkpoint().size {
        let row = match indices.next_if_eq(&index) {
            Some(_) => snapshot.get(index)?,
            None => None,
        };
        if let Some(row) = row {
            let entry = export.show(index, &row)?;
            export.part(|text| write_entry(text, &entry, None))?;
        } else {
            let leaf = snapshot.node(Node::leaf(index))?;
            export.part(|text| write_withheld(text, index, &leaf))?;
        }
    }
    export.rest()
}

/// A bundle on its way out.
struct Export<'a, S, D, W> {
    snapshot: &'a S,
    disclosure: &'a D,
    out: W,
    digest: digest::Context,
    text: String,
    note: Note,
}

impl<'a, S: Snapshot, D: Disclosure, W: Write> Export<'a, S, D, W> {
    fn new(snapshot: &'a S, disclosure: &'a D, out: W) -> Result<Self, Error> {
        Ok(Self {
            snapshot,
            disclosure,
            out,
            digest: digest::Context::new(&digest::SHA256),
            text: String::new(),
            note: snapshot.latest_checkpoint()?.ok_or(Error::Empty)?,
        })
    }

    fn part(&mut self, write: impl FnOnce(&mut String)) -> Result<(), Error> {
        self.text.clear();
        write(&mut self.text);
        self.digest.update(self.text.as_bytes());
        self.out
            .write_all(self.text.as_bytes())
            .map_err(Error::Write)
    }

    fn header(&mut self, mode: Mode, shown: usize) -> Result<(), Error> {
        let header = Header {
            origin: self.note.checkpoint().origin.clone(),
            mode,
            shown: u64::try_from(shown).unwrap_or(u64::MAX),
            size: self.note.checkpoint().size,
        };
        self.part(|text| write_header(text, &header))
    }

    /// The row as it is shown, if it is still what was signed.
    fn show(&self, index: u64, row: &Row) -> Result<ShownEntry, Error> {
        let disclosure = self.disclosure;
        let origin = &self.note.checkpoint().origin;
        shown(self.snapshot, origin, index, row, |name, value| {
            disclosure.discloses(row.kind, name, value)
        })
    }

    /// Everything behind the entries.
    fn rest(mut self) -> Result<(), Error> {
        let note = self.note.clone();
        self.part(|text| write_checkpoint(text, &note))?;
        let entries = self.snapshot.epoch_entries()?;
        for (epoch, index) in entries.iter().enumerate() {
            let (entry, key) = self.epoch_entry(*index)?;
            if epoch == 0 {
                self.part(|text| write_first_epoch(text, &key))?;
                continue;
            }
            let next = match entries.get(epoch + 1) {
                Some(next) => next.saturating_add(1),
                None => note.checkpoint().size,
            };
            let step = self.step(epoch, *index, entry, key, next)?;
            self.part(|text| write_epoch(text, &step))?;
        }
        self.earlier()?;
        self.part(|text| text.push('\n'))?;
        let digest = Hash::finish(self.digest.clone());
        self.out
            .write_all(format!("end {}\n", digest.to_hex()).as_bytes())
            .and_then(|()| self.out.flush())
            .map_err(Error::Write)
    }

    fn epoch_entry(&self, index: u64) -> Result<(ShownEntry, PublicKey), Error> {
        let gone = || Error::Damaged(format!("epoch entry {index}"));
        let row = self.snapshot.get(index)?.ok_or_else(gone)?;
        let key = PublicKey::parse(row.value("vkey").ok_or_else(gone)?)?;
        let origin = &self.note.checkpoint().origin;
        let entry = shown(self.snapshot, origin, index, &row, |_, _| true)?;
        Ok((entry, key))
    }

    fn step(
        &self,
        epoch: usize,
        index: u64,
        entry: ShownEntry,
        key: PublicKey,
        next: u64,
    ) -> Result<EpochStep, Error> {
        let size = index.saturating_add(1);
        let boundary = self.snapshot.checkpoint(size)?;
        let nodes = SnapshotNodes(self.snapshot);
        Ok(EpochStep {
            number: u32::try_from(epoch).unwrap_or(u32::MAX),
            key,
            entry,
            proof: tree::inclusion(&nodes, index, size)?,
            boundary: boundary.ok_or_else(|| Error::Damaged(format!("boundary {epoch}")))?,
            consistency: tree::consistency(&nodes, size, next)?,
        })
    }

    /// The newest of the checkpoints that left the phone.
    fn earlier(&mut self) -> Result<(), Error> {
        let whole = self.note.checkpoint().size;
        let mut sizes = self.snapshot.kept()?;
        sizes.retain(|size| *size < whole);
        let skip = sizes.len().saturating_sub(MAX_EARLIER);
        for size in sizes.into_iter().skip(skip) {
            let note = self.snapshot.checkpoint(size)?;
            let earlier = Earlier {
                note: note.ok_or_else(|| Error::Damaged(format!("checkpoint {size}")))?,
                consistency: tree::consistency(&SnapshotNodes(self.snapshot), size, whole)?,
            };
            self.part(|text| write_earlier(text, &earlier))?;
        }
        Ok(())
    }
}

/// The row with the fields disclosed that `disclosed` says yes to, if it is still what was signed.
fn shown<S: Snapshot>(
    snapshot: &S,
    origin: &Origin,
    index: u64,
    row: &Row,
    mut disclosed: impl FnMut(&str, &str) -> bool,
) -> Result<ShownEntry, Error> {
    let mut entry = ShownEntry::new(index, row.kind, row.session);
    let salts = salt_key(&row.salt);
    let mut commitments = Commitments::default();
    for (at, value) in row.values().enumerate() {
        let name = row.kind.field_name(at).unwrap_or_default();
        let salt = field_salt(&salts, &name);
        if disclosed(&name, value) {
            entry.disclose(salt, value);
        } else {
            entry.withhold(commitments.of(&name, &salt, value));
        }
    }
    // The leaf follows from what is written here: what leaves the phone is what is compared.
    if snapshot.node(Node::leaf(index))? != entry.leaf(origin) {
        return Err(Error::Damaged(format!(
            "row {index} is not what was signed"
        )));
    }
    Ok(entry)
}
