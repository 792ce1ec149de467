//! What the names of an address are worth to one who asks.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{BootTime, Moment, NameSource, SeenName, Uid, Weakening};

use crate::pinned::Origin;
use crate::table::{Entry, Learnt};

/// How long after an answer's time to live a name still counts: programs keep addresses, and a
/// connection is seen a poll after it began.
pub const GRACE: Duration = Duration::from_mins(5);

/// A pinned answer older than this, by the clock on the wall, is not used.
pub const PINNED_FOR: Duration = Duration::from_hours(14 * 24);

/// What a name is worth for a connection.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Standing {
    /// The same UID asked for it, no longer ago than the answer's time to live and [`GRACE`].
    Asked,
    /// The same UID asked for it, but longer ago, or only afterwards.
    AskedTooLongAgo,
    /// Another UID asked for it. Someone on this machine did; nothing says that it was the owner.
    AskedByAnother,
    /// Someone on this machine asked for it; who is not known.
    AskerUnknown,
    /// Someone known asked for it; whose the connection is, is not known.
    OwnerUnknown,
    /// The address was seen for it elsewhere, at most [`PINNED_FOR`] ago.
    Pinned,
}

impl Standing {
    /// What keeps a hit on the name from being a match, if anything does.
    pub const fn weakening(self) -> Option<Weakening> {
        match self {
            Self::Asked => None,
            Self::AskedTooLongAgo => Some(Weakening::NotAskedJustBefore),
            Self::AskedByAnother => Some(Weakening::AskedByAnother),
            Self::AskerUnknown => Some(Weakening::AskerUnknown),
            Self::OwnerUnknown => Some(Weakening::OwnerUnknown),
            Self::Pinned => Some(Weakening::PinnedAnswer),
        }
    }
}

/// How a name led to the address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trail<'a> {
    /// By an answer on this machine.
    Asked {
        /// The names from the one that was asked for to the one that has the address, each an alias
        /// of the next. Never empty.
        chain: &'a [Arc<str>],
        /// Which of them this name is; 0 is the one that was asked for.
        position: usize,
    },
    /// By a pinned answer: whom it was asked of, and from where.
    Pinned(&'a Origin),
}

/// A name for the address that was looked up.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The name with its source, asker, time and time to live.
    pub seen: &'a SeenName,
    /// What it is worth.
    pub standing: Standing,
    /// Whether it was asked for, by whomever, no longer ago than its time to live and [`GRACE`].
    /// Always so for a pinned one, which is left out when it is too old.
    pub in_time: bool,
    /// How it led to the address.
    pub trail: Trail<'a>,
}

impl Named<'_> {
    /// Everything that keeps a hit on the name from being a match; nothing for [`Standing::Asked`].
    pub fn weakenings(&self) -> impl Iterator<Item = Weakening> + use<> {
        let first = self.standing.weakening();
        let late = Weakening::NotAskedJustBefore;
        let second = (!self.in_time && first != Some(late)).then_some(late);
        [first, second].into_iter().flatten()
    }
}

/// What is known of an address, for the owner of a connection at a time.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    pub(crate) entry: Option<&'a Entry>,
    pub(crate) uid: Option<Uid>,
    pub(crate) at: Moment,
}

impl<'a> Lookup<'a> {
    /// Whether names of at least [`SHARED_FROM`](crate::SHARED_FROM) registrations were seen to have
    /// this address: it is a host of many, and says little about which of them was meant.
    pub fn is_shared(&self) -> bool {
        self.entry.is_some_and(Entry::is_shared)
    }

    /// The names: those asked for here, the latest first, then the pinned ones that are not too old,
    /// by their name.
    pub fn names(&self) -> impl Iterator<Item = Named<'a>> + use<'a> {
        let Self { entry, uid, at } = *self;
        entry
            .into_iter()
            .flat_map(Entry::records)
            .filter_map(move |(seen, learnt)| named(seen, learnt, uid, at))
    }
}

/// Until when an answer counts.
pub(crate) fn counts_until(at: BootTime, ttl: Duration) -> BootTime {
    at.saturating_add(ttl.saturating_add(GRACE))
}

fn named<'a>(
    seen: &'a SeenName,
    learnt: &'a Learnt,
    uid: Option<Uid>,
    at: Moment,
) -> Option<Named<'a>> {
    let (trail, in_time) = match learnt {
        Learnt::Asked {
            chain,
            position,
            since,
        } => (
            Trail::Asked {
                chain,
                position: *position,
            },
            (*since..=counts_until(seen.at.boot, seen.ttl)).contains(&at.boot),
        ),
        Learnt::Pinned(origin) => (
            Trail::Pinned(origin),
            at.wall.since(seen.at.wall) <= PINNED_FOR,
        ),
    };
    let standing = match (seen.source, seen.asker, uid) {
        (NameSource::Pinned, _, _) if !in_time => return None,
        (NameSource::Pinned, _, _) => Standing::Pinned,
        (NameSource::Tap, None, _) => Standing::AskerUnknown,
        (NameSource::Tap, Some(_), None) => Standing::OwnerUnknown,
        (NameSource::Tap, Some(asker), Some(uid)) if asker != uid => Standing::AskedByAnother,
        (NameSource::Tap, Some(_), Some(_)) if in_time => Standing::Asked,
        (NameSource::Tap, Some(_), Some(_)) => Standing::AskedTooLongAgo,
    };
    Some(Named {
        seen,
        standing,
        in_time,
        trail,
    })
}
