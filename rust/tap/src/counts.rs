//! What went by, and what was not answered and why.

/// Why a packet was not taken as a question, or a question or answer not passed on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Drop {
    /// No IP packet, or headers that contradict each other or the length.
    Malformed,
    /// A checksum that does not fit.
    Checksum,
    /// A fragment: no question is that large.
    Fragment,
    /// To an address that is not the tap's, or from one that cannot be answered.
    Address,
    /// Neither UDP nor TCP.
    Protocol,
    /// To another port than 53 and 853; refused.
    Port,
    /// To port 853, DNS over TLS or QUIC; refused.
    Encrypted,
    /// A TCP segment that belongs to no connection; refused.
    Stray,
    /// More than the tap holds: connections, open questions or bytes.
    Full,
    /// Too short to have an id, or an answer where a question belongs.
    NoQuestion,
    /// Longer than a question may be.
    Oversized,
    /// Answered with an error: not one question, or one that cannot be relayed (zone transfers).
    Refused,
    /// An answer to nothing that is asked, or to another question than was asked.
    WrongAnswer,
}

impl Drop {
    /// Every reason, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::Checksum,
        Self::Fragment,
        Self::Address,
        Self::Protocol,
        Self::Port,
        Self::Encrypted,
        Self::Stray,
        Self::Full,
        Self::NoQuestion,
        Self::Oversized,
        Self::Refused,
        Self::WrongAnswer,
    ];

    /// Its name in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Checksum => "checksum",
            Self::Fragment => "fragment",
            Self::Address => "address",
            Self::Protocol => "protocol",
            Self::Port => "port",
            Self::Encrypted => "encrypted",
            Self::Stray => "stray",
            Self::Full => "full",
            Self::NoQuestion => "no_question",
            Self::Oversized => "oversized",
            Self::Refused => "refused",
            Self::WrongAnswer => "wrong_answer",
        }
    }
}

/// Counts since the tap was started.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Questions passed on.
    pub queries: u64,
    /// Answers passed back.
    pub answers: u64,
    /// Of those, answers that were larger than the asker takes and went back with the truncation
    /// bit set by us.
    pub truncated: u64,
    /// Questions that came again while the first was still upstream, and were not asked twice.
    pub retries: u64,
    /// Questions that no server answered; the asker was told `SERVFAIL`.
    pub failed: u64,
    /// Answers learnt from, and of those the ones whose asker is known.
    pub learnt: u64,
    /// See `learnt`.
    pub learnt_with_asker: u64,
    /// TCP connections accepted.
    pub streams: u64,
    drops: [u64; Drop::ALL.len()],
}

impl Counts {
    /// How often something was dropped or refused for this reason.
    pub fn dropped(&self, reason: Drop) -> u64 {
        self.drops.get(reason as usize).copied().unwrap_or_default()
    }

    pub(crate) fn drop(&mut self, reason: Drop) {
        if let Some(count) = self.drops.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
    }
}
