//! The core: which packets are questions, which answer belongs to which, and what was learnt.

mod unlearnt;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{BootTime, Moment, Protocol, Uid};

use crate::action::{Action, Actions, Flow, Learnt, QueryId};
use crate::counts::{Counts, Drop};
use crate::dns::{self, Asked, Reply, Told, Unfit};
use crate::emit::{Emitter, MAX_DATAGRAM};
use crate::packet::{self, Carries, Packet, Segment};
use crate::settings::{Error, Settings};
use crate::stream::{self, StreamKey, Streams, Wire};
use unlearnt::Unlearnt;

/// Where questions come to.
const DNS: u16 = 53;
/// DNS over TLS (RFC 7858) and over QUIC (RFC 9250).
const DNS_ENCRYPTED: u16 = 853;

/// The most questions upstream at once.
pub(crate) const MAX_PENDING: usize = 1_024;

/// How long a question may be upstream. Askers themselves give up after 5 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(12);

/// Gives random numbers. A stranger who could guess them could forge a connection or an answer.
pub type Chance = Box<dyn FnMut() -> u32 + Send>;

/// The DNS tap without descriptors: packets and answers in, actions out.
///
/// Whoever drives it gives every packet to [`Self::packet`], does every [`Action`], gives the answer
/// ([`Self::answer`]) or the lack of one ([`Self::failed`]) for each [`Action::Query`], and calls
/// [`Self::tick`] at [`Self::deadline`].
pub struct Tap {
    servers: Vec<IpAddr>,
    mtu: u16,
    askers: bool,
    chance: Chance,
    emitter: Emitter,
    counts: Counts,
    streams: Streams,
    last_id: u64,
    /// Ids ascend and all are as patient, so that the first here is the first to end.
    pending: BTreeMap<QueryId, Pending>,
    /// By flow and the asker's id: the last question that came so, to know it when it comes again.
    by_flow: BTreeMap<(Flow, u16), QueryId>,
    unlearnt: Unlearnt,
}

struct Pending {
    flow: Flow,
    /// The connection that it came by.
    stream: Option<StreamKey>,
    message: Vec<u8>,
    asked: Asked,
    asker: Asker,
    end: BootTime,
}

#[derive(Clone, Copy)]
enum Asker {
    /// Someone is looking.
    Awaited,
    /// Told, or nobody looks.
    Told(Option<Uid>),
}

impl Tap {
    /// A tap that nobody has asked yet.
    pub fn new(settings: &Settings, mut chance: Chance) -> Result<Self, Error> {
        if settings.servers.is_empty() {
            return Err(Error::NoAddress);
        }
        let smallest = if settings.servers.iter().any(IpAddr::is_ipv6) {
            1_280
        } else {
            576
        };
        if settings.mtu < smallest {
            return Err(Error::Mtu(settings.mtu));
        }
        let first_identification = chance();
        Ok(Self {
            servers: settings.servers.clone(),
            mtu: settings.mtu,
            askers: settings.askers,
            chance,
            emitter: Emitter::new(settings.mtu, first_identification),
            counts: Counts::default(),
            streams: Streams::default(),
            last_id: 0,
            pending: BTreeMap::new(),
            by_flow: BTreeMap::new(),
            unlearnt: Unlearnt::default(),
        })
    }

    /// Takes a packet of the TUN device's.
    pub fn packet(&mut self, bytes: &[u8], now: Moment, out: &mut Actions) {
        let packet = match packet::parse(bytes) {
            Ok(packet) => packet,
            Err(reason) => return self.counts.drop(reason),
        };
        if !self.is_for_us(&packet) {
            return self.counts.drop(Drop::Address);
        }
        match (packet.to.port(), packet.carries) {
            (DNS, Carries::Datagram(message)) => {
                let flow = Flow {
                    protocol: Protocol::Udp,
                    local: packet.from,
                    remote: packet.to,
                };
                self.question(flow, None, message.to_vec(), now, out);
            }
            (DNS, Carries::Segment(segment)) => self.segment(&packet, &segment, now, out),
            (port, carries) => {
                self.counts.drop(if port == DNS_ENCRYPTED {
                    Drop::Encrypted
                } else {
                    Drop::Port
                });
                self.turn_away(&packet, &carries, bytes, out);
            }
        }
    }

    /// Takes the answer to a question: a whole message, with whatever id.
    pub fn answer(&mut self, id: QueryId, message: &[u8], now: Moment, out: &mut Actions) {
        let Some(pending) = self.pending.get(&id) else {
            return self.counts.drop(Drop::WrongAnswer);
        };
        if !dns::belongs(message, &pending.message, &pending.asked) {
            return self.counts.drop(Drop::WrongAnswer);
        }
        let Some(pending) = self.close(id) else {
            return;
        };
        let mut answer = message.to_vec();
        dns::set_id(&mut answer, pending.asked.id);
        self.counts.answers += 1;
        if pending.stream.is_none()
            && answer.len() > usize::from(pending.asked.udp_limit).min(MAX_DATAGRAM)
        {
            self.counts.truncated += 1;
            answer = dns::truncated(&answer, &pending.asked);
        }
        self.reply(&pending, &answer, now, out);
        self.learn(id, &pending, dns::told(message), now, out);
    }

