//! Reading a bundle: line by line, strictly, in memory that does not grow with the file.

use std::fmt;
use std::io::{BufRead, Read as _};

use ring::digest;

use super::{
    ABOUT, Earlier, EpochStep, FIRST_LINE, Header, MAX_EARLIER, MAX_EPOCHS, MAX_FULL, MAX_LINE,
    MAX_PART, MAX_SPARSE, Mode, ShownEntry, write_checkpoint, write_earlier, write_entry,
    write_epoch, write_first_epoch, write_header, write_withheld,
};
use crate::digest::{Hash, decode_base64};
use crate::entry::{Kind, is_clean};
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::{Checkpoint, MAX_SIGNATURES, Note, SignatureLine};
use crate::number;
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};
use crate::tree::MAX_PROOF;

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
        self.lines.empty()?;
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

/// Where a note's signature lines stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Until {
    Empty,
    Consistency,
}

fn index<R>(text: &str, lines: &Lines<R>) -> Result<u64, Error> {
    number::parse(text).ok_or_else(|| lines.fault(Fault::Number, "an index"))
}

/// The lines of a bundle, one read ahead.
struct Lines<R> {
    reader: R,
    /// The line taken last.
    taken: String,
    /// The line after it; `None` at the end of the file.
    ahead: Option<String>,
    /// The number of the line taken last, from 1.
    number: u64,
    /// Bytes read, and how many there may be.
    bytes: u64,
    most_bytes: u64,
    /// Over every part that was read.
    digest: digest::Context,
    /// The lines of this part as they were read.
    part: String,
}

impl<R> fmt::Debug for Parser<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser")
            .field("header", &self.header)
            .field("line", &self.lines.number)
            .finish_non_exhaustive()
    }
}

impl<R> Lines<R> {
    fn fault(&self, fault: Fault, detail: impl Into<String>) -> Error {
        fault.because(detail).at(self.number).into()
    }

    fn at(&self, rejection: Rejection) -> Error {
        rejection.at(self.number).into()
    }
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Result<Self, Error> {
        let mut lines = Self {
            reader,
            taken: String::new(),
            ahead: None,
            number: 0,
            bytes: 0,
            most_bytes: MAX_FULL,
            digest: digest::Context::new(&digest::SHA256),
            part: String::new(),
        };
        lines.read_ahead(Vec::new())?;
        Ok(lines)
    }

    /// Takes the next line; the one after it is read.
    fn take(&mut self) -> Result<&str, Error> {
        let Some(line) = self.ahead.take() else {
            return Err(self.fault(Fault::Truncated, "it goes on nowhere"));
        };
        self.number += 1;
        if self.part.len() + line.len() > MAX_PART {
            return Err(self.fault(Fault::TooMany, "lines of one part"));
        }
        self.part.push_str(&line);
        self.part.push('\n');
        let memory = std::mem::replace(&mut self.taken, line).into_bytes();
        self.read_ahead(memory)?;
        Ok(&self.taken)
    }

    fn read_ahead(&mut self, mut memory: Vec<u8>) -> Result<(), Error> {
        memory.clear();
        // The line, its end, and one byte by which a longer one is known.
        let most = u64::try_from(MAX_LINE + 2).unwrap_or(u64::MAX);
        let read = (&mut self.reader)
            .take(most)
            .read_until(b'\n', &mut memory)
            .map_err(Error::Read)?;
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        let next = self.number + 1;
        let fault = |fault: Fault, detail: &str| Err(Error::from(fault.because(detail).at(next)));
        if self.bytes > self.most_bytes {
            return fault(Fault::TooLarge, "more bytes than its mode allows");
        }
        if read == 0 {
            return Ok(());
        }
        if memory.pop_if(|last| *last == b'\n').is_none() {
            return if read > MAX_LINE {
                fault(Fault::LineTooLong, "no line has as many bytes")
            } else {
                fault(Fault::Truncated, "the last line has no end")
            };
        }
        if memory.len() > MAX_LINE {
            return fault(Fault::LineTooLong, "no line has as many bytes");
        }
        let Ok(line) = String::from_utf8(memory) else {
            return fault(Fault::NotText, "not UTF-8");
        };
        if !is_clean(&line) {
            return fault(
                Fault::NotText,
                "a character that hides, controls or reorders text",
            );
        }
        self.ahead = Some(line);
        Ok(())
    }

