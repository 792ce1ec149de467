//! What firmware owners were seen with before: their destinations and listeners.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{
    Connection, Direction, Firmware, NotedReason, Owner, Platform, Protocol, WallTime,
};
use serde::{Deserialize, Serialize};

use crate::Settings;
use crate::history::{drop_oldest, pairs};
use crate::key::{OwnerKey, host};

/// Owners that are remembered.
const MAX_OWNERS: usize = 1_024;
/// Destinations of one owner.
const MAX_DESTINATIONS: usize = 2_048;
/// Destinations in all.
const MAX_DESTINATIONS_IN_ALL: usize = 16_384;
/// Listeners of one owner.
const MAX_LISTENERS: usize = 256;
/// Bytes without a connection are noted at most this often for an owner.
const BYTES_AGAIN: Duration = Duration::from_hours(24);

/// Owners, and what each was seen with. Times are the engine's, of the latest sight.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Firsts {
    #[serde(with = "pairs")]
    owners: BTreeMap<OwnerKey, Known>,
}

#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
struct Known {
    #[serde(with = "pairs")]
    destinations: BTreeMap<IpAddr, WallTime>,
    #[serde(with = "pairs")]
    listeners: BTreeMap<Listener, WallTime>,
    /// When bytes without a connection were noted last.
    bytes: Option<WallTime>,
}

/// Where an owner listens.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Listener {
    protocol: Protocol,
    /// Whether only this machine can reach it.
    loopback: bool,
    /// The port (raw: the IP protocol); `None` for any that the kernel hands out by itself.
    port: Option<u16>,
}

/// What a connection may be the first of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum First {
    Destination(IpAddr),
    Listener(Listener),
}

impl First {
    /// What `connection` of `owner` may be the first of; see the crate's documentation on "Noted".
    pub(crate) fn of(settings: &Settings, owner: &Owner, connection: &Connection) -> Option<Self> {
        let comes_with_the_phone = match owner.firmware {
            Firmware::Mixed | Firmware::Preloaded | Firmware::Yes => true,
            Firmware::No | Firmware::Unknown => false,
        };
        let of_interest = settings.platform == Platform::Android
            && comes_with_the_phone
            && owner.roles.is_empty()
            && !connection.own
            && !connection.practice;
        if !of_interest {
            return None;
        }
        if connection.is_listener() {
            return Listener::of(settings, connection).map(Self::Listener);
        }
        let remote = connection.remote;
        let contacted = connection.direction != Direction::In
            && !remote.is_unset()
            && !remote.address().is_loopback();
        contacted.then(|| Self::Destination(host(remote)))
    }

    /// Why it is noted.
    pub(crate) const fn reason(self) -> NotedReason {
        match self {
            Self::Destination(_) => NotedReason::FirstSeenDestination,
            Self::Listener(_) => NotedReason::NewListener,
        }
    }

    /// The remote address, where there is one.
    pub(crate) const fn remote(self) -> Option<IpAddr> {
        match self {
            Self::Destination(remote) => Some(remote),
            Self::Listener(_) => None,
        }
    }
}

impl Listener {
    fn of(settings: &Settings, connection: &Connection) -> Option<Self> {
        let port = connection.local.port();
        let handed_out = settings.ephemeral_ports.contains(&port);
        let port = match connection.protocol() {
            Protocol::Tcp => (!handed_out).then_some(port),
            // On such a port it cannot be told from a client without a peer.
            Protocol::Udp | Protocol::UdpLite if handed_out || port == 0 => return None,
            Protocol::Raw | Protocol::Udp | Protocol::UdpLite => Some(port),
            Protocol::Icmp => return None,
        };
        Some(Self {
            protocol: connection.protocol(),
            loopback: connection.local.address().is_loopback(),
            port,
        })
    }
}

impl Firsts {
    /// Remembers that `owner` was seen with `first` at `time`; whether it never was before.
    pub(crate) fn remember(&mut self, owner: &OwnerKey, first: First, time: WallTime) -> bool {
        let known = self.known(owner);
        let before = match first {
            First::Destination(address) => known.destinations.insert(address, time),
            First::Listener(listener) => known.listeners.insert(listener, time),
        };
        let is_first = before.is_none();
        if is_first {
            self.bound();
        }
        is_first
    }

    /// `owner` was seen with `first` again, if that was not forgotten for want of room.
    pub(crate) fn touch(&mut self, owner: &OwnerKey, first: First, time: WallTime) {
        let Some(known) = self.owners.get_mut(owner) else {
            return;
        };
        let seen = match first {
            First::Destination(address) => known.destinations.get_mut(&address),
            First::Listener(listener) => known.listeners.get_mut(&listener),
        };
        if let Some(seen) = seen {
            *seen = time;
        }
    }

    /// Remembers that bytes without a connection are noted for `owner` at `time`; whether they are
    /// to be noted.
    pub(crate) fn remember_bytes(&mut self, owner: &OwnerKey, time: WallTime) -> bool {
        let known = self.known(owner);
        let due = known
            .bytes
            .is_none_or(|noted| time.since(noted) >= BYTES_AGAIN);
        if due {
            known.bytes = Some(time);
            self.bound();
        }
        due
    }

    pub(crate) fn destinations(&self) -> usize {
        self.owners
            .values()
            .map(|known| known.destinations.len())
            .sum()
    }

    /// Drops the longest unseen where there is too much, of the owner that has most.
    pub(crate) fn bound(&mut self) {
        for known in self.owners.values_mut() {
            shrink(&mut known.destinations, MAX_DESTINATIONS);
            shrink(&mut known.listeners, MAX_LISTENERS);
        }
        while self.destinations() > MAX_DESTINATIONS_IN_ALL {
            let most = self
                .owners
                .values_mut()
                .max_by_key(|known| known.destinations.len());
            let Some(known) = most else { break };
            let surplus = known.destinations.len().div_ceil(8);
            drop_oldest(&mut known.destinations, surplus);
        }
        while self.owners.len() > MAX_OWNERS {
            let longest_unseen = self
                .owners
                .iter()
                .min_by_key(|(_, known)| known.latest())
                .map(|(key, _)| key.clone());
            let Some(key) = longest_unseen else { break };
            self.owners.remove(&key);
        }
    }

    fn known(&mut self, owner: &OwnerKey) -> &mut Known {
        self.owners.entry(owner.clone()).or_default()
    }
}

impl Known {
    fn latest(&self) -> Option<WallTime> {
        let times = self
            .destinations
            .values()
            .chain(self.listeners.values())
            .chain(&self.bytes);
        times.copied().max()
    }
}

/// Brings `map` to seven eighths of `limit` where it has grown beyond it.
fn shrink<K: Clone + Ord>(map: &mut BTreeMap<K, WallTime>, limit: usize) {
    if map.len() > limit {
        drop_oldest(map, map.len() - (limit - limit / 8));
    }
}
