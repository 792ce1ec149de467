//! The table: addresses, the order of their last use, and the bounds.

mod entry;

use std::collections::HashMap;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use portlog_model::{Moment, SeenName, Uid};

pub(crate) use self::entry::{Entry, Learnt};
use self::entry::{Pin, Tell};
use crate::address::{canonical, is_host};
use crate::answer::{Answer, Path, time_to_live};
use crate::lookup::Lookup;
use crate::pinned::{Origin, Outcome, PinnedAnswer};

/// An address is shared when names of this many registrations, by their looks (the last two labels;
/// three under `co.uk` and its like), were asked for or pinned and led to it. Names that are only
/// on the way there do not count: a host behind a content network has two registrations for itself.
pub const SHARED_FROM: usize = 4;

/// How many address records of one answer are looked at.
const MAX_ADDRESSES: usize = 64;

/// How much a [`NameTable`] keeps. What was asked for here and what was pinned have each its own
/// bounds, so that neither pushes the other out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Addresses that were answers here.
    pub addresses: usize,
    /// Names of one address that were asked for here, and again as many that were pinned; counted as
    /// one for each asker. At least one is kept.
    pub names_per_address: usize,
    /// Bytes for what was asked for here: an estimate from above, the allocator's own need aside.
    pub bytes: usize,
    /// Addresses of pinned answers.
    pub pinned_addresses: usize,
    /// Bytes for pinned answers, estimated alike.
    pub pinned_bytes: usize,
}

impl Default for Bounds {
    /// What a phone of 1 GB can spare: 8 MiB in all.
    fn default() -> Self {
        Self {
            addresses: 8_192,
            names_per_address: 16,
            bytes: 4 * 1024 * 1024,
            pinned_addresses: 16_384,
            pinned_bytes: 4 * 1024 * 1024,
        }
    }
}

/// What a [`NameTable`] was told, and what of it it did not keep.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Answers that were passed in.
    pub answers: u64,
    /// Answers for what is no name: empty, too long, or not printable ASCII.
    pub bad_names: u64,
    /// Answers whose aliases were not followed to their end: a loop, more than
    /// [`MAX_CHAIN`](crate::MAX_CHAIN) names, or no name.
    pub cut_chains: u64,
    /// Address records that the asked name does not lead to.
    pub unrelated: u64,
    /// Address records with an address of no other host: unspecified, loopback, multicast.
    pub no_host: u64,
    /// Address records beyond the 64th of an answer.
    pub surplus: u64,
    /// Addresses that were pushed out, with all names that were asked for.
    pub evicted_addresses: u64,
    /// Names that were pushed out by others of their address.
    pub evicted_names: u64,
    /// Pinned names for an address that found no room.
    pub pins_refused: u64,
}

/// Names for addresses, as [the crate](crate) says.
///
/// A repeated answer allocates nothing, and neither does a lookup.
#[derive(Debug, Default)]
pub struct NameTable {
    bounds: Bounds,
    /// Never iterated for an output: the order differs from run to run.
    entries: HashMap<IpAddr, Entry>,
    /// Of the addresses with names that were asked for: the one told latest, and longest ago.
    latest: Option<IpAddr>,
    oldest: Option<IpAddr>,
    asked: Held,
    pinned: Held,
    counts: Counts,
}

/// How much is held of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    addresses: usize,
    bytes: usize,
}

impl NameTable {
    /// An empty table.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    /// Learns what `answer` says. Every name on the way to an address is a name for it.
    pub fn learn(&mut self, answer: &Answer<'_>) {
        self.counts.answers += 1;
        let Some(path) = Path::follow(answer) else {
            self.counts.bad_names += 1;
            return;
        };
        self.counts.cut_chains += u64::from(path.cut);
        self.counts.surplus += answer.addresses.len().saturating_sub(MAX_ADDRESSES) as u64;
        let mut made = None;
        for record in answer.addresses.iter().take(MAX_ADDRESSES) {
            let Some(end) = path.position(record.name) else {
                self.counts.unrelated += 1;
                continue;
            };
            let address = canonical(record.address);
            if !is_host(address) {
                self.counts.no_host += 1;
                continue;
            }
            let tell = Tell {
                address,
                asker: answer.asker,
                at: answer.at,
                path: &path,
                end,
                ttl: record.ttl,
            };
            self.tell(&tell, &mut made);
        }
        self.keep_within_bounds();
    }

