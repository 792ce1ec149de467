//! What a capture shows of a host: its flows, whatever the capture's format.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;

use portlog_model::Endpoint;

/// Flows beyond these are not kept: a bound on memory, not on what a day's capture of a phone has.
pub(super) const MAX_FLOWS: usize = 4_000_000;

/// A pair of ends that was silent for longer begins a new flow when it speaks again. RFC 5382 lets a
/// router forget a TCP connection after two hours, RFC 4787 a UDP one after five minutes.
const TCP_IDLE_MILLIS: i64 = 2 * 60 * 60 * 1_000;
const UDP_IDLE_MILLIS: i64 = 5 * 60 * 1_000;

/// The protocols that a log and a capture can both name ends of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// The word of logs, of Zeek and of outputs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// The transport of this word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Tcp, Self::Udp]
            .into_iter()
            .find(|transport| transport.as_str() == word)
    }

    const fn idle_millis(self) -> i64 {
        match self {
            Self::Tcp => TCP_IDLE_MILLIS,
            Self::Udp => UDP_IDLE_MILLIS,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Packets of one pair of ends, in both directions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Flow {
    /// What it speaks.
    pub(crate) transport: Transport,
    /// The host's end.
    pub(crate) local: Endpoint,
    /// The other end.
    pub(crate) remote: Endpoint,
    /// Its first packet, in milliseconds since 1970 by the capture's clock.
    pub(crate) first: i64,
    /// Its last packet, likewise.
    pub(crate) last: i64,
    /// Whether its first packet is the first there was: a TCP segment that asks for a connection.
    pub(crate) began: bool,
}

/// A capture as far as it speaks of a host.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// Flows of the host, in order of their first packets.
    pub(crate) flows: Vec<Flow>,
    /// The first and the last packet, of whomever.
    pub(crate) period: Option<(i64, i64)>,
    /// What else was in it.
    pub(crate) counts: CaptureCounts,
    /// Why its end could not be read, where that is so. What comes before counts.
    pub(crate) cut: Option<String>,
}

/// What a capture holds, whether it can be compared or not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct CaptureCounts {
    /// Packets, or lines of Zeek.
    pub(crate) records: u64,
    /// Those with the host at neither end, or at both.
    pub(crate) of_others: u64,
    /// Those that are neither TCP nor UDP.
    pub(crate) other_protocols: u64,
    /// Later fragments, which name no ports.
    pub(crate) fragments: u64,
    /// Those that could not be read.
    pub(crate) unreadable: u64,
    /// Flows of the host beyond those that are kept.
    pub(crate) flows_left_out: u64,
    /// The hosts with the most records, for who has to choose one: address and records.
    pub(crate) busiest: Vec<(IpAddr, u64)>,
}

/// Whose flows are looked for.
pub(crate) type Hosts = BTreeSet<IpAddr>;

/// One packet, or what one line of Zeek says of many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) transport: Transport,
    pub(super) source: Endpoint,
    pub(super) destination: Endpoint,
    pub(super) first: i64,
    pub(super) last: i64,
    /// It asks for a connection, and is no answer.
    pub(super) asks: bool,
    /// It ends one.
    pub(super) ends: bool,
}

/// Puts packets together.
#[derive(Debug)]
pub(super) struct Gatherer<'a> {
    hosts: &'a Hosts,
    capture: Capture,
    /// Where the latest flow of two ends stands, and whether it was ended.
    latest: HashMap<(Transport, Endpoint, Endpoint), (usize, bool)>,
    talkers: BTreeMap<IpAddr, u64>,
}

impl<'a> Gatherer<'a> {
    /// Addresses counted for [`CaptureCounts::busiest`]; more are not counted.
    const MAX_TALKERS: usize = 10_000;
    /// Addresses that are named.
    const BUSIEST: usize = 5;

    pub(super) fn new(hosts: &'a Hosts) -> Self {
        Self {
            hosts,
            capture: Capture::default(),
            latest: HashMap::new(),
            talkers: BTreeMap::new(),
        }
    }

    pub(super) const fn counts(&mut self) -> &mut CaptureCounts {
        &mut self.capture.counts
    }

    pub(super) fn cut(&mut self, why: String) {
        self.capture.cut.get_or_insert(why);
    }

    /// Something was captured at this time.
    pub(super) fn looked(&mut self, first: i64, last: i64) {
        let (from, to) = self.capture.period.unwrap_or((first, last));
        self.capture.period = Some((from.min(first), to.max(last)));
    }

    pub(super) fn see(&mut self, seen: &Seen) {
        for address in [seen.source.address(), seen.destination.address()] {
            if self.talkers.len() < Self::MAX_TALKERS || self.talkers.contains_key(&address) {
                *self.talkers.entry(address).or_default() += 1;
            }
        }
        let ours = |end: &Endpoint| self.hosts.contains(&end.address());
        let (local, remote) = match (ours(&seen.source), ours(&seen.destination)) {
            (true, false) => (seen.source, seen.destination),
            (false, true) => (seen.destination, seen.source),
            _ => {
                self.capture.counts.of_others += 1;
                return;
            }
        };
        let key = (seen.transport, local, remote);
        let idle = seen.transport.idle_millis();
        if let Some((at, ended)) = self.latest.get_mut(&key)
            && let Some(flow) = self.capture.flows.get_mut(*at)
            && !(seen.asks && *ended)
            && seen.first.saturating_sub(flow.last) <= idle
        {
            flow.last = flow.last.max(seen.last);
            // Packets of several links may be out of order in a capture.
            flow.first = flow.first.min(seen.first);
            *ended |= seen.ends;
            return;
        }
        if self.capture.flows.len() >= MAX_FLOWS {
            self.capture.counts.flows_left_out += 1;
            return;
        }
        self.latest
            .insert(key, (self.capture.flows.len(), seen.ends));
        self.capture.flows.push(Flow {
            transport: seen.transport,
            local,
            remote,
            first: seen.first,
            last: seen.last,
            began: seen.asks,
        });
    }

    pub(super) fn finish(mut self) -> Capture {
        self.capture
            .flows
            .sort_by_key(|flow| (flow.first, flow.transport, flow.local, flow.remote));
        let mut talkers: Vec<_> = self.talkers.into_iter().collect();
        talkers.sort_by_key(|&(address, records)| (std::cmp::Reverse(records), address));
        talkers.truncate(Self::BUSIEST);
        self.capture.counts.busiest = talkers;
        self.capture
    }
}
