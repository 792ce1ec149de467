//! The real program, as a user or another program runs it.
//!
//! Transcripts (`transcripts/*.txt`) hold what it prints to the letter. What cannot be the same each
//! time (live sockets, signals, terminals, closed pipes) is tested by what must hold.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic"
)]

mod compares;
mod conversions;
mod ending;
mod exports;
mod imports;
mod journals;
mod lists;
#[path = "../reproducible/mod.rs"]
mod reproducible;
mod sharing;
mod shells;
mod snapshots;
mod sockets;
mod support;
mod terminal;
mod transcripts;
mod verdicts;
mod watches;
