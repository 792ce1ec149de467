//! The real program, as a user or another program runs it.
//!
//! Transcripts (`transcripts/*.txt`) hold what it prints to the letter. What cannot be the same each
//! time (live sockets, signals, terminals, closed pipes) is tested by what must hold.

mod ending;
mod lists;
mod shells;
mod snapshots;
mod support;
mod transcripts;
mod watches;
