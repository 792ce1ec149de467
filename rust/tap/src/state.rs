//! What a running tap says of itself.

use std::net::SocketAddr;

use portlog_model::Moment;

use crate::Counts;

/// A running tap, at one look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TapState {
    /// `None` while it runs; else why it ended.
    pub ended: Option<String>,
    /// Whom it asks.
    pub upstream: UpstreamState,
    /// Whether questions go upstream in clear text, where that is known.
    pub clear_text: Option<bool>,
    /// What went by.
    pub counts: Counts,
    /// Questions that are upstream now.
    pub pending: usize,
    /// TCP connections that are open now.
    pub streams: usize,
}

/// How questions go upstream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UpstreamState {
    /// The tap asks by itself.
    Sockets {
        /// The servers, in the order in which they are preferred.
        servers: Vec<ServerState>,
        /// Which of them the next question goes to.
        in_use: SocketAddr,
    },
    /// The front end asks.
    Pulled {
        /// Questions that it has not fetched yet.
        waiting: usize,
    },
}

/// A server, and how it did lately.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServerState {
    /// Where it is.
    pub address: SocketAddr,
    /// When it last answered.
    pub answered: Option<Moment>,
    /// When and why it last failed.
    pub failed: Option<(Moment, Failure)>,
    /// Whether it is passed over for now, because it failed and has not answered since.
    pub down: bool,
    /// Questions that it answered.
    pub answers: u64,
    /// Questions that it did not.
    pub failures: u64,
}

/// Why a server did not answer a question.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Failure {
    /// It said nothing in time.
    Silent,
    /// Nothing listens there, or there is no way to it (`ECONNREFUSED`, `ENETUNREACH` and the like).
    Unreachable,
    /// A question over TCP was refused or not answered, which says nothing of UDP.
    NoTcp,
    /// It answered `SERVFAIL`, `REFUSED` or `NOTIMP`.
    Declined,
}
