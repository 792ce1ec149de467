//! The DNS tap: reads the packets of a TUN device that carries nothing but DNS, passes each question
//! on to the network's own resolvers and each answer back byte for byte, and learns which name was
//! asked for and which addresses were told.
//!
//! Two halves. [`Tap`] is the core: packets and messages in, [`Action`]s out; it has no descriptor, no
//! clock and no source of chance, so that whatever a stranger sends can be tried on it.
//! [`TapRunner`] (Linux and Android) owns the descriptor and one thread, which sleeps in `poll(2)`
//! for as long as nobody asks anything.
//!
//! What the tap does and does not do with what it reads:
//!
//! - UDP and TCP to port 53 of one of its own addresses are questions. They are passed on as they are,
//!   EDNS options included, and nothing is ever answered from memory: the one message that the tap
//!   writes itself is an error (`FORMERR`, `NOTIMP`, `SERVFAIL`) or, where an answer is larger than
//!   the asker takes, the head of that answer with the truncation bit.
//! - Everything else is refused or dropped, and counted by its reason ([`Counts`]). TCP is reset,
//!   UDP gets an ICMP error, at once: a phone that tries DNS over TLS (port 853) goes on in plain
//!   text to us, and upstream the network's own encryption is kept where the front end forwards
//!   ([`Upstream::Pulled`]).
//! - An answer is believed only if it repeats the question; of a socket also only from the server
//!   and port that were asked, to the port that asked, with the random id.
//! - Every table is bounded, because anyone on the phone may send packets here.

#![forbid(unsafe_code)]

mod action;
mod counts;
mod dns;
mod emit;
mod packet;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod runner;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod servers;
mod settings;
mod state;
mod stream;
mod tap;

pub use action::{Action, Actions, Flow, Learnt, QueryId};
pub use counts::{Counts, Drop};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use runner::{Query, TapRunner, Upstream};
pub use settings::{Error, Settings};
pub use state::{Failure, ServerState, TapState, UpstreamState};
pub use tap::{Chance, Tap};
