//! What two files say of each other: whether they are of one log, and who says that they are of one
//! phone.

use super::half::Half;
use crate::bundle::ShownEntry;
use crate::digest::Hash;
use crate::entry::Kind;
use crate::number;
use crate::origin::Origin;

/// A state of another log that a log names as what it follows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Names {
    /// That log.
    pub origin: Origin,
    /// Its size then; `None` where it is withheld.
    pub size: Option<u64>,
    /// Its root then; `None` where it is withheld.
    pub root: Option<Hash>,
}

impl Names {
    /// What a predecessor entry names; `None` where it withholds the log.
    pub(super) fn of(entry: &ShownEntry) -> Option<Self> {
        (entry.kind() == Kind::Predecessor).then_some(())?;
        Some(Self {
            origin: Origin::parse(entry.value("origin")?)?,
            size: entry.value("size").and_then(number::parse),
            root: entry.value("root").and_then(Hash::from_base64),
        })
    }
}

/// How two sides hang together. That two logs are of one phone, no file proves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Relation {
    /// They are of one log.
    SameLog,
    /// The later log names the earlier one as its predecessor.
    LaterNamesEarlier {
        /// Whether the state that it names is one of the earlier file's log; `None` where that cannot
        /// be told from these two files.
        is_its_state: Option<bool>,
    },
    /// The earlier log names the later one: the order that was given seems to be the wrong one.
    EarlierNamesLater,
    /// Only the operator says so.
    Stated,
}

/// How two sides hang together.
pub fn relate(before: &Half, after: &Half) -> Relation {
    if before.state.origin == after.state.origin {
        return Relation::SameLog;
    }
    let names = |one: &Half, other: &Half| {
        let named = |named: &&Names| named.origin == other.state.origin;
        one.predecessors.iter().rfind(named).cloned()
    };
    if let Some(named) = names(after, before) {
        let same_size = named.size == Some(before.state.size);
        let is_its_state = named
            .root
            .filter(|_| same_size)
            .map(|root| root == before.state.root);
        return Relation::LaterNamesEarlier { is_its_state };
    }
    if names(before, after).is_some() {
        return Relation::EarlierNamesLater;
    }
    Relation::Stated
}
