//! The lines of a signed file, and what is made of them everywhere: notes, keys, entries, proofs.

use std::io::{BufRead, Read as _};

use ring::digest;

use super::{ABOUT, EpochStep, FIRST_LINE, Header, MAX_FULL, MAX_LINE, MAX_PART, Mode, ShownEntry};
use crate::digest::{Hash, decode_base64};
use crate::entry::{Kind, is_clean};
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::{Checkpoint, MAX_SIGNATURES, Note, SignatureLine};
use crate::number;
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};
use crate::tree::MAX_PROOF;

/// Where a note's signature lines stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Until {
    Empty,
    Consistency,
}

/// The lines of a bundle, one read ahead.
pub(super) struct Lines<R> {
    reader: R,
    /// The line taken last.
    taken: String,
    /// The line after it; `None` at the end of the file.
    ahead: Option<String>,
    /// The number of the line taken last, from 1.
    pub(super) number: u64,
    /// Bytes read, and how many there may be.
    bytes: u64,
    pub(super) most_bytes: u64,
    /// Over every part that was read.
    digest: digest::Context,
    /// The lines of this part as they were read.
    part: String,
}

impl<R> Lines<R> {
    pub(super) fn fault(&self, fault: Fault, detail: impl Into<String>) -> Error {
        fault.because(detail).at(self.number).into()
    }

    pub(super) fn at(&self, rejection: Rejection) -> Error {
        rejection.at(self.number).into()
    }
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Result<Self, Error> {
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
    pub(super) fn take(&mut self) -> Result<&str, Error> {
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
    pub(super) fn expect(&mut self, wanted: &str) -> Result<(), Error> {
        if self.take()? == wanted {
            return Ok(());
        }
        Err(self.fault(Fault::Syntax, format!("here stands {wanted:?}")))
    }

    /// Takes a line that begins with `word` and a space, and gives what follows.
    pub(super) fn rest(&mut self, word: &str) -> Result<&str, Error> {
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

    pub(super) fn number(&mut self, word: &str) -> Result<u64, Error> {
        let read = number::parse(self.rest(word)?);
        read.ok_or_else(|| self.fault(Fault::Number, word))
    }

    pub(super) fn header(&mut self) -> Result<Header, Error> {
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
    pub(super) fn entry(&mut self, index: u64) -> Result<ShownEntry, Error> {
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

    pub(super) fn hashes(&mut self, word: &str) -> Result<Vec<Hash>, Error> {
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

    pub(super) fn note(&mut self, until: Until) -> Result<Note, Error> {
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

    pub(super) fn vkey(&mut self) -> Result<PublicKey, Error> {
        let key = PublicKey::parse(self.rest("vkey")?);
        key.map_err(|fault| self.at(fault))
    }

    /// Reads an epoch behind its first line.
    pub(super) fn epoch(&mut self, number: u32) -> Result<EpochStep, Error> {
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
    pub(super) fn end(&mut self, stated: Hash) -> Result<Hash, Error> {
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
    pub(super) fn compare(&mut self, again: &str) -> Result<(), Error> {
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
