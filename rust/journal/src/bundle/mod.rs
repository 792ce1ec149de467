//! The bundle: one text file with a log, or a chosen part of it, that a stranger verifies.
//!
//! Each part knows how to write itself; the parser writes every part again that it has read and
//! compares the bytes, so that no two files are the same bundle.

mod export;
mod fork;
mod lines;
mod parse;
mod preset;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use export::{Disclosure, export_full, export_sparse, find};
pub(crate) use fork::{FORK_FIRST_LINE, ForkParser, ForkPart};
pub use parse::{Parser, Part};
pub use preset::{Choice, Chosen, Preset};

use crate::digest::{Hash, push_base64};
use crate::entry::{Kind, OwnerText};
use crate::key::PublicKey;
use crate::leaf::{Commitments, LeafText, Salt, push_session};
use crate::note::Note;
use crate::origin::Origin;

/// The first line.
pub(crate) const FIRST_LINE: &str = "portlog/bundle@v1";

/// What every bundle says of itself, so that nobody needs this documentation to begin.
pub(crate) const ABOUT: [&str; 4] = [
    "about A signed log of connections. A change to any entry below shows when this file is checked.",
    "about The sharer chose what is shown. It does not prove that the phone reported the truth,",
    "about what was sent, who is responsible, or that nobody provoked it.",
    "about To check it without trusting Portlog: docs/LOG-FORMAT.md. With it: portlog log verify FILE",
];

/// The most bytes of a line, without its end.
pub const MAX_LINE: usize = 8448;
/// The most bytes of a part (an entry with its proof, an epoch).
pub const MAX_PART: usize = 2 << 20;
/// The most bytes of a sparse bundle.
pub const MAX_SPARSE: u64 = 64 << 20;
/// The most bytes of a full bundle.
pub const MAX_FULL: u64 = 4 << 30;
/// The most epochs of a bundle.
pub const MAX_EPOCHS: u32 = 65_536;
/// The most earlier checkpoints of a bundle.
pub const MAX_EARLIER: usize = 64;

/// Whether chosen entries are shown, each with its proof, or all leaves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Chosen entries, each with a proof.
    Sparse,
    /// Every leaf, disclosed or not.
    Full,
}

impl Mode {
    /// The word in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sparse => "sparse",
            Self::Full => "full",
        }
    }
}

/// The first lines of a bundle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// Whose log.
    pub origin: Origin,
    /// What is shown of it.
    pub mode: Mode,
    /// How many entries are shown, as the file says before they are counted.
    pub shown: u64,
    /// How many the log has, as the file says before a signature says so.
    pub size: u64,
}

/// A field as it is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shown {
    /// Where its salt and value end among the entry's disclosed text.
    Disclosed(usize),
    /// Withheld: the commitment to it.
    Withheld(Hash),
}

/// An entry with its place in the log, as far as it is disclosed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownEntry {
    index: u64,
    kind: Kind,
    session: Option<u64>,
    fields: Vec<Shown>,
    /// What is disclosed, one after the other as a bundle has it: salt, space, value.
    disclosed: String,
}

/// The characters of a salt and of the space behind it.
const SALT_TEXT: usize = 25;

impl ShownEntry {
    pub(crate) const fn new(index: u64, kind: Kind, session: Option<u64>) -> Self {
        Self {
            index,
            kind,
            session,
            fields: Vec::new(),
            disclosed: String::new(),
        }
    }

    /// Adds the next field, disclosed.
    pub(crate) fn disclose(&mut self, salt: Salt, value: &str) {
        push_base64(&mut self.disclosed, &salt);
        self.disclosed.push(' ');
        self.disclosed.push_str(value);
        self.fields.push(Shown::Disclosed(self.disclosed.len()));
    }

    /// Adds the next field, withheld.
    pub(crate) fn withhold(&mut self, commitment: Hash) {
        self.fields.push(Shown::Withheld(commitment));
    }

    /// Its place in the log.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What it is about.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The index of the `started` entry under which it was written.
    pub const fn session(&self) -> Option<u64> {
        self.session
    }

    /// Its fields in order: name, and the value where it is disclosed.
    pub fn fields(&self) -> impl Iterator<Item = (Cow<'static, str>, Option<&str>)> {
        self.shown().map(|(name, field)| {
            let value = field.ok().and_then(|disclosed| disclosed.get(SALT_TEXT..));
            (name, value)
        })
    }

    /// Its fields in order: name, and what is disclosed (salt, space, value) or the commitment.
    fn shown(&self) -> impl Iterator<Item = (Cow<'static, str>, Result<&str, &Hash>)> {
        let mut begin = 0;
        self.fields.iter().enumerate().map(move |(at, field)| {
            let name = self.kind.field_name(at).unwrap_or_default();
            let shown = match field {
                Shown::Disclosed(end) => {
                    let disclosed = self.disclosed.get(begin..*end);
                    begin = *end;
                    Ok(disclosed.unwrap_or_default())
                }
                Shown::Withheld(commitment) => Err(commitment),
            };
            (name, shown)
        })
    }

    /// The value of the field called `name`, if it is disclosed and says something.
    pub fn value(&self, name: &str) -> Option<&str> {
        let wanted = self.kind.position(name)?;
        let (_, value) = self.fields().nth(wanted)?;
        value.filter(|value| *value != "-")
    }

    /// How many fields it has.
    pub(crate) fn field_count(&self) -> usize {
        self.fields.len()
    }

