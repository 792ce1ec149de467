//! One connection.

use std::collections::VecDeque;
use std::time::Duration;

use portlog_model::BootTime;

use super::incoming::{Incoming, is_before};
use crate::Drop;
use crate::packet::Segment;

/// The most questions of one connection that are upstream at once; the rest waits in the window.
const MAX_OPEN: usize = 16;
/// While more than this waits to be taken, no question is.
const ENOUGH_UNSENT: usize = 64 * 1024;
/// The most bytes under way.
const MAX_FLIGHT: usize = 32 * 1024;
/// How long nothing may come before the connection is ended (RFC 7766 §6.2.3: "a few seconds").
const IDLE: Duration = Duration::from_secs(30);
/// The first wait for an acknowledgment; it doubles.
const RETRANSMIT: Duration = Duration::from_millis(300);
/// How often something is sent again before the peer is given up: after 300 ms × (2⁷ − 1), 38 s.
const MAX_TRIES: u32 = 6;
/// Acknowledgments of the same byte that mean that a segment was lost (RFC 5681 §3.2).
const DUPLICATES: u32 = 3;

type Send<'a> = &'a mut dyn FnMut(&Segment<'_>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Our SYN is not acknowledged.
    Greeting,
    /// Both directions, until either end is through.
    Open,
    Over,
}

#[derive(Debug)]
pub(crate) struct Connection {
    state: State,
    heard: BootTime,
    /// Questions taken that are not answered.
    open: usize,

    incoming: Incoming,

    /// The first byte that is not acknowledged, the next to send, and the furthest sent.
    unacknowledged: u32,
    next: u32,
    furthest: u32,
    /// What is not acknowledged or not sent, from `unacknowledged` on.
    unsent: VecDeque<u8>,
    /// Whether a FIN follows what is unsent.
    ending: bool,
    /// Whether that FIN was acknowledged.
    ended: bool,
    peer_window: u16,
    segment_size: u16,
    own_segment: u16,
    duplicates: u32,
    tries: u32,
    resend: Option<BootTime>,
}

impl Connection {
    /// Accepts a SYN. `chance` becomes our first sequence number.
    pub(crate) fn accept(
        syn: &Segment<'_>,
        chance: u32,
        segment_size: u16,
        own_segment: u16,
        now: BootTime,
    ) -> Self {
        Self {
            state: State::Greeting,
            heard: now,
            open: 0,
            incoming: Incoming::after(syn),
            unacknowledged: chance,
            next: chance.wrapping_add(1),
            furthest: chance.wrapping_add(1),
            unsent: VecDeque::new(),
            ending: false,
            ended: false,
            peer_window: syn.window,
            segment_size,
            own_segment,
            duplicates: 0,
            tries: 0,
            resend: Some(now.saturating_add(RETRANSMIT)),
        }
    }

    /// Sends our SYN.
    pub(crate) fn greet(&mut self, send: Send<'_>) {
        send(&Segment {
            sequence: self.unacknowledged,
            acknowledgment: self.incoming.want(),
            syn: true,
            ack: true,
            window: self.incoming.window(),
            largest_payload: Some(self.own_segment),
            ..Segment::default()
        });
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Whether nothing is asked or on its way on it.
    pub(crate) fn is_idle(&self) -> bool {
        self.open == 0 && self.unsent.is_empty()
    }

    /// When something last came.
    pub(crate) fn heard(&self) -> BootTime {
        self.heard
    }

    /// Bytes that the peer has not taken.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// When something is due.
    pub(crate) fn deadline(&self) -> BootTime {
        let idle = self.idle_until();
        self.resend.map_or(idle, |resend| resend.min(idle))
    }

    /// Takes a segment of the peer's.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, now: BootTime, send: Send<'_>) {
        if segment.rst {
            // RFC 5961 §3.2: only at the very byte that is due.
            if segment.sequence == self.incoming.want() {
                self.state = State::Over;
            } else if self.incoming.is_in_window(segment.sequence) {
                self.acknowledge(send);
            }
            return;
        }
        if segment.syn {
            match self.state {
                State::Greeting if segment.sequence.wrapping_add(1) == self.incoming.want() => {
                    self.greet(send);
                }
                _ => self.acknowledge(send),
            }
            return;
        }
        if !segment.ack {
            return;
        }
        let acked = segment.acknowledgment.wrapping_sub(self.unacknowledged);
        if acked > self.furthest.wrapping_sub(self.unacknowledged) {
            if self.state == State::Greeting {
                return send(&Segment {
                    sequence: segment.acknowledgment,
                    rst: true,
                    ..Segment::default()
                });
            }
            // Of what was acknowledged long ago, or never sent.
            if !is_before(segment.acknowledgment, self.unacknowledged) {
                return self.acknowledge(send);
            }
        }
        self.heard = now;
        self.take_acknowledgment(segment, now, send);
        if self.state == State::Open {
            self.take_payload(segment, send);
            self.flush(now, send);
        }
    }

