//! The text form of pinned answers: what a list's names led to, where and when.
//!
//! docs/PINNED-FORMAT.md is the description; this reads and writes it. A file is read line by line
//! and never held as a whole in another form, so a large one costs its own size. Nothing is read
//! leniently: every line has one way to be written, and what is read and printed is the same bytes
//! again. A line that is not so costs that line, and says why.
//!
//! Each answer stands on a line of its own with its own date and ends in a line feed, so that a
//! resolution that was stopped goes on by appending, and a line that was torn by the stop is known
//! as such.

mod answer;
mod error;
mod line;

use std::sync::Arc;

pub use self::answer::{Outcome, PinnedAnswer};
pub use self::error::{BadLine, Error, LineError};
pub use self::line::{Line, PinnedList, Text};

/// The first line of every file.
pub const HEADER: &str = "portlog-pinned/1";

/// The most bytes of a file.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The most bytes of a line, without its line feed: a longest name with [`MAX_ADDRESSES`] of the
/// longest addresses fits.
pub const MAX_LINE: usize = 2_048;

/// The most addresses of one answer.
pub const MAX_ADDRESSES: usize = 32;

/// The most bytes of a resolver, a vantage or a comment.
pub const MAX_TEXT: usize = 200;

/// Whom the names were asked of, and from where.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin {
    resolver: Box<str>,
    vantage: Box<str>,
}

impl Origin {
    /// The origin with these words.
    pub fn new(resolver: Text<'_>, vantage: Text<'_>) -> Self {
        Self {
            resolver: resolver.as_str().into(),
            vantage: vantage.as_str().into(),
        }
    }

    /// The resolver: an address or a URL, and how it was reached.
    pub fn resolver(&self) -> &str {
        &self.resolver
    }

    /// Where the question was put from, in the words of who put it.
    pub fn vantage(&self) -> &str {
        &self.vantage
    }
}

/// One answer of a file, with its place and origin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pinned<'a> {
    /// Its line, from 1.
    pub line: u32,
    /// Whom it was asked of, shared by the answers that have the same.
    pub origin: Arc<Origin>,
    /// The answer.
    pub answer: PinnedAnswer<'a>,
}

/// A file of pinned answers.
#[derive(Clone, Copy, Debug)]
pub struct PinnedFile<'a> {
    body: &'a [u8],
}

impl<'a> PinnedFile<'a> {
    /// The file with these bytes, once its size and first line were looked at.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge {
                bytes: bytes.len(),
                most: MAX_BYTES,
            });
        }
        if let Some([b'\n', body @ ..]) = bytes.strip_prefix(HEADER.as_bytes()) {
            return Ok(Self { body });
        }
        let name = HEADER.trim_end_matches('1').as_bytes();
        Err(if bytes.starts_with(name) {
            Error::OtherVersion
        } else {
            Error::NotPinned
        })
    }

    /// Whether `bytes` begin as such a file does, of whatever version.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(HEADER.trim_end_matches('1').as_bytes())
    }

    /// The lines behind the first, with their numbers (from 2), in order.
    pub fn lines(&self) -> impl Iterator<Item = Result<(u32, Line<'a>), BadLine>> + use<'a> {
        (2..)
            .zip(self.body.split_inclusive(|byte| *byte == b'\n'))
            .map(|(line, bytes)| match Line::read(bytes) {
                Ok(read) => Ok((line, read)),
                Err(error) => Err(BadLine { line, error }),
            })
    }

    /// The lists whose names it has answers for.
    pub fn lists(&self) -> impl Iterator<Item = PinnedList<'a>> + use<'a> {
        self.lines().filter_map(|read| match read {
            Ok((_, Line::List(list))) => Some(list),
            _ => None,
        })
    }

    /// The answers, each with its origin, and the lines that are bad.
    pub fn answers(&self) -> impl Iterator<Item = Result<Pinned<'a>, BadLine>> + use<'a> {
        let mut resolver = None;
        let mut vantage = None;
        let mut origin: Option<Arc<Origin>> = None;
        self.lines().filter_map(move |read| {
            let (line, read) = match read {
                Ok(read) => read,
                Err(bad) => return Some(Err(bad)),
            };
            match read {
                Line::Resolver(text) => {
                    resolver = Some(text);
                    origin = None;
                    None
                }
                Line::Vantage(text) => {
                    vantage = Some(text);
                    origin = None;
                    None
                }
                Line::Comment(_) | Line::List(_) => None,
                Line::Answer(answer) => {
                    let (Some(resolver), Some(vantage)) = (resolver, vantage) else {
                        let error = LineError::NoOrigin;
                        return Some(Err(BadLine { line, error }));
                    };
                    let origin = origin
                        .get_or_insert_with(|| Arc::new(Origin::new(resolver, vantage)))
                        .clone();
                    Some(Ok(Pinned {
                        line,
                        origin,
                        answer,
                    }))
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
