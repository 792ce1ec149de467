//! The names of one address.

use std::mem::size_of;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{BootTime, Moment, NameSource, SeenName, Uid, WallTime};

use super::SHARED_FROM;
use crate::answer::Path;
use crate::lookup::counts_until;
use crate::pinned::Origin;
use crate::registrable::registrable;

/// How a name was learnt, beside what [`SeenName`] says.
#[derive(Debug)]
pub(crate) enum Learnt {
    Asked {
        /// From the asked name to the one with the address.
        chain: Arc<[Arc<str>]>,
        /// Which of them it is.
        position: usize,
        /// Since when it was asked for again and again, each time before the last answer had ceased
        /// to count: a connection from before the last answer still has its name.
        since: BootTime,
    },
    Pinned(Arc<Origin>),
}

/// An answer for one address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tell<'a> {
    pub(crate) address: IpAddr,
    pub(crate) asker: Option<Uid>,
    pub(crate) at: Moment,
    pub(crate) path: &'a Path<'a>,
    /// Where on the path the name with the address stands.
    pub(crate) end: usize,
    /// Of the address record.
    pub(crate) ttl: u32,
}

/// A pinned answer for one address.
#[derive(Debug)]
pub(crate) struct Pin<'a> {
    pub(crate) name: &'a str,
    /// The name as it is kept, once there is need.
    pub(crate) made: Option<Arc<str>>,
    pub(crate) at: WallTime,
    pub(crate) ttl: Duration,
    pub(crate) origin: &'a Arc<Origin>,
}

/// The names of one address: those that were asked for, the latest first, then the pinned ones by
/// name.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    seen: Vec<SeenName>,
    /// As long as `seen`.
    learnt: Vec<Learnt>,
    /// How many of them were asked for.
    asked: usize,
    asked_bytes: usize,
    pinned_bytes: usize,
    /// Stays once it is so: that a name was pushed out does not make the address one host's.
    shared: bool,
    /// The address that was told next after this one.
    pub(super) newer: Option<IpAddr>,
    /// The address that was told before this one.
    pub(super) older: Option<IpAddr>,
}

/// An entry with its place in the hash table, which may be twice as large as needed.
const ENTRY: usize = 2 * (size_of::<Entry>() + size_of::<IpAddr>());
const RECORD: usize = size_of::<SeenName>() + size_of::<Learnt>();
/// The counts of an `Arc`, and a pointer to it.
const ARC: usize = 4 * size_of::<usize>();

