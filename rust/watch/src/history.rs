//! What the engine remembers between runs. The caller stores it (serde), versioned, in a file.
//!
//! Everything is bounded. What is dropped is decided by what is remembered alone, never by a hash
//! or the order of arrival, so that two engines with the same past forget the same. Maps are stored
//! as sequences of pairs, since their keys are no strings.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{Connection, Endpoint, Inode, Level, Protocol, WallTime};
use serde::{Deserialize, Serialize};

use crate::firsts::Firsts;
use crate::key::{ClaimKey, OwnerKey, host};
use crate::sound::Sounded;

/// Claims that are remembered; beyond them the weakest and longest unused are dropped.
pub(crate) const MAX_CLAIMS: usize = 4_096;
/// Mutes that are remembered.
const MAX_MUTES: usize = 4_096;
/// Open connections by which a claim recognises after a restart what it counted before it.
const MAX_HELD: usize = 16;

/// The engine's memory: claims with their counts and cool-downs, what was seen for the first time,
/// what is muted, and what sounded.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct History {
    /// The engine's time at the latest look; `None` where nothing was ever looked at.
    pub(crate) time: Option<WallTime>,
    #[serde(with = "pairs")]
    pub(crate) claims: BTreeMap<ClaimKey, Claim>,
    pub(crate) firsts: Firsts,
    mutes: BTreeSet<MuteRule>,
    pub(crate) sounded: Sounded,
}

/// What is not to be told. It is still counted.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MuteRule {
    /// Nothing about this owner.
    Owner(OwnerKey),
    /// Nothing about this entry (its text, in whichever list).
    Entry(Arc<str>),
    /// Nothing about this remote address.
    Remote(IpAddr),
}

/// An owner, an entry and a remote address: what was counted and told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claim {
    /// When it was first seen, by the clock on the wall.
    pub first_seen: WallTime,
    /// When it was last seen, by the clock on the wall; never earlier than said before.
    pub last_seen: WallTime,
    /// How many connections.
    pub count: u64,
    /// The strongest that it ever was.
    pub level: Level,
    /// When and how it was told last; `None` where it never was (muted).
    pub(crate) raised: Option<Raised>,
    /// When a connection of it was last seen, by the engine's time.
    used: WallTime,
    /// Its connections that were open at the latest look, some of them.
    held: Vec<Held>,
}

/// How a claim was told last. The time is the engine's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Raised {
    pub(crate) level: Level,
    pub(crate) at: WallTime,
}

/// A connection, as recognised after a restart, when numbers are given anew.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Held {
    protocol: Protocol,
    local: (IpAddr, u16),
    remote_port: u16,
    inode: Option<Inode>,
    /// The strongest that it claimed.
    level: Level,
}

/// What a connection is to a claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sight {
    /// It was not counted before.
    New,
    /// It claims more than it did.
    Risen,
    /// It was counted, and claims no more than it did.
    Same,
}

impl History {
    /// Every claim, in order.
    pub fn claims(&self) -> impl Iterator<Item = (&ClaimKey, &Claim)> {
        self.claims.iter()
    }

    /// What was counted and told about `key`.
    pub fn claim(&self, key: &ClaimKey) -> Option<&Claim> {
        self.claims.get(key)
    }

    /// What is muted, in order.
    pub fn mutes(&self) -> impl Iterator<Item = &MuteRule> {
        self.mutes.iter()
    }

    /// How many addresses are remembered as destinations of firmware owners.
    pub fn destinations(&self) -> usize {
        self.firsts.destinations()
    }

    /// Mutes `rule`; `false` where it was muted already, or where there is no more room.
    pub fn mute(&mut self, rule: MuteRule) -> bool {
        self.mutes.len() < MAX_MUTES && self.mutes.insert(rule.canonical())
    }

    /// Takes a mute back; whether there was one.
    pub fn unmute(&mut self, rule: &MuteRule) -> bool {
        self.mutes.remove(&rule.clone().canonical())
    }

    pub(crate) fn mutes_claim(&self, key: &ClaimKey) -> bool {
        !self.mutes.is_empty()
            && (self.mutes_owner(&key.owner)
                || key
                    .peer
                    .address()
                    .is_some_and(|remote| self.mutes_remote(remote))
                || self
                    .mutes
                    .contains(&MuteRule::Entry(Arc::clone(&key.entry))))
    }

    pub(crate) fn mutes_owner(&self, owner: &OwnerKey) -> bool {
        !self.mutes.is_empty() && self.mutes.contains(&MuteRule::Owner(owner.clone()))
    }

    pub(crate) fn mutes_remote(&self, remote: IpAddr) -> bool {
        self.mutes.contains(&MuteRule::Remote(remote))
    }

    /// The claim about `key`'s entry and remote, with whichever owner, that counts `connection`.
    ///
    /// After a restart the kernel may have stopped telling whose a closing connection was; it is
    /// still the one that was counted.
    pub(crate) fn holder(&self, key: &ClaimKey, connection: &Connection) -> Option<ClaimKey> {
        let seen = Held::of(connection, Level::Noted);
        self.claims
            .iter()
            .find(|(other, claim)| {
                (&other.list, &other.entry, &other.peer) == (&key.list, &key.entry, &key.peer)
                    && claim.held.iter().any(|held| held.is(&seen))
            })
            .map(|(other, _)| other.clone())
    }