    /// The next whole message that came; none while enough are open or unsent.
    ///
    /// A message that no question can be as long as is an error, and the connection is of no use
    /// after it.
    pub(crate) fn message(
        &mut self,
        now: BootTime,
        send: Send<'_>,
    ) -> Result<Option<Vec<u8>>, Drop> {
        if self.open >= MAX_OPEN || self.unsent.len() >= ENOUGH_UNSENT {
            return Ok(None);
        }
        let Some(message) = self.incoming.message()? else {
            self.end_if_done(now, send);
            return Ok(None);
        };
        self.open += 1;
        if self.incoming.has_opened() {
            self.acknowledge(send);
        }
        Ok(Some(message))
    }

    /// Sends the answer to a message.
    pub(crate) fn answered(&mut self, message: &[u8], now: BootTime, send: Send<'_>) {
        self.open = self.open.saturating_sub(1);
        let Ok(length) = u16::try_from(message.len()) else {
            return;
        };
        self.unsent.extend(length.to_be_bytes());
        self.unsent.extend(message);
        self.flush(now, send);
    }

    /// A message gets no answer.
    pub(crate) fn unanswered(&mut self, now: BootTime, send: Send<'_>) {
        self.open = self.open.saturating_sub(1);
        self.end_if_done(now, send);
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: BootTime, send: Send<'_>) {
        if self.resend.is_some_and(|due| due <= now) {
            self.resend(now, send);
        }
        if self.state != State::Over && self.idle_until() <= now {
            if self.ending || self.state == State::Greeting {
                // The peer keeps its side open for no reason, or was never there.
                self.state = State::Over;
            } else {
                self.heard = now;
                self.ending = true;
                self.flush(now, send);
            }
        }
    }

    /// Tells the peer that it is over.
    pub(crate) fn reset(&self, send: Send<'_>) {
        send(&Segment {
            sequence: self.furthest,
            acknowledgment: self.incoming.want(),
            ack: true,
            rst: true,
            ..Segment::default()
        });
    }

    fn idle_until(&self) -> BootTime {
        // Questions that are open end by themselves.
        self.heard
            .saturating_add(IDLE * (1 + u32::from(self.open > 0)))
    }

    fn take_acknowledgment(&mut self, segment: &Segment<'_>, now: BootTime, send: Send<'_>) {
        let acked = segment.acknowledgment.wrapping_sub(self.unacknowledged);
        if acked > self.furthest.wrapping_sub(self.unacknowledged) {
            return;
        }
        let opened = segment.window > self.peer_window;
        let repeats = acked == 0 && segment.payload.is_empty() && !segment.fin && !opened;
        self.peer_window = segment.window;
        if acked == 0 {
            if repeats && self.next != self.unacknowledged {
                self.duplicates += 1;
                if self.duplicates == DUPLICATES && self.state == State::Open {
                    self.send_part(0, send);
                }
            }
            return;
        }
        let mut bytes = acked;
        if self.state == State::Greeting {
            self.state = State::Open;
            bytes -= 1;
        }
        let all = bytes as usize > self.unsent.len();
        self.unsent.drain(..self.unsent.len().min(bytes as usize));
        self.unacknowledged = segment.acknowledgment;
        if is_before(self.next, self.unacknowledged) {
            self.next = self.unacknowledged;
        }
        self.duplicates = 0;
        self.tries = 0;
        self.resend = (self.next != self.unacknowledged).then(|| now.saturating_add(RETRANSMIT));
        // Beyond the bytes there is only the FIN.
        self.ended |= all;
        if self.ended && self.incoming.is_done() {
            self.state = State::Over;
        }
    }

