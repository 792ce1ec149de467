//! Which flow of the capture is which connection of the log.
//!
//! A connection and a flow can be one where they have the same protocol and ends and were there at the
//! same time. Of several that can, those go together whose times fit best; each counts once. What is then
//! left over with exactly the same ends, but at another time, is the same connection at a wrong time:
//! ports are not drawn twice by chance within a capture's hours.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use portlog_model::Endpoint;

use super::flow::{Capture, Flow, Transport};
use super::logged::{Logged, Testified};

/// How the two are laid side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// How far apart the clocks may be, in milliseconds, before a time is called wrong.
    pub(crate) tolerance: i64,
    /// Milliseconds to add to the capture's times.
    pub(crate) shift: i64,
    /// Whether the phone's ends are compared too. Not behind a router that rewrites them.
    pub(crate) with_local: bool,
    /// Whether the capture was asked for the phone's IPv4 address.
    pub(crate) v4: bool,
    /// The same for IPv6.
    pub(crate) v6: bool,
}

/// Flows that are looked at for one connection, those whose times fit best: many connections with one
/// remote, whose own ends are withheld, would else be tried each with each.
const MAX_CANDIDATES: usize = 32;

/// A connection of the log and a flow of the capture that are one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pair {
    /// Its place among the log's connections.
    pub(crate) logged: usize,
    /// Its place among the capture's flows.
    pub(crate) flow: usize,
    /// By how many milliseconds the flow began before (negative) or after the time in which the log says
    /// that the connection began; 0 within the tolerance, and where its beginning was not captured.
    pub(crate) off: i64,
}

/// What the two say of each other. Numbers are places in [`Testified::connections`] and
/// [`Capture::flows`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Corroboration {
    /// Both have it, and the times agree.
    pub(crate) confirmed: Vec<Pair>,
    /// Both have it, and the times do not agree.
    pub(crate) wrong_time: Vec<Pair>,
    /// The log has it, and the capture, which looked at that time, does not.
    pub(crate) only_log: Vec<usize>,
    /// The capture has it, and the log, which looked at that time, does not.
    pub(crate) only_capture: Vec<usize>,
    /// In the log only, at times that the capture does not cover.
    pub(crate) logged_outside: u64,
    /// In the log only, and of an address family of which the phone's address was not named.
    pub(crate) other_family: u64,
    /// In the capture only, at times in which the log did not look.
    pub(crate) captured_outside: u64,
    /// UDP of local ports on which the log has a socket without another end.
    pub(crate) unconnected: u64,
    /// How far the capture's clock is ahead of the log's by the median of the pairs whose beginning
    /// both saw, in milliseconds; `None` without such.
    pub(crate) clock_ahead: Option<i64>,
}

impl Corroboration {
    /// Of the connections that both could see, the share that the log lacks: missed, of all.
    pub(crate) fn missed(&self) -> (u64, u64) {
        let missed = self.only_capture.len();
        let both = self.confirmed.len() + self.wrong_time.len();
        (missed as u64, (missed + both) as u64)
    }

    /// Of the connections that both have, those with another time: wrong, of all.
    pub(crate) fn mistimed(&self) -> (u64, u64) {
        let wrong = self.wrong_time.len();
        (wrong as u64, (wrong + self.confirmed.len()) as u64)
    }
}

