//! What can go wrong with a file, a line, a name and a question.

use std::fmt;

use crate::Network;

/// Why a file is no list at all.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is larger than [`crate::List::MAX_BYTES`]. Caused by a wrong file.
    #[error("the file has {bytes} bytes, more than the {most} that a list may have")]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The bound in bytes.
        most: u64,
    },
    /// The file begins with a byte order mark of UTF-16 or UTF-32. Caused by an editor.
    #[error("the file is UTF-16 or UTF-32 text; save it as UTF-8")]
    Utf16,
    /// The file begins as a gzip, zip, xz, bzip2 or zstd file does.
    #[error("the file is compressed; unpack it first")]
    Compressed,
    /// The file is a compiled list, which is opened and not parsed.
    #[error("the file is a compiled list; name the file that it was built from")]
    Compiled,
    /// The file begins as JSON does and is not UTF-8 text.
    #[error("the file is JSON, and not UTF-8 text")]
    NotUtf8,
    /// The file begins as JSON does and is none. Caused by a download that was cut off, or a mistake of
    /// whoever wrote it.
    #[error("the file is no JSON from line {line}, column {column} on; get it again")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// The file is JSON, and no bundle of STIX 2.1.
    #[error("the file is JSON, but no STIX 2.1 bundle (\"type\": \"bundle\", \"objects\": […])")]
    NotABundle,
    /// The file says that it is a list of Portlog's own, and is not well-formed.
    #[error("line {line} of this list of Portlog's own: {what}")]
    Bundled {
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        what: Shown,
    },
    /// The file says that it is a list of Portlog's own, and is no text.
    #[error("the list is not UTF-8 text")]
    BundledNotUtf8,
}

/// Why a line could not be used. Caused by whoever wrote the list.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The line is longer than any entry.
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    /// The line is not UTF-8.
    #[error("the line is not UTF-8 text")]
    NotUtf8,
    /// The line has several words and does not begin with an address, as a hosts line does.
    #[error("several words, and the first is no address; write one entry a line")]
    SeveralWords,
    /// Digits and dots that are no IPv4 address.
    #[error("{0} is no IPv4 address")]
    NotIpv4(Shown),
    /// An octet begins with 0, which some programs read as octal.
    #[error("{0} has an octet with a leading zero, which some programs read as octal")]
    LeadingZero(Shown),
    /// Colons, but no IPv6 address.
    #[error("{0} is no IPv6 address")]
    NotIpv6(Shown),
    /// `0.0.0.0` or `::` alone: the address of no host.
    #[error("{0} is the address of no host")]
    Unspecified(Shown),
    /// An address with a zone (`%wlan0`).
    #[error("{0} has a zone, which means nothing outside one machine; leave %… out")]
    Zone(Shown),
    /// What follows the slash is not a length in bits.
    #[error("/{given} is no length of a network; 0 to {most} is")]
    BadPrefix {
        /// What stands there.
        given: Shown,
        /// 32 or 128.
        most: u8,
    },
    /// Bits are set behind the network's length.
    #[error("bits are set behind the network's length; the network is {0}")]
    HostBits(Network),
    /// A netmask instead of a length.
    #[error("a netmask instead of a length; write {0}")]
    Netmask(Network),
    /// A range of addresses.
    #[error("a range of addresses; write it as networks (ADDRESS/LENGTH)")]
    Range,
    /// A port is given.
    #[error("a port is given; entries are for all ports, write {0}")]
    Port(Shown),
    /// A URL.
    #[error("a URL; entries are hosts, write {0} (it covers every page of that host)")]
    Url(Shown),
    /// A host with a path.
    #[error("a path is given; entries are hosts, write {0} (it covers every page of that host)")]
    Path(Shown),
    /// A domain of a single label, which would cover a whole top-level domain.
    #[error("a single label covers all of a top-level domain; write *.{0} if that is meant")]
    SingleLabel(Shown),
    /// An address where a hosts line has its names.
    #[error("{0} stands where a name should; write an address on a line of its own")]
    AddressAsName(Shown),
    /// An object of a bundle that has no type.
    #[error("the object has no \"type\"")]
    NotAnObject,
    /// An indicator without a pattern.
    #[error("the indicator has no \"pattern\" that is text")]
    NotAnIndicator,
    /// An indicator's address is none.
    #[error("{0} is no address")]
    NotAnAddress(Shown),
    /// An indicator's URL is none.
    #[error("{0} is no URL")]
    NotAUrl(Shown),
    /// An indicator's app id is no name of a package.
    #[error("{0} is no name of a package")]
    NotAPackage(Shown),
    /// An indicator's digest is none of the kind that it is said to be.
    #[error("{0} is no digest of this kind")]
    NotADigest(Shown),
    /// The name is none.
    #[error("\"{name}\" is no host name: {reason}")]
    Host {
        /// The name as given.
        name: Shown,
        /// What is wrong with it.
        reason: HostError,
    },
}