    /// A question got no answer from anyone; the asker is told so.
    pub fn failed(&mut self, id: QueryId, now: Moment, out: &mut Actions) {
        if let Some(pending) = self.close(id) {
            self.give_up(id, &pending, now, out);
        }
    }

    /// Who asked a question; `None` where that cannot be told.
    pub fn asker(&mut self, id: QueryId, uid: Option<Uid>, out: &mut Actions) {
        if let Some(pending) = self.pending.get_mut(&id) {
            pending.asker = Asker::Told(uid);
        } else if let Some(mut learnt) = self.unlearnt.take(id) {
            learnt.asker = uid;
            self.tell(learnt, out);
        }
    }

    /// When something is due, if anything is.
    pub fn deadline(&self) -> Option<BootTime> {
        [
            self.pending.first_key_value().map(|(_, first)| first.end),
            self.unlearnt.deadline(),
            self.streams.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Moment, out: &mut Actions) {
        while let Some((&id, first)) = self.pending.first_key_value()
            && first.end <= now.boot
        {
            if let Some(pending) = self.close(id) {
                out.push(Action::Forget(id));
                self.give_up(id, &pending, now, out);
            }
        }
        while let Some(learnt) = self.unlearnt.take_due(now.boot) {
            self.tell(learnt, out);
        }
        let mut wire = Wire {
            emitter: &mut self.emitter,
            packet: &mut |packet| out.push(Action::Packet(packet)),
            counts: &mut self.counts,
        };
        self.streams.tick(now.boot, &mut wire);
    }

    /// What went by so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn count(&mut self, reason: Drop) {
        self.counts.drop(reason);
    }

    /// Questions that are upstream now.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The questions that are upstream now, to be asked again elsewhere.
    pub fn queries(&self) -> impl Iterator<Item = (QueryId, &[u8], Flow)> {
        self.pending
            .iter()
            .map(|(id, pending)| (*id, pending.message.as_slice(), pending.flow))
    }

    /// TCP connections that are open now.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Whether a packet is to an address of ours and from one that an answer would reach. One from
    /// an address of ours would come back to us for ever.
    fn is_for_us(&self, packet: &Packet<'_>) -> bool {
        let from = packet.from.address();
        let answerable = !from.is_unspecified()
            && !from.is_multicast()
            && !from.is_loopback()
            && from != IpAddr::V4(std::net::Ipv4Addr::BROADCAST)
            && packet.from.port() != 0;
        answerable && self.servers.contains(&packet.to.address()) && !self.servers.contains(&from)
    }

    fn turn_away(
        &mut self,
        packet: &Packet<'_>,
        carries: &Carries<'_>,
        bytes: &[u8],
        out: &mut Actions,
    ) {
        let mut emit = |packet| out.push(Action::Packet(packet));
        match carries {
            Carries::Datagram(_) => {
                let (from, to) = (packet.to.address(), packet.from.address());
                self.emitter.unreachable(from, to, bytes, &mut emit);
            }
            Carries::Segment(segment) => {
                let mut wire = Wire {
                    emitter: &mut self.emitter,
                    packet: &mut emit,
                    counts: &mut self.counts,
                };
                stream::refuse((packet.from, packet.to), segment, &mut wire);
            }
        }
    }

    fn segment(
        &mut self,
        packet: &Packet<'_>,
        segment: &Segment<'_>,
        now: Moment,
        out: &mut Actions,
    ) {
        let chance = (self.chance)();
        let mut wire = Wire {
            emitter: &mut self.emitter,
            packet: &mut |packet| out.push(Action::Packet(packet)),
            counts: &mut self.counts,
        };
        let ends = (packet.from, packet.to);
        let changed = self
            .streams
            .segment(ends, segment, now.boot, chance, self.mtu, &mut wire);
        if let Some(key) = changed {
            self.drain(key, now, out);
        }
    }

    /// Takes the questions that a connection has.
    fn drain(&mut self, key: StreamKey, now: Moment, out: &mut Actions) {
        loop {
            let mut wire = Wire {
                emitter: &mut self.emitter,
                packet: &mut |packet| out.push(Action::Packet(packet)),
                counts: &mut self.counts,
            };
            let Some(message) = self.streams.message(key, now.boot, &mut wire) else {
                return;
            };
            let flow = Flow {
                protocol: Protocol::Tcp,
                local: key.peer,
                remote: key.own,
            };
            self.question(flow, Some(key), message, now, out);
        }
    }