    /// Takes a line that must be `wanted`.
    fn expect(&mut self, wanted: &str) -> Result<(), Error> {
        if self.take()? == wanted {
            return Ok(());
        }
        Err(self.fault(Fault::Syntax, format!("here stands {wanted:?}")))
    }

    fn empty(&mut self) -> Result<(), Error> {
        self.expect("")
    }

    /// Takes a line that begins with `word` and a space, and gives what follows.
    fn rest(&mut self, word: &str) -> Result<&str, Error> {
        self.take()?;
        match self
            .taken
            .strip_prefix(word)
            .and_then(|rest| rest.strip_prefix(' '))
        {
            Some(rest) => Ok(rest),
            None => Err(self.fault(Fault::Syntax, format!("here stands {word:?}"))),
        }
    }

    fn number(&mut self, word: &str) -> Result<u64, Error> {
        let read = number::parse(self.rest(word)?);
        read.ok_or_else(|| self.fault(Fault::Number, word))
    }

    fn header(&mut self) -> Result<Header, Error> {
        if self.take()? != FIRST_LINE {
            return Err(self.fault(
                Fault::Version,
                "this version checks files that begin with portlog/bundle@v1",
            ));
        }
        for line in ABOUT {
            self.expect(line)?;
        }
        let origin = Origin::parse(self.rest("origin")?);
        let origin = origin.ok_or_else(|| self.fault(Fault::Syntax, "an origin"))?;
        let mode = match self.rest("mode")? {
            "sparse" => Mode::Sparse,
            "full" => Mode::Full,
            _ => return Err(self.fault(Fault::Syntax, "the mode is sparse or full")),
        };
        let counts = self.rest("shown")?.split_once(" of ");
        let counts = counts.map(|(shown, size)| (number::parse(shown), number::parse(size)));
        match counts {
            Some((Some(shown), Some(size))) => Ok(Header {
                origin,
                mode,
                shown,
                size,
            }),
            Some(_) => Err(self.fault(Fault::Number, "shown NUMBER of NUMBER")),
            None => Err(self.fault(Fault::Syntax, "shown NUMBER of NUMBER")),
        }
    }

    /// Reads an entry behind its first line.
    fn entry(&mut self, index: u64) -> Result<ShownEntry, Error> {
        let kind = Kind::from_word(self.rest("kind")?);
        let kind =
            kind.ok_or_else(|| self.fault(Fault::UnknownKind, "not in this version's table"))?;
        let session = match self.rest("session")? {
            "-" => None,
            text => {
                let session = number::parse(text);
                Some(session.ok_or_else(|| self.fault(Fault::Number, "a session"))?)
            }
        };
        let mut entry = ShownEntry::new(index, kind, session);
        while self
            .ahead
            .as_deref()
            .is_some_and(|line| !line.is_empty() && !line.starts_with("proof "))
        {
            self.take()?;
            self.field(&mut entry)?;
        }
        if !kind.may_have(entry.field_count()) {
            return Err(self.fault(Fault::Fields, format!("{kind} entries have others")));
        }
        Ok(entry)
    }

    /// Reads the line taken last as the next field.
    fn field(&self, entry: &mut ShownEntry) -> Result<(), Error> {
        let position = entry.field_count();
        let (Some(name), Some(of)) = (
            entry.kind().field_name(position),
            entry.kind().field_type(position),
        ) else {
            return Err(self.fault(Fault::Fields, "more than an entry of its kind has"));
        };
        let Some((found, rest)) = self.taken.split_once(' ') else {
            return Err(self.fault(Fault::Syntax, "a field is NAME = SALT VALUE or NAME # HASH"));
        };
        if found != name {
            return Err(self.fault(Fault::Fields, format!("here stands {name}")));
        }
        if let Some(rest) = rest.strip_prefix("= ") {
            let (salt, value) = rest
                .split_once(' ')
                .ok_or_else(|| self.fault(Fault::Syntax, "a salt and a value"))?;
            let salt = decode_base64(salt).ok_or_else(|| self.fault(Fault::Base64, "a salt"))?;
            if !of.accepts(value) {
                return Err(self.fault(Fault::Value, format!("{name} is of type {}", of.as_str())));
            }
            entry.disclose(salt, value);
        } else if let Some(hash) = rest.strip_prefix("# ") {
            let hash =
                Hash::from_base64(hash).ok_or_else(|| self.fault(Fault::Base64, "a commitment"))?;
            entry.withhold(hash);
        } else {
            return Err(self.fault(Fault::Syntax, "a field is NAME = SALT VALUE or NAME # HASH"));
        }
        Ok(())
    }