    /// Brings what came from a file within the bounds.
    pub(crate) fn bound(&mut self) {
        self.bound_claims();
        self.firsts.bound();
        while self.mutes.len() > MAX_MUTES {
            self.mutes.pop_last();
        }
        for claim in self.claims.values_mut() {
            claim.held.truncate(MAX_HELD);
        }
    }

    /// Drops an eighth where there are too many: a flood of weak claims never costs a strong one.
    pub(crate) fn bound_claims(&mut self) {
        if self.claims.len() <= MAX_CLAIMS {
            return;
        }
        let mut order: Vec<(Level, WallTime, ClaimKey)> = self
            .claims
            .iter()
            .map(|(key, claim)| (claim.level, claim.used, key.clone()))
            .collect();
        order.sort_unstable();
        let surplus = self.claims.len() - (MAX_CLAIMS - MAX_CLAIMS / 8);
        for (_, _, key) in order.into_iter().take(surplus) {
            self.claims.remove(&key);
        }
    }
}

impl MuteRule {
    /// The same rule with the host's own address, as claims have it.
    #[must_use]
    pub fn canonical(self) -> Self {
        match self {
            Self::Remote(remote) => Self::Remote(host(Endpoint::new(remote, 0))),
            Self::Entry(_) | Self::Owner(_) => self,
        }
    }
}

impl Claim {
    /// A claim that nothing was counted for yet, first seen at `wall`, at the engine's time `time`.
    pub(crate) fn new(level: Level, wall: WallTime, time: WallTime) -> Self {
        Self {
            first_seen: wall,
            last_seen: wall,
            count: 0,
            level,
            raised: None,
            used: time,
            held: Vec::new(),
        }
    }

    /// `connection` was seen with it, at `level`.
    pub(crate) fn touch(&mut self, level: Level, wall: WallTime, time: WallTime) {
        self.level = self.level.max(level);
        self.last_seen = self.last_seen.max(wall);
        self.used = self.used.max(time);
    }

    /// Counts a connection, seen at `level`, unless it was counted already, be it before a restart.
    pub(crate) fn count(&mut self, connection: &Connection, level: Level) -> Sight {
        let seen = Held::of(connection, level);
        if let Some(known) = self.held.iter_mut().find(|known| known.is(&seen)) {
            known.inode = known.inode.or(seen.inode);
            let risen = level > known.level;
            known.level = known.level.max(level);
            return if risen { Sight::Risen } else { Sight::Same };
        }
        self.count = self.count.saturating_add(1);
        if self.held.len() >= MAX_HELD {
            self.held.remove(0);
        }
        self.held.push(seen);
        Sight::New
    }

    /// Counts a question for a name.
    pub(crate) fn count_question(&mut self) -> Sight {
        self.count = self.count.saturating_add(1);
        Sight::New
    }

    /// `connection`, counted before, claims `level` now.
    pub(crate) fn raise(&mut self, connection: &Connection, level: Level) {
        let seen = Held::of(connection, level);
        if let Some(known) = self.held.iter_mut().find(|known| known.is(&seen)) {
            known.level = known.level.max(level);
        }
    }

    /// `connection` is gone.
    pub(crate) fn release(&mut self, connection: &Connection) {
        let gone = Held::of(connection, Level::Noted);
        self.held.retain(|held| !held.is(&gone));
    }

    /// Whether a connection that claims `level` makes the claim due to be told at `time`: the first
    /// time, when it claims more than was told, or when it is new after the cool-down.
    pub(crate) fn is_due(
        &self,
        level: Level,
        sight: Sight,
        time: WallTime,
        cool_down: Duration,
    ) -> bool {
        self.raised.is_none_or(|raised| match sight {
            Sight::New => level > raised.level || time.since(raised.at) >= cool_down,
            Sight::Risen => level > raised.level,
            Sight::Same => false,
        })
    }
}

impl Held {
    fn of(connection: &Connection, level: Level) -> Self {
        Self {
            protocol: connection.protocol(),
            local: (connection.local.address(), connection.local.port()),
            remote_port: connection.remote.port(),
            inode: connection.inode,
            level,
        }
    }

    /// Whether both are one connection: the tuple, split by inode only where both have one.
    fn is(&self, other: &Self) -> bool {
        let tuple = |held: &Self| (held.protocol, held.local, held.remote_port);
        tuple(self) == tuple(other)
            && (self.inode.is_none() || other.inode.is_none() || self.inode == other.inode)
    }
}

/// Removes the `surplus` entries of `map` with the earliest times, ties in order of the key.
pub(crate) fn drop_oldest<K: Clone + Ord>(map: &mut BTreeMap<K, WallTime>, surplus: usize) {
    let mut order: Vec<(WallTime, K)> = map.iter().map(|(key, at)| (*at, key.clone())).collect();
    order.sort_unstable();
    for (_, key) in order.into_iter().take(surplus) {
        map.remove(&key);
    }
}

/// Maps as sequences of pairs.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K, V, S>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
        V: Serialize,
        S: Serializer,
    {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
