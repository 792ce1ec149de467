//! Bytes by UID: what moved, whether or not a socket was seen.
//!
//! Android's kernels count bytes for each UID. The counts carry no address and prove no connection,
//! but they keep running between two polls, so they show what the socket tables cannot: a UID that
//! moved bytes while none of its connections was ever seen ([`Tripwire`]), and which UIDs may be
//! behind a row whose owner the kernel no longer tells.
//!
//! Three sources give the same [`Totals`]: `/proc/net/xt_qtaguid/stats` ([`parse_qtaguid`]),
//! `/proc/uid_stat` ([`parse_uid_stat`]), and what a phone's own interfaces tell
//! ([`Totals::from_feed`]). All are pure; who reads the files and the clock is not decided here.

mod qtaguid;
mod totals;
mod tripwire;
mod uid_stat;

pub use qtaguid::{BadLine, parse_qtaguid};
pub use totals::{CounterWidth, Totals, UidBytes};
pub use tripwire::{Moved, Tripped, Tripwire};
pub use uid_stat::parse_uid_stat;
