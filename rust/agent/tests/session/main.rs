//! The session as an app uses it: with real sockets of this machine where they are the matter, with
//! scripted rows and a clock that is moved by hand where time and faults are.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod alerts;
mod board;
mod history;
mod life;
mod lists;
mod log;
mod notes;
mod practice;
mod reach;
#[expect(dead_code, reason = "shared with the tests of the watch")]
#[path = "../support/mod.rs"]
mod support;
mod world;