impl Entry {
    pub(crate) fn seen(&self) -> &[SeenName] {
        &self.seen
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (&SeenName, &Learnt)> {
        self.seen.iter().zip(&self.learnt)
    }

    pub(crate) const fn is_shared(&self) -> bool {
        self.shared
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Bytes of what was asked for; 0 where nothing was.
    pub(super) const fn asked_bytes(&self) -> usize {
        self.asked_bytes
    }

    /// Bytes of what was pinned; 0 where nothing was.
    pub(super) const fn pinned_bytes(&self) -> usize {
        self.pinned_bytes
    }

    /// Bytes of what will have been pinned with `pin`.
    pub(super) fn pinned_bytes_with(&self, pin: &Pin<'_>) -> usize {
        let fixed = if self.pinned_bytes == 0 { ENTRY } else { 0 };
        match self.pin_of(pin.name) {
            Ok(index) => match self.learnt.get(index) {
                Some(Learnt::Pinned(origin)) => {
                    self.pinned_bytes - pinned_cost(pin.name, origin)
                        + pinned_cost(pin.name, pin.origin)
                }
                _ => self.pinned_bytes,
            },
            Err(_) => self.pinned_bytes + fixed + pinned_cost(pin.name, pin.origin),
        }
    }

    /// Learns the names on the way to this address; how many others had to go. `made` is the way as
    /// it is kept, once another address of the answer needed it.
    pub(super) fn tell(
        &mut self,
        tell: &Tell<'_>,
        most: usize,
        made: &mut Option<Arc<[Arc<str>]>>,
    ) -> u64 {
        if self.asked == 0 {
            self.asked_bytes = ENTRY;
        }
        let chain = self.chain(tell, made);
        let mut evicted = 0;
        // From the far end, so that the asked name is the latest.
        for (position, name) in chain.iter().enumerate().rev() {
            let ttl = tell.path.holds(position, tell.end, tell.ttl);
            if let Some(index) = self.asked_record(name, tell.asker) {
                self.retell(index, tell, ttl, &chain, position);
                continue;
            }
            if self.asked >= most {
                self.evict_name(tell.at);
                evicted += 1;
            }
            self.insert(tell, ttl, &chain, position);
        }
        evicted
    }

    /// Keeps a pinned name; `false` where there is no room.
    pub(super) fn pin(&mut self, address: IpAddr, pin: &mut Pin<'_>, most: usize) -> bool {
        let index = match self.pin_of(pin.name) {
            Ok(index) => {
                let (Some(seen), Some(learnt)) =
                    (self.seen.get_mut(index), self.learnt.get_mut(index))
                else {
                    return false;
                };
                if seen.at.wall > pin.at {
                    return true;
                }
                if let Learnt::Pinned(origin) = learnt {
                    self.pinned_bytes -= pinned_cost(pin.name, origin);
                    *origin = Arc::clone(pin.origin);
                }
                seen.at.wall = pin.at;
                seen.ttl = pin.ttl;
                self.pinned_bytes += pinned_cost(pin.name, pin.origin);
                return true;
            }
            Err(index) => index,
        };
        if self.seen.len() - self.asked >= most {
            return false;
        }
        if self.pinned_bytes == 0 {
            self.pinned_bytes = ENTRY;
        }
        self.pinned_bytes += pinned_cost(pin.name, pin.origin);
        let name = pin.made.get_or_insert_with(|| Arc::from(pin.name));
        self.seen.reserve_exact(1);
        self.seen.insert(
            index,
            SeenName {
                name: Arc::clone(name),
                address,
                source: NameSource::Pinned,
                asker: None,
                at: Moment {
                    wall: pin.at,
                    boot: BootTime::from_nanos(0),
                },
                ttl: pin.ttl,
            },
        );
        self.learnt.reserve_exact(1);
        self.learnt
            .insert(index, Learnt::Pinned(Arc::clone(pin.origin)));
        self.mark_if_shared();
        true
    }

    /// Forgets what was pinned.
    pub(super) fn unpin(&mut self) {
        self.seen.truncate(self.asked);
        self.learnt.truncate(self.asked);
        self.pinned_bytes = 0;
    }

    /// Forgets what was asked for.
    pub(super) fn forget_asked(&mut self) {
        self.seen.drain(..self.asked);
        self.learnt.drain(..self.asked);
        self.seen.shrink_to_fit();
        self.learnt.shrink_to_fit();
        self.asked = 0;
        self.asked_bytes = 0;
    }

    /// The way to this address: one that is kept already, else a new one.
    fn chain(&self, tell: &Tell<'_>, made: &mut Option<Arc<[Arc<str>]>>) -> Arc<[Arc<str>]> {
        let is_it = |chain: &[Arc<str>]| {
            chain.len() == tell.end + 1
                && chain
                    .iter()
                    .zip(tell.path.names())
                    .all(|(kept, name)| kept.eq_ignore_ascii_case(name))
        };
        let kept = self.learnt.iter().find_map(|learnt| match learnt {
            Learnt::Asked { chain, .. } if is_it(chain) => Some(chain),
            _ => None,
        });
        if let Some(chain) = kept.or(made.as_ref().filter(|chain| is_it(chain))) {
            return Arc::clone(chain);
        }
        let names = tell.path.names().take(tell.end + 1);
        let chain: Arc<[Arc<str>]> = names
            .map(|name| Arc::from(name.to_ascii_lowercase()))
            .collect();
        *made = Some(Arc::clone(&chain));
        chain
    }

    fn asked_record(&self, name: &str, asker: Option<Uid>) -> Option<usize> {
        self.seen
            .iter()
            .take(self.asked)
            .position(|seen| seen.asker == asker && *seen.name == *name)
    }

    /// Where the pinned `name` is, or belongs.
    fn pin_of(&self, name: &str) -> Result<usize, usize> {
        self.seen
            .get(self.asked..)
            .unwrap_or_default()
            .binary_search_by(|seen| (*seen.name).cmp(name))
            .map(|index| self.asked + index)
            .map_err(|index| self.asked + index)
    }

    fn retell(
        &mut self,
        index: usize,
        tell: &Tell<'_>,
        ttl: Duration,
        chain: &Arc<[Arc<str>]>,
        position: usize,
    ) {
        let (
            Some(seen),
            Some(Learnt::Asked {
                chain: way,
                position: place,
                since,
            }),
        ) = (self.seen.get_mut(index), self.learnt.get_mut(index))
        else {
            return;
        };
        if tell.at.boot < seen.at.boot {
            // Answers overtook each other: this one only reaches further back.
            if tell.at.boot < *since && counts_until(tell.at.boot, ttl) >= *since {
                *since = tell.at.boot;
            }
            return;
        }
        if counts_until(seen.at.boot, seen.ttl) < tell.at.boot {
            *since = tell.at.boot;
        }
        seen.at = tell.at;
        seen.ttl = ttl;
        *place = position;
        if !Arc::ptr_eq(way, chain) {
            self.asked_bytes -= asked_cost(way);
            self.asked_bytes += asked_cost(chain);
            *way = Arc::clone(chain);
        }
        if let Some(newer) = self.seen.get_mut(..=index) {
            newer.rotate_right(1);
        }
        if let Some(newer) = self.learnt.get_mut(..=index) {
            newer.rotate_right(1);
        }
    }

    /// Keeps the name at `position` of `chain` as the latest.
    fn insert(&mut self, tell: &Tell<'_>, ttl: Duration, chain: &Arc<[Arc<str>]>, position: usize) {
        let Some(name) = chain.get(position) else {
            return;
        };
        self.asked_bytes += asked_cost(chain);
        self.asked += 1;
        self.seen.reserve_exact(1);
        self.seen.insert(
            0,
            SeenName {
                name: Arc::clone(name),
                address: tell.address,
                source: NameSource::Tap,
                asker: tell.asker,
                at: tell.at,
                ttl,
            },
        );
        self.learnt.reserve_exact(1);
        self.learnt.insert(
            0,
            Learnt::Asked {
                chain: Arc::clone(chain),
                position,
                since: tell.at.boot,
            },
        );
        self.mark_if_shared();
    }

    /// Pushes out the name that was of use longest ago: one that no longer counts, else one of the
    /// asker who has most names here.
    fn evict_name(&mut self, now: Moment) {
        let asked = self.seen.get(..self.asked).unwrap_or_default();
        let is_over = |seen: &SeenName| counts_until(seen.at.boot, seen.ttl) < now.boot;
        let of_asker = |asker| asked.iter().filter(|seen| seen.asker == asker).count();
        let crowded = || {
            let by_share = |(index, seen): (usize, &SeenName)| (of_asker(seen.asker), index);
            asked.iter().enumerate().map(by_share).max()
        };
        let Some(index) = asked
            .iter()
            .rposition(is_over)
            .or_else(|| crowded().map(|(_, index)| index))
        else {
            return;
        };
        self.seen.remove(index);
        if let Learnt::Asked { chain, .. } = self.learnt.remove(index) {
            self.asked_bytes -= asked_cost(&chain);
        }
        self.asked -= 1;
    }

    fn mark_if_shared(&mut self) {
        if self.shared {
            return;
        }
        let named = || {
            self.records()
                .filter(|(_, learnt)| !matches!(learnt, Learnt::Asked { position: 1.., .. }))
                .map(|(seen, _)| registrable(&seen.name))
        };
        let distinct = named()
            .enumerate()
            .filter(|(index, name)| !named().take(*index).any(|before| before == *name))
            .count();
        self.shared = distinct >= SHARED_FROM;
    }
}

/// Bytes for one name with its way, as if no other shared it.
fn asked_cost(chain: &[Arc<str>]) -> usize {
    let names: usize = chain.iter().map(|name| ARC + name.len()).sum();
    RECORD + ARC + names
}

/// Bytes for one pinned name with its origin, as if no other shared it.
fn pinned_cost(name: &str, origin: &Origin) -> usize {
    RECORD
        + ARC
        + name.len()
        + ARC
        + size_of::<Origin>()
        + origin.resolver().len()
        + origin.vantage().len()
}