/// Lays a log and a capture side by side.
pub(crate) fn pair(log: &Testified, capture: &Capture, settings: &Settings) -> Corroboration {
    let times = Times(*settings);
    let mut result = Corroboration::default();
    let mut left = Left {
        logged: vec![true; log.connections.len()],
        flows: vec![true; capture.flows.len()],
    };
    let candidates = Candidates::new(&capture.flows, settings.with_local);
    let mut pairs = candidates.at_the_time(log, capture, &times, &mut left);
    let mut starts: Vec<i64> = pairs
        .iter()
        .filter_map(|pair| {
            times.ahead(
                log.connections.get(pair.logged)?,
                capture.flows.get(pair.flow)?,
            )
        })
        .collect();
    result.clock_ahead = median(&mut starts);
    pairs.extend(candidates.at_another_time(log, capture, &times, &mut left));
    for pair in pairs {
        if pair.off == 0 {
            result.confirmed.push(pair);
        } else {
            result.wrong_time.push(pair);
        }
    }
    result.confirmed.sort_unstable_by_key(|pair| pair.logged);
    result.wrong_time.sort_unstable_by_key(|pair| pair.logged);
    let covered = capture
        .period
        .map(|(from, to)| (times.shifted(from), times.shifted(to)));
    for (at, logged) in log.connections.iter().enumerate() {
        if left.logged.get(at) != Some(&true) {
            continue;
        }
        let is_named = match logged.remote.address() {
            IpAddr::V4(_) => settings.v4,
            IpAddr::V6(_) => settings.v6,
        };
        match covered {
            _ if !is_named => result.other_family += 1,
            Some((from, to)) if times.within(logged, from, to) => result.only_log.push(at),
            _ => result.logged_outside += 1,
        }
    }
    let unconnected = Unconnected::of(log);
    for (at, flow) in capture.flows.iter().enumerate() {
        if left.flows.get(at) != Some(&true) {
            continue;
        }
        let (first, last) = (times.shifted(flow.first), times.shifted(flow.last));
        if flow.transport == Transport::Udp && unconnected.has(flow.local.port(), first, last) {
            result.unconnected += 1;
        } else if log.looked_between(first, last) {
            result.only_capture.push(at);
        } else {
            result.captured_outside += 1;
        }
    }
    result
}

/// UDP sockets of the log without another end, by their ports: from when, until when.
struct Unconnected(HashMap<u16, Vec<(i64, i64)>>);

impl Unconnected {
    fn of(log: &Testified) -> Self {
        let mut of: HashMap<_, Vec<_>> = HashMap::new();
        for &(port, from, until) in &log.unconnected {
            of.entry(port)
                .or_default()
                .push((from, until.unwrap_or(i64::MAX)));
        }
        Self(of)
    }

    fn has(&self, port: u16, first: i64, last: i64) -> bool {
        self.0.get(&port).is_some_and(|sockets| {
            let is_there = |&(from, until): &(i64, i64)| last >= from && first <= until;
            sockets.iter().any(is_there)
        })
    }
}

fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// What is not paired yet.
struct Left {
    logged: Vec<bool>,
    flows: Vec<bool>,
}

impl Left {
    fn both(&self, logged: usize, flow: usize) -> bool {
        self.logged.get(logged) == Some(&true) && self.flows.get(flow) == Some(&true)
    }

    fn take(&mut self, logged: usize, flow: usize) {
        if let (Some(logged), Some(flow)) = (self.logged.get_mut(logged), self.flows.get_mut(flow))
        {
            (*logged, *flow) = (false, false);
        }
    }
}

/// Flows by their other end, in order of time.
struct Candidates {
    of: HashMap<(Transport, Endpoint), Vec<usize>>,
    with_local: bool,
}

