//! One line, read and written.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use portlog_model::{Category, Sha256, WallTime};

use super::{LineError, MAX_ADDRESSES, MAX_LINE, MAX_TEXT, Outcome, PinnedAnswer};

/// A line behind the first. Printed, it is what stands in a file, without the line feed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line<'a> {
    /// `# TEXT`.
    Comment(Text<'a>),
    /// `list SHA256 CATEGORY NAME`: a list whose names are resolved.
    List(PinnedList<'a>),
    /// `resolver TEXT`: whom the answers below were asked of.
    Resolver(Text<'a>),
    /// `vantage TEXT`: where the answers below were asked from.
    Vantage(Text<'a>),
    /// `answer DATE OUTCOME TTL NAME ADDRESS…`.
    Answer(PinnedAnswer<'a>),
}

impl<'a> Line<'a> {
    /// Reads a line with its line feed.
    pub fn read(bytes: &'a [u8]) -> Result<Self, LineError> {
        let [bytes @ .., b'\n'] = bytes else {
            return Err(LineError::Torn);
        };
        if bytes.len() > MAX_LINE {
            return Err(LineError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| LineError::NotUtf8)?;
        let (kind, rest) = text.split_once(' ').ok_or(LineError::UnknownKind)?;
        match kind {
            "#" => Text::new(rest).map(Self::Comment),
            "list" => list(rest).map(Self::List),
            "resolver" => Text::new(rest).map(Self::Resolver),
            "vantage" => Text::new(rest).map(Self::Vantage),
            "answer" => answer(rest).map(Self::Answer),
            _ => Err(LineError::UnknownKind),
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(text) => write!(f, "# {text}"),
            Self::List(list) => {
                let PinnedList {
                    sha256,
                    category,
                    name,
                } = list;
                write!(f, "list {sha256} {category} {name}")
            }
            Self::Resolver(text) => write!(f, "resolver {text}"),
            Self::Vantage(text) => write!(f, "vantage {text}"),
            Self::Answer(answer) => write!(f, "answer {answer}"),
        }
    }
}

/// The words of a line, as they stand behind `answer`.
impl fmt::Display for PinnedAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = Timestamp::from_millisecond(self.seen().as_millis()).map_err(|_| fmt::Error)?;
        let (outcome, name) = (self.outcome(), self.name());
        match outcome {
            Outcome::Addresses { ttl, addresses } => {
                write!(f, "{seen} {} {ttl} {name}", outcome.as_str())?;
                addresses
                    .iter()
                    .try_for_each(|address| write!(f, " {address}"))
            }
            _ => write!(f, "{seen} {} - {name}", outcome.as_str()),
        }
    }
}

/// A list whose names a file has answers for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PinnedList<'a> {
    /// The digest of the list, over its file's bytes.
    pub sha256: Sha256,
    /// Its category.
    pub category: Category,
    /// What it is called.
    pub name: Text<'a>,
}

/// Words that stand alone to the end of a line.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// The text, unless it is empty, longer than [`MAX_TEXT`] bytes, begins or ends with a space, or
    /// has a control character or one that turns the direction of writing.
    pub fn new(text: &'a str) -> Result<Self, LineError> {
        let fits = (1..=MAX_TEXT).contains(&text.len());
        if fits && text.trim() == text && !text.chars().any(is_hidden) {
            Ok(Self(text))
        } else {
            Err(LineError::BadText)
        }
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether `c` changes how a line looks without being seen (UAX #9, and line separators).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn list(words: &str) -> Result<PinnedList<'_>, LineError> {
    let (sha256, rest) = words.split_once(' ').ok_or(LineError::BadList)?;
    let (category, name) = rest.split_once(' ').ok_or(LineError::BadList)?;
    Ok(PinnedList {
        sha256: digest(sha256).ok_or(LineError::BadDigest)?,
        category: category.parse().map_err(|_| LineError::BadCategory)?,
        name: Text::new(name)?,
    })
}

fn answer(words: &str) -> Result<PinnedAnswer<'_>, LineError> {
    let mut words = words.split(' ');
    let mut word = || words.next().ok_or(LineError::BadShape);
    let (seen, outcome, ttl, name) = (word()?, word()?, word()?, word()?);
    let seen = date(seen).ok_or(LineError::BadDate)?;
    let outcome = match outcome {
        "ok" => Outcome::Addresses {
            ttl: number(ttl).ok_or(LineError::BadTtl)?,
            addresses: addresses(&mut words)?,
        },
        "nodata" => Outcome::NoData,
        "nxdomain" => Outcome::NxDomain,
        "refused" => Outcome::Refused,
        "servfail" => Outcome::ServFail,
        "timeout" => Outcome::Timeout,
        _ => return Err(LineError::BadOutcome),
    };
    if !matches!(outcome, Outcome::Addresses { .. }) && ttl != "-" {
        return Err(LineError::BadTtl);
    }
    if words.next().is_some() {
        return Err(LineError::BadShape);
    }
    PinnedAnswer::new(name, seen, outcome)
}

fn addresses<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Vec<IpAddr>, LineError> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for word in words {
        let address: IpAddr = word.parse().map_err(|_| LineError::BadAddress)?;
        if address != address.to_canonical() || address.to_string() != word {
            return Err(LineError::BadAddress);
        }
        if addresses.last().is_some_and(|last| *last >= address) {
            return Err(LineError::AddressOrder);
        }
        if addresses.len() == MAX_ADDRESSES {
            return Err(LineError::TooManyAddresses);
        }
        addresses.push(address);
    }
    Ok(addresses)
}

/// A date in the one form that is written: whole seconds, UTC.
fn date(text: &str) -> Option<WallTime> {
    let stamp: Timestamp = text.parse().ok()?;
    (text.len() == 20 && stamp.to_string() == text)
        .then(|| WallTime::from_millis(stamp.as_millisecond()))
}

/// A number in the one form that is written: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn digest(text: &str) -> Option<Sha256> {
    let mut bytes = [0; 32];
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 64 || !text.bytes().all(is_digit) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(Sha256::new(bytes))
}
