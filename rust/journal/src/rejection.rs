//! Why a file is not what was signed: every rejection, by number and name as docs/LOG-FORMAT.md has
//! them.

use std::fmt;

/// The reason of a rejection.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Fault {
    /// More bytes than the bundle's mode may have.
    TooLarge,
    /// Not UTF-8, or a character that no line may have.
    NotText,
    /// A line longer than any can be.
    LineTooLong,
    /// The first line is not that of this version.
    Version,
    /// A line is not what the grammar has in its place.
    Syntax,
    /// A number is not canonical or too large.
    Number,
    /// Base64 is not canonical, or not of the length wanted.
    Base64,
    /// The file ends before its `end` line.
    Truncated,
    /// Something follows the `end` line.
    Trailing,
    /// The digest in the `end` line is not the file's.
    EndHash,
    /// Written again, it is not the same bytes.
    NotCanonical,
    /// A count is beyond its limit.
    TooMany,
    /// An entry of a kind that this version does not know.
    UnknownKind,
    /// A field is missing, unknown, doubled or out of order.
    Fields,
    /// A value is not of its field's type.
    Value,
    /// Indices do not ascend, are not consecutive, or reach the size.
    IndexOrder,
    /// A session that an entry cannot have.
    Session,
    /// A proof is longer or shorter than index and size ask for.
    ProofLength,
    /// An entry's proof does not lead to the signed root.
    ProofRoot,
    /// The leaves do not add up to the signed root.
    LeavesRoot,
    /// The header's counts are not what is there.
    ShownCount,
    /// A UID is disclosed twice in a packages entry.
    OwnerTwice,
    /// A checkpoint is not of the form of one.
    Note,
    /// A part is of another origin than the header.
    Origin,
    /// A key is malformed, or one with which nothing can be proven.
    Key,
    /// The first key does not hash to the origin.
    OriginKey,
    /// A signature that must be there is not.
    SignatureMissing,
    /// A signature in the log's name is wrong.
    Signature,
    /// A signature in the log's name by a key that may not sign this.
    SignatureForeign,
    /// Two signature lines of the same key, or the log's own out of place.
    SignatureTwice,
    /// Epochs are not 0, 1, 2, …, or their boundaries do not ascend.
    EpochOrder,
    /// A boundary's entry does not say what its epoch says.
    EpochEntry,
    /// An epoch entry's proof does not lead to its boundary's root.
    EpochProof,
    /// A consistency proof does not connect its two checkpoints.
    Consistency,
    /// An epoch entry is shown that is not listed, or not the same as listed.
    EpochUnlisted,
    /// A boundary is larger than the checkpoint.
    EpochAfter,
    /// Two keys that follow each other have the same id.
    KeyIdClash,
    /// Earlier checkpoints do not ascend, or are not earlier.
    EarlierOrder,
    /// A known witness's line is wrong, or its time is out of range.
    Cosignature,
    /// The two states of a fork file can both be true.
    NoFork,
}

impl Fault {
    /// Every fault, in order of number.
    pub const ALL: [Self; 40] = [
        Self::TooLarge,
        Self::NotText,
        Self::LineTooLong,
        Self::Version,
        Self::Syntax,
        Self::Number,
        Self::Base64,
        Self::Truncated,
        Self::Trailing,
        Self::EndHash,
        Self::NotCanonical,
        Self::TooMany,
        Self::UnknownKind,
        Self::Fields,
        Self::Value,
        Self::IndexOrder,
        Self::Session,
        Self::ProofLength,
        Self::ProofRoot,
        Self::LeavesRoot,
        Self::ShownCount,
        Self::OwnerTwice,
        Self::Note,
        Self::Origin,
        Self::Key,
        Self::OriginKey,
        Self::SignatureMissing,
        Self::Signature,
        Self::SignatureForeign,
        Self::SignatureTwice,
        Self::EpochOrder,
        Self::EpochEntry,
        Self::EpochProof,
        Self::Consistency,
        Self::EpochUnlisted,
        Self::EpochAfter,
        Self::KeyIdClash,
        Self::EarlierOrder,
        Self::Cosignature,
        Self::NoFork,
    ];

