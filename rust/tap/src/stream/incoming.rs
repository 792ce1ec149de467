//! What a peer sends: its bytes in order, whatever the order of its segments.

use crate::Drop;
use crate::dns;
use crate::packet::Segment;

/// How much may come in ahead of what was taken: a few questions.
const WINDOW: u16 = 8_192;
/// The most segments kept that came ahead of one that is missing.
const MAX_AHEAD: usize = 8;

#[derive(Debug)]
pub(super) struct Incoming {
    /// The next byte that we want.
    want: u32,
    /// The right edge of the window that we last told; it is never taken back.
    told: u32,
    received: Vec<u8>,
    ahead: Vec<(u32, Vec<u8>)>,
    /// Where the peer's FIN stands, once one came.
    end: Option<u32>,
    is_done: bool,
}

impl Incoming {
    /// What follows a SYN.
    pub(super) fn after(syn: &Segment<'_>) -> Self {
        let want = syn.sequence.wrapping_add(1);
        Self {
            want,
            told: want.wrapping_add(u32::from(WINDOW)),
            received: Vec::new(),
            ahead: Vec::new(),
            end: None,
            is_done: false,
        }
    }

    /// The next byte that we want, to acknowledge those before it.
    pub(super) fn want(&self) -> u32 {
        self.want
    }

    /// Whether the peer is through, and all of it came.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn is_in_window(&self, sequence: u32) -> bool {
        !is_before(sequence, self.want) && is_before(sequence, self.told)
    }

    /// The window that was told, as far as it is left.
    pub(super) fn window(&self) -> u16 {
        u16::try_from(self.told.wrapping_sub(self.want)).unwrap_or(0)
    }

    /// The window to tell, whose right edge never moves left.
    pub(super) fn tell_window(&mut self) -> u16 {
        let edge = self.want.wrapping_add(u32::from(self.room()));
        if is_before(self.told, edge) {
            self.told = edge;
        }
        self.window()
    }

    /// Whether a window that was nearly shut, as far as it was told, is open again.
    pub(super) fn has_opened(&self) -> bool {
        self.window() < WINDOW / 2 && self.room() >= WINDOW / 2
    }

    /// Takes a segment; whether it wants to be acknowledged.
    pub(super) fn take(&mut self, segment: &Segment<'_>) -> bool {
        let payload = segment.payload;
        if payload.is_empty() && !segment.fin {
            // A probe of whether we are there stands before what is due (RFC 9293 §3.8.4).
            return segment.sequence != self.want;
        }
        let end = segment
            .sequence
            .wrapping_add(u32::try_from(payload.len()).unwrap_or(u32::MAX));
        let fits = !is_before(self.told, end);
        if segment.fin && fits && self.end.is_none() {
            self.end = Some(end);
        }
        if is_before(self.want, segment.sequence) {
            if self.ahead.len() < MAX_AHEAD && fits && !payload.is_empty() {
                self.ahead.push((segment.sequence, payload.to_vec()));
            }
        } else {
            self.append(segment.sequence, payload);
            while let Some(position) = self
                .ahead
                .iter()
                .position(|(sequence, _)| !is_before(self.want, *sequence))
            {
                let (sequence, payload) = self.ahead.swap_remove(position);
                self.append(sequence, &payload);
            }
        }
        if self.end == Some(self.want) && !self.is_done {
            self.is_done = true;
            self.want = self.want.wrapping_add(1);
        }
        true
    }

    /// Takes the next whole message, without its length; an error where no question is as long as it
    /// says.
    pub(super) fn message(&mut self) -> Result<Option<Vec<u8>>, Drop> {
        let Some((length, rest)) = self.received.split_first_chunk() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes(*length));
        if length > dns::MAX_QUESTION {
            return Err(Drop::Oversized);
        }
        let Some(message) = rest.get(..length) else {
            return Ok(None);
        };
        let message = message.to_vec();
        self.received.drain(..2 + length);
        Ok(Some(message))
    }

    /// Appends what of `payload` at `sequence`, which is not ahead, is new and within the window.
    fn append(&mut self, sequence: u32, payload: &[u8]) {
        if self.is_done {
            return;
        }
        let known = self.want.wrapping_sub(sequence) as usize;
        let room = self.told.wrapping_sub(self.want) as usize;
        let Some(new) = payload.get(known..) else {
            return;
        };
        let new = new.get(..room).unwrap_or(new);
        self.received.extend_from_slice(new);
        self.want = self
            .want
            .wrapping_add(u32::try_from(new.len()).unwrap_or_default());
    }

    /// What fits beside what was received and not taken.
    fn room(&self) -> u16 {
        let used = u16::try_from(self.received.len()).unwrap_or(u16::MAX);
        WINDOW.saturating_sub(used)
    }
}

/// Whether `a` comes before `b` in a space that wraps around (RFC 9293 §3.4).
pub(super) const fn is_before(a: u32, b: u32) -> bool {
    a != b && b.wrapping_sub(a) < 1 << 31
}