    fn question(
        &mut self,
        flow: Flow,
        stream: Option<StreamKey>,
        message: Vec<u8>,
        now: Moment,
        out: &mut Actions,
    ) {
        let asked = if message.len() > dns::MAX_QUESTION {
            Err(Unfit::Ignore(Drop::Oversized))
        } else {
            dns::asked(&message)
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(Unfit::Ignore(reason)) => {
                self.counts.drop(reason);
                return self.unanswered(stream, now.boot, out);
            }
            Err(Unfit::Refuse(reply)) => {
                self.counts.drop(Drop::Refused);
                let answer = dns::reply(&message, reply);
                return self.send(flow, stream, &answer, now.boot, out);
            }
        };
        let last = self.by_flow.get(&(flow, asked.id));
        if last
            .and_then(|id| self.pending.get(id))
            .is_some_and(|pending| pending.stream == stream && pending.message == message)
        {
            self.counts.retries += 1;
            return self.unanswered(stream, now.boot, out);
        }
        if self.pending.len() >= MAX_PENDING {
            self.counts.drop(Drop::Full);
            return self.unanswered(stream, now.boot, out);
        }
        self.last_id += 1;
        let id = QueryId::new(self.last_id);
        self.counts.queries += 1;
        self.by_flow.insert((flow, asked.id), id);
        out.push(Action::Query {
            id,
            message: message.clone(),
            asker: flow,
        });
        let pending = Pending {
            flow,
            stream,
            message,
            asked,
            asker: if self.askers {
                Asker::Awaited
            } else {
                Asker::Told(None)
            },
            end: now.boot.saturating_add(PATIENCE),
        };
        self.pending.insert(id, pending);
    }

    fn close(&mut self, id: QueryId) -> Option<Pending> {
        let pending = self.pending.remove(&id)?;
        let key = (pending.flow, pending.asked.id);
        if self.by_flow.get(&key) == Some(&id) {
            self.by_flow.remove(&key);
        }
        Some(pending)
    }

    fn give_up(&mut self, id: QueryId, pending: &Pending, now: Moment, out: &mut Actions) {
        self.counts.failed += 1;
        let answer = dns::reply(&pending.message, Reply::ServFail);
        self.reply(pending, &answer, now, out);
        self.learn(id, pending, Told::default(), now, out);
    }

    fn reply(&mut self, pending: &Pending, answer: &[u8], now: Moment, out: &mut Actions) {
        self.send(pending.flow, pending.stream, answer, now.boot, out);
        if let Some(key) = pending.stream.filter(|key| self.streams.stands(*key)) {
            self.drain(key, now, out);
        }
    }

    fn send(
        &mut self,
        flow: Flow,
        stream: Option<StreamKey>,
        answer: &[u8],
        now: BootTime,
        out: &mut Actions,
    ) {
        let mut emit = |packet| out.push(Action::Packet(packet));
        let Some(key) = stream else {
            return self
                .emitter
                .datagram(flow.remote, flow.local, answer, &mut emit);
        };
        let mut wire = Wire {
            emitter: &mut self.emitter,
            packet: &mut emit,
            counts: &mut self.counts,
        };
        self.streams.send(key, answer, now, &mut wire);
    }

    fn unanswered(&mut self, stream: Option<StreamKey>, now: BootTime, out: &mut Actions) {
        let Some(key) = stream else { return };
        let mut wire = Wire {
            emitter: &mut self.emitter,
            packet: &mut |packet| out.push(Action::Packet(packet)),
            counts: &mut self.counts,
        };
        self.streams.unanswered(key, now, &mut wire);
    }

    /// Learns what was told, as soon as it is known to whom.
    fn learn(
        &mut self,
        id: QueryId,
        pending: &Pending,
        told: Told,
        now: Moment,
        out: &mut Actions,
    ) {
        if !pending.asked.for_address {
            return;
        }
        let Some(name) = dns::name(&pending.message) else {
            return;
        };
        let mut learnt = Learnt {
            name,
            asker: None,
            at: now,
            aliases: told.aliases,
            addresses: told.addresses,
        };
        match pending.asker {
            Asker::Told(uid) => {
                learnt.asker = uid;
                self.tell(learnt, out);
            }
            Asker::Awaited => {
                if let Some(first) = self.unlearnt.keep(id, learnt, now.boot) {
                    self.tell(first, out);
                }
            }
        }
    }

    fn tell(&mut self, learnt: Learnt, out: &mut Actions) {
        self.counts.learnt += 1;
        self.counts.learnt_with_asker += u64::from(learnt.asker.is_some());
        out.push(Action::Learn(learnt));
    }
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap")
            .field("servers", &self.servers)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