    fn take_payload(&mut self, segment: &Segment<'_>, send: Send<'_>) {
        if self.incoming.take(segment) {
            if self.ended && self.incoming.is_done() {
                self.state = State::Over;
            }
            self.acknowledge(send);
        }
    }

    /// Our end follows once the peer is through and has all answers.
    fn end_if_done(&mut self, now: BootTime, send: Send<'_>) {
        if self.incoming.is_done() && self.open == 0 && !self.ending {
            self.ending = true;
            self.flush(now, send);
        }
    }

    /// Sends what the peer's window takes.
    fn flush(&mut self, now: BootTime, send: Send<'_>) {
        if self.state != State::Open || self.ended {
            return;
        }
        let window = usize::from(self.peer_window).min(MAX_FLIGHT);
        loop {
            let flown = self.next.wrapping_sub(self.unacknowledged) as usize;
            let fin_sent = flown > self.unsent.len();
            let left = self.unsent.len().saturating_sub(flown);
            let nothing = left == 0 && (fin_sent || !self.ending);
            if nothing || (left > 0 && flown >= window) {
                break;
            }
            let length = self.send_part(flown, send);
            self.next = self.next.wrapping_add(length);
            if is_before(self.furthest, self.next) {
                self.furthest = self.next;
            }
        }
        if self.resend.is_none() && (!self.unsent.is_empty() || self.next != self.unacknowledged) {
            self.resend = Some(now.saturating_add(RETRANSMIT));
        }
    }

    /// Sends the segment at `offset` of what is not acknowledged; how much of the sequence it has.
    fn send_part(&mut self, offset: usize, send: Send<'_>) -> u32 {
        // An empty window is asked with one byte (RFC 9293 §3.8.6.1).
        let window = usize::from(self.peer_window).min(MAX_FLIGHT);
        let most = usize::from(self.segment_size).min(window.saturating_sub(offset).max(1));
        let payload: Vec<u8> = self
            .unsent
            .iter()
            .skip(offset)
            .take(most)
            .copied()
            .collect();
        let fin = self.ending && offset + payload.len() == self.unsent.len();
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let window = self.incoming.tell_window();
        send(&Segment {
            sequence: self
                .unacknowledged
                .wrapping_add(u32::try_from(offset).unwrap_or(u32::MAX)),
            acknowledgment: self.incoming.want(),
            ack: true,
            fin,
            window,
            payload: &payload,
            ..Segment::default()
        });
        length + u32::from(fin)
    }

    fn resend(&mut self, now: BootTime, send: Send<'_>) {
        if self.tries >= MAX_TRIES {
            self.reset(send);
            self.state = State::Over;
            return;
        }
        self.tries += 1;
        self.resend = Some(now.saturating_add(RETRANSMIT * (1 << self.tries)));
        self.duplicates = 0;
        if self.state == State::Greeting {
            self.greet(send);
            return;
        }
        // From the first that is missing on: what followed it may be lost too.
        let length = self.send_part(0, send);
        self.next = self.unacknowledged.wrapping_add(length);
        if is_before(self.furthest, self.next) {
            self.furthest = self.next;
        }
    }

    fn acknowledge(&mut self, send: Send<'_>) {
        let window = self.incoming.tell_window();
        send(&Segment {
            sequence: self.next,
            acknowledgment: self.incoming.want(),
            ack: true,
            window,
            ..Segment::default()
        });
    }
}
