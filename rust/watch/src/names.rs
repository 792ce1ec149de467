//! Names for addresses, as the engine asks for them.

use std::net::IpAddr;

use portlog_model::{Moment, SeenName, Uid, Weakening};
use portlog_names::{NameTable, Named};

/// A name for an address, and what it is worth for the connection that was asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownName {
    /// The name with its source, asker, time and time to live.
    pub seen: SeenName,
    /// What keeps a hit on it from being a match: nothing where the same UID asked for it shortly
    /// before the connection began.
    pub weakened: [Option<Weakening>; 2],
}

/// Knows names for addresses.
pub trait Names {
    /// Appends the names of `address` for a connection that `uid` has and that was first seen at
    /// `at`, in a fixed order, to `names`. Returns whether many names have the address.
    fn look_up(
        &self,
        address: IpAddr,
        uid: Option<Uid>,
        at: Moment,
        names: &mut Vec<KnownName>,
    ) -> bool;
}

impl Names for NameTable {
    fn look_up(
        &self,
        address: IpAddr,
        uid: Option<Uid>,
        at: Moment,
        names: &mut Vec<KnownName>,
    ) -> bool {
        let lookup = self.lookup(address, uid, at);
        names.extend(lookup.names().map(|name| KnownName::from(&name)));
        lookup.is_shared()
    }
}

impl From<&Named<'_>> for KnownName {
    fn from(named: &Named<'_>) -> Self {
        let mut weakenings = named.weakenings();
        Self {
            seen: named.seen.clone(),
            weakened: [weakenings.next(), weakenings.next()],
        }
    }
}

/// Knows no names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn look_up(&self, _: IpAddr, _: Option<Uid>, _: Moment, _: &mut Vec<KnownName>) -> bool {
        false
    }
}
