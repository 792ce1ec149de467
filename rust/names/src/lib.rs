//! Names for addresses: a bounded table of who asked for which name and was told which address, and
//! of answers that were pinned elsewhere.
//!
//! Lists name hosts, socket tables show addresses. What joins them is an answer of the DNS, and it
//! proves less than it seems to: many hosts share an address, and whoever asked need not be who
//! connects. So a name here is never just a name of an address. It keeps its source, the UID that
//! asked, the time, how long the answer holds and the aliases on the way, and [`NameTable::lookup`]
//! says for the very UID that has the connection what the name is worth ([`Standing`]). Only a name
//! that the same UID asked for shortly before counts fully.
//!
//! Bounded, because it is fed by strangers: every resolver's answer and every app's question end here.
//! What does not fit pushes out what was of use longest ago, is counted ([`Counts`]), and within one
//! address it is the asker with the most names who loses one, so that no app can talk another's
//! answers away. What is pushed out is forgotten; nothing is ever filled in for it.
//!
//! No I/O, no clock, no thread: answers and times are passed in, and the same input gives the same
//! output. Spans are measured by the time since boot; the clock on the wall is only shown, except for
//! pinned answers, which come from another machine and have nothing else.
//!
//! Pinned answers have a text form, [`pinned`], described in docs/PINNED-FORMAT.md.

#![forbid(unsafe_code)]

mod address;
mod answer;
mod lookup;
pub mod pinned;
mod registrable;
mod table;

pub use answer::{AddressRecord, Alias, Answer, MAX_CHAIN, MAX_TTL};
pub use lookup::{GRACE, Lookup, Named, PINNED_FOR, Standing, Trail};
pub use table::{Bounds, Counts, NameTable, SHARED_FROM};