    /// Learns a pinned answer. Returns whether all of it is kept: pinned answers do not push each
    /// other out, as there is no telling which is of more use. Of two for one name and address the
    /// one with the later date is kept.
    ///
    /// `origin` is best shared by the answers that have the same.
    pub fn pin(&mut self, answer: &PinnedAnswer<'_>, origin: &Arc<Origin>) -> bool {
        let Outcome::Addresses { ttl, addresses } = answer.outcome() else {
            return true;
        };
        let mut pin = Pin {
            name: answer.name(),
            made: None,
            at: answer.seen(),
            ttl: time_to_live(*ttl),
            origin,
        };
        let mut all = true;
        for address in addresses.iter().copied().map(canonical) {
            if !is_host(address) {
                self.counts.no_host += 1;
                continue;
            }
            let kept = self.pin_one(address, &mut pin);
            self.counts.pins_refused += u64::from(!kept);
            all &= kept;
        }
        all
    }

    /// Forgets every pinned answer, before a list's are read anew.
    pub fn unpin_all(&mut self) {
        self.entries.retain(|_, entry| {
            entry.unpin();
            !entry.is_empty()
        });
        self.pinned = Held::default();
    }

    /// The names of `address` for a connection that `uid` has and that was first seen at `at`.
    pub fn lookup(&self, address: IpAddr, uid: Option<Uid>, at: Moment) -> Lookup<'_> {
        Lookup {
            entry: self.entries.get(&canonical(address)),
            uid,
            at,
        }
    }

    /// The names of `address`, in the order of [`Lookup::names`], pinned ones that are too old
    /// included: for who judges by [`SeenName`] alone.
    pub fn names_of(&self, address: IpAddr) -> &[SeenName] {
        self.entries
            .get(&canonical(address))
            .map_or(&[], Entry::seen)
    }

    /// How many addresses have names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no address has a name.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes held, as [`Bounds`] counts them.
    pub const fn bytes(&self) -> usize {
        self.asked.bytes + self.pinned.bytes
    }

    /// What was told and not kept.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn tell(&mut self, tell: &Tell<'_>, made: &mut Option<Arc<[Arc<str>]>>) {
        let entry = self.entries.entry(tell.address).or_default();
        let before = entry.asked_bytes();
        let is_new = before == 0;
        let evicted = entry.tell(tell, self.bounds.names_per_address.max(1), made);
        self.asked.bytes = self.asked.bytes - before + entry.asked_bytes();
        self.asked.addresses += usize::from(is_new);
        self.counts.evicted_names += evicted;
        if !is_new {
            self.unlink(tell.address);
        }
        self.link_as_latest(tell.address);
    }

    fn pin_one(&mut self, address: IpAddr, pin: &mut Pin<'_>) -> bool {
        let entry = self.entries.entry(address).or_default();
        let before = entry.pinned_bytes();
        let is_new = before == 0;
        let addresses = self.pinned.addresses + usize::from(is_new);
        let bytes = self.pinned.bytes - before + entry.pinned_bytes_with(pin);
        let fits = addresses <= self.bounds.pinned_addresses && bytes <= self.bounds.pinned_bytes;
        let kept = fits && entry.pin(address, pin, self.bounds.names_per_address.max(1));
        if kept {
            self.pinned = Held {
                addresses,
                bytes: self.pinned.bytes - before + entry.pinned_bytes(),
            };
        } else if entry.is_empty() {
            self.entries.remove(&address);
        }
        kept
    }

    fn keep_within_bounds(&mut self) {
        while self.asked.addresses > self.bounds.addresses || self.asked.bytes > self.bounds.bytes {
            let Some(address) = self.oldest else {
                return;
            };
            self.unlink(address);
            self.counts.evicted_addresses += 1;
            self.asked.addresses = self.asked.addresses.saturating_sub(1);
            let Some(entry) = self.entries.get_mut(&address) else {
                continue;
            };
            self.asked.bytes -= entry.asked_bytes();
            entry.forget_asked();
            if entry.is_empty() {
                self.entries.remove(&address);
            }
        }
    }

    fn link_as_latest(&mut self, address: IpAddr) {
        let second = self.latest.replace(address);
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.newer = None;
            entry.older = second;
        }
        match second.and_then(|second| self.entries.get_mut(&second)) {
            Some(second) => second.newer = Some(address),
            None => self.oldest = Some(address),
        }
    }

    fn unlink(&mut self, address: IpAddr) {
        let Some(entry) = self.entries.get_mut(&address) else {
            return;
        };
        let newer = mem::take(&mut entry.newer);
        let older = mem::take(&mut entry.older);
        match newer.and_then(|newer| self.entries.get_mut(&newer)) {
            Some(newer) => newer.older = older,
            None => self.latest = older,
        }
        match older.and_then(|older| self.entries.get_mut(&older)) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }
}

#[cfg(test)]
mod tests;