    /// The hash of its leaf in the log of this origin.
    pub(crate) fn leaf(&self, origin: &Origin) -> Hash {
        let mut leaf = LeafText::new(origin, self.index, self.kind, self.session);
        let mut commitments = Commitments::default();
        for (name, shown) in self.shown() {
            let commitment = match shown {
                Ok(disclosed) => {
                    let (salt, value) = disclosed.split_once(' ').unwrap_or_default();
                    commitments.of_text(&name, salt, value)
                }
                Err(commitment) => *commitment,
            };
            leaf.push(&name, &commitment);
        }
        leaf.hash()
    }

    /// A UID that two of its disclosed owners have.
    pub(crate) fn doubled_owner(&self) -> Option<u64> {
        if self.kind != Kind::Packages {
            return None;
        }
        let mut seen = std::collections::HashSet::new();
        self.fields()
            .skip(self.kind.fields().len())
            .filter_map(|(_, value)| OwnerText::parse(value?))
            .map(|owner| owner.uid)
            .find(|uid| !seen.insert(*uid))
    }

    fn write(&self, out: &mut String) {
        out.push_str("\nentry ");
        out.push_str(&self.index.to_string());
        out.push_str("\nkind ");
        out.push_str(self.kind.as_str());
        out.push_str("\nsession ");
        push_session(out, self.session);
        out.push('\n');
        for (name, shown) in self.shown() {
            out.push_str(&name);
            match shown {
                Ok(disclosed) => {
                    out.push_str(" = ");
                    out.push_str(disclosed);
                }
                Err(commitment) => {
                    out.push_str(" # ");
                    push_base64(out, commitment.as_bytes());
                }
            }
            out.push('\n');
        }
    }
}

/// A step from one epoch to the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EpochStep {
    /// The new epoch's number, from 1.
    pub number: u32,
    /// Its key.
    pub key: PublicKey,
    /// The entry that says so, the last of the epoch before.
    pub entry: ShownEntry,
    /// That it is in the boundary's tree.
    pub proof: Vec<Hash>,
    /// The checkpoint signed by the old key and the new one.
    pub boundary: Note,
    /// That the next boundary, or the bundle's checkpoint, continues it.
    pub consistency: Vec<Hash>,
}

/// A checkpoint that left the phone before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Earlier {
    /// The checkpoint.
    pub note: Note,
    /// That the bundle's checkpoint continues it.
    pub consistency: Vec<Hash>,
}

/// Appends the first lines.
pub(crate) fn write_header(out: &mut String, header: &Header) {
    out.push_str(FIRST_LINE);
    out.push('\n');
    for line in ABOUT {
        out.push_str(line);
        out.push('\n');
    }
    let Header {
        origin,
        mode,
        shown,
        size,
    } = header;
    let mode = mode.as_str();
    let _ = writeln!(out, "origin {origin}\nmode {mode}\nshown {shown} of {size}");
}

/// Appends an entry's part; in a sparse bundle it has a proof.
pub(crate) fn write_entry(out: &mut String, entry: &ShownEntry, proof: Option<&[Hash]>) {
    entry.write(out);
    if let Some(proof) = proof {
        write_hashes(out, "proof", proof);
    }
}

/// Appends a leaf of which nothing is shown.
pub(crate) fn write_withheld(out: &mut String, index: u64, leaf: &Hash) {
    out.push_str("\nleaf ");
    out.push_str(&index.to_string());
    out.push(' ');
    push_base64(out, leaf.as_bytes());
    out.push('\n');
}

/// Appends the bundle's checkpoint.
pub(crate) fn write_checkpoint(out: &mut String, note: &Note) {
    out.push_str("\ncheckpoint\n");
    out.push_str(&note.to_string());
}

/// Appends epoch 0.
pub(crate) fn write_first_epoch(out: &mut String, key: &PublicKey) {
    out.push_str("\nepoch 0\nvkey ");
    out.push_str(&key.to_string());
    out.push('\n');
}

/// Appends a further epoch.
pub(crate) fn write_epoch(out: &mut String, step: &EpochStep) {
    out.push_str("\nepoch ");
    out.push_str(&step.number.to_string());
    out.push_str("\nvkey ");
    out.push_str(&step.key.to_string());
    out.push('\n');
    write_entry(out, &step.entry, Some(&step.proof));
    out.push_str("\nboundary\n");
    out.push_str(&step.boundary.to_string());
    write_hashes(out, "consistency", &step.consistency);
}

/// Appends an earlier checkpoint.
pub(crate) fn write_earlier(out: &mut String, earlier: &Earlier) {
    out.push_str("\nearlier\n");
    out.push_str(&earlier.note.to_string());
    write_hashes(out, "consistency", &earlier.consistency);
}

/// Appends one side of a fork file; its epochs follow.
pub(crate) fn write_side(out: &mut String, note: &Note) {
    out.push_str("\nside\n");
    out.push_str(&note.to_string());
}

/// Appends what the larger side of a fork file had at the size of the smaller.
pub(crate) fn write_prefix(out: &mut String, root: &Hash, proof: &[Hash]) {
    out.push_str("\nprefix ");
    push_base64(out, root.as_bytes());
    out.push('\n');
    write_hashes(out, "consistency", proof);
}

/// Appends the end: the digest of what is there with the empty line.
///
/// This is what a transfer that damaged the file is found by, and no evidence: whoever changes the
/// file can write it anew.
pub fn seal(bundle: &mut String) {
    bundle.push('\n');
    let digest = Hash::of(&[bundle.as_bytes()]);
    bundle.push_str("end ");
    bundle.push_str(&digest.to_hex());
    bundle.push('\n');
}

pub(crate) fn write_hashes(out: &mut String, name: &str, hashes: &[Hash]) {
    out.push_str(name);
    out.push(' ');
    out.push_str(&hashes.len().to_string());
    out.push('\n');
    for hash in hashes {
        push_base64(out, hash.as_bytes());
        out.push('\n');
    }
}