/// Why a name is none (RFC 1035 §2.3.4, UTS #46).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Nothing is left of it.
    #[error("it is empty")]
    Empty,
    /// Two dots in a row, or one at the start.
    #[error("a label is empty")]
    EmptyLabel,
    /// A label has more than 63 bytes.
    #[error("a label is longer than 63 bytes")]
    LabelTooLong,
    /// The name has more than 253 bytes.
    #[error("it is longer than 253 bytes")]
    TooLong,
    /// A character that names do not have: all but letters, digits, `-` and `_` of ASCII.
    #[error("{0:?} is no character of a name")]
    BadCharacter(char),
    /// The name has no form in A-labels.
    #[error("it has no ASCII form (IDNA)")]
    NoAsciiForm,
    /// The last label is a number: a damaged address, not a name.
    #[error("it ends in a number, as addresses do, and is none")]
    EndsInNumber,
}

/// Why a line of a known kind is no rule here: it means something that a socket table cannot show.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// An Adblock rule about what a page shows (`##`, `#@#`, `#?#`, `$$` and their kin).
    #[error("a rule about what a page shows")]
    Cosmetic,
    /// An Adblock rule that holds only under conditions (`$third-party`).
    #[error("a rule under conditions ($…) that a connection does not show")]
    Options,
    /// An Adblock rule about a part of a host.
    #[error("a rule about a path, not a host")]
    Path,
    /// An Adblock rule about one port.
    #[error("a rule about one port")]
    Port,
    /// An Adblock rule without `^` at its end, which also covers longer names.
    #[error("without ^ at its end the rule also covers names that only begin so")]
    Open,
    /// A pattern or regular expression.
    #[error("a pattern, not a host")]
    Pattern,
    /// A `*` elsewhere than in front (`*.host`).
    #[error("a * elsewhere than in front (*.host)")]
    Wildcard,
    /// A directive for the program that reads the list (`!#include`, `!#if`).
    #[error("a directive of a blocker (!#…)")]
    Directive,
    /// A hosts line that leads its names to another machine instead of nowhere.
    #[error("leads names to another machine instead of nowhere; to list both, give each its line")]
    Redirect,
    /// An indicator that its author took back (`"revoked": true`).
    #[error("an indicator that its author took back")]
    Revoked,
    /// An indicator whose pattern is in another language than STIX's.
    #[error("an indicator in another pattern language than STIX's")]
    PatternLanguage,
    /// A pattern that is more than one comparison for equality.
    #[error("a pattern that is not a single comparison for equality")]
    Expression,
    /// An indicator about an app, and neither its id nor a digest of its certificate.
    #[error("an indicator about an app that no package list shows")]
    App,
    /// An indicator about a file, and no digest of it that package lists have.
    #[error("an indicator about a file, not a host or a package")]
    File,
    /// An indicator about something else that no connection shows (a process, a mail address).
    #[error("an indicator about something that no connection shows")]
    NoHost,
}

impl Unsupported {
    /// Every reason.
    pub(crate) const ALL: [Self; 15] = [
        Self::Cosmetic,
        Self::Options,
        Self::Path,
        Self::Port,
        Self::Open,
        Self::Pattern,
        Self::Wildcard,
        Self::Directive,
        Self::Redirect,
        Self::Revoked,
        Self::PatternLanguage,
        Self::Expression,
        Self::App,
        Self::File,
        Self::NoHost,
    ];

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Options => "options",
            Self::Path => "path",
            Self::Port => "port",
            Self::Open => "open",
            Self::Pattern => "pattern",
            Self::Wildcard => "wildcard",
            Self::Directive => "directive",
            Self::Redirect => "redirect",
            Self::Revoked => "revoked",
            Self::PatternLanguage => "pattern-language",
            Self::Expression => "expression",
            Self::App => "app",
            Self::File => "file",
            Self::NoHost => "no-host",
        }
    }
}

/// Why a question to the lists is none. Caused by whoever asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Nothing was asked.
    #[error("nothing was asked; give a host name or an address")]
    Empty,
    /// A network was given.
    #[error("a network was given; ask for one address, such as {0}")]
    Network(Shown),
    /// Anything else that is neither a name nor an address.
    #[error(transparent)]
    Line(#[from] LineError),
}

/// A piece of foreign text that is safe to show: bounded, control characters escaped.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Shown(Box<str>);

impl Shown {
    const MAX_CHARS: usize = 80;

    /// The text, cut where it is too long.
    pub(crate) fn new(text: &str) -> Self {
        let mut shown = String::new();
        for c in text.chars().take(Self::MAX_CHARS) {
            if c.is_control() || is_invisible(c) {
                shown.extend(c.escape_unicode());
            } else {
                shown.push(c);
            }
        }
        if text.chars().nth(Self::MAX_CHARS).is_some() {
            shown.push('…');
        }
        Self(shown.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Characters without a shape of their own, among them those that turn the direction of writing.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cut_and_cannot_steer_a_terminal() {
        assert_eq!(Shown::new("a\u{1b}[2Jb").as_str(), "a\\u{1b}[2Jb");
        assert_eq!(Shown::new("a\u{202e}b").as_str(), "a\\u{202e}b");
        assert_eq!(Shown::new("bücher.test").as_str(), "bücher.test");
        let long = "x".repeat(81);
        assert_eq!(Shown::new(&long).as_str(), format!("{}…", "x".repeat(80)));
        assert_eq!(Shown::new(&"x".repeat(80)).as_str(), "x".repeat(80));
    }
}
