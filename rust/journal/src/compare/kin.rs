//! What the destinations of one owner have in common: the host, a name, the network.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::destination::{Destination, Network, Way};
use super::half::Seen;
use super::verdict::{Found, Likeness, Verdict};

/// The most places that are named where something is now.
pub(super) const MAX_FOUND: usize = 8;
/// The most new addresses of a network among which the likest is looked for.
const MAX_BESIDE: usize = 64;

/// The places of an owner, with what was seen of each.
pub(super) type Places<'a> = BTreeMap<&'a Destination, Cow<'a, Seen>>;

/// The destinations of one owner by what they may have in common.
pub(super) struct Kin<'a> {
    before: &'a Places<'a>,
    after: &'a Places<'a>,
    hosts: BTreeMap<IpAddr, Vec<&'a Destination>>,
    names: BTreeMap<&'a str, Vec<&'a Destination>>,
    /// New addresses only.
    networks: BTreeMap<Network, Vec<&'a Destination>>,
    hosts_before: BTreeSet<IpAddr>,
    /// Names and networks of what is seen in both.
    common_names: BTreeMap<&'a str, &'a Destination>,
    common_networks: BTreeMap<Network, &'a Destination>,
    common_hosts: BTreeMap<IpAddr, &'a Destination>,
}

impl<'a> Kin<'a> {
    pub(super) fn new(before: &'a Places<'a>, after: &'a Places<'a>) -> Self {
        let mut kin = Self {
            before,
            after,
            hosts: BTreeMap::new(),
            names: BTreeMap::new(),
            networks: BTreeMap::new(),
            hosts_before: before
                .keys()
                .filter(|place| place.way == Way::To)
                .map(|place| place.address)
                .collect(),
            common_names: BTreeMap::new(),
            common_networks: BTreeMap::new(),
            common_hosts: BTreeMap::new(),
        };
        let to = |(destination, _): &(&&'a Destination, &Cow<'a, Seen>)| destination.way == Way::To;
        for (destination, seen) in after.iter().filter(to) {
            let common = before.contains_key(*destination);
            kin.hosts
                .entry(destination.address)
                .or_default()
                .push(destination);
            if let Some(network) = destination.network() {
                let beside = kin.networks.entry(network).or_default();
                if !kin.hosts_before.contains(&destination.address) && beside.len() < MAX_BESIDE {
                    beside.push(destination);
                }
                if common {
                    kin.common_networks.entry(network).or_insert(destination);
                }
            }
            for name in &seen.names {
                kin.names.entry(name).or_default().push(destination);
                if common {
                    kin.common_names.entry(name).or_insert(destination);
                }
            }
            if common {
                kin.common_hosts
                    .entry(destination.address)
                    .or_insert(destination);
            }
        }
        kin
    }

    /// Where something is now that is not where it was.
    pub(super) fn of(&self, destination: &Destination, seen: &Seen) -> Option<Verdict> {
        if destination.way != Way::To {
            return None;
        }
        let at_host = self.hosts.get(&destination.address);
        let at_host: Vec<Found> = self.found(at_host, |_| Likeness::Host);
        let (known, new) = self.parted(at_host);
        if !new.is_empty() {
            return Some(Verdict::Changed { to: new });
        }
        if !known.is_empty() {
            return Some(Verdict::StillThere { at: known });
        }
        let mut by_name: Vec<Found> = Vec::new();
        for name in &seen.names {
            for found in self.found(self.names.get(&**name), |_| Likeness::Name(name.clone())) {
                let is_there = |other: &Found| other.destination == found.destination;
                if by_name.len() < MAX_FOUND && !by_name.iter().any(is_there) {
                    by_name.push(found);
                }
            }
        }
        let (known, new): (Vec<Found>, Vec<Found>) = by_name
            .into_iter()
            .partition(|found| self.hosts_before.contains(&found.destination.address));
        if !new.is_empty() {
            return Some(Verdict::Moved { to: new });
        }
        if !known.is_empty() {
            return Some(Verdict::StillThere { at: known });
        }
        let network = destination.network()?;
        let beside = self.networks.get(&network).into_iter().flatten().copied();
        let same_service = |other: &&Destination| {
            (&other.protocol, other.port) == (&destination.protocol, destination.port)
        };
        let (same, other): (Vec<&Destination>, Vec<&Destination>) = beside.partition(same_service);
        let best = if same.is_empty() { other } else { same };
        let to = self.found(Some(&best), |_| Likeness::Network(network));
        (!to.is_empty()).then_some(Verdict::Moved { to })
    }

    /// What is seen in both that a new destination is like.
    pub(super) fn like(&self, destination: &Destination, seen: &Seen) -> Vec<Found> {
        if destination.way != Way::To {
            return Vec::new();
        }
        let host = self.common_hosts.get(&destination.address);
        if let Some(host) = host {
            return self.found(Some(&vec![*host]), |_| Likeness::Host);
        }
        for name in &seen.names {
            if let Some(named) = self.common_names.get(&**name) {
                return self.found(Some(&vec![*named]), |_| Likeness::Name(name.clone()));
            }
        }
        let Some(network) = destination.network() else {
            return Vec::new();
        };
        let beside = self.common_networks.get(&network);
        beside.map_or_else(Vec::new, |beside| {
            self.found(Some(&vec![*beside]), |_| Likeness::Network(network))
        })
    }

    fn found(
        &self,
        places: Option<&Vec<&'a Destination>>,
        likeness: impl Fn(&Destination) -> Likeness,
    ) -> Vec<Found> {
        places
            .into_iter()
            .flatten()
            .take(MAX_FOUND)
            .filter_map(|destination| {
                Some(Found {
                    destination: (*destination).clone(),
                    likeness: likeness(destination),
                    seen: self.after.get(*destination)?.clone().into_owned(),
                })
            })
            .collect()
    }

    /// Those that were known before, and those that were not.
    fn parted(&self, found: Vec<Found>) -> (Vec<Found>, Vec<Found>) {
        found
            .into_iter()
            .partition(|found| self.before.contains_key(&found.destination))
    }
}
