//! What can become of a destination.

use super::destination::{Destination, Network};
use super::half::Seen;

/// What became of a destination.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Seen in both; or its host or name is, at a place that was known before.
    StillThere {
        /// Where it is seen now, if not at the same place.
        at: Vec<Found>,
    },
    /// Shown in the later file only.
    New {
        /// What it is like, that is seen in both.
        like: Vec<Found>,
    },
    /// The same name or network at a new address.
    Moved {
        /// Where.
        to: Vec<Found>,
    },
    /// The same host at another port or by another protocol.
    Changed {
        /// Where.
        to: Vec<Found>,
    },
    /// Not in the later file, though the earlier rate predicts enough sightings.
    NotSeenAgain,
    /// Not in the later file, and that means nothing yet.
    TooShort(TooShort),
    /// What a file withholds or does not name stands against any judgement.
    NotComparable(Uncertain),
}

impl Verdict {
    /// The word in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::StillThere { .. } => "still-there",
            Self::New { .. } => "new",
            Self::Moved { .. } => "moved",
            Self::Changed { .. } => "changed",
            Self::NotSeenAgain => "not-seen-again",
            Self::TooShort(_) => "too-short",
            Self::NotComparable(_) => "not-comparable",
        }
    }

    /// Every word of [`Self::as_str`].
    pub const WORDS: [&'static str; 7] = [
        "still-there",
        "new",
        "moved",
        "changed",
        "not-seen-again",
        "too-short",
        "not-comparable",
    ];
}

/// Why it is too early to tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TooShort {
    /// Fewer sightings are to be expected than it takes.
    FewExpected,
    /// No time of the earlier file counts: nothing watched is shown whole.
    NothingBefore,
    /// Likewise the later one.
    NothingAfter,
    /// It was not seen to open in the time that counts, so there is no rate.
    NoRate,
    /// How often one looked is withheld.
    IntervalWithheld,
}

impl TooShort {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FewExpected => "few-expected",
            Self::NothingBefore => "nothing-before",
            Self::NothingAfter => "nothing-after",
            Self::NoRate => "no-rate",
            Self::IntervalWithheld => "interval-withheld",
        }
    }
}

/// What stands against a judgement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Uncertain {
    /// The file does not say who the owner is, so that nobody knows it again.
    OwnerNotKnown,
    /// The other file shows the same destination by an owner that it does not name.
    SeenByUnknown,
    /// The other file withholds the other end of entries that may be of this owner: so many.
    RemoteWithheld(u64),
    /// The later log does not keep what this owner opens, or does not say that it does.
    NotRecorded,
}

impl Uncertain {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnerNotKnown => "owner-not-known",
            Self::SeenByUnknown => "seen-by-unknown-owner",
            Self::RemoteWithheld(_) => "remote-withheld",
            Self::NotRecorded => "not-recorded",
        }
    }
}

/// What two destinations have in common.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Likeness {
    /// The address.
    Host,
    /// A name that both addresses were seen for.
    Name(Box<str>),
    /// The /24 or /48.
    Network(Network),
}

impl Likeness {
    /// The word in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Name(_) => "name",
            Self::Network(_) => "network",
        }
    }
}

/// A place that is like another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// Where.
    pub destination: Destination,
    /// In what.
    pub likeness: Likeness,
    /// What the later file shows of it.
    pub seen: Seen,
}
