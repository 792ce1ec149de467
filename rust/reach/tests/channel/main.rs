//! The channel between helper and app, as a peer, an impostor and a slow reader find it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod attacks;
mod codec;
mod day;
mod flow;
mod samples;
