//! Reading a bundle: line by line, strictly, in memory that does not grow with the file.

use std::fmt;
use std::io::BufRead;

use super::lines::{Lines, Until};
use super::{
    Earlier, EpochStep, Header, MAX_EARLIER, MAX_EPOCHS, MAX_SPARSE, Mode, ShownEntry,
    write_checkpoint, write_earlier, write_entry, write_epoch, write_first_epoch, write_header,
    write_withheld,
};
use crate::digest::Hash;
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::Note;
use crate::number;
use crate::rejection::Fault;

/// A part of a bundle, in the order in which they come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// An entry; in a sparse bundle with its proof.
    Entry(ShownEntry, Option<Vec<Hash>>),
    /// A leaf of which nothing is shown: index and hash.
    Withheld(u64, Hash),
    /// The checkpoint.
    Checkpoint(Note),
    /// Epoch 0: its key.
    FirstEpoch(PublicKey),
    /// A further epoch.
    Epoch(Box<EpochStep>),
    /// An earlier checkpoint.
    Earlier(Earlier),
    /// The end, which was right, and nothing behind it. The digest of the whole file.
    End(Hash),
}

/// What may come next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Entries,
    FirstEpoch,
    Epochs,
    Earlier,
    Over,
}

/// Reads a bundle part by part. What it gives is well-formed, and no more: nothing may be shown before
/// [`crate::verify()`] has said so.
pub struct Parser<R> {
    lines: Lines<R>,
    header: Header,
    stage: Stage,
    epochs: u32,
    earlier: usize,
    /// A part written again, to be compared; kept for its memory.
    again: String,
}

impl<R: BufRead> Parser<R> {
    /// Reads the first lines.
    pub fn new(reader: R) -> Result<Self, Error> {
        let mut lines = Lines::new(reader)?;
        let header = lines.header()?;
        if header.mode == Mode::Sparse {
            lines.most_bytes = MAX_SPARSE;
        }
        let mut again = String::new();
        write_header(&mut again, &header);
        lines.compare(&again)?;
        Ok(Self {
            lines,
            header,
            stage: Stage::Entries,
            epochs: 0,
            earlier: 0,
            again,
        })
    }

    /// The first lines.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The line that was read last, from 1.
    pub const fn line(&self) -> u64 {
        self.lines.number
    }

    /// The next part; `None` after the end.
    pub fn next_part(&mut self) -> Result<Option<Part>, Error> {
        if self.stage == Stage::Over {
            return Ok(None);
        }
        let part = self.part()?;
        self.again.clear();
        match &part {
            Part::Entry(entry, proof) => write_entry(&mut self.again, entry, proof.as_deref()),
            Part::Withheld(index, leaf) => write_withheld(&mut self.again, *index, leaf),
            Part::Checkpoint(note) => write_checkpoint(&mut self.again, note),
            Part::FirstEpoch(key) => write_first_epoch(&mut self.again, key),
            Part::Epoch(step) => write_epoch(&mut self.again, step),
            Part::Earlier(earlier) => write_earlier(&mut self.again, earlier),
            // Its line was compared with the digest that is computed.
            Part::End(_) => return Ok(Some(part)),
        }
        self.lines.compare(&self.again)?;
        Ok(Some(part))
    }

    fn part(&mut self) -> Result<Part, Error> {
        self.lines.expect("")?;
        let line = self.lines.take()?.to_owned();
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match (self.stage, word) {
            (Stage::Entries, "entry") => {
                let index = index(rest, &self.lines)?;
                let entry = self.lines.entry(index)?;
                let proof = match self.header.mode {
                    Mode::Sparse => Some(self.lines.hashes("proof")?),
                    Mode::Full => None,
                };
                Ok(Part::Entry(entry, proof))
            }
            (Stage::Entries, "leaf") if self.header.mode == Mode::Full => {
                let (at, leaf) = rest
                    .split_once(' ')
                    .ok_or_else(|| self.lines.fault(Fault::Syntax, "leaf INDEX HASH"))?;
                let at = index(at, &self.lines)?;
                let leaf = Hash::from_base64(leaf)
                    .ok_or_else(|| self.lines.fault(Fault::Base64, "a leaf's hash"))?;
                Ok(Part::Withheld(at, leaf))
            }
            (Stage::Entries, "checkpoint") if line == "checkpoint" => {
                self.stage = Stage::FirstEpoch;
                Ok(Part::Checkpoint(self.lines.note(Until::Empty)?))
            }
            (Stage::FirstEpoch, "epoch") => {
                if rest != "0" {
                    return Err(self.lines.fault(Fault::EpochOrder, "the first epoch is 0"));
                }
                self.stage = Stage::Epochs;
                self.epochs = 1;
                Ok(Part::FirstEpoch(self.lines.vkey()?))
            }
            (Stage::Epochs, "epoch") => {
                let number = index(rest, &self.lines)?;
                if self.epochs >= MAX_EPOCHS {
                    return Err(self.lines.fault(Fault::TooMany, "epochs"));
                }
                if number != u64::from(self.epochs) {
                    return Err(self.lines.fault(Fault::EpochOrder, "epochs are 0, 1, 2, …"));
                }
                let step = self.lines.epoch(self.epochs)?;
                self.epochs += 1;
                Ok(Part::Epoch(Box::new(step)))
            }
            (Stage::Epochs | Stage::Earlier, "earlier") if line == "earlier" => {
                self.stage = Stage::Earlier;
                self.earlier += 1;
                if self.earlier > MAX_EARLIER {
                    return Err(self.lines.fault(Fault::TooMany, "earlier checkpoints"));
                }
                Ok(Part::Earlier(Earlier {
                    note: self.lines.note(Until::Consistency)?,
                    consistency: self.lines.hashes("consistency")?,
                }))
            }
            (Stage::Epochs | Stage::Earlier, "end") => {
                self.stage = Stage::Over;
                let stated = Hash::from_hex(rest)
                    .ok_or_else(|| self.lines.fault(Fault::Syntax, "end and 64 hex digits"))?;
                self.lines.end(stated).map(Part::End)
            }
            _ => Err(self
                .lines
                .fault(Fault::Syntax, "a part that does not belong here")),
        }
    }
}

fn index<R>(text: &str, lines: &Lines<R>) -> Result<u64, Error> {
    number::parse(text).ok_or_else(|| lines.fault(Fault::Number, "an index"))
}

impl<R> fmt::Debug for Parser<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser")
            .field("header", &self.header)
            .field("line", &self.lines.number)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_FULL;
    use super::*;
    use crate::origin::Origin;

    #[test]
    fn each_mode_has_its_own_bound() {
        for (mode, most) in [(Mode::Sparse, MAX_SPARSE), (Mode::Full, MAX_FULL)] {
            let header = Header {
                origin: Origin::parse(&format!("portlog/log/{}", "0".repeat(64))).unwrap(),
                mode,
                shown: 0,
                size: 1,
            };
            let mut text = String::new();
            write_header(&mut text, &header);
            let parser = Parser::new(text.as_bytes()).unwrap();
            assert_eq!(parser.header(), &header);
            assert_eq!(parser.lines.most_bytes, most);
        }
    }
}
