//! How sure a claim is, and what makes it less so.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Category, Firmware, ListHit, Moment, Role, Uid};

/// How much is claimed. Ordered: a later level is the stronger claim.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth a line in a daily summary.
    Noted,
    /// Shown silently: something weakens it.
    Possible,
    /// Sounds.
    Match,
}

impl Level {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Possible => "possible",
            Self::Match => "match",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that keeps a hit from being a match.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Weakening {
    /// The list's category is only noted.
    Category(Category),
    /// The kernel did not say who owns the socket.
    OwnerUnknown,
    /// Whether the owner comes with the phone is not certain.
    FirmwareUncertain(Firmware),
    /// The owner acts for others, or for its user.
    Role(Role),
    /// A datagram socket: whether anything was sent is not known.
    Datagram,
    /// The handshake was not seen to end.
    NotEstablished,
    /// The peer began.
    Inbound,
    /// Who began is not known.
    DirectionUnknown,
    /// The address was seen for the name elsewhere and earlier.
    PinnedAnswer,
    /// The name was asked for by another UID.
    AskedByAnother,
    /// Who asked for the name is not known.
    AskerUnknown,
    /// The name was not asked for shortly before: the answer's time to live and five minutes had
    /// run out when the connection was first seen, or it was asked for only afterwards.
    NotAskedJustBefore,
    /// A name was asked for, and that is all that is claimed: no connection is spoken of.
    NameAlone,
    /// The owner does not come with the phone, and only what does is in scope.
    OutOfScope,
    /// The address belongs to a content network or a cloud, which serves many from one address.
    ContentNetwork,
    /// Only a package's name is the same; any package may carry a name.
    PackageNameAlone,
}

/// A list entry that speaks of a connection's peer, and how much that claims.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Match {
    /// The entry.
    pub hit: ListHit,
    /// The claim.
    pub level: Level,
    /// What keeps the claim from being stronger, in order; empty for a match.
    pub weakened: Vec<Weakening>,
}

/// Where a name for an address was learnt.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NameSource {
    /// Someone on this machine asked for the name and was told this address.
    Tap,
    /// The address was seen for the name elsewhere.
    Pinned,
}

/// A name for an address: who asked for it, when, and how long the answer holds.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SeenName {
    /// The name, in lower case, A-labels, without a trailing dot.
    pub name: Arc<str>,
    /// The address.
    pub address: IpAddr,
    /// Where it was learnt.
    pub source: NameSource,
    /// Who asked, where known.
    pub asker: Option<Uid>,
    /// When it was learnt.
    pub at: Moment,
    /// How long the answer holds.
    pub ttl: Duration,
}
