//! What can be wrong with a file of pinned answers.

use super::{MAX_ADDRESSES, MAX_LINE, MAX_TEXT};

/// Why a file is none of pinned answers.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is larger than [`super::MAX_BYTES`].
    #[error("the file has {bytes} bytes, more than the {most} that pinned answers may have")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The bound in bytes.
        most: usize,
    },
    /// The file is of another version of the format. Caused by another version of Portlog.
    #[error(
        "the file is of another version than {}; resolve its list anew",
        super::HEADER
    )]
    OtherVersion,
    /// The first line is another.
    #[error("the first line is not {}", super::HEADER)]
    NotPinned,
}

/// A line that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}")]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u32,
    /// What is wrong with it.
    #[source]
    pub error: LineError,
}

/// What is wrong with a line. Caused by a stop while it was written, an editor, or another program.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The last line does not end in a line feed: its writing was cut short.
    #[error("the line has no end; its writing was cut short")]
    Torn,
    /// The line is longer than [`MAX_LINE`].
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// The line is not UTF-8.
    #[error("the line is not UTF-8 text")]
    NotUtf8,
    /// The line begins with none of the words that lines begin with.
    #[error("the line begins with none of answer, list, resolver, vantage, #")]
    UnknownKind,
    /// A text is empty, longer than [`MAX_TEXT`], begins or ends with a space, or has a control
    /// character.
    #[error(
        "the text is empty, longer than {MAX_TEXT} bytes, has a space at an end, or a character that \
         is not shown"
    )]
    BadText,
    /// A list with too few words.
    #[error("a list has a digest, a category and a name")]
    BadList,
    /// A list's category is none.
    #[error("the category is none of own, threat, tracker, vendor-service, reported")]
    BadCategory,
    /// A list's digest is not 64 lower-case hexadecimal digits.
    #[error("the digest is not 64 lower-case hexadecimal digits")]
    BadDigest,
    /// An answer with too few words or too many.
    #[error("an answer has a date, an outcome, a time to live, a name and, if ok, addresses")]
    BadShape,
    /// The date is not written as `2026-01-31T23:59:59Z`, or not of 1970 to 2999.
    #[error("the date is not one of 1970 to 2999, written as 2026-01-31T23:59:59Z")]
    BadDate,
    /// The outcome is none of the format's.
    #[error("the outcome is none of ok, nodata, nxdomain, refused, servfail, timeout")]
    BadOutcome,
    /// The time to live is not a number from 0 to 2147483647 (for ok) or `-` (for all others).
    #[error("the time to live is not a number up to 2147483647 for ok, and - for all others")]
    BadTtl,
    /// The name is not in lower case and A-labels without a dot at its end.
    #[error("the name is not a host name in lower case and A-labels, without a dot at its end")]
    BadName,
    /// An address is none, or not in its shortest form.
    #[error("an address is none, or not in its canonical form")]
    BadAddress,
    /// The addresses are not in ascending order, or one is there twice.
    #[error("the addresses are not in ascending order, each once")]
    AddressOrder,
    /// More than [`MAX_ADDRESSES`].
    #[error("more than {MAX_ADDRESSES} addresses")]
    TooManyAddresses,
    /// `ok` without an address.
    #[error("ok without an address; that is nodata")]
    NoAddress,
    /// An answer before the lines that say whom it was asked of, and from where.
    #[error("no resolver and vantage line stands before the answer")]
    NoOrigin,
}
