//! A log beside what a router saw: which connections the capture confirms, which only one of them has.
//!
//! A log is what one phone says of itself. A capture that somebody else made, at a router or an access
//! point, is another witness of the same hours, and the two can be laid side by side without
//! trusting either: a connection that only the log has puts the log in doubt, one that only the capture
//! has shows what polling missed, and one that both have at different times shows how good the log's
//! times are. What cannot be compared (sockets without a peer, loopback, hours in which only one of
//! them looked) is counted, never judged.

mod flow;
mod logged;
mod pair;
mod pcap;

#[cfg(test)]
mod tests;
mod zeek;

pub(crate) use flow::{Capture, Flow};
pub(crate) use logged::{Hearing, Logged, Scope, Testified};
pub(crate) use pair::{Corroboration, Pair, Settings, pair};
pub(crate) use pcap::read as read_pcap;
pub(crate) use zeek::read as read_zeek;