    /// Its number, such as `R19`, and its name, such as `proof-root`.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::TooLarge => ("R01", "too-large"),
            Self::NotText => ("R02", "not-text"),
            Self::LineTooLong => ("R03", "line-too-long"),
            Self::Version => ("R04", "version"),
            Self::Syntax => ("R05", "syntax"),
            Self::Number => ("R06", "number"),
            Self::Base64 => ("R07", "base64"),
            Self::Truncated => ("R08", "truncated"),
            Self::Trailing => ("R09", "trailing"),
            Self::EndHash => ("R10", "end-hash"),
            Self::NotCanonical => ("R11", "not-canonical"),
            Self::TooMany => ("R12", "too-many"),
            Self::UnknownKind => ("R13", "unknown-kind"),
            Self::Fields => ("R14", "fields"),
            Self::Value => ("R15", "value"),
            Self::IndexOrder => ("R16", "index-order"),
            Self::Session => ("R17", "session"),
            Self::ProofLength => ("R18", "proof-length"),
            Self::ProofRoot => ("R19", "proof-root"),
            Self::LeavesRoot => ("R20", "leaves-root"),
            Self::ShownCount => ("R21", "shown-count"),
            Self::OwnerTwice => ("R22", "owner-twice"),
            Self::Note => ("R23", "note"),
            Self::Origin => ("R24", "origin"),
            Self::Key => ("R25", "key"),
            Self::OriginKey => ("R26", "origin-key"),
            Self::SignatureMissing => ("R27", "signature-missing"),
            Self::Signature => ("R28", "signature"),
            Self::SignatureForeign => ("R29", "signature-foreign"),
            Self::SignatureTwice => ("R30", "signature-twice"),
            Self::EpochOrder => ("R31", "epoch-order"),
            Self::EpochEntry => ("R32", "epoch-entry"),
            Self::EpochProof => ("R33", "epoch-proof"),
            Self::Consistency => ("R34", "consistency"),
            Self::EpochUnlisted => ("R35", "epoch-unlisted"),
            Self::EpochAfter => ("R36", "epoch-after"),
            Self::KeyIdClash => ("R37", "key-id-clash"),
            Self::EarlierOrder => ("R38", "earlier-order"),
            Self::Cosignature => ("R39", "cosignature"),
            Self::NoFork => ("R40", "no-fork"),
        }
    }

    /// Its number, such as `R19`.
    pub const fn number(self) -> &'static str {
        self.words().0
    }

    /// Its name, such as `proof-root`.
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// The rejection for this reason; `detail` says more, for people.
    pub(crate) fn because(self, detail: impl Into<String>) -> Rejection {
        Rejection {
            fault: self,
            line: None,
            detail: detail.into(),
        }
    }
}

/// Number and name.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, name) = self.words();
        write!(f, "{number} {name}")
    }
}

/// A file, a note or a key was refused. Nothing in it may be shown as part of a log.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{fault}: {detail}{}", Line(*line))]
pub struct Rejection {
    /// The reason.
    pub fault: Fault,
    /// The line at which it was found, from 1, where there is one.
    pub line: Option<u64>,
    /// More, for people. Text of the file in it is escaped.
    pub detail: String,
}

impl Rejection {
    /// The same, found at `line` unless a line is known already.
    pub(crate) fn at(mut self, line: u64) -> Self {
        self.line.get_or_insert(line);
        self
    }
}

/// ` (line 7)`, or nothing.
struct Line(Option<u64>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) => write!(f, " (line {line})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_the_specification_has_each_name() {
        let page = include_str!("../../../docs/LOG-FORMAT.md");
        for (position, fault) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(fault.number(), format!("R{:02}", position + 1));
            let row = format!("| {} | {} |", fault.number(), fault.name());
            assert!(page.contains(&row), "{row}");
        }
        assert!(!page.contains(&format!("| R{:02} |", Fault::ALL.len() + 1)));
    }

    #[test]
    fn a_rejection_names_its_reason_and_the_first_line() {
        let rejection = Fault::ProofRoot.because("entry 512").at(9).at(11);
        assert_eq!(rejection.to_string(), "R19 proof-root: entry 512 (line 9)");
    }
}
