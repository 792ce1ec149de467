//! What the socket table makes of polls: rule by rule, against a plain implementation of the same
//! rules, and against a world whose truth is known.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod absence;
mod destroyed;
mod direction;
mod identity;
mod plain;
mod random;
mod support;
mod world;
