//! The journal of a watch, on real files: what is recorded of whom, that it is durable when it is said
//! to be, and what becomes of it where disk, clock, keys or process fail.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on must stop; a child tells its parent, a skipped test everyone"
)]

mod epochs;
mod full;
mod killed;
mod opening;
mod recording;
mod sharing;
#[expect(dead_code, reason = "shared with the tests of the watch")]
#[path = "../support/mod.rs"]
mod support;
mod world;
