//! Reading a fork file, part by part, as strictly as a bundle.

use std::io::BufRead;

use super::lines::{Lines, Until};
use super::{
    EpochStep, MAX_EPOCHS, MAX_SPARSE, write_epoch, write_first_epoch, write_prefix, write_side,
};
use crate::digest::Hash;
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::Note;
use crate::number;
use crate::rejection::Fault;

/// The first line.
pub(crate) const FORK_FIRST_LINE: &str = "portlog/fork@v1";

/// A part of a fork file, in the order in which they come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ForkPart {
    /// One of the two states.
    Side(Note),
    /// Epoch 0 of the side: its key.
    FirstEpoch(PublicKey),
    /// A further epoch of the side.
    Epoch(Box<EpochStep>),
    /// The root that the second side's log had at the size of the first, and the proof of it.
    Prefix(Hash, Vec<Hash>),
    /// The end, which was right, and nothing behind it. The digest of the whole file.
    End(Hash),
}

/// What may come next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    FirstSide,
    FirstEpoch,
    Epochs,
    End,
    Over,
}

/// Reads a fork file. What it gives is well-formed, and no more.
pub(crate) struct ForkParser<R> {
    lines: Lines<R>,
    stage: Stage,
    sides: u8,
    epochs: u32,
    /// A part written again, to be compared; kept for its memory.
    again: String,
}

impl<R: BufRead> ForkParser<R> {
    /// Reads the first line.
    pub(crate) fn new(reader: R) -> Result<Self, Error> {
        let mut lines = Lines::new(reader)?;
        lines.most_bytes = MAX_SPARSE;
        if lines.take()? != FORK_FIRST_LINE {
            return Err(lines.fault(
                Fault::Version,
                "this version checks proofs of a fork that begin with portlog/fork@v1",
            ));
        }
        let mut again = FORK_FIRST_LINE.to_owned();
        again.push('\n');
        lines.compare(&again)?;
        Ok(Self {
            lines,
            stage: Stage::FirstSide,
            sides: 0,
            epochs: 0,
            again,
        })
    }

    /// The line that was read last, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.lines.number
    }

    /// The next part; `None` after the end.
    pub(crate) fn next_part(&mut self) -> Result<Option<ForkPart>, Error> {
        if self.stage == Stage::Over {
            return Ok(None);
        }
        let part = self.part()?;
        self.again.clear();
        match &part {
            ForkPart::Side(note) => write_side(&mut self.again, note),
            ForkPart::FirstEpoch(key) => write_first_epoch(&mut self.again, key),
            ForkPart::Epoch(step) => write_epoch(&mut self.again, step),
            ForkPart::Prefix(root, proof) => write_prefix(&mut self.again, root, proof),
            // Its line was compared with the digest that is computed.
            ForkPart::End(_) => return Ok(Some(part)),
        }
        self.lines.compare(&self.again)?;
        Ok(Some(part))
    }

    fn part(&mut self) -> Result<ForkPart, Error> {
        self.lines.expect("")?;
        let line = self.lines.take()?.to_owned();
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match (self.stage, word) {
            (Stage::FirstSide | Stage::Epochs, "side") if line == "side" && self.sides < 2 => {
                self.sides += 1;
                self.stage = Stage::FirstEpoch;
                Ok(ForkPart::Side(self.lines.note(Until::Empty)?))
            }
            (Stage::FirstEpoch, "epoch") => {
                if rest != "0" {
                    return Err(self.lines.fault(Fault::EpochOrder, "the first epoch is 0"));
                }
                self.stage = Stage::Epochs;
                self.epochs = 1;
                Ok(ForkPart::FirstEpoch(self.lines.vkey()?))
            }
            (Stage::Epochs, "epoch") => {
                let stated = number::parse(rest)
                    .ok_or_else(|| self.lines.fault(Fault::Number, "an epoch"))?;
                if self.epochs >= MAX_EPOCHS {
                    return Err(self.lines.fault(Fault::TooMany, "epochs"));
                }
                if stated != u64::from(self.epochs) {
                    return Err(self.lines.fault(Fault::EpochOrder, "epochs are 0, 1, 2, …"));
                }
                let step = self.lines.epoch(self.epochs)?;
                self.epochs += 1;
                Ok(ForkPart::Epoch(Box::new(step)))
            }
            (Stage::Epochs, "prefix") if self.sides == 2 => {
                let root = Hash::from_base64(rest)
                    .ok_or_else(|| self.lines.fault(Fault::Base64, "the root of the prefix"))?;
                self.stage = Stage::End;
                Ok(ForkPart::Prefix(root, self.lines.hashes("consistency")?))
            }
            (Stage::Epochs | Stage::End, "end") if self.sides == 2 => {
                self.stage = Stage::Over;
                let stated = Hash::from_hex(rest)
                    .ok_or_else(|| self.lines.fault(Fault::Syntax, "end and 64 hex digits"))?;
                self.lines.end(stated).map(ForkPart::End)
            }
            _ => Err(self
                .lines
                .fault(Fault::Syntax, "a part that does not belong here")),
        }
    }
}