impl Candidates {
    fn new(flows: &[Flow], with_local: bool) -> Self {
        let mut of: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, flow) in flows.iter().enumerate() {
            of.entry((flow.transport, flow.remote))
                .or_default()
                .push(at);
        }
        Self { of, with_local }
    }

    /// Flows that may be `logged` by their ends.
    fn of<'a>(
        &'a self,
        logged: &'a Logged,
        flows: &'a [Flow],
    ) -> impl Iterator<Item = (usize, &'a Flow)> {
        let local = logged.local.filter(|_| self.with_local);
        self.of
            .get(&(logged.transport, logged.remote))
            .into_iter()
            .flatten()
            .filter_map(|&at| flows.get(at).map(|flow| (at, flow)))
            .filter(move |(_, flow)| local.is_none_or(|local| local == flow.local))
    }

    /// Pairs that were there at the same time, best fit first.
    fn at_the_time(
        &self,
        log: &Testified,
        capture: &Capture,
        times: &Times,
        left: &mut Left,
    ) -> Vec<Pair> {
        let mut possible: BTreeMap<u64, Vec<Pair>> = BTreeMap::new();
        let mut fitting = Vec::new();
        for (at, logged) in log.connections.iter().enumerate() {
            fitting.clear();
            for (flow_at, flow) in self.of(logged, &capture.flows) {
                if times.overlap(logged, flow) {
                    let pair = Pair {
                        logged: at,
                        flow: flow_at,
                        off: times.off(logged, flow),
                    };
                    fitting.push((times.distance(logged, flow), pair));
                }
            }
            fitting.sort_by_key(|(distance, _)| *distance);
            for (distance, pair) in fitting.drain(..).take(MAX_CANDIDATES) {
                possible.entry(distance).or_default().push(pair);
            }
        }
        chosen(possible, left)
    }

    /// Of what is left, pairs with the very same ends, nearest first.
    fn at_another_time(
        &self,
        log: &Testified,
        capture: &Capture,
        times: &Times,
        left: &mut Left,
    ) -> Vec<Pair> {
        let mut possible: BTreeMap<u64, Vec<Pair>> = BTreeMap::new();
        for (at, logged) in log.connections.iter().enumerate() {
            // Without the phone's end, another time is another connection.
            if !self.with_local || logged.local.is_none() || left.logged.get(at) != Some(&true) {
                continue;
            }
            for (flow_at, flow) in self.of(logged, &capture.flows) {
                let off = times.beginning_off(logged, flow);
                if off != 0 && left.both(at, flow_at) {
                    possible.entry(off.unsigned_abs()).or_default().push(Pair {
                        logged: at,
                        flow: flow_at,
                        off,
                    });
                }
            }
        }
        chosen(possible, left)
    }
}

/// Takes each once, the best fit first, and of equals the earlier.
fn chosen(possible: BTreeMap<u64, Vec<Pair>>, left: &mut Left) -> Vec<Pair> {
    let mut chosen = Vec::new();
    for pair in possible.into_values().flatten() {
        if left.both(pair.logged, pair.flow) {
            left.take(pair.logged, pair.flow);
            chosen.push(pair);
        }
    }
    chosen
}

/// Times of the two, with what was said of their clocks.
struct Times(Settings);

impl Times {
    const fn shifted(&self, time: i64) -> i64 {
        time.saturating_add(self.0.shift)
    }

    /// Whether a connection was there at some time between these.
    fn within(&self, logged: &Logged, from: i64, to: i64) -> bool {
        let begin = logged.after.unwrap_or(logged.by);
        begin <= to.saturating_add(self.0.tolerance)
            && logged
                .gone
                .is_none_or(|gone| gone >= from.saturating_sub(self.0.tolerance))
            && logged.by <= to
    }

    fn overlap(&self, logged: &Logged, flow: &Flow) -> bool {
        let tolerance = self.0.tolerance;
        let begin = logged.after.unwrap_or(i64::MIN);
        let end = logged.gone.unwrap_or(i64::MAX);
        self.shifted(flow.first) <= end.saturating_add(tolerance)
            && self.shifted(flow.last) >= begin.saturating_sub(tolerance)
    }

    /// How far the flow's beginning lies from the time in which the log says that it began, where it
    /// was captured.
    fn distance(&self, logged: &Logged, flow: &Flow) -> u64 {
        let first = self.shifted(flow.first);
        let begin = logged.after.unwrap_or(i64::MIN);
        if first < begin {
            begin.abs_diff(first)
        } else if first > logged.by {
            first.abs_diff(logged.by)
        } else {
            0
        }
    }

    /// The same with its sign, and 0 where nothing can be said.
    fn off(&self, logged: &Logged, flow: &Flow) -> i64 {
        if flow.began {
            self.beginning_off(logged, flow)
        } else {
            0
        }
    }

    fn beginning_off(&self, logged: &Logged, flow: &Flow) -> i64 {
        let distance = i64::try_from(self.distance(logged, flow)).unwrap_or(i64::MAX);
        if distance <= self.0.tolerance {
            0
        } else if self.shifted(flow.first) > logged.by {
            distance
        } else {
            distance.saturating_neg()
        }
    }

    /// How far the capture's clock is ahead, where both saw the beginning.
    fn ahead(&self, logged: &Logged, flow: &Flow) -> Option<i64> {
        if !flow.began {
            return None;
        }
        let middle = logged.after?.midpoint(logged.by);
        Some(self.shifted(flow.first).saturating_sub(middle))
    }
}