    fn hashes(&mut self, word: &str) -> Result<Vec<Hash>, Error> {
        let count = usize::try_from(self.number(word)?).unwrap_or(usize::MAX);
        if count > MAX_PROOF {
            return Err(self.fault(Fault::TooMany, "hashes of a proof"));
        }
        let mut hashes = Vec::with_capacity(count);
        for _ in 0..count {
            let hash = Hash::from_base64(self.take()?);
            hashes.push(hash.ok_or_else(|| self.fault(Fault::Base64, "a hash"))?);
        }
        Ok(hashes)
    }

    fn note(&mut self, until: Until) -> Result<Note, Error> {
        let origin = self.take()?.to_owned();
        let size = self.take()?.to_owned();
        let root = self.take()?.to_owned();
        let checkpoint =
            Checkpoint::from_lines(&origin, &size, &root).map_err(|fault| self.at(fault))?;
        if !self.take()?.is_empty() {
            return Err(self.fault(Fault::Note, "a checkpoint has three lines"));
        }
        let mut signatures = Vec::new();
        while self.ahead.as_deref().is_some_and(|line| match until {
            Until::Empty => !line.is_empty(),
            Until::Consistency => !line.starts_with("consistency "),
        }) {
            if signatures.len() == MAX_SIGNATURES {
                return Err(self.fault(Fault::TooMany, "signature lines"));
            }
            let line = SignatureLine::parse(self.take()?);
            signatures.push(line.map_err(|fault| self.at(fault))?);
        }
        Note::new(checkpoint, signatures).map_err(|fault| self.at(fault))
    }

    fn vkey(&mut self) -> Result<PublicKey, Error> {
        let key = PublicKey::parse(self.rest("vkey")?);
        key.map_err(|fault| self.at(fault))
    }

    /// Reads an epoch behind its first line.
    fn epoch(&mut self, number: u32) -> Result<EpochStep, Error> {
        let key = self.vkey()?;
        self.expect("")?;
        let index = self.number("entry")?;
        let entry = self.entry(index)?;
        let proof = self.hashes("proof")?;
        self.expect("")?;
        self.expect("boundary")?;
        Ok(EpochStep {
            number,
            key,
            entry,
            proof,
            boundary: self.note(Until::Consistency)?,
            consistency: self.hashes("consistency")?,
        })
    }

    /// Checks the line taken last, the `end` line, and that nothing follows it.
    fn end(&mut self, stated: Hash) -> Result<Hash, Error> {
        if self.ahead.is_some() {
            return Err(Fault::Trailing
                .because("the file goes on behind its end")
                .at(self.number + 1)
                .into());
        }
        let mut before = self.digest.clone();
        before.update(b"\n");
        if Hash::finish(before) != stated {
            return Err(self.fault(
                Fault::EndHash,
                "the file was damaged on its way, or changed",
            ));
        }
        self.digest.update(self.part.as_bytes());
        Ok(Hash::finish(self.digest.clone()))
    }

    /// Whether the part just read is what it is when it is written.
    fn compare(&mut self, again: &str) -> Result<(), Error> {
        if self.part != again {
            return Err(self.fault(Fault::NotCanonical, "written again, it is not the same"));
        }
        self.digest.update(self.part.as_bytes());
        self.part.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn bytes_beyond_the_bound_are_not_read() {
        let mut text = "1234567\n".repeat(10);
        text.push_str(&"x".repeat(100_000));
        let mut lines = Lines::new(text.as_bytes()).unwrap();
        lines.most_bytes = 64;
        // One line is ahead: the ninth would end at byte 72.
        for _ in 0..7 {
            lines.take().unwrap();
        }
        let error = lines.take().unwrap_err();
        assert_eq!(error.fault(), Some(Fault::TooLarge));
        assert_eq!(lines.bytes, 72);
    }

    #[test]
    fn a_part_that_is_written_otherwise_than_it_was_read_is_refused() {
        let mut lines = Lines::new(&b"one\ntwo\n"[..]).unwrap();
        lines.take().unwrap();
        assert!(lines.compare("one\n").is_ok());
        lines.take().unwrap();
        let error = lines.compare("two \n").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::NotCanonical));
    }
}
