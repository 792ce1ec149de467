//! Two copies of one log: does one continue the other, is a tail missing, or are there two histories?

use std::io::BufRead;

use super::chain::Chain;
use super::report::{Prefix, Report};
use crate::bundle::{
    EpochStep, FORK_FIRST_LINE, Header, Mode, Parser, Part, seal, write_checkpoint, write_earlier,
    write_epoch, write_first_epoch, write_header, write_prefix, write_side,
};
use crate::digest::Hash;
use crate::error::Error;
use crate::note::Note;
use crate::rejection::{Fault, Rejection};

/// A copy that the reader has kept.
#[derive(Clone, Debug)]
pub enum Held {
    /// A bundle, verified with the size of the file at hand among [`super::Options::states_at`].
    Bundle(Box<Report>),
    /// A checkpoint by itself.
    Checkpoint(Note),
}

/// What two copies say of each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// They are of different logs.
    OtherLog,
    /// They are of the same state.
    Same,
    /// The file at hand continues the copy.
    Continues {
        /// Entries that came since.
        added: u64,
    },
    /// The file at hand is an earlier state than the copy: its tail is cut, or it is older.
    RolledBack {
        /// Entries that the copy has more.
        missing: u64,
        /// Whether the rest was found to be the same. Else it cannot be told from these two.
        same_until_there: bool,
    },
    /// Two signed states that cannot both be true.
    Fork(Box<Fork>),
    /// The file at hand is longer, and does not show the state of the copy.
    CannotTell,
}

/// Two signed states of one log that cannot both be true.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fork {
    /// The smaller one.
    pub smaller: Note,
    /// The other one.
    pub larger: Note,
    /// Where they are of different sizes: the state that the larger one's log had at the size of the
    /// smaller, and the proof that it had.
    pub prefix: Option<(Hash, Vec<Hash>)>,
}

/// Compares a verified file with a copy.
///
/// The report must have been made with the copy's size among [`super::Options::states_at`]. An error
/// is a checkpoint that no key of this log signed: it says nothing about it.
pub fn compare(file: &Report, held: &Held) -> Result<Comparison, Rejection> {
    let (note, other) = match held {
        Held::Bundle(report) => (&report.checkpoint, Some(report.as_ref())),
        Held::Checkpoint(note) => (note, None),
    };
    let (ours, theirs) = (file.checkpoint.checkpoint(), note.checkpoint());
    if ours.origin != theirs.origin {
        return Ok(Comparison::OtherLog);
    }
    if other.is_none() {
        check_signer(&file.chain, note)?;
    }
    if theirs.size <= ours.size {
        let Some(prefix) = file.prefixes.get(&theirs.size) else {
            return Ok(Comparison::CannotTell);
        };
        if prefix.root == theirs.root {
            return Ok(match ours.size.saturating_sub(theirs.size) {
                0 => Comparison::Same,
                added => Comparison::Continues { added },
            });
        }
        return Ok(fork(note, &file.checkpoint, prefix));
    }
    let missing = theirs.size.saturating_sub(ours.size);
    match other.and_then(|report| report.prefixes.get(&ours.size)) {
        Some(prefix) if prefix.root == ours.root => Ok(Comparison::RolledBack {
            missing,
            same_until_there: true,
        }),
        Some(prefix) => Ok(fork(&file.checkpoint, note, prefix)),
        None => Ok(Comparison::RolledBack {
            missing,
            same_until_there: false,
        }),
    }
}

/// A checkpoint by itself is signed by a key that the bundle knows, or says nothing.
///
/// It may be of a size that the bundle gives to another epoch: in a fork, epochs end elsewhere. So
/// any key of the chain will do.
pub(super) fn check_signer(chain: &Chain, note: &Note) -> Result<(), Rejection> {
    let first = note.check(&chain.signers(note.checkpoint().size));
    let Err(rejection) = first else {
        return Ok(());
    };
    let keys = std::iter::once(chain.first()).chain(chain.steps().iter().map(|step| &step.key));
    for key in keys {
        if note.check(&[key]).is_ok() {
            return Ok(());
        }
    }
    Err(rejection)
}

/// `prefix` is what `larger`'s log had at the size of `smaller`, and is another state.
fn fork(smaller: &Note, larger: &Note, prefix: &Prefix) -> Comparison {
    // With a proof, the state of the whole file speaks; else the boundary of that size does.
    let (larger, prefix) = match (&prefix.consistency, &prefix.note) {
        (Some(proof), _) => (larger, Some((prefix.root, proof.clone()))),
        (None, Some(note)) => (note, None),
        (None, None) => (larger, None),
    };
    Comparison::Fork(Box::new(Fork {
        smaller: smaller.clone(),
        larger: larger.clone(),
        prefix,
    }))
}

/// The epochs of a bundle that `report` is about, as the side of a fork file has them.
pub fn epochs(reader: impl BufRead, report: &Report) -> Result<String, Error> {
    let mut parser = Parser::new(reader)?;
    let mut text = String::new();
    let mut last: Option<EpochStep> = None;
    while let Some(part) = parser.next_part()? {
        match part {
            Part::FirstEpoch(key) => write_first_epoch(&mut text, &key),
            Part::Epoch(step) => {
                if let Some(before) = last.replace(*step) {
                    write_epoch(&mut text, &before);
                }
            }
            Part::End(digest) if digest != report.sha256 => {
                return Err(Fault::EndHash
                    .because("the file is another than before")
                    .into());
            }
            _ => {}
        }
    }
    if let Some(mut last) = last {
        // It leads to the bundle's checkpoint, which need not be the side's.
        last.consistency.clear();
        write_epoch(&mut text, &last);
    }
    Ok(text)
}

/// The bundle that `report` is about without its entries: the state, the keys that sign it, and the
/// earlier states that it continues. It is what a witness needs to see, and what it remembers.
pub fn state(reader: impl BufRead, report: &Report) -> Result<String, Error> {
    let mut parser = Parser::new(reader)?;
    let mut text = String::new();
    let header = Header {
        mode: Mode::Sparse,
        shown: 0,
        ..parser.header().clone()
    };
    write_header(&mut text, &header);
    while let Some(part) = parser.next_part()? {
        match part {
            Part::Checkpoint(note) => write_checkpoint(&mut text, &note),
            Part::FirstEpoch(key) => write_first_epoch(&mut text, &key),
            Part::Epoch(step) => write_epoch(&mut text, &step),
            Part::Earlier(earlier) => write_earlier(&mut text, &earlier),
            Part::End(digest) if digest != report.sha256 => {
                return Err(Fault::EndHash
                    .because("the file is another than before")
                    .into());
            }
            Part::Entry(..) | Part::Withheld(..) | Part::End(_) => {}
        }
    }
    seal(&mut text);
    Ok(text)
}

impl Fork {
    /// The proof as a file, with the epochs of the two copies, from [`epochs`]: a stranger learns from
    /// them which keys are the log's. Where a copy was a checkpoint by itself, they are the other's.
    pub fn to_text(&self, smaller_epochs: &str, larger_epochs: &str) -> String {
        let mut out = String::from(FORK_FIRST_LINE);
        out.push('\n');
        for (note, epochs) in [
            (&self.smaller, smaller_epochs),
            (&self.larger, larger_epochs),
        ] {
            write_side(&mut out, note);
            out.push_str(epochs);
        }
        if let Some((root, proof)) = &self.prefix {
            write_prefix(&mut out, root, proof);
        }
        seal(&mut out);
        out
    }
}
