//! One function a parser: it takes any bytes, and panics when the parser breaks a promise.
//!
//! The functions stand in a crate of their own, so that the same code runs under libFuzzer (which
//! needs nightly and a C++ compiler) and in `cargo test` on stable, over the committed corpus.
//! "Does not panic" is the least of it: each function says what else must hold.

mod agent;
mod bridge;
mod captures;
mod counters;
mod diag;
mod journal;
mod lists;
mod names;
mod owners;
mod polls;
mod reach;
mod reports;
mod tables;
mod tap;

pub use agent::{history, settings};
pub use bridge::record;
pub use captures::capture_name;
pub use counters::{qtaguid, uid_stat};
pub use diag::diag;
pub use journal::{bundle, note, row};
pub use lists::{compiled_list, content_ranges, list, list_query, packed_list};
pub use names::pinned;
pub use owners::{accounts, package_list};
pub use polls::polls;
pub use reach::{adb_answer, helper_frame};
pub use reports::bug_report;
pub use tables::text_table;
pub use tap::{tap_message, tap_packet};

/// A target: its name, which is also that of its program and of its folder in the corpus, and its
/// function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("accounts", accounts),
    ("adb_answer", adb_answer),
    ("bug_report", bug_report),
    ("bundle", bundle),
    ("capture_name", capture_name),
    ("compiled_list", compiled_list),
    ("content_ranges", content_ranges),
    ("diag", diag),
    ("helper_frame", helper_frame),
    ("history", history),
    ("list", list),
    ("list_query", list_query),
    ("note", note),
    ("package_list", package_list),
    ("packed_list", packed_list),
    ("pinned", pinned),
    ("polls", polls),
    ("qtaguid", qtaguid),
    ("record", record),
    ("row", row),
    ("settings", settings),
    ("tap_message", tap_message),
    ("tap_packet", tap_packet),
    ("text_table", text_table),
    ("uid_stat", uid_stat),
];
